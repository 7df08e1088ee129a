package node

import (
	"context"
	"errors"
	"runtime"
	"sync"

	"corridor.example/corridor"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// An Answer is what becomes of one submitted record: a receipt, or an error that is a
// *corridor.Refusal (never), a *corridor.Later (keep it and send it again) or a fault.
type Answer struct {
	Receipt Receipt
	Err     error
}

// A Receipt proves that a record is in the log: its inclusion proof and the checkpoint it
// leads to, as one text (c2sp.org/tlog-proof).
type Receipt struct {
	Hash  record.Hash
	Index int64
	Size  int64 // of the tree the proof leads to
	New   bool  // false: the record was in the log already, and this is the receipt of the first
	Proof []byte
}

// group is records of one sender, in the order sent.
type group struct {
	items []*item
	done  chan struct{}
}

type item struct {
	rec   record.Record
	index int64
	fresh bool
	err   error
}

// Submit takes one record in. It returns when the record is committed, or with why not.
func (n *Node) Submit(ctx context.Context, r record.Record) (Receipt, error) {
	a := n.SubmitAll(ctx, []record.Record{r})[0]
	return a.Receipt, a.Err
}

// SubmitAll takes records in, in their order, and answers each. A record that needs one
// before it in the same batch, such as an observer's first after her nomination, is taken
// after it.
func (n *Node) SubmitAll(ctx context.Context, recs []record.Record) []Answer {
	answers := make([]Answer, len(recs))
	items := make([]*item, len(recs))
	for i, r := range recs {
		items[i] = &item{rec: r}
	}
	for start := 0; start < len(items); {
		end := n.authenticate(items[start:]) + start
		if end == start { // its key is not known even after everything before it
			end++
		}
		n.commit(ctx, items[start:end])
		start = end
	}
	for i, it := range items {
		answers[i].Err = it.err
		if it.err == nil {
			answers[i].Receipt, answers[i].Err = n.receipt(it.rec.Hash, it.index)
			answers[i].Receipt.New = it.fresh
		}
	}
	return answers
}

// authenticate checks signatures, several at a time, and returns how many items from the
// start can be committed before one whose key may become known by them.
func (n *Node) authenticate(items []*item) int {
	check := func(it *item) { it.err = n.authentic(it.rec) }
	if len(items) == 1 {
		check(items[0])
	} else {
		var wg sync.WaitGroup
		workers := runtime.GOMAXPROCS(0)
		for w := range workers {
			wg.Go(func() {
				for i := w; i < len(items); i += workers {
					check(items[i])
				}
			})
		}
		wg.Wait()
	}
	for i, it := range items {
		var later *corridor.Later
		if errors.As(it.err, &later) {
			return i
		}
	}
	return len(items)
}

// authentic checks a record's signature under the key the mission knows for it. A record of
// the log is authentic under whatever its key has become.
func (n *Node) authentic(r record.Record) error {
	n.mu.RLock()
	empty := n.size == 0
	key, err := n.mission.Key(r.Header)
	n.mu.RUnlock()
	if empty {
		key, err = corridor.FoundingKey(r)
	}
	if err != nil {
		return err
	}
	return r.Verify(key)
}

// commit hands items to the writer and waits for it.
func (n *Node) commit(ctx context.Context, items []*item) {
	g := &group{done: make(chan struct{})}
	for _, it := range items {
		if it.err == nil {
			g.items = append(g.items, it)
		}
	}
	if len(g.items) == 0 {
		return
	}
	fail := func(err error) {
		for _, it := range g.items {
			it.err = err
		}
	}
	if n.closed.Load() {
		fail(ErrStopping)
		return
	}
	select {
	case n.work <- g:
	case <-n.stop:
		fail(ErrStopping)
		return
	case <-ctx.Done():
		fail(ctx.Err())
		return
	}
	select {
	case <-g.done: // the writer answers every group it took, even when it stops
	case <-n.stopped:
		select {
		case <-g.done:
		default:
			fail(ErrStopping)
		}
	}
}

// Receipt returns the receipt of a record in the log, against the newest cosigned checkpoint
// that covers it, else against the newest there is. ok is false if the record is not in it.
func (n *Node) Receipt(h record.Hash) (r Receipt, ok bool, err error) {
	n.mu.RLock()
	i, ok := n.mission.Index(h)
	ok = ok && i < n.size
	n.mu.RUnlock()
	if !ok {
		return r, false, nil
	}
	r, err = n.receipt(h, i)
	return r, true, err
}

func (n *Node) receipt(h record.Hash, i int64) (Receipt, error) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	signed, size := n.head, n.size
	if n.seenBy != nil {
		if c, err := ledger.ParseCheckpoint(n.seenBy); err == nil && c.Size > i {
			signed, size = n.seenBy, c.Size
		}
	}
	hashes, err := n.mission.Tree().Inclusion(i, size)
	if err != nil {
		return Receipt{}, err
	}
	p := ledger.Proof{Index: i, Hashes: hashes, Checkpoint: signed}
	return Receipt{Hash: h, Index: i, Size: size, Proof: p.Text()}, nil
}
