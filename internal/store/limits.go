package store

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"unicode/utf8"

	"corridor.example/corridor/ledger"
)

// Limits on what a row may hold, in bytes. Nothing larger is written, and nothing larger is
// read back from a file somebody else may have made.
const (
	MaxLeaf       = 1<<16 - 1 // what an entry bundle can carry (c2sp.org/tlog-tiles)
	MaxEnvelope   = 64 << 10
	MaxPart       = 8 << 20
	MaxCheckpoint = 64 << 10
	MaxParts      = 16       // how many parts, not bytes
	MaxRow        = 16 << 20 // all of a row together
	MaxPassing    = 64 << 10 // a value that passes with time
	MaxName       = 256      // its name, and its space
)

// HashesLen returns the length of Row.Hashes at an index: one hash for the leaf, and one for
// every subtree that the leaf completes.
func HashesLen(index int64) int { return 32 * (1 + bits.TrailingZeros64(^uint64(index))) }

// Misshapen says what about a row cannot be, at that index, or returns "".
func (r Row) Misshapen(index int64) string {
	switch {
	case len(r.Leaf) == 0:
		return "its leaf is missing"
	case len(r.Leaf) > MaxLeaf:
		return fmt.Sprintf("its leaf is larger than %d bytes", MaxLeaf)
	case len(r.Hashes) != HashesLen(index):
		return fmt.Sprintf("its tree hashes are %d bytes, not %d", len(r.Hashes), HashesLen(index))
	case len(r.Envelope) == 0:
		return "its envelope is missing"
	case len(r.Envelope) > MaxEnvelope:
		return fmt.Sprintf("its envelope is larger than %d bytes", MaxEnvelope)
	case len(r.Parts) > MaxParts:
		return fmt.Sprintf("it has more than %d parts", MaxParts)
	}
	total := len(r.Leaf) + len(r.Hashes) + len(r.Envelope)
	for n, p := range r.Parts {
		if len(p) > MaxPart {
			return fmt.Sprintf("its part %d is larger than %d bytes", n, MaxPart)
		}
		if total += len(p); total > MaxRow {
			return fmt.Sprintf("its parts are together larger than %d bytes", MaxRow)
		}
	}
	return ""
}

// CheckAppend returns what is wrong with an Append's arguments, before anything is written.
// Every implementation asks it first.
func CheckAppend(from int64, rows []Row, erase []Erasure, checkpoint []byte) error {
	if from < 0 || int64(len(rows)) > math.MaxInt64-from {
		return fmt.Errorf("append at %d: no such index", from)
	}
	size := from + int64(len(rows))
	names := make(map[[32]byte]bool, len(rows))
	for i, r := range rows {
		index := from + int64(i)
		if what := r.Misshapen(index); what != "" {
			return fmt.Errorf("append entry %d: %s", index, what)
		}
		if names[r.Hash] {
			return &DuplicateError{r.Hash}
		}
		names[r.Hash] = true
	}
	for _, e := range erase {
		if e.Index < 0 || e.Index >= size || e.Part < 0 || e.Part >= MaxParts {
			return fmt.Errorf("erase part %d of entry %d: %w", e.Part, e.Index, ErrAbsent)
		}
	}
	return checkSize(checkpoint, size)
}

// CheckCosign returns what is wrong with a Cosign's arguments, given the head it would change,
// and whether the head's cosigned checkpoint is to be replaced.
func CheckCosign(h Head, size int64, cosigned []byte) (replace bool, err error) {
	if err := checkSize(cosigned, size); err != nil {
		return false, err
	}
	if size > h.Size {
		return false, fmt.Errorf("cosigned checkpoint of size %d: the log has %d entries", size, h.Size)
	}
	if h.Cosigned == nil {
		return true, nil
	}
	old, err := ledger.ParseCheckpoint(h.Cosigned)
	if err != nil {
		return true, nil // damaged: any sound one is better
	}
	return size >= old.Size, nil
}

// CheckMark returns what is wrong with cosigned checkpoints that are to be kept.
func CheckMark(m Mark) error {
	if err := checkSize(m.First, m.Size); err != nil || m.Last == nil {
		return err
	}
	return checkSize(m.Last, m.Size)
}

// CheckUses returns what is wrong with uses that are to be added.
func CheckUses(uses []Use) error {
	for _, u := range uses {
		if u.N < 0 {
			return fmt.Errorf("use of %q: %d is negative", u.Class, u.N)
		}
	}
	return nil
}

// CheckPassing returns what is wrong with something that is to be kept for a while.
func CheckPassing(space, name string, value []byte, until int64) error {
	switch {
	case len(space) > MaxName || len(name) > MaxName || !utf8.ValidString(space) || !utf8.ValidString(name):
		return fmt.Errorf("a space or name is longer than %d bytes, or no text", MaxName)
	case len(value) > MaxPassing:
		return fmt.Errorf("a value in %q is larger than %d bytes", space, MaxPassing)
	case until < 0:
		return fmt.Errorf("a value in %q is to be kept until %d, which is before 1970", space, until)
	}
	return nil
}

func checkSize(checkpoint []byte, size int64) error {
	if len(checkpoint) > MaxCheckpoint {
		return fmt.Errorf("checkpoint is larger than %d bytes", MaxCheckpoint)
	}
	if len(checkpoint) == 0 {
		return errors.New("checkpoint is missing")
	}
	c, err := ledger.ParseCheckpoint(checkpoint)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	if c.Size != size {
		return fmt.Errorf("checkpoint is of size %d, not %d", c.Size, size)
	}
	return nil
}
