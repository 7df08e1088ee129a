package sqlite_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/internal/store/sqlite"
	"corridor.example/corridor/ledger"
)

func openSideReadOnly(t *testing.T, path string) *sqlite.Side {
	t.Helper()
	s, err := sqlite.OpenSideReadOnly(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// mark returns a cosigned checkpoint as far as a side file looks into it.
func mark(t *testing.T, size int64) store.Mark {
	t.Helper()
	text := ledger.Checkpoint{Origin: "side.test", Size: size}.Text()
	return store.Mark{Size: size, First: append([]byte(text), "\n— side.test AAAAAAA=\n"...)}
}

func marks(t *testing.T, s *sqlite.Side) (sizes []int64) {
	t.Helper()
	for m, err := range s.Marks(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, m.Size)
	}
	return sizes
}

// TestSideReadOnly reads a side file while somebody writes it, and after: it is read as it
// stood, and nothing is made or changed beside it.
func TestSideReadOnly(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "side.db")
	if _, err := sqlite.OpenSideReadOnly(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	if after := contents(t, dir); after != "" {
		t.Errorf("looking for a side file made %s", after)
	}
	w, err := sqlite.OpenSide(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{w.PutSecret(t.Context(), "log", []byte("seed")), w.PutMark(t.Context(), mark(t, 3)), w.Received(t.Context(), [][32]byte{{7}}, 99)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	r := openSideReadOnly(t, path)
	if err := w.PutMark(t.Context(), mark(t, 5)); err != nil {
		t.Fatal(err)
	}
	if got := marks(t, r); len(got) != 1 || got[0] != 3 {
		t.Errorf("marks as they stood: %v, want [3]", got)
	}
	if b, err := r.Secret(t.Context(), "log"); err != nil || string(b) != "seed" {
		t.Errorf("secret %q, %v", b, err)
	}
	if at, err := r.ReceivedAt(t.Context(), [32]byte{7}); err != nil || at != 99 {
		t.Errorf("received at %d, %v", at, err)
	}
	if _, err := r.Secret(t.Context(), "node"); !errors.Is(err, store.ErrAbsent) {
		t.Errorf("a secret that is not there: %v", err)
	}
	if err := r.PutMark(t.Context(), mark(t, 6)); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("PutMark = %v, want ErrReadOnly", err)
	}
	if err := errors.Join(r.Close(), w.Close()); err != nil {
		t.Fatal(err)
	}

	before := contents(t, dir)
	r = openSideReadOnly(t, path)
	if got := marks(t, r); len(got) != 2 {
		t.Errorf("marks afterwards: %v, want two", got)
	}
	copied := filepath.Join(t.TempDir(), "copy.db")
	if err := errors.Join(r.Backup(t.Context(), copied), r.Close()); err != nil {
		t.Fatal(err)
	}
	if after := contents(t, dir); after != before {
		t.Errorf("reading changed the directory from\n%sto\n%s", before, after)
	}
	if got := marks(t, openSideReadOnly(t, copied)); len(got) != 2 {
		t.Errorf("marks of the copy: %v, want two", got)
	}
}

// TestSideReadOnlyRefuses is given what is no side file.
func TestSideReadOnlyRefuses(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "log.db")
	create(t, log).Close()
	text := filepath.Join(dir, "text")
	if err := os.WriteFile(text, make([]byte, 4096), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{log, text} {
		if _, err := sqlite.OpenSideReadOnly(path); !errors.Is(err, store.ErrForeign) {
			t.Errorf("%s: %v, want ErrForeign", filepath.Base(path), err)
		}
	}
}

// TestReadAsFound reads on though rows lie outside the log, and is told of them.
func TestReadAsFound(t *testing.T) {
	path, _ := written(t, 30)
	raw(t, path, `UPDATE record SET idx = 40 WHERE idx = 5`, `UPDATE envelope SET idx = -3 WHERE idx = 7`).Close()
	if _, err := sqlite.OpenReadOnly(path); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("OpenReadOnly = %v, want ErrDamaged", err)
	}
	s, stray, err := sqlite.OpenAsFound(path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if len(stray) != 2 || stray[0].Index != 40 || stray[1].Index != -3 {
		t.Errorf("strays %v, want rows at 40 and -3", stray)
	}
	for i := range int64(30) {
		if _, err := s.Row(t.Context(), i); (i == 5 || i == 7) != errors.Is(err, store.ErrDamaged) {
			t.Errorf("entry %d: %v", i, err)
		}
	}
}
