package server

import (
	"context"
	"strings"
	"time"

	"corridor.example/corridor/record"
	"corridor.example/corridor/web"
)

// A Checked is what a replay of the whole log found.
type Checked struct {
	State  string      // "holds", "fails", or "unknown" if something could not be checked
	Claims []web.Claim // log, authority, reports, figures
	At     time.Time   // when the replay ended
	Size   int64       // of the log that was replayed
	Entry  int64       // if it fails: the first entry that does not hold
	Reason string      // if it fails: what does not, in the checker's own sentence
}

// checkPause is how long the server waits between two replays of its log, which may be long.
const checkPause = time.Minute

// Run replays the log, and again when it has grown, at most every minute, until ctx ends. The
// pages then say what was found and when; without it they say that nothing was checked.
func (s *Server) Run(ctx context.Context) {
	wait := func(d time.Duration) bool {
		select {
		case <-ctx.Done():
			return false
		case <-time.After(d):
			return true
		}
	}
	for s.node.Load() == nil {
		if !wait(100 * time.Millisecond) {
			return
		}
	}
	if s.cfg.Door != nil {
		go s.cfg.Door.Watch(ctx, s.node.Load().Changed)
	}
	for s.cfg.Check != nil {
		changed := s.node.Load().Changed()
		s.CheckNow(ctx)
		if !wait(checkPause) {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-changed:
		}
	}
}

// CheckNow replays the log once and keeps what it found for the pages. A replay that could
// not be finished leaves what was found before.
func (s *Server) CheckNow(ctx context.Context) {
	found, err := s.cfg.Check(ctx)
	if err != nil {
		if ctx.Err() == nil {
			s.cfg.Log.Error("the log was not checked", "cause", err.Error())
		}
		return
	}
	s.checkMu.Lock()
	s.checked = found
	s.checkMu.Unlock()
}

func (s *Server) lastCheck() Checked {
	s.checkMu.Lock()
	defer s.checkMu.Unlock()
	return s.checked
}

// seal returns what this server can say of its own log.
func (p *page) seal() web.Seal {
	c := p.s.lastCheck()
	x := web.Seal{State: c.State, Size: int(c.Size), Entry: int(c.Entry), Reason: c.Reason, Signers: p.signers()}
	if x.State == "" {
		x.State = "unknown"
	}
	if !c.At.IsZero() {
		x.Checked = p.time(record.At(c.At))
	}
	if p.now.Size() > 0 {
		x.Since = p.day(p.now.Entry(0).At)
	}
	if policy, err := p.terms.Policy(); err == nil {
		x.Alone = policy.Quorum() == "none"
	}
	return x
}

// signers returns the witnesses of the mandate in its order of sides, and how far each has checked
// what the reader sees, and when last.
func (p *page) signers() []web.Signer {
	n := p.s.node.Load()
	var list []web.Signer
	for _, x := range p.terms.Watchers() {
		name, _, _ := strings.Cut(x.Key, "+")
		if x.Actor != "" {
			name = p.label(x.Actor)
		}
		w := web.Signer{Name: name, Key: x.Key}
		if size, at, ok := n.LastWord(x.Key, p.newest); ok {
			w.Last, w.Size, w.Now = p.time(record.Time(at)), int(size), size == p.newest
		}
		list = append(list, w)
	}
	return list
}
