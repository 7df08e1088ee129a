package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/ledger"
)

var watchFormat = &format{
	name:    "watch",
	id:      'C'<<24 | 'r'<<16 | 'd'<<8 | 'w',
	version: 1,
	tables: []string{
		`CREATE TABLE cosigned(origin TEXT PRIMARY KEY, checkpoint BLOB NOT NULL) STRICT`,
		`CREATE TABLE lodged(hash BLOB PRIMARY KEY, at INTEGER NOT NULL, line BLOB NOT NULL, note BLOB NOT NULL, how TEXT NOT NULL) STRICT`,
		`CREATE TABLE note(name TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT`,
	},
	columns: map[string][]string{
		"cosigned": {"origin", "checkpoint"},
		"lodged":   {"hash", "at", "line", "note", "how"},
		"note":     {"name", "bytes"},
	},
}

// A Watch is a watch file. Make one with OpenWatch.
type Watch struct{ side *Side }

var _ store.Watch = (*Watch)(nil)

// OpenWatch opens a watch file for reading and writing, and makes it if there is none, readable
// by its owner only.
func OpenWatch(path string) (*Watch, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if err := createFile(path, watchFormat); err != nil {
			return nil, err
		}
	}
	db, err := openWriter(path, watchFormat, func(context.Context, querier) error { return nil })
	if err != nil {
		return nil, err
	}
	return &Watch{&Side{path: path, db: db, turn: make(chan struct{}, 1), full: true}}, nil
}

// Cosigned implements store.Watch.
func (w *Watch) Cosigned(ctx context.Context, origin string) (checkpoint []byte, err error) {
	err = w.side.one(ctx, fmt.Sprintf("log %q", origin), &checkpoint, `SELECT checkpoint FROM cosigned WHERE origin = ?`, origin)
	return checkpoint, err
}

// Advance implements store.Watch.
func (w *Watch) Advance(ctx context.Context, from int64, checkpoint []byte) error {
	c, err := ledger.ParseCheckpoint(checkpoint)
	if err != nil {
		return err
	}
	return w.side.change(ctx, true, func(ctx context.Context, tx *sql.Tx) error {
		var have []byte
		err := tx.QueryRowContext(ctx, `SELECT checkpoint FROM cosigned WHERE origin = ?`, c.Origin).Scan(&have)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if err := store.CheckAdvance(have, from, checkpoint); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO cosigned(origin, checkpoint) VALUES(?, ?) ON CONFLICT(origin) DO UPDATE SET checkpoint = excluded.checkpoint`, c.Origin, checkpoint)
		return err
	})
}

// Lodge implements store.Watch.
func (w *Watch) Lodge(ctx context.Context, l store.Lodged) (added bool, err error) {
	err = w.side.change(ctx, true, func(ctx context.Context, tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `INSERT INTO lodged(hash, at, line, note, how) VALUES(?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, l.Hash[:], l.At, l.Line, l.Note, l.How)
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		added = n > 0
		return err
	})
	return added, err
}

const lodgedColumns = `SELECT hash, at, line, note, how FROM lodged `

// Lodged implements store.Watch.
func (w *Watch) Lodged(ctx context.Context, hash [32]byte) (store.Lodged, error) {
	list, err := w.lodgings(ctx, lodgedColumns+`WHERE hash = ?`, hash[:])
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("%x: %w", hash, store.ErrAbsent)
	}
	if err != nil {
		return store.Lodged{}, err
	}
	return list[0], nil
}

// Lodgings implements store.Watch.
func (w *Watch) Lodgings(ctx context.Context, open bool, most int) ([]store.Lodged, error) {
	where := ""
	if open {
		where = `WHERE how = '' `
	}
	return w.lodgings(ctx, lodgedColumns+where+`ORDER BY at, hash LIMIT ?`, most)
}

func (w *Watch) lodgings(ctx context.Context, query string, args ...any) (list []store.Lodged, err error) {
	if err := w.side.enter(ctx); err != nil {
		return nil, err
	}
	defer w.side.closing.RUnlock()
	err = w.side.asks(ctx, func(q querier) error {
		rows, err := q.QueryContext(ctx, query, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var l store.Lodged
			var hash []byte
			if err := rows.Scan(&hash, &l.At, &l.Line, &l.Note, &l.How); err != nil {
				return err
			}
			if copy(l.Hash[:], hash) != 32 || len(hash) != 32 {
				return fmt.Errorf("table lodged: %w: a name is not 32 bytes", store.ErrDamaged)
			}
			list = append(list, l)
		}
		return rows.Err()
	})
	return list, fault(w.side.path, err)
}

// Settle implements store.Watch.
func (w *Watch) Settle(ctx context.Context, hash [32]byte, how string) error {
	return w.side.change(ctx, true, func(ctx context.Context, tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `UPDATE lodged SET how = ? WHERE hash = ?`, how, hash[:])
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, fmt.Errorf("%x: %w", hash, store.ErrAbsent))
		}
		return nil
	})
}

// Note implements store.Watch.
func (w *Watch) Note(ctx context.Context, name string) (b []byte, err error) {
	err = w.side.one(ctx, fmt.Sprintf("note %q", name), &b, `SELECT bytes FROM note WHERE name = ?`, name)
	return b, err
}

// PutNote implements store.Watch.
func (w *Watch) PutNote(ctx context.Context, name string, b []byte) error {
	if b == nil {
		b = []byte{}
	}
	return w.side.change(ctx, true, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO note(name, bytes) VALUES(?, ?) ON CONFLICT(name) DO UPDATE SET bytes = excluded.bytes`, name, b)
		return err
	})
}

// Close implements store.Watch.
func (w *Watch) Close() error { return w.side.Close() }
