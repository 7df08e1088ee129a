package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/internal/store/sqlite"
)

// The files a mission lives in.
const (
	missionFile = "mission.db"   // the whole mission
	sideFile    = "node.db"      // the node's own word, and the log's key
	cardFile    = "mission.card" // what is handed over out of band
	lockFile    = "lock"         // who runs it now, and where
)

// Names of secrets in node.db.
const (
	logSecret  = "log"           // seed of the log's key; it never rotates
	nodeSecret = "node"          // seed of the node's key
	seedSecret = "exercise-seed" // of a demo: every key of the case follows from it
)

// A missionDir is a mission's directory, opened to run it.
type missionDir struct {
	path  string
	store *sqlite.Store
	side  *sqlite.Side
	lock  *dirLock
}

// openDir opens a mission's directory to run it. Only one process at a time can.
func openDir(path string) (*missionDir, error) {
	if _, err := os.Stat(filepath.Join(path, missionFile)); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s holds no mission; corridor init --dir %s founds one", path, path)
	}
	lock, err := lockDir(path)
	if err != nil {
		return nil, err
	}
	d := &missionDir{path: path, lock: lock}
	if d.store, err = sqlite.Open(filepath.Join(path, missionFile)); err == nil {
		d.side, err = sqlite.OpenSide(filepath.Join(path, sideFile))
	}
	if err != nil {
		return nil, errors.Join(err, d.close())
	}
	return d, nil
}

// createDir makes an empty mission directory, readable by its owner alone.
func createDir(path string) (*missionDir, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, err
	}
	lock, err := lockDir(path)
	if err != nil {
		return nil, err
	}
	d := &missionDir{path: path, lock: lock}
	if _, err := os.Stat(filepath.Join(path, missionFile)); err == nil {
		return nil, errors.Join(fmt.Errorf("%s holds a mission already; name another directory", path), d.close())
	}
	if d.store, err = sqlite.Create(filepath.Join(path, missionFile)); err == nil {
		d.side, err = sqlite.OpenSide(filepath.Join(path, sideFile))
	}
	if err != nil {
		return nil, errors.Join(err, d.close())
	}
	return d, nil
}

func (d *missionDir) close() error {
	var err error
	if d.store != nil {
		err = errors.Join(err, d.store.Close())
	}
	if d.side != nil {
		err = errors.Join(err, d.side.Close())
	}
	if d.lock != nil {
		err = errors.Join(err, d.lock.release())
	}
	return err
}

// logKey returns the key the log signs its checkpoints with.
func (d *missionDir) logKey(ctx context.Context) (ed25519.PrivateKey, error) {
	seed, err := d.side.Secret(ctx, logSecret)
	if errors.Is(err, store.ErrAbsent) {
		return nil, fmt.Errorf("%s does not hold the log's key; without it this log has ended: restore node.db from a backup", filepath.Join(d.path, sideFile))
	}
	if err != nil {
		return nil, err
	}
	if len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("the log's key in %s is damaged", filepath.Join(d.path, sideFile))
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// card reads the card that lies in the directory, "" if none does.
func (d *missionDir) card() (string, error) {
	b, err := os.ReadFile(filepath.Join(d.path, cardFile))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return string(b), err
}

// serverOf returns the address of the server that runs a directory now, "" if none does.
func serverOf(path string) string {
	l, err := lockDir(path)
	if err == nil {
		_ = l.release() // it was free
		return ""
	}
	b, err := os.ReadFile(filepath.Join(path, lockFile))
	if err != nil {
		return ""
	}
	_, addr, _ := strings.Cut(strings.TrimSpace(string(b)), " ")
	return addr
}
