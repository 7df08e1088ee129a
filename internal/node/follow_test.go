package node_test

import (
	"errors"
	"fmt"
	"testing"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/record"
)

// served is what a server hands over of a log's entries: all, the header and facts, or the leaf
// alone, by how much of each.
func served(t *testing.T, n *node.Node, from, to int64, much func(i int64) int) (list []node.Served) {
	t.Helper()
	for i := from; i < to; i++ {
		row, err := n.Row(t.Context(), i)
		if err != nil {
			t.Fatal(err)
		}
		r, err := n.Record(t.Context(), i)
		if err != nil {
			t.Fatal(err)
		}
		e := node.Served{Leaf: row.Leaf}
		switch much(i) {
		case 2:
			e.Record = &r
		case 1:
			part := sealed(r)
			e.Record = &part
		}
		list = append(list, e)
	}
	return list
}

// sealed is a record without the parts behind its facts.
func sealed(r record.Record) record.Record {
	r.Parts = append([]record.Part(nil), r.Parts...)
	for i := range r.Parts {
		if r.Parts[i].Name != "facts" {
			r.Parts[i].Bytes = nil
		}
	}
	return r
}

func openCopy(t *testing.T, st store.Store, side store.Side) *node.Node {
	t.Helper()
	n, err := node.Open(t.Context(), node.Config{Store: st, Side: side, Copy: true, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Close)
	return n
}

// TestFollow copies a log bit by bit: it is the same log at every step, also after being opened
// again, and once everything is known the same mission.
func TestFollow(t *testing.T) {
	s := newStage(t, "follow", nil)
	n := s.open(t, &store.Memory{}, &store.MemorySide{})
	take(t, n, s.mandate)
	take(t, n, s.observer("mina")...)
	take(t, n, s.move("mina", "departure", "A-01", 7))
	first := n.Size()
	checkpoint := n.Checkpoint()

	st, side := &store.Memory{}, &store.MemorySide{}
	c := openCopy(t, st, side)
	field := func(i int64) int {
		if i == first-1 {
			return 0
		}
		return 2
	}
	if problems, err := c.Follow(t.Context(), served(t, n, 0, first, field), checkpoint); err != nil || len(problems) > 0 {
		t.Fatalf("Follow: %v %v", problems, err)
	}
	take(t, n, s.move("mina", "arrival", "A-01", 6), s.move("mina", "departure", "A-02", 5))
	some := func(i int64) int { return int(i) % 2 }
	if problems, err := c.Follow(t.Context(), served(t, n, first, n.Size(), some), n.Checkpoint()); err != nil || len(problems) > 0 {
		t.Fatalf("Follow: %v %v", problems, err)
	}
	same := func(c *node.Node) {
		t.Helper()
		want, err := n.Mission().Tree().Root(n.Size())
		got, e := c.Mission().Tree().Root(c.Size())
		if err != nil || e != nil || c.Size() != n.Size() || got != want || string(c.Checkpoint()) != string(n.Checkpoint()) {
			t.Fatalf("the copy has %d entries and another root (%v)", c.Size(), e)
		}
	}
	same(c)
	c.Close()
	c = openCopy(t, st, side)
	same(c)
	if _, err := c.Record(t.Context(), first-1); !errors.Is(err, node.ErrNotCarried) {
		t.Errorf("a withheld record: %v", err)
	}
	if _, err := c.Submit(t.Context(), s.move("mina", "departure", "A-03", 1)); err == nil {
		t.Error("a copy took a record in")
	}

	opened := map[int64]record.Record{}
	for i := first - 1; i < n.Size(); i++ {
		r, err := n.Record(t.Context(), i)
		if err != nil {
			t.Fatal(err)
		}
		opened[i] = r
	}
	if problems, err := c.Fill(t.Context(), opened); err != nil || len(problems) > 0 {
		t.Fatalf("Fill: %v %v", problems, err)
	}
	same(c)
	open := func(n *node.Node) (say string) {
		n.View(func(v corridor.View) { say = fmt.Sprint(v.OpenConvoys(), v.Convoys()) })
		return say
	}
	if want, got := open(n), open(c); want != got || want == "[] []" {
		t.Errorf("the copy tells %s, the log %s", got, want)
	}
}

// TestFollowRefuses hands a copy what is not the log's next.
func TestFollowRefuses(t *testing.T) {
	s := newStage(t, "refuses", nil)
	n := s.open(t, &store.Memory{}, &store.MemorySide{})
	take(t, n, s.mandate)
	take(t, n, s.observer("mina")...)
	before := n.Size()
	take(t, n, s.move("mina", "departure", "A-01", 7))
	c := openCopy(t, &store.Memory{}, &store.MemorySide{})
	all := func(int64) int { return 2 }
	list := served(t, n, 0, n.Size(), all)
	for name, entries := range map[string][]node.Served{"one too few": list[:before], "out of order": append(append([]node.Served{}, list[1:]...), list[0])} {
		if _, err := c.Follow(t.Context(), entries, n.Checkpoint()); !errors.Is(err, node.ErrNotContinued) {
			t.Errorf("%s: %v", name, err)
		}
	}
	forged := *list[before].Record
	forged.Sig = append([]byte(nil), forged.Sig...)
	forged.Sig[3] ^= 1
	list[before].Record = &forged
	problems, err := c.Follow(t.Context(), list, n.Checkpoint())
	if err != nil || len(problems) != 1 || problems[0].Index != before || problems[0].Rule != "record.signature" {
		t.Errorf("a signature that does not hold: %v, %v", problems, err)
	}
	if _, err := c.Record(t.Context(), before); !errors.Is(err, node.ErrNotCarried) {
		t.Errorf("it was kept: %v", err)
	}
	r, err := n.Record(t.Context(), before)
	if err != nil {
		t.Fatal(err)
	}
	if problems, err := c.Fill(t.Context(), map[int64]record.Record{before: forged}); err != nil || len(problems) != 1 {
		t.Errorf("filled with it: %v, %v", problems, err)
	}
	if problems, err := c.Fill(t.Context(), map[int64]record.Record{before - 1: r}); err != nil || len(problems) != 1 {
		t.Errorf("filled with another: %v, %v", problems, err)
	}
	if problems, err := c.Fill(t.Context(), map[int64]record.Record{before: r}); err != nil || len(problems) != 0 {
		t.Errorf("filled: %v, %v", problems, err)
	}
}
