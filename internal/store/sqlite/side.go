package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"sync"

	"corridor.example/corridor/internal/store"
)

// A Side is a side file. Make one with OpenSide or OpenSideReadOnly.
type Side struct {
	path    string
	closing sync.RWMutex // as in Store
	closed  bool

	// read is set in a side file opened for reading, and everything below is not.
	read *reading

	// One connection serves readers and the writer: what is asked of it is small.
	db   *sql.DB
	turn chan struct{} // one place: who has it may begin a transaction
	full bool          // whether synchronous is FULL just now; belongs to whoever has the turn
}

var _ store.Side = (*Side)(nil)

// OpenSide opens a side file for reading and writing, and makes it if there is none, readable
// by its owner only.
func OpenSide(path string) (*Side, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if err := createFile(path, sideFormat); err != nil {
			return nil, err
		}
	}
	nothingMore := func(context.Context, querier) error { return nil }
	db, err := openWriter(path, sideFormat, nothingMore)
	if err != nil {
		return nil, err
	}
	return &Side{path: path, db: db, turn: make(chan struct{}, 1), full: true}, nil
}

// Secret implements store.Side.
func (s *Side) Secret(ctx context.Context, name string) (secret []byte, err error) {
	err = s.one(ctx, fmt.Sprintf("secret %q", name), &secret, `SELECT bytes FROM secret WHERE name = ?`, name)
	if err == nil && secret == nil {
		secret = []byte{}
	}
	return secret, err
}

// PutSecret implements store.Side.
func (s *Side) PutSecret(ctx context.Context, name string, secret []byte) error {
	return s.change(ctx, true, func(ctx context.Context, tx *sql.Tx) error {
		if secret == nil {
			secret = []byte{}
		}
		res, err := tx.ExecContext(ctx, `INSERT INTO secret(name, bytes) VALUES(?, ?) ON CONFLICT DO NOTHING`, name, secret)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, fmt.Errorf("secret %q: %w", name, store.ErrExists))
		}
		return nil
	})
}

// Received implements store.Side.
func (s *Side) Received(ctx context.Context, hashes [][32]byte, at int64) error {
	return s.change(ctx, false, func(ctx context.Context, tx *sql.Tx) error {
		q, err := tx.PrepareContext(ctx, `INSERT INTO received(hash, at) VALUES(?, ?) ON CONFLICT DO NOTHING`)
		if err != nil {
			return err
		}
		defer q.Close()
		for _, h := range hashes {
			if _, err := q.ExecContext(ctx, h[:], at); err != nil {
				return err
			}
		}
		return nil
	})
}

// ReceivedAt implements store.Side.
func (s *Side) ReceivedAt(ctx context.Context, hash [32]byte) (at int64, err error) {
	err = s.one(ctx, fmt.Sprintf("%x", hash), &at, `SELECT at FROM received WHERE hash = ?`, hash[:])
	return at, err
}

