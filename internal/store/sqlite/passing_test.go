package sqlite_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/internal/store/sqlite"
)

// older turns a side file into one of the first version.
func older(t *testing.T, path string) {
	t.Helper()
	if err := raw(t, path, `DROP TABLE passing`, `PRAGMA user_version = 1`).Close(); err != nil {
		t.Fatal(err)
	}
}

// TestOlderSide opens a side file of the first version: for reading it is left as it is, and
// for writing it gains what it lacks and loses nothing.
func TestOlderSide(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "side.db")
	s := openSide(t, path)
	if err := errors.Join(s.PutSecret(t.Context(), "log", []byte("seed")), s.Close()); err != nil {
		t.Fatal(err)
	}
	older(t, path)
	before := contents(t, dir)
	r := openSideReadOnly(t, path)
	if b, err := r.Secret(t.Context(), "log"); err != nil || string(b) != "seed" {
		t.Errorf("secret %q, %v", b, err)
	}
	if _, _, err := r.Get(t.Context(), "a", "b"); !errors.Is(err, store.ErrAbsent) {
		t.Errorf("Get = %v, want ErrAbsent", err)
	}
	for _, err := range r.Each(t.Context(), "a") {
		t.Errorf("Each yields something, %v", err)
	}
	if err := r.Put(t.Context(), "a", "b", nil, 0); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("Put = %v, want ErrReadOnly", err)
	}
	r.Close()
	if after := contents(t, dir); after != before {
		t.Error("reading an older side file changed it")
	}
	for range 2 { // and a second time, as one of its version
		s = openSide(t, path)
		if err := s.Put(t.Context(), "a", "b", []byte("c"), 0); err != nil {
			t.Fatal(err)
		}
		if b, err := s.Secret(t.Context(), "log"); err != nil || string(b) != "seed" {
			t.Errorf("secret %q, %v", b, err)
		}
		s.Close()
	}
	raw(t, path, `PRAGMA user_version = 1`).Close() // a table that its version does not know
	if _, err := sqlite.OpenSide(path); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("OpenSide = %v, want ErrDamaged", err)
	}
	raw(t, path, `PRAGMA user_version = 3`).Close()
	if _, err := sqlite.OpenSide(path); !errors.Is(err, store.ErrForeign) {
		t.Errorf("OpenSide of a later version = %v, want ErrForeign", err)
	}
}

// TestTwoProcessesShareASide writes what passes from two openings of one file, as a server and
// a command beside it do.
func TestTwoProcessesShareASide(t *testing.T) {
	path := filepath.Join(t.TempDir(), "side.db")
	a, b := openSide(t, path), openSide(t, path)
	for i, s := range []*sqlite.Side{a, b, a, b} {
		if err := s.Put(t.Context(), "invitation", fmt.Sprint(i), []byte("x"), 0); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range []*sqlite.Side{a, b} {
		n := 0
		for _, err := range s.Each(t.Context(), "invitation") {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		if n != 4 {
			t.Errorf("one of them sees %d of 4", n)
		}
	}
	if err := errors.Join(a.Drop(t.Context(), "invitation", "1"), b.Drop(t.Context(), "invitation", "0")); err != nil {
		t.Error(err)
	}
}

// TestPassedBytesAreInNoFile drops values in any order, with others between them, and looks
// for their bytes.
func TestPassedBytesAreInNoFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "side.db")
	s := openSide(t, path)
	r := rand.New(rand.NewPCG(3, 7))
	token := func(i int) []byte { return fmt.Appendf(nil, "<token %06d>", i) }
	dropped := map[int]bool{}
	for i := range 900 {
		if err := s.Put(t.Context(), "session", fmt.Sprintf("%08x-%d", r.Uint32(), i), bytes.Repeat(token(i), 1+r.IntN(40)), int64(1+r.IntN(2))); err != nil {
			t.Fatal(err)
		}
	}
	for p, err := range s.Each(t.Context(), "session") {
		if err != nil {
			t.Fatal(err)
		}
		var i int
		if _, err := fmt.Sscanf(string(p.Value), "<token %d>", &i); err != nil {
			t.Fatal(err)
		}
		if p.Until == 1 {
			dropped[i] = true
		} else if r.IntN(2) == 0 {
			dropped[i] = true
			if err := s.Drop(t.Context(), "session", p.Name); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := errors.Join(s.Expire(t.Context(), 1), s.Close()); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		left, kept := 0, 0
		for i := range 900 {
			switch found := bytes.Contains(b, token(i)); {
			case found && dropped[i]:
				left++
			case found:
				kept++
			}
		}
		if left > 0 || kept != 900-len(dropped) {
			t.Errorf("%s: of %d dropped %d are still in the file; of %d kept %d", f.Name(), len(dropped), left, 900-len(dropped), kept)
		}
	}
}
