package sqlite

import (
	"context"
	"fmt"
)

// OpenSideReadOnly opens a side file for reading, as it stands at this moment, in the way
// OpenReadOnly opens a log. It makes none where there is none. Whoever holds a log against
// what its side file says opens the side file first: the log may be ahead of it, never behind.
func OpenSideReadOnly(path string) (*Side, error) {
	if err := look(path, sideFormat); err != nil {
		return nil, err
	}
	w, err := wayToRead(path)
	if err != nil {
		return nil, err
	}
	s := &Side{path: path, read: &reading{still: w.still, cleanup: w.cleanup, one: make(chan struct{}, 1)}}
	if err := s.read.begin(context.Background(), w, sideFormat); err != nil {
		err = fault(path, err)
		s.read.close() // nothing was read
		return nil, err
	}
	s.read.q = s.read.tx
	return s, nil
}

// asks calls f with what a question is put to. In a file opened for reading only one is asked
// at a time, and no answer counts if the file changed meanwhile.
func (s *Side) asks(ctx context.Context, f func(querier) error) error {
	if s.read == nil {
		return f(s.db)
	}
	select {
	case s.read.one <- struct{}{}:
		defer func() { <-s.read.one }()
	case <-ctx.Done():
		return ctx.Err()
	}
	err := f(s.read.q)
	if s.read.still != nil {
		if changed := s.read.still(); changed != nil {
			return fmt.Errorf("side file: %w", changed)
		}
	}
	return err
}
