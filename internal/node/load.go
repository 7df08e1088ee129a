package node

import (
	"context"
	"fmt"
	"runtime"
	"sync"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// load folds the store into a fresh mission and holds it against the head's checkpoints.
func (n *Node) load(ctx context.Context) error {
	head, err := n.cfg.Store.Head(ctx)
	if err != nil {
		return fmt.Errorf("the log's head: %w", err)
	}
	m := &corridor.Mission{}
	if err := fold(ctx, n.cfg.Store, m, head.Size, n.cfg.Progress); err != nil {
		return err
	}
	if head.Size > 0 {
		if err := n.setOrigin(m.Now().Terms()); err != nil {
			return err
		}
		if err := agree(m, head); err != nil {
			return fmt.Errorf("%w; nothing is signed over it: run corridor verify and see what is wrong", err)
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.mission, n.size, n.head, n.seenBy, n.broken = m, head.Size, head.Checkpoint, head.Cosigned, nil
	return nil
}

// agree checks that the checkpoints of a head are of the folded log.
func agree(m *corridor.Mission, head store.Head) error {
	policy, err := m.Now().Terms().Policy()
	if err != nil {
		return fmt.Errorf("the mandate's witness policy: %w", err)
	}
	check := func(what string, signed []byte) (ledger.Signed, error) {
		s, err := policy.Check(signed)
		if err != nil {
			return s, fmt.Errorf("%s: %w", what, err)
		}
		root, err := m.Tree().Root(s.Size)
		if err != nil || root != s.Root {
			return s, fmt.Errorf("%s of size %d is not of the %d records stored", what, s.Size, m.Size())
		}
		return s, nil
	}
	s, err := check("the newest checkpoint", head.Checkpoint)
	if err != nil {
		return err
	}
	if s.Size != head.Size {
		return fmt.Errorf("the newest checkpoint is of size %d and the head of %d", s.Size, head.Size)
	}
	if head.Cosigned != nil {
		_, err = check("the newest cosigned checkpoint", head.Cosigned)
	}
	return err
}

// fold reads entries [m.Size(), to) and adds them to the mission. Records are decoded by
// several goroutines and folded in order by one.
func fold(ctx context.Context, s store.Store, m *corridor.Mission, to int64, progress func(done, total int64)) error {
	type item struct {
		row store.Row
		rec record.Record
		err error
	}
	const page = 512
	workers := runtime.GOMAXPROCS(0)
	buf := make([]item, 0, page)
	flush := func() error {
		var wg sync.WaitGroup
		for w := range workers {
			wg.Go(func() {
				for i := w; i < len(buf); i += workers {
					buf[i].rec, buf[i].err = rebuild(buf[i].row)
				}
			})
		}
		wg.Wait()
		for _, it := range buf {
			i := m.Size()
			if it.err != nil {
				return fmt.Errorf("entry %d: %w", i, it.err)
			}
			if err := m.Add(it.rec); err != nil {
				return fmt.Errorf("entry %d: %w", i, err)
			}
		}
		buf = buf[:0]
		if progress != nil {
			progress(m.Size(), to)
		}
		return nil
	}
	for row, err := range s.Rows(ctx, m.Size(), to) {
		if err != nil {
			return err
		}
		if buf = append(buf, item{row: row}); len(buf) == page {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// rebuild makes a record of a stored row.
func rebuild(row store.Row) (record.Record, error) {
	r, err := record.ParseEnvelope(row.Envelope)
	if err != nil {
		return r, err
	}
	for i, b := range row.Parts {
		if b == nil || i >= len(r.Parts) {
			continue
		}
		if err := r.Put(r.Parts[i].Name, b); err != nil {
			return r, err
		}
	}
	return r, nil
}

// Read folds a store that nobody runs, without a clock, a key or a writer, and returns the
// mission with the head it was read at. It checks no signature and no checkpoint.
func Read(ctx context.Context, s store.Store) (*corridor.Mission, store.Head, error) {
	head, err := s.Head(ctx)
	if err != nil {
		return nil, head, fmt.Errorf("the log's head: %w", err)
	}
	m := &corridor.Mission{}
	if err := fold(ctx, s, m, head.Size, nil); err != nil {
		return nil, head, err
	}
	if head.Size == 0 {
		return nil, head, fmt.Errorf("the log is empty: it has no mandate")
	}
	return m, head, nil
}
