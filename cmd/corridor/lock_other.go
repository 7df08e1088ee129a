//go:build !unix

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// A dirLock keeps a mission's directory to one process: the file is open as long as it runs,
// and a file that is open cannot be removed here.
type dirLock struct{ f *os.File }

func lockDir(path string) (*dirLock, error) {
	name := filepath.Join(path, lockFile)
	if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
		b, _ := os.ReadFile(name) // only to say who
		return nil, fmt.Errorf("%s is in use by %s; send records to its server, or stop it first", path, strings.TrimSpace(string(b)))
	}
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	l := &dirLock{f}
	return l, l.say(fmt.Sprintf("process %d", os.Getpid()))
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
