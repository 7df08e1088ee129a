package sqlite_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/internal/store/sqlite"
	"corridor.example/corridor/internal/store/storetest"
)

// A part made of tokens is recognised by any 10 bytes of it that are left somewhere. A token
// that a page's end cuts off is not taken for another part's.
func token(e store.Erasure) []byte {
	b := binary.BigEndian.AppendUint32([]byte{0xfe, 'T'}, uint32(e.Index))
	b = append(b, byte(e.Part))
	sum := crc32.ChecksumIEEE(b)
	return append(b, byte(sum), byte(sum>>8), 0xfd)
}

func tokens(index int64, n, size int) []byte {
	return bytes.Repeat(token(store.Erasure{Index: index, Part: n}), size/10)
}

// left returns which of the erased parts have bytes left in any file of a directory.
func left(t *testing.T, dir string, erased map[store.Erasure]bool) (found []string) {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		for at := 0; at+10 <= len(b); at++ {
			if b[at] != 0xfe || b[at+1] != 'T' {
				continue
			}
			e := store.Erasure{Index: int64(binary.BigEndian.Uint32(b[at+2:])), Part: int(b[at+6])}
			if erased[e] && bytes.Equal(b[at:at+10], token(e)) {
				found = append(found, fmt.Sprintf("entry %d part %d in %s at %d", e.Index, e.Part, f.Name(), at))
			}
		}
	}
	return found
}

// sizes of parts, from a few bytes to some that need pages of their own.
func someSize(r *rand.Rand) int {
	switch r.IntN(12) {
	case 0:
		return 10 + r.IntN(20_000)
	case 1:
		return 10 + r.IntN(4096)
	}
	return 10 + r.IntN(500)
}

func TestErasedBytesAreInNoFile(t *testing.T) {
	seeds := uint64(4)
	if testing.Short() {
		seeds = 1
	}
	for seed := range seeds {
		r := rand.New(rand.NewPCG(seed, 7))
		dir := t.TempDir()
		path := filepath.Join(dir, "log.db")
		s := create(t, path)
		l := storetest.Log{Parts: func(i int64) (parts [][]byte) {
			for n := range 1 + r.IntN(3) {
				parts = append(parts, tokens(i, n, someSize(r)))
			}
			return parts
		}}
		all := make(map[store.Erasure]bool)
		erased := make(map[store.Erasure]bool)
		for round := range 25 {
			rows, checkpoint := l.Grow(1 + r.IntN(120))
			from := l.Size() - int64(len(rows))
			for i, row := range rows {
				for n := range row.Parts {
					all[store.Erasure{Index: from + int64(i), Part: n}] = true
				}
			}
			var erase []store.Erasure
			for e := range all {
				if len(erase) < r.IntN(12) {
					erase = append(erase, e)
					delete(all, e)
					erased[e] = true
				}
			}
			if err := s.Append(t.Context(), from, rows, erase, checkpoint); err != nil {
				t.Fatal(err)
			}
			if len(erase) == 0 {
				continue
			}
			if found := left(t, dir, erased); found != nil {
				t.Fatalf("seed %d round %d: after erasing %v: %s", seed, round, erase, strings.Join(found, "; "))
			}
			if round%7 == 3 {
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				s = open(t, path)
			}
		}
		if found := left(t, dir, all); len(found) < len(all) {
			t.Fatalf("seed %d: the search found %d traces of %d parts that are carried: it does not search well", seed, len(found), len(all))
		}
		copied := filepath.Join(t.TempDir(), "copy.db")
		if err := s.Backup(t.Context(), copied); err != nil {
			t.Fatal(err)
		}
		if found := left(t, filepath.Dir(copied), erased); found != nil {
			t.Fatalf("seed %d: backup: %s", seed, strings.Join(found, "; "))
		}
	}
}

