package verify

import (
	"context"
	"fmt"
	"iter"

	"corridor.example/corridor"
)

// A Source is a copy of a log, as found. Nothing it says is believed; it only has to be able
// to read. cmd/corridor makes one from a mission file or a URL, OpenBundle from a bundle.
//
// Where the copy itself is broken, a method returns a *Damage. That is a finding about the
// copy. Every other error is a fault of the reader, and ends the check without a verdict.
type Source interface {
	// Head returns how far the copy says that it goes.
	Head(ctx context.Context) (Head, error)

	// Entries returns the entries from the first on, in order. After a *Damage it goes on
	// with the next entry that can be read; after any other error it ends.
	Entries(ctx context.Context) iter.Seq2[Entry, error]

	// Checkpoints returns the cosigned checkpoints that the copy has beside the head's, in
	// any order. There may be none.
	Checkpoints(ctx context.Context) iter.Seq2[[]byte, error]
}

// A Head is what a copy says of itself.
type Head struct {
	Size       int64  // number of entries
	Checkpoint []byte // the newest, signed by the log; nil if there is none
	Cosigned   []byte // the newest that carries cosignatures; nil if there is none

	// Level is whose copy this is: what this audience may not read is withheld. "" is a
	// whole mission file, where nothing may be missing but what was erased.
	Level corridor.Level

	// Origin and Exercise are what the copy calls itself, and Card the text of the card it
	// carries. A source that says nothing of the kind leaves them empty.
	Origin   string
	Exercise bool
	Card     []byte
}

// An Entry is one entry of a copy, as found.
type Entry struct {
	Index  int64
	Leaf   []byte
	Name   []byte // the record hash it is kept under, nil if the source keeps none
	Hashes []byte // the tree hashes kept with it, nil if the source keeps none

	// The record stands in Line, as it travels, or in Envelope and Parts. All are nil if it
	// is not carried; a nil part is one that is not carried.
	Line     []byte
	Envelope []byte
	Parts    [][]byte
}

// A Broken is the Source of a copy so damaged that it cannot be opened. It has nothing but the
// damage, and a check of it does not hold.
type Broken struct{ Damage Damage }

// Head returns the damage.
func (b Broken) Head(context.Context) (Head, error) { return Head{}, &b.Damage }

// Entries yields none.
func (b Broken) Entries(context.Context) iter.Seq2[Entry, error] {
	return func(func(Entry, error) bool) {}
}

// Checkpoints yields none.
func (b Broken) Checkpoints(context.Context) iter.Seq2[[]byte, error] {
	return func(func([]byte, error) bool) {}
}

// A Damage says which entry of a copy is missing or misshapen, and how. Index is -1 where it
// is the head.
type Damage struct {
	Index int64
	What  string // for example "its leaf is missing"
}

// Error returns the entry and what is wrong with it.
func (d *Damage) Error() string {
	if d.Index < 0 {
		return "the head: " + d.What
	}
	return fmt.Sprintf("entry %d: %s", d.Index, d.What)
}
