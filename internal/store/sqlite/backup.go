package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Backup implements store.Store. The copy is one file, without what was erased; only its
// owner can read it.
func (s *Store) Backup(ctx context.Context, path string) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.leave()
	if s.write != nil {
		return backup(ctx, s.path, path, common...)
	}
	if err := backupStill(ctx, s.path, path); err != nil {
		return err
	}
	return s.changed()
}

// backupStill copies a file that this process has open for reading.
func backupStill(ctx context.Context, from, to string) error {
	w, err := wayToRead(from)
	if err != nil {
		return err
	}
	if w.cleanup != nil {
		defer w.cleanup()
	}
	return backup(ctx, w.path, to, w.params...)
}

// backup copies one file to another that does not exist. A copy under its final name is
// whole.
func backup(ctx context.Context, from, to string, params ...string) error {
	if err := create(to); err != nil { // takes the name, so that nothing is ever replaced
		return err
	}
	err := backupOver(ctx, from, to, params...)
	if err != nil {
		return errors.Join(fmt.Errorf("back up to %s: %w", to, err), os.Remove(to))
	}
	return nil
}

func backupOver(ctx context.Context, from, to string, params ...string) error {
	// SQLite may write into an empty file, which os.CreateTemp makes readable by its owner
	// only.
	part, err := os.CreateTemp(filepath.Dir(to), filepath.Base(to)+".*.partial")
	if err != nil {
		return err
	}
	defer os.Remove(part.Name())
	defer part.Close()
	name, err := filepath.Abs(part.Name())
	if err != nil {
		return err
	}
	db, err := connections(from, params...)
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, `VACUUM INTO ?`, name); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fault(from, err)
	}
	if err := part.Sync(); err != nil {
		return err
	}
	if err := os.Rename(part.Name(), to); err != nil {
		return err
	}
	return syncDir(to)
}
