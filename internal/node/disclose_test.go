package node_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// traced opens a node that holds the node key of its mandate, with two records of red in it.
func traced(t *testing.T, name string) (*stage, *node.Node, []record.Record) {
	t.Helper()
	plain := newStage(t, name, nil)
	own := plain.author("node")
	plain.founder = nil // a founding proof names no mission
	s := newStage(t, name, founding{"node_key": plain.enrol(own, "node")})
	st, side := &store.Memory{}, &store.MemorySide{}
	n := s.open(t, st, side, func(c *node.Config) { c.NodeKey = own.key })
	a, b := s.told("red", "A-01", "one"), s.told("red", "A-02", "two")
	take(t, n, s.mandate, a, b)
	return s, n, []record.Record{a, b}
}

// TestDiscloseBeforeShowing: when Disclose returns, the trace is in the log, says what was
// opened by whom and nothing of other readers, and its proof holds.
func TestDiscloseBeforeShowing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, n, recs := traced(t, "disclose")
		nd := n
		opened := []node.Opened{{recs[0].Hash, "narrative"}, {recs[1].Hash, "narrative"}, {recs[0].Hash, "count"}}
		traces, err := n.Disclose(t.Context(), "blue", opened)
		if err != nil || len(traces) != 1 {
			t.Fatalf("%d traces: %v", len(traces), err)
		}
		check := func(tr *node.Trace) {
			t.Helper()
			p, err := ledger.ParseProof(tr.Receipt.Proof)
			if err != nil {
				t.Fatal(err)
			}
			log, err := ledger.NewVerifier(n.VerifierKey())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := p.CheckLog(corridor.Leaf(tr.Record), log); err != nil {
				t.Errorf("the proof of the trace: %v", err)
			}
		}
		check(traces[0])
		n.View(func(v corridor.View) {
			for _, o := range opened {
				if h, ok := v.Opened("blue", o.Record, o.Part); !ok || h != traces[0].Record.Hash {
					t.Errorf("%s of %s: no trace", o.Part, o.Record.Short())
				}
			}
			if _, ok := v.Opened("office", recs[0].Hash, "narrative"); ok {
				t.Error("a trace of somebody who opened nothing")
			}
			if e := v.Entry(traces[0].Receipt.Index); len(e.Findings) > 0 || e.By != "node" {
				t.Errorf("%+v", e)
			}
			if strict := v.StrictReadsOf("red"); len(strict) != 1 || strict[0].N != 3 {
				t.Errorf("red is told %v", strict) // the stage's table seals all parts
			}
		})

		// The same again within ten minutes leaves no second trace; after that it does.
		size := n.Size()
		again, err := n.Disclose(t.Context(), "blue", opened[:1])
		if err != nil || len(again) != 1 || again[0] != traces[0] || n.Size() != size {
			t.Errorf("opened again: %v, %d records, want %d", err, n.Size(), size)
		}
		time.Sleep(11 * time.Minute)
		if again, err = n.Disclose(t.Context(), "blue", opened[:1]); err != nil || n.Size() != size+1 || again[0] == traces[0] {
			t.Errorf("opened after ten minutes: %v, %d records, want %d", err, n.Size(), size+1)
		}

		// A stretch of the log is told once in that time; what is new of it is told alone.
		stretch := func(from int64, opens ...corridor.PartSet) []*node.Trace {
			t.Helper()
			list, err := n.Disclose(t.Context(), "blue", nil, node.Stretch{As: corridor.AsPages, Level: corridor.Parties, From: from, Opens: opens})
			if err != nil {
				t.Fatal(err)
			}
			for _, tr := range list {
				check(tr)
			}
			return list
		}
		told := func(n int, size int64) []corridor.ExportRead {
			t.Helper()
			var list []corridor.ExportRead
			nd.View(func(v corridor.View) { list = v.Exports() })
			if len(list) != n || nd.Size() != size {
				t.Fatalf("%d stretches told in %d records, want %d in %d: %+v", len(list), nd.Size(), n, size, list)
			}
			return list
		}
		size = n.Size()
		if list := stretch(0, 0, 0); len(list) != 0 {
			t.Errorf("nothing was opened: %d traces", len(list))
		}
		told(0, size)
		first := stretch(0, 0, 4, 4)
		x := told(1, size+1)[0]
		if x.From != 1 || x.To != 3 || x.Level != corridor.Parties || x.As != corridor.AsPages || x.Reader != "blue" || len(first) != 1 || first[0].Record.Hash != x.Disclosure {
			t.Errorf("told of %+v", x)
		}
		if list := stretch(1, 4, 0); len(list) != 1 || list[0] != first[0] {
			t.Errorf("some of it again: %v", list)
		}
		told(1, size+1)
		if list := stretch(0, 0, 4, 4, 0, 7); len(list) != 2 || list[0] != first[0] {
			t.Errorf("more of it: %v", list)
		}
		if x := told(2, size+2)[1]; x.From != 4 || x.To != 5 {
			t.Errorf("told of %+v, want entry 4 alone", x)
		}
		if list := stretch(0, 0, 12, 4); len(list) != 2 { // a part of entry 1 has opened meanwhile
			t.Errorf("%d traces", len(list))
		}
		told(3, size+3)
		time.Sleep(11 * time.Minute)
		if list := stretch(0, 0, 12, 4, 0, 7); len(list) != 1 || list[0] == first[0] {
			t.Errorf("after ten minutes: %v", list)
		}
		told(4, size+4)
		// However small the pieces in which it grows, an answer carries few traces.
		opens := []corridor.PartSet{0, 12, 4, 0, 7}
		for range 30 {
			if opens = append(opens, 4); len(stretch(0, opens...)) > 9 {
				t.Fatal("an answer with more traces than are told")
			}
		}
	})
}

