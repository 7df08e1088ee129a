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
	for _, err := range s.Checkpoints(ctx) {
		t.Errorf("an empty side yields a checkpoint, %v", err)
	}
	if _, err := s.CheckpointAfter(ctx, 0); !errors.Is(err, store.ErrAbsent) {
		t.Errorf("CheckpointAfter = %v, want ErrAbsent", err)
	}
	for _, size := range []int64{40, 3, 0, 100} {
		must(t, s.PutCheckpoint(ctx, size, l.Cosigned(size, 1)))
	}
	must(t, s.PutCheckpoint(ctx, 40, l.Cosigned(40, 2)))

	list := func() (sizes []int64) {
		for m, err := range s.Checkpoints(ctx) {
			must(t, err)
			at := int64(1)
			if m.Size == 40 {
				at = 2
			}
			if !bytes.Equal(m.Text, l.Cosigned(m.Size, at)) {
				t.Errorf("checkpoint of size %d = %q", m.Size, m.Text)
			}
			sizes = append(sizes, m.Size)
		}
		return sizes
	}
	if got := list(); !slices.Equal(got, []int64{0, 3, 40, 100}) {
		t.Errorf("Checkpoints have the sizes %v, want 0, 3, 40, 100", got)
	}
	for from, want := range map[int64]int64{math.MinInt64: 0, 0: 0, 1: 3, 3: 3, 4: 40, 41: 100, 100: 100} {
		if m, err := s.CheckpointAfter(ctx, from); err != nil || m.Size != want {
			t.Errorf("CheckpointAfter(%d) = size %d, %v, want %d", from, m.Size, err, want)
		}
	}
	for _, from := range []int64{101, math.MaxInt64} {
		if _, err := s.CheckpointAfter(ctx, from); !errors.Is(err, store.ErrAbsent) {
			t.Errorf("CheckpointAfter(%d) = %v, want ErrAbsent", from, err)
		}
	}
	if err := s.PutCheckpoint(ctx, 5, l.Cosigned(6, 1)); err == nil {
		t.Error("PutCheckpoint under another size succeeded")
	}

	for size := int64(101); size <= 700; size++ { // more than one reading takes at once
		must(t, s.PutCheckpoint(ctx, size, l.Cosigned(size, 1)))
	}
	if got := list(); len(got) != 604 || !slices.IsSorted(got) {
		t.Errorf("Checkpoints gave %d sizes, sorted %v, want 604 in order", len(got), slices.IsSorted(got))
	}
	for range s.Checkpoints(ctx) {
		must(t, s.PutCheckpoint(ctx, 1, l.Cosigned(1, 1))) // a reader may write
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
	_, afterErr := s.CheckpointAfter(ctx, 0)
	_, countErr := s.Count(ctx, [32]byte{}, "", 0)
	for name, err := range map[string]error{
		"Secret": secretErr, "ReceivedAt": receivedErr, "CheckpointAfter": afterErr, "Count": countErr,
		"PutSecret":     s.PutSecret(ctx, "a", nil),
		"Received":      s.Received(ctx, nil, 0),
		"PutCheckpoint": s.PutCheckpoint(ctx, 1, l.Cosigned(1, 1)),
		"Add":           s.Add(ctx),
	} {
		if !errors.Is(err, store.ErrClosed) {
			t.Errorf("%s = %v, want ErrClosed", name, err)
		}
	}
	for _, err := range s.Checkpoints(ctx) {
		if !errors.Is(err, store.ErrClosed) {
			t.Errorf("Checkpoints yields %v, want ErrClosed", err)
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
	must(t, s.PutCheckpoint(ctx, 3, l.Cosigned(3, 1)))
	must(t, s.Add(ctx, store.Use{Key: [32]byte{1}, Class: "x", Day: 2, N: 3}))
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
			if m, err := s.CheckpointAfter(ctx, 0); err != nil || m.Size != 3 || !bytes.Equal(m.Text, l.Cosigned(3, 1)) {
				t.Errorf("CheckpointAfter = %v, %v", m, err)
			}
			if n, err := s.Count(ctx, [32]byte{1}, "x", 2); err != nil || n != 3 {
				t.Errorf("Count = %d, %v", n, err)
			}
		})
	}
}
