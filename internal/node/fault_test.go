package node_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

var errDisk = errors.New("the disk has had enough")

// A brittle store fails when it is told to.
type brittle struct {
	store.Store
	mu      sync.Mutex
	fail    []string      // what the next Appends do: "before", "after" (it happened), "" (nothing amiss)
	blind   bool          // heads and rows cannot be read either
	appends int           // that were tried
	gate    chan struct{} // an Append waits for it, if there is one
}

func (b *brittle) next(kind ...string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fail = append(b.fail, kind...)
}

func (b *brittle) Append(ctx context.Context, from int64, rows []store.Row, erase []store.Erasure, checkpoint []byte) error {
	b.mu.Lock()
	b.appends++
	kind, gate := "", b.gate
	if len(b.fail) > 0 {
		kind, b.fail = b.fail[0], b.fail[1:]
	}
	b.mu.Unlock()
	if gate != nil {
		<-gate
	}
	if kind == "before" {
		return errDisk
	}
	if err := b.Store.Append(ctx, from, rows, erase, checkpoint); err != nil || kind == "" {
		return err
	}
	return errDisk
}

func (b *brittle) Head(ctx context.Context) (store.Head, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.blind {
		return store.Head{}, errDisk
	}
	return b.Store.Head(ctx)
}

// tried returns how many Appends there were.
func (b *brittle) tried() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.appends
}

func TestCommitThatFailed(t *testing.T) {
	s := newStage(t, "fails", founding{"quotas": []any{map[string]any{"class": "movement", "per_day": 2}}})
	st := &brittle{Store: &store.Memory{}}
	n := s.open(t, st, &store.MemorySide{})
	all := append([]record.Record{s.mandate}, s.observer("mina")...)
	take(t, n, all...)
	one, two, three := s.move("mina", "departure", "A-01", 1), s.move("mina", "departure", "A-01", 2), s.move("mina", "departure", "A-01", 3)

	st.next("before")
	before := n.Checkpoint()
	if _, err := n.Submit(t.Context(), one); !errors.Is(err, errDisk) {
		t.Fatalf("Submit over a broken disk: %v", err)
	}
	if string(n.Checkpoint()) != string(before) || n.Size() != 5 {
		t.Error("something was published that is not committed")
	}
	n.View(func(v corridor.View) {
		if _, ok := v.Find(one.Hash); ok {
			t.Error("a record that is not committed is in the view")
		}
	})
	if _, ok, _ := n.Receipt(one.Hash); ok {
		t.Error("a record that is not committed has a receipt")
	}
	if n.Failing() != nil {
		t.Errorf("Failing() = %v after a failure that was got over", n.Failing())
	}
	s.holds(t, st, all...)

	// The fold goes on from what is stored, and what failed was not counted.
	take(t, n, two)
	take(t, n, one)
	if _, err := n.Submit(t.Context(), three); !laterFor(err, "quota.full") {
		t.Errorf("a third record of two a day: %v", err)
	}
	s.holds(t, st, append(all, two, one)...)
}

func TestCommitThatHappenedAllTheSame(t *testing.T) {
	s := newStage(t, "ambiguous", nil)
	st := &brittle{Store: &store.Memory{}}
	side := &store.MemorySide{}
	n := s.open(t, st, side)
	all := append([]record.Record{s.mandate}, s.observer("mina")...)
	take(t, n, all...)
	r := s.move("mina", "departure", "A-01", 122)
	st.next("after")
	got, err := n.Submit(t.Context(), r)
	if err != nil || !got.New || got.Index != 5 {
		t.Fatalf("a record whose commit happened and was reported as failed: entry %d, new %v, %v", got.Index, got.New, err)
	}
	s.checkReceipt(t, r, got)
	s.holds(t, st, append(all, r)...)
	if n.Size() != 6 {
		t.Errorf("Size() = %d, want 6", n.Size())
	}
	next := s.move("mina", "arrival", "A-01", 122)
	take(t, n, next)
	s.holds(t, st, append(all, r, next)...)
	n.Close() // notes are written by then
	if _, err := side.ReceivedAt(t.Context(), r.Hash); err != nil {
		t.Errorf("it was not noted when the record came: %v", err)
	}
}

// TestFoundingThatFailed founds again, under another mandate, after the first was lost.
func TestFoundingThatFailed(t *testing.T) {
	one, two := newStage(t, "found", nil), newStageOf(t, "found", "found again", nil) // two logs of one key
	if one.origin == two.origin || one.vkey == two.vkey {
		t.Fatal("the logs have one name")
	}
	st := &brittle{Store: &store.Memory{}}
	n := one.open(t, st, &store.MemorySide{})
	st.next("before")
	if _, err := n.Submit(t.Context(), one.mandate); !errors.Is(err, errDisk) {
		t.Fatal(err)
	}
	if n.Founded() || n.VerifierKey() != "" {
		t.Error("the node believes that it is founded")
	}
	take(t, n, two.mandate)
	two.holds(t, st, two.mandate)
}

