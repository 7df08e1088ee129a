package cheat

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"iter"

	"corridor.example/corridor"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

// A forgery is a copy of a log in memory that can be falsified and signed anew.
type forgery struct {
	records    []record.Record
	mission    *corridor.Mission // the true one
	checkpoint []byte
	cosigned   []byte
	older      [][]byte
	keys       Keys
}

// read copies a log. The log must be whole: a liar begins with everything.
func read(ctx context.Context, src verify.Source, keys Keys) (*forgery, error) {
	head, err := src.Head(ctx)
	if err != nil {
		return nil, err
	}
	f := &forgery{mission: &corridor.Mission{}, checkpoint: head.Checkpoint, cosigned: head.Cosigned, keys: keys}
	for e, err := range src.Entries(ctx) {
		if err != nil {
			return nil, err
		}
		r, err := record.ParseEnvelope(e.Envelope)
		if err != nil {
			return nil, fmt.Errorf("entry %d: %w", e.Index, err)
		}
		for i, b := range e.Parts {
			if b == nil {
				continue
			}
			if err := r.Put(r.Parts[i].Name, b); err != nil {
				return nil, fmt.Errorf("entry %d: %w", e.Index, err)
			}
		}
		if err := f.mission.Add(r); err != nil {
			return nil, fmt.Errorf("entry %d: %w", e.Index, err)
		}
		f.records = append(f.records, r)
	}
	for text, err := range src.Checkpoints(ctx) {
		if err != nil {
			return nil, err
		}
		f.older = append(f.older, text)
	}
	return f, nil
}

// last returns the newest record of a key, for the next number of its chain.
func (f *forgery) last(key record.Hash, before int) (seq int64, prev *record.Hash) {
	for i := range f.records[:before] {
		if h := f.records[i].Header; h.Key == key && h.Seq > seq {
			seq, prev = h.Seq, &f.records[i].Hash
		}
	}
	return seq, prev
}

// sign makes a record as its author would, with the key that the liar holds.
func (f *forgery) sign(name string, d corridor.Draft, at record.Time, before int) (record.Record, error) {
	k := f.keys.Actor(name)
	if k == nil {
		return record.Record{}, fmt.Errorf("the key of %s is not held", name)
	}
	n := byte(0)
	id := f.made("id " + string(d.Kind) + name)
	parts, err := corridor.Compose(d, id, func() record.ID { n++; return f.made(fmt.Sprint("part ", n, string(d.Kind), name)) })
	if err != nil {
		return record.Record{}, err
	}
	seq, prev := f.last(record.Fingerprint(k.Public().(ed25519.PublicKey)), before)
	founder := f.mission.Founder()
	return record.Sign(k, f.mission.Exercise(), record.Header{
		Mission: &founder, Kind: string(d.Kind), ID: id, By: string(d.By), Seq: seq + 1, Prev: prev, At: at, Re: d.Re, Nonce: f.made("nonce" + string(d.Kind) + name),
	}, parts)
}

// made returns 128 bits that depend on what they are for: a lie told twice is the same lie.
func (f *forgery) made(what string) (id record.ID) {
	h := sha256.Sum256([]byte("corridor cheat " + what))
	copy(id[:], h[:])
	return id
}

// again signs a record's parts and header anew after one of them was changed.
func (f *forgery) again(r record.Record, name string, change func(h *record.Header, parts []record.Part)) (record.Record, error) {
	k := f.keys.Actor(name)
	if k == nil {
		return r, fmt.Errorf("the key of %s is not held", name)
	}
	h, parts := r.Header, append([]record.Part(nil), r.Parts...)
	change(&h, parts)
	return record.Sign(k, r.Exercise(), h, parts)
}

// A tale is a falsified log as a checker is shown it.
type tale struct {
	entries []verify.Entry
	tree    ledger.Tree
	head    verify.Head
	older   [][]byte
}

// tell makes a log of records, with the tree, the hashes and the checkpoint all as they would
// be had it always been so. Only what others cosigned cannot be made.
func (f *forgery) tell(records []record.Record) (*tale, error) {
	origin := f.mission.Now().Terms().Origin
	signer, err := ledger.NewSigner(origin, f.keys.Log)
	if err != nil {
		return nil, err
	}
	t := &tale{older: f.older}
	for i, r := range records {
		leaf, hash := corridor.Leaf(r), r.Hash
		t.tree.Append(leaf)
		e := verify.Entry{Index: int64(i), Leaf: leaf, Name: hash[:], Hashes: t.tree.AppendRow(nil, t.tree.Size()-1), Envelope: r.Envelope()}
		for _, p := range r.Parts {
			e.Parts = append(e.Parts, p.Bytes)
		}
		t.entries = append(t.entries, e)
	}
	size := t.tree.Size()
	root, err := t.tree.Root(size)
	if err != nil {
		return nil, err
	}
	t.head = verify.Head{Size: size, Cosigned: f.cosigned}
	t.head.Checkpoint, err = ledger.SignCheckpoint(ledger.Checkpoint{Origin: origin, Size: size, Root: root}, signer)
	return t, err
}

// parts reports whether a checkpoint of the true log is of another history than the falsified
// one.
func (t *tale) parts(checkpoint []byte) bool {
	c, err := ledger.ParseCheckpoint(checkpoint)
	if err != nil {
		return false
	}
	if c.Size > t.tree.Size() {
		return true
	}
	root, err := t.tree.Root(c.Size)
	return err == nil && root != c.Root
}

// Head returns the falsified head.
func (t *tale) Head(context.Context) (verify.Head, error) { return t.head, nil }

// Entries yields the falsified entries.
func (t *tale) Entries(context.Context) iter.Seq2[verify.Entry, error] {
	return func(yield func(verify.Entry, error) bool) {
		for _, e := range t.entries {
			if !yield(e, nil) {
				return
			}
		}
	}
}

// Checkpoints yields what was cosigned of the true log.
func (t *tale) Checkpoints(context.Context) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for _, text := range t.older {
			if !yield(text, nil) {
				return
			}
		}
	}
}

// A memory is the one checkpoint that somebody accepted before.
type memory []byte

// Newest returns the checkpoint.
func (m memory) Newest(record.Hash) ([]byte, error) { return m, nil }

// Remember keeps nothing: a lie is not to be believed later.
func (m memory) Remember(record.Hash, []byte) error { return nil }