// PutMark implements store.Side.
func (s *Side) PutMark(ctx context.Context, m store.Mark) error {
	if err := store.CheckMark(m); err != nil {
		return err
	}
	return s.change(ctx, true, func(ctx context.Context, tx *sql.Tx) error {
		var last any // NULL, unless it differs
		if m.Last != nil {
			last = m.Last
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO checkpoint(size, first, last) VALUES(?, ?, ?) ON CONFLICT(size) DO UPDATE SET first = excluded.first, last = excluded.last`, m.Size, m.First, last)
		return err
	})
}

// Marks implements store.Side.
func (s *Side) Marks(ctx context.Context) iter.Seq2[store.Mark, error] {
	return func(yield func(store.Mark, error) bool) {
		for size := int64(0); ; {
			marks, err := s.marks(ctx, size, pageRows)
			for _, m := range marks {
				if !yield(m, nil) {
					return
				}
				size = m.Size + 1 // a page is full of sizes, so this cannot be the largest there is
			}
			if err != nil {
				yield(store.Mark{}, err)
				return
			}
			if len(marks) < pageRows {
				return
			}
		}
	}
}

// marks returns the next few cosigned checkpoints.
func (s *Side) marks(ctx context.Context, size int64, most int) (marks []store.Mark, err error) {
	if err := s.enter(ctx); err != nil {
		return nil, err
	}
	defer s.closing.RUnlock()
	err = s.asks(ctx, func(q querier) error {
		rows, err := q.QueryContext(ctx, `SELECT size, first, last FROM checkpoint WHERE size >= ? ORDER BY size LIMIT ?`, size, most)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var m store.Mark
			if err := rows.Scan(&m.Size, &m.First, &m.Last); err != nil {
				return err
			}
			marks = append(marks, m)
		}
		return rows.Err()
	})
	return marks, fault(s.path, err)
}

// MarkAfter implements store.Side.
func (s *Side) MarkAfter(ctx context.Context, size int64) (store.Mark, error) {
	marks, err := s.marks(ctx, size, 1)
	if err != nil {
		return store.Mark{}, err
	}
	if len(marks) == 0 {
		return store.Mark{}, fmt.Errorf("checkpoint of size %d or more: %w", size, store.ErrAbsent)
	}
	return marks[0], nil
}

// Count implements store.Side.
func (s *Side) Count(ctx context.Context, key [32]byte, class string, day int64) (n int64, err error) {
	err = s.one(ctx, "", &n, `SELECT coalesce((SELECT n FROM used WHERE key = ? AND class = ? AND day = ?), 0)`, key[:], class, day)
	return n, err
}

// Add implements store.Side.
func (s *Side) Add(ctx context.Context, uses ...store.Use) error {
	if err := store.CheckUses(uses); err != nil {
		return err
	}
	return s.change(ctx, false, func(ctx context.Context, tx *sql.Tx) error {
		q, err := tx.PrepareContext(ctx, `INSERT INTO used(key, class, day, n) VALUES(?, ?, ?, ?) ON CONFLICT(key, class, day) DO UPDATE SET n = n + excluded.n`)
		if err != nil {
			return err
		}
		defer q.Close()
		for _, u := range uses {
			if _, err := q.ExecContext(ctx, u.Key[:], u.Class, u.Day, u.N); err != nil {
				return err
			}
		}
		return nil
	})
}

// Backup implements store.Side. The copy holds the secrets: keep it as the file itself is
// kept.
func (s *Side) Backup(ctx context.Context, path string) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.closing.RUnlock()
	if s.read != nil {
		return backupStill(ctx, s.path, path)
	}
	return backup(ctx, s.path, path, common...)
}

// Close implements store.Side.
func (s *Side) Close() error {
	s.closing.Lock()
	defer s.closing.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	if s.read != nil {
		return fault(s.path, s.read.close())
	}
	return fault(s.path, s.db.Close())
}

func (s *Side) enter(ctx context.Context) error {
	s.closing.RLock()
	err := ctx.Err()
	if s.closed {
		err = store.ErrClosed
	}
	if err != nil {
		s.closing.RUnlock()
	}
	return err
}

// one reads a single value into dest. What names it if it is absent.
func (s *Side) one(ctx context.Context, what string, dest any, query string, args ...any) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.closing.RUnlock()
	err := s.asks(ctx, func(q querier) error { return q.QueryRowContext(ctx, query, args...).Scan(dest) })
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("%s: %w", what, store.ErrAbsent)
	}
	return fault(s.path, err)
}

// change runs f in a transaction. If it is to be durable, it survives a power failure once
// change returns; otherwise the disk is not waited for, which a note of each arriving entry
// could not afford.
func (s *Side) change(ctx context.Context, durable bool, f func(context.Context, *sql.Tx) error) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.closing.RUnlock()
	if s.read != nil {
		return fmt.Errorf("%s: %w", s.path, store.ErrReadOnly)
	}
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	bg := context.Background() // as in Store.append
	if durable != s.full {
		mode := "NORMAL"
		if durable {
			mode = "FULL"
		}
		if _, err := s.db.ExecContext(bg, `PRAGMA synchronous = `+mode); err != nil {
			return fault(s.path, err)
		}
		s.full = durable
	}
	tx, err := s.db.BeginTx(bg, nil)
	if err != nil {
		return fault(s.path, err)
	}
	defer tx.Rollback()
	if err := f(bg, tx); err != nil {
		return fault(s.path, err)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return fault(s.path, tx.Commit())
}
