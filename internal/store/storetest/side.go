package storetest

import (
	"bytes"
	"context"
	"errors"
	"math"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"corridor.example/corridor/internal/store"
)

// RunSide tests what a Side promises. Open makes a new, empty one each time.
func RunSide(t *testing.T, open func(t *testing.T) store.Side) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, store.Side)
	}{
		{"secrets", secrets},
		{"received", received},
		{"checkpoints", checkpoints},
		{"uses", uses},
		{"passing", passing},
		{"passing once", passingOnce},
		{"side cancelled", sideCancelled},
		{"side closed", sideClosed},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := open(t)
			defer s.Close()
			test.run(t, s)
		})
	}
}

func secrets(t *testing.T, s store.Side) {
	ctx := t.Context()
	if _, err := s.Secret(ctx, "log key"); !errors.Is(err, store.ErrAbsent) {
		t.Errorf("Secret = %v, want ErrAbsent", err)
	}
	must(t, s.PutSecret(ctx, "log key", []byte("one")))
	must(t, s.PutSecret(ctx, "", []byte{}))
	for _, again := range []string{"one", "two"} {
		if err := s.PutSecret(ctx, "log key", []byte(again)); !errors.Is(err, store.ErrExists) {
			t.Errorf("PutSecret a second time = %v, want ErrExists", err)
		}
	}
	got, err := s.Secret(ctx, "log key")
	must(t, err)
	if string(got) != "one" {
		t.Errorf("Secret = %q, want the first", got)
	}
	clear(got)
	if got, err = s.Secret(ctx, "log key"); err != nil || string(got) != "one" {
		t.Errorf("Secret = %q, %v: it gave its own bytes away", got, err)
	}
	if got, err = s.Secret(ctx, ""); err != nil || got == nil || len(got) != 0 {
		t.Errorf("Secret with an empty name = %v, %v, want empty and not nil", got, err)
	}
}

func received(t *testing.T, s store.Side) {
	ctx := t.Context()
	a, b, c := [32]byte{1}, [32]byte{2}, [32]byte{3}
	must(t, s.Received(ctx, nil, 5))
	must(t, s.Received(ctx, [][32]byte{a, b, a}, 10))
	must(t, s.Received(ctx, [][32]byte{b, c}, 7)) // the clock went back; the first note stands
	for hash, want := range map[[32]byte]int64{a: 10, b: 10, c: 7} {
		if at, err := s.ReceivedAt(ctx, hash); err != nil || at != want {
			t.Errorf("ReceivedAt(%x) = %d, %v, want %d", hash[:1], at, err, want)
		}
	}
	if _, err := s.ReceivedAt(ctx, [32]byte{4}); !errors.Is(err, store.ErrAbsent) {
		t.Errorf("ReceivedAt = %v, want ErrAbsent", err)
	}
}

