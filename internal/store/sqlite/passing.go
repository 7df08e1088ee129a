package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"

	"corridor.example/corridor/internal/store"
)

// Put implements store.Side.
func (s *Side) Put(ctx context.Context, space, name string, value []byte, until int64) error {
	if err := store.CheckPassing(space, name, value, until); err != nil {
		return err
	}
	if value == nil {
		value = []byte{}
	}
	return s.change(ctx, true, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO passing(space, name, bytes, until) VALUES(?, ?, ?, ?) ON CONFLICT(space, name) DO UPDATE SET bytes = excluded.bytes, until = excluded.until`, space, name, value, until)
		return err
	})
}

// Get implements store.Side.
func (s *Side) Get(ctx context.Context, space, name string) (value []byte, until int64, err error) {
	if err := s.enter(ctx); err != nil {
		return nil, 0, err
	}
	defer s.closing.RUnlock()
	err = sql.ErrNoRows
	if s.passes() {
		err = s.asks(ctx, func(q querier) error {
			return q.QueryRowContext(ctx, `SELECT bytes, until FROM passing WHERE space = ? AND name = ?`, space, name).Scan(&value, &until)
		})
	}
	if errors.Is(err, sql.ErrNoRows) {
		return nil, 0, nothing(space)
	}
	if err != nil {
		return nil, 0, fault(s.path, err)
	}
	return append([]byte{}, value...), until, nil
}

// Drop implements store.Side.
func (s *Side) Drop(ctx context.Context, space, name string) error {
	return s.change(ctx, true, func(ctx context.Context, tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `DELETE FROM passing WHERE space = ? AND name = ?`, space, name)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, nothing(space))
		}
		return nil
	})
}

// Each implements store.Side.
func (s *Side) Each(ctx context.Context, space string) iter.Seq2[store.Passing, error] {
	return func(yield func(store.Passing, error) bool) {
		after, first := "", true
		for {
			list, err := s.passing(ctx, space, after, first)
			for _, p := range list {
				if !yield(p, nil) {
					return
				}
				after, first = p.Name, false
			}
			if err != nil {
				yield(store.Passing{}, err)
				return
			}
			if len(list) < pageRows {
				return
			}
		}
	}
}

// passing returns the next few of a space, after a name unless they are the first.
func (s *Side) passing(ctx context.Context, space, after string, first bool) (list []store.Passing, err error) {
	if err := s.enter(ctx); err != nil {
		return nil, err
	}
	defer s.closing.RUnlock()
	if !s.passes() {
		return nil, nil
	}
	err = s.asks(ctx, func(q querier) error {
		rows, err := q.QueryContext(ctx, `SELECT name, bytes, until FROM passing WHERE space = ? AND (? OR name > ?) ORDER BY name LIMIT ?`, space, first, after, pageRows)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var p store.Passing
			if err := rows.Scan(&p.Name, &p.Value, &p.Until); err != nil {
				return err
			}
			list = append(list, p)
		}
		return rows.Err()
	})
	return list, fault(s.path, err)
}

// Expire implements store.Side.
func (s *Side) Expire(ctx context.Context, now int64) error {
	return s.change(ctx, true, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM passing WHERE until <> 0 AND until <= ?`, now)
		return err
	})
}

// passes reports whether the file has a place for what passes: one of the first version that
// was opened for reading has none, and so has nothing there.
func (s *Side) passes() bool { return s.read == nil || s.read.version >= 2 }

func nothing(space string) error {
	return fmt.Errorf("nothing of that name in %q: %w", space, store.ErrAbsent)
}