func TestStoreThatCannotBeRead(t *testing.T) {
	s := newStage(t, "blind", nil)
	st := &brittle{Store: &store.Memory{}}
	n := s.open(t, st, &store.MemorySide{})
	all := append([]record.Record{s.mandate}, s.observer("mina")...)
	take(t, n, all...)
	r, late := s.move("mina", "departure", "A-01", 122), s.move("mina", "arrival", "A-01", 122)

	st.next("after", "after")
	st.mu.Lock()
	st.blind = true
	st.mu.Unlock()
	for _, x := range []record.Record{r, late} {
		if _, err := n.Submit(t.Context(), x); err == nil {
			t.Error("a receipt over a store that cannot be read")
		}
	}
	if n.Failing() == nil {
		t.Error("Failing() = nil")
	}
	if n.Size() != 5 {
		t.Errorf("Size() = %d: what may not be committed is shown", n.Size())
	}
	if got, err := n.Submit(t.Context(), s.mandate); err == nil && got.Index != 0 {
		t.Errorf("a repeat: %+v", got)
	}
	st.mu.Lock()
	st.blind = false
	st.mu.Unlock()
	take(t, n, late, r) // the first was committed, the second not
	if n.Failing() != nil {
		t.Errorf("Failing() = %v", n.Failing())
	}
	s.holds(t, st, append(all, r, late)...)
}

// TestStoreThatWentBack puts an old copy under a running node.
func TestStoreThatWentBack(t *testing.T) {
	s := newStage(t, "back", nil)
	st := &brittle{Store: &store.Memory{}}
	n := s.open(t, st, &store.MemorySide{})
	take(t, n, s.mandate)
	old := &store.Memory{}
	copyLog(t, st, old)
	take(t, n, s.observer("mina")...)
	st.Store = old
	_, err := n.Submit(t.Context(), s.move("mina", "departure", "A-01", 122))
	if err == nil || !strings.Contains(err.Error(), "put back") {
		t.Errorf("Submit over an old copy: %v", err)
	}
	s.holds(t, old, s.mandate)
}

