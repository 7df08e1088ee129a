package node_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// A tester is a *testing.T or a *rapid.T.
type tester interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

// released fails the test unless the public view goes so far, and ends with a checkpoint of
// exactly that.
func (s *stage) released(t tester, n *node.Node, at time.Time, want int64) []byte {
	t.Helper()
	size, text, err := n.Released(context.Background(), at)
	if err != nil {
		t.Fatal(err)
	}
	if size != want {
		t.Fatalf("at %s %d records are released, want %d", at.Format(time.TimeOnly), size, want)
	}
	if size == 0 {
		if text != nil {
			t.Fatal("a checkpoint of nothing")
		}
		return nil
	}
	c, err := ledger.OpenCheckpoint(text, s.verifier())
	if err != nil || c.Size != size {
		t.Fatalf("the released checkpoint is of size %d, want %d (%v)", c.Size, size, err)
	}
	err = n.At(size, func(v corridor.View) {
		if root, err := v.Root(); err != nil || root != c.Root {
			t.Fatalf("the released checkpoint is not of this log: %v", err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestReleasedWithoutDelay(t *testing.T) {
	s := newStage(t, "no delay", nil)
	c := newClock("2016-12-18T10:00:00Z")
	n := s.open(t, &store.Memory{}, &store.MemorySide{}, c.of)
	s.released(t, n, c.Now(), 0)
	take(t, n, s.mandate)
	s.released(t, n, c.Now(), 1)
	take(t, n, s.observer("mina")...)
	s.released(t, n, c.Now(), 5)
}

func TestReleasedWithDelayAndClock(t *testing.T) {
	s := newStage(t, "delay", founding{"release": map[string]any{"delay": 60, "clock": 30}})
	dir := t.TempDir()
	st, side, shut := files(t, dir)
	c := newClock("2016-12-18T10:05:00Z")
	n := s.open(t, st, side, c.of)
	take(t, n, s.mandate) // 10:05, released at 11:30: an hour later and then at the half hour
	s.released(t, n, c.Now(), 0)
	c.add(20 * time.Minute)
	take(t, n, s.observer("mina")...) // 10:25, the same
	c.add(10 * time.Minute)
	take(t, n, s.move("mina", "departure", "A-01", 1)) // 10:35, released at 12:00
	at := func(text string) time.Time {
		when, err := time.Parse(time.DateTime, "2016-12-18 "+text)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	s.released(t, n, at("11:29:59"), 0)
	first := s.released(t, n, at("11:30:00"), 5)
	if again := s.released(t, n, at("11:59:59"), 5); string(again) != string(first) {
		t.Error("two checkpoints of one size for the public")
	}
	s.released(t, n, at("10:00:00"), 5) // it only grows, whatever the clock says
	n.Close()
	shut()
	st, side, _ = files(t, dir)
	n = s.open(t, st, side, c.of)
	s.released(t, n, at("11:29:59"), 0) // what came when is known after a restart
	s.released(t, n, at("11:59:59"), 5)
	s.released(t, n, at("12:00:00"), 6)
}

// TestReleasedWithSealedLeaves lets the mandate seal the leaves of what convoys do until they
// have arrived. A tree has its leaves, so the public view ends before the first of them.
func TestReleasedWithSealedLeaves(t *testing.T) {
	row := func(kind, open, closed string) any {
		return map[string]any{"kind": kind, "part": "leaf", "open": open, "closed": closed, "after": closed}
	}
	s := newStage(t, "leaves", founding{"disclosure": []any{row("*", "public", "public"), row("departure", "mission", "public"), row("arrival", "mission", "public")}})
	c := newClock("2016-12-18T10:00:00Z")
	n := s.open(t, &store.Memory{}, &store.MemorySide{}, c.of)
	take(t, n, s.mandate)
	take(t, n, s.observer("mina")...)
	s.released(t, n, c.Now(), 5)
	take(t, n, s.move("mina", "departure", "A-01", 1), s.move("mina", "departure", "A-02", 1), s.move("mina", "passage", "A-02", 1))
	s.released(t, n, c.Now(), 5)
	take(t, n, s.move("mina", "arrival", "A-01", 1))
	c.add(365 * 24 * time.Hour) // an arrival counts from when it was signed
	s.released(t, n, c.Now(), 6)
	take(t, n, s.move("mina", "arrival", "A-02", 1))
	s.released(t, n, c.Now(), 10)
	err := n.At(9, func(v corridor.View) {
		for i, want := range []corridor.Level{5: corridor.Public, 6: corridor.Parties, 7: corridor.Public} {
			if got := v.LevelOf(v.Entry(int64(i)).Hash, "leaf", record.At(c.Now())); want != "" && got != want {
				t.Errorf("the leaf of entry %d is for %s, want %s: leaves are never sealed to the parties", i, got, want)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

// lost is a side store that forgets when records came.
type lost struct {
	*store.MemorySide
	on bool
}

func (l *lost) Received(ctx context.Context, hashes [][32]byte, at int64) error {
	if l.on {
		return errors.New("no room for a note")
	}
	return l.MemorySide.Received(ctx, hashes, at)
}

// TestReleasedWithoutNotes crashes between commit and note. What came cannot be told then, and
// is released late, not early.
func TestReleasedWithoutNotes(t *testing.T) {
	s := newStage(t, "no notes", founding{"release": map[string]any{"delay": 60, "clock": 0}})
	st, side := &store.Memory{}, &lost{MemorySide: &store.MemorySide{}}
	c := newClock("2016-12-18T10:00:00Z")
	n := s.open(t, st, side, c.of)
	take(t, n, s.mandate)
	n.Close()
	n = s.open(t, st, side, c.of)
	side.on = true
	c.add(time.Minute)
	take(t, n, s.observer("mina")...)
	s.released(t, n, c.Now().Add(59*time.Minute), 1)
	n.Close()
	side.on = false
	c.add(30 * time.Minute) // 10:31
	n = s.open(t, st, side, c.of)
	s.released(t, n, c.Now().Add(59*time.Minute), 1)
	s.released(t, n, c.Now().Add(60*time.Minute), 5)
	n.Close()
	c.add(20 * time.Hour)
	n = s.open(t, st, side, c.of) // and was noted then, once
	if at, ok := n.ReceivedAt(t.Context(), s.mandate.Hash); !ok || at != 1482055200 {
		t.Errorf("ReceivedAt(the mandate) = %d, %v", at, ok)
	}
	s.released(t, n, c.Now().Add(-19*time.Hour), 5)
}

func TestReleasedByQuorum(t *testing.T) {
	c := newClock("2016-12-18T10:00:00Z")
	s, n, _, _, list, _ := watched(t, "public", 2, 2, founding{"release": map[string]any{"delay": 60, "clock": 0}}, c.of)
	late := func(d time.Duration) time.Time { return c.Now().Add(d) }
	s.released(t, n, late(2*time.Hour), 0) // due, and nobody has cosigned it
	if err := n.Tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	take(t, n, s.observer("mina")...)
	list[1].is("silent")
	_ = n.Tick(t.Context()) // size 5, one of two
	c.add(10 * time.Minute)
	take(t, n, s.move("mina", "departure", "A-01", 1))
	list[1].is("")
	if err := n.Tick(t.Context()); err != nil { // size 6, both
		t.Fatal(err)
	}
	take(t, n, s.move("mina", "departure", "A-01", 2))
	s.released(t, n, late(49*time.Minute), 0)
	s.released(t, n, late(50*time.Minute), 1) // five are due, and of five there is no quorum
	text := s.released(t, n, late(60*time.Minute), 6)
	if _, by := s.cosigned(t, list, text); len(by) != 2 {
		t.Errorf("the public checkpoint is cosigned by %v", by)
	}
	s.released(t, n, late(100*time.Minute), 6)
}

// TestReleasedAcrossAnAmendment lets the mandate begin to ask for a quorum. What was public
// stays so.
func TestReleasedAcrossAnAmendment(t *testing.T) {
	s := newStage(t, "amended", nil)
	at := new(atomic.Int64)
	at.Store(1_000_000)
	policy, list := s.witnesses(at, 1, 1)
	c := newClock("2016-12-18T10:00:00Z")
	n := s.open(t, &store.Memory{}, &store.MemorySide{}, c.of, func(cfg *node.Config) { cfg.Witnesses = []node.Witness{list[0]} })
	keep := func(signed []byte) {
		t.Helper()
		line, err := list[0].c.Cosign(signed, at.Load())
		if err != nil {
			t.Fatal(err)
		}
		cosigned, err := ledger.AddCosignatures(signed, line)
		if err != nil {
			t.Fatal(err)
		}
		if err := n.Keep(t.Context(), cosigned); err != nil {
			t.Fatal(err)
		}
	}
	take(t, n, s.mandate)
	first := n.Checkpoint()
	take(t, n, s.observer("mina")...)
	s.released(t, n, c.Now(), 5)
	early := n.Checkpoint()
	take(t, n, s.amend(founding{"witnesses": policy}))
	s.released(t, n, c.Now(), 5) // of the sixth there is no quorum
	keep(first)
	s.released(t, n, c.Now(), 5) // and of the first there is
	keep(early)
	if text := s.released(t, n, c.Now(), 5); len(text) <= len(early) {
		t.Error("the public checkpoint did not gain the cosignature")
	}
	if err := n.Tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.released(t, n, c.Now(), 6)
	keep(early) // again, and late
	s.released(t, n, c.Now(), 6)
	take(t, n, s.move("mina", "departure", "A-01", 1))
	s.released(t, n, c.Now(), 6)
}

// TestReleasedAnyTime holds Released against a plain reckoning of it, for records that come at
// any times by a clock that jumps, with and without a quorum and restarts.
func TestReleasedAnyTime(t *testing.T) {
	stages := map[bool]*stage{}
	var list []*witness
	at := new(atomic.Int64)
	for _, quorum := range []bool{false, true} {
		terms := founding{"release": map[string]any{"delay": 3, "clock": 2}}
		if quorum {
			terms["witnesses"], list = (&stage{name: "any time"}).witnesses(at, 1, 1)
		}
		stages[quorum] = newStage(t, "any time", terms)
	}
	rapid.Check(t, func(rt *rapid.T) {
		quorum := rapid.Bool().Draw(rt, "quorum")
		s := stages[quorum]
		a := s.author("office")
		a.seq, a.last, a.n = 1, s.founder, 1 // the same chain in every run
		c := newClock("2016-12-18T10:00:00Z")
		st, side := &store.Memory{}, &store.MemorySide{}
		open := func() *node.Node {
			return s.open(t, st, side, c.of, func(cfg *node.Config) {
				if quorum {
					cfg.Witnesses = []node.Witness{list[0]}
				}
			})
		}
		n := open()
		var came, marks []int64 // when each entry came, and the sizes that were cosigned
		released := int64(0)
		for range rapid.IntRange(1, 30).Draw(rt, "steps") {
			switch rapid.SampledFrom([]string{"record", "record", "tick", "wait", "wait", "jump", "restart"}).Draw(rt, "step") {
			case "record":
				r := s.mandate
				if len(came) > 0 {
					r = s.move("office", "departure", "A-01", 1)
				}
				take(t, n, r)
				when := c.Now().Unix()
				if last := len(came) - 1; last >= 0 {
					when = max(when, came[last])
				}
				came = append(came, when)
			case "tick":
				at.Store(c.Now().Unix())
				if err := n.Tick(context.Background()); err != nil {
					rt.Fatal(err)
				}
				marks = append(marks, int64(len(came)))
			case "wait":
				c.add(time.Duration(rapid.IntRange(1, 200).Draw(rt, "seconds")) * time.Second)
			case "jump":
				c.add(-time.Duration(rapid.IntRange(1, 300).Draw(rt, "seconds")) * time.Second)
			case "restart":
				n.Close()
				n = open()
				released = 0 // a node that starts looks at the clock again
			}
			now := c.Now()
			until := now.Add(-3 * time.Minute).Unix()
			until -= until % 120
			due := int64(0)
			for due < int64(len(came)) && came[due] <= until {
				due++
			}
			if quorum {
				best := int64(0)
				for _, m := range marks {
					if m <= due {
						best = max(best, m)
					}
				}
				due = best
			}
			released = max(released, due)
			s.released(rt, n, now, released)
		}
		n.Close()
	})
}
