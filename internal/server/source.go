package server

import (
	"context"
	"errors"
	"iter"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/verify"
)

// Source returns a mission's stores as the checker reads them, as found: a row that cannot be
// read is damage, which is a finding about the log and no fault. side may be nil: the older
// cosigned checkpoints are then not there.
func Source(st store.Store, side store.Side) verify.Source { return source{st, side, nil} }

// Snapshot returns the stores of a mission that is being written, as far as they go now: what
// comes later is not looked at. A part that is erased meanwhile is seen as gone; a file that is
// opened for reading only is as it stood at one moment.
func Snapshot(ctx context.Context, st store.Store, side store.Side) (verify.Source, error) {
	head, err := st.Head(ctx)
	return source{st, side, &head}, err
}

// OfLevel returns a source that says whose copy it is: what a level may not read is missing from
// it, and nothing else. "" is a whole copy.
func OfLevel(src verify.Source, level corridor.Level) verify.Source {
	if level == "" {
		return src
	}
	return levelled{src, level}
}

type levelled struct {
	verify.Source
	level corridor.Level
}

// Head returns the copy's head with its level.
func (l levelled) Head(ctx context.Context) (verify.Head, error) {
	h, err := l.Source.Head(ctx)
	h.Level = l.level
	return h, err
}

type source struct {
	store store.Store
	side  store.Side
	fixed *store.Head // nil: as found
}

func (s source) head(ctx context.Context) (store.Head, error) {
	if s.fixed != nil {
		return *s.fixed, nil
	}
	return s.store.Head(ctx)
}

func (s source) Head(ctx context.Context) (verify.Head, error) {
	h, err := s.head(ctx)
	if err != nil {
		return verify.Head{}, damage(err)
	}
	return verify.Head{Size: h.Size, Checkpoint: h.Checkpoint, Cosigned: h.Cosigned}, nil
}

// Entries yields every row there is, those beyond the head too.
func (s source) Entries(ctx context.Context) iter.Seq2[verify.Entry, error] {
	return func(yield func(verify.Entry, error) bool) {
		head, err := s.head(ctx)
		if err != nil {
			yield(verify.Entry{}, damage(err))
			return
		}
		at := int64(0)
		for at < head.Size {
			next, ok := s.run(ctx, at, head.Size, yield)
			if !ok {
				return
			}
			at = next
		}
		for ; s.fixed == nil; at++ {
			row, err := s.store.Row(ctx, at)
			if err != nil {
				return // nothing stands beyond the head
			}
			if !yield(entry(at, row), nil) {
				return
			}
		}
	}
}

// run yields rows until the end or the first damage, and returns where to go on.
func (s source) run(ctx context.Context, from, to int64, yield func(verify.Entry, error) bool) (next int64, ok bool) {
	next = from
	for row, err := range s.store.Rows(ctx, from, to) {
		if err != nil {
			more := yield(verify.Entry{Index: next}, damage(err))
			var d *store.DamageError
			if !more || !errors.As(err, &d) {
				return next, false // a fault, or damage that does not say where to go on
			}
			return max(next, d.Index, d.Next-1) + 1, true
		}
		if !yield(entry(next, row), nil) {
			return next, false
		}
		next++
	}
	return next, true
}

func entry(i int64, row store.Row) verify.Entry {
	hash := row.Hash
	if !row.Carried() {
		return verify.Entry{Index: i, Leaf: row.Leaf, Name: hash[:], Hashes: row.Hashes}
	}
	return verify.Entry{Index: i, Leaf: row.Leaf, Name: hash[:], Hashes: row.Hashes, Envelope: row.Envelope, Parts: row.Parts}
}

func (s source) Checkpoints(ctx context.Context) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		if s.side == nil {
			return
		}
		for mark, err := range s.side.Marks(ctx) {
			if err == nil && s.fixed != nil && mark.Size > s.fixed.Size {
				return
			}
			if !yield(mark.First, err) || err != nil || mark.Last != nil && !yield(mark.Last, nil) {
				return
			}
		}
	}
}

// damage tells what is wrong with the log from what is wrong with the reading of it.
func damage(err error) error {
	var d *store.DamageError
	switch {
	case errors.As(err, &d):
		return &verify.Damage{Index: d.Index, What: d.What}
	case errors.Is(err, store.ErrDamaged):
		return &verify.Damage{Index: -1, What: err.Error()}
	}
	return err
}
