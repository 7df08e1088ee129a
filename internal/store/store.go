// Package store keeps a log's rows: what the log's order is made of, and the bytes it vouches
// for. A store knows positions, hashes and bytes. It does not know what they say, and checks
// no signature: whoever reads one back must check it, because a file may have been altered.
//
// A [Store] is the file that may be handed to anyone. A [Side] is what only the machine that
// runs the log has to say: its keys, when things reached it, older cosigned checkpoints.
// Both have one writer and any number of readers. Package storetest is the suite that every
// implementation passes.
package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
)

// A Row is one entry of the log, and the bytes it commits to.
type Row struct {
	Hash     [32]byte // names the entry; unique in a store
	Leaf     []byte   // what the Merkle tree hashes
	Hashes   []byte   // the hashes this leaf completes (ledger.Tree.AppendRow)
	Envelope []byte
	Parts    [][]byte // nil: not carried, because withheld or erased
}

// A Head says how far the log goes. Its zero value is the head of an empty log.
type Head struct {
	Size       int64  // number of entries
	Checkpoint []byte // newest one, signed by the log; nil before the first Append
	Cosigned   []byte // newest one that carries cosignatures; nil if none ever came
}

// An Erasure names the one part of an entry whose bytes are to go for ever.
type Erasure struct {
	Index int64
	Part  int
}

// A Store keeps one log. Every method may be called by several goroutines at once. A context
// that ends makes a method return its error; a write then happened whole or not at all.
// Slices that are handed in are not kept, and slices that are handed out are the caller's.
type Store interface {
	// Head returns the head as of the last finished write.
	Head(ctx context.Context) (Head, error)

	// Append writes rows at from and the indexes after it, replaces the parts named in
	// erase by nil, and makes checkpoint the head's, all in one transaction. An erasure may
	// name an entry of the same call; erasing what is not carried any more is no error, and
	// a part that never existed is ErrAbsent. After an Append with erasures the erased bytes
	// are in no file of the store, as soon as no reader holds an older state of it.
	//
	// If the head's size is not from, it returns ErrMoved, and if an entry of that name
	// exists a *DuplicateError. After any other error the write may have happened (the
	// machine may have failed between the two): ask Head before signing anything else.
	Append(ctx context.Context, from int64, rows []Row, erase []Erasure, checkpoint []byte) error

	// Cosign makes cosigned, a checkpoint of the given size, the head's cosigned one. One of
	// an older size than the head's changes nothing; one of the same size replaces it.
	Cosign(ctx context.Context, size int64, cosigned []byte) error

	// Index returns where the entry of that name is, or ErrAbsent.
	Index(ctx context.Context, hash [32]byte) (int64, error)

	// Row returns one entry, or ErrAbsent.
	Row(ctx context.Context, index int64) (Row, error)

	// Rows returns the entries from <= index < to, in order. It holds no lock while the
	// caller works. The first error is the last thing it yields: a *DamageError if an entry
	// below the head is missing or misshapen (the reader may go on behind it), and
	// ErrAbsent at the end of the log.
	Rows(ctx context.Context, from, to int64) iter.Seq2[Row, error]

	// Leaves returns the leaves from <= index < to, all in memory at once, with the errors
	// of Rows.
	Leaves(ctx context.Context, from, to int64) ([][]byte, error)

	// Backup writes a consistent copy of the store to path, while others write. It refuses a
	// path where something exists, and leaves nothing there if it fails.
	Backup(ctx context.Context, path string) error

	// Close ends the store. Every method fails with ErrClosed after it; Close itself may be
	// called twice.
	Close() error
}

var (
	// ErrMoved says that somebody else appended. Read the head and the new rows, then retry.
	ErrMoved = errors.New("the log has moved on")

	// ErrDuplicate says that an entry of that name is in the log already; the error is a
	// *DuplicateError. Leave that row out and retry.
	ErrDuplicate = errors.New("already in the log")

	// ErrAbsent says that there is no such thing here. It is an answer, not a fault.
	ErrAbsent = errors.New("not here")

	// ErrExists says that a name which may be written once was written before.
	ErrExists = errors.New("exists already")

	// ErrDamaged says that what is stored is not what a store writes: rows missing or of the
	// wrong shape, or a file whose pages do not hold together. Where it concerns an entry, the error
	// is a *DamageError. Whoever checks a log reports it as a finding about the log, not as a
	// fault of his own.
	ErrDamaged = errors.New("damaged")

	// ErrForeign says that a file is no file of this program, or not of the sort asked for. It
	// says nothing about any log.
	ErrForeign = errors.New("not the right kind of file")

	// ErrLater says that only a later program knows the file's format. It is an ErrForeign.
	ErrLater = fmt.Errorf("%w for this program", ErrForeign)

	// ErrReadOnly says that the store was opened for reading.
	ErrReadOnly = errors.New("opened for reading only")

	// ErrClosed says that the store was closed.
	ErrClosed = errors.New("store is closed")
)

// A DuplicateError says which name an Append found taken. It is an ErrDuplicate.
type DuplicateError struct{ Hash [32]byte }

func (e *DuplicateError) Error() string { return fmt.Sprintf("%x is already in the log", e.Hash) }

// Unwrap returns ErrDuplicate.
func (e *DuplicateError) Unwrap() error { return ErrDuplicate }

// A DamageError says which entry is not as a store writes it, and how. It is an ErrDamaged.
type DamageError struct {
	Index int64
	What  string // for example "its leaf is missing"
	Next  int64  // where the reader goes on, if that is not the index after it: all between is missing
}

func (e *DamageError) Error() string { return fmt.Sprintf("entry %d: %s", e.Index, e.What) }

// Unwrap returns ErrDamaged.
func (e *DamageError) Unwrap() error { return ErrDamaged }

// Absent returns the ErrAbsent of an entry.
func Absent(index int64) error { return fmt.Errorf("entry %d: %w", index, ErrAbsent) }
