// Package mirror is what a party runs to need nobody's word: it follows the live view of a
// mission's server, keeps the log with the parts the party may read, holds everything against
// what it knew before, cosigns what continues, takes records for safe-keeping, and raises an
// alarm with a proof when something does not hold.
//
// It keeps working when the server is gone: its copy stays readable, it still takes records in
// and cosigns for whoever asks.
package mirror

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/internal/witness"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

// A Config is what a mirror needs of the world. Everything but HTTP, Log, Alarm and Also must
// be set.
type Config struct {
	URL   string      // of the mission's server, without a slash at the end
	Token string      // with which the live view is read
	Card  verify.Card // what the mirror starts from; nothing the server says overrules it
	Level corridor.Level
	Name  string // by which proofs name who made them

	Key      ed25519.PrivateKey // cosigns, and signs lodging notes
	Cosigner *ledger.Cosigner   // of the same key
	Store    store.Filler
	Side     store.Side
	Watch    store.Watch
	Now      func() time.Time

	// Check replays the whole copy; Bundle writes it as the lines of a bundle.
	Check  func(ctx context.Context) (verify.Result, error)
	Bundle func(ctx context.Context) ([]string, error)

	Also  []note.Verifier // other logs that are cosigned here, on their consistency alone
	HTTP  *http.Client
	Log   *slog.Logger
	Alarm func(Alarm) // told of each alarm once, and of its end
}

// A Mirror follows one mission. Its methods may be called by several goroutines at once.
type Mirror struct {
	cfg     Config
	node    *node.Node
	witness *witness.Witness
	log     note.Verifier  // of the mission's log
	policy  *ledger.Policy // of the card

	turn sync.Mutex // one round is under way

	mu      sync.Mutex
	trouble string // why nothing of this log is cosigned; "" while it is
	told    map[string]Alarm
	gone    time.Time // since when the server was not followed; zero while it is
	seen    map[string]bool

	handovers map[[32]byte]handover // of what was lodged and is open
	checked   int64                 // size of the copy that was replayed last
	weighed   time.Time

	handed   []answer // of the live view, until it is judged whether they left their traces
	promises [][]byte // checkpoints under which traces were promised, until the copy is as long

	lodging sync.Mutex  // one record is taken in after the other
	polled  time.Time   // when the public view was looked at in full
	view    *publicView // what the public could read then, to be compared with the next round's copy
	grew    []grew      // when the live log was how long
}

