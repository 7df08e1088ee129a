package mirror

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/record"
)

// graceFor is how long the server must have been within reach, and not have taken what was
// lodged, before a tree without it is cosigned beyond the mandate's bound.
const graceFor = 10 * time.Minute

// A handover is how far this mirror came in handing a lodged record on. After a restart the
// server has its time again.
type handover struct {
	since time.Time // since when the server is within reach and does not take it; zero: it is not
	taken time.Time // when it gave a receipt; zero: it did not
}

// errOwed says that a tree is not cosigned yet.
var errOwed = errors.New("what was lodged here is on its way to the server, and is not in this tree yet")

// handedOn notes an answer to a lodged record that was handed on. A receipt is kept like one that
// somebody brought.
func (m *Mirror) handedOn(ctx context.Context, l store.Lodged, h handed) {
	if h.err != nil || h.status != 0 {
		return
	}
	m.mu.Lock()
	x := m.handovers[l.Hash]
	first := x.taken.IsZero()
	if first {
		x.taken = m.cfg.Now()
		m.handovers[l.Hash] = x
	}
	m.mu.Unlock()
	if !first {
		return
	}
	var got struct{ Proof string }
	r, err := record.Parse(l.Line)
	if err == nil {
		err = json.Unmarshal(h.body, &got)
	}
	var text []byte
	if err == nil {
		text, err = record.Encode(lodgedReceipt{got.Proof, string(corridor.Leaf(r))})
	}
	if err == nil {
		err = m.LodgeReceipt(ctx, text)
	}
	if err != nil {
		m.cfg.Log.Warn("the server's receipt for what was handed on cannot be kept", "cause", err.Error())
	}
}

// within notes whether the server was within reach, for what is waiting to be taken.
func (m *Mirror) within(ctx context.Context, reach bool) {
	list, err := m.cfg.Watch.Lodgings(ctx, true, openMost)
	if err != nil {
		m.cfg.Log.Error("what was lodged cannot be read", "cause", err.Error())
		return
	}
	now := m.cfg.Now()
	m.mu.Lock()
	defer m.mu.Unlock()
	open := map[[32]byte]handover{}
	for _, l := range list {
		x := m.handovers[l.Hash]
		switch {
		case !reach:
			x.since = time.Time{}
		case x.since.IsZero():
			x.since = now
		}
		open[l.Hash] = x
	}
	m.handovers = open
}

// owed reports whether the server still has time for a lodged record though the mandate's bound
// has passed: it was out of reach until just now, or has taken it and the tree is about to show it.
// An outage must not make an honest server look guilty.
func (m *Mirror) owed(l store.Lodged, bound time.Duration) bool {
	now := m.cfg.Now()
	if now.Before(time.Unix(l.At, 0).Add(bound)) {
		return false
	}
	m.mu.Lock()
	x := m.handovers[l.Hash]
	m.mu.Unlock()
	return x.since.IsZero() || now.Before(x.since.Add(min(graceFor, bound))) || !x.taken.IsZero() && now.Before(x.taken.Add(bound))
}

// fair keeps a tree from being cosigned while it would be this witness's own cosignature that made
// an honest server look guilty.
func (m *Mirror) fair(ctx context.Context) error {
	list, err := m.cfg.Watch.Lodgings(ctx, true, openMost)
	if err != nil {
		return err
	}
	refused, bound := m.answers()
	for _, l := range list {
		if _, logged := m.node.Index(l.Hash); logged || string(l.Note) == receiptNote || refused[l.Hash] != "" {
			continue
		}
		if m.owed(l, bound) {
			return errOwed
		}
	}
	return nil
}

// answers returns the records that the log says were refused, by which rule, and the mandate's
// bound for what is lodged.
func (m *Mirror) answers() (refused map[record.Hash]string, bound time.Duration) {
	refused = map[record.Hash]string{}
	m.node.View(func(v corridor.View) {
		bound = time.Duration(v.Terms().Lodged) * time.Second
		for _, r := range v.Refusals() {
			refused[r.Facts.Record] = r.Facts.Rule
		}
	})
	return refused, bound
}
