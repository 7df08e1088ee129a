package store

import (
	"bytes"
	"context"
	"fmt"
)

// NotCarried stands in place of an envelope in a copy of a log that has only the leaf of an
// entry. It is no envelope, so nobody takes such a copy for a whole one.
const NotCarried = "-"

// Carried reports whether the row has its envelope.
func (r Row) Carried() bool { return string(r.Envelope) != NotCarried }

// A Fill is what has become known of an entry of a copy.
type Fill struct {
	Index    int64
	Envelope []byte
	Parts    [][]byte // nil: still not known
}

// A Filler is a Store that may hold less than its log, and learn the rest later.
type Filler interface {
	Store

	// Fill writes envelopes where there are none, and parts that are not carried, in one
	// transaction. What is there already stays as it is. An entry that is not in the log is
	// ErrAbsent.
	Fill(ctx context.Context, fills []Fill) error
}

// CheckFill returns what is wrong with a fill, given the row as it is.
func CheckFill(f Fill, have Row) error {
	switch {
	case len(f.Envelope) == 0 || len(f.Envelope) > MaxEnvelope || string(f.Envelope) == NotCarried:
		return fmt.Errorf("fill entry %d: no envelope, or one larger than %d bytes", f.Index, MaxEnvelope)
	case have.Carried() && !bytes.Equal(have.Envelope, f.Envelope):
		return fmt.Errorf("fill entry %d: it has another envelope", f.Index)
	case have.Carried() && len(have.Parts) != len(f.Parts):
		return fmt.Errorf("fill entry %d: it has %d parts, not %d", f.Index, len(have.Parts), len(f.Parts))
	}
	have.Envelope, have.Parts = f.Envelope, f.Parts
	if what := have.Misshapen(f.Index); what != "" {
		return fmt.Errorf("fill entry %d: %s", f.Index, what)
	}
	return nil
}

var _ Filler = (*Memory)(nil)

// Fill implements Filler.
func (m *Memory) Fill(ctx context.Context, fills []Fill) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.ready(ctx); err != nil {
		return err
	}
	for _, f := range fills {
		if f.Index < 0 || f.Index >= m.head.Size {
			return Absent(f.Index)
		}
		if err := CheckFill(f, m.rows[f.Index]); err != nil {
			return err
		}
	}
	for _, f := range fills {
		r := &m.rows[f.Index]
		if !r.Carried() {
			r.Envelope, r.Parts = bytes.Clone(f.Envelope), make([][]byte, len(f.Parts))
		}
		for n, b := range f.Parts {
			if r.Parts[n] == nil {
				r.Parts[n] = bytes.Clone(b)
			}
		}
	}
	return nil
}