func checkpoints(t *testing.T, s store.Side) {
	ctx := t.Context()
	var l Log
	l.Grow(700)
	for _, err := range s.Marks(ctx) {
		t.Errorf("an empty side yields a mark, %v", err)
	}
	if _, err := s.MarkAfter(ctx, 0); !errors.Is(err, store.ErrAbsent) {
		t.Errorf("MarkAfter = %v, want ErrAbsent", err)
	}
	mark := func(size int64) store.Mark {
		m := store.Mark{Size: size, First: l.Cosigned(size, 1)}
		if size == 40 {
			m.Last = l.Cosigned(size, 2)
		}
		return m
	}
	for _, size := range []int64{40, 3, 0, 100} {
		must(t, s.PutMark(ctx, store.Mark{Size: size, First: l.Cosigned(size, 7), Last: l.Cosigned(size, 8)}))
		must(t, s.PutMark(ctx, mark(size))) // in place of the one before, whole
	}
	same := func(m store.Mark) bool {
		want := mark(m.Size)
		return bytes.Equal(m.First, want.First) && bytes.Equal(m.Last, want.Last) && (m.Last == nil) == (want.Last == nil)
	}

	list := func() (sizes []int64) {
		for m, err := range s.Marks(ctx) {
			must(t, err)
			if !same(m) {
				t.Errorf("mark of size %d = %q, %q", m.Size, m.First, m.Last)
			}
			sizes = append(sizes, m.Size)
		}
		return sizes
	}
	if got := list(); !slices.Equal(got, []int64{0, 3, 40, 100}) {
		t.Errorf("Marks have the sizes %v, want 0, 3, 40, 100", got)
	}
	for from, want := range map[int64]int64{math.MinInt64: 0, 0: 0, 1: 3, 3: 3, 4: 40, 41: 100, 100: 100} {
		if m, err := s.MarkAfter(ctx, from); err != nil || m.Size != want || !same(m) {
			t.Errorf("MarkAfter(%d) = size %d, %v, want %d", from, m.Size, err, want)
		}
	}
	for _, from := range []int64{101, math.MaxInt64} {
		if _, err := s.MarkAfter(ctx, from); !errors.Is(err, store.ErrAbsent) {
			t.Errorf("MarkAfter(%d) = %v, want ErrAbsent", from, err)
		}
	}
	for _, bad := range []store.Mark{
		{Size: 5, First: l.Cosigned(6, 1)},
		{Size: 5, First: l.Cosigned(5, 1), Last: l.Cosigned(6, 1)},
		{Size: 5, Last: l.Cosigned(5, 1)},
	} {
		if err := s.PutMark(ctx, bad); err == nil {
			t.Errorf("PutMark of %+v succeeded", bad)
		}
	}

	for size := int64(101); size <= 700; size++ { // more than one reading takes at once
		must(t, s.PutMark(ctx, mark(size)))
	}
	if got := list(); len(got) != 604 || !slices.IsSorted(got) {
		t.Errorf("Marks gave %d sizes, sorted %v, want 604 in order", len(got), slices.IsSorted(got))
	}
	for range s.Marks(ctx) {
		must(t, s.PutMark(ctx, mark(1))) // a reader may write
		break
	}
}

