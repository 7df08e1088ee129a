// Package sqlite keeps a log, and what belongs beside it, in one SQLite file each.
//
// A log that nobody has open is exactly one file; it may be copied, mailed and put on a
// stick. While it is open for writing there are two more beside it, named -wal and -shm. To
// copy a log that is in use, use Backup, never cp. The process that has it open must not open
// the file in any other way: on Unix, closing it would take SQLite's locks away.
//
// What was acknowledged survives the end of the process and, if the disk keeps its word, a
// power failure (WAL, synchronous=FULL). What was erased is overwritten in the files
// (secure_delete, and an emptied WAL). It is not overwritten where no file reaches: in old
// backups, in file system snapshots, in the spare blocks of a flash disk.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"corridor.example/corridor/internal/store"
)

// A Store is a log in a file. Make one with Create, Open or OpenReadOnly.
type Store struct {
	path string

	// closing is held for reading by whoever uses the connections, and for writing by Close.
	closing sync.RWMutex
	closed  bool

	read reading

	// Everything below belongs to whoever holds the one place in turn; write is nil in a
	// store opened for reading.
	turn  chan struct{}
	write *sql.DB // one connection
	do    struct{ size, record, envelope, part, erase, head, cosign *sql.Stmt }

	// lingering says that erased bytes may still be in the WAL, because a reader needed it.
	lingering atomic.Bool
}

var _ store.Store = (*Store)(nil)

// Create makes a file with an empty log, readable by its owner only, and opens it. It refuses
// a path where something exists.
func Create(path string) (*Store, error) {
	if err := createFile(path, logFormat); err != nil {
		return nil, err
	}
	return Open(path)
}

// Open opens a log for reading and writing.
func Open(path string) (*Store, error) {
	write, err := openWriter(path, logFormat, checkRows)
	if err != nil {
		return nil, err
	}
	s := &Store{path: path, turn: make(chan struct{}, 1), write: write}
	if err := s.start(context.Background()); err != nil {
		s.Close()
		return nil, fault(path, err)
	}
	return s, nil
}

// start opens the readers and prepares every statement.
func (s *Store) start(ctx context.Context) error {
	for _, p := range []struct {
		stmt **sql.Stmt
		text string
	}{
		{&s.do.size, `SELECT size FROM head WHERE id = 1`},
		{&s.do.record, `INSERT INTO record(idx, hash, leaf, hashes) VALUES(?, ?, ?, ?)`},
		{&s.do.envelope, `INSERT INTO envelope(idx, bytes) VALUES(?, ?)`},
		{&s.do.part, `INSERT INTO part(idx, n, bytes) VALUES(?, ?, ?)`},
		{&s.do.erase, `UPDATE part SET bytes = NULL WHERE idx = ? AND n = ?`},
		{&s.do.head, `UPDATE head SET size = ?, checkpoint = ? WHERE id = 1`},
		{&s.do.cosign, `UPDATE head SET cosigned = ? WHERE id = 1`},
	} {
		var err error
		if *p.stmt, err = s.write.PrepareContext(ctx, p.text); err != nil {
			return err
		}
	}

	db, err := connections(s.path, append(common[:len(common):len(common)], "query_only(ON)")...)
	if err != nil {
		return err
	}
	n := max(4, runtime.GOMAXPROCS(0))
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	s.read.db = db
	return s.read.prepare(ctx, db)
}

// Close implements store.Store. It leaves one file, unless another program has it open.
func (s *Store) Close() error {
	s.closing.Lock()
	defer s.closing.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	err := s.read.close()
	if s.write != nil {
		if s.lingering.Load() {
			err = errors.Join(err, s.scrub(time.Second))
		}
		err = errors.Join(err, s.write.Close())
		if err == nil && s.lingering.Load() {
			err = errors.New("erased bytes may still be in the -wal file, because another program reads the log: open and close it again")
		}
	}
	return fault(s.path, err)
}

// enter keeps Close out until leave is called.
func (s *Store) enter(ctx context.Context) error {
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

// leave ends what enter began. If erased bytes could not be cleaned away because somebody
// was reading, whoever reads last does it.
func (s *Store) leave() {
	if s.lingering.Load() {
		select {
		case s.turn <- struct{}{}:
			s.scrub(0) // fails again? then lingering stays, and the next one tries
			<-s.turn
		default: // a writer is at work and will be the next to leave
		}
	}
	s.closing.RUnlock()
}

// createFile makes a file of a format that is whole, or none.
func createFile(path string, f *format) error {
	if err := create(path); err != nil {
		return err
	}
	db, err := connections(path, append(common[:len(common):len(common)], "journal_mode(WAL)", "synchronous(FULL)")...)
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	if err := f.write(context.Background(), db); err != nil {
		db.Close()
		return fault(path, err)
	}
	if err := db.Close(); err != nil { // moves everything from the WAL into the file
		return fault(path, err)
	}
	return syncDir(path)
}

// openWriter opens a file of a format with the one connection that writes. A file that was
// not closed is brought in order, and what was erased in it is cleaned away. The contents
// are checked while nobody else can write.
func openWriter(path string, f *format, check func(context.Context, querier) error) (*sql.DB, error) {
	if err := look(path, f); err != nil {
		return nil, err
	}
	db, err := connections(path, append(common[:len(common):len(common)],
		"mode=rw", "secure_delete(ON)", "synchronous(FULL)", "_txlock=immediate")...)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	err = checkWriter(context.Background(), db, f, check)
	if err != nil {
		db.Close()
		return nil, fault(path, err)
	}
	return db, nil
}

func checkWriter(ctx context.Context, db *sql.DB, f *format, check func(context.Context, querier) error) error {
	if _, err := f.checkHeader(ctx, db); err != nil {
		return err // and nothing of somebody else's file is changed
	}
	var mode string
	if err := db.QueryRowContext(ctx, `PRAGMA journal_mode = WAL`).Scan(&mode); err != nil {
		return err
	}
	if mode != "wal" {
		return fmt.Errorf("SQLite cannot keep a write-ahead log here (it offers %q): put the file on a local disk", mode)
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	version, err := f.check(ctx, tx)
	if err != nil {
		return err
	}
	// SQLite opens what may not be written to for reading, and would say so at the first entry.
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", f.version)); err != nil {
		return err
	}
	if err := check(ctx, tx); err != nil {
		return err
	}
	if version < f.version {
		if err := f.add(ctx, tx, version); err != nil {
			return err
		}
		if err := tx.Commit(); err != nil {
			return err
		}
	} else if err := tx.Rollback(); err != nil {
		return err
	}
	_, err = emptyWAL(ctx, db)
	return err
}

// emptyWAL moves what is in the WAL into the file and cuts the WAL to nothing. It reports
// false if a reader still needs an older state.
func emptyWAL(ctx context.Context, db *sql.DB) (bool, error) {
	var busy, frames, moved int
	err := db.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &frames, &moved)
	return err == nil && busy == 0, err
}
