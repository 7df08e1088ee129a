package node

import (
	"context"
	"fmt"
	"sync"
	"time"

	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/ledger"
)

// witnessWait bounds how long a tick waits for cosignatures. Records never wait for them.
const witnessWait = 10 * time.Second

// Tick offers the newest checkpoint to the witnesses, whether or not something came since the
// last one, and keeps what they cosign. It returns what could not be had from whom; the
// mission works on regardless.
func (n *Node) Tick(ctx context.Context) error {
	signed := n.Checkpoint()
	if signed == nil || len(n.cfg.Witnesses) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, witnessWait)
	defer cancel()
	var mu sync.Mutex
	var lines [][]byte
	var absent []string
	var wg sync.WaitGroup
	for _, w := range n.cfg.Witnesses {
		wg.Go(func() {
			line, err := w.Cosign(ctx, signed)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				absent = append(absent, w.Name())
				return
			}
			lines = append(lines, line)
		})
	}
	wg.Wait()
	if len(lines) > 0 {
		cosigned, err := ledger.AddCosignatures(signed, lines...)
		if err != nil {
			return fmt.Errorf("cosignatures: %w", err)
		}
		if err := n.Keep(ctx, cosigned); err != nil {
			return err
		}
	}
	if len(absent) > 0 {
		return fmt.Errorf("no cosignature from %v", absent)
	}
	return nil
}

// Keep takes a checkpoint of this log with cosignatures. It must be of the history the node
// has; if it carries the mandate's quorum it becomes the one that receipts lead to.
func (n *Node) Keep(ctx context.Context, cosigned []byte) error {
	n.mu.RLock()
	terms := n.mission.At(n.size).Terms()
	n.mu.RUnlock()
	if terms == nil {
		return fmt.Errorf("a cosigned checkpoint before the mandate")
	}
	policy, err := terms.Policy()
	if err != nil {
		return fmt.Errorf("the mandate's witness policy: %w", err)
	}
	s, err := policy.Check(cosigned)
	if err != nil {
		return fmt.Errorf("a cosigned checkpoint: %w", err)
	}
	n.mu.RLock()
	root, err := n.mission.Tree().Root(min(s.Size, n.size))
	known := err == nil && s.Size <= n.size && root == s.Root
	n.mu.RUnlock()
	if !known {
		return fmt.Errorf("a cosigned checkpoint of size %d is not of this log's history", s.Size)
	}
	if err := n.cfg.Side.PutMark(ctx, store.Mark{Size: s.Size, First: cosigned}); err != nil {
		return fmt.Errorf("the cosigned checkpoint of size %d: %w", s.Size, err)
	}
	if policy.Quorum() == "none" || !s.Quorum() {
		return nil
	}
	if err := n.cfg.Store.Cosign(ctx, s.Size, cosigned); err != nil {
		return fmt.Errorf("the cosigned checkpoint of size %d: %w", s.Size, err)
	}
	n.mu.Lock()
	if c, err := ledger.ParseCheckpoint(n.seenBy); n.seenBy == nil || err == nil && c.Size <= s.Size {
		n.seenBy = cosigned
	}
	n.mu.Unlock()
	n.changed.wake()
	return nil
}

// Run ticks until ctx ends, as often as the mandate says. It logs a witness that is missing
// once, and once when it is back.
func (n *Node) Run(ctx context.Context) {
	missing := ""
	for {
		wait := 30 * time.Second
		n.mu.RLock()
		if t := n.mission.At(n.size).Terms(); t != nil {
			wait = time.Duration(t.Tick) * time.Second
		}
		n.mu.RUnlock()
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		now := ""
		if err := n.Tick(ctx); err != nil {
			now = err.Error()
		}
		if now != missing && ctx.Err() == nil {
			n.cfg.Log.Warn("witnesses", "state", now)
			missing = now
		}
	}
}
