package node_test

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// TestReadersBesideTheWriter reads in every way while records come in. Whatever a reader sees
// is of one moment: a size, its root, its records and its checkpoint agree.
func TestReadersBesideTheWriter(t *testing.T) {
	s := newStage(t, "readers", nil)
	st, side, _ := files(t, t.TempDir())
	n := s.open(t, st, side)
	take(t, n, s.mandate)
	who := names(4)
	for _, o := range who {
		take(t, n, s.observer(o)...)
	}
	lists := s.accounts(who, 100)
	done := make(chan struct{})
	var readers, writers sync.WaitGroup
	read := func(f func() error) {
		readers.Go(func() {
			for {
				if err := f(); err != nil {
					t.Error(err)
					return
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	line, err := corridor.ParseLine("left.people A")
	if err != nil {
		t.Fatal(err)
	}
	read(func() (err error) {
		n.View(func(v corridor.View) {
			v.Figure(line)
			for i := v.Size() - 1; i >= max(0, v.Size()-5); i-- {
				e := v.Entry(i)
				if got, ok := v.Find(e.Hash); !ok || got.Index != i {
					err = errors.New("an entry of the view cannot be found in it")
				}
			}
		})
		return err
	})
	read(func() error {
		c, err := ledger.OpenCheckpoint(n.Checkpoint(), s.verifier())
		if err != nil {
			return err
		}
		return n.At(c.Size, func(v corridor.View) {
			if root, err := v.Root(); err != nil || root != c.Root {
				t.Errorf("the checkpoint of size %d is not of the view: %v", c.Size, err)
			}
		})
	})
	read(func() error {
		size, text, err := n.Released(context.Background(), newClock("2030-01-01T00:00:00Z").Now())
		if err != nil {
			return err
		}
		if c, err := ledger.ParseCheckpoint(text); err != nil || c.Size != size {
			return errors.New("the released checkpoint is of another size than what is released")
		}
		p := ledger.TilePath{Level: 0, N: 0, Width: int(min(size, 256))}
		tile, err := n.Tile(context.Background(), p)
		if err != nil {
			return err
		}
		p.Level = -1
		bundle, err := n.Tile(context.Background(), p)
		if err != nil {
			return err
		}
		leaves, err := ledger.ParseBundle(bundle)
		if err != nil || len(leaves)*tlog.HashSize != len(tile) {
			return errors.New("a tile and its bundle of entries differ in length")
		}
		for i, l := range leaves {
			if h := ledger.LeafHash(l); !bytes.Equal(tile[i*len(h):(i+1)*len(h)], h[:]) {
				return errors.New("a tile's hash is not that of its entry")
			}
		}
		return nil
	})
	read(func() error {
		size := n.Size()
		r, err := n.Record(context.Background(), size-1)
		if err != nil {
			return err
		}
		got, ok, err := n.Receipt(r.Hash)
		if err == nil && !ok {
			err = errors.New("a committed record has no receipt")
		}
		if err == nil {
			s.checkReceipt(t, r, got)
		}
		return err
	})
	read(func() error {
		return n.Read(context.Background(), n.Size()/2, n.Size(), func(r node.Reading) error {
			_, err := r.Record(r.Now.Size() - 1)
			return err
		})
	})
	read(func() error {
		_, _, err := n.Draft("daily", n.Size(), s.now+100_000, "Asia/Damascus")
		return err
	})
	for i := range who {
		writers.Go(func() {
			for _, r := range lists[i] {
				if _, err := n.Submit(context.Background(), r); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	close(done)
	readers.Wait()
	if n.Size() != 1+4*5-4+400 {
		t.Errorf("the log has %d records", n.Size())
	}
	var order []record.Record
	for row, err := range st.Rows(t.Context(), 0, n.Size()) {
		if err != nil {
			t.Fatal(err)
		}
		r, err := record.ParseEnvelope(row.Envelope)
		if err != nil {
			t.Fatal(err)
		}
		order = append(order, r)
	}
	s.holds(t, st, order...)
}

func TestBeyondTheLog(t *testing.T) {
	s := newStage(t, "beyond", nil)
	n := s.open(t, &store.Memory{}, &store.MemorySide{})
	take(t, n, s.mandate)
	for _, size := range []int64{-1, 2, 1 << 40} {
		if err := n.At(size, func(corridor.View) { t.Error("a view beyond the log") }); err == nil {
			t.Errorf("At(%d) succeeded", size)
		}
		if _, _, err := n.Draft("daily", size, s.now, "Asia/Damascus"); !refusedFor(err, "report.range") {
			t.Errorf("Draft to %d: %v", size, err)
		}
		if err := n.Read(t.Context(), size, 1, func(node.Reading) error { t.Error("a reading beyond the log"); return nil }); err == nil {
			t.Errorf("Read at %d succeeded", size)
		}
		if _, err := n.Row(t.Context(), size); size != 1 && !errors.Is(err, store.ErrAbsent) {
			t.Errorf("Row(%d): %v", size, err)
		}
	}
	for _, p := range []ledger.TilePath{{Level: 0, N: 0, Width: 2}, {Level: 1, N: 0, Width: 1}, {Level: -1, N: 0, Width: 2}, {Level: -1, N: 3, Width: 1}} {
		if _, err := n.Tile(t.Context(), p); !errors.Is(err, store.ErrAbsent) {
			t.Errorf("Tile(%s): %v", p, err)
		}
	}
}
