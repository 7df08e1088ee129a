//go:build unix

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// A dirLock keeps a mission's directory to one process. It ends with the process, however
// that ends.
type dirLock struct{ f *os.File }

// lockDir takes a directory, or returns an *inUse.
func lockDir(path string) (*dirLock, error) {
	f, err := os.OpenFile(filepath.Join(path, lockFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		b, _ := os.ReadFile(f.Name()) // only to say who
		f.Close()
		return nil, &inUse{path, strings.TrimSpace(string(b))}
	}
	l := &dirLock{f}
	return l, l.say(fmt.Sprintf("process %d", os.Getpid()))
}

// holder says who runs a directory now, "" if nobody does. It makes nothing there.
func holder(path string) (string, error) {
	f, err := os.Open(filepath.Join(path, lockFile))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer f.Close()
	if syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB) == nil {
		return "", nil // free; closing the file gives it back
	}
	b, err := os.ReadFile(f.Name())
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
	return errors.Join(l.f.Truncate(0), l.f.Close())
}

// lockKey holds a key file until the function it returns is called, or returns errHeld.
func lockKey(path string) (letGo func() error, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(errHeld, f.Close())
	}
	return f.Close, nil
}
