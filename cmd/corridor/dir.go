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
	"time"

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

// patience is how long a command waits for another that has a directory for a moment, as each
// record that is submitted on this machine does.
const patience = 10 * time.Second

// serverSays begins the line in the lock file that a server leaves there with its address.
const serverSays = "server "

// A missionDir is a mission's directory, opened to run it.
type missionDir struct {
	path  string
	store *sqlite.Store
	side  *sqlite.Side
	lock  *dirLock
	made  []string // files that createDir made
}

// An inUse says that another process runs a directory.
type inUse struct{ path, who string }

func (e *inUse) Error() string {
	who := e.who
	if who == "" {
		who = "another process"
	}
	return fmt.Sprintf("%s is in use by %s; send records to its server, or stop it first", e.path, who)
}

// openDir opens a mission's directory to run it. Only one process at a time can; it waits a
// while for one that is no server.
func openDir(ctx context.Context, path string) (*missionDir, error) {
	if err := holdsMission(path); err != nil {
		return nil, err
	}
	if !exists(filepath.Join(path, sideFile)) {
		return nil, keyless(path)
	}
	lock, err := lockSoon(ctx, path)
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

func holdsMission(path string) error {
	if s, err := os.Stat(path); err == nil && !s.IsDir() {
		return fmt.Errorf("%s is no directory; --dir names the one in which %s lies", path, missionFile)
	}
	if !exists(filepath.Join(path, missionFile)) {
		return fmt.Errorf("%s holds no mission; corridor init --dir %s founds one", path, path)
	}
	return nil
}

func lockSoon(ctx context.Context, path string) (*dirLock, error) {
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		lock, err := lockDir(path)
		var used *inUse
		if !errors.As(err, &used) || strings.HasPrefix(used.who, serverSays) {
			return lock, err
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return nil, err
		}
	}
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
	for _, name := range []string{missionFile, sideFile, cardFile} {
		if exists(filepath.Join(path, name)) {
			return nil, errors.Join(fmt.Errorf("%s holds the %s of a mission already; name another directory", path, name), d.close())
		}
		d.made = append(d.made, filepath.Join(path, name))
	}
	if d.store, err = sqlite.Create(filepath.Join(path, missionFile)); err == nil {
		d.side, err = sqlite.OpenSide(filepath.Join(path, sideFile))
	}
	if err != nil {
		return nil, errors.Join(err, d.discard())
	}
	return d, nil
}

// discard closes a directory that createDir made and removes what was begun in it, so that
// the same command can be given again.
func (d *missionDir) discard() error {
	err := d.close()
	for _, path := range d.made {
		if e := os.Remove(path); e != nil && !errors.Is(e, fs.ErrNotExist) {
			err = errors.Join(err, e)
		}
	}
	return err
}

// close lets go of the directory. It may be called twice.
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
		d.lock = nil
	}
	return err
}

// logKey returns the key the log signs its checkpoints with.
func logKey(ctx context.Context, dir string, side *sqlite.Side) (ed25519.PrivateKey, error) {
	seed, err := side.Secret(ctx, logSecret)
	if errors.Is(err, store.ErrAbsent) {
		return nil, keyless(dir)
	}
	if err != nil {
		return nil, err
	}
	if len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("the log's key in %s is damaged", filepath.Join(dir, sideFile))
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

func keyless(dir string) error {
	return fmt.Errorf("%s does not hold the log's key; without it this log has ended: restore node.db from a backup", filepath.Join(dir, sideFile))
}

// card reads the card that lies in the directory, "" if none does.
func (d *missionDir) card() (string, error) {
	b, err := readLimited(filepath.Join(d.path, cardFile), maxCard)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return string(b), err
}

// serverOf returns the address at which commands on this machine reach the server that runs a
// directory now, in the clear; "" if none does.
func serverOf(path string) (string, error) {
	addr, _, err := servedAt(path)
	return addr, err
}

// servedAt is serverOf, with the address at which readers reach the server, without a slash at
// the end.
func servedAt(path string) (addr, url string, err error) {
	who, err := holder(path)
	said, ok := strings.CutPrefix(who, serverSays)
	if !ok || err != nil {
		return "", "", err
	}
	addr, url, _ = strings.Cut(said, " ")
	if addr = shown(addr); url == "" {
		url = "http://" + addr
	}
	return addr, url, nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