// TestErasureWaitsForReaders erases while another program reads an older state, which it must
// be able to finish. The bytes are gone once it has.
func TestErasureWaitsForReaders(t *testing.T) {
	for name, end := range map[string]func(t *testing.T, s *sqlite.Store, reader *sqlite.Store){
		"next read": func(t *testing.T, s, reader *sqlite.Store) {
			reader.Close()
			if _, err := s.Head(t.Context()); err != nil {
				t.Error(err)
			}
		},
		"next cosignature": func(t *testing.T, s, reader *sqlite.Store) {
			reader.Close()
			var l storetest.Log
			l.Grow(1)
			if err := s.Cosign(t.Context(), 1, l.Cosigned(1, 1)); err != nil {
				t.Error(err)
			}
		},
		"close": func(t *testing.T, s, reader *sqlite.Store) {
			reader.Close()
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		},
		"close before the reader": func(t *testing.T, s, reader *sqlite.Store) {
			err := s.Close()
			if err == nil || !strings.Contains(err.Error(), "erased bytes") {
				t.Errorf("Close = %v, want it to say that erased bytes may be left", err)
			}
			reader.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "log.db")
			s := create(t, path)
			l := storetest.Log{Parts: func(i int64) [][]byte { return [][]byte{tokens(i, 0, 300)} }}
			rows, checkpoint := l.Grow(10)
			if err := s.Append(t.Context(), 0, rows, nil, checkpoint); err != nil {
				t.Fatal(err)
			}
			reader, err := sqlite.OpenReadOnly(path)
			if err != nil {
				t.Fatal(err)
			}
			defer reader.Close()
			e := store.Erasure{Index: 3, Part: 0}
			if err := s.Append(t.Context(), 10, nil, []store.Erasure{e}, checkpoint); err != nil {
				t.Fatal(err)
			}
			if row, err := s.Row(t.Context(), 3); err != nil || row.Parts[0] != nil {
				t.Errorf("Row(3) = %v, %v after its part was erased", row.Parts, err)
			}
			if row, err := reader.Row(t.Context(), 3); err != nil || !bytes.Equal(row.Parts[0], rows[3].Parts[0]) {
				t.Errorf("Row(3) = %v, %v for one who reads the older state", row.Parts, err)
			}
			gone := map[store.Erasure]bool{e: true}
			if left(t, dir, gone) == nil {
				t.Error("the bytes are gone, though a reader needs them")
			}
			end(t, s, reader)
			if name == "close before the reader" {
				if err := open(t, path).Close(); err != nil { // as it advised
					t.Fatal(err)
				}
			}
			if found := left(t, dir, gone); found != nil {
				t.Error(found)
			}
		})
	}
}

// TestErasedBeforeACrash reopens the files of a process that ended between an erasure's
// commit and its cleaning.
func TestErasedBeforeACrash(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log.db")
	s := create(t, path)
	l := storetest.Log{Parts: func(i int64) [][]byte { return [][]byte{tokens(i, 0, 300)} }}
	rows, checkpoint := l.Grow(10)
	if err := s.Append(t.Context(), 0, rows, nil, checkpoint); err != nil {
		t.Fatal(err)
	}
	reader, err := sqlite.OpenReadOnly(path) // keeps the WAL as it is
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	e := store.Erasure{Index: 3, Part: 0}
	if err := s.Append(t.Context(), 10, nil, []store.Erasure{e}, checkpoint); err != nil {
		t.Fatal(err)
	}
	after := t.TempDir()
	copyFiles(t, path, filepath.Join(after, "log.db"), "", "-wal", "-shm")
	gone := map[store.Erasure]bool{e: true}
	if left(t, after, gone) == nil {
		t.Fatal("nothing was left for the next process to clean")
	}
	again := open(t, filepath.Join(after, "log.db"))
	if found := left(t, after, gone); found != nil {
		t.Error(found)
	}
	if row, err := again.Row(t.Context(), 3); err != nil || row.Parts[0] != nil {
		t.Errorf("Row(3) = %v, %v", row.Parts, err)
	}
}

// copyFiles copies a log, and the files beside it with the given suffixes, as cp would.
func copyFiles(t *testing.T, from, to string, suffixes ...string) {
	t.Helper()
	for _, suffix := range suffixes {
		b, err := os.ReadFile(from + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to+suffix, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
