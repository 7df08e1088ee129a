package node

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// batchMax bounds the records of one commit. The batch forms itself: what arrived while the
// last one was committed.
const batchMax = 1024

// write is the one writer. It drains what has been submitted into one commit after another.
func (n *Node) write() {
	defer close(n.stopped)
	for {
		select {
		case g := <-n.work:
			n.batch(g)
		case <-n.stop:
			for {
				select {
				case g := <-n.work:
					n.batch(g)
				default:
					return
				}
			}
		}
	}
}

func (n *Node) batch(first *group) {
	groups := []*group{first}
	for count := len(first.items); count < batchMax; {
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
	n.write1(items)
	for _, g := range groups {
		close(g.done)
	}
}

// write1 judges and folds the items, commits what may be logged, and gives each its index or
// why not.
func (n *Node) write1(items []*item) {
	ctx := context.Background() // a commit is never cut short by one of its senders
	fail := func(err error) {
		for _, it := range items {
			if it.err == nil {
				it.err = err // a copy of a record already logged is sent again too, and then found
			}
		}
	}
	if err := n.Failing(); err != nil {
		if err = n.load(ctx); err != nil {
			for _, it := range items {
				it.err = err
			}
			return
		}
	}
	rows, erase, uses, checkpoint, from, err := n.take(ctx, items)
	if err == nil && len(rows) == 0 {
		return
	}
	if err == nil {
		err = n.cfg.Store.Append(ctx, from, rows, erase, checkpoint)
	}
	if err != nil {
		err = n.recover(ctx, from, len(rows), err)
	}
	if err != nil {
		fail(err)
		return
	}
	n.mu.Lock()
	n.size += int64(len(rows))
	n.head = checkpoint
	n.mu.Unlock()
	n.note(ctx, rows, uses)
	n.changed.wake()
}

// take folds what may be logged next and returns it as rows with their checkpoint.
func (n *Node) take(ctx context.Context, items []*item) (rows []store.Row, erase []store.Erasure, uses []store.Use, checkpoint []byte, from int64, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	from = n.size
	day := n.cfg.Now().Unix() / 86400
	batch := map[int64]store.Row{}
	for _, it := range items {
		if i, ok := n.mission.Index(it.rec.Hash); ok {
			it.index = i
			continue
		}
		u := use{it.rec.Header.Key, corridor.Kind(it.rec.Header.Kind).Class(), day}
		if it.err = n.quotas.allow(ctx, n.cfg.Side, n.mission.Now().Terms(), u); it.err != nil {
			continue
		}
		if it.err = n.admit(it.rec); it.err != nil {
			n.quotas.back(u)
			continue
		}
		it.index, it.fresh = n.mission.Size()-1, true
		uses = append(uses, store.Use{Key: u.key, Class: string(u.class), Day: day, N: 1})
		row := n.row(it)
		batch[it.index] = row
		rows = append(rows, row)
		if of, parts := n.mission.Ordered(it.index); len(parts) > 0 {
			more, err := n.erasures(ctx, of, parts, batch)
			if err != nil {
				return nil, nil, nil, nil, from, err
			}
			erase = append(erase, more...)
		}
	}
	if len(rows) == 0 {
		return rows, nil, nil, nil, from, nil
	}
	root, err := n.mission.Tree().Root(n.mission.Size())
	if err != nil {
		return nil, nil, nil, nil, from, err
	}
	checkpoint, err = ledger.SignCheckpoint(ledger.Checkpoint{Origin: n.origin, Size: n.mission.Size(), Root: root}, n.signer)
	return rows, erase, uses, checkpoint, from, err
}

// admit judges a record and folds it. Every part must be carried: the whole mission is in one
// file, and what nobody has cannot be judged.
func (n *Node) admit(r record.Record) error {
	for _, p := range r.Parts {
		if p.Bytes == nil {
			return corridor.Refuse("record.parts-missing", "the part %q is not carried; send the record with all its parts", p.Name)
		}
	}
	if n.mission.Size() == 0 {
		trial := &corridor.Mission{}
		if err := trial.Add(r); err != nil {
			return err
		}
		if err := n.setOrigin(trial.Now().Terms()); err != nil {
			return err
		}
	} else if err := n.mission.Judge(r); err != nil {
		return err
	}
	return n.mission.Add(r)
}

func (n *Node) row(it *item) store.Row {
	r := it.rec
	first := tlog.StoredHashIndex(0, it.index)
	var at []int64
	for i := first; i < tlog.StoredHashIndex(0, it.index+1); i++ {
		at = append(at, i)
	}
	hashes, err := n.mission.Tree().ReadHashes(at)
	if err != nil {
		panic("node: the tree lacks the hashes of the entry it just took: " + err.Error())
	}
	row := store.Row{Hash: r.Hash, Leaf: corridor.Leaf(r), Hashes: ledger.JoinHashes(hashes), Envelope: r.Envelope()}
	for _, p := range r.Parts {
		row.Parts = append(row.Parts, p.Bytes)
	}
	return row
}

// erasures finds the places of parts that are ordered erased.
func (n *Node) erasures(ctx context.Context, of record.Hash, parts []string, batch map[int64]store.Row) ([]store.Erasure, error) {
	i, ok := n.mission.Index(of)
	if !ok {
		return nil, nil
	}
	row, ok := batch[i]
	if !ok {
		var err error
		if row, err = n.cfg.Store.Row(ctx, i); err != nil {
			return nil, fmt.Errorf("entry %d, to be erased in part: %w", i, err)
		}
	}
	r, err := record.ParseEnvelope(row.Envelope)
	if err != nil {
		return nil, fmt.Errorf("entry %d, to be erased in part: %w", i, err)
	}
	var list []store.Erasure
	for p, ref := range r.Header.Parts {
		for _, name := range parts {
			if ref.Name == name {
				list = append(list, store.Erasure{Index: i, Part: p})
			}
		}
	}
	return list, nil
}

// recover finds out what became of a commit that answered with an error. The fold is made
// again from what the store holds, so that nothing uncommitted is left in it.
func (n *Node) recover(ctx context.Context, from int64, count int, cause error) error {
	n.cfg.Log.Error("a commit failed", "from", from, "records", count, "cause", cause.Error())
	n.quotas.forget()
	if err := n.load(ctx); err != nil {
		err = errors.Join(cause, err)
		n.mu.Lock()
		n.broken = err
		n.mu.Unlock()
		return err
	}
	return cause
}

// note writes down what is only the node's own word. Losing it loses no record.
func (n *Node) note(ctx context.Context, rows []store.Row, uses []store.Use) {
	hashes := make([][32]byte, len(rows))
	for i, r := range rows {
		hashes[i] = r.Hash
	}
	if err := n.cfg.Side.Received(ctx, hashes, n.cfg.Now().Unix()); err != nil {
		n.cfg.Log.Error("receipt times were not noted", "cause", err.Error())
	}
	if err := n.cfg.Side.Add(ctx, uses...); err != nil {
		n.cfg.Log.Error("quotas were not noted", "cause", err.Error())
	}
}
