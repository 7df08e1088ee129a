package node

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"runtime"
	"sync"

	"golang.org/x/mod/sumdb/note"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// load folds the store into a fresh mission and holds it against the head's checkpoints, and
// against what was committed before. Only Open and the writer call it.
func (n *Node) load(ctx context.Context) error {
	head, err := n.cfg.Store.Head(ctx)
	if err != nil {
		return fmt.Errorf("the log's head: %w", err)
	}
	m := &corridor.Mission{}
	f := folding{progress: n.cfg.Progress, partial: n.cfg.Copy}
	if err := f.fold(ctx, n.cfg.Store, m, head.Size); err != nil {
		return err
	}
	next := &committed{head: head.Checkpoint, live: head.Checkpoint, cosigned: head.Cosigned}
	if was := n.now.Load(); was != nil {
		next.held, next.live = was.held, was.live
	}
	var signer note.Signer
	if head.Size > 0 {
		if m.Now().Terms() == nil {
			return unsigned(errors.New("its mandate is not here"))
		}
		if !n.cfg.Copy {
			if signer, err = n.signs(m.Now().Terms()); err != nil {
				return err
			}
		}
		if err := agree(m, head); err != nil {
			return unsigned(err)
		}
	}
	if next.cosigned != nil {
		c, err := ledger.ParseCheckpoint(next.cosigned)
		if err != nil {
			return unsigned(fmt.Errorf("the newest cosigned checkpoint: %w", err))
		}
		next.cosignedSize = c.Size
	}
	if err := n.continues(ctx, m); err != nil {
		return unsigned(err)
	}
	next.of(m, signer)
	n.mu.Lock()
	n.mission, n.signer, n.copied = m, signer, f.problems
	n.now.Store(next)
	n.mu.Unlock()
	return nil
}

// unsigned says of a log that does not agree with itself what to do.
func unsigned(err error) error {
	return fmt.Errorf("%w; nothing is signed over it: run corridor verify and see what is wrong", err)
}

// signs returns the signer of the log that terms name.
func (n *Node) signs(terms *corridor.Terms) (note.Signer, error) {
	vkey, err := ledger.VerifierKey(terms.Origin, n.cfg.LogKey.Public().(ed25519.PublicKey))
	if err != nil {
		return nil, err
	}
	if vkey != terms.LogKey {
		return nil, corridor.Refuse("mandate.log-key", "the mandate names the log key %s and this node holds another; found it where its key is", terms.LogKey)
	}
	return ledger.NewSigner(terms.Origin, n.cfg.LogKey)
}

// agree checks that the checkpoints of a head are of the folded log.
func agree(m *corridor.Mission, head store.Head) error {
	policy, err := m.Now().Terms().Policy()
	if err != nil {
		return fmt.Errorf("the mandate's witness policy: %w", err)
	}
	check := func(what string, signed []byte) (ledger.Signed, error) {
		s, err := policy.Check(signed)
		if err != nil {
			return s, fmt.Errorf("%s: %w", what, err)
		}
		root, err := m.Tree().Root(s.Size)
		if err != nil || root != s.Root {
			return s, fmt.Errorf("%s of size %d is not of the %d records stored", what, s.Size, m.Size())
		}
		return s, nil
	}
	s, err := check("the newest checkpoint", head.Checkpoint)
	if err != nil {
		return err
	}
	if s.Size != head.Size {
		return fmt.Errorf("the newest checkpoint is of size %d and the head of %d", s.Size, head.Size)
	}
	if head.Cosigned != nil {
		_, err = check("the newest cosigned checkpoint", head.Cosigned)
	}
	return err
}

// continues checks that what is stored goes on from what this node has shown and what
// witnesses have cosigned. A store put back from an old copy does not, and signing over it
// would make a second history.
func (n *Node) continues(ctx context.Context, m *corridor.Mission) error {
	if was := n.now.Load(); was != nil && was.size > 0 {
		if m.Size() < was.size {
			return fmt.Errorf("the log has %d records and had %d: the store was put back while it was in use", m.Size(), was.size)
		}
		before, err := was.tree.Root(was.size)
		if err != nil {
			return err
		}
		if root, err := m.Tree().Root(was.size); err != nil || root != before {
			return fmt.Errorf("the first %d records are not those that were committed", was.size)
		}
	}
	mark, err := n.cfg.Side.MarkAfter(ctx, m.Size()+1)
	if errors.Is(err, store.ErrAbsent) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("the newest cosigned checkpoint kept beside the log: %w", err)
	}
	return fmt.Errorf("witnesses have cosigned %d records and the log has %d, so it is an old copy, or another log: put the newer one back, or go on in a log that succeeds it", mark.Size, m.Size())
}

// A chunk is stored rows on their way to the fold.
type chunk struct {
	first int64
	rows  []store.Row
	recs  []record.Record
	errs  []error
	done  chan struct{} // closed once rows are made into recs
}

// The most a chunk holds.
const (
	chunkRows  = 256
	chunkBytes = 4 << 20
)

// A folding is how stored rows are folded.
type folding struct {
	progress func(done, total int64) // nil: nobody is told
	partial  bool                    // records and parts may be missing, and what is wrong is noted
	problems []Problem               // noted, of a partial one
}

