package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"testing"

	"corridor.example/corridor/internal/store"
)

func duplicates(t *testing.T, s store.Store) {
	var l Log
	grow(t, s, &l, 10)
	more, checkpoint := l.Grow(3)

	again := func(rows []store.Row, name [32]byte) {
		t.Helper()
		err := s.Append(t.Context(), 10, rows, nil, checkpoint)
		var dup *store.DuplicateError
		if !errors.Is(err, store.ErrDuplicate) || !errors.As(err, &dup) || dup.Hash != name {
			t.Errorf("Append = %v, want a DuplicateError for %x", err, name)
		}
		unchanged(t, s, &l, 10)
	}
	known := append([]store.Row{}, more...)
	known[2].Hash = l.Row(4).Hash
	again(known, l.Row(4).Hash)
	twice := append([]store.Row{}, more...)
	twice[2].Hash = twice[0].Hash
	again(twice, twice[0].Hash)

	must(t, s.Append(t.Context(), 10, more, nil, checkpoint))
	holds(t, s, &l)
}

func moved(t *testing.T, s store.Store) {
	var l, other Log
	grow(t, s, &l, 10)
	other.Grow(3)
	short, checkpoint := other.Grow(2)
	if err := s.Append(t.Context(), 3, short, nil, checkpoint); !errors.Is(err, store.ErrMoved) {
		t.Errorf("Append behind the head = %v, want ErrMoved", err)
	}
	other.Grow(10)
	far, checkpoint := other.Grow(2)
	if err := s.Append(t.Context(), 15, far, nil, checkpoint); !errors.Is(err, store.ErrMoved) {
		t.Errorf("Append beyond the head = %v, want ErrMoved", err)
	}
	unchanged(t, s, &l, 10)
}

func misshapen(t *testing.T, s store.Store) {
	var l Log
	grow(t, s, &l, 6)
	good, checkpoint := l.Grow(2)
	for name, spoil := range map[string]func(*store.Row){
		"no leaf":          func(r *store.Row) { r.Leaf = nil },
		"a large leaf":     func(r *store.Row) { r.Leaf = make([]byte, store.MaxLeaf+1) },
		"no hashes":        func(r *store.Row) { r.Hashes = nil },
		"a hash too few":   func(r *store.Row) { r.Hashes = r.Hashes[32:] },
		"no envelope":      func(r *store.Row) { r.Envelope = nil },
		"a large envelope": func(r *store.Row) { r.Envelope = make([]byte, store.MaxEnvelope+1) },
		"a large part":     func(r *store.Row) { r.Parts = [][]byte{make([]byte, store.MaxPart+1)} },
		"many parts":       func(r *store.Row) { r.Parts = make([][]byte, store.MaxParts+1) },
		"many large parts": func(r *store.Row) { p := make([]byte, store.MaxPart); r.Parts = [][]byte{p, p, p} },
	} {
		rows := append([]store.Row{}, good...)
		spoil(&rows[1])
		if err := s.Append(t.Context(), 6, rows, nil, checkpoint); err == nil {
			t.Errorf("Append of a row with %s succeeded", name)
		}
	}
	for name, cp := range map[string][]byte{
		"no checkpoint":                nil,
		"a checkpoint of another size": l.Checkpoint(7),
		"a checkpoint that is none":    []byte("8\n"),
	} {
		if err := s.Append(t.Context(), 6, good, nil, cp); err == nil {
			t.Errorf("Append with %s succeeded", name)
		}
	}
	if err := s.Append(t.Context(), -1, good, nil, checkpoint); err == nil {
		t.Error("Append at -1 succeeded")
	}
	if err := s.Append(t.Context(), math.MaxInt64, good, nil, checkpoint); err == nil {
		t.Error("Append at the largest int64 succeeded")
	}
	unchanged(t, s, &l, 6)
}

