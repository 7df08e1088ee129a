package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"
)

// Memory is a Store that ends with the process. Its zero value is an empty log.
type Memory struct {
	mu     sync.RWMutex
	rows   []Row
	index  map[[32]byte]int64
	head   Head
	closed bool
}

var _ Store = (*Memory)(nil)

// Head implements Store.
func (m *Memory) Head(ctx context.Context) (Head, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if err := m.ready(ctx); err != nil {
		return Head{}, err
	}
	return m.head.clone(), nil
}

// Append implements Store.
func (m *Memory) Append(ctx context.Context, from int64, rows []Row, erase []Erasure, checkpoint []byte) error {
	if err := CheckAppend(from, rows, erase, checkpoint); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.ready(ctx); err != nil {
		return err
	}
	if from != m.head.Size {
		return fmt.Errorf("append at %d: %w to %d", from, ErrMoved, m.head.Size)
	}
	for _, r := range rows {
		if _, ok := m.index[r.Hash]; ok {
			return &DuplicateError{r.Hash}
		}
	}
	for _, e := range erase { // all of them before the first changes anything
		parts := 0
		if e.Index < from {
			parts = len(m.rows[e.Index].Parts)
		} else {
			parts = len(rows[e.Index-from].Parts)
		}
		if e.Part >= parts {
			return fmt.Errorf("erase part %d of entry %d: %w", e.Part, e.Index, ErrAbsent)
		}
	}

	if m.index == nil {
		m.index = make(map[[32]byte]int64)
	}
	for i, r := range rows {
		m.index[r.Hash] = from + int64(i)
		m.rows = append(m.rows, r.clone())
	}
	for _, e := range erase {
		clear(m.rows[e.Index].Parts[e.Part])
		m.rows[e.Index].Parts[e.Part] = nil
	}
	m.head.Size += int64(len(rows))
	m.head.Checkpoint = bytes.Clone(checkpoint)
	return nil
}

// Cosign implements Store.
func (m *Memory) Cosign(ctx context.Context, size int64, cosigned []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.ready(ctx); err != nil {
		return err
	}
	replace, err := CheckCosign(m.head, size, cosigned)
	if replace {
		m.head.Cosigned = bytes.Clone(cosigned)
	}
	return err
}

// Index implements Store.
func (m *Memory) Index(ctx context.Context, hash [32]byte) (int64, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if err := m.ready(ctx); err != nil {
		return 0, err
	}
	i, ok := m.index[hash]
	if !ok {
		return 0, fmt.Errorf("%x: %w", hash, ErrAbsent)
	}
	return i, nil
}

// Row implements Store.
func (m *Memory) Row(ctx context.Context, index int64) (Row, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if err := m.ready(ctx); err != nil {
		return Row{}, err
	}
	if index < 0 || index >= m.head.Size {
		return Row{}, Absent(index)
	}
	return m.rows[index].clone(), nil
}

// Rows implements Store.
func (m *Memory) Rows(ctx context.Context, from, to int64) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for i := from; i < to; i++ {
			r, err := m.Row(ctx, i)
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
}

// Leaves implements Store.
func (m *Memory) Leaves(ctx context.Context, from, to int64) ([][]byte, error) {
	var leaves [][]byte
	for r, err := range m.Rows(ctx, from, to) {
		if err != nil {
			return nil, err
		}
		leaves = append(leaves, r.Leaf)
	}
	return leaves, nil
}

// Backup always fails: there is no file to copy.
func (m *Memory) Backup(ctx context.Context, path string) error {
	return fmt.Errorf("back up to %s: this log is in memory only: %w", path, errors.ErrUnsupported)
}

// Close implements Store.
func (m *Memory) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	return nil
}

func (m *Memory) ready(ctx context.Context) error {
	if m.closed {
		return ErrClosed
	}
	return ctx.Err()
}

func (h Head) clone() Head {
	h.Checkpoint, h.Cosigned = bytes.Clone(h.Checkpoint), bytes.Clone(h.Cosigned)
	return h
}

func (r Row) clone() Row {
	r.Leaf, r.Hashes, r.Envelope = bytes.Clone(r.Leaf), bytes.Clone(r.Hashes), bytes.Clone(r.Envelope)
	r.Parts = slices.Clone(r.Parts)
	for i := range r.Parts {
		r.Parts[i] = bytes.Clone(r.Parts[i])
	}
	return r
}
