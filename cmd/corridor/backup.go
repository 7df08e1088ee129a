package main

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"corridor.example/corridor/internal/store/sqlite"
)

const backupUsage = `
corridor backup --dir DIR FILE [--json]

Copies the mission that lives in DIR into FILE, one tar file, while a server may be running
it: mission.db, node.db and the card. The file holds the log's key: keep it as you keep the
key. It holds no office's key.
`

// backupFiles are what a backup holds, and what a directory must not hold before a restore.
var backupFiles = []string{missionFile, sideFile, cardFile}

func runBackup(ctx context.Context, w *world, args []string) (int, error) {
	f := flags("backup")
	dir := f.String("dir", "", "")
	asJSON := f.Bool("json", false, "")
	rest, err := parse(f, args, 1)
	if err != nil {
		return 3, err
	}
	if *dir == "" || len(rest) != 1 {
		return 3, unusable("backup", "say what and where to: corridor backup --dir DIR FILE")
	}
	if err := holdsMission(*dir); err != nil {
		return 3, err
	}
	if !exists(filepath.Join(*dir, sideFile)) {
		return 3, fmt.Errorf("%w; a copy without the key is made with corridor export", keyless(*dir))
	}
	if exists(rest[0]) {
		return 3, fmt.Errorf("%s is there already; a backup is never written over", rest[0])
	}
	size, err := backup(ctx, *dir, rest[0])
	if err != nil {
		return 3, err
	}
	if *asJSON {
		return 0, w.printJSON(map[string]any{"file": rest[0], "size": size})
	}
	fmt.Fprintf(w.out, "%s holds %d records of %s, and the log's key: keep it as you keep the key\n", rest[0], size, *dir)
	return 0, nil
}

// backup copies node.db first, so that the copy of the log is never behind the checkpoints in
// it.
func backup(ctx context.Context, dir, file string) (size int64, err error) {
	tmp, err := os.MkdirTemp(filepath.Dir(file), ".corridor-backup-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(tmp)
	side, err := sqlite.OpenSideReadOnly(filepath.Join(dir, sideFile))
	if err != nil {
		return 0, err
	}
	_, err = logKey(ctx, dir, side)
	if err == nil {
		err = side.Backup(ctx, filepath.Join(tmp, sideFile))
	}
	if err := errors.Join(err, side.Close()); err != nil {
		return 0, err
	}
	s, err := sqlite.OpenReadOnly(filepath.Join(dir, missionFile))
	if err != nil {
		return 0, err
	}
	if err := errors.Join(s.Backup(ctx, filepath.Join(tmp, missionFile)), s.Close()); err != nil {
		return 0, err
	}
	card, err := os.ReadFile(filepath.Join(dir, cardFile))
	if err == nil {
		err = os.WriteFile(filepath.Join(tmp, cardFile), card, 0o600)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
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
		if e := add(t, from, name); e != nil && !errors.Is(e, fs.ErrNotExist) {
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
