package main

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"corridor.example/corridor/internal/store/sqlite"
)

const backupUsage = `
corridor backup --dir DIR FILE

Copies the mission that lives in DIR into FILE, one tar file, while a server may be running
it. The file holds the log's key: keep it as you keep the key.
`

const restoreUsage = `
corridor restore FILE --dir DIR

Unpacks a backup into DIR, which must not hold a mission yet, and checks it like corridor
verify. What does not hold is named and left there for you to look at; do not serve it.

A backup is older than the log it was made of. If the mission went on after it was made,
serving it would sign a second history: compare its size with a mirror's first.
`

var backupFiles = []string{missionFile, sideFile, cardFile}

func runBackup(ctx context.Context, w *world, args []string) (int, error) {
	f := flags("backup")
	dir := f.String("dir", "", "")
	rest, err := parse(f, args)
	if err != nil {
		return 3, err
	}
	if *dir == "" || len(rest) != 1 {
		return 3, fmt.Errorf("say what and where to: corridor backup --dir DIR FILE")
	}
	size, err := backup(ctx, *dir, rest[0])
	if err != nil {
		return 3, err
	}
	fmt.Fprintf(w.out, "%s holds %d records of %s, and the log's key: keep it as you keep the key\n", rest[0], size, *dir)
	return 0, nil
}

func backup(ctx context.Context, dir, file string) (size int64, err error) {
	tmp, err := os.MkdirTemp(filepath.Dir(file), ".corridor-backup-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(tmp)
	s, err := sqlite.OpenReadOnly(filepath.Join(dir, missionFile))
	if err != nil {
		return 0, err
	}
	defer s.Close()
	if err := s.Backup(ctx, filepath.Join(tmp, missionFile)); err != nil {
		return 0, err
	}
	side, err := sqlite.OpenSide(filepath.Join(dir, sideFile))
	if err != nil {
		return 0, err
	}
	if err := errors.Join(side.Backup(ctx, filepath.Join(tmp, sideFile)), side.Close()); err != nil {
		return 0, err
	}
	card, err := os.ReadFile(filepath.Join(dir, cardFile))
	if err == nil {
		err = os.WriteFile(filepath.Join(tmp, cardFile), card, 0o600)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return 0, err
	}
	copied, err := sqlite.OpenReadOnly(filepath.Join(tmp, missionFile))
	if err != nil {
		return 0, err
	}
	head, err := copied.Head(ctx)
	if err := errors.Join(err, copied.Close()); err != nil {
		return 0, err
	}
	return head.Size, pack(tmp, file)
}

func pack(from, file string) error {
	out, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	t := tar.NewWriter(out)
	for _, name := range backupFiles {
		if e := add(t, from, name); e != nil && !errors.Is(e, os.ErrNotExist) {
			err = errors.Join(err, e)
		}
	}
	if err = errors.Join(err, t.Close(), out.Sync(), out.Close()); err != nil {
		return errors.Join(err, os.Remove(file))
	}
	return nil
}

func add(t *tar.Writer, from, name string) error {
	f, err := os.Open(filepath.Join(from, name))
	if err != nil {
		return err
	}
	defer f.Close()
	s, err := f.Stat()
	if err != nil {
		return err
	}
	if err := t.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: s.Size(), Format: tar.FormatUSTAR}); err != nil {
		return err
	}
	_, err = io.Copy(t, f)
	return err
}

func runRestore(ctx context.Context, w *world, args []string) (int, error) {
	f := flags("restore")
	dir := f.String("dir", "", "")
	rest, err := parse(f, args)
	if err != nil {
		return 3, err
	}
	if *dir == "" || len(rest) != 1 {
		return 3, fmt.Errorf("say what and where to: corridor restore FILE --dir DIR")
	}
	if err := unpack(rest[0], *dir); err != nil {
		return 3, err
	}
	fmt.Fprintf(w.out, "%s unpacked into %s; checking it\n", rest[0], *dir)
	return runVerify(ctx, w, []string{*dir})
}

func unpack(file, dir string) error {
	in, err := os.Open(file)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(dir, missionFile)); err == nil {
		return fmt.Errorf("%s holds a mission already; restore into another directory", dir)
	}
	t := tar.NewReader(in)
	found := false
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("%s is not a backup: %w", file, err)
		}
		known := false
		for _, name := range backupFiles {
			known = known || h.Name == name && h.Typeflag == tar.TypeReg
		}
		if !known {
			return fmt.Errorf("%s is not a backup: it holds %q", file, h.Name)
		}
		out, err := os.OpenFile(filepath.Join(dir, h.Name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		_, err = io.Copy(out, t)
		if err := errors.Join(err, out.Sync(), out.Close()); err != nil {
			return fmt.Errorf("%s is cut short or damaged: %w", file, err)
		}
		found = found || h.Name == missionFile
	}
	if !found {
		return fmt.Errorf("%s is not a backup: it holds no %s", file, missionFile)
	}
	return nil
}
