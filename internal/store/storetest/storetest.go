package storetest

import (
	"bytes"
	"errors"
	"math"
	"testing"

	"corridor.example/corridor/internal/store"
)

// Run tests what a Store promises. Open makes a new, empty one each time; the suite closes it.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, store.Store)
	}{
		{"empty", empty},
		{"append and read", appendAndRead},
		{"kept apart", keptApart},
		{"duplicates", duplicates},
		{"moved", moved},
		{"misshapen", misshapen},
		{"erasure", erasure},
		{"erasure is atomic", erasureIsAtomic},
		{"cosign", cosign},
		{"end of the log", endOfTheLog},
		{"stop early", stopEarly},
		{"large rows", largeRows},
		{"readers and a writer", readersAndAWriter},
		{"writers compete", writersCompete},
		{"cancelled", cancelled},
		{"closed", closed},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := open(t)
			defer s.Close()
			test.run(t, s)
		})
	}
}

func empty(t *testing.T, s store.Store) {
	if h := head(t, s); h.Size != 0 || h.Checkpoint != nil || h.Cosigned != nil {
		t.Errorf("Head = %+v, want the zero Head", h)
	}
	if _, err := s.Row(t.Context(), 0); !errors.Is(err, store.ErrAbsent) {
		t.Errorf("Row(0) = %v, want ErrAbsent", err)
	}
	if _, err := s.Index(t.Context(), [32]byte{}); !errors.Is(err, store.ErrAbsent) {
		t.Errorf("Index = %v, want ErrAbsent", err)
	}
	if rows := read(t, s, 0, 0); len(rows) != 0 {
		t.Errorf("Rows(0, 0) gave %d rows", len(rows))
	}
	var l Log
	_, checkpoint := l.Grow(0)
	must(t, s.Append(t.Context(), 0, nil, nil, checkpoint)) // a checkpoint of nothing is one too
	if h := head(t, s); h.Size != 0 || !bytes.Equal(h.Checkpoint, checkpoint) {
		t.Errorf("Head = %+v, want size 0 and a checkpoint", h)
	}
}

func appendAndRead(t *testing.T, s store.Store) {
	var l Log
	for _, n := range []int{1, 2, 1, 0, 40, 300, 7} { // more than one reading takes at once
		grow(t, s, &l, n)
		if h := head(t, s); h.Size != l.Size() || !bytes.Equal(h.Checkpoint, l.Checkpoint(l.Size())) {
			t.Fatalf("Head has size %d, want %d with its checkpoint", h.Size, l.Size())
		}
	}
	holds(t, s, &l)

	for _, r := range [][2]int64{{0, 1}, {1, 3}, {3, 3}, {100, 20}, {255, 257}, {10, l.Size()}} {
		from, to := r[0], r[1]
		for i, row := range read(t, s, from, to) {
			if diff := Same(row, l.Row(from+int64(i))); diff != "" {
				t.Errorf("Rows(%d, %d) entry %d: %s", from, to, from+int64(i), diff)
			}
		}
		leaves, err := s.Leaves(t.Context(), from, to)
		must(t, err)
		if int64(len(leaves)) != max(0, to-from) {
			t.Errorf("Leaves(%d, %d) gave %d", from, to, len(leaves))
		}
		for i, leaf := range leaves {
			if !bytes.Equal(leaf, l.Row(from+int64(i)).Leaf) {
				t.Errorf("Leaves(%d, %d) entry %d = %q", from, to, from+int64(i), leaf)
			}
		}
	}
	if _, err := s.Index(t.Context(), [32]byte{1}); !errors.Is(err, store.ErrAbsent) {
		t.Errorf("Index of an unknown name = %v, want ErrAbsent", err)
	}
}

