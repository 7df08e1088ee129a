package store

import (
	"context"
	"iter"
)

// A Side keeps what is only the word of the machine that runs a log, or passes with time.
// Losing it loses no entry; losing the log's key in it ends the log. Every method may be
// called by several goroutines at once.
//
// It has more methods than an interface here should, because it is one file that is opened,
// backed up and closed as one.
type Side interface {
	// Secret returns the bytes kept under name, or ErrAbsent.
	Secret(ctx context.Context, name string) ([]byte, error)
	// PutSecret keeps bytes under a name, once: a second time it returns ErrExists. When it
	// returns nil, they survive a power failure.
	PutSecret(ctx context.Context, name string, secret []byte) error

	// Received notes that entries of these names reached this machine at a time in Unix
	// seconds. The first time noted stands. The last few notes may be lost in a power
	// failure; there is then no time for them, never a wrong one.
	Received(ctx context.Context, hashes [][32]byte, at int64) error
	// ReceivedAt returns when an entry of that name first reached this machine, or ErrAbsent.
	ReceivedAt(ctx context.Context, hash [32]byte) (int64, error)

	// PutMark keeps the cosigned checkpoints of a size, in place of what was kept of it.
	PutMark(ctx context.Context, m Mark) error
	// Marks returns all of them by growing size.
	Marks(ctx context.Context) iter.Seq2[Mark, error]
	// MarkAfter returns the first of at least the given size, or ErrAbsent.
	MarkAfter(ctx context.Context, size int64) (Mark, error)

	// Count returns how much of a class a key used on a day; 0 if nothing is noted.
	Count(ctx context.Context, key [32]byte, class string, day int64) (int64, error)
	// Add adds uses to their counts, all or none. Like Received it may forget the last few
	// in a power failure.
	Add(ctx context.Context, uses ...Use) error

	// Put keeps a value under a name in a space until a time in Unix seconds, in place of what
	// was kept there; a time of 0 is no end. It is for what passes with time, as sessions and
	// invitations do, and survives a power failure once Put returns nil. The store has no
	// clock: what is over stays until Expire is called, and who reads it looks at its time.
	Put(ctx context.Context, space, name string, value []byte, until int64) error
	// Get returns what Put keeps under a name in a space, and until when, or ErrAbsent.
	Get(ctx context.Context, space, name string) (value []byte, until int64, err error)
	// Drop forgets what is kept under a name in a space, or returns ErrAbsent. Of several
	// callers at once exactly one is told nil: what may be used once is used by dropping it.
	Drop(ctx context.Context, space, name string) error
	// Each returns all that is kept in a space, by name. A reader may write meanwhile.
	Each(ctx context.Context, space string) iter.Seq2[Passing, error]
	// Expire forgets, in every space, what was to be kept until now or earlier.
	Expire(ctx context.Context, now int64) error

	// Backup and Close are as in Store.
	Backup(ctx context.Context, path string) error
	Close() error
}

// A Mark is what witnesses cosigned of a tree of one size. The same tree may be cosigned again
// and again while nothing comes. The first time says that everything in it was there by then,
// the last that there was nothing more until then, so both are kept.
type Mark struct {
	Size  int64
	First []byte // checkpoint of that size with the earliest cosignature of each witness
	Last  []byte // and with the latest; nil if that is the same
}

// A Use is one addition to what a key used of a class on a day.
type Use struct {
	Key   [32]byte
	Class string
	Day   int64 // days since 1 January 1970, or any other count the caller keeps to
	N     int64 // how many; not negative
}

// A Passing is something that is kept for a while.
type Passing struct {
	Name  string
	Value []byte
	Until int64 // Unix seconds; 0: no end
}
