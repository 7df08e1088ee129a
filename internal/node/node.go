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
	// Witnesses are asked on every tick to cosign; none of them is waited for.
	Witnesses []Witness
	// Now is the node's clock; nil: time.Now. It dates receipts and counts quotas, and no
	// figure reads it.
	Now func() time.Time
	// Log receives what operators must know; nil: slog.Default. No content of a record.
	Log *slog.Logger
	// Progress is told how many of the stored records have been folded; nil: nobody is.
	Progress func(done, total int64)
}

// A Witness cosigns checkpoints for somebody. Cosign returns one signature line.
type Witness interface {
	Name() string
	Cosign(ctx context.Context, signed []byte) (line []byte, err error)
}

// A Node runs one mission. Its methods may be called by several goroutines at once.
type Node struct {
	cfg    Config
	origin string
	signer note.Signer

	mu      sync.RWMutex // guards the mission and the four below
	mission *corridor.Mission
	size    int64  // committed entries; views go no further
	head    []byte // newest checkpoint, of size
	seenBy  []byte // newest cosigned checkpoint, nil if none
	broken  error  // set when the store failed and could not be read again

	work    chan *group
	quotas  quotas
	stopped chan struct{} // closed when the writer has ended
	stop    chan struct{} // closed to ask it to
	once    sync.Once
	closed  atomic.Bool
	changed broadcast
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
	n := &Node{
		cfg: cfg, work: make(chan *group, 4096), stop: make(chan struct{}), stopped: make(chan struct{}),
		quotas: quotas{used: map[use]int64{}},
	}
	if err := n.load(ctx); err != nil {
		return nil, err
	}
	go n.write()
	return n, nil
}

// Close stops taking records, commits those already taken, and returns when that is done. The
// stores stay open; they are the caller's.
func (n *Node) Close() {
	n.closed.Store(true)
	n.once.Do(func() { close(n.stop) })
	<-n.stopped
}

// View calls f with the mission as committed. The view is good only until f returns.
func (n *Node) View(f func(corridor.View)) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	f(n.mission.At(n.size))
}

// At calls f with the mission as its first size records tell it, or returns an error if the
// log is shorter.
func (n *Node) At(size int64, f func(corridor.View)) error {
	n.mu.RLock()
	defer n.mu.RUnlock()
	if size < 0 || size > n.size {
		return fmt.Errorf("the log has %d records, not %d", n.size, size)
	}
	f(n.mission.At(size))
	return nil
}

// Draft drafts the next report of a series (corridor.Mission.DraftReport).
func (n *Node) Draft(series string, to int64, cutOff record.Time, zone string) (corridor.ReportFacts, corridor.ReportCount, error) {
	n.mu.RLock()
	defer n.mu.RUnlock()
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
func (n *Node) Size() int64 {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return n.size
}

// Checkpoint returns the newest committed checkpoint, signed by the log, nil before the mandate.
func (n *Node) Checkpoint() []byte {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return n.head
}

// Cosigned returns the newest checkpoint that carries the mandate's quorum, nil if none does.
func (n *Node) Cosigned() []byte {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return n.seenBy
}

// Founded reports whether the log has its mandate.
func (n *Node) Founded() bool { return n.Size() > 0 }

// VerifierKey returns the log's verifier key as text.
func (n *Node) VerifierKey() string {
	n.mu.RLock()
	defer n.mu.RUnlock()
	if t := n.mission.At(n.size).Terms(); t != nil {
		return t.LogKey
	}
	return ""
}

// Failing returns why the node cannot commit any more, nil while it can.
func (n *Node) Failing() error {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return n.broken
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
	return rebuild(row)
}

// Changed returns a channel that is closed at the next commit or cosignature.
func (n *Node) Changed() <-chan struct{} { return n.changed.wait() }

// ReceivedAt returns when a record reached this node, in Unix seconds, and whether that was
// noted. It is the node's own word and in no figure.
func (n *Node) ReceivedAt(ctx context.Context, h record.Hash) (int64, bool) {
	at, err := n.cfg.Side.ReceivedAt(ctx, h)
	return at, err == nil
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

// setOrigin takes the log's name from the mandate and makes the signer for it.
func (n *Node) setOrigin(terms *corridor.Terms) error {
	if n.signer != nil {
		return nil
	}
	vkey, err := ledger.VerifierKey(terms.Origin, n.cfg.LogKey.Public().(ed25519.PublicKey))
	if err != nil {
		return err
	}
	if vkey != terms.LogKey {
		return corridor.Refuse("mandate.log-key", "the mandate names the log key %s and this node holds another; found it where its key is", terms.LogKey)
	}
	n.origin = terms.Origin
	n.signer, err = ledger.NewSigner(terms.Origin, n.cfg.LogKey)
	return err
}