// keptApart changes every slice it handed in and every one it got.
func keptApart(t *testing.T, s store.Store) {
	var l, mine Log
	rows, checkpoint := mine.Grow(5)
	l.Grow(5)
	must(t, s.Append(t.Context(), 0, rows, nil, checkpoint))
	spoil := func(r store.Row) {
		for _, b := range append([][]byte{r.Leaf, r.Hashes, r.Envelope}, r.Parts...) {
			for i := range b {
				b[i] ^= 0xff
			}
		}
	}
	for _, r := range rows {
		spoil(r)
	}
	clear(checkpoint)
	for _, r := range read(t, s, 0, 5) {
		spoil(r)
	}
	clear(head(t, s).Checkpoint)
	leaves, err := s.Leaves(t.Context(), 0, 5)
	must(t, err)
	for _, leaf := range leaves {
		clear(leaf)
	}
	holds(t, s, &l)
	if h := head(t, s); !bytes.Equal(h.Checkpoint, l.Checkpoint(5)) {
		t.Errorf("Checkpoint = %q", h.Checkpoint)
	}
}

func endOfTheLog(t *testing.T, s store.Store) {
	var l Log
	grow(t, s, &l, 300)
	for _, from := range []int64{0, 299, 300, 301, math.MaxInt64 - 1} {
		n := int64(0)
		var last error
		for row, err := range s.Rows(t.Context(), from, math.MaxInt64) {
			if last != nil {
				t.Fatalf("Rows(%d, …) went on after %v", from, last)
			}
			if last = err; err != nil {
				continue
			}
			if diff := Same(row, l.Row(from+n)); diff != "" {
				t.Fatalf("entry %d: %s", from+n, diff)
			}
			n++
		}
		if n != max(0, 300-from) || !errors.Is(last, store.ErrAbsent) || errors.Is(last, store.ErrDamaged) {
			t.Errorf("Rows(%d, …) gave %d rows and %v, want %d and ErrAbsent", from, n, last, max(0, 300-from))
		}
		if leaves, err := s.Leaves(t.Context(), from, math.MaxInt64); !errors.Is(err, store.ErrAbsent) || leaves != nil {
			t.Errorf("Leaves(%d, …) = %d leaves and %v, want ErrAbsent", from, len(leaves), err)
		}
	}
	for _, i := range []int64{-1, 300, math.MinInt64, math.MaxInt64} {
		if _, err := s.Row(t.Context(), i); !errors.Is(err, store.ErrAbsent) {
			t.Errorf("Row(%d) = %v, want ErrAbsent", i, err)
		}
	}
	for _, err := range s.Rows(t.Context(), -2, 2) {
		if !errors.Is(err, store.ErrAbsent) {
			t.Errorf("Rows(-2, 2) yields %v, want ErrAbsent", err)
		}
	}
	if _, err := s.Leaves(t.Context(), -2, 2); !errors.Is(err, store.ErrAbsent) {
		t.Errorf("Leaves(-2, 2) = %v, want ErrAbsent", err)
	}
}

func stopEarly(t *testing.T, s store.Store) {
	var l Log
	grow(t, s, &l, 600)
	for stop := range 40 {
		n := 0
		for _, err := range s.Rows(t.Context(), 0, 600) {
			must(t, err)
			if n == stop*10 {
				break
			}
			n++
		}
	}
	// A reader that works on a row may use the store, and write to it.
	for row, err := range s.Rows(t.Context(), 0, 600) {
		must(t, err)
		if _, err := s.Index(t.Context(), row.Hash); err != nil {
			t.Fatal(err)
		}
		if l.Size() < 610 {
			grow(t, s, &l, 1)
		}
	}
	holds(t, s, &l)
}

func largeRows(t *testing.T, s store.Store) {
	l := Log{Parts: func(i int64) [][]byte {
		if i%3 == 0 {
			return [][]byte{[]byte("facts"), bytes.Repeat([]byte{byte(i)}, 3<<20), []byte("end")}
		}
		return [][]byte{[]byte("facts")}
	}}
	grow(t, s, &l, 7)
	holds(t, s, &l)

	largest := Log{Parts: func(int64) [][]byte { return [][]byte{make([]byte, store.MaxPart)} }}
	largest.tree, largest.rows = l.tree, l.rows
	grow(t, s, &largest, 1)
	holds(t, s, &largest)
}

