package corridor

import (
	"slices"

	"corridor.example/corridor/record"
)

// A Silence is an observer who is deployed and has not been heard from. It blames nobody: a
// phone without a network writes on, and what it wrote comes later.
type Silence struct {
	Deployment record.Hash // the record that put the observer there
	Observer   ActorID
	Places     []PlaceID    // of the deployment; empty: all of the mandate's
	Last       *record.Time // when the observer was last heard, nil if never
	Since      record.Time  // Last, or the beginning of the deployment
}

// Silent returns the observers deployed at a moment who had not been heard from for more than
// the given minutes, in the order of their nominations. Every record of one of the observer's
// keys counts as hearing, at the time it was signed by the author's clock, and so does every
// account that somebody else took down from the observer, at the time it was heard. The
// moment is the caller's: a view has no clock.
func (v View) Silent(at record.Time, after int64) []Silence {
	var all []Silence
	heard := v.lastHeard(at)
	for _, id := range v.m.state.order {
		d := v.onDuty(id, at)
		if d == nil {
			continue
		}
		s := Silence{Observer: id, Deployment: d.hash, Places: d.facts.Places, Since: d.facts.From}
		if t, ok := heard[id]; ok {
			s.Last, s.Since = &t, max(t, s.Since)
		}
		if int64(at-s.Since) > after*60 {
			all = append(all, s)
		}
	}
	return all
}

// onDuty returns the deployment under which an observer stands at a moment, nil if there is
// none, it is revoked or suspended, or its key's chain is closed.
func (v View) onDuty(id ActorID, at record.Time) *deploymentAt {
	n, a := v.m.state.nominees[id], v.Authority()
	if _, paused := a.suspendedObserver(id); n == nil || paused {
		return nil
	}
	for _, x := range n.nominations {
		if x.index >= v.n {
			continue
		}
		d, revoked := a.deployment(id, x.key, nil)
		closed, down := v.m.state.standdowns[x.key]
		if d == nil || revoked || down && closed.index < v.n || d.facts.From > at || d.facts.To != nil && *d.facts.To < at {
			continue
		}
		return d
	}
	return nil
}

// lastHeard returns when each observer was last heard, up to a moment.
func (v View) lastHeard(at record.Time) map[ActorID]record.Time {
	last := map[ActorID]record.Time{}
	hear := func(who ActorID, t record.Time) {
		if t > at {
			return
		}
		if s, ok := last[who]; !ok || t > s {
			last[who] = t
		}
	}
	for _, id := range v.m.state.order {
		var keys []record.Hash
		for _, x := range v.m.state.nominees[id].nominations {
			if !slices.Contains(keys, x.key) {
				keys = append(keys, x.key)
				for i := range v.m.signed(x.key) {
					if i < v.n && v.m.by(i) == id {
						hear(id, v.m.at(i))
					}
				}
			}
		}
	}
	relay := func(via *Via, i int64) {
		if i < v.n && via != nil && via.From != nil && via.Heard != nil {
			hear(*via.From, *via.Heard)
		}
	}
	for a := range v.m.field.accounts.all() {
		relay(a.Via, a.Index)
	}
	for _, e := range v.m.field.events.list {
		relay(e.Facts.Via, e.Index)
	}
	g := &v.m.field.ground
	for _, x := range g.holds.list {
		relay(x.Via, x.Index)
	}
	for _, x := range g.resumptions.list {
		relay(x.Via, x.Index)
	}
	for _, x := range g.situations.list {
		relay(x.Via, x.Index)
	}
	for _, x := range g.restrictions.list {
		relay(x.Via, x.Index)
	}
	for _, x := range g.coverage.list {
		relay(x.Via, x.Index)
	}
	return last
}
