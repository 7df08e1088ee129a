package sqlite_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/internal/store/sqlite"
	"corridor.example/corridor/internal/store/storetest"
)

// written makes a closed log of n entries, and the Log it was made from.
func written(t *testing.T, n int) (path string, l *storetest.Log) {
	t.Helper()
	path, l = filepath.Join(t.TempDir(), "log.db"), new(storetest.Log)
	s := create(t, path)
	grow(t, s, l, n)
	if err := s.Cosign(t.Context(), int64(n/2), l.Cosigned(int64(n/2), 1)); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path, l
}

func grow(t *testing.T, s store.Store, l *storetest.Log, n int) {
	t.Helper()
	from := l.Size()
	rows, checkpoint := l.Grow(n)
	if err := s.Append(t.Context(), from, rows, nil, checkpoint); err != nil {
		t.Fatal(err)
	}
}

func openReadOnly(t *testing.T, path string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.OpenReadOnly(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// holds fails the test unless the store holds the first n entries of the log, and no more.
func holds(t *testing.T, s store.Store, l *storetest.Log, n int64) {
	t.Helper()
	h, err := s.Head(t.Context())
	if err != nil || h.Size != n || !bytes.Equal(h.Checkpoint, l.Checkpoint(n)) {
		t.Fatalf("Head = size %d, %v, want %d and its checkpoint", h.Size, err, n)
	}
	i := int64(0)
	for row, err := range s.Rows(t.Context(), 0, n) {
		if err != nil {
			t.Fatal(err)
		}
		if diff := storetest.Same(row, l.Row(i)); diff != "" {
			t.Fatalf("entry %d: %s", i, diff)
		}
		i++
	}
	if i != n {
		t.Fatalf("%d rows, want %d", i, n)
	}
	if _, err := s.Row(t.Context(), n); !errors.Is(err, store.ErrAbsent) {
		t.Fatalf("Row(%d) = %v, want ErrAbsent", n, err)
	}
}

// contents describes a directory, so that any change to it shows.
func contents(t *testing.T, dir string) string {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, f := range files {
		text, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s %d %08x\n", f.Name(), len(text), sum(text))
	}
	return b.String()
}

// sharedLess leaves out what contents says of -shm files.
func sharedLess(contents string) string {
	var kept []string
	for _, line := range strings.Split(contents, "\n") {
		if !strings.Contains(line, "-shm") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}

func TestReadingLeavesNoTrace(t *testing.T) {
	for name, make := range map[string]func(t *testing.T) (path string, l *storetest.Log, n int64){
		"closed": func(t *testing.T) (string, *storetest.Log, int64) {
			path, l := written(t, 300)
			return path, l, 300
		},
		"open elsewhere": func(t *testing.T) (string, *storetest.Log, int64) {
			path, l := written(t, 300)
			grow(t, open(t, path), l, 10)
			return path, l, 310
		},
		"open elsewhere, nothing written": func(t *testing.T) (string, *storetest.Log, int64) {
			path, l := written(t, 300)
			open(t, path)
			return path, l, 300
		},
		"cut off": func(t *testing.T) (string, *storetest.Log, int64) {
			path, l := written(t, 300)
			grow(t, open(t, path), l, 10)
			after := filepath.Join(t.TempDir(), "log.db")
			copyFiles(t, path, after, "", "-wal", "-shm")
			return after, l, 310
		},
		"cut off, nothing written": func(t *testing.T) (string, *storetest.Log, int64) {
			path, l := written(t, 300)
			open(t, path)
			after := filepath.Join(t.TempDir(), "log.db")
			copyFiles(t, path, after, "", "-wal", "-shm")
			return after, l, 300
		},
		"cut off and moved": func(t *testing.T) (string, *storetest.Log, int64) {
			path, l := written(t, 300)
			grow(t, open(t, path), l, 10)
			after := filepath.Join(t.TempDir(), "log.db")
			copyFiles(t, path, after, "", "-wal")
			return after, l, 310
		},
		"one file of three": func(t *testing.T) (string, *storetest.Log, int64) {
			path, l := written(t, 300)
			grow(t, open(t, path), l, 10)
			after := filepath.Join(t.TempDir(), "log.db")
			copyFiles(t, path, after, "")
			return after, l, 300 // an older state, but a whole one
		},
		"backup": func(t *testing.T) (string, *storetest.Log, int64) {
			path, l := written(t, 300)
			after := filepath.Join(t.TempDir(), "log.db")
			if err := open(t, path).Backup(t.Context(), after); err != nil {
				t.Fatal(err)
			}
			return after, l, 300
		},
	} {
		t.Run(name, func(t *testing.T) {
			path, l, n := make(t)
			spare := t.TempDir()
			t.Setenv("TMPDIR", spare)
			before := contents(t, filepath.Dir(path))
			s := openReadOnly(t, path)
			holds(t, s, l, n)
			if i, err := s.Index(t.Context(), l.Row(7).Hash); err != nil || i != 7 {
				t.Errorf("Index = %d, %v, want 7", i, err)
			}
			copied := filepath.Join(t.TempDir(), "copy.db")
			if err := s.Backup(t.Context(), copied); err != nil {
				t.Errorf("Backup = %v", err)
			} else {
				holds(t, open(t, copied), l, n)
			}
			rows, checkpoint := l.Grow(1)
			if err := s.Append(t.Context(), n, rows, nil, checkpoint); !errors.Is(err, store.ErrReadOnly) {
				t.Errorf("Append = %v, want ErrReadOnly", err)
			}
			if err := s.Cosign(t.Context(), 1, l.Cosigned(1, 1)); !errors.Is(err, store.ErrReadOnly) {
				t.Errorf("Cosign = %v, want ErrReadOnly", err)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			if _, err := s.Head(t.Context()); !errors.Is(err, store.ErrClosed) {
				t.Errorf("Head = %v, want ErrClosed", err)
			}
			after := contents(t, filepath.Dir(path))
			if strings.HasPrefix(name, "open elsewhere") { // in this process, and readers of one share its -shm
				before, after = sharedLess(before), sharedLess(after)
			}
			if after != before {
				t.Errorf("reading changed the directory from\n%sto\n%s", before, after)
			}
			if after := contents(t, spare); after != "" {
				t.Errorf("reading left in the temporary directory\n%s", after)
			}
		})
	}
}

// TestReadingIsOfOneMoment reads while another program appends and erases.
func TestReadingIsOfOneMoment(t *testing.T) {
	path, l := written(t, 300)
	writer := open(t, path)
	s := openReadOnly(t, path)
	before := l.Row(7)
	rows, checkpoint := l.Grow(20)
	if err := writer.Append(t.Context(), 300, rows, []store.Erasure{{Index: 7, Part: 1}}, checkpoint); err != nil {
		t.Fatal(err)
	}
	holds(t, s, l, 300)
	if row, err := s.Row(t.Context(), 7); err != nil || storetest.Same(row, before) != "" {
		t.Errorf("Row(7) = %v, %v after it was erased elsewhere, want it as it was", row, err)
	}
	l.Row(7).Parts[1] = nil
	holds(t, openReadOnly(t, path), l, 320)
}

// TestWrittenWhileRead opens a log that nobody has open, and then somebody opens it. What is
// read after that proves nothing, and must not look like damage either.
func TestWrittenWhileRead(t *testing.T) {
	path, l := written(t, 300)
	s := openReadOnly(t, path)
	holds(t, s, l, 300)
	writer := open(t, path)
	grow(t, writer, l, 1)
	asks := func(when string) {
		t.Helper()
		_, err := s.Row(t.Context(), 3)
		if err == nil || errors.Is(err, store.ErrDamaged) || !strings.Contains(err.Error(), "read it again") {
			t.Errorf("%s: Row = %v, want the advice to read it again", when, err)
		}
		for _, err := range s.Rows(t.Context(), 0, 300) {
			if err == nil || errors.Is(err, store.ErrDamaged) {
				t.Fatalf("%s: Rows yields %v, want the advice to read it again", when, err)
			}
		}
	}
	asks("while it is open")
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	asks("after it was closed")
	holds(t, openReadOnly(t, path), l, 301)
}

func TestReadOnlyClosesTwice(t *testing.T) {
	path, _ := written(t, 3)
	s := openReadOnly(t, path)
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Error(err)
	}
}

// TestRowsAreReadAsNeeded stops after the first of many large entries.
func TestRowsAreReadAsNeeded(t *testing.T) {
	s := create(t, filepath.Join(t.TempDir(), "log.db"))
	l := storetest.Log{Parts: func(int64) [][]byte { return [][]byte{make([]byte, 2<<20)} }}
	grow(t, s, &l, 30)
	before := heap()
	for _, err := range s.Rows(t.Context(), 0, 30) {
		if err != nil {
			t.Fatal(err)
		}
		break
	}
	if took := heap() - before; took > 24<<20 {
		t.Errorf("one entry of 2 MB took %d MB to read", took>>20)
	}
}
