package session

import (
	"errors"
	"sync"
	"time"
)

// Limits of trying: after free failures each further one doubles the wait, up to most. What
// was not tried for calm is forgotten.
const (
	free      = 5
	most      = 15 * time.Minute
	calm      = time.Hour
	limitsMax = 8192
)

// limits counts failures by what they were tried on or from. Its memory is bounded: the one
// whose last failure is longest ago gives way to a new one. The zero value is empty.
type limits struct {
	mu  sync.Mutex
	all map[string]*tries
}

type tries struct {
	n    int
	last time.Time
}

// until returns the end of the wait that the tries have earned.
func (t *tries) until() time.Time {
	if t.n < free {
		return t.last
	}
	wait := most
	if n := t.n - free; n < 10 {
		wait = min(most, time.Second<<n)
	}
	return t.last.Add(wait)
}

// wait returns how long whoever knocks has yet to wait, by the worst of some names.
func (l *limits) wait(now time.Time, names ...string) (longest time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, n := range names {
		if t := l.all[n]; t != nil {
			longest = max(longest, t.until().Sub(now))
		}
	}
	return longest
}

// fail notes a failure under each of some names.
func (l *limits) fail(now time.Time, names ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all == nil {
		l.all = map[string]*tries{}
	}
	for _, name := range names {
		t := l.all[name]
		if t == nil || now.Sub(t.last) > calm {
			l.makeRoom(now)
			t = &tries{}
			l.all[name] = t
		}
		t.n++
		t.last = now
	}
}

func (l *limits) makeRoom(now time.Time) {
	if len(l.all) < limitsMax {
		return
	}
	oldest := ""
	for name, t := range l.all {
		if now.Sub(t.last) > calm {
			delete(l.all, name)
		} else if oldest == "" || t.last.Before(l.all[oldest].last) {
			oldest = name
		}
	}
	if len(l.all) >= limitsMax {
		delete(l.all, oldest)
	}
}

// clear forgets the failures under some names, after a success.
func (l *limits) clear(names ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, name := range names {
		delete(l.all, name)
	}
}

// limited refuses who has to wait, before anything of what they bring is looked at.
func (d *Door) limited(names []string) error {
	wait := d.limits.wait(d.cfg.Now(), names...)
	if wait <= 0 {
		return nil
	}
	d.cfg.Log.Warn("somebody tries too often", "from", names[0])
	return &Refused{Rule: "session.wait", Reason: "this was tried too often; wait before trying again", Wait: wait.Round(time.Second) + time.Second}
}

// settle notes how a knock ended. A refusal counts against all names; a success clears only
// what it was tried on, so that one who holds a key of their own cannot clear the address
// they guess from.
func (d *Door) settle(names []string, what string, k Knock, err error) {
	var r *Refused
	switch {
	case err == nil:
		d.limits.clear(names[1:]...)
	case errors.As(err, &r):
		d.limits.fail(d.cfg.Now(), names...)
		d.cfg.Log.Warn("a reader was not let in", "by", what, "rule", r.Rule, "from", k.From)
	}
}
