package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
)

// MemorySide is a Side that ends with the process. Its zero value is empty.
type MemorySide struct {
	mu       sync.RWMutex
	secrets  map[string][]byte
	received map[[32]byte]int64
	marks    map[int64]Mark
	counts   map[Use]int64 // under Use with N = 0
	passing  map[place]Passing
	closed   bool
}

// A place is where something that passes is kept.
type place struct{ space, name string }

var _ Side = (*MemorySide)(nil)

// Secret implements Side.
func (m *MemorySide) Secret(ctx context.Context, name string) ([]byte, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if err := m.ready(ctx); err != nil {
		return nil, err
	}
	s, ok := m.secrets[name]
	if !ok {
		return nil, fmt.Errorf("secret %q: %w", name, ErrAbsent)
	}
	return bytes.Clone(s), nil
}

// PutSecret implements Side.
func (m *MemorySide) PutSecret(ctx context.Context, name string, secret []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.ready(ctx); err != nil {
		return err
	}
	if _, ok := m.secrets[name]; ok {
		return fmt.Errorf("secret %q: %w", name, ErrExists)
	}
	put(&m.secrets, name, append([]byte{}, secret...))
	return nil
}

// Received implements Side.
func (m *MemorySide) Received(ctx context.Context, hashes [][32]byte, at int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.ready(ctx); err != nil {
		return err
	}
	for _, h := range hashes {
		if _, ok := m.received[h]; !ok {
			put(&m.received, h, at)
		}
	}
	return nil
}

// ReceivedAt implements Side.
func (m *MemorySide) ReceivedAt(ctx context.Context, hash [32]byte) (int64, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if err := m.ready(ctx); err != nil {
		return 0, err
	}
	at, ok := m.received[hash]
	if !ok {
		return 0, fmt.Errorf("%x: %w", hash, ErrAbsent)
	}
	return at, nil
}

// PutMark implements Side.
func (m *MemorySide) PutMark(ctx context.Context, mark Mark) error {
	if err := CheckMark(mark); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.ready(ctx); err != nil {
		return err
	}
	put(&m.marks, mark.Size, mark.clone())
	return nil
}

// Marks implements Side.
func (m *MemorySide) Marks(ctx context.Context) iter.Seq2[Mark, error] {
	return func(yield func(Mark, error) bool) {
		m.mu.RLock()
		sizes, err := slices.Sorted(maps.Keys(m.marks)), m.ready(ctx)
		m.mu.RUnlock()
		if err != nil {
			yield(Mark{}, err)
			return
		}
		for _, size := range sizes {
			mark, err := m.MarkAfter(ctx, size)
			if !yield(mark, err) || err != nil {
				return
			}
		}
	}
}

// MarkAfter implements Side.
func (m *MemorySide) MarkAfter(ctx context.Context, size int64) (Mark, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if err := m.ready(ctx); err != nil {
		return Mark{}, err
	}
	for _, s := range slices.Sorted(maps.Keys(m.marks)) {
		if s >= size {
			return m.marks[s].clone(), nil
		}
	}
	return Mark{}, fmt.Errorf("checkpoint of size %d or more: %w", size, ErrAbsent)
}

// Count implements Side.
func (m *MemorySide) Count(ctx context.Context, key [32]byte, class string, day int64) (int64, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if err := m.ready(ctx); err != nil {
		return 0, err
	}
	return m.counts[Use{Key: key, Class: class, Day: day}], nil
}

// Add implements Side.
func (m *MemorySide) Add(ctx context.Context, uses ...Use) error {
	if err := CheckUses(uses); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.ready(ctx); err != nil {
		return err
	}
	for _, u := range uses {
		at := Use{Key: u.Key, Class: u.Class, Day: u.Day}
		put(&m.counts, at, m.counts[at]+u.N)
	}
	return nil
}

// Put implements Side.
func (m *MemorySide) Put(ctx context.Context, space, name string, value []byte, until int64) error {
	if err := CheckPassing(space, name, value, until); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.ready(ctx); err != nil {
		return err
	}
	put(&m.passing, place{space, name}, Passing{name, append([]byte{}, value...), until})
	return nil
}

// Get implements Side.
func (m *MemorySide) Get(ctx context.Context, space, name string) (value []byte, until int64, err error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if err := m.ready(ctx); err != nil {
		return nil, 0, err
	}
	p, ok := m.passing[place{space, name}]
	if !ok {
		return nil, 0, fmt.Errorf("nothing of that name in %q: %w", space, ErrAbsent)
	}
	return bytes.Clone(p.Value), p.Until, nil
}

// Drop implements Side.
func (m *MemorySide) Drop(ctx context.Context, space, name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.ready(ctx); err != nil {
		return err
	}
	if _, ok := m.passing[place{space, name}]; !ok {
		return fmt.Errorf("nothing of that name in %q: %w", space, ErrAbsent)
	}
	delete(m.passing, place{space, name})
	return nil
}

// Each implements Side.
func (m *MemorySide) Each(ctx context.Context, space string) iter.Seq2[Passing, error] {
	return func(yield func(Passing, error) bool) {
		m.mu.RLock()
		err := m.ready(ctx)
		var list []Passing
		for at, p := range m.passing {
			if at.space == space {
				p.Value = bytes.Clone(p.Value)
				list = append(list, p)
			}
		}
		m.mu.RUnlock()
		if err != nil {
			yield(Passing{}, err)
			return
		}
		slices.SortFunc(list, func(a, b Passing) int { return strings.Compare(a.Name, b.Name) })
		for _, p := range list {
			if !yield(p, nil) {
				return
			}
		}
	}
}

// Expire implements Side.
func (m *MemorySide) Expire(ctx context.Context, now int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.ready(ctx); err != nil {
		return err
	}
	maps.DeleteFunc(m.passing, func(_ place, p Passing) bool { return p.Until != 0 && p.Until <= now })
	return nil
}

// Backup always fails: there is no file to copy.
func (m *MemorySide) Backup(ctx context.Context, path string) error {
	return fmt.Errorf("back up to %s: this is in memory only: %w", path, errors.ErrUnsupported)
}

// Close implements Side.
func (m *MemorySide) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	return nil
}

func (m *MemorySide) ready(ctx context.Context) error {
	if m.closed {
		return ErrClosed
	}
	return ctx.Err()
}

func (m Mark) clone() Mark {
	m.First, m.Last = bytes.Clone(m.First), bytes.Clone(m.Last)
	return m
}

// put makes a map at its first entry, so that the zero MemorySide works.
func put[K comparable, V any](m *map[K]V, k K, v V) {
	if *m == nil {
		*m = make(map[K]V)
	}
	(*m)[k] = v
}
