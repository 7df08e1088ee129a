package node

import (
	"context"
	"fmt"
	"iter"
	"sort"
	"sync"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// released is how far the public view went when it was last asked for.
type released struct {
	mu    sync.Mutex
	now   *committed // what it was worked out of
	until int64      // for when
	size  int64
	text  []byte
}

// Released returns how far the public view of the log goes at a time, and the checkpoint it
// ends with: nil before there is one. It goes as far as what had reached the node by the
// mandate's delay ago, cut to its clock, ends before the first entry whose leaf is not public
// by then, and only grows. Where the mandate asks for a quorum the checkpoint carries it, and
// nothing beyond it is released.
func (n *Node) Released(ctx context.Context, now time.Time) (int64, []byte, error) {
	at := n.now.Load()
	if n.cfg.Copy {
		size, signed := n.Newest() // nobody who reads a copy reads less of it than its holder
		return size, signed, nil
	}
	terms := at.terms
	if terms == nil {
		return 0, nil, nil
	}
	until := now.Add(-time.Duration(terms.Release.Delay) * time.Minute).Unix()
	if clock := terms.Release.Clock * 60; clock > 0 {
		until -= until % clock
	}
	r := &n.released
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.now == at && r.until >= until {
		return r.size, r.text, nil
	}
	size, text, err := n.release(ctx, at, until)
	if err != nil {
		return 0, nil, err
	}
	r.now, r.until = at, until
	if text != nil && size >= r.size {
		r.size, r.text = size, text
		n.past.forget(size)
	}
	return r.size, r.text, nil
}

// Newest returns how many records are committed, and the checkpoint of that size: nil before
// the mandate. It carries the cosignatures that the node has for this very size.
func (n *Node) Newest() (int64, []byte) {
	now := n.now.Load()
	if now.cosigned != nil && now.cosignedSize == now.size {
		return now.size, now.cosigned
	}
	return now.size, now.head
}

// release works out how far the public view goes, from what it was before.
func (n *Node) release(ctx context.Context, at *committed, until int64) (int64, []byte, error) {
	policy, err := at.terms.Policy()
	if err != nil {
		return 0, nil, fmt.Errorf("the mandate's witness policy: %w", err)
	}
	quorum := policy.Quorum() != "none"
	size, text := at.size, at.head
	if quorum {
		size, text = at.cosignedSize, at.cosigned
	}
	low := n.released.size
	if size <= low {
		return size, text, nil
	}
	due, err := n.receivedBy(ctx, low, size, until)
	if err == nil {
		// What opens by the clock opens on the same clock, without the delay that it has of its own.
		moment := record.Time(until + at.terms.Release.Delay*60)
		err = n.At(size, func(v corridor.View) { due = v.PublicLeaves(low, due, moment) })
	}
	begun := int64(0) // what a log before this one had is released with what says so
	if err == nil {
		err = n.At(at.size, func(v corridor.View) {
			if logs := v.Logs(); len(logs) > 1 {
				begun = logs[len(logs)-1].From + 1
			}
		})
	}
	switch {
	case err != nil:
		return 0, nil, err
	case due < begun:
		return 0, nil, nil
	case due == size:
		return size, text, nil
	case due == low:
		return 0, nil, nil
	case quorum:
		return n.cosignedUpTo(ctx, policy, low, due)
	case at.held != nil:
		return 0, nil, nil // it would take a signature; what was released stays so
	}
	root, err := at.tree.Root(due)
	if err != nil {
		return 0, nil, err
	}
	signed, err := ledger.SignCheckpoint(ledger.Checkpoint{Origin: at.signer.Name(), Size: due, Root: root}, at.signer)
	return due, signed, err
}

// cosignedUpTo returns the largest kept checkpoint above low and up to due that carries the
// quorum, nil if there is none.
func (n *Node) cosignedUpTo(ctx context.Context, policy *ledger.Policy, low, due int64) (int64, []byte, error) {
	for {
		var fault error
		// The marks after a size are all too large from somewhere on.
		over := sort.Search(int(due-low), func(k int) bool {
			mark, err := n.cfg.Side.MarkAfter(ctx, low+1+int64(k))
			fault = absent(fault, err)
			return err != nil || mark.Size > due
		})
		if fault != nil || over == 0 {
			return 0, nil, fault
		}
		mark, err := n.cfg.Side.MarkAfter(ctx, low+int64(over))
		if err != nil {
			return 0, nil, err
		}
		for _, text := range [][]byte{mark.Last, mark.First} {
			if s, err := policy.Check(text); text != nil && err == nil && s.Quorum() {
				return mark.Size, text, nil
			}
		}
		due = mark.Size - 1
	}
}

// Tile returns a tile or bundle of entries of the committed log, or store.ErrAbsent.
func (n *Node) Tile(ctx context.Context, p ledger.TilePath) ([]byte, error) {
	now := n.now.Load()
	if !p.Exists(now.size) {
		return nil, fmt.Errorf("%s: %w", p, store.ErrAbsent)
	}
	if !p.Entries() {
		return ledger.Tile(p, now.tree)
	}
	from, to := p.Range()
	leaves, err := n.cfg.Store.Leaves(ctx, from, to)
	if err != nil {
		return nil, err
	}
	return ledger.Bundle(leaves)
}

// Marks yields the cosigned checkpoints the node has, up to a size; of one size the earliest
// cosigned and the latest.
func (n *Node) Marks(ctx context.Context, size int64) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for mark, err := range n.cfg.Side.Marks(ctx) {
			if err == nil && mark.Size > size {
				return
			}
			if !yield(mark.First, err) || err != nil || mark.Last != nil && !yield(mark.Last, nil) {
				return
			}
		}
	}
}
