package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"corridor.example/corridor/internal/store"
	driver "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// OpenReadOnly opens a log for reading, as it stands at this moment: what is written or
// erased later is not seen. The file and its directory may be write-protected; nothing is
// created or changed beside the file, whoever else has it open.
//
// The file may come from somebody who wants to mislead or crash the reader. What a store
// would not have written comes back as an ErrDamaged that names the entry.
//
// A log that was cut off while it was written, and then moved without the -shm file that
// belonged to it, is read from a private copy in the temporary directory, which Close removes.
func OpenReadOnly(path string) (*Store, error) {
	s, stray, err := OpenAsFound(path)
	if err == nil && len(stray) > 0 {
		err = fault(path, stray[0])
		s.Close()
		return nil, err
	}
	return s, err
}

// OpenAsFound opens a log as OpenReadOnly does, for a checker, who wants to know all that is
// wrong with it: rows that lie outside the log its head describes are no reason not to read
// the others. It returns the first and the last such row of each table.
func OpenAsFound(path string) (*Store, []*store.DamageError, error) {
	if err := look(path, logFormat); err != nil {
		return nil, nil, err
	}
	w, err := wayToRead(path)
	if err != nil {
		return nil, nil, err
	}
	s := &Store{path: path}
	s.read.still, s.read.cleanup = w.still, w.cleanup
	s.read.one = make(chan struct{}, 1)
	stray, err := s.snapshot(context.Background(), w)
	if err != nil {
		err = fault(path, err)
		if changed := s.changed(); changed != nil {
			err = changed
		}
		s.Close()
		return nil, nil, err
	}
	return s, stray, nil
}

// snapshot begins the one transaction in which everything is read.
func (s *Store) snapshot(ctx context.Context, w way) (stray []*store.DamageError, err error) {
	if err := s.read.begin(ctx, w, logFormat); err != nil {
		return nil, err
	}
	if stray, err = strays(ctx, s.read.tx); err != nil {
		return nil, err
	}
	return stray, s.read.prepare(ctx, s.read.tx)
}

// begin opens one connection to a file of a format, on which little can be asked of SQLite,
// and the transaction in which everything is read.
func (r *reading) begin(ctx context.Context, w way, f *format) error {
	db, err := connections(w.path, append(w.params, "query_only(ON)")...)
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	r.db = db
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	r.conn = conn
	for limit, n := range map[int]int{
		lib.SQLITE_LIMIT_LENGTH:       store.MaxRow,
		lib.SQLITE_LIMIT_ATTACHED:     0,
		lib.SQLITE_LIMIT_COLUMN:       64,
		lib.SQLITE_LIMIT_EXPR_DEPTH:   64,
		lib.SQLITE_LIMIT_VDBE_OP:      10_000,
		lib.SQLITE_LIMIT_FUNCTION_ARG: 8,
	} {
		if _, err := driver.Limit(conn, limit, n); err != nil {
			return err
		}
	}
	if r.tx, err = conn.BeginTx(ctx, &sql.TxOptions{ReadOnly: true}); err != nil {
		return err
	}
	r.version, err = f.check(ctx, r.tx)
	return err
}

// A way is how to read a file without leaving a trace beside it.
type way struct {
	path    string
	params  []string
	still   func() error // as in reading
	cleanup func() error // as in reading
}

// wayToRead chooses by what lies beside the file. SQLite would make a -shm file to read a log
// that has a -wal, and a -wal to read one that has none.
func wayToRead(path string) (way, error) {
	params := slices.Clone(common)
	journal, err := sizeOf(path + "-journal")
	if err != nil {
		return way{}, err
	}
	if journal > 0 {
		return way{}, fmt.Errorf("%s: %w: a rollback journal lies beside it, so another program was cut off while changing it: restore a backup", path, store.ErrDamaged)
	}
	wal, err := sizeOf(path + "-wal")
	if err != nil {
		return way{}, err
	}
	shm, err := sizeOf(path + "-shm")
	if err != nil {
		return way{}, err
	}
	switch {
	case wal >= 0 && shm >= 0: // in use, or cut off
		return way{path: path, params: append(params, "mode=ro", "readonly_shm=1")}, nil
	case wal > 0: // cut off, and moved
		return wayThroughCopy(path, params)
	}
	return way{path: path, params: append(params, "mode=ro", "immutable=1"), still: stillness(path)}, nil
}

// wayThroughCopy copies the file and its WAL to where SQLite may put the two together.
func wayThroughCopy(path string, params []string) (way, error) {
	dir, err := os.MkdirTemp("", "corridor-log-*")
	if err != nil {
		return way{}, err
	}
	w := way{path: filepath.Join(dir, "log"), params: params, cleanup: func() error { return os.RemoveAll(dir) }}
	for _, suffix := range []string{"", "-wal"} {
		if err := copyFile(w.path+suffix, path+suffix); err != nil {
			return way{}, errors.Join(err, w.cleanup())
		}
	}
	return w, nil
}

func copyFile(to, from string) error {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(dst, src)
	return errors.Join(err, dst.Close())
}

// stillness returns a function that says whether a file which is read without locks is still
// as it was. A program that opens the log for writing makes a -wal at once.
func stillness(path string) func() error {
	before, err := os.Stat(path)
	return func() error {
		now, e := os.Stat(path)
		wal, f := sizeOf(path + "-wal")
		if err := errors.Join(err, e, f); err != nil {
			return fmt.Errorf("%s: while it was being read: %w", path, err)
		}
		if wal > 0 || now.Size() != before.Size() || !now.ModTime().Equal(before.ModTime()) || !os.SameFile(now, before) {
			return fmt.Errorf("%s: another program began to write to it while it was being read: read it again, or read a backup", path)
		}
		return nil
	}
}

// changed says whether the file changed under a reader.
func (s *Store) changed() error {
	if s.read.still == nil {
		return nil
	}
	return s.read.still()
}

// sizeOf returns the size of a file, or -1 if there is none.
func sizeOf(path string) (int64, error) {
	st, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return -1, nil
	}
	if err != nil {
		return 0, err
	}
	return st.Size(), nil
}
