// Package node is the running mission: the one writer of its log, who takes records in, folds
// them, commits them with a signed checkpoint and hands receipts out.
//
// It decides nothing about records: the root package judges them. It owns what that package
// has none of, the clock, the disk, concurrency and the log's key. No checkpoint and no
// receipt leaves it before the store has committed what they speak of.
package node

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/mod/sumdb/note"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// A Config is what a node needs of the world.
type Config struct {
	Store  store.Store        // the mission's log
	Side   store.Side         // the node's own word
	LogKey ed25519.PrivateKey // signs checkpoints; never rotates
	// Copy says that the store is a copy of a log which somebody else writes, and may hold less
	// than all of it. The node then signs nothing, takes nothing in and has no use for LogKey;
	// Follow and Fill bring what comes. The store must be a store.Filler.
	Copy bool
	// NodeKey signs the server's own records: refusals and traces. nil: it can sign none, and opens
	// no restricted part to anybody.
	NodeKey ed25519.PrivateKey
	// Witnesses are asked on every tick to cosign; none of them is waited for. When the node
	// opens they are asked how far they know the log, before anything is signed.
	Witnesses []Witness
	// WitnessesOf returns further witnesses that the terms in force name; nil: none. It is asked
	// when the node opens and when the terms have changed.
	WitnessesOf func(*corridor.Terms) []Witness
	// Despite names witnesses whose bare word for a longer log is not believed when the node
	// opens. One that shows a checkpoint with the log's own signature is believed all the same.
	Despite []string
	// Gather is how long readings are gathered before who opened what is logged; 0: two seconds,
	// below zero: not at all. Where many are, they are gathered longer, and never ten seconds.
	Gather time.Duration
	// Now is the node's clock; nil: time.Now. It dates receipts and counts quotas, and no
	// figure reads it.
	Now func() time.Time
	// Log receives what operators must know; nil: slog.Default. No content of a record.
	Log *slog.Logger
	// Progress is told how many of the stored records have been folded; nil: nobody is.
	Progress func(done, total int64)
}

// A Witness cosigns checkpoints for somebody. Its methods give up when ctx ends.
type Witness interface {
	// Name is how the mandate's policy calls it.
	Name() string

	// Cosign returns one signature line over a signed checkpoint, or several. prove gives it the
	// proof that the checkpoint continues one of an older size. A witness that has cosigned what
	// the checkpoint does not continue returns an *Ahead.
	Cosign(ctx context.Context, signed []byte, prove Prover) (lines []byte, err error)

	// Newest returns how far it knows the log of a signed checkpoint; it may cosign it then.
	Newest(ctx context.Context, signed []byte) (Newest, error)
}

// A Prover returns the proof that a checkpoint continues the tree of an older size.
type Prover func(old int64) ([]ledger.Hash, error)

// A Node runs one mission. Its methods may be called by several goroutines at once.
type Node struct {
	cfg   Config
	now   atomic.Pointer[committed] // what readers see; replaced, never changed
	turn  sync.Mutex                // who holds it may replace now
	notes *notes
	past  past

	// mu guards the mission. It is held for writing only while records are folded; the writer
	// alone does that, and needs no lock to read.
	mu      sync.RWMutex
	mission *corridor.Mission

	keys     sync.Map   // by fingerprint: known
	keeping  sync.Mutex // one cosigned checkpoint is kept after the other
	released released

	asked struct { // the witnesses of the terms in force
		mu    sync.Mutex
		terms *corridor.Terms
		list  []Witness
	}

	disclosed disclosures
	heard     heard

	signer  note.Signer // of the log the mandate names, nil before it; the writer's
	quotas  quotas      // the writer's
	own     sync.Mutex  // one record of the server itself is signed after the other
	copied  []Problem   // what a copy's fold had to say against its records when it was read
	follow  sync.Mutex  // one Follow or Fill is under way
	work    chan *group
	stop    chan struct{} // closed to ask the writer to end
	stopped chan struct{} // closed when it has
	once    sync.Once
	changed broadcast
}

// committed is what the store holds for certain. Nothing beyond it is shown to anyone.
type committed struct {
	size         int64
	tree         *ledger.Tree    // a copy of the mission's, which only grows; nobody appends to it
	terms        *corridor.Terms // the mandate's, as they stand; nil before it
	signer       note.Signer     // of the log they name
	head         []byte          // newest checkpoint, of size; nil before the mandate
	live         []byte          // the head as it was at the last tick: what witnesses are shown
	word         []byte          // of the newest size that somebody cosigned, with all that is known of it
	wordSize     int64
	cosigned     []byte // newest that carries the quorum, nil if none does
	cosignedSize int64
	broken       error // set when the store failed and could not be read again
	held         error // set when somebody showed that the log's key signed what is not this log
}

// ErrStopping says that the node takes no more records. The sender keeps them.
var ErrStopping = errors.New("the mission server is stopping; send it again")

// Open folds what the store holds and starts the writer. It refuses to run over a store whose
// records, hashes or checkpoints do not agree: corridor verify names what is wrong.
func Open(ctx context.Context, cfg Config) (*Node, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.Gather == 0 {
		cfg.Gather = gather
	}
	n := &Node{
		cfg: cfg, work: make(chan *group, 4096), stop: make(chan struct{}), stopped: make(chan struct{}),
		notes: newNotes(cfg.Side, cfg.Log),
	}
	n.quotas.read = n.notes.count
	if err := n.load(ctx); err != nil {
		return nil, err
	}
	if err := n.recall(ctx); err != nil {
		return nil, err
	}
	if err := n.listen(ctx); err != nil {
		return nil, err
	}
	if err := n.consult(ctx); err != nil {
		return nil, err
	}
	go n.notes.run()
	if cfg.Copy {
		go func() { <-n.stop; close(n.stopped) }()
	} else {
		go n.write()
	}
	return n, nil
}