func uses(t *testing.T, s store.Side) {
	ctx := t.Context()
	a, b := [32]byte{1}, [32]byte{2}
	must(t, s.Add(ctx))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 10 {
				if err := s.Add(ctx, store.Use{Key: a, Class: "x", Day: 7, N: 2}, store.Use{Key: b, Class: "x", Day: 7, N: 1}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	must(t, s.Add(ctx, store.Use{Key: a, Class: "y", Day: 7, N: 1}, store.Use{Key: a, Class: "y", Day: 7, N: 4}, store.Use{Key: a, Class: "x", Day: 8, N: 9}))
	if err := s.Add(ctx, store.Use{Key: a, Class: "x", Day: 7, N: 5}, store.Use{Key: a, Class: "x", Day: 7, N: -1}); err == nil {
		t.Error("Add of a negative number succeeded")
	}
	for _, want := range []store.Use{{Key: a, Class: "x", Day: 7, N: 160}, {Key: b, Class: "x", Day: 7, N: 80}, {Key: a, Class: "y", Day: 7, N: 5}, {Key: a, Class: "x", Day: 8, N: 9}, {Key: a, Class: "z", Day: 7, N: 0}, {Key: b, Class: "x", Day: 8, N: 0}} {
		if n, err := s.Count(ctx, want.Key, want.Class, want.Day); err != nil || n != want.N {
			t.Errorf("Count(%x, %s, %d) = %d, %v, want %d", want.Key[:1], want.Class, want.Day, n, err, want.N)
		}
	}
}

func sideCancelled(t *testing.T, s store.Side) {
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.PutSecret(gone, "a", []byte("b")); !errors.Is(err, context.Canceled) {
		t.Errorf("PutSecret = %v, want context.Canceled", err)
	}
	if err := s.Received(gone, [][32]byte{{1}}, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("Received = %v, want context.Canceled", err)
	}
	if _, err := s.Secret(t.Context(), "a"); !errors.Is(err, store.ErrAbsent) {
		t.Errorf("Secret = %v after a cancelled PutSecret, want ErrAbsent", err)
	}
	if _, err := s.ReceivedAt(t.Context(), [32]byte{1}); !errors.Is(err, store.ErrAbsent) {
		t.Errorf("ReceivedAt = %v after a cancelled Received, want ErrAbsent", err)
	}
}

func sideClosed(t *testing.T, s store.Side) {
	must(t, s.Close())
	must(t, s.Close())
	ctx := t.Context()
	var l Log
	l.Grow(1)
	_, secretErr := s.Secret(ctx, "a")
	_, receivedErr := s.ReceivedAt(ctx, [32]byte{})
	_, afterErr := s.MarkAfter(ctx, 0)
	_, countErr := s.Count(ctx, [32]byte{}, "", 0)
	_, _, getErr := s.Get(ctx, "a", "b")
	for name, err := range map[string]error{
		"Secret": secretErr, "ReceivedAt": receivedErr, "MarkAfter": afterErr, "Count": countErr, "Get": getErr,
		"Put":       s.Put(ctx, "a", "b", nil, 0),
		"Drop":      s.Drop(ctx, "a", "b"),
		"Expire":    s.Expire(ctx, 1),
		"PutSecret": s.PutSecret(ctx, "a", nil),
		"Received":  s.Received(ctx, nil, 0),
		"PutMark":   s.PutMark(ctx, store.Mark{Size: 1, First: l.Cosigned(1, 1)}),
		"Add":       s.Add(ctx),
	} {
		if !errors.Is(err, store.ErrClosed) {
			t.Errorf("%s = %v, want ErrClosed", name, err)
		}
	}
	for _, err := range s.Marks(ctx) {
		if !errors.Is(err, store.ErrClosed) {
			t.Errorf("Marks yields %v, want ErrClosed", err)
		}
	}
	for _, err := range s.Each(ctx, "a") {
		if !errors.Is(err, store.ErrClosed) {
			t.Errorf("Each yields %v, want ErrClosed", err)
		}
	}
}

// A SideDisk says how to get at sides that outlive the process.
type SideDisk struct {
	Open    func(t *testing.T) (s store.Side, again func(t *testing.T) store.Side)
	Restore func(t *testing.T, path string) store.Side
}

// RunSideDurable tests what is promised of a side that outlives the process.
func RunSideDurable(t *testing.T, d SideDisk) {
	s, again := d.Open(t)
	ctx := t.Context()
	var l Log
	l.Grow(3)
	must(t, s.PutSecret(ctx, "log key", []byte("one")))
	must(t, s.Received(ctx, [][32]byte{{1}}, 10))
	must(t, s.PutMark(ctx, store.Mark{Size: 3, First: l.Cosigned(3, 1), Last: l.Cosigned(3, 2)}))
	must(t, s.Add(ctx, store.Use{Key: [32]byte{1}, Class: "x", Day: 2, N: 3}))
	must(t, s.Put(ctx, "session", "a", []byte("one"), 9))
	path := filepath.Join(t.TempDir(), "copy")
	must(t, s.Backup(ctx, path))
	if err := s.Backup(ctx, path); !errors.Is(err, store.ErrExists) {
		t.Errorf("Backup over a file = %v, want ErrExists", err)
	}
	must(t, s.Close())
	for name, open := range map[string]func() store.Side{
		"reopened": func() store.Side { return again(t) },
		"restored": func() store.Side { return d.Restore(t, path) },
	} {
		t.Run(name, func(t *testing.T) {
			s := open()
			defer s.Close()
			if b, err := s.Secret(ctx, "log key"); err != nil || string(b) != "one" {
				t.Errorf("Secret = %q, %v", b, err)
			}
			if err := s.PutSecret(ctx, "log key", []byte("two")); !errors.Is(err, store.ErrExists) {
				t.Errorf("PutSecret = %v, want ErrExists", err)
			}
			if at, err := s.ReceivedAt(ctx, [32]byte{1}); err != nil || at != 10 {
				t.Errorf("ReceivedAt = %d, %v", at, err)
			}
			if m, err := s.MarkAfter(ctx, 0); err != nil || m.Size != 3 || !bytes.Equal(m.First, l.Cosigned(3, 1)) || !bytes.Equal(m.Last, l.Cosigned(3, 2)) {
				t.Errorf("MarkAfter = %v, %v", m, err)
			}
			if n, err := s.Count(ctx, [32]byte{1}, "x", 2); err != nil || n != 3 {
				t.Errorf("Count = %d, %v", n, err)
			}
			if b, until, err := s.Get(ctx, "session", "a"); err != nil || string(b) != "one" || until != 9 {
				t.Errorf("Get = %q, %d, %v", b, until, err)
			}
		})
	}
}
