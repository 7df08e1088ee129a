package main

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"corridor.example/corridor/record"
)

// A keyFile is a signing key on disk, encrypted under a passphrase or at least readable by its
// owner alone, with the chain of what it has signed beside it in FILE.chain. The chain is
// written before the record leaves, so that a number is never used twice even if the machine
// fails in between.
type keyFile struct {
	path       string
	key        ed25519.PrivateKey
	exercise   bool   // proved for an exercise, or derived from a seed that anybody may know
	passphrase string // the file is encrypted under it; "": it is not

	letGo func() error // ends what hold began; nil while it has not
}

const keyHead = "corridor-key/v1"

// maxKeyFile bounds a key file, in bytes.
const maxKeyFile = 4096

// write keeps the key at a path where nothing exists.
func (k *keyFile) write() error {
	text, err := k.text()
	if err != nil {
		return err
	}
	return k.put(k.path, text)
}

// text is what the key's file holds.
func (k *keyFile) text() ([]byte, error) {
	sort := "real"
	if k.exercise {
		sort = "exercise"
	}
	text := fmt.Appendf(nil, "%s\n%s\n%s\n", keyHead, sort, hex.EncodeToString(k.key.Seed()))
	if k.passphrase == "" {
		return text, nil
	}
	return encrypt(k.passphrase, text)
}

func (k *keyFile) put(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s exists; a key is never written over", path)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Sync(), f.Close())
}

// encryptInPlace encrypts a key that lay open under a passphrase. What the disk held before may
// be found on it for a long time.
func (k *keyFile) encryptInPlace(passphrase string) error {
	k.passphrase = passphrase
	text, err := k.text()
	if err != nil {
		return err
	}
	next := k.path + ".encrypted"
	if err := k.put(next, text); err != nil {
		return err
	}
	return os.Rename(next, k.path)
}

// readKeyFile reads a key, and refuses one that others on the machine can read. It asks for
// the passphrase of an encrypted one.
func readKeyFile(ctx context.Context, w *world, path string, l lock) (*keyFile, error) {
	s, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if s.Mode().Perm()&0o077 != 0 && filepath.Separator == '/' {
		return nil, fmt.Errorf("others can read %s; make it yours alone: chmod 600 %s", path, path)
	}
	if s.Size() > maxKeyFile {
		return nil, fmt.Errorf("%s is no key file", path)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	k := &keyFile{path: path}
	if isEncrypted(b) {
		if k.passphrase, err = l.open(ctx, w, path); err != nil {
			return nil, err
		}
		if b, err = decrypt(k.passphrase, b); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	if err := k.read(string(b)); err != nil {
		return nil, err
	}
	if k.passphrase == "" && !k.exercise {
		fmt.Fprintf(w.err, "%s lies open on this disk; corridor sign --encrypt %s puts it under a passphrase\n", path, path)
	}
	return k, nil
}

// read takes a key from the text of its file.
func (k *keyFile) read(text string) error {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) != 3 || lines[0] != keyHead || lines[1] != "real" && lines[1] != "exercise" {
		return fmt.Errorf("%s is no key file; corridor sign --new-key FILE makes one", k.path)
	}
	seed, err := hex.DecodeString(lines[2])
	if err != nil || len(seed) != ed25519.SeedSize {
		return fmt.Errorf("%s is damaged: its third line is not a key", k.path)
	}
	k.key, k.exercise = ed25519.NewKeyFromSeed(seed), lines[1] == "exercise"
	return nil
}

func (k *keyFile) public() ed25519.PublicKey { return k.key.Public().(ed25519.PublicKey) }

// chain is the number and hash of the last record a key signed for a mission.
type chain struct {
	seq  int64
	last *record.Hash
}

// hold keeps other commands from signing with this key until release, so that two that run at
// once do not use one number.
func (k *keyFile) hold(ctx context.Context) error {
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		letGo, err := lockKey(k.path)
		if !errors.Is(err, errHeld) {
			k.letGo = letGo
			return err
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return fmt.Errorf("another command is signing with %s: %w", k.path, ctx.Err())
		}
	}
}

// errHeld says that another command holds a key.
var errHeld = errors.New("another command holds the key")

// release lets other commands sign. It may be called twice, and without hold.
func (k *keyFile) release() error {
	letGo := k.letGo
	if letGo == nil {
		return nil
	}
	k.letGo = nil
	return letGo()
}

// chain reads what the key has signed for a mission so far.
func (k *keyFile) chain(mission record.Hash) (chain, error) {
	b, err := os.ReadFile(k.path + ".chain")
	if errors.Is(err, fs.ErrNotExist) {
		return chain{}, nil
	}
	if err != nil {
		return chain{}, err
	}
	var c chain
	for i, line := range strings.Split(strings.TrimSuffix(string(b), "\n"), "\n") {
		f := strings.Fields(line)
		if len(f) != 3 {
			return chain{}, fmt.Errorf("%s.chain is damaged at line %d", k.path, i+1)
		}
		if f[0] != mission.String() {
			continue
		}
		seq, err := strconv.ParseInt(f[1], 10, 64)
		if err != nil {
			return chain{}, fmt.Errorf("%s.chain is damaged at line %d", k.path, i+1)
		}
		h, err := record.ParseHash(f[2])
		if err != nil {
			return chain{}, fmt.Errorf("%s.chain is damaged at line %d", k.path, i+1)
		}
		c = chain{seq, &h}
	}
	return c, nil
}

// extend notes a record as signed, durably.
func (k *keyFile) extend(mission record.Hash, r record.Record) error {
	f, err := os.OpenFile(k.path+".chain", os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "%s %d %s\n", mission, r.Header.Seq, r.Hash)
	return errors.Join(err, f.Sync(), f.Close())
}
