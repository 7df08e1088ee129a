package node

import (
	"context"
	"log/slog"
	"sync"

	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/record"
)

// notes writes down what is only the node's own word: when records came, and what keys used of
// their quotas. It does so beside the commits, because nobody waits for it: losing the last of
// it loses no record, and a record with no time noted is released as late as the one after it.
type notes struct {
	side store.Side
	log  *slog.Logger

	mu   sync.Mutex
	idle sync.Cond // nothing is waiting and nothing is being written
	came []arrival
	used map[usedOn]int64
	busy bool
	end  bool

	wake chan struct{}
	done chan struct{}
}

// arrival is records that came in the same second.
type arrival struct {
	at     int64
	hashes [][32]byte
}

type usedOn struct {
	use
	day int64
}

func newNotes(side store.Side, log *slog.Logger) *notes {
	n := &notes{side: side, log: log, used: map[usedOn]int64{}, wake: make(chan struct{}, 1), done: make(chan struct{})}
	n.idle.L = &n.mu
	return n
}

// add takes notes to be written soon.
func (n *notes) add(at int64, hashes [][32]byte, day int64, uses []use) {
	n.mu.Lock()
	if last := len(n.came) - 1; last >= 0 && n.came[last].at == at {
		n.came[last].hashes = append(n.came[last].hashes, hashes...)
	} else {
		n.came = append(n.came, arrival{at, hashes})
	}
	for _, u := range uses {
		n.used[usedOn{u, day}]++
	}
	n.mu.Unlock()
	n.stir()
}

func (n *notes) stir() {
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

// run writes what is added until close.
func (n *notes) run() {
	defer close(n.done)
	for range n.wake {
		n.mu.Lock()
		came, used, end := n.came, n.used, n.end
		n.came, n.used, n.busy = nil, map[usedOn]int64{}, true
		n.mu.Unlock()
		n.write(came, used)
		n.mu.Lock()
		n.busy = false
		if len(n.came) == 0 {
			n.idle.Broadcast()
		}
		n.mu.Unlock()
		if end {
			return
		}
	}
}

func (n *notes) write(came []arrival, used map[usedOn]int64) {
	ctx := context.Background()
	for _, a := range came {
		if err := n.side.Received(ctx, a.hashes, a.at); err != nil {
			n.log.Error("receipt times were not noted", "records", len(a.hashes), "cause", err.Error())
		}
	}
	uses := make([]store.Use, 0, len(used))
	for u, count := range used {
		uses = append(uses, store.Use{Key: u.key, Class: string(u.class), Day: u.day, N: count})
	}
	if err := n.side.Add(ctx, uses...); err != nil {
		n.log.Error("quotas were not noted", "cause", err.Error())
	}
}

// flush waits until everything added has been written.
func (n *notes) flush() {
	n.mu.Lock()
	for n.busy || len(n.came) > 0 {
		n.idle.Wait()
	}
	n.mu.Unlock()
}

// count returns what a key used of a class on a day.
func (n *notes) count(ctx context.Context, u use, day int64) (int64, error) {
	n.flush()
	return n.side.Count(ctx, u.key, string(u.class), day)
}

// close writes what is left and ends run. Nothing may be added after it.
func (n *notes) close() {
	n.mu.Lock()
	n.end = true
	n.mu.Unlock()
	n.stir()
	<-n.done
}

// ReceivedAt returns when a record reached this node, in Unix seconds, and whether that was
// noted. It is the node's own word and in no figure.
func (n *Node) ReceivedAt(ctx context.Context, h record.Hash) (int64, bool) {
	if at, err := n.cfg.Side.ReceivedAt(ctx, h); err == nil {
		return at, true
	}
	if i, ok := n.Index(h); ok {
		return n.past.at(i) // it is about to be written down
	}
	return 0, false
}
