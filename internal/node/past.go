package node

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sort"
	"sync"

	"corridor.example/corridor/internal/store"
)

// past knows when the entries of the log came: those since the node started by itself, the
// earlier ones by the side store. Entries came in the order of the log, whatever the clock did.
type past struct {
	mu    sync.Mutex
	since []came // by index and by time; the first is where the side store's word ends
}

// came says that the entries from an index on came at a time, in Unix seconds.
type came struct {
	from, at int64
}

// add notes that the entries from an index on have come now, and returns the time that holds
// for them: the clock's, or that of the entry before if the clock went back.
func (p *past) add(from, now int64) int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := len(p.since) - 1
	if last < 0 || p.since[last].at < now {
		p.since = append(p.since, came{from, now})
		return now
	}
	return p.since[last].at
}

// at returns when an entry came, if that is known here.
func (p *past) at(i int64) (int64, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	k := sort.Search(len(p.since), func(k int) bool { return p.since[k].from > i })
	if k == 0 {
		return 0, false
	}
	return p.since[k-1].at, true
}

// until returns how many of the first size entries had come by a time. earlier says that it is
// no more than that, and the side store must be asked about those.
func (p *past) until(t, size int64) (n int64, earlier bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	k := sort.Search(len(p.since), func(k int) bool { return p.since[k].at > t })
	if k == len(p.since) {
		return size, false
	}
	return min(size, p.since[k].from), k == 0
}

// forget drops what nobody will ask again: the entries before n are all of the past. It keeps
// the last time there is.
func (p *past) forget(n int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	k := 0
	for k+1 < len(p.since) && p.since[k+1].from <= n {
		k++
	}
	p.since = p.since[k:]
}

// recall finds out where the side store's notes of the committed entries end. What has none,
// as after a crash, counts as having come now: it may be released too late, never too early.
func (n *Node) recall(ctx context.Context) error {
	size, now := n.Size(), n.cfg.Now().Unix()
	at := func(i int64) (at int64, known bool, err error) {
		at, err = n.cfg.Side.ReceivedAt(ctx, n.mission.Hash(i))
		if errors.Is(err, store.ErrAbsent) {
			return 0, false, nil
		}
		return at, err == nil, err
	}
	var fault error
	noted := int64(sort.Search(int(size), func(i int) bool {
		_, known, err := at(int64(i))
		fault = errors.Join(fault, err)
		return !known
	}))
	last := int64(math.MinInt64)
	if fault == nil && noted > 0 {
		last, _, fault = at(noted - 1)
	}
	if fault != nil {
		return fmt.Errorf("when the entries of the log came: %w", fault)
	}
	if noted < size {
		last = n.past.add(noted, max(last, now)) // the clock may have gone back
		hashes := make([][32]byte, 0, size-noted)
		for i := noted; i < size; i++ {
			hashes = append(hashes, n.mission.Hash(i))
		}
		n.notes.add(last, hashes, 0, nil)
	} else if noted > 0 {
		n.past.add(noted, last)
	}
	return nil
}

// receivedBy returns how many of the first size entries had reached the node by a time, at
// least low. Of an earlier entry without a note the time is that of the one after it.
func (n *Node) receivedBy(ctx context.Context, low, size, until int64) (int64, error) {
	due, earlier := n.past.until(until, size)
	if !earlier || due <= low {
		return max(due, low), nil
	}
	var fault error
	found := sort.Search(int(due-low), func(k int) bool {
		for i := low + int64(k); i < due; i++ {
			n.mu.RLock()
			h := n.mission.Hash(i)
			n.mu.RUnlock()
			at, err := n.cfg.Side.ReceivedAt(ctx, h)
			if errors.Is(err, store.ErrAbsent) {
				continue
			}
			if err != nil {
				fault = err
			}
			return err == nil && at > until
		}
		return due < size // the next one is known to have come later
	})
	return low + int64(found), fault
}
