//go:build unix

package sqlite_test

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"corridor.example/corridor/internal/store/sqlite"
)

// TestLocksAreKept opens a log in every way there is while it is open for writing. The writer
// must keep its lock: without it another program that comes and goes may think that it is the
// last, and take the WAL away. An innocent os.Open and Close of the file would cost the lock.
func TestLocksAreKept(t *testing.T) {
	if path := os.Getenv("STORE_TEST_LOCKED"); path != "" { // only another process can tell
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		lock := syscall.Flock_t{Type: syscall.F_WRLCK, Whence: io.SeekStart, Start: 0x40000002, Len: 510}
		if err := syscall.FcntlFlock(f.Fd(), syscall.F_GETLK, &lock); err != nil {
			t.Fatal(err)
		}
		if lock.Type == syscall.F_UNLCK {
			t.Fatal("nobody has a lock on it")
		}
		return
	}
	path, l := written(t, 30)
	s := open(t, path)
	grow(t, s, l, 1)
	locked := func() ([]byte, error) {
		self, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestLocksAreKept$")
		cmd.Env = append(os.Environ(), "STORE_TEST_LOCKED="+path)
		return cmd.CombinedOutput()
	}

	openReadOnly(t, path).Close()
	open(t, path).Close()
	if err := s.Backup(t.Context(), filepath.Join(t.TempDir(), "copy.db")); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.OpenSide(path); err == nil {
		t.Fatal("OpenSide of a log succeeded")
	}
	if _, err := sqlite.Create(path); err == nil {
		t.Fatal("Create over a log succeeded")
	}
	if out, err := locked(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}

	// The same question, after what must not happen: it is able to tell.
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	if _, err := locked(); err == nil {
		t.Error("a lock survived what takes it away: the test asks the wrong question")
	}
}
