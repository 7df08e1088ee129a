package node

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// ErrNotCarried says that a copy has only the leaf of an entry. It is a store.ErrAbsent.
var ErrNotCarried = fmt.Errorf("its record is not in this copy: %w", store.ErrAbsent)

// A Problem is what a copy's fold has against an entry: a signature that does not hold, or a
// rule that is broken as far as is known here.
type Problem struct {
	Index    int64
	Rule     string
	Sentence string
}

func problemAt(i int64, err error) Problem {
	rule, sentence, ok := corridor.ReasonOf(err)
	if !ok {
		rule, sentence = "record", err.Error()
	}
	return Problem{Index: i, Rule: rule, Sentence: sentence}
}

// enter folds one entry of a copy: by its record where that is carried and its key known, else
// by its leaf.
func enter(m *corridor.Mission, row store.Row, r record.Record, carried bool) []Problem {
	i := m.Size()
	if carried && i > 0 {
		_, err := m.Key(r.Header)
		carried = err == nil // enrolled in a record that is not known here, or its key was forged
	}
	var err error
	if carried {
		err = m.Add(r)
	} else {
		err = m.AddBlank(row.Leaf)
	}
	if err != nil {
		return []Problem{problemAt(i, err)}
	}
	return nil
}

// signedBy checks the signature of an entry of a copy; known is false if its key is not known
// here.
func signedBy(m *corridor.Mission, r record.Record) (known bool, err error) {
	var key ed25519.PublicKey
	if m.Size() == 0 {
		key, err = corridor.FoundingKey(r)
	} else if key, err = m.Key(r.Header); err != nil {
		var later *corridor.Later
		if errors.As(err, &later) {
			return false, nil
		}
	}
	if err != nil {
		return true, err
	}
	return true, r.Verify(key)
}

// Problems returns what the fold of a copy had against its records when it was read.
func (n *Node) Problems() []Problem {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return n.copied
}

// Follow takes the next entries of the log that this node copies, as somebody served them, and
// the checkpoint that the log signed over them. The leaves must lead to its root from what is
// here; then they are entries of the log, whatever is wrong with their records, and are kept.
// What is wrong is returned: a record that is not authentic is not kept, one that breaks a rule is.
func (n *Node) Follow(ctx context.Context, entries []Served, checkpoint []byte) ([]Problem, error) {
	n.follow.Lock()
	defer n.follow.Unlock()
	c, err := ledger.ParseCheckpoint(checkpoint)
	if err != nil {
		return nil, err
	}
	grown := n.now.Load().tree.Grow()
	b := batch{from: grown.Size(), checkpoint: checkpoint}
	for _, e := range entries {
		b.rows = append(b.rows, store.Row{Leaf: e.Leaf, Hashes: grown.Append(e.Leaf)})
	}
	if root, err := grown.Root(); err != nil || grown.Size() != c.Size || root != c.Root {
		return nil, errors.Join(ErrNotContinued, err)
	}
	problems, err := n.foldCopy(ctx, &b, entries)
	if err == nil && len(b.rows) > 0 {
		err = n.cfg.Store.Append(ctx, b.from, b.rows, b.erase, checkpoint)
	}
	if err != nil {
		return nil, errors.Join(err, n.load(context.WithoutCancel(ctx)))
	}
	at := n.past.add(b.from, n.cfg.Now().Unix())
	hashes := make([][32]byte, len(b.rows))
	for i, row := range b.rows {
		hashes[i] = row.Hash
	}
	n.notes.add(at, hashes, 0, nil)
	n.replace(func(now *committed) {
		now.of(n.mission, nil)
		now.head, now.live = checkpoint, checkpoint
	})
	return problems, nil
}

// ErrNotContinued says that served entries do not lead from the copy to the checkpoint: the
// entries or the checkpoint are of another history.
var ErrNotContinued = errors.New("the entries do not lead from this copy to the checkpoint")

// A Served is an entry as somebody hands it over, with as much of its record as the copy's
// holder may have: none of it, or the record without some parts.
type Served struct {
	Leaf   []byte
	Record *record.Record // whose leaf this is; nil: not carried
}

// foldCopy folds served entries and completes their rows.
func (n *Node) foldCopy(ctx context.Context, b *batch, entries []Served) (problems []Problem, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for i := range b.rows {
		row, e, at := &b.rows[i], entries[i], b.from+int64(i)
		if row.Hash, _, _, _, err = corridor.ParseLeaf(e.Leaf); err != nil {
			return nil, fmt.Errorf("entry %d: %w", at, err)
		}
		row.Envelope = []byte(store.NotCarried)
		r := e.Record
		if r != nil {
			known, bad := signedBy(n.mission, *r)
			if bad != nil {
				problems, r = append(problems, problemAt(at, bad)), nil
			} else {
				row.Envelope = r.Envelope()
				for _, p := range r.Parts {
					row.Parts = append(row.Parts, p.Bytes)
				}
				if !known {
					r = nil
				}
			}
		}
		if r == nil {
			r = new(record.Record)
			problems = append(problems, enter(n.mission, *row, *r, false)...)
			continue
		}
		problems = append(problems, enter(n.mission, *row, *r, true)...)
	}
	for i := range b.rows {
		if err := n.order(ctx, b, b.from+int64(i)); err != nil {
			return nil, err
		}
	}
	return problems, nil
}

// Fill takes what has opened of entries that are here. The mission is then read again, as if it
// had been known from the start. What was ordered erased is not taken.
func (n *Node) Fill(ctx context.Context, opened map[int64]record.Record) ([]Problem, error) {
	n.follow.Lock()
	defer n.follow.Unlock()
	to, ok := n.cfg.Store.(store.Filler)
	if !ok {
		return nil, errors.New("this store cannot hold a copy")
	}
	var fills []store.Fill
	var problems []Problem
	for i, r := range opened {
		row, err := n.Row(ctx, i)
		if err != nil {
			return nil, err
		}
		if string(corridor.Leaf(r)) != string(row.Leaf) {
			problems = append(problems, Problem{i, "entry.leaf", "the record is not the one that its leaf names"})
			continue
		}
		if _, err := signedBy(n.mission, r); err != nil {
			problems = append(problems, problemAt(i, err))
			continue
		}
		f := store.Fill{Index: i, Envelope: r.Envelope()}
		for _, p := range r.Parts {
			b := p.Bytes
			if _, gone := n.mission.Now().Erased(r.Hash, p.Name); gone {
				b = nil
			}
			f.Parts = append(f.Parts, b)
		}
		fills = append(fills, f)
	}
	if len(fills) == 0 {
		return problems, nil
	}
	if err := to.Fill(ctx, fills); err != nil {
		return nil, err
	}
	if err := n.load(ctx); err != nil {
		return nil, err
	}
	if err := n.obey(ctx, fills); err != nil {
		return nil, err
	}
	n.changed.wake()
	return append(problems, n.Problems()...), nil
}

// obey erases what orders to erase that have just become known name.
func (n *Node) obey(ctx context.Context, opened []store.Fill) error {
	now := n.now.Load()
	b := batch{from: now.size}
	for _, f := range opened {
		if err := n.order(ctx, &b, f.Index); err != nil {
			return err
		}
	}
	if len(b.erase) == 0 {
		return nil
	}
	return n.cfg.Store.Append(ctx, now.size, nil, b.erase, now.head)
}
