package storetest

import (
	"errors"
	"testing"

	"corridor.example/corridor/internal/store"
)

// RunFill tests what a Filler promises. Open makes a new, empty one each time.
func RunFill(t *testing.T, open func(t *testing.T) store.Filler) {
	s := open(t)
	defer s.Close()
	l := Log{Parts: func(int64) [][]byte { return [][]byte{[]byte("a"), []byte("b")} }}
	rows, checkpoint := l.Grow(3)
	half := append([]store.Row(nil), rows...)
	half[1].Envelope, half[1].Parts = []byte(store.NotCarried), nil
	half[2].Parts = [][]byte{[]byte("a"), nil}
	must(t, s.Append(t.Context(), 0, half, nil, checkpoint))
	for i, want := range []bool{true, false, true} {
		if r, err := s.Row(t.Context(), int64(i)); err != nil || r.Carried() != want {
			t.Errorf("entry %d: carried %v, %v", i, r.Carried(), err)
		}
	}
	for name, f := range map[string]store.Fill{
		"another envelope": {Index: 2, Envelope: rows[1].Envelope, Parts: rows[2].Parts},
		"more parts":       {Index: 2, Envelope: rows[2].Envelope, Parts: [][]byte{nil, nil, nil}},
		"no envelope":      {Index: 1, Parts: rows[1].Parts},
	} {
		if err := s.Fill(t.Context(), []store.Fill{f}); err == nil {
			t.Errorf("%s was written", name)
		}
	}
	if err := s.Fill(t.Context(), []store.Fill{{Index: 3, Envelope: rows[1].Envelope}}); !errors.Is(err, store.ErrAbsent) {
		t.Errorf("Fill = %v, want ErrAbsent", err)
	}
	must(t, s.Fill(t.Context(), []store.Fill{
		{Index: 1, Envelope: rows[1].Envelope, Parts: [][]byte{nil, []byte("b")}},
		{Index: 2, Envelope: rows[2].Envelope, Parts: [][]byte{[]byte("x"), []byte("b")}},
	}))
	must(t, s.Fill(t.Context(), []store.Fill{{Index: 1, Envelope: rows[1].Envelope, Parts: [][]byte{[]byte("a"), nil}}}))
	holds(t, s, &l) // "x" is not in place of what was there
}
