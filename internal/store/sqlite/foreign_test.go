package sqlite_test

import (
	"database/sql"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/internal/store/sqlite"
)

func sum(b []byte) uint32 { return crc32.ChecksumIEEE(b) }

// raw opens a file as any program can that knows SQLite.
func raw(t testing.TB, path string, texts ...string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	for _, text := range texts {
		if _, err := db.Exec(text); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	return db
}

// TestForeignFiles opens files that are no logs. Each is refused with a sentence that says
// what it is, and is left as it was.
func TestForeignFiles(t *testing.T) {
	patch := func(t *testing.T, path string, at int, value uint32) {
		t.Helper()
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		binary.BigEndian.PutUint32(b[at:], value)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, test := range map[string]struct {
		make func(t *testing.T, path string)
		want string
	}{
		"nothing":       {func(t *testing.T, path string) {}, "no such file"},
		"an empty file": {func(t *testing.T, path string) { write(t, path, "") }, "cut short"},
		"a text":        {func(t *testing.T, path string) { write(t, path, strings.Repeat("not a log\n", 500)) }, "no log file"},
		"a short file":  {func(t *testing.T, path string) { write(t, path, "SQLite format 3\x00") }, "no log file"},
		"a directory":   {func(t *testing.T, path string) { os.Mkdir(path, 0o700) }, "it is no file"},
		"a database":    {func(t *testing.T, path string) { raw(t, path, `CREATE TABLE t(a)`).Close() }, "another program's database"},
		"somebody's file": {func(t *testing.T, path string) {
			raw(t, path, `CREATE TABLE t(a)`, `PRAGMA application_id = 77`).Close()
		}, "another program's database"},
		"a side file": {func(t *testing.T, path string) { openSide(t, path).Close() }, "exchanged"},
		"a newer log": {func(t *testing.T, path string) {
			create(t, path).Close()
			patch(t, path, 60, 2)
		}, "format 2"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "log.db")
			test.make(t, path)
			var before string
			if name != "a directory" {
				before = contents(t, dir)
			}
			for how, open := range map[string]func(string) (*sqlite.Store, error){"Open": sqlite.Open, "OpenReadOnly": sqlite.OpenReadOnly} {
				s, err := open(path)
				if err == nil {
					s.Close()
					t.Errorf("%s succeeded", how)
				} else if !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), path) || errors.Is(err, store.ErrDamaged) {
					t.Errorf("%s = %v, want %q and the path", how, err, test.want)
				} else if want := store.ErrForeign; name != "nothing" && !errors.Is(err, want) {
					t.Errorf("%s = %v, want ErrForeign", how, err)
				}
			}
			if name != "a directory" && contents(t, dir) != before {
				t.Errorf("the directory holds\n%sand did hold\n%s", contents(t, dir), before)
			}
		})
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestCreateReplacesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log.db")
	write(t, path, "keep me")
	if _, err := sqlite.Create(path); !errors.Is(err, store.ErrExists) {
		t.Errorf("Create over a file = %v, want ErrExists", err)
	}
	if b, _ := os.ReadFile(path); string(b) != "keep me" {
		t.Errorf("the file holds %q", b)
	}
	if _, err := sqlite.Create(filepath.Join(t.TempDir(), "no", "log.db")); err == nil {
		t.Error("Create in a directory that does not exist succeeded")
	}
	if _, err := sqlite.OpenSide(path); err == nil || !strings.Contains(err.Error(), "no side file") {
		t.Errorf("OpenSide of a text = %v", err)
	}
	created := filepath.Join(t.TempDir(), "log.db")
	create(t, created)
	if _, err := sqlite.OpenSide(created); err == nil || !strings.Contains(err.Error(), "exchanged") {
		t.Errorf("OpenSide of a log = %v", err)
	}
}

// TestOneFile looks at what lies in the directory, and who may read it.
func TestOneFile(t *testing.T) {
	path, l := written(t, 300)
	s := open(t, path)
	grow(t, s, l, 5)
	side := openSide(t, filepath.Join(filepath.Dir(path), "side.db"))
	if err := side.PutSecret(t.Context(), "log key", []byte("secret")); err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(filepath.Dir(path), "copy.db")
	if err := errors.Join(s.Backup(t.Context(), copied), side.Backup(t.Context(), copied+".side")); err != nil {
		t.Fatal(err)
	}
	look := func(want int) {
		t.Helper()
		files, err := os.ReadDir(filepath.Dir(path))
		if err != nil {
			t.Fatal(err)
		}
		if len(files) != want {
			t.Errorf("%d files, want %d: %v", len(files), want, files)
		}
		for _, f := range files {
			if st, err := f.Info(); err != nil || st.Mode().Perm() != 0o600 {
				t.Errorf("%s has mode %v, %v, want 0600", f.Name(), st.Mode(), err)
			}
		}
	}
	look(8) // log, side and their -wal and -shm; two copies
	if err := errors.Join(s.Close(), side.Close()); err != nil {
		t.Fatal(err)
	}
	look(4)
}
