package corridor

import (
	"slices"

	"corridor.example/corridor/record"
)

// closings is how far the convoys of a prefix have come, worked out once for a view.
type closings struct {
	of   map[ConvoyID]record.Time // when each closed convoy closed
	open []ConvoyID
	last record.Time // the last close of a convoy
}

// closing works out which convoys of the prefix are closed, whatever period or audience the
// view is for.
func (v View) closing() *closings {
	if v.memo.closings != nil {
		return v.memo.closings
	}
	all := View{m: v.m, n: v.n, memo: &memo{}}
	all.build()
	c := &closings{of: map[ConvoyID]record.Time{}}
	wholes := map[ConvoyID][]*group{}
	for _, g := range all.memo.order {
		if len(g.names) > 0 {
			wholes[g.whole] = append(wholes[g.whole], g)
		}
	}
	ceased := all.ceased()
	for _, whole := range wholes {
		at, ok := all.closedAt(whole, ceased)
		for _, g := range whole {
			for _, name := range g.names {
				if !ok {
					c.open = append(c.open, name)
					continue
				}
				if len(c.of) == 0 || at > c.last {
					c.last = at
				}
				c.of[name] = at
			}
		}
	}
	slices.SortFunc(c.open, compareConvoys)
	v.memo.closings = c
	return c
}

// ceased returns the convoys that went on as others and have no end of their own.
func (v View) ceased() map[ConvoyID]bool {
	m := map[ConvoyID]bool{}
	for _, l := range v.links(MergedInto) {
		for _, c := range l.facts.Convoys {
			if g := v.memo.groups[c]; g != nil && !slices.Contains(l.facts.Into, c) {
				for _, name := range g.names {
					m[name] = true
				}
			}
		}
	}
	return m
}

// closedAt returns when a convoy with everything it was split into and merged from closed: the
// last of its parts, each by the first account that it arrived or turned back. A part that
// nobody tells the end of keeps the whole open, unless by every account all that left are in.
func (v View) closedAt(whole []*group, ceased map[ConvoyID]bool) (last record.Time, ok bool) {
	missing := false
	for _, g := range whole {
		at, over := v.ended(g)
		switch {
		case over && (!ok || at > last):
			last, ok = at, true
		case !over && !ceased[g.names[0]]:
			missing = true
		}
	}
	if ok && missing {
		r, _ := v.openOf(whole, Line{Measure: Open, Unit: People})
		ok = r.Known && r.Uncounted == 0 && !r.About && !r.Open && r.High <= 0
	}
	return last, ok
}

// ended returns the moment from which a part of a convoy is closed: that of the first standing
// account that it arrived or turned back. An account counts from when it was signed if that
// was later than what it tells.
func (v View) ended(g *group) (first record.Time, ok bool) {
	for _, k := range []Kind{KindArrival, KindTurnback} {
		for _, a := range g.moves[k] {
			at := max(a.When[1], v.m.at(a.Index))
			if !ok || at < first {
				first, ok = at, true
			}
		}
	}
	return first, ok
}

// Closed returns the moment from which a convoy is closed, and whether it is: once a standing
// account in the sums tells that it arrived or turned back, and likewise every convoy it was
// split into or merged with. A convoy that nobody has mentioned is not closed.
func (v View) Closed(c ConvoyID) (at record.Time, ok bool) {
	at, ok = v.closing().of[c]
	return at, ok
}

// OpenConvoys returns the call-signs that keep the mission open, by leg and number.
func (v View) OpenConvoys() []ConvoyID { return v.closing().open }

// missionClosed returns the moment from which what names no convoy is closed: the end of the
// mandate and, where the mandate says so, the close of the last convoy if none is open. Between
// two convoys such a mission is closed, and it is open again from the next one's first mention;
// its release delay should outlast the longest pause.
func (v View) missionClosed() (at record.Time, ok bool) {
	c, t := v.closing(), v.Terms()
	if t.Release.WholeMission && len(c.open) == 0 && len(c.of) > 0 {
		at, ok = c.last, true
	}
	if t.To != nil && (!ok || *t.To < at) {
		at, ok = *t.To, true
	}
	return at, ok
}

