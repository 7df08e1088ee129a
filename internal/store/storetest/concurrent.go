package storetest

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"testing"

	"corridor.example/corridor/internal/store"
)

func readersAndAWriter(t *testing.T, s store.Store) {
	var l, plan Log
	const batches, batch = 30, 20
	plan.Grow(batches * batch)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for seen := int64(0); ctx.Err() == nil; {
				h, err := s.Head(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				if h.Size < seen || h.Size%batch != 0 || (h.Size > 0 && !bytes.Equal(h.Checkpoint, plan.Checkpoint(h.Size))) {
					t.Errorf("Head is of size %d after %d, or its checkpoint is not", h.Size, seen)
					return
				}
				seen = h.Size
				i := int64(0)
				for row, err := range s.Rows(t.Context(), 0, h.Size) {
					if err != nil {
						t.Errorf("entry %d of %d: %v", i, h.Size, err)
						return
					}
					if diff := Same(row, plan.Row(i)); diff != "" {
						t.Errorf("entry %d: %s", i, diff)
						return
					}
					i++
				}
				if h.Size > 0 {
					if at, err := s.Index(t.Context(), plan.Row(h.Size-1).Hash); err != nil || at != h.Size-1 {
						t.Errorf("Index of entry %d = %d, %v", h.Size-1, at, err)
						return
					}
				}
			}
		})
	}
	for range batches {
		grow(t, s, &l, batch)
	}
	stop()
	wg.Wait()
	holds(t, s, &l)
}

// writersCompete lets writers that do not know of one another append. Each index is won by
// one of them.
func writersCompete(t *testing.T, s store.Store) {
	const writers, each = 6, 15
	var plan Log
	plan.Grow(writers * each)
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for done := 0; done < each; {
				h, err := s.Head(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				if h.Size == plan.Size() {
					return
				}
				err = s.Append(t.Context(), h.Size, []store.Row{plan.Row(h.Size)}, nil, plan.Checkpoint(h.Size+1))
				if err == nil {
					done++
				} else if !errors.Is(err, store.ErrMoved) {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	holds(t, s, &plan)
}

func cancelled(t *testing.T, s store.Store) {
	var l Log
	grow(t, s, &l, 20)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	rows, checkpoint := l.Grow(20)
	if err := s.Append(gone, 20, rows, parts([2]int{3, 0}), checkpoint); !errors.Is(err, context.Canceled) {
		t.Errorf("Append = %v, want context.Canceled", err)
	}
	if err := s.Cosign(gone, 10, l.Cosigned(10, 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("Cosign = %v, want context.Canceled", err)
	}
	if _, err := s.Head(gone); !errors.Is(err, context.Canceled) {
		t.Errorf("Head = %v, want context.Canceled", err)
	}
	if _, err := s.Row(gone, 0); !errors.Is(err, context.Canceled) {
		t.Errorf("Row = %v, want context.Canceled", err)
	}
	if _, err := s.Leaves(gone, 0, 5); !errors.Is(err, context.Canceled) {
		t.Errorf("Leaves = %v, want context.Canceled", err)
	}
	for _, err := range s.Rows(gone, 0, 5) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("Rows yields %v, want context.Canceled", err)
		}
	}
	unchanged(t, s, &l, 20)

	// Cancelled at any moment, an Append happened whole or not at all, and it says which.
	for i := 0; i < 60 && head(t, s).Size == 20; i++ {
		ctx := &expiring{Context: t.Context(), left: i}
		err := s.Append(ctx, 20, rows, parts([2]int{3, 0}), checkpoint)
		switch size := head(t, s).Size; {
		case err != nil && !errors.Is(err, context.Canceled):
			t.Fatalf("Append = %v", err)
		case err != nil && size == 20:
			unchanged(t, s, &l, 20)
		case err == nil && size == 40:
			l.Row(3).Parts[0] = nil
			holds(t, s, &l)
		default:
			t.Fatalf("Append = %v and left a log of %d entries", err, size)
		}
	}
	if size := head(t, s).Size; size != 40 {
		t.Errorf("size %d after an Append that was never cancelled, want 40", size)
	}
}

// An expiring context ends after it has been asked a number of times.
type expiring struct {
	context.Context
	mu   sync.Mutex
	left int
}

func (c *expiring) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.left--; c.left >= 0 {
		return nil
	}
	return context.Canceled
}
