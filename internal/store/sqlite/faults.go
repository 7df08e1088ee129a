package sqlite

import (
	"context"
	"errors"
	"fmt"

	"corridor.example/corridor/internal/store"
	driver "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// fault says of an error of SQLite, of damage and of a wrong file which file it was, and what
// to do about it. Other errors are answers, and stay as they are.
func fault(path string, err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	advice := ""
	switch code(err) & 0xff {
	case lib.SQLITE_BUSY, lib.SQLITE_LOCKED:
		advice = "another program is writing to it: wait, or stop that program"
	case lib.SQLITE_READONLY, lib.SQLITE_PERM:
		advice = "it or its directory may not be written to: change the permissions, or open it for reading"
	case lib.SQLITE_CANTOPEN:
		advice = "it cannot be opened: check the permissions of the file and its directory"
	case lib.SQLITE_FULL:
		advice = "the disk is full: make room and try again; what was acknowledged is safe"
	case lib.SQLITE_IOERR:
		advice = "the disk does not read or write: make a copy of what can be read, then look at the disk"
	case lib.SQLITE_CORRUPT:
		return fmt.Errorf("%s: %w: its pages do not hold together (%v): keep it as it is, and restore a backup elsewhere", path, store.ErrDamaged, err)
	case lib.SQLITE_NOTADB:
		return fmt.Errorf("%s: %w: it is no log file, or no side file, but something else", path, store.ErrForeign)
	case lib.SQLITE_TOOBIG:
		return fmt.Errorf("%s: %w: it holds something too large to be an entry", path, store.ErrDamaged)
	}
	if code(err) == 0 && !errors.Is(err, store.ErrDamaged) && !errors.Is(err, store.ErrForeign) {
		return err
	}
	if advice == "" {
		return fmt.Errorf("%s: %w", path, err)
	}
	return fmt.Errorf("%s: %s (%w)", path, advice, err)
}

// code returns SQLite's extended result code of an error, or 0.
func code(err error) int {
	var e *driver.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}
