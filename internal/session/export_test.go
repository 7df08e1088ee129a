package session

import "time"

// Unlock forgets every failure, for tests of something else.
func (d *Door) Unlock() {
	d.limits.mu.Lock()
	defer d.limits.mu.Unlock()
	d.limits.all = nil
}

// Limits is a count of failures, for its own test.
type Limits struct{ l limits }

// Wait, Fail, Clear and Len are those of limits.
func (l *Limits) Wait(now time.Time, names ...string) time.Duration { return l.l.wait(now, names...) }
func (l *Limits) Fail(now time.Time, names ...string)               { l.l.fail(now, names...) }
func (l *Limits) Clear(names ...string)                             { l.l.clear(names...) }
func (l *Limits) Len() int                                          { return len(l.l.all) }

// LimitsMax is the most that are remembered.
const LimitsMax = limitsMax

// ParseProof reports whether a proof can be taken apart.
func ParseProof(text string) bool { _, ok := parseProof(text); return ok }

// Agent is what is kept of a User-Agent header.
func Agent(header string) string { return agent(header) }