// Phase returns how far the convoys a record concerns have come at a moment, or the mission
// where it names none. A record with several convoys is as far as the last of them. Where the
// mandate closes the mission as a whole every record has the mission's phase. A record whose
// facts are not known here, and a moment before anything closed, are open.
func (v View) Phase(h record.Hash, at record.Time) Phase {
	t := v.Terms()
	i, ok := v.m.Index(h)
	if t == nil || !ok || i >= v.n {
		return PhaseOpen
	}
	closed, ok := v.missionClosed()
	if !t.Release.WholeMission {
		closed, ok = v.closedFor(h, closed, ok)
	}
	switch {
	case !ok || at < closed:
		return PhaseOpen
	case at-closed < record.Time(t.Release.Delay)*60:
		return PhaseClosed
	}
	return PhaseAfter
}

// closedFor returns the moment from which what a record concerns is closed. mission is that of
// the mission as a whole, if it is closed.
func (v View) closedFor(h record.Hash, mission record.Time, over bool) (at record.Time, ok bool) {
	convoys, known := v.concerns(h)
	switch {
	case !known:
		return 0, false
	case len(convoys) == 0 && v.m.of(h).class() == ClassReport:
		return record.Time(v.m.unpack(v.m.of(h).at)), true // drafted before the first convoy was mentioned
	case len(convoys) == 0:
		return mission, over
	}
	for i, c := range convoys {
		end, closed := v.Closed(c)
		if !closed {
			return 0, false
		}
		if i == 0 || end > at {
			at = end
		}
	}
	return at, true
}

// LevelOf returns who may read a part of a record at a moment: the widest of what the
// disclosure table says for its phase and those before it, and for the last phase once the
// part's latest release has passed. What was open to somebody once is not taken back.
// A record that is not in the prefix or whose kind is not known here is for nobody but strict.
// Ask the mission as it is now, whatever earlier prefix a page shows.
func (v View) LevelOf(h record.Hash, part string, at record.Time) Level {
	return v.levels(h, at)(part)
}

// levels returns who may read each part of a record at a moment.
func (v View) levels(h record.Hash, at record.Time) func(part string) Level {
	t := v.Terms()
	i, ok := v.m.Index(h)
	if t == nil || !ok || i >= v.n || v.m.entry(i).spec() == nil {
		return func(string) Level { return Strict }
	}
	k := v.m.entry(i).spec().name
	phase, signed := v.Phase(h, at), v.m.at(i)
	return func(part string) Level {
		p := phase
		if latest, ok := t.Latest(k, part, signed); ok && at >= latest {
			p = PhaseAfter
		}
		l := t.Level(k, part, PhaseOpen)
		if p != PhaseOpen {
			l = widest(l, t.Level(k, part, PhaseClosed))
		}
		if p == PhaseAfter {
			l = widest(l, t.Level(k, part, PhaseAfter))
		}
		return l
	}
}

// MayRead reports whether an audience may read a part of a record at a moment, whoever it is of
// that level. No level alone opens a dossier.
func (v View) MayRead(audience Level, h record.Hash, part string, at record.Time) bool {
	return v.MayReadAs("", audience, h, part, at)
}

// MayReadAs reports whether somebody who reads at a level may read a part of a record at a
// moment. It is the one question that pages, API, exports and streams ask. The dossier of an
// observer is open to those whose consent to her is asked for and to who submitted it, where
// they read anything beyond the public, and to nobody else whatever their level.
func (v View) MayReadAs(who ActorID, audience Level, h record.Hash, part string, at record.Time) bool {
	if i, ok := v.m.Index(h); ok && i < v.n && part == "identity" && v.m.entry(i).is(KindNomination) {
		return audience.Reads(Parties) && who != "" && (v.Authority().asks(who) || v.submitted(h, who))
	}
	return audience.Reads(v.LevelOf(h, part, at))
}

// PublicLeaves returns the index of the first entry from one index on whose leaf the public may
// not read at a moment, or to if it may read them all. The released view of the log ends before
// it, for whoever has a tree has its leaves.
func (v View) PublicLeaves(from, to int64, at record.Time) int64 {
	if t := v.Terms(); t != nil && t.leavesOpen() {
		return to
	}
	for i := from; i < to; i++ {
		if !v.MayRead(Public, v.Entry(i).Hash, "leaf", at) {
			return i
		}
	}
	return to
}

func widest(a, b Level) Level {
	if a.Reads(b) {
		return b
	}
	return a
}
