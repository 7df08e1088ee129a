//go:build !unix

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// A dirLock keeps a mission's directory to one process: the file is open as long as it runs,
// and a file that is open cannot be removed here.
type dirLock struct{ f *os.File }

// lockDir takes a directory, or returns an *inUse.
func lockDir(path string) (*dirLock, error) {
	name := filepath.Join(path, lockFile)
	if who, err := holder(path); who != "" || err != nil {
		return nil, errors.Join(err, &inUse{path, who})
	}
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	l := &dirLock{f}
	return l, l.say(fmt.Sprintf("process %d", os.Getpid()))
}

// holder says who runs a directory now, "" if nobody does.
func holder(path string) (string, error) {
	name := filepath.Join(path, lockFile)
	if err := os.Remove(name); err == nil || errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	b, err := os.ReadFile(name)
	return strings.TrimSpace(string(b)), err
}

// say writes down who holds the lock, for whoever finds it taken.
func (l *dirLock) say(who string) error {
	if err := l.f.Truncate(0); err != nil {
		return err
	}
	_, err := l.f.WriteAt([]byte(who+"\n"), 0)
	return err
}

func (l *dirLock) release() error {
	return errors.Join(l.f.Truncate(0), l.f.Close(), os.Remove(l.f.Name()))
}

// lockKey holds a key file until the function it returns is called, or returns errHeld.
func lockKey(path string) (letGo func() error, err error) {
	name := path + ".lock"
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, errHeld
	}
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, errHeld
	}
	if err != nil {
		return nil, err
	}
	return func() error { return errors.Join(f.Close(), os.Remove(name)) }, nil
}
