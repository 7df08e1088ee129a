package verify

import (
	"fmt"
	"sync"
	"sync/atomic"

	"golang.org/x/mod/sumdb/note"

	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// A seen is a checkpoint as headers carry it: one, however many records do.
type seen struct {
	text *string
	mu   sync.Mutex
	done atomic.Bool // the log's signature was looked at
	c    ledger.Checkpoint
	err  error // what is wrong with its form or the log's signature

	root  rootState    // against the tree; written by the fold alone
	below int64        // the largest size below its own at which one before it agreed
	after *record.Time // when the quorum had made it; nil: open
}

type rootState int8

const (
	rootUnknown rootState = iota
	rootSame
	rootOther
)

// check reads the checkpoint and the signature of the log that it names, once. Where none of
// the logs is that one it waits for later, unless it is asked for the last time.
func (s *seen) check(logs []note.Verifier, last bool) {
	if s.done.Load() {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.done.Load() {
		return
	}
	c, err := ledger.ParseCheckpoint([]byte(*s.text))
	log := named(logs, c.Origin)
	if err == nil && log == nil && !last {
		return
	}
	if err == nil && log == nil {
		err = fmt.Errorf("it is of the log %q", c.Origin)
	}
	if err == nil {
		s.c, err = ledger.OpenCheckpoint([]byte(*s.text), log)
	}
	if err != nil {
		s.err = fmt.Errorf("the checkpoint in its seen does not hold: %w", err)
	}
	s.done.Store(true)
}

// A seenSet finds a seen by its text.
type seenSet struct {
	mu sync.Mutex
	at map[string]*seen
}

func (s *seenSet) of(text *string) *seen {
	s.mu.Lock()
	defer s.mu.Unlock()
	x := s.at[*text]
	if x == nil {
		if s.at == nil {
			s.at = map[string]*seen{}
		}
		x = &seen{text: text}
		s.at[*text] = x
	}
	return x
}

// each calls f with every one, several at once.
func (s *seenSet) each(workers int, f func(*seen)) {
	all := make([]*seen, 0, len(s.at))
	for _, x := range s.at {
		all = append(all, x)
	}
	parallel(workers, len(all), func(i int) { f(all[i]) })
}

// seen checks the checkpoint in a record's header: the log signed it, it is not ahead of the
// record, and its root is that of the tree.
func (c *check) seen(it *item) {
	s, i := it.seen, it.entry.Index
	if s == nil || c.verifier() == nil {
		return
	}
	s.check(c.verifiers(), true)
	say := func(rule, sentence string) { c.log.bad.add(Problem{i, it.rec.Hash, rule, sentence}) }
	switch {
	case s.err != nil:
		say(RuleSeenSignature, s.err.Error())
		return
	case c.beyond(s.c):
		return
	case s.c.Size > i:
		if where, news := c.narrows(c.agreedBelow(i+1), i+1); news {
			say(RuleSeenSize, fmt.Sprintf("its author had seen a log of %d entries when it was signed, and only %d stand before it: something is gone or out of its place in %s", s.c.Size, i, where))
		}
		return
	}
	if s.root == rootUnknown {
		root, err := c.merkle().Root(s.c.Size)
		switch {
		case err != nil:
			return // a hole before it, which is named
		case root == s.c.Root:
			s.root = rootSame
			c.agreed = append(c.agreed, s.c.Size)
		default:
			s.root, s.below = rootOther, c.agreedBelow(s.c.Size)
		}
	}
	if s.root != rootOther {
		return
	}
	if where, news := c.narrows(s.below, s.c.Size); news {
		say(RuleSeenRoot, fmt.Sprintf("its author had seen another history of the first %d entries, which parts from this log in %s", s.c.Size, where))
	}
}

// narrows says where the log parts from what an author had seen, and whether that was not said
// before: of thousands who had seen another history most tell nothing more.
func (c *check) narrows(agreed, other int64) (where string, news bool) {
	if said, ok := c.parted[agreed]; ok && said <= other {
		c.partedMore++
		return "", false
	}
	if c.parted == nil {
		c.parted = map[int64]int64{}
	}
	c.parted[agreed] = other
	return span(agreed, other), true
}

func (c *check) agreedBelow(size int64) (last int64) {
	for _, n := range c.agreed {
		if n < size && n > last {
			last = n
		}
	}
	return last
}
