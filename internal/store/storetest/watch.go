package storetest

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/ledger"
)

// RunWatch tests what a Watch promises. Open makes a new, empty one each time.
func RunWatch(t *testing.T, open func(t *testing.T) store.Watch) {
	t.Run("advance", func(t *testing.T) { advance(t, open(t)) })
	t.Run("advance at once", func(t *testing.T) { advanceAtOnce(t, open(t)) })
	t.Run("lodged", func(t *testing.T) { lodged(t, open(t)) })
	t.Run("notes", func(t *testing.T) { watchNotes(t, open(t)) })
}

func watched(origin string, size int64) []byte {
	c := ledger.Checkpoint{Origin: origin, Size: size, Root: ledger.Hash{byte(size), byte(size >> 8)}}
	return []byte(c.Text() + "\n— " + origin + " AAAAAAAA\n")
}

func advance(t *testing.T, w store.Watch) {
	ctx := t.Context()
	if _, err := w.Cosigned(ctx, "a"); !errors.Is(err, store.ErrAbsent) {
		t.Errorf("Cosigned = %v, want ErrAbsent", err)
	}
	for _, x := range []struct {
		origin   string
		from, to int64
		ok       bool
	}{{"a", 1, 5, false}, {"a", 0, 5, true}, {"a", 0, 6, false}, {"a", 5, 4, false}, {"a", 5, 5, true}, {"b", 0, 3, true}, {"a", 5, 9, true}} {
		err := w.Advance(ctx, x.from, watched(x.origin, x.to))
		if (err == nil) != x.ok {
			t.Errorf("Advance of %s from %d to %d = %v", x.origin, x.from, x.to, err)
		}
	}
	for origin, size := range map[string]int64{"a": 9, "b": 3} {
		if b, err := w.Cosigned(ctx, origin); err != nil || string(b) != string(watched(origin, size)) {
			t.Errorf("Cosigned(%s) = %s, %v", origin, b, err)
		}
	}
	if err := w.Advance(ctx, 9, []byte("no checkpoint")); err == nil {
		t.Error("what is no checkpoint was kept")
	}
}

// advanceAtOnce has many try to go on from the same size: one succeeds.
func advanceAtOnce(t *testing.T, w store.Watch) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	done := 0
	for i := range 20 {
		wg.Go(func() {
			err := w.Advance(t.Context(), 0, watched("a", int64(i)+1))
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				done++
			} else if !errors.Is(err, store.ErrMoved) {
				t.Errorf("Advance = %v", err)
			}
		})
	}
	wg.Wait()
	if done != 1 {
		t.Errorf("%d went on from nothing, want 1", done)
	}
}

func lodged(t *testing.T, w store.Watch) {
	ctx := t.Context()
	one := store.Lodged{Hash: [32]byte{1}, At: 20, Line: []byte("line"), Note: []byte("note")}
	two := store.Lodged{Hash: [32]byte{2}, At: 10, Line: []byte("line 2"), Note: []byte("note 2")}
	for _, l := range []store.Lodged{one, two} {
		if added, err := w.Lodge(ctx, l); !added || err != nil {
			t.Errorf("Lodge = %v, %v", added, err)
		}
	}
	again := one
	again.At, again.Note = 30, []byte("later")
	if added, err := w.Lodge(ctx, again); added || err != nil {
		t.Errorf("Lodge again = %v, %v", added, err)
	}
	if got, err := w.Lodged(ctx, one.Hash); err != nil || fmt.Sprint(got) != fmt.Sprint(one) {
		t.Errorf("Lodged = %v, %v", got, err)
	}
	if _, err := w.Lodged(ctx, [32]byte{9}); !errors.Is(err, store.ErrAbsent) {
		t.Errorf("Lodged = %v, want ErrAbsent", err)
	}
	if list, err := w.Lodgings(ctx, true, 10); err != nil || len(list) != 2 || list[0].Hash != two.Hash {
		t.Errorf("Lodgings = %v, %v", list, err)
	}
	if err := w.Settle(ctx, two.Hash, "logged"); err != nil {
		t.Error(err)
	}
	if err := w.Settle(ctx, [32]byte{9}, "logged"); !errors.Is(err, store.ErrAbsent) {
		t.Errorf("Settle = %v, want ErrAbsent", err)
	}
	if list, err := w.Lodgings(ctx, true, 10); err != nil || len(list) != 1 || list[0].Hash != one.Hash {
		t.Errorf("open Lodgings = %v, %v", list, err)
	}
	if list, err := w.Lodgings(ctx, false, 1); err != nil || len(list) != 1 || list[0].How != "logged" {
		t.Errorf("all Lodgings = %v, %v", list, err)
	}
}

func watchNotes(t *testing.T, w store.Watch) {
	ctx := t.Context()
	if _, err := w.Note(ctx, "x"); !errors.Is(err, store.ErrAbsent) {
		t.Errorf("Note = %v, want ErrAbsent", err)
	}
	for _, b := range []string{"one", "two"} {
		if err := w.PutNote(ctx, "x", []byte(b)); err != nil {
			t.Fatal(err)
		}
		if got, err := w.Note(ctx, "x"); err != nil || string(got) != b {
			t.Errorf("Note = %q, %v", got, err)
		}
	}
}
