//go:build unix

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// A dirLock keeps a mission's directory to one process. It ends with the process, however
// that ends.
type dirLock struct{ f *os.File }

func lockDir(path string) (*dirLock, error) {
	f, err := os.OpenFile(filepath.Join(path, lockFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		b, _ := os.ReadFile(f.Name()) // only to say who
		f.Close()
		who := strings.TrimSpace(string(b))
		if who == "" {
			who = "another process"
		}
		return nil, fmt.Errorf("%s is in use by %s; send records to its server, or stop it first", path, who)
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
	return errors.Join(l.f.Truncate(0), l.f.Close())
}
