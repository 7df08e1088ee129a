package node

import (
	"context"
	"fmt"

	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/record"
)

// restore writes what a log that goes on for another lacks of its first entries, where somebody
// hands the record in again. Whoever does is answered with a receipt, and may forget the record
// then: so it is an error where it could not be kept. The writer alone calls it.
func (n *Node) restore(ctx context.Context, items []*item) {
	var fills []store.Fill
	var of []*item
	for _, it := range items {
		if it.err != nil || it.fresh || !n.mission.Now().Saved(it.index) {
			continue
		}
		row, err := n.cfg.Store.Row(ctx, it.index)
		if err != nil {
			it.err = err
			continue
		}
		if f, ok := n.lacking(row, it.rec, it.index); ok {
			fills, of = append(fills, f), append(of, it)
		}
	}
	if len(fills) == 0 {
		return
	}
	to, ok := n.cfg.Store.(store.Filler)
	err := fmt.Errorf("this store cannot take in what was not saved")
	if ok {
		err = to.Fill(ctx, fills)
	}
	if err == nil {
		err = n.load(ctx)
	}
	if err == nil {
		err = n.obey(ctx, fills)
	}
	if err != nil {
		n.cfg.Log.Error("what was not saved from the log before this one was not kept", "records", len(fills), "cause", err.Error())
		for _, it := range of {
			it.err = err
		}
		return
	}
	n.changed.wake()
}

// lacking returns what a record handed in again has and the entry has not. What was ordered
// erased stays so.
func (n *Node) lacking(row store.Row, r record.Record, i int64) (f store.Fill, any bool) {
	f = store.Fill{Index: i, Envelope: r.Envelope(), Parts: make([][]byte, len(r.Parts))}
	any = !row.Carried()
	if row.Carried() {
		f.Envelope = row.Envelope
	}
	v := n.mission.Now()
	for p, part := range r.Parts {
		if _, gone := v.Erased(r.Hash, part.Name); gone {
			continue
		}
		f.Parts[p] = part.Bytes
		any = any || part.Bytes != nil && row.Carried() && p < len(row.Parts) && row.Parts[p] == nil
	}
	return f, any
}
