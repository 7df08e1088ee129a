package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"corridor.example/corridor/ledger"
)

const witnessKeyHead = "corridor-witness-key/v1"

// ownKey returns the witness's key, and makes it if there is none. Where a passphrase is given, a
// key that lay open is encrypted.
func (c witnessCall) ownKey(ctx context.Context, w *world) (*ledger.Cosigner, error) {
	cosigner, key, err := c.key(ctx, w)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return c.makeKey(ctx, w)
	case err != nil:
		return nil, err
	case c.name != "" && c.name != cosigner.Name():
		return nil, fmt.Errorf("the key in %s is called %s, and a key has one name for ever", c.dir, cosigner.Name())
	}
	path := filepath.Join(c.dir, witnessKeyFile)
	b, err := readLimited(path, maxKeyFile)
	if err != nil || c.lock.file == "" || isEncrypted(b) {
		return cosigner, err
	}
	text, err := c.keyText(ctx, w, cosigner.Name(), key)
	if err != nil {
		return nil, err
	}
	return cosigner, replaceFile(path, text)
}

func (c witnessCall) makeKey(ctx context.Context, w *world) (*ledger.Cosigner, error) {
	name := c.name
	var random [40]byte
	_, _ = rand.Read(random[:]) // never fails
	if name == "" {
		name = "witness.invalid/" + hex.EncodeToString(random[:4])
	}
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	cosigner, err := ledger.NewCosigner(name, key)
	if err != nil {
		return nil, unusable("witness", "--name: %v", err)
	}
	text, err := c.keyText(ctx, w, name, key)
	if err != nil {
		return nil, err
	}
	if hook := filepath.Join(c.dir, hookFile); !exists(hook) {
		if err := writeNew(hook, []byte(hex.EncodeToString(random[8:])+"\n")); err != nil {
			return nil, err
		}
	}
	return cosigner, writeNew(filepath.Join(c.dir, witnessKeyFile), text)
}

// keyText is what the file of the key holds: encrypted where a passphrase is given.
func (c witnessCall) keyText(ctx context.Context, w *world, name string, key ed25519.PrivateKey) ([]byte, error) {
	text := []byte(witnessKeyHead + "\n" + name + "\n" + hex.EncodeToString(key.Seed()) + "\n")
	if c.lock.file == "" {
		return text, nil
	}
	passphrase, err := c.lock.fresh(ctx, w, filepath.Join(c.dir, witnessKeyFile))
	if err != nil {
		return nil, err
	}
	return encrypt(passphrase, text)
}

// key reads the witness's key, and refuses one that others on the machine can read. It asks for
// the passphrase of an encrypted one.
func (c witnessCall) key(ctx context.Context, w *world) (*ledger.Cosigner, ed25519.PrivateKey, error) {
	path := filepath.Join(c.dir, witnessKeyFile)
	s, err := os.Stat(path)
	if err != nil {
		return nil, nil, err
	}
	if s.Mode().Perm()&0o077 != 0 && filepath.Separator == '/' {
		return nil, nil, fmt.Errorf("others can read %s; make it yours alone: chmod 600 %s", path, path)
	}
	b, err := readLimited(path, maxKeyFile)
	if err != nil {
		return nil, nil, err
	}
	if isEncrypted(b) {
		passphrase, err := c.lock.open(ctx, w, path)
		if err != nil {
			return nil, nil, err
		}
		if b, err = decrypt(passphrase, b); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	lines := strings.Split(string(b), "\n")
	if len(lines) != 4 || lines[0] != witnessKeyHead {
		return nil, nil, fmt.Errorf("%s is no key of a witness", path)
	}
	seed, err := hex.DecodeString(lines[2])
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, nil, fmt.Errorf("%s is damaged: its third line is not a key", path)
	}
	key := ed25519.NewKeyFromSeed(seed)
	cosigner, err := ledger.NewCosigner(lines[1], key)
	return cosigner, key, err
}