// TestDiscloseGathers: what many readers open at once is one turn: a record for each reader,
// chained, and never two turns within two seconds.
func TestDiscloseGathers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, n, recs := traced(t, "gathers")
		if _, err := n.Disclose(t.Context(), "office", []node.Opened{{recs[0].Hash, "facts"}}); err != nil {
			t.Fatal(err)
		}
		size, start := n.Size(), time.Now()
		var wg sync.WaitGroup
		for i := range 40 {
			wg.Go(func() {
				reader := corridor.ActorID(fmt.Sprintf("reader-%d", i%4))
				traces, err := n.Disclose(t.Context(), reader, []node.Opened{{recs[i%2].Hash, []string{"facts", "count", "where", "narrative", "header"}[i/8]}})
				if err != nil || len(traces) != 1 {
					t.Errorf("reader %d: %d traces, %v", i, len(traces), err)
				}
			})
		}
		wg.Wait()
		if took := time.Since(start); took < time.Second || took > 10*time.Second {
			t.Errorf("they waited %s", took)
		}
		if n.Size() != size+4 {
			t.Errorf("%d records for four readers", n.Size()-size)
		}
		n.View(func(v corridor.View) {
			if holes := v.Holes(); len(holes) > 0 {
				t.Errorf("the server's own chain has holes: %v", holes)
			}
		})
		// More than one record can hold.
		many := make([]node.Opened, 1500)
		for i := range many {
			many[i] = node.Opened{Record: record.Hash{byte(i), byte(i >> 8)}, Part: "facts"}
		}
		size = n.Size()
		if traces, err := n.Disclose(t.Context(), "blue", many); err != nil || len(traces) != 3 || n.Size() != size+3 {
			t.Errorf("%d traces, %v", len(traces), err)
		}
	})
}

// TestNothingOpenedWithoutTrace: without the key, with another key, or once the node stops or
// its store fails, Disclose gives an error, and a reader who goes away waits for nothing.
func TestNothingOpenedWithoutTrace(t *testing.T) {
	s := newStage(t, "no key", nil)
	n := s.open(t, &store.Memory{}, &store.MemorySide{})
	take(t, n, s.mandate)
	what := []node.Opened{{s.mandate.Hash, "narrative"}}
	if _, err := n.Disclose(t.Context(), "blue", what); !errors.Is(err, node.ErrNoNodeKey) {
		t.Errorf("without a key: %v", err)
	}
	other := s.open(t, &store.Memory{}, &store.MemorySide{}, func(c *node.Config) { c.NodeKey = key("somebody") })
	take(t, other, s.mandate)
	if _, err := other.Disclose(t.Context(), "blue", nil, node.Stretch{As: corridor.AsCopy, Level: corridor.Parties, Opens: []corridor.PartSet{1}}); !errors.Is(err, node.ErrNoNodeKey) {
		t.Errorf("with another key than the mandate's: %v", err)
	}
	_, n, recs := traced(t, "stopping")
	if _, err := n.Disclose(t.Context(), "", what); err == nil {
		t.Error("nobody opened something")
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := n.Disclose(gone, "blue", []node.Opened{{recs[0].Hash, "facts"}}); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("gone: %v", err)
	}
	n.Close()
	if _, err := n.Disclose(t.Context(), "red", []node.Opened{{recs[0].Hash, "facts"}}); !errors.Is(err, node.ErrStopping) {
		t.Errorf("stopping: %v", err)
	}
}
