package node_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/record"
)

// A clock that tests set.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock(at string) *clock {
	now, err := time.Parse(time.RFC3339, at)
	if err != nil {
		panic(err)
	}
	return &clock{now: now}
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func (c *clock) of(cfg *node.Config) { cfg.Now = c.Now }

func TestQuota(t *testing.T) {
	s := newStage(t, "quota", founding{"quotas": []any{map[string]any{"class": "movement", "per_day": 3}, map[string]any{"class": "incident", "per_day": 1}}})
	dir := t.TempDir()
	st, side, shut := files(t, dir)
	c := newClock("2016-12-18T22:00:00Z")
	n := s.open(t, st, side, c.of)
	take(t, n, s.mandate)
	take(t, n, s.observer("mina")...)
	take(t, n, s.observer("omar")...)
	var recs []record.Record
	for i := range 9 {
		recs = append(recs, s.move("mina", "departure", "A-01", i))
	}
	full := func(r record.Record) {
		t.Helper()
		if _, err := n.Submit(t.Context(), r); !laterFor(err, "quota.full") {
			t.Errorf("one too many: %v", err)
		}
	}
	refused := recs[8] // what is refused uses nothing up
	refused.Parts = append([]record.Part{}, refused.Parts...)
	refused.Parts[0].Bytes = nil
	for range 5 {
		if _, err := n.Submit(t.Context(), refused); !refusedFor(err, "record.parts-missing") {
			t.Fatal(err)
		}
	}
	take(t, n, recs[0], recs[0]) // nor does a repeat
	take(t, n, recs[0])
	answers := n.SubmitAll(t.Context(), recs[1:4])
	if answers[0].Err != nil || answers[1].Err != nil || !laterFor(answers[2].Err, "quota.full") {
		t.Fatalf("a batch over the quota: %v", answers)
	}
	full(recs[3])
	take(t, n, recs[1])                              // a repeat is answered all the same
	take(t, n, s.move("omar", "arrival", "A-01", 1)) // and so is another key
	// Another class has a quota of its own, and authority has none.
	for i, want := range []bool{true, false} {
		_, err := n.Submit(t.Context(), s.add("mina", "incident", nil, facts{
			"facts": {"what": "explosion", "when": s.now.String(), "basis": "heard"}, "count": {}, "where": {"place": "gate"}, "who": {}}))
		if (err == nil) != want {
			t.Errorf("incident %d: %v", i, err)
		}
	}
	take(t, n, s.observer("nour")...)

	// The counts survive a restart.
	n.Close()
	shut()
	st, side, shut = files(t, dir)
	n = s.open(t, st, side, c.of)
	full(recs[3])
	c.add(time.Hour)
	full(recs[3])

	// The day is the clock's, in UTC.
	c.add(time.Hour)
	take(t, n, recs[3], recs[4], recs[5])
	full(recs[6])
	n.Close()
	shut()
	st, side, _ = files(t, dir)
	n = s.open(t, st, side, c.of)
	full(recs[6])
	c.add(-3 * time.Hour) // a clock that goes back finds the old day full
	full(recs[6])
	c.add(30 * time.Hour)
	take(t, n, recs[6])
}

// TestQuotaOfManySenders lets one key's records come from many sides at once.
func TestQuotaOfManySenders(t *testing.T) {
	s := newStage(t, "quota many", founding{"quotas": []any{map[string]any{"class": "movement", "per_day": 10}}})
	st, side, _ := files(t, t.TempDir())
	n := s.open(t, st, side, newClock("2016-12-18T12:00:00Z").of)
	take(t, n, s.mandate)
	take(t, n, s.observer("mina")...)
	var wg sync.WaitGroup
	var mu sync.Mutex
	logged := 0
	for i := range 40 {
		r := s.move("mina", "departure", "A-01", i)
		wg.Go(func() {
			if _, err := n.Submit(t.Context(), r); err == nil {
				mu.Lock()
				logged++
				mu.Unlock()
			} else if !laterFor(err, "quota.full") {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if logged != 10 || n.Size() != 15 {
		t.Errorf("%d were logged of 10 a day, and the log has %d records", logged, n.Size())
	}
}

// slow is a side store that adds uses when it is let to.
type slow struct {
	*store.MemorySide
	mu   sync.Mutex
	gate chan struct{} // nil: at once
}

func (s *slow) Add(ctx context.Context, uses ...store.Use) error {
	s.mu.Lock()
	gate := s.gate
	s.mu.Unlock()
	if gate != nil {
		<-gate
	}
	return s.MemorySide.Add(ctx, uses...)
}

// TestQuotaWaitsForItsNotes lets the clock go to the next day and back while what was used on
// the first has not been written down.
func TestQuotaWaitsForItsNotes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, "slow", founding{"quotas": []any{map[string]any{"class": "movement", "per_day": 1}}})
		side := &slow{MemorySide: &store.MemorySide{}}
		c := newClock("2016-12-18T23:59:00Z")
		n := s.open(t, &store.Memory{}, side, c.of)
		take(t, n, s.mandate)
		take(t, n, s.observer("mina")...)
		synctest.Wait()
		gate := make(chan struct{})
		side.mu.Lock()
		side.gate = gate
		side.mu.Unlock()
		take(t, n, s.move("mina", "departure", "A-01", 1))
		c.add(time.Hour)
		take(t, n, s.observer("omar")...)
		c.add(-time.Hour)
		answer := make(chan error, 1)
		r := s.move("mina", "departure", "A-01", 2)
		go func() {
			_, err := n.Submit(context.Background(), r)
			answer <- err
		}()
		synctest.Wait()
		select {
		case err := <-answer:
			t.Errorf("answered before the first day's count was known: %v", err)
		default:
			close(gate)
			if err := <-answer; !laterFor(err, "quota.full") {
				t.Errorf("a second record of one a day: %v", err)
			}
			return
		}
		close(gate)
	})
}
