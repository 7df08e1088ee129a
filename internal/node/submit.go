package node

import (
	"context"
	"crypto/ed25519"
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

// item is a record on its way through the node.
type item struct {
	rec     record.Record
	checked bool  // its signature has been looked at
	index   int64 // where it is in the log; good if err is nil once it was committed
	fresh   bool  // it was not in the log before
	err     error // why it is not, or not yet
}

// later reports whether the item waits for something, such as its key.
func (it *item) later() bool {
	var l *corridor.Later
	return errors.As(it.err, &l)
}

// Submit takes one record in. It returns when the record is committed, or with why not.
func (n *Node) Submit(ctx context.Context, r record.Record) (Receipt, error) {
	a := n.SubmitAll(ctx, []record.Record{r})[0]
	return a.Receipt, a.Err
}

// SubmitAll takes records in, in their order, and answers each. A record that needs one
// before it in the same batch, such as an observer's first after her nomination, is taken
// after it. What one sender hands in together is committed together, except where a record
// waits for a key that one before it enrols.
func (n *Node) SubmitAll(ctx context.Context, recs []record.Record) []Answer {
	if n.cfg.Copy {
		answers := make([]Answer, len(recs))
		for i := range answers {
			answers[i].Err = &corridor.Later{Rule: "copy.read-only", Reason: "this is a copy of the log and takes no records; send them to the mission's server, or lodge them here"}
		}
		return answers
	}
	items := make([]*item, len(recs))
	for i, r := range recs {
		items[i] = &item{rec: r}
	}
	n.authenticate(items)
	start, enrols := 0, false
	for i, it := range items {
		if enrols && it.later() {
			n.commit(ctx, items[start:i])
			start, enrols = i, false
			n.authenticate(items[i:])
		}
		// Only authority enrols keys.
		enrols = enrols || it.err == nil && corridor.Kind(it.rec.Header.Kind).Class() == corridor.ClassAuthority
	}
	n.commit(ctx, items[start:])

	answers := make([]Answer, len(recs))
	now := n.now.Load()
	for i, it := range items {
		if answers[i].Err = it.err; it.err == nil {
			answers[i].Receipt, answers[i].Err = now.receipt(it.rec.Hash, it.index)
			answers[i].Receipt.New = it.fresh
		}
	}
	return answers
}

// authenticate checks the signatures of items that have not been checked, several at a time,
// and notes what is wrong with them.
func (n *Node) authenticate(items []*item) {
	var todo []*item
	for _, it := range items {
		if !it.checked || it.later() {
			todo = append(todo, it)
		}
	}
	check := func(it *item) { it.checked, it.err = true, n.authentic(it.rec) }
	if len(todo) == 1 {
		check(todo[0])
		return
	}
	var wg sync.WaitGroup
	workers := min(runtime.GOMAXPROCS(0), len(todo))
	for w := range workers {
		wg.Go(func() {
			for i := w; i < len(todo); i += workers {
				check(todo[i])
			}
		})
	}
	wg.Wait()
}

// authentic checks a record's signature under the key the mission knows for it. A record of
// the log is authentic under whatever its key has become.
func (n *Node) authentic(r record.Record) error {
	// A key that was looked up before is not waited for while somebody reads the mission. It
	// may have been enrolled by a commit that failed since; the writer judges that.
	if k, ok := n.keys.Load(r.Header.Key); ok && k.(known).owner == r.Header.By {
		return r.Verify(k.(known).public)
	}
	n.mu.RLock()
	key, err := n.key(r)
	n.mu.RUnlock()
	if err != nil {
		return err
	}
	if err := r.Verify(key); err != nil {
		return err
	}
	n.keys.Store(r.Header.Key, known{key, r.Header.By})
	return nil
}

// known is a key that the mission knows, and whose it is.
type known struct {
	public ed25519.PublicKey
	owner  string
}

// key returns the key a record must be signed with. A record that could never be logged here,
// whoever signed it, is refused and not told to wait for its key.
func (n *Node) key(r record.Record) (ed25519.PublicKey, error) {
	if n.mission.Size() == 0 && corridor.Kind(r.Header.Kind) == corridor.KindMandate {
		return corridor.FoundingKey(r)
	}
	key, err := n.mission.Key(r.Header)
	var later *corridor.Later
	var refusal *corridor.Refusal
	if errors.As(err, &later) && n.mission.Size() > 0 {
		if why := n.mission.Judge(r); errors.As(why, &refusal) {
			err = refusal
		}
	}
	return key, err
}

// commit hands items that are authentic to the writer and waits for it.
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
	select {
	case <-n.stop:
		fail(ErrStopping)
		return
	default:
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
			fail(ErrStopping) // it came when the writer had looked for the last time
		}
	}
}

// Receipt returns the receipt of a record in the log, against the newest cosigned checkpoint
// that covers it, else against the newest there is. ok is false if the record is not in it.
func (n *Node) Receipt(h record.Hash) (r Receipt, ok bool, err error) {
	now := n.now.Load()
	i, ok := n.index(h)
	if !ok || i >= now.size {
		return r, false, nil
	}
	r, err = now.receipt(h, i)
	return r, true, err
}

// ReceiptAt returns the receipt of a record against a checkpoint of this log, such as one
// that was released. ok is false if the record is not in its tree.
func (n *Node) ReceiptAt(h record.Hash, signed []byte) (r Receipt, ok bool, err error) {
	now := n.now.Load()
	c, err := ledger.ParseCheckpoint(signed)
	if err != nil {
		return r, false, err
	}
	i, ok := n.index(h)
	if !ok || i >= c.Size || c.Size > now.size {
		return r, false, nil
	}
	r, err = now.prove(h, i, c.Size, signed)
	return r, true, err
}

func (n *Node) index(h record.Hash) (int64, bool) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return n.mission.Index(h)
}

func (c *committed) receipt(h record.Hash, i int64) (Receipt, error) {
	if c.cosignedSize > i {
		return c.prove(h, i, c.cosignedSize, c.cosigned)
	}
	return c.prove(h, i, c.size, c.head)
}

// prove makes a receipt in the tree of the first size entries, which signed is of.
func (c *committed) prove(h record.Hash, i, size int64, signed []byte) (Receipt, error) {
	hashes, err := c.tree.Inclusion(i, size)
	if err != nil {
		return Receipt{}, err
	}
	p := ledger.Proof{Index: i, Hashes: hashes, Checkpoint: signed}
	return Receipt{Hash: h, Index: i, Size: size, Proof: p.Text()}, nil
}