// copyLog makes a copy of a log, all in one Append.
func copyLog(t testing.TB, from, to store.Store) {
	t.Helper()
	ctx := context.Background()
	head, err := from.Head(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var rows []store.Row
	for row, err := range from.Rows(ctx, 0, head.Size) {
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
	if err := to.Append(ctx, 0, rows, nil, head.Checkpoint); err != nil {
		t.Fatal(err)
	}
	if head.Cosigned != nil {
		c, err := ledger.ParseCheckpoint(head.Cosigned)
		if err != nil {
			t.Fatal(err)
		}
		if err := to.Cosign(ctx, c.Size, head.Cosigned); err != nil {
			t.Fatal(err)
		}
	}
}

func TestUnknownKeysSplitNoCommit(t *testing.T) {
	s := newStage(t, "split", nil)
	st := &brittle{Store: &store.Memory{}}
	n := s.open(t, st, &store.MemorySide{})
	take(t, n, s.mandate)
	take(t, n, s.observer("mina")...)
	var recs []record.Record
	for range 100 {
		recs = append(recs, s.move("mina", "departure", "A-01", 122), s.move("stranger", "departure", "A-01", 122))
	}
	st.appends = 0
	for i, a := range n.SubmitAll(t.Context(), recs) {
		if i%2 == 0 && a.Err != nil || i%2 == 1 && !laterFor(a.Err, "key.unknown") {
			t.Fatalf("record %d: %v", i, a.Err)
		}
	}
	if st.appends != 1 {
		t.Errorf("the batch took %d commits, want 1: no record in it enrols a key", st.appends)
	}
}

// TestCloseCommitsWhatWasTaken holds a commit up, hands more in behind it, and closes.
func TestCloseCommitsWhatWasTaken(t *testing.T) {
	s := newStage(t, "close", nil)
	st := &brittle{Store: &store.Memory{}}
	side := &store.MemorySide{}
	n, err := s.tryOpen(t.Context(), st, side)
	if err != nil {
		t.Fatal(err)
	}
	all := append([]record.Record{s.mandate}, s.observer("mina")...)
	take(t, n, all...)
	gate := make(chan struct{})
	st.mu.Lock()
	st.gate = gate
	st.mu.Unlock()
	var recs []record.Record
	for i := range 50 {
		recs = append(recs, s.move("mina", "departure", "A-01", i))
	}
	results := make(chan error)
	submit := func(r record.Record) {
		got, err := n.Submit(context.Background(), r)
		if err == nil {
			s.checkReceipt(t, r, got)
		}
		results <- err
	}
	was := st.tried()
	go submit(recs[0])
	for st.tried() == was { // until the writer has one in hand
		runtime.Gosched()
	}
	for _, r := range recs[1:] {
		go submit(r)
	}
	for n.Waiting() < len(recs)-1 {
		runtime.Gosched()
	}
	closed := make(chan struct{})
	go func() { n.Close(); close(closed) }()
	<-n.Stopping()
	if _, err := n.Submit(context.Background(), s.mandate); !errors.Is(err, node.ErrStopping) {
		t.Errorf("Submit while the node closes: %v", err)
	}
	close(gate)
	logged := 0
	for range recs {
		if err := <-results; err != nil {
			t.Errorf("a record handed in before the node closed: %v", err)
			continue
		}
		logged++
	}
	<-closed
	head, err := st.Head(t.Context())
	if err != nil || head.Size != int64(5+logged) || logged != len(recs) {
		t.Errorf("%d of %d were acknowledged and the log has %d records (%v)", logged, len(recs), head.Size, err)
	}
	n.Close() // twice is once
	for row, err := range st.Rows(t.Context(), 0, head.Size) {
		if err != nil {
			t.Fatal(err)
		}
		if _, err := side.ReceivedAt(t.Context(), row.Hash); err != nil {
			t.Errorf("it was not noted when %x came: %v", row.Hash[:4], err)
		}
	}
}

func TestSenderWhoGivesUp(t *testing.T) {
	s := newStage(t, "gone", nil)
	n := s.open(t, &store.Memory{}, &store.MemorySide{})
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for range 20 { // taken or not, it is one or the other
		got, err := n.Submit(gone, s.mandate)
		switch {
		case err == nil:
			s.checkReceipt(t, s.mandate, got)
		case !errors.Is(err, context.Canceled):
			t.Fatal(err)
		}
	}
	take(t, n, s.mandate)
}

// TestAnyHistory submits, repeats, breaks commits and restarts in any order, and holds the log
// against what was acknowledged.
func TestAnyHistory(t *testing.T) {
	s := newStage(t, "any", nil)
	who := names(3)
	setup := []record.Record{s.mandate}
	for _, o := range who {
		setup = append(setup, s.observer(o)...)
	}
	lists := s.accounts(who, 30)
	rapid.Check(t, func(rt *rapid.T) {
		st := &brittle{Store: &store.Memory{}}
		side := &store.MemorySide{}
		n := s.open(t, st, side)
		take(t, n, setup...)
		var logged []record.Record // in the order of the log, as far as acknowledged
		next := make([]int, len(who))
		acknowledge := func(r record.Record, got node.Receipt) {
			s.checkReceipt(t, r, got)
			i := int(got.Index) - len(setup)
			for len(logged) <= i {
				logged = append(logged, record.Record{})
			}
			if got.New == (logged[i].Hash == r.Hash) {
				rt.Fatalf("entry %d, %s: new %v", got.Index, r.Hash.Short(), got.New)
			}
			logged[i] = r
		}
		for range rapid.IntRange(1, 25).Draw(rt, "steps") {
			switch rapid.SampledFrom([]string{"new", "new", "batch", "repeat", "before", "after", "restart"}).Draw(rt, "step") {
			case "new", "batch":
				var recs []record.Record
				for range rapid.IntRange(1, 4).Draw(rt, "records") {
					if k := rapid.IntRange(0, len(who)-1).Draw(rt, "who"); next[k] < len(lists[k]) {
						recs = append(recs, lists[k][next[k]])
						next[k]++
					}
				}
				for try := 0; len(recs) > 0; try++ { // as phones do, until all are acknowledged
					if try > 30 {
						rt.Fatal("never acknowledged")
					}
					var left []record.Record
					for i, a := range n.SubmitAll(context.Background(), recs) {
						if a.Err != nil {
							left = append(left, recs[i])
							continue
						}
						if slices.ContainsFunc(logged, func(r record.Record) bool { return r.Hash == recs[i].Hash }) {
							rt.Fatal("acknowledged twice as new")
						}
						acknowledge(recs[i], a.Receipt)
					}
					recs = left
				}
			case "repeat":
				if len(logged) > 0 {
					r := rapid.SampledFrom(logged).Draw(rt, "again")
					got, err := n.Submit(context.Background(), r)
					if err != nil || got.New {
						rt.Fatalf("a repeat: new %v, %v", got.New, err)
					}
				}
			case "before", "after":
				st.next(rapid.SampledFrom([]string{"before", "after"}).Draw(rt, "failure"))
			case "restart":
				n.Close()
				n = s.open(t, st, side)
			}
			s.holds(t, st, append(slices.Clone(setup), logged...)...)
			if n.Size() != int64(len(setup)+len(logged)) {
				rt.Fatalf("Size() = %d, want %d", n.Size(), len(setup)+len(logged))
			}
		}
		n.View(func(v corridor.View) {
			var fresh corridor.Mission
			for _, r := range append(slices.Clone(setup), logged...) {
				if err := fresh.Add(r); err != nil {
					rt.Fatal(err)
				}
			}
			a, err := v.Root()
			b, err2 := fresh.Now().Root()
			if a != b || err != nil || err2 != nil {
				rt.Fatalf("the node's fold has root %v, a fresh one %v", a, b)
			}
		})
		n.Close()
	})
}
