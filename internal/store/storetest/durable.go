package storetest

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"corridor.example/corridor/internal/store"
)

// A Disk says how to get at stores that outlive the process.
type Disk struct {
	// Open makes a new, empty store. Again opens the same one once more, as another process
	// would.
	Open func(t *testing.T) (s store.Store, again func(t *testing.T) store.Store)
	// Restore opens what Backup wrote.
	Restore func(t *testing.T, path string) store.Store
}

// RunDurable tests what is promised of a store that outlives the process.
func RunDurable(t *testing.T, d Disk) {
	t.Run("reopen", func(t *testing.T) { d.reopen(t) })
	t.Run("left open", func(t *testing.T) { d.leftOpen(t) })
	t.Run("two processes", func(t *testing.T) { d.twoProcesses(t) })
	t.Run("backup", func(t *testing.T) { d.backup(t) })
	t.Run("backup while writing", func(t *testing.T) { d.backupWhileWriting(t) })
	t.Run("backup fails", func(t *testing.T) { d.backupFails(t) })
}

func (d Disk) reopen(t *testing.T) {
	s, again := d.Open(t)
	var l Log
	for range 3 {
		grow(t, s, &l, 7)
		rows, checkpoint := l.Grow(1)
		at := l.Size() - 5
		for len(l.Row(at).Parts) == 0 {
			at--
		}
		must(t, s.Append(t.Context(), l.Size()-1, rows, []store.Erasure{{Index: at, Part: 0}}, checkpoint))
		l.Row(at).Parts[0] = nil
		must(t, s.Cosign(t.Context(), l.Size()-2, l.Cosigned(l.Size()-2, 9)))
		must(t, s.Close())
		s = again(t)
		holds(t, s, &l)
		if h := head(t, s); !bytes.Equal(h.Cosigned, l.Cosigned(l.Size()-2, 9)) {
			t.Errorf("Cosigned = %q after reopening", h.Cosigned)
		}
	}
	must(t, s.Close())
}

// leftOpen reads what was written by one that was never closed.
func (d Disk) leftOpen(t *testing.T) {
	s, again := d.Open(t)
	defer s.Close()
	var l Log
	grow(t, s, &l, 30)
	other := again(t)
	defer other.Close()
	holds(t, other, &l)
}

func (d Disk) twoProcesses(t *testing.T) {
	a, again := d.Open(t)
	defer a.Close()
	b := again(t)
	defer b.Close()
	var l Log
	grow(t, a, &l, 3)
	grow(t, b, &l, 3)
	rows, checkpoint := l.Grow(1)
	must(t, a.Append(t.Context(), 6, rows, nil, checkpoint))
	if err := b.Append(t.Context(), 6, rows, nil, checkpoint); !errors.Is(err, store.ErrMoved) {
		t.Errorf("the slower of two writers gets %v, want ErrMoved", err)
	}
	holds(t, a, &l)
	holds(t, b, &l)
}

func (d Disk) backup(t *testing.T) {
	s, _ := d.Open(t)
	defer s.Close()
	var l Log
	grow(t, s, &l, 40)
	must(t, s.Append(t.Context(), 40, nil, []store.Erasure{{Index: 3, Part: 2}}, l.Checkpoint(40)))
	l.Row(3).Parts[2] = nil
	must(t, s.Cosign(t.Context(), 33, l.Cosigned(33, 8)))
	path := filepath.Join(t.TempDir(), "copy of a log #1? 100%.db")
	must(t, s.Backup(t.Context(), path))
	var later Log
	later.Grow(40)
	grow(t, s, &later, 5)

	c := d.Restore(t, path)
	defer c.Close()
	holds(t, c, &l)
	if h := head(t, c); !bytes.Equal(h.Cosigned, l.Cosigned(33, 8)) {
		t.Errorf("Cosigned = %q in the backup", h.Cosigned)
	}
	grow(t, c, &l, 5) // it is a log like any other
	holds(t, c, &l)
}

func (d Disk) backupWhileWriting(t *testing.T) {
	s, _ := d.Open(t)
	defer s.Close()
	var l, plan Log
	const batch, batches = 25, 40
	plan.Grow(batch * batches)
	dir := t.TempDir()
	var wg sync.WaitGroup
	done := make(chan struct{})
	wg.Go(func() {
		defer close(done)
		for range batches {
			rows, checkpoint := l.Grow(batch)
			if err := s.Append(t.Context(), l.Size()-batch, rows, nil, checkpoint); err != nil {
				t.Error(err)
				return
			}
		}
	})
	copies := 0
	for writing := true; writing || copies == 0; copies++ {
		select {
		case <-done:
			writing = false
		default:
		}
		path := filepath.Join(dir, "copy.db")
		must(t, s.Backup(t.Context(), path))
		c := d.Restore(t, path)
		size := head(t, c).Size
		if size%batch != 0 {
			t.Errorf("a backup has %d entries, which no Append left", size)
		}
		if size > 0 {
			unchanged(t, c, &plan, size)
		}
		must(t, c.Close())
		must(t, os.Remove(path))
	}
	wg.Wait()
	holds(t, s, &l)
}

func (d Disk) backupFails(t *testing.T) {
	s, _ := d.Open(t)
	defer s.Close()
	var l Log
	grow(t, s, &l, 5)
	dir := t.TempDir()
	there := filepath.Join(dir, "there")
	must(t, os.WriteFile(there, []byte("keep me"), 0o600))
	if err := s.Backup(t.Context(), there); !errors.Is(err, store.ErrExists) {
		t.Errorf("Backup over a file = %v, want ErrExists", err)
	}
	if b, err := os.ReadFile(there); err != nil || string(b) != "keep me" {
		t.Errorf("after a refused backup the file holds %q, %v", b, err)
	}
	if err := s.Backup(t.Context(), filepath.Join(dir, "no", "such", "directory")); err == nil {
		t.Error("Backup into a directory that does not exist succeeded")
	}
	if err := s.Backup(t.Context(), filepath.Join(dir, strings.Repeat("n", 250))); err == nil {
		t.Error("Backup under a name that leaves no room for a temporary one succeeded")
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Backup(gone, filepath.Join(dir, "cancelled")); !errors.Is(err, context.Canceled) {
		t.Errorf("Backup = %v, want context.Canceled", err)
	}
	files, err := os.ReadDir(dir)
	must(t, err)
	if len(files) != 1 {
		t.Errorf("failed backups left %v", files)
	}
	holds(t, s, &l)
}
