package node_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"corridor.example/corridor"
	"corridor.example/corridor/record"
)

// told signs an account with a narrative.
func (s *stage) told(by, convoy, text string) record.Record {
	s.t.Helper()
	a := s.author(by)
	return a.sign("departure", nil, facts{
		"facts":     {"convoy": convoy, "when": s.now.String(), "basis": "observed"},
		"count":     {"sums": []any{map[string]any{"unit": "people", "total": 12, "method": "tally"}}},
		"where":     {"place": "gate"},
		"narrative": {"lang": "en", "text": text},
	}, a.random())
}

func (s *stage) erase(r record.Record) record.Record {
	s.t.Helper()
	return s.add("office", "erasure", &r.Hash, facts{"facts": {"parts": []any{"narrative"}, "reason": "danger-to-person"}})
}

// anywhere returns the files of a directory that hold some bytes.
func anywhere(t testing.TB, dir, text string) (found []string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		b, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, []byte(text)) {
			found = append(found, f.Name())
		}
	}
	return found
}

func TestErasure(t *testing.T) {
	const secret, beside = "the-name-nobody-may-read", "what-may-stay"
	s := newStage(t, "erasure", nil)
	dir := t.TempDir()
	st, side, shut := files(t, dir)
	n := s.open(t, st, side)
	all := append([]record.Record{s.mandate}, s.observer("mina")...)
	a, b := s.told("mina", "A-01", secret), s.told("mina", "A-02", beside)
	all = append(all, a, b)
	take(t, n, all...)
	if len(anywhere(t, dir, secret)) == 0 {
		t.Fatal("the narrative is not in the files even before it is erased")
	}
	order := s.erase(a)
	take(t, n, order)
	all = append(all, order)
	if found := anywhere(t, dir, secret); len(found) > 0 {
		t.Errorf("what was erased is still in %v", found)
	}
	if len(anywhere(t, dir, beside)) == 0 {
		t.Error("what was not erased is gone")
	}
	row, err := n.Row(t.Context(), 5)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range a.Header.Parts {
		if gone := row.Parts[i] == nil; gone != (p.Name == "narrative") {
			t.Errorf("part %q: erased %v", p.Name, gone)
		}
	}
	n.View(func(v corridor.View) {
		if h, ok := v.Erased(a.Hash, "narrative"); !ok || h != order.Hash {
			t.Errorf("Erased = %s, %v", h.Short(), ok)
		}
	})

	// Told and erased in one batch, erased twice, and erased where there is nothing.
	c := s.told("mina", "A-03", secret)
	more := []record.Record{c, s.erase(c), s.erase(c), s.erase(b), s.erase(s.mandate)}
	take(t, n, more...)
	all = append(all, more...)
	for _, text := range []string{secret, beside} {
		if found := anywhere(t, dir, text); len(found) > 0 {
			t.Errorf("%q is still in %v", text, found)
		}
	}
	s.holds(t, st, all...)

	// A repeat brings nothing back, and a restart misses nothing.
	if got, err := n.Submit(t.Context(), a); err != nil || got.New {
		t.Errorf("a repeat of what was erased in part: new %v, %v", got.New, err)
	}
	n.Close()
	shut()
	if found := anywhere(t, dir, secret); len(found) > 0 {
		t.Errorf("what was erased is still in %v after closing", found)
	}
	st, side, _ = files(t, dir)
	n = s.open(t, st, side)
	last := s.move("mina", "arrival", "A-01", 12)
	take(t, n, last)
	s.holds(t, st, append(all, last)...)
	if found := anywhere(t, dir, secret); len(found) > 0 {
		t.Errorf("what was erased is back in %v", found)
	}
}

// TestErasureThatFailed loses the commit of an erasure, and with it the erasure.
func TestErasureThatFailed(t *testing.T) {
	const secret = "still-to-be-read"
	s := newStage(t, "erasure fails", nil)
	dir := t.TempDir()
	file, side, _ := files(t, dir)
	st := &brittle{Store: file}
	n := s.open(t, st, side)
	a := s.told("office", "A-01", secret)
	take(t, n, s.mandate, a)
	order := s.erase(a)
	st.next("before")
	if _, err := n.Submit(t.Context(), order); err == nil {
		t.Fatal("acknowledged over a broken disk")
	}
	r, err := n.Record(t.Context(), 1)
	if err != nil || !bytes.Contains(r.Part("narrative"), []byte(secret)) {
		t.Errorf("the narrative is %q, %v: erased without a record of it", r.Part("narrative"), err)
	}
	take(t, n, order)
	if r, err = n.Record(t.Context(), 1); err != nil || r.Part("narrative") != nil {
		t.Errorf("the narrative is %q, %v", r.Part("narrative"), err)
	}
}
