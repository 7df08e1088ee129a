package node_test

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/ledger"
)

// altered is a store that shows its rows and head otherwise than they are.
type altered struct {
	store.Store
	row  func(i int64, r *store.Row)
	head func(*store.Head)
}

func (a altered) Head(ctx context.Context) (store.Head, error) {
	h, err := a.Store.Head(ctx)
	if a.head != nil {
		a.head(&h)
	}
	return h, err
}

func (a altered) Rows(ctx context.Context, from, to int64) iter.Seq2[store.Row, error] {
	return func(yield func(store.Row, error) bool) {
		i := from
		for r, err := range a.Store.Rows(ctx, from, to) {
			if a.row != nil && err == nil {
				a.row(i, &r)
			}
			if i++; !yield(r, err) {
				return
			}
		}
	}
}

// TestOpenRefuses opens nodes over logs somebody has been at. None may start, and each must
// say what it found.
func TestOpenRefuses(t *testing.T) {
	s, n, st, side, _, _ := watched(t, "tampered", 1, 1, nil)
	take(t, n, s.observer("mina")...)
	a, b := s.told("mina", "A-01", "a word"), s.told("mina", "A-02", "a word more")
	take(t, n, a, b)
	if err := n.Tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	take(t, n, s.erase(a), s.move("mina", "arrival", "A-01", 1))
	n.Close()
	head, err := st.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	other := s.move("mina", "arrival", "A-02", 1)
	resigned := func(tree *ledger.Tree) []byte { return signTree(t, s, tree) }
	row := func(at int64, change func(*store.Row)) altered {
		return altered{Store: st, row: func(i int64, r *store.Row) {
			if i == at {
				change(r)
			}
		}}
	}
	with := func(change func(*store.Head)) altered { return altered{Store: st, head: change} }
	flip := func(b []byte) []byte {
		b = bytes.Clone(b)
		b[len(b)/2] ^= 1
		return b
	}
	swapped := func(i, j int64) altered {
		x, _ := st.Row(t.Context(), i)
		y, _ := st.Row(t.Context(), j)
		return altered{Store: st, row: func(k int64, r *store.Row) {
			hashes := r.Hashes
			switch k {
			case i:
				*r = y
				r.Hashes = hashes
			case j:
				*r = x
				r.Hashes = hashes
			}
		}}
	}
	var short ledger.Tree
	for i := range int64(5) {
		r, err := st.Row(t.Context(), i)
		if err != nil {
			t.Fatal(err)
		}
		short.Append(r.Leaf)
	}
	for what, c := range map[string]struct {
		st   store.Store
		says string
	}{
		"a header altered":            {row(5, func(r *store.Row) { r.Envelope = flip(r.Envelope) }), "entry 5"},
		"another record in its place": {row(5, func(r *store.Row) { r.Envelope = other.Envelope() }), "entry 5"},
		"a leaf altered":              {row(5, func(r *store.Row) { r.Leaf = flip(r.Leaf) }), "entry 5: its leaf is not"},
		"a name altered":              {row(5, func(r *store.Row) { r.Hash[0] ^= 1 }), "entry 5: it stands under another record hash"},
		"a tree hash altered":         {row(5, func(r *store.Row) { r.Hashes = flip(r.Hashes) }), "entry 5: its tree hashes are not"},
		"a figure altered":            {row(6, func(r *store.Row) { r.Parts[1] = bytes.Replace(r.Parts[1], []byte("12"), []byte("13"), 1) }), "entry 6"},
		"a figure missing":            {row(6, func(r *store.Row) { r.Parts[1] = nil }), `entry 6: its part "count" is missing and nobody ordered it erased`},
		"a narrative missing":         {row(6, func(r *store.Row) { r.Parts[3] = nil }), `entry 6: its part "narrative" is missing and nobody ordered it erased`},
		"a part too many":             {row(6, func(r *store.Row) { r.Parts = append(r.Parts, []byte("x")) }), "entry 6: it has 5 parts"},
		"a part too few":              {row(6, func(r *store.Row) { r.Parts = r.Parts[:3] }), "entry 6: it has 3 parts"},
		"two entries exchanged":       {swapped(5, 6), "entry 5: its tree hashes are not"},
		"no checkpoint":               {with(func(h *store.Head) { h.Checkpoint = nil }), "the newest checkpoint"},
		"a checkpoint altered":        {with(func(h *store.Head) { h.Checkpoint = flip(h.Checkpoint) }), "the newest checkpoint"},
		"a shorter checkpoint":        {with(func(h *store.Head) { h.Checkpoint = resigned(&short) }), "the newest checkpoint is of size 5 and the head of 9"},
		"cut to a shorter checkpoint": {with(func(h *store.Head) { h.Size, h.Checkpoint = 5, resigned(&short) }), "cosigned"},
		"cut, and the cosigned too":   {with(func(h *store.Head) { h.Size, h.Checkpoint, h.Cosigned = 5, resigned(&short), nil }), "witnesses have cosigned 7 records and the log has 5"},
		"a checkpoint over a fork":    {with(func(h *store.Head) { h.Checkpoint = forked(t, s, other, 9) }), "is not of the 9 records stored"},
		"a cosigned over a fork":      {with(func(h *store.Head) { h.Cosigned = forked(t, s, other, 7) }), "the newest cosigned checkpoint of size 7 is not of the 9 records stored"},
		"a head beyond the rows":      {with(func(h *store.Head) { h.Size = 10 }), "entry 9"},
		"an emptied log":              {&store.Memory{}, "witnesses have cosigned 7 records and the log has 0"},
		"a head that cannot be read":  {&brittle{Store: st, blind: true}, errDisk.Error()},
	} {
		t.Run(what, func(t *testing.T) {
			n, err := s.tryOpen(t.Context(), c.st, side)
			if err == nil {
				n.Close()
				t.Fatal("the node started")
			}
			if !strings.Contains(err.Error(), c.says) {
				t.Errorf("Open = %v, want it to say %q", err, c.says)
			}
		})
	}
	t.Run("another log key", func(t *testing.T) {
		_, err := s.tryOpen(t.Context(), st, side, func(c *node.Config) { c.LogKey = key("another") })
		if !refusedFor(err, "mandate.log-key") {
			t.Errorf("Open = %v", err)
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := s.tryOpen(gone, st, side); !errors.Is(err, context.Canceled) {
			t.Errorf("Open = %v", err)
		}
	})
	// The log itself is sound.
	n, err = s.tryOpen(t.Context(), st, side)
	if err != nil {
		t.Fatal(err)
	}
	n.Close()
	if h, err := st.Head(t.Context()); err != nil || !bytes.Equal(h.Checkpoint, head.Checkpoint) {
		t.Errorf("the head changed: %v", err)
	}
}

// TestOpenTellsProgress starts over a log of several chunks and watches the count.
func TestOpenTellsProgress(t *testing.T) {
	s := newStage(t, "progress", nil)
	st, side := &store.Memory{}, &store.MemorySide{}
	n := s.open(t, st, side)
	take(t, n, s.mandate)
	take(t, n, s.observer("mina")...)
	recs := s.accounts([]string{"mina"}, 700)[0]
	take(t, n, recs...)
	root := rootOf(t, n)
	n.Close()
	var told []int64
	n = s.open(t, st, side, func(c *node.Config) {
		c.Progress = func(done, total int64) {
			if total != 705 {
				t.Errorf("progress of %d, want 705", total)
			}
			told = append(told, done)
		}
	})
	if len(told) < 3 || !slices.IsSorted(told) || told[len(told)-1] != 705 {
		t.Errorf("progress %v", told)
	}
	if rootOf(t, n) != root {
		t.Error("the fold after a restart is another")
	}
	got, err := n.Submit(t.Context(), recs[3])
	if err != nil || got.New {
		t.Errorf("a repeat after a restart: new %v, %v", got.New, err)
	}
}

func rootOf(t testing.TB, n *node.Node) (root ledger.Hash) {
	t.Helper()
	n.View(func(v corridor.View) {
		var err error
		if root, err = v.Root(); err != nil {
			t.Fatal(err)
		}
	})
	return root
}

func TestRead(t *testing.T) {
	s := newStage(t, "read", nil)
	st := &store.Memory{}
	if _, _, err := node.Read(t.Context(), st); err == nil {
		t.Error("an empty log was read as a mission")
	}
	n := s.open(t, st, &store.MemorySide{})
	take(t, n, s.mandate)
	take(t, n, s.observer("mina")...)
	m, head, err := node.Read(t.Context(), st)
	if err != nil || m.Size() != 5 || head.Size != 5 || m.Founder() != s.mandate.Hash {
		t.Errorf("Read = %d records, head %d, %v", m.Size(), head.Size, err)
	}
}
