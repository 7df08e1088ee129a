package node

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sort"
	"time"

	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/ledger"
)

// Released returns how far the public view of the log goes at a time, and the checkpoint it
// ends with: nil before there is one. It goes as far as what had reached the node by the
// mandate's delay ago, cut to its clock, and only grows. Where the mandate asks for a quorum
// the checkpoint carries it, and nothing beyond it is released.
func (n *Node) Released(ctx context.Context, now time.Time) (int64, []byte, error) {
	n.mu.RLock()
	m, size, head, cosigned := n.mission, n.size, n.head, n.seenBy
	terms := m.At(size).Terms()
	n.mu.RUnlock()
	if terms == nil {
		return 0, nil, nil
	}
	policy, err := terms.Policy()
	if err != nil {
		return 0, nil, fmt.Errorf("the mandate's witness policy: %w", err)
	}
	if policy.Quorum() != "none" {
		if cosigned == nil {
			return 0, nil, nil
		}
		c, err := ledger.ParseCheckpoint(cosigned)
		if err != nil {
			return 0, nil, fmt.Errorf("the newest cosigned checkpoint: %w", err)
		}
		size, head = c.Size, cosigned
	}
	until := now.Add(-time.Duration(terms.Release.Delay) * time.Minute).Unix()
	if clock := terms.Release.Clock * 60; clock > 0 {
		until -= until % clock
	}
	due, err := n.receivedBy(ctx, size, until)
	if err != nil || due == size {
		return size, head, err
	}
	if policy.Quorum() != "none" {
		return n.cosignedUpTo(ctx, due)
	}
	if due == 0 {
		return 0, nil, nil
	}
	n.mu.RLock()
	root, err := n.mission.Tree().Root(due)
	n.mu.RUnlock()
	if err != nil {
		return 0, nil, err
	}
	signed, err := ledger.SignCheckpoint(ledger.Checkpoint{Origin: n.origin, Size: due, Root: root}, n.signer)
	return due, signed, err
}

// receivedBy returns how many of the first size entries had reached the node by a time. An
// entry without a note of when it came, as after node.db was lost, counts as having come with
// the one after it.
func (n *Node) receivedBy(ctx context.Context, size, until int64) (int64, error) {
	var fault error
	due := sort.Search(int(size), func(i int) bool {
		for j := int64(i); j < size; j++ {
			n.mu.RLock()
			h := n.mission.Hash(j)
			n.mu.RUnlock()
			at, err := n.cfg.Side.ReceivedAt(ctx, h)
			if errors.Is(err, store.ErrAbsent) {
				continue
			}
			if err != nil {
				fault = err
			}
			return err == nil && at > until
		}
		return false
	})
	return int64(due), fault
}

func (n *Node) cosignedUpTo(ctx context.Context, due int64) (size int64, text []byte, err error) {
	for mark, err := range n.cfg.Side.Marks(ctx) {
		if err != nil {
			return 0, nil, err
		}
		if mark.Size > due {
			break
		}
		size, text = mark.Size, mark.First
	}
	return size, text, nil
}

// Tile returns a tile or bundle of entries of the committed log.
func (n *Node) Tile(ctx context.Context, p ledger.TilePath) ([]byte, error) {
	if p.Entries() {
		from, to := p.Range()
		leaves, err := n.cfg.Store.Leaves(ctx, from, to)
		if err != nil {
			return nil, err
		}
		return ledger.Bundle(leaves)
	}
	n.mu.RLock()
	defer n.mu.RUnlock()
	return ledger.Tile(p, n.mission.Tree())
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