// fold reads entries [m.Size(), to) and adds them to the mission. One goroutine reads, several
// make records of rows, and the caller folds them in their order.
func (f *folding) fold(ctx context.Context, s store.Store, m *corridor.Mission, to int64) error {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	workers := runtime.GOMAXPROCS(0)
	ordered, work := make(chan *chunk, 2*workers), make(chan *chunk, 2*workers)
	var fault error // of reading; good once ordered is closed
	wg.Go(func() {
		defer close(ordered)
		defer close(work)
		fault = chunks(ctx, s, m.Size(), to, func(c *chunk) bool {
			for _, ch := range []chan *chunk{work, ordered} {
				select {
				case ch <- c:
				case <-ctx.Done():
					return false
				}
			}
			return true
		})
	})
	for range workers {
		wg.Go(func() {
			for c := range work {
				for i, row := range c.rows {
					c.recs[i], c.errs[i] = rebuild(c.first+int64(i), row)
				}
				close(c.done)
			}
		})
	}
	var missing []place
	for c := range ordered {
		<-c.done
		for i := range c.rows {
			if err := f.add(m, c.rows[i], c.recs[i], c.errs[i]); err != nil {
				return err
			}
			if !c.rows[i].Carried() {
				missing = append(missing, place{c.rows[i].Hash, c.first + int64(i), ""})
			}
			for _, p := range c.recs[i].Parts {
				if p.Bytes == nil {
					missing = append(missing, place{c.recs[i].Hash, c.first + int64(i), p.Name})
				}
			}
		}
		if f.progress != nil {
			f.progress(m.Size(), to)
		}
	}
	if fault != nil {
		return fault
	}
	if m.Size() < to {
		return damaged(m.Size(), "it is missing")
	}
	if f.partial {
		return nil
	}
	return accounted(m, missing)
}

// chunks reads rows and hands them on until send says to stop.
func chunks(ctx context.Context, s store.Store, from, to int64, send func(*chunk) bool) error {
	c, size := &chunk{first: from, done: make(chan struct{})}, 0
	flush := func() bool {
		c.recs, c.errs = make([]record.Record, len(c.rows)), make([]error, len(c.rows))
		ok := send(c)
		c, size = &chunk{first: c.first + int64(len(c.rows)), done: make(chan struct{})}, 0
		return ok
	}
	for row, err := range s.Rows(ctx, from, to) {
		if err != nil {
			flush() // what comes before the damage may be worse
			return err
		}
		c.rows = append(c.rows, row)
		for _, p := range row.Parts {
			size += len(p)
		}
		if (len(c.rows) == chunkRows || size > chunkBytes) && !flush() {
			return ctx.Err()
		}
	}
	if !flush() {
		return ctx.Err()
	}
	return nil
}

// add folds one entry and checks that the store holds of it what it would write today.
func (f *folding) add(m *corridor.Mission, row store.Row, r record.Record, err error) error {
	i := m.Size()
	if f.partial && (err == nil || errors.Is(err, ErrNotCarried)) {
		f.problems = append(f.problems, enter(m, row, r, err == nil)...)
	} else if errors.Is(err, ErrNotCarried) { // whether that may be is known when all is read
		if err := m.AddBlank(row.Leaf); err != nil {
			return fmt.Errorf("entry %d: %w", i, err)
		}
	} else if err != nil {
		return err
	} else if err := m.Add(r); err != nil {
		return fmt.Errorf("entry %d: %w", i, err)
	}
	if !bytes.Equal(m.Tree().AppendRow(nil, i), row.Hashes) {
		return damaged(i, "its tree hashes are not those of its leaf")
	}
	return nil
}

// rebuild makes a record of a stored row, and holds the row against it.
func rebuild(i int64, row store.Row) (record.Record, error) {
	if !row.Carried() {
		return record.Record{}, fmt.Errorf("entry %d: %w", i, ErrNotCarried)
	}
	r, err := record.ParseEnvelope(row.Envelope)
	if err != nil {
		return r, damaged(i, "its envelope is not a record's: "+err.Error())
	}
	switch {
	case r.Hash != row.Hash:
		return r, damaged(i, "it stands under another record hash than its own")
	case !bytes.Equal(corridor.Leaf(r), row.Leaf):
		return r, damaged(i, "its leaf is not the one of its record")
	case len(row.Parts) != len(r.Parts):
		return r, damaged(i, fmt.Sprintf("it has %d parts and its header names %d", len(row.Parts), len(r.Parts)))
	}
	for p, b := range row.Parts {
		if b == nil {
			continue
		}
		if err := r.PutAt(p, b); err != nil {
			return r, damaged(i, err.Error())
		}
	}
	return r, nil
}

func damaged(i int64, what string) error { return &store.DamageError{Index: i, What: what} }

// place is where a part would lie that the store does not have.
type place struct {
	hash  record.Hash
	index int64
	part  string // "": the record as a whole
}

// accounted checks that every part that is missing was ordered erased, or was not saved from a
// log that ended: the store of a running mission holds everything else.
func accounted(m *corridor.Mission, missing []place) error {
	for _, p := range missing {
		if m.Now().Saved(p.index) {
			continue
		}
		if p.part == "" {
			return fmt.Errorf("entry %d: %w", p.index, ErrNotCarried)
		}
		if _, ok := m.Now().Erased(p.hash, p.part); !ok {
			return damaged(p.index, fmt.Sprintf("its part %q is missing and nobody ordered it erased", p.part))
		}
	}
	return nil
}

// Read folds a store that nobody runs, without a clock, a key or a writer, and returns the
// mission with the head it was read at. It checks no signature and no checkpoint.
func Read(ctx context.Context, s store.Store) (*corridor.Mission, store.Head, error) {
	head, err := s.Head(ctx)
	if err != nil {
		return nil, head, fmt.Errorf("the log's head: %w", err)
	}
	m := &corridor.Mission{}
	if err := new(folding).fold(ctx, s, m, head.Size); err != nil {
		return nil, head, err
	}
	if head.Size == 0 {
		return nil, head, fmt.Errorf("the log is empty: it has no mandate")
	}
	return m, head, nil
}