func erasure(t *testing.T, s store.Store) {
	l := Log{Parts: func(i int64) [][]byte {
		return [][]byte{fmt.Appendf(nil, "kept %d", i), fmt.Appendf(nil, "secret %d", i), {}}
	}}
	grow(t, s, &l, 5)
	rows, checkpoint := l.Grow(2)
	must(t, s.Append(t.Context(), 5, rows, parts([2]int{2, 1}, [2]int{4, 2}, [2]int{6, 1}), checkpoint)) // 6 is new itself
	l.Row(2).Parts[1], l.Row(4).Parts[2], l.Row(6).Parts[1] = nil, nil, nil
	holds(t, s, &l)

	// Again, and without an entry: the order may arrive twice.
	must(t, s.Append(t.Context(), 7, nil, parts([2]int{2, 1}, [2]int{2, 1}, [2]int{0, 0}), checkpoint))
	l.Row(0).Parts[0] = nil
	holds(t, s, &l)
}

func erasureIsAtomic(t *testing.T, s store.Store) {
	l := Log{Parts: func(i int64) [][]byte { return [][]byte{fmt.Appendf(nil, "part %d", i)} }}
	grow(t, s, &l, 5)
	rows, checkpoint := l.Grow(1)
	for _, e := range parts([2]int{3, 1}, [2]int{5, 1}, [2]int{6, 0}, [2]int{-1, 0}, [2]int{3, -1}, [2]int{math.MaxInt, 0}, [2]int{3, math.MaxInt}) {
		err := s.Append(t.Context(), 5, rows, append(parts([2]int{2, 0}), e), checkpoint)
		if !errors.Is(err, store.ErrAbsent) {
			t.Errorf("Append with erasure %v = %v, want ErrAbsent", e, err)
		}
		unchanged(t, s, &l, 5)
	}
	dup := []store.Row{rows[0]}
	dup[0].Hash = l.Row(1).Hash
	if err := s.Append(t.Context(), 5, dup, parts([2]int{2, 0}), checkpoint); !errors.Is(err, store.ErrDuplicate) {
		t.Errorf("Append = %v, want ErrDuplicate", err)
	}
	if err := s.Append(t.Context(), 4, nil, parts([2]int{2, 0}), l.Checkpoint(4)); !errors.Is(err, store.ErrMoved) {
		t.Errorf("Append = %v, want ErrMoved", err)
	}
	unchanged(t, s, &l, 5)
}

func cosign(t *testing.T, s store.Store) {
	var l Log
	grow(t, s, &l, 10)
	is := func(want []byte) {
		t.Helper()
		if h := head(t, s); !bytes.Equal(h.Cosigned, want) || h.Size != l.Size() || !bytes.Equal(h.Checkpoint, l.Checkpoint(l.Size())) {
			t.Errorf("Cosigned = %q, want %q, and the rest as it was", h.Cosigned, want)
		}
	}
	must(t, s.Cosign(t.Context(), 4, l.Cosigned(4, 100)))
	is(l.Cosigned(4, 100))
	must(t, s.Cosign(t.Context(), 3, l.Cosigned(3, 200))) // older: the newer one stays
	is(l.Cosigned(4, 100))
	must(t, s.Cosign(t.Context(), 4, l.Cosigned(4, 300)))
	is(l.Cosigned(4, 300))
	must(t, s.Cosign(t.Context(), 10, l.Cosigned(10, 400)))
	is(l.Cosigned(10, 400))
	grow(t, s, &l, 5)
	is(l.Cosigned(10, 400))

	other := l
	other.Grow(1)
	for name, try := range map[string]struct {
		size     int64
		cosigned []byte
	}{
		"of another size":      {12, l.Cosigned(11, 500)},
		"of more than we hold": {16, other.Cosigned(16, 500)},
		"that is none":         {12, []byte("12\n")},
		"of nothing":           {12, nil},
	} {
		if err := s.Cosign(t.Context(), try.size, try.cosigned); err == nil {
			t.Errorf("Cosign with a checkpoint %s succeeded", name)
		}
	}
	is(l.Cosigned(10, 400))
}
