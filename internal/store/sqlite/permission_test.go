//go:build unix

package sqlite_test

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/internal/store/sqlite"
	"corridor.example/corridor/internal/store/storetest"
)

// asNobody runs the test as an ordinary user, for whom permissions count. As root it runs it
// in another process, reports what that says, and returns false.
func asNobody(t *testing.T) bool {
	t.Helper()
	if os.Geteuid() != 0 {
		return true
	}
	// Neither the test's executable nor t.TempDir can be reached by anybody else.
	dir, err := os.MkdirTemp("", "nobody-*")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "test")
	if err := errors.Join(os.Chmod(dir, 0o777), copyProgram(program, self)); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "TMPDIR="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("as an ordinary user: %v\n%s", err, out)
	}
	return false
}

func copyProgram(to, from string) error {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		return err
	}
	_, err = io.Copy(dst, src)
	return errors.Join(err, dst.Close())
}

// protect takes away every right to write to a directory and the files in it.
func protect(t *testing.T, dir string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if err := os.Chmod(f, 0o400); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(dir, 0o700) })
	if f, err := os.Create(filepath.Join(dir, "probe")); err == nil {
		f.Close()
		t.Fatal("the directory can be written to all the same")
	}
}

func TestReadProtected(t *testing.T) {
	if !asNobody(t) {
		return
	}
	for name, suffixes := range map[string][]string{
		"closed":            nil,
		"cut off":           {"-wal", "-shm"},
		"cut off and moved": {"-wal"},
	} {
		path, l := written(t, 300)
		n := int64(300)
		if suffixes != nil {
			s := open(t, path)
			grow(t, s, l, 10)
			n = 310
			after := filepath.Join(t.TempDir(), "log.db")
			copyFiles(t, path, after, append(suffixes, "")...)
			path = after
		}
		protect(t, filepath.Dir(path))
		before := contents(t, filepath.Dir(path))
		s, err := sqlite.OpenReadOnly(path)
		if err != nil {
			t.Errorf("%s: OpenReadOnly = %v", name, err)
			continue
		}
		holds(t, s, l, n)
		if err := s.Close(); err != nil {
			t.Errorf("%s: Close = %v", name, err)
		}
		if after := contents(t, filepath.Dir(path)); after != before {
			t.Errorf("%s: reading changed the directory from\n%sto\n%s", name, before, after)
		}
	}
}

// TestWriteProtected opens for writing what may not be written to. It is told at once, not
// with the first entry.
func TestWriteProtected(t *testing.T) {
	if !asNobody(t) {
		return
	}
	for name, prepare := range map[string]func(t *testing.T, path string){
		"directory": func(t *testing.T, path string) { protect(t, filepath.Dir(path)) },
		"file": func(t *testing.T, path string) {
			if err := os.Chmod(path, 0o400); err != nil {
				t.Fatal(err)
			}
		},
		"unreadable file": func(t *testing.T, path string) {
			if err := os.Chmod(path, 0); err != nil {
				t.Fatal(err)
			}
		},
	} {
		path, l := written(t, 5)
		side := filepath.Join(filepath.Dir(path), "side.db")
		if err := openSide(t, side).Close(); err != nil {
			t.Fatal(err)
		}
		prepare(t, path)
		s, err := sqlite.Open(path)
		if err == nil {
			s.Close()
		}
		if err == nil || !strings.Contains(err.Error(), "permission") || !strings.Contains(err.Error(), path) || errors.Is(err, store.ErrDamaged) {
			t.Errorf("%s: Open = %v, want a word about permissions and the path", name, err)
		}
		if name == "unreadable file" {
			if _, err := sqlite.OpenReadOnly(path); err == nil || !strings.Contains(err.Error(), "permission") {
				t.Errorf("%s: OpenReadOnly = %v, want a word about permissions", name, err)
			}
			continue
		}
		if s := openReadOnly(t, path); s != nil {
			holds(t, s, l, 5)
		}
		if name == "directory" {
			if _, err := sqlite.OpenSide(side); err == nil || !strings.Contains(err.Error(), "permission") {
				t.Errorf("%s: OpenSide = %v, want a word about permissions", name, err)
			}
			if _, err := sqlite.Create(filepath.Join(filepath.Dir(path), "new.db")); !errors.Is(err, os.ErrPermission) {
				t.Errorf("%s: Create = %v, want os.ErrPermission", name, err)
			}
		}
	}
}

// TestDiskFull appends until no file may grow any more. What was acknowledged is there
// afterwards, and nothing else.
func TestDiskFull(t *testing.T) {
	if os.Getenv("STORE_TEST_SMALL_FILES") == "" {
		self, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestDiskFull$", "-test.v")
		cmd.Env = append(os.Environ(), "STORE_TEST_SMALL_FILES=1", "TMPDIR="+t.TempDir())
		if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: TestDiskFull") {
			t.Errorf("in its own process: %v\n%s", err, out)
		}
		return
	}
	path, l := written(t, 50)
	s := open(t, path)
	var was syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 3 << 20, Max: was.Max}); err != nil {
		t.Fatal(err)
	}
	var failed error
	var acknowledged int64
	for range 10_000 {
		acknowledged = l.Size()
		rows, checkpoint := l.Grow(50)
		if failed = s.Append(t.Context(), acknowledged, rows, nil, checkpoint); failed != nil {
			break
		}
	}
	if failed == nil || !strings.Contains(failed.Error(), "disk") || !strings.Contains(failed.Error(), path) || errors.Is(failed, store.ErrDamaged) {
		t.Errorf("Append = %v, want a word about the disk and the path", failed)
	}
	holds(t, s, l, acknowledged)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &was); err != nil { // room was made
		t.Fatal(err)
	}
	var again storetest.Log
	again.Grow(int(acknowledged))
	grow(t, s, &again, 50)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	holds(t, open(t, path), &again, acknowledged+50)
}