// Close stops taking records, commits those already taken, and returns when that is done. The
// stores stay open; they are the caller's.
func (n *Node) Close() {
	n.once.Do(func() { close(n.stop) })
	<-n.stopped
	n.notes.close()
}

// View calls f with the mission as committed. The view is good only until f returns, and f
// must call no other method of the node: it could wait for a writer who waits for it.
func (n *Node) View(f func(corridor.View)) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	f(n.mission.At(n.now.Load().size))
}

// At calls f with the mission as its first size records tell it, or returns an error if the
// log is shorter. It binds f as View does.
func (n *Node) At(size int64, f func(corridor.View)) error {
	n.mu.RLock()
	defer n.mu.RUnlock()
	if err := n.reaches(size); err != nil {
		return err
	}
	f(n.mission.At(size))
	return nil
}

// reaches says what is wrong with a size of the committed log.
func (n *Node) reaches(size int64) error {
	if now := n.now.Load(); size < 0 || size > now.size {
		return fmt.Errorf("the log has %d records, not %d", now.size, size)
	}
	return nil
}

// Draft drafts the next report of a series (corridor.Mission.DraftReport).
func (n *Node) Draft(series string, to int64, cutOff record.Time, zone string) (corridor.ReportFacts, corridor.ReportCount, error) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	if err := n.reaches(to); err != nil {
		return corridor.ReportFacts{}, corridor.ReportCount{}, corridor.Refuse("report.range", "%v", err)
	}
	return n.mission.DraftReport(series, to, cutOff, zone)
}

// Mission returns the fold itself. It is for one who alone submits records and has nobody else
// reading meanwhile, such as whoever plays a scenario; everybody else uses View.
func (n *Node) Mission() *corridor.Mission {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return n.mission
}

// Size returns the number of committed records.
func (n *Node) Size() int64 { return n.now.Load().size }

// Tree returns the committed tree. It may be read while the log grows, and not appended to.
func (n *Node) Tree() *ledger.Tree { return n.now.Load().tree }

// Checkpoint returns the newest committed checkpoint, signed by the log, nil before the mandate.
func (n *Node) Checkpoint() []byte { return n.now.Load().head }

// Cosigned returns the newest checkpoint that carries the mandate's quorum, nil if none does.
func (n *Node) Cosigned() []byte { return n.now.Load().cosigned }

// Live returns the checkpoint that the mission's witnesses are shown, and its size: the head as
// it was at the last tick, so that it tells nobody when something came. It carries the
// cosignatures that have come, and is nil before the mandate.
func (n *Node) Live() (int64, []byte) {
	now := n.now.Load()
	c, err := ledger.ParseCheckpoint(now.live)
	if err != nil {
		return 0, nil // there is none yet
	}
	switch c.Size {
	case now.wordSize:
		return c.Size, now.word
	case now.cosignedSize:
		return c.Size, now.cosigned
	}
	return c.Size, now.live
}

// witnesses returns everybody who is asked to cosign.
func (n *Node) witnesses() []Witness {
	terms := n.now.Load().terms
	if n.cfg.WitnessesOf == nil || terms == nil {
		return n.cfg.Witnesses
	}
	n.asked.mu.Lock()
	defer n.asked.mu.Unlock()
	if n.asked.terms != terms {
		n.asked.terms = terms
		n.asked.list = slices.Concat(n.cfg.Witnesses, n.cfg.WitnessesOf(terms))
	}
	return n.asked.list
}

// Founded reports whether the log has its mandate.
func (n *Node) Founded() bool { return n.Size() > 0 }

// VerifierKey returns the log's verifier key as text, "" before the mandate.
func (n *Node) VerifierKey() string {
	if t := n.now.Load().terms; t != nil {
		return t.LogKey
	}
	return ""
}

// Failing returns why the node cannot commit any more, nil while it can. An *Ahead says that
// it signs nothing because the log's key has signed another history.
func (n *Node) Failing() error {
	now := n.now.Load()
	if now.held != nil {
		return now.held
	}
	return now.broken
}

// Row returns a committed entry as stored: its leaf, envelope and parts.
func (n *Node) Row(ctx context.Context, i int64) (store.Row, error) {
	if i < 0 || i >= n.Size() {
		return store.Row{}, store.Absent(i)
	}
	return n.cfg.Store.Row(ctx, i)
}

// Record returns a committed record with the parts the store has.
func (n *Node) Record(ctx context.Context, i int64) (record.Record, error) {
	row, err := n.Row(ctx, i)
	if err != nil {
		return record.Record{}, err
	}
	return rebuild(i, row)
}

// Changed returns a channel that is closed at the next commit or cosignature.
func (n *Node) Changed() <-chan struct{} { return n.changed.wait() }

// of notes what a mission says, all of which the store holds.
func (c *committed) of(m *corridor.Mission, s note.Signer) {
	tree := *m.Tree()
	c.size, c.tree, c.terms, c.signer = m.Size(), &tree, m.Now().Terms(), s
}

// replace gives readers something newer. change works on a copy.
func (n *Node) replace(change func(*committed)) {
	n.turn.Lock()
	next := *n.now.Load()
	change(&next)
	n.now.Store(&next)
	n.turn.Unlock()
	n.changed.wake()
}

// A broadcast wakes everybody who waits.
type broadcast struct {
	mu sync.Mutex
	ch chan struct{}
}

func (b *broadcast) wait() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ch == nil {
		b.ch = make(chan struct{})
	}
	return b.ch
}

func (b *broadcast) wake() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ch != nil {
		close(b.ch)
		b.ch = nil
	}
}
