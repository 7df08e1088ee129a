package mirror

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

// A grew is when the live log had how many entries.
type grew struct {
	Size  int64 `json:"size"`
	First int64 `json:"first"` // Unix seconds: when it was first seen so long
	Last  int64 `json:"last"`  // and when last
}

const grewNote, grewMost = "grew", 4096

// recall reads what the mirror knew before it was started.
func (m *Mirror) recall(ctx context.Context) error {
	if _, err := m.readNote(ctx, grewNote, &m.grew); err != nil {
		return err
	}
	if _, err := m.readNote(ctx, troubleNote, &m.trouble); err != nil {
		return err
	}
	return m.recallAlarms(ctx)
}

// troubleNote is where the reason is kept for which nothing is cosigned any more.
const troubleNote = "trouble"

// note notes how long the live log is now.
func (m *Mirror) note(size int64) {
	now := m.cfg.Now().Unix()
	if n := len(m.grew); n > 0 && m.grew[n-1].Size == size {
		m.grew[n-1].Last = now
	} else {
		m.grew = append(m.grew, grew{size, now, now})
	}
	if len(m.grew) > grewMost {
		m.grew = m.grew[len(m.grew)-grewMost:]
	}
	if err := m.putNote(context.Background(), grewNote, m.grew); err != nil {
		m.cfg.Log.Warn("how long the log was is not noted", "cause", err.Error())
	}
}

// publicEvery is how often the whole public view is compared with the policy.
const publicEvery = 10 * time.Minute

// slack is what clocks may differ by, in seconds, before a release counts as early or late.
const slack = 120

// A publicView is what the public could read at a time.
type publicView struct {
	at      time.Time
	size    int64
	entries []verify.Entry
}

// public looks at the public view as anybody can, with no token, and compares it with what the
// mandate says the public may read by now.
func (m *Mirror) public(ctx context.Context) {
	now := m.cfg.Now()
	signed, err := m.get(ctx, "/checkpoint", ledger.MaxCheckpoint, false)
	size := int64(0)
	if err == nil {
		c, err := ledger.OpenCheckpoint(signed, m.log)
		if err != nil {
			m.claim("public checkpoint", "the public checkpoint is not signed by the log: "+err.Error())
			return
		}
		if m.hold(signed, "the public checkpoint") != nil {
			return
		}
		size = c.Size
		m.keep(ctx, signed)
	}
	m.released(ctx, size, now.Unix())
	if m.view != nil && now.Sub(m.view.at) > 0 {
		m.compareView(*m.view) // with what has come since: the public is never ahead of a party
		m.view = nil
	}
	if size > 0 && now.Sub(m.polled) >= publicEvery {
		m.polled = now
		if v, err := m.fetchView(ctx, now); err == nil {
			m.view = v
		} else {
			m.cfg.Log.Warn("the public view was not looked at", "cause", err.Error())
		}
	}
}

// released compares how far the public view goes with the mandate's clock and delay, as far as
// this mirror saw when entries came.
func (m *Mirror) released(ctx context.Context, size, now int64) {
	var r corridor.Release
	tick := int64(0)
	m.node.View(func(v corridor.View) { r, tick = v.Terms().Release, v.Terms().Tick })
	delay, clock := r.Delay*60, r.Clock*60
	for i := len(m.grew) - 1; i >= 0; i-- {
		g := m.grew[i]
		if size > g.Size && g.Last-tick-slack > now-delay {
			m.claim("early", fmt.Sprintf("the public view has %d entries, and at %s the log had %d: the mandate releases them %d minutes after they come, and that has not passed", size, record.Time(g.Last), g.Size, r.Delay))
			return
		}
		if size < g.Size && g.First+delay+clock+2*tick+slack < now && m.vouched(ctx, size, g.Size) {
			m.claim("late", fmt.Sprintf("the public view has %d entries, and at %s the log had %d: the mandate's delay of %d minutes has passed", size, record.Time(g.First), g.Size, r.Delay))
			return
		}
		if g.Size <= size && g.Last < now-delay-clock-4*tick-slack {
			break // all of it is long past
		}
	}
	m.over("early")
	m.over("late")
}

// vouched reports whether the mandate's quorum, if it asks for one, has cosigned a tree beyond
// one size and up to another: only that could have been released.
func (m *Mirror) vouched(ctx context.Context, beyond, upTo int64) bool {
	if m.policy.Quorum() == "none" {
		return true
	}
	for text, err := range m.node.Marks(ctx, upTo) {
		if err != nil {
			return false
		}
		if s, err := m.policy.Check(text); err == nil && s.Quorum() && s.Size > beyond && s.Size <= upTo {
			return true
		}
	}
	return false
}

// fetchView reads the public bundle.
func (m *Mirror) fetchView(ctx context.Context, now time.Time) (*publicView, error) {
	b, err := m.get(ctx, "/api/v1/bundle", 256<<20, false)
	if err != nil {
		return nil, err
	}
	bundle, err := verify.OpenBundle(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	v := &publicView{at: now}
	for e, err := range bundle.Entries(ctx) {
		if err != nil {
			return nil, err
		}
		v.entries = append(v.entries, e)
	}
	v.size = int64(len(v.entries))
	return v, nil
}

// compareView asks the mission's policy of each part in the public view whether the public may
// read it, and of each that is not whether it should.
func (m *Mirror) compareView(p publicView) {
	early, late := "", ""
	at := record.At(p.at)
	if p.size > m.node.Size() {
		return
	}
	var hashes []record.Hash
	open := func(v corridor.View, at record.Time, say func(i int64, part string, carried, may bool)) {
		for i, e := range p.entries {
			h := hashes[i]
			carried := map[string]bool{"header": e.Line != nil}
			parts := []string{"header"}
			if r, err := record.Parse(e.Line); e.Line != nil && err == nil {
				for _, x := range r.Parts {
					parts, carried[x.Name] = append(parts, x.Name), x.Bytes != nil
				}
			}
			for _, part := range parts {
				say(int64(i), part, carried[part], v.MayRead(corridor.Public, h, part, at))
			}
		}
	}
	m.node.View(func(v corridor.View) {
		for i := range p.entries {
			hashes = append(hashes, v.Entry(int64(i)).Hash)
		}
		open(v, at+slack, func(i int64, part string, carried, may bool) {
			if carried && !may && early == "" {
				early = fmt.Sprintf("the %s of entry %d was served to the public at %s, and the mandate's table keeps it from the public", part, i, at)
			}
		})
	})
	err := m.node.At(p.size, func(v corridor.View) {
		known := movesKnown(v)
		open(v, at-slack-3600, func(i int64, part string, carried, may bool) {
			if !known && v.Terms().Level(v.Entry(i).Kind, part, corridor.PhaseOpen) != corridor.Public {
				return // what is sealed here may keep it open, such as a convoy that has not arrived
			}
			if !carried && may && late == "" {
				if _, erased := v.Erased(hashes[i], part); !erased {
					late = fmt.Sprintf("the %s of entry %d was not served to the public at %s, and the mandate's table opens it to the public", part, i, at)
				}
			}
		})
	})
	if err != nil {
		return
	}
	if early != "" {
		m.claim("opened early", early)
	}
	if late != "" {
		m.claim("opened late", late)
	} else {
		m.over("opened late")
	}
}

// movesKnown reports whether nothing is sealed here that tells how far a convoy has come.
func movesKnown(v corridor.View) bool {
	for i := range v.Size() {
		e := v.Entry(i)
		if c := v.Class(i); (c == corridor.ClassMovement || c == corridor.ClassAuthority) && (e.Kind == "" || e.Sealed) {
			return false
		}
	}
	return true
}
