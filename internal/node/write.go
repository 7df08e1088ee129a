package node

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// commitMax bounds the records of one commit. A commit takes what arrived while the one
// before it was under way.
const commitMax = 1024

// write is the one writer. It drains what has been submitted into one commit after another.
func (n *Node) write() {
	defer close(n.stopped)
	for {
		select {
		case g := <-n.work:
			n.drain(g)
		case <-n.stop:
			for {
				select {
				case g := <-n.work:
					n.drain(g)
				default:
					return
				}
			}
		}
	}
}

// drain takes a group and those that wait behind it into one commit, and answers them.
func (n *Node) drain(first *group) {
	groups := []*group{first}
	for count := len(first.items); count < commitMax; {
		select {
		case g := <-n.work:
			groups = append(groups, g)
			count += len(g.items)
			continue
		default:
		}
		break
	}
	var items []*item
	for _, g := range groups {
		items = append(items, g.items...)
	}
	n.commitAll(context.Background(), items) // never cut short by one of its senders
	for _, g := range groups {
		close(g.done)
	}
}

// A batch is what one commit writes.
type batch struct {
	from       int64
	items      []*item // those that are new, one for each row
	uses       []use   // of quotas, one for each row
	rows       []store.Row
	erase      []store.Erasure
	checkpoint []byte
}

// commitAll judges and folds items, commits what may be logged, and gives each its index or
// why not.
func (n *Node) commitAll(ctx context.Context, items []*item) {
	if held := n.now.Load().held; held != nil {
		for _, it := range items {
			it.err = held
		}
		return
	}
	if n.now.Load().broken != nil {
		if err := n.load(ctx); err != nil {
			n.giveUp(err, items)
			return
		}
	}
	b, err := n.take(ctx, items)
	if err == nil && len(b.items) == 0 {
		n.restore(ctx, items)
		return
	}
	at := n.past.add(b.from, n.cfg.Now().Unix()) // before anybody can see them
	if err == nil {
		err = n.cfg.Store.Append(ctx, b.from, b.rows, b.erase, b.checkpoint)
	}
	if err != nil && !n.recover(ctx, b, items, err) {
		return
	}
	n.note(b, at)
	if err == nil {
		n.replace(func(c *committed) {
			c.of(n.mission, n.signer)
			c.head = b.checkpoint
		})
	}
	n.restore(ctx, items)
}

// take folds what may be logged next and makes its rows and checkpoint. An error is a fault:
// the fold then holds what the store does not.
func (n *Node) take(ctx context.Context, items []*item) (b batch, err error) {
	b.from = n.mission.Size()
	n.quotas.begin(ctx, n.mission.Now().Terms(), n.cfg.Now().Unix()/86400, items)
	if err := n.foldAll(ctx, &b, items); err != nil || len(b.items) == 0 {
		return b, err
	}
	for _, it := range b.items {
		b.rows = append(b.rows, n.row(it))
	}
	for _, it := range b.items {
		if corridor.Kind(it.rec.Header.Kind) == corridor.KindErasure {
			if err := n.order(ctx, &b, it.index); err != nil {
				return b, err
			}
		}
	}
	root, err := n.mission.Tree().Root(n.mission.Size())
	if err != nil {
		return b, err
	}
	b.checkpoint, err = ledger.SignCheckpoint(ledger.Checkpoint{Origin: n.signer.Name(), Size: n.mission.Size(), Root: root}, n.signer)
	return b, err
}