func closed(t *testing.T, s store.Store) {
	var l Log
	grow(t, s, &l, 3)
	must(t, s.Close())
	must(t, s.Close())
	rows, checkpoint := l.Grow(1)
	_, headErr := s.Head(t.Context())
	_, rowErr := s.Row(t.Context(), 0)
	_, indexErr := s.Index(t.Context(), l.Row(0).Hash)
	_, leavesErr := s.Leaves(t.Context(), 0, 1)
	for name, err := range map[string]error{
		"Append": s.Append(t.Context(), 3, rows, nil, checkpoint),
		"Cosign": s.Cosign(t.Context(), 3, l.Cosigned(3, 1)),
		"Head":   headErr, "Row": rowErr, "Index": indexErr, "Leaves": leavesErr,
	} {
		if !errors.Is(err, store.ErrClosed) {
			t.Errorf("%s = %v, want ErrClosed", name, err)
		}
	}
	for _, err := range s.Rows(t.Context(), 0, 1) {
		if !errors.Is(err, store.ErrClosed) {
			t.Errorf("Rows yields %v, want ErrClosed", err)
		}
	}
}

// must ends the test if err is not nil.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func head(t *testing.T, s store.Store) store.Head {
	t.Helper()
	h, err := s.Head(t.Context())
	must(t, err)
	return h
}

// grow appends n new entries.
func grow(t *testing.T, s store.Store, l *Log, n int) {
	t.Helper()
	from := l.Size()
	rows, checkpoint := l.Grow(n)
	must(t, s.Append(t.Context(), from, rows, nil, checkpoint))
}

func read(t *testing.T, s store.Store, from, to int64) (rows []store.Row) {
	t.Helper()
	for row, err := range s.Rows(t.Context(), from, to) {
		must(t, err)
		rows = append(rows, row)
	}
	if int64(len(rows)) != max(0, to-from) {
		t.Fatalf("Rows(%d, %d) gave %d rows", from, to, len(rows))
	}
	return rows
}

// holds fails the test unless the store holds exactly what the log made.
func holds(t *testing.T, s store.Store, l *Log) {
	t.Helper()
	unchanged(t, s, l, l.Size())
}

// unchanged fails the test unless the store holds exactly the first size entries.
func unchanged(t *testing.T, s store.Store, l *Log, size int64) {
	t.Helper()
	if h := head(t, s); h.Size != size || !bytes.Equal(h.Checkpoint, l.Checkpoint(size)) {
		t.Fatalf("Head is of size %d with checkpoint %q, want size %d with its own", h.Size, h.Checkpoint, size)
	}
	for i, row := range read(t, s, 0, size) {
		if diff := Same(row, l.Row(int64(i))); diff != "" {
			t.Fatalf("entry %d: %s", i, diff)
		}
		if at, err := s.Index(t.Context(), row.Hash); err != nil || at != int64(i) {
			t.Fatalf("Index of entry %d = %d, %v", i, at, err)
		}
	}
	for i := size; i < l.Size(); i++ {
		if _, err := s.Index(t.Context(), l.Row(i).Hash); !errors.Is(err, store.ErrAbsent) {
			t.Fatalf("Index of entry %d, which was not appended = %v, want ErrAbsent", i, err)
		}
	}
	if size > 0 {
		row, err := s.Row(t.Context(), size/2)
		must(t, err)
		if diff := Same(row, l.Row(size/2)); diff != "" {
			t.Fatalf("Row(%d): %s", size/2, diff)
		}
	}
	if _, err := s.Row(t.Context(), size); !errors.Is(err, store.ErrAbsent) {
		t.Fatalf("Row(%d), beyond the head = %v, want ErrAbsent", size, err)
	}
}

// parts makes erasures from pairs of index and part.
func parts(pairs ...[2]int) (erase []store.Erasure) {
	for _, p := range pairs {
		erase = append(erase, store.Erasure{Index: int64(p[0]), Part: p[1]})
	}
	return erase
}
