package store

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"

	"corridor.example/corridor/ledger"
)

// A Watch keeps what somebody who cosigns logs must never forget: the newest checkpoint cosigned
// of each log, and what was lodged. Every method may be called by several goroutines at once.
type Watch interface {
	// Cosigned returns the newest checkpoint cosigned of a log, or ErrAbsent.
	Cosigned(ctx context.Context, origin string) (checkpoint []byte, err error)
	// Advance makes a checkpoint the newest of its log, if the newest is still of the size from
	// (0: there is none); else it returns ErrMoved. It refuses a smaller one. When it returns
	// nil, the checkpoint survives a power failure: only then may a cosignature leave.
	Advance(ctx context.Context, from int64, checkpoint []byte) error

	// Lodge keeps an entry that was lodged, durably. The first of a name stands; added says
	// whether this is it.
	Lodge(ctx context.Context, l Lodged) (added bool, err error)
	// Lodged returns what was lodged under a name, or ErrAbsent.
	Lodged(ctx context.Context, hash [32]byte) (Lodged, error)
	// Lodgings returns what was lodged, by time and name: at most so many, of those that are not
	// settled if open is set.
	Lodgings(ctx context.Context, open bool, most int) ([]Lodged, error)
	// Settle notes what became of an entry that was lodged.
	Settle(ctx context.Context, hash [32]byte, how string) error

	// Note returns what was noted under a name, or ErrAbsent; PutNote replaces it, durably.
	Note(ctx context.Context, name string) ([]byte, error)
	PutNote(ctx context.Context, name string, b []byte) error

	Close() error
}

// A Lodged is an entry that its author handed over for safe-keeping.
type Lodged struct {
	Hash [32]byte
	At   int64  // Unix seconds
	Line []byte // as it was handed over
	Note []byte // the signed word that it was
	How  string // what became of it; "" while it is open
}

// CheckAdvance says what is wrong with an Advance, given the checkpoint that is kept, nil if
// none is.
func CheckAdvance(have []byte, from int64, checkpoint []byte) error {
	c, err := ledger.ParseCheckpoint(checkpoint)
	if err != nil {
		return err
	}
	size := int64(0)
	if have != nil {
		old, err := ledger.ParseCheckpoint(have)
		if err != nil {
			return fmt.Errorf("the checkpoint that is kept: %w: %v", ErrDamaged, err)
		}
		size = old.Size
	}
	if size != from {
		return fmt.Errorf("advance of %s from %d: %w to %d", c.Origin, from, ErrMoved, size)
	}
	if c.Size < from {
		return fmt.Errorf("advance of %s: a checkpoint of %d does not follow one of %d", c.Origin, c.Size, from)
	}
	return nil
}

// MemoryWatch is a Watch that ends with the process. Its zero value is empty.
type MemoryWatch struct {
	mu     sync.Mutex
	logs   map[string][]byte
	lodged map[[32]byte]Lodged
	notes  map[string][]byte
}

var _ Watch = (*MemoryWatch)(nil)

// Cosigned implements Watch.
func (m *MemoryWatch) Cosigned(_ context.Context, origin string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if b, ok := m.logs[origin]; ok {
		return bytes.Clone(b), nil
	}
	return nil, fmt.Errorf("log %q: %w", origin, ErrAbsent)
}

// Advance implements Watch.
func (m *MemoryWatch) Advance(_ context.Context, from int64, checkpoint []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	c, err := ledger.ParseCheckpoint(checkpoint)
	if err != nil {
		return err
	}
	if err := CheckAdvance(m.logs[c.Origin], from, checkpoint); err != nil {
		return err
	}
	put(&m.logs, c.Origin, bytes.Clone(checkpoint))
	return nil
}

// Lodge implements Watch.
func (m *MemoryWatch) Lodge(_ context.Context, l Lodged) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.lodged[l.Hash]; ok {
		return false, nil
	}
	put(&m.lodged, l.Hash, l)
	return true, nil
}

// Lodged implements Watch.
func (m *MemoryWatch) Lodged(_ context.Context, hash [32]byte) (Lodged, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if l, ok := m.lodged[hash]; ok {
		return l, nil
	}
	return Lodged{}, fmt.Errorf("%x: %w", hash, ErrAbsent)
}

// Lodgings implements Watch.
func (m *MemoryWatch) Lodgings(_ context.Context, open bool, most int) (list []Lodged, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, l := range m.lodged {
		if !open || l.How == "" {
			list = append(list, l)
		}
	}
	slices.SortFunc(list, func(a, b Lodged) int {
		if a.At != b.At {
			return int(a.At - b.At)
		}
		return bytes.Compare(a.Hash[:], b.Hash[:])
	})
	return list[:min(most, len(list))], nil
}

// Settle implements Watch.
func (m *MemoryWatch) Settle(_ context.Context, hash [32]byte, how string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	l, ok := m.lodged[hash]
	if !ok {
		return fmt.Errorf("%x: %w", hash, ErrAbsent)
	}
	l.How = how
	m.lodged[hash] = l
	return nil
}

// Note implements Watch.
func (m *MemoryWatch) Note(_ context.Context, name string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if b, ok := m.notes[name]; ok {
		return bytes.Clone(b), nil
	}
	return nil, fmt.Errorf("note %q: %w", name, ErrAbsent)
}

// PutNote implements Watch.
func (m *MemoryWatch) PutNote(_ context.Context, name string, b []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	put(&m.notes, name, bytes.Clone(b))
	return nil
}

// Close implements Watch.
func (m *MemoryWatch) Close() error { return nil }