// foldAll is the part of take that readers wait for.
func (n *Node) foldAll(ctx context.Context, b *batch, items []*item) (err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	defer func() {
		// A record that the fold cannot stand must not end the mission for everybody else.
		if p := recover(); p != nil {
			n.cfg.Log.Error("a record ended in a panic", "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("a record of this batch could not be folded: %v", p)
		}
	}()
	for _, it := range items {
		if i, ok := n.mission.Index(it.rec.Hash); ok {
			it.index = i
			continue
		}
		u := useOf(it.rec)
		if it.err = n.quotas.allow(ctx, n.mission.Now().Terms(), u); it.err != nil {
			continue
		}
		last := len(b.items)
		b.items, b.uses = append(b.items, it), append(b.uses, u) // before, so that a panic gives its use back
		if it.err = n.admit(it.rec); it.err != nil {
			b.items, b.uses = b.items[:last], b.uses[:last]
			n.quotas.back(u)
			continue
		}
		it.index, it.fresh = n.mission.Size()-1, true
	}
	return nil
}

// admit folds a record if it may be logged next, and says why not. Every part must be carried:
// the whole mission is in one file, and what nobody has cannot be judged.
func (n *Node) admit(r record.Record) error {
	for i, p := range r.Header.Parts {
		if i >= len(r.Parts) || r.Parts[i].Bytes == nil {
			return corridor.Refuse("record.parts-missing", "the part %q is not carried; send the record with all its parts", p.Name)
		}
	}
	if n.mission.Size() > 0 {
		return n.mission.Admit(r)
	}
	trial := &corridor.Mission{} // an empty mission does not know yet whether it is an exercise
	if err := trial.Add(r); err != nil {
		return err
	}
	signer, err := n.signs(trial.Now().Terms())
	if err != nil {
		return err
	}
	n.signer = signer
	return n.mission.Admit(r)
}

// row makes what the store keeps of an item that has been folded.
func (n *Node) row(it *item) store.Row {
	r := it.rec
	row := store.Row{Hash: r.Hash, Leaf: corridor.Leaf(r), Hashes: n.mission.Tree().AppendRow(nil, it.index), Envelope: r.Envelope()}
	for _, p := range r.Parts {
		row.Parts = append(row.Parts, p.Bytes)
	}
	return row
}

// order adds to a batch the places of the parts that an erasure in it orders erased.
func (n *Node) order(ctx context.Context, b *batch, erasure int64) error {
	of, parts := n.mission.Ordered(erasure)
	i, ok := n.mission.Index(of)
	if len(parts) == 0 || !ok {
		return nil
	}
	var envelope []byte
	if i >= b.from {
		envelope = b.rows[i-b.from].Envelope
	} else {
		row, err := n.cfg.Store.Row(ctx, i)
		if err != nil {
			return fmt.Errorf("entry %d, to be erased in part: %w", i, err)
		}
		envelope = row.Envelope
	}
	if string(envelope) == store.NotCarried {
		return nil // a copy that has nothing of it
	}
	r, err := record.ParseEnvelope(envelope)
	if err != nil {
		return fmt.Errorf("entry %d, to be erased in part: %w", i, err)
	}
	for p, ref := range r.Header.Parts {
		for _, name := range parts {
			if ref.Name == name {
				b.erase = append(b.erase, store.Erasure{Index: i, Part: p})
			}
		}
	}
	return nil
}

// recover finds out what became of a commit that answered with an error, by making the fold
// again from what the store holds, so that nothing uncommitted is left in it. It reports
// whether the commit happened after all.
func (n *Node) recover(ctx context.Context, b batch, items []*item, cause error) bool {
	n.cfg.Log.Error("a commit failed", "from", b.from, "records", len(b.items), "cause", cause.Error())
	if err := n.load(ctx); err != nil {
		n.giveUp(errors.Join(cause, err), items)
		return false
	}
	for _, it := range items {
		if i, ok := n.mission.Index(it.rec.Hash); ok {
			it.index, it.err = i, nil
		} else if it.err == nil {
			it.err = cause
		}
	}
	if len(b.items) > 0 && b.items[0].err == nil { // one transaction: all of them, or none
		n.cfg.Log.Info("the commit had happened all the same", "size", n.mission.Size())
		return true
	}
	for _, u := range b.uses {
		n.quotas.back(u)
	}
	return false
}

// giveUp answers items while the store cannot be read. What was committed before is still
// shown; the next commit tries again.
func (n *Node) giveUp(err error, items []*item) {
	n.replace(func(c *committed) { c.broken = err })
	for _, it := range items {
		if it.err == nil {
			it.err = err
		}
	}
}

// note has it written down when the records of a batch came, and what they used.
func (n *Node) note(b batch, at int64) {
	hashes := make([][32]byte, len(b.items))
	for i, it := range b.items {
		hashes[i] = it.rec.Hash
	}
	n.notes.add(at, hashes, n.quotas.day, b.uses)
}