// Open reads the copy, empty at first, and is ready to follow. It asks nobody anything.
func Open(ctx context.Context, cfg Config) (*Mirror, error) {
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.HTTP == nil {
		cfg.HTTP = &http.Client{Timeout: 2 * time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
	if cfg.Alarm == nil {
		cfg.Alarm = func(Alarm) {}
	}
	m := &Mirror{cfg: cfg, told: map[string]Alarm{}, handovers: map[[32]byte]handover{}, seen: map[string]bool{}}
	var err error
	if m.log, err = ledger.NewVerifier(cfg.Card.Log); err != nil {
		return nil, err
	}
	if m.policy, err = ledger.ParsePolicy("log " + cfg.Card.Log + "\n" + cfg.Card.Policy); err != nil {
		return nil, err
	}
	if m.node, err = node.Open(ctx, node.Config{Store: cfg.Store, Side: cfg.Side, Copy: true, Now: cfg.Now, Log: cfg.Log}); err != nil {
		return nil, err
	}
	if m.node.Size() > 0 && m.node.Mission().Founder() != cfg.Card.Mission {
		m.node.Close()
		return nil, errors.New("the copy that lies here is of another mission than the card")
	}
	m.witness = witness.New(witness.Config{
		Cosigner: cfg.Cosigner, Watch: cfg.Watch, Now: cfg.Now, Log: m.verifier, Admit: m.admit, Forked: m.forked,
	})
	if err := m.recall(ctx); err != nil {
		m.node.Close()
		return nil, err
	}
	return m, nil
}

// Node returns the copy, for pages.
func (m *Mirror) Node() *node.Node { return m.node }

// Witness returns what cosigns here.
func (m *Mirror) Witness() *witness.Witness { return m.witness }

// Origins returns the logs that are cosigned here.
func (m *Mirror) Origins() []string {
	list := []string{m.log.Name()}
	for _, v := range m.cfg.Also {
		list = append(list, v.Name())
	}
	return list
}

// Close ends the mirror. The stores stay open; they are the caller's.
func (m *Mirror) Close() { m.node.Close() }

func (m *Mirror) verifier(origin string) (note.Verifier, bool) {
	for _, v := range append([]note.Verifier{m.log}, m.cfg.Also...) {
		if v.Name() == origin {
			return v, true
		}
	}
	return nil, false
}

// admit lets a checkpoint of the mission be cosigned only if its whole tree is here and nothing
// stands against it. Where it is ahead of the copy, that is brought up to it first.
func (m *Mirror) admit(ctx context.Context, signed []byte) error {
	c, err := ledger.ParseCheckpoint(signed)
	if err != nil || c.Origin != m.log.Name() {
		return err // another log: it is cosigned on its consistency alone
	}
	if c.Size > m.node.Size() && m.turn.TryLock() {
		err := m.sync(ctx)
		m.turn.Unlock()
		if err != nil {
			return fmt.Errorf("what it covers is not mirrored here: %v", err)
		}
	}
	if why := m.Trouble(); why != "" {
		return errors.New(why)
	}
	if c.Size > m.node.Size() {
		return errors.New("what it covers is not mirrored here yet")
	}
	if m.node.Size() > 0 {
		if err := m.fair(ctx); err != nil {
			return err
		}
	}
	return nil // whether it is the same tree the witness asks
}

// Trouble returns why nothing of the mission's log is cosigned here, "" while it is.
func (m *Mirror) Trouble() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.trouble
}

// forked is told by the witness of two checkpoints that cannot both be.
func (m *Mirror) forked(have, got []byte) {
	e := m.evidence(verify.EvidenceFork)
	e.Checkpoints = []string{string(have), string(got)}
	m.accuse("fork", "the log signed two different trees of one size", e)
}

// Tick is one round: what was lodged is handed on, the copy brought up to date, what continues
// cosigned, the public view looked at, and what is due named. It returns why the server could
// not be followed.
func (m *Mirror) Tick(ctx context.Context) error {
	m.turn.Lock()
	defer m.turn.Unlock()
	if err := m.recallAlarms(ctx); err != nil {
		m.cfg.Log.Error("what was acknowledged of the alarms cannot be read", "cause", err.Error())
	}
	forwarded := m.forward(ctx)
	err := m.sync(ctx)
	m.within(ctx, err == nil)
	if err == nil {
		err = m.cosign(ctx)
	}
	m.reached(err)
	if m.node.Size() > 0 {
		if err == nil {
			m.public(ctx)
		}
		m.settle(ctx)
		if m.node.Size() != m.checked || m.cfg.Now().Sub(m.weighed) >= weighEvery {
			m.replay(ctx)
		}
	}
	return errors.Join(err, forwarded)
}

// reached keeps the time since which the server was not followed. An hour without it is an outage,
// which accuses nobody; beyond twice the mandate's bound for what is lodged it is a claim.
func (m *Mirror) reached(err error) {
	now := m.cfg.Now()
	if err == nil {
		m.gone = time.Time{}
		m.over("gone")
		return
	}
	if m.gone.IsZero() {
		m.gone = now
	}
	bound := int64(3600)
	if m.node.Size() > 0 {
		m.node.View(func(v corridor.View) { bound = v.Terms().Lodged })
	}
	if now.Sub(m.gone) >= 2*time.Duration(bound)*time.Second {
		m.claim("gone", fmt.Sprintf("the server cannot be followed since %s: %v", record.At(m.gone), err))
	}
}

// Run ticks until ctx ends, as often as the mandate says.
func (m *Mirror) Run(ctx context.Context) {
	for {
		if err := m.Tick(ctx); err != nil && ctx.Err() == nil {
			m.cfg.Log.Warn("the server was not followed", "cause", err.Error())
		}
		wait := 30 * time.Second
		if m.node.Size() > 0 {
			m.node.View(func(v corridor.View) { wait = time.Duration(v.Terms().Tick) * time.Second })
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// weighEvery is how often the copy is replayed though nothing came: a part becomes overdue by time
// alone.
const weighEvery = time.Hour

// replay replays the whole copy and names what does not hold of it.
func (m *Mirror) replay(ctx context.Context) {
	size := m.node.Size()
	r, err := m.cfg.Check(ctx)
	if err != nil {
		m.cfg.Log.Error("the copy was not replayed", "cause", err.Error())
		return
	}
	m.checked, m.weighed = size, m.cfg.Now()
	m.found(ctx, r)
	for _, c := range r.Claims {
		if c.State != verify.DoesNotHold {
			continue
		}
		for _, p := range c.Entries {
			if p.Rule == verify.RuleQuorum {
				continue // witnesses never stand in the way
			}
			if m.raised(fmt.Sprintf("record %d", p.Index)) {
				continue // what was served there is no record: it was said
			}
			m.breaks(ctx, p)
			return
		}
	}
}

// found names deployments without a consent that the mandate asks for and that nobody refused:
// somebody was not asked. They are in the log with a finding and have no effect there; the parties
// are to know of them at once. Whoever objected knows.
func (m *Mirror) found(ctx context.Context, r verify.Result) {
	if r.Replay == nil {
		return
	}
	v := r.Replay.Now()
	for i := range r.Replay.Size() {
		e := v.Entry(i)
		if e.Kind != corridor.KindDeployment {
			continue
		}
		why := map[string]string{}
		for _, f := range e.Findings {
			why[f.Rule] = f.Reason
		}
		if _, objected := why[corridor.FindingObjection]; !objected && why[corridor.FindingConsent] != "" {
			m.breaks(ctx, verify.Problem{Index: i, Hash: e.Hash, Rule: corridor.FindingConsent, Sentence: why[corridor.FindingConsent]})
		}
	}
}

// breaks accuses the log of an entry that breaks a rule, with the whole copy as the proof where
// that suffices.
func (m *Mirror) breaks(ctx context.Context, p verify.Problem) {
	key := fmt.Sprintf("rule %d %s", p.Index, p.Rule)
	if m.raised(key) {
		return
	}
	say := p.String() + " (" + p.Rule + ")"
	lines, err := m.cfg.Bundle(ctx)
	if err != nil || p.Index < 0 {
		m.claim(key, say)
		return
	}
	e := m.evidence(verify.EvidenceRule)
	e.Entry, e.Rule, e.Bundle = &p.Index, &p.Rule, lines
	m.accuse(key, say, e)
}
