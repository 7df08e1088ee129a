package node_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// rule returns the rule an error names, and whether it says never or later.
func rule(err error) (name, sort string) {
	var refusal *corridor.Refusal
	var later *corridor.Later
	switch {
	case errors.As(err, &refusal):
		return refusal.Rule, "refused"
	case errors.As(err, &later):
		return later.Rule, "later"
	case err != nil:
		return err.Error(), "fault"
	}
	return "", "logged"
}

// checkReceipt fails the test unless a receipt proves that the record is in the log.
func (s *stage) checkReceipt(t testing.TB, r record.Record, got node.Receipt) ledger.Checkpoint {
	t.Helper()
	p, err := ledger.ParseProof(got.Proof)
	if err != nil {
		t.Fatal(err)
	}
	c, err := p.CheckLog(leaf(r), s.verifier())
	if err != nil {
		t.Fatal(err)
	}
	if got.Hash != r.Hash || p.Index != got.Index || c.Size != got.Size || c.Origin != s.origin {
		t.Fatalf("receipt of %s says %s, entry %d of %d in %s; its proof entry %d of %d in %s", r.Hash.Short(), got.Hash.Short(), got.Index, got.Size, s.origin, p.Index, c.Size, c.Origin)
	}
	return c
}

// holds fails the test unless the store has exactly these records in this order, each once,
// and a head that is signed over them and nothing else.
func (s *stage) holds(t testing.TB, st store.Store, want ...record.Record) {
	t.Helper()
	head, err := st.Head(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if head.Size != int64(len(want)) {
		t.Fatalf("the log has %d entries, want %d", head.Size, len(want))
	}
	var tree ledger.Tree
	for row, err := range st.Rows(context.Background(), 0, head.Size) {
		if err != nil {
			t.Fatal(err)
		}
		if i := tree.Size(); row.Hash != want[i].Hash {
			t.Fatalf("entry %d is %x, want the %s %s", i, row.Hash[:4], want[i].Header.Kind, want[i].Hash.Short())
		}
		tree.Append(row.Leaf)
	}
	if head.Size == 0 {
		return
	}
	c, err := ledger.OpenCheckpoint(head.Checkpoint, s.verifier())
	if err != nil {
		t.Fatal(err)
	}
	if root, err := tree.Root(head.Size); err != nil || c.Root != root || c.Size != head.Size {
		t.Fatalf("the head signs size %d and root %s; the rows have %d and %s (%v)", c.Size, c.Root, head.Size, root, err)
	}
}

func TestWholeMissionInOneBatch(t *testing.T) {
	s := newStage(t, "batch", nil)
	st := &store.Memory{}
	n := s.open(t, st, &store.MemorySide{})
	recs := append([]record.Record{s.mandate}, s.observer("mina")...)
	recs = append(recs, s.move("mina", "departure", "A-01", 122))
	recs = append(recs, s.observer("omar")...)
	recs = append(recs, s.move("omar", "arrival", "A-01", 120), s.move("mina", "arrival", "A-01", 121))
	for i, a := range n.SubmitAll(t.Context(), recs) {
		if a.Err != nil {
			t.Fatalf("record %d, a %s: %v", i, recs[i].Header.Kind, a.Err)
		}
		if !a.Receipt.New || a.Receipt.Index != int64(i) {
			t.Errorf("record %d: receipt says entry %d, new %v", i, a.Receipt.Index, a.Receipt.New)
		}
		s.checkReceipt(t, recs[i], a.Receipt)
	}
	s.holds(t, st, recs...)
	n.View(func(v corridor.View) {
		for i := range v.Size() {
			if e := v.Entry(i); len(e.Findings) > 0 || e.Refused != nil {
				t.Errorf("entry %d, a %s: %v %v", i, e.Kind, e.Findings, e.Refused)
			}
		}
	})
}

func TestReceiptsOfManySenders(t *testing.T) {
	s := newStage(t, "senders", nil)
	st, side, _ := files(t, t.TempDir())
	n := s.open(t, st, side)
	take(t, n, s.mandate)
	who := names(8)
	for _, o := range who {
		take(t, n, s.observer(o)...)
	}
	var wg sync.WaitGroup
	for i, list := range s.accounts(who, 25) {
		wg.Go(func() {
			for j, r := range list {
				got, err := n.Submit(context.Background(), r)
				if err != nil {
					t.Errorf("sender %d, record %d: %v", i, j, err)
					return
				}
				s.checkReceipt(t, r, got)
				if again, ok, err := n.Receipt(r.Hash); !ok || err != nil || again.Index != got.Index {
					t.Errorf("sender %d, record %d: Receipt = entry %d, %v, %v, want %d", i, j, again.Index, ok, err, got.Index)
				}
			}
		})
	}
	wg.Wait()
	if got, want := n.Size(), int64(1+4*8+25*8); got != want {
		t.Errorf("the log has %d records, want %d", got, want)
	}
}

func TestRepeatGetsTheFirstReceipt(t *testing.T) {
	s := newStage(t, "repeat", nil)
	dir := t.TempDir()
	st, side, shut := files(t, dir)
	n := s.open(t, st, side)
	all := append([]record.Record{s.mandate}, s.observer("mina")...)
	take(t, n, all...)
	r := s.move("mina", "departure", "A-01", 122)
	all = append(all, r)

	answers := n.SubmitAll(t.Context(), []record.Record{r, r})
	for i, a := range answers {
		if a.Err != nil || a.Receipt.Index != 5 || a.Receipt.New != (i == 0) {
			t.Errorf("copy %d in one batch: entry %d, new %v, %v", i, a.Receipt.Index, a.Receipt.New, a.Err)
		}
	}
	bare := r // as it travels where parts are not carried
	bare.Parts = append([]record.Part{}, r.Parts...)
	for i := range bare.Parts {
		bare.Parts[i].Bytes = nil
	}
	var wg sync.WaitGroup
	for _, again := range []record.Record{r, bare, r, r, bare, r, s.mandate} {
		wg.Go(func() {
			got, err := n.Submit(context.Background(), again)
			if err != nil || got.New {
				t.Errorf("a repeat: new %v, %v", got.New, err)
				return
			}
			s.checkReceipt(t, again, got)
		})
	}
	wg.Wait()
	forged := r
	forged.Sig = append([]byte{}, r.Sig...)
	forged.Sig[7] ^= 1
	if _, err := n.Submit(t.Context(), forged); err == nil {
		t.Error("a repeat with a false signature got a receipt")
	}
	s.holds(t, st, all...)

	n.Close()
	shut()
	st, side, _ = files(t, dir)
	n = s.open(t, st, side)
	if got, err := n.Submit(t.Context(), r); err != nil || got.New || got.Index != 5 {
		t.Errorf("a repeat after a restart: entry %d, new %v, %v", got.Index, got.New, err)
	}
	s.holds(t, st, all...)
}

func TestWhatMustWait(t *testing.T) {
	s := newStage(t, "wait", nil)
	st := &store.Memory{}
	n := s.open(t, st, &store.MemorySide{})
	first := s.observer("mina")
	early := s.move("mina", "departure", "A-01", 122)
	if _, err := n.Submit(t.Context(), first[0]); !laterFor(err, "key.unknown") {
		t.Errorf("a nomination before the mandate: %v, want later", err)
	}
	take(t, n, s.mandate)
	if _, err := n.Submit(t.Context(), early); !laterFor(err, "key.unknown") {
		t.Errorf("an account before its observer's nomination: %v, want later", err)
	}
	// Sent in the wrong order it waits; what comes with it does not.
	answers := n.SubmitAll(t.Context(), []record.Record{early, first[0], first[1], first[2], first[3]})
	if !laterFor(answers[0].Err, "key.unknown") {
		t.Errorf("an account sent before the nomination beside it: %v, want later", answers[0].Err)
	}
	for i, a := range answers[1:] {
		if a.Err != nil {
			t.Errorf("record %d beside it: %v", i+1, a.Err)
		}
	}
	s.holds(t, st, append([]record.Record{s.mandate}, first...)...)
	take(t, n, early)
	s.holds(t, st, append(append([]record.Record{s.mandate}, first...), early)...)
}

func laterFor(err error, want string) bool {
	name, sort := rule(err)
	return sort == "later" && name == want
}

// TestManyUnknownKeys hands in a batch in which every second record's key is unknown. They
// must not be gone through again for every one of them.
func TestManyUnknownKeys(t *testing.T) {
	s := newStage(t, "many", nil)
	n := s.open(t, &store.Memory{}, &store.MemorySide{})
	take(t, n, s.mandate)
	take(t, n, s.observer("mina")...)
	var recs []record.Record
	for range 300 {
		recs = append(recs, s.move("mina", "departure", "A-01", 122), s.move("stranger", "departure", "A-01", 122))
	}
	for i, a := range n.SubmitAll(t.Context(), recs) {
		if i%2 == 0 && a.Err != nil || i%2 == 1 && !laterFor(a.Err, "key.unknown") {
			t.Fatalf("record %d: %v", i, a.Err)
		}
	}
	if n.Size() != 305 {
		t.Errorf("the log has %d records, want 305", n.Size())
	}
}

func TestWhatIsNeverLogged(t *testing.T) {
	s := newStage(t, "here", nil)
	st := &store.Memory{}
	n := s.open(t, st, &store.MemorySide{})
	all := append([]record.Record{s.mandate}, s.observer("mina")...)
	take(t, n, all...)

	other := newStage(t, "there", nil)
	known := newStage(t, "elsewhere", nil) // another mission of the same people
	for _, who := range []string{"office", "mina"} {
		known.author(who).key = s.author(who).key
	}
	good := s.move("mina", "departure", "A-01", 122)
	sign := func(a *author, exercise bool, change func(*record.Header)) record.Record {
		h := good.Header
		change(&h)
		r, err := record.Sign(a.key, exercise, h, good.Parts)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	same := func(*record.Header) {}
	forged, empty := good, good
	forged.Sig = append([]byte{}, good.Sig...)
	forged.Sig[0] ^= 1
	empty.Parts = append([]record.Part{}, good.Parts...)
	empty.Parts[1].Bytes = nil

	for _, c := range []struct {
		what string
		r    record.Record
		rule string
	}{
		{"a record of another mission, whose key is known", known.move("mina", "departure", "A-01", 1), "record.mission"},
		{"a record of another mission, whose key is not known", other.move("omar", "departure", "A-01", 1), "record.mission"},
		{"a real record in an exercise", sign(s.author("mina"), false, same), "record.exercise"},
		{"a real record with an unknown key", sign(s.author("stranger"), false, same), "record.exercise"},
		{"another mission's mandate", other.mandate, "mandate.second"},
		{"an unknown kind", sign(s.author("mina"), true, func(h *record.Header) { h.Kind = "rumour" }), "kind.unknown"},
		{"an unknown kind with an unknown key", sign(s.author("stranger"), true, func(h *record.Header) { h.Kind = "rumour" }), "kind.unknown"},
		{"a header in another's name", sign(s.author("mina"), true, func(h *record.Header) { h.By = "omar" }), "record.by"},
		{"a false signature", forged, "record.signature"},
		{"a part that is not carried", empty, "record.parts-missing"},
	} {
		_, err := n.Submit(t.Context(), c.r)
		if name, sort := rule(err); sort != "refused" || name != c.rule {
			t.Errorf("%s: %s %s (%v), want it refused by %s", c.what, sort, name, err, c.rule)
		}
	}
	s.holds(t, st, all...)
	take(t, n, good) // what was refused beside it has not spoilt it
	s.holds(t, st, append(all, good)...)
}

func TestWhatFoundsNothing(t *testing.T) {
	s := newStage(t, "founding", nil)
	st := &store.Memory{}
	n := s.open(t, st, &store.MemorySide{})
	foreign := newStage(t, "foreign", nil) // its log key is another
	if _, err := n.Submit(t.Context(), foreign.mandate); !refusedFor(err, "mandate.log-key") {
		t.Errorf("a mandate that names another log key: %v", err)
	}
	forged := s.mandate
	forged.Sig = append([]byte{}, s.mandate.Sig...)
	forged.Sig[0] ^= 1
	if _, err := n.Submit(t.Context(), forged); !refusedFor(err, "record.signature") {
		t.Errorf("a mandate with a false signature: %v", err)
	}
	if n.Founded() || n.Checkpoint() != nil || n.VerifierKey() != "" {
		t.Error("the node believes that it is founded")
	}
	s.holds(t, st)
	take(t, n, s.mandate)
	s.holds(t, st, s.mandate)
	if n.VerifierKey() != s.vkey {
		t.Errorf("VerifierKey() = %q, want %q", n.VerifierKey(), s.vkey)
	}
}

func refusedFor(err error, want string) bool {
	name, sort := rule(err)
	return sort == "refused" && name == want
}

func TestEquivocationIsLoggedTwice(t *testing.T) {
	s := newStage(t, "equivocation", nil)
	st := &store.Memory{}
	n := s.open(t, st, &store.MemorySide{})
	all := append([]record.Record{s.mandate}, s.observer("mina")...)
	take(t, n, all...)
	a := s.author("mina")
	seq, last := a.seq, a.last
	one := s.move("mina", "departure", "A-01", 122)
	a.seq, a.last = seq, last
	two := s.move("mina", "departure", "A-01", 222)
	if one.Header.Seq != two.Header.Seq || one.Hash == two.Hash {
		t.Fatal("the two records do not equivocate")
	}
	take(t, n, one)
	take(t, n, two)
	s.holds(t, st, append(all, one, two)...)
	n.View(func(v corridor.View) {
		for i := v.Size() - 2; i < v.Size(); i++ {
			if f := v.Findings(i); len(f) != 1 || f[0].Rule != corridor.FindingEquivocates {
				t.Errorf("entry %d: %v, want %s", i, f, corridor.FindingEquivocates)
			}
		}
	})
}

func TestReceiptAt(t *testing.T) {
	s := newStage(t, "receipt at", nil)
	n := s.open(t, &store.Memory{}, &store.MemorySide{})
	take(t, n, s.mandate)
	take(t, n, s.observer("mina")...)
	early := n.Checkpoint()
	r := s.move("mina", "departure", "A-01", 122)
	take(t, n, r)
	got, ok, err := n.ReceiptAt(s.mandate.Hash, early)
	if err != nil || !ok || got.Size != 5 {
		t.Fatalf("ReceiptAt = size %d, %v, %v, want 5", got.Size, ok, err)
	}
	if c := s.checkReceipt(t, s.mandate, got); c.Size != 5 {
		t.Errorf("the proof leads to size %d, want 5", c.Size)
	}
	if _, ok, err := n.ReceiptAt(r.Hash, early); ok || err != nil {
		t.Errorf("ReceiptAt of a record beyond the checkpoint = %v, %v", ok, err)
	}
	if _, ok, err := n.ReceiptAt(record.Hash{1}, n.Checkpoint()); ok || err != nil {
		t.Errorf("ReceiptAt of no record = %v, %v", ok, err)
	}
	if _, ok, err := n.Receipt(record.Hash{1}); ok || err != nil {
		t.Errorf("Receipt of no record = %v, %v", ok, err)
	}
}
