package main

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"

	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/session"
	"corridor.example/corridor/internal/store/sqlite"
)

const restoreUsage = `
corridor restore FILE --dir DIR [--card CARD] [--known FILE] [--json]

Unpacks a backup into DIR, which must not hold a mission yet, and checks it like corridor
verify, with the same exit status. What does not hold is named and left there for you to look
at; do not serve it.

A backup is older than the log it was made of. If the mission went on after it was made,
serving it would sign a second history: compare its size with a mirror's first. Corridor
refuses to serve it on a machine that knew a longer one, and where a witness of the mission
remembers more; the witnesses are asked after the check.
`

func runRestore(ctx context.Context, w *world, args []string) (int, error) {
	var c verifyCall
	f := flags("restore")
	f.StringVar(&c.what, "dir", "", "")
	f.StringVar(&c.card, "card", "", "")
	f.StringVar(&c.known, "known", "", "")
	f.BoolVar(&c.json, "json", false, "")
	rest, err := parse(f, args, 1)
	if err != nil {
		return 3, err
	}
	if c.what == "" || len(rest) != 1 {
		return 3, unusable("restore", "say what and where to: corridor restore FILE --dir DIR")
	}
	if err := restore(rest[0], c.what); err != nil {
		return 3, err
	}
	if !c.json {
		fmt.Fprintf(w.out, "%s is unpacked in %s; checking it\n", rest[0], c.what)
	}
	status, err := c.replay(ctx, w)
	if err != nil {
		return status, err
	}
	return status, consulted(ctx, c.what)
}

// consulted asks the witnesses of a restored mission how far they know it, and returns a
// *node.Ahead where one knows more than was restored.
func consulted(ctx context.Context, dir string) error {
	st, err := sqlite.OpenReadOnly(filepath.Join(dir, missionFile))
	if err != nil {
		return nil // the check before this said what is wrong with it
	}
	defer st.Close()
	m, head, err := node.Read(ctx, st)
	if err != nil || head.Checkpoint == nil {
		return nil // likewise
	}
	known, _ := node.Consult(ctx, nodeCall{}.of(slog.New(slog.DiscardHandler))(m.Now().Terms()), head.Checkpoint)
	for name, is := range known {
		if is.Size > m.Size() {
			return &node.Ahead{Witness: name, Newest: is, Size: m.Size()}
		}
	}
	return nil
}

// restore unpacks a backup into a directory, all of it or nothing.
func restore(file, dir string) (err error) {
	in, err := os.Open(file)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	lock, err := lockDir(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.release()) }()
	for _, name := range backupFiles {
		if exists(filepath.Join(dir, name)) {
			return fmt.Errorf("%s holds the %s of a mission already; restore into another directory", dir, name)
		}
	}
	tmp, err := os.MkdirTemp(dir, ".restoring-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	names, err := unpack(file, in, tmp)
	if err != nil {
		return err
	}
	if err := forgetReaders(filepath.Join(tmp, sideFile)); err != nil {
		return err
	}
	slices.SortFunc(names, func(a, b string) int { return slices.Index(backupFiles, b) - slices.Index(backupFiles, a) }) // mission.db last
	for _, name := range names {
		if err := os.Rename(filepath.Join(tmp, name), filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}

// forgetReaders takes every session, passkey and invitation out of a restored node.db: some of
// them were ended, or used, after the backup was made.
func forgetReaders(path string) error {
	if !exists(path) {
		return nil
	}
	side, err := sqlite.OpenSide(path)
	if err != nil {
		return err
	}
	_, err = session.Forget(context.Background(), side, "all")
	return errors.Join(err, side.Close())
}

// unpack writes what a backup holds into an empty directory.
func unpack(file string, in io.Reader, dir string) (names []string, err error) {
	t := tar.NewReader(in)
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s is no backup, or cut short: %w", file, err)
		}
		if !slices.Contains(backupFiles, h.Name) || h.Typeflag != tar.TypeReg {
			return nil, fmt.Errorf("%s is no backup: it holds %q", file, h.Name)
		}
		out, err := os.OpenFile(filepath.Join(dir, h.Name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return nil, err
		}
		_, err = io.Copy(out, t)
		if err := errors.Join(err, out.Sync(), out.Close()); err != nil {
			return nil, fmt.Errorf("%s is cut short or damaged: %w", file, err)
		}
		names = append(names, h.Name)
	}
	if !slices.Contains(names, missionFile) {
		return nil, fmt.Errorf("%s is no backup: it holds no %s", file, missionFile)
	}
	return names, nil
}
