package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"filippo.io/age"
	"filippo.io/age/armor"
	"golang.org/x/term"

	"corridor.example/corridor/verify"
)

// A lock is how a command comes by the passphrase that a key file is encrypted under.
type lock struct {
	file  string // its first line is the passphrase; "": it is asked for on the terminal
	plain bool   // a new key is written down as it is
}

// flags registers the options of a command that uses keys; one that makes them takes --plain.
func (l *lock) flags(f *flag.FlagSet, makes bool) {
	f.StringVar(&l.file, "passphrase-file", "", "")
	if makes {
		f.BoolVar(&l.plain, "plain", false, "")
	}
}

// Limits on passphrases, in bytes. The least is for what a person thinks up.
const (
	leastPassphrase = 12
	mostPassphrase  = 1 << 10
)

// open returns the passphrase of a key that exists.
func (l lock) open(ctx context.Context, w *world, path string) (string, error) {
	switch {
	case l.file != "":
		return l.read()
	case w.hidden == nil:
		return "", fmt.Errorf("%s is encrypted: give its passphrase with --passphrase-file FILE, or run this on a terminal", path)
	}
	return w.askHidden(ctx, "passphrase of "+path+": ")
}

// fresh returns the passphrase for a new key; "" for one that is to lie open.
func (l lock) fresh(ctx context.Context, w *world, path string) (string, error) {
	switch {
	case l.plain && l.file != "":
		return "", errors.New("--plain encrypts nothing, so it takes no --passphrase-file")
	case l.plain:
		return "", nil
	case l.file != "":
		p, err := l.read()
		if err == nil && len(p) < leastPassphrase {
			err = fmt.Errorf("the passphrase in %s is shorter than %d letters", l.file, leastPassphrase)
		}
		return p, err
	case w.hidden == nil:
		return "", fmt.Errorf("%s is to be encrypted: give a passphrase with --passphrase-file FILE, run this on a terminal, or say --plain to leave the key open to whoever reads this disk", path)
	}
	return w.newPassphrase(ctx, path)
}

// newPassphrase asks for a passphrase twice, or gives one of ten words to whoever wants none
// of their own.
func (w *world) newPassphrase(ctx context.Context, path string) (string, error) {
	for {
		p, err := w.askHidden(ctx, fmt.Sprintf("new passphrase for %s (empty: you are given one): ", path))
		if err != nil {
			return "", err
		}
		if p == "" {
			var b [10]byte
			if _, err := rand.Read(b[:]); err != nil {
				return "", err
			}
			p = strings.Join(verify.Words(b[:]), " ")
			_, err = fmt.Fprintf(w.err, "the passphrase of %s, shown once; write it down where this machine is not:\n  %s\n", path, p)
			return p, err
		}
		if len(p) < leastPassphrase {
			fmt.Fprintf(w.err, "give at least %d letters, or none\n", leastPassphrase)
			continue
		}
		again, err := w.askHidden(ctx, "the same again: ")
		if err != nil {
			return "", err
		}
		if p == again {
			return p, nil
		}
		fmt.Fprintln(w.err, "the two were not the same")
	}
}

// askHidden asks for something on the terminal and does not show what is typed.
func (w *world) askHidden(ctx context.Context, question string) (string, error) {
	if _, err := io.WriteString(w.err, question); err != nil {
		return "", err
	}
	p, err := w.hidden(ctx)
	fmt.Fprintln(w.err)
	if err != nil {
		return "", fmt.Errorf("no passphrase was given: %w", err)
	}
	return checkPassphrase(string(p))
}

func (l lock) read() (string, error) {
	b, err := readLimited(l.file, mostPassphrase)
	if err != nil {
		return "", err
	}
	line, _, _ := strings.Cut(string(b), "\n")
	if line = strings.TrimSuffix(line, "\r"); line == "" {
		return "", fmt.Errorf("the first line of %s is empty; it is to be the passphrase", l.file)
	}
	return checkPassphrase(line)
}

func checkPassphrase(p string) (string, error) {
	if len(p) > mostPassphrase || !utf8.ValidString(p) {
		return "", fmt.Errorf("a passphrase is text of at most %d bytes", mostPassphrase)
	}
	return p, nil
}

// encrypt returns an age file (age-encryption.org/v1, scrypt, armored) that holds text.
func encrypt(passphrase string, text []byte) ([]byte, error) {
	to, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	a := armor.NewWriter(&out)
	e, err := age.Encrypt(a, to)
	if err != nil {
		return nil, err
	}
	_, err = e.Write(text)
	err = errors.Join(err, e.Close(), a.Close())
	return out.Bytes(), err
}

// isEncrypted reports whether a file is an armored age file.
func isEncrypted(text []byte) bool { return bytes.HasPrefix(text, []byte(armor.Header)) }

// mostWork bounds what a file may ask of this machine before its passphrase is known to be
// wrong: 2^20 rounds of scrypt take a gigabyte and some seconds.
const mostWork = 20

// decrypt returns what an age file holds.
func decrypt(passphrase string, file []byte) ([]byte, error) {
	who, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, err
	}
	who.SetMaxWorkFactor(mostWork)
	r, err := age.Decrypt(armor.NewReader(bytes.NewReader(file)), who)
	var wrong *age.NoIdentityMatchError
	if errors.As(err, &wrong) {
		return nil, errors.New("the passphrase is not the one it was encrypted under")
	}
	if err != nil {
		return nil, fmt.Errorf("it is damaged or was made otherwise: %v", err)
	}
	b, err := io.ReadAll(io.LimitReader(r, maxKeyFile))
	if err != nil {
		return nil, fmt.Errorf("it is damaged: %v", err)
	}
	return b, nil
}

// hiddenOn reads lines from a terminal that are not shown as they are typed. A terminal is
// left as it was found, also by an interrupt.
func hiddenOn(fd int) func(ctx context.Context) ([]byte, error) {
	if !term.IsTerminal(fd) {
		return nil
	}
	return func(ctx context.Context) ([]byte, error) {
		before, err := term.GetState(fd)
		if err != nil {
			return nil, err
		}
		type typed struct {
			text []byte
			err  error
		}
		done := make(chan typed, 1)
		go func() {
			text, err := term.ReadPassword(fd)
			done <- typed{text, err}
		}()
		select {
		case t := <-done:
			return t.text, t.err
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), term.Restore(fd, before))
		}
	}
}
