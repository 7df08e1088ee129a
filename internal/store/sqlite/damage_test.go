package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/internal/store/sqlite"
	"corridor.example/corridor/internal/store/storetest"
)

// readAll reads everything a checker would.
func readAll(ctx context.Context, path string) error {
	s, err := sqlite.OpenReadOnly(path)
	if err != nil {
		return err
	}
	defer s.Close()
	h, err := s.Head(ctx)
	if err != nil {
		return err
	}
	for _, err := range s.Rows(ctx, 0, h.Size) {
		if err != nil {
			return err
		}
	}
	_, err = s.Leaves(ctx, 0, h.Size)
	return err
}

// rebuilt makes a table anew without any of its rules, as somebody would who wants to put in
// what they forbid.
func rebuilt(table string) []string {
	return []string{
		`CREATE TABLE copied AS SELECT * FROM ` + table,
		`DROP TABLE ` + table,
		`ALTER TABLE copied RENAME TO ` + table,
	}
}

// TestDamageIsNamed changes rows behind the store's back. Where the change shows without
// knowing what the bytes mean, the reader is told which entry it is.
func TestDamageIsNamed(t *testing.T) {
	const size = 300
	for name, test := range map[string]struct {
		texts []string
		index int64 // of the DamageError; -1: an ErrDamaged without one
		what  string
	}{
		"a record deleted":              {[]string{`DELETE FROM record WHERE idx = 5`}, 5, "it is missing"},
		"the first deleted":             {[]string{`DELETE FROM record WHERE idx = 0`}, 0, "it is missing"},
		"the last deleted":              {[]string{`DELETE FROM record WHERE idx = 299`}, 299, "it is missing"},
		"one on a page's edge":          {[]string{`DELETE FROM record WHERE idx = 256`}, 256, "it is missing"},
		"every record deleted":          {[]string{`DELETE FROM record`}, 0, "it is missing"},
		"a record moved to the end":     {[]string{`UPDATE record SET idx = 300 WHERE idx = 5`}, 300, "beyond the end"},
		"a record moved before":         {[]string{`UPDATE record SET idx = -4 WHERE idx = 5`}, -4, "no such index"},
		"its leaf emptied":              {[]string{`UPDATE record SET leaf = x'' WHERE idx = 5`}, 5, "leaf is missing"},
		"its hashes cut":                {[]string{`UPDATE record SET hashes = substr(hashes, 1, 31) WHERE idx = 5`}, 5, "tree hashes are 31 bytes, not 64"},
		"its hashes swapped":            {[]string{`UPDATE record SET hashes = (SELECT hashes FROM record WHERE idx = 7) WHERE idx = 5`}, 5, "tree hashes are 128 bytes"},
		"its name cut":                  {[]string{`UPDATE record SET hash = x'00' WHERE idx = 5`}, 5, "name is not 32 bytes"},
		"its name made long":            {[]string{`UPDATE record SET hash = zeroblob(1000000) WHERE idx = 5`}, 5, "name is not 32 bytes"},
		"an envelope deleted":           {[]string{`DELETE FROM envelope WHERE idx = 9`}, 9, "envelope is missing"},
		"an envelope emptied":           {[]string{`UPDATE envelope SET bytes = x'' WHERE idx = 9`}, 9, "envelope is missing"},
		"an envelope added":             {[]string{`INSERT INTO envelope VALUES(300, x'00')`}, 300, "beyond the end"},
		"a part deleted":                {[]string{`DELETE FROM part WHERE idx = 7 AND n = 1`}, 7, "part 1 is missing"},
		"its first part deleted":        {[]string{`DELETE FROM part WHERE idx = 7 AND n = 0`}, 7, "part 0 is missing"},
		"a part renumbered":             {[]string{`UPDATE part SET n = 1000000000000 WHERE idx = 7 AND n = 2`}, 7, "part 2 is missing"},
		"a part with a number below 0":  {[]string{`UPDATE part SET n = -1 WHERE idx = 7 AND n = 2`}, 7, "more than once"},
		"a part added beyond":           {[]string{`INSERT INTO part VALUES(300, 0, x'00')`}, 300, "beyond the end"},
		"a part added far beyond":       {[]string{`INSERT INTO part VALUES(9223372036854775807, 0, x'00')`}, 9223372036854775807, "beyond the end"},
		"many parts added":              {[]string{`WITH RECURSIVE c(n) AS (SELECT 3 UNION ALL SELECT n+1 FROM c WHERE n < 100) INSERT INTO part SELECT 7, n, NULL FROM c`}, 7, "more than 16 parts"},
		"the head deleted":              {[]string{`DELETE FROM head`}, -1, "missing"},
		"the head set back":             {[]string{`UPDATE head SET size = 290`}, 299, "beyond the end"},
		"the head set forward":          {[]string{`UPDATE head SET size = 1000000000000`}, 300, "it is missing"},
		"the head's size below 0":       {[]string{`UPDATE head SET size = -1`}, -1, "no size"},
		"a checkpoint of 40 MB":         {[]string{`UPDATE head SET checkpoint = zeroblob(40000000)`}, -1, ""},
		"a part of 40 MB":               {[]string{`UPDATE part SET bytes = zeroblob(40000000) WHERE idx = 7 AND n = 1`}, -2, ""},
		"a part of 12 MB":               {[]string{`UPDATE part SET bytes = zeroblob(12000000) WHERE idx = 7 AND n = 1`}, 7, "no blob of at most"},
		"a leaf of 12 MB":               {[]string{`UPDATE record SET leaf = zeroblob(12000000) WHERE idx = 7`}, 7, "leaf is missing"},
		"an envelope of 12 MB":          {[]string{`UPDATE envelope SET bytes = zeroblob(12000000) WHERE idx = 7`}, 7, "envelope is missing"},
		"another table":                 {[]string{`CREATE TABLE note(text)`}, -1, `table "note"`},
		"an index":                      {[]string{`CREATE INDEX note ON part(length(bytes))`}, -1, `index "note"`},
		"a trigger":                     {[]string{`CREATE TRIGGER note AFTER INSERT ON part BEGIN SELECT 1; END`}, -1, `trigger "note"`},
		"a view for a table":            {[]string{`DROP TABLE part`, `CREATE VIEW part AS SELECT 7 AS idx, 0 AS n, x'00' AS bytes`}, -1, `view "part"`},
		"an index in disguise":          {[]string{`CREATE INDEX note ON part(length(bytes))`, `PRAGMA writable_schema = ON`, `UPDATE sqlite_schema SET name = 'sqlite_autoindex_note' WHERE name = 'note'`}, -1, "do not hold together"},
		"a table gone":                  {[]string{`DROP TABLE part`}, -1, "part is missing"},
		"another column":                {[]string{`ALTER TABLE part ADD COLUMN note TEXT`}, -1, "columns idx, n, bytes, note"},
		"a computed column":             {[]string{`DROP TABLE part`, `CREATE TABLE part(idx INTEGER, n INTEGER, bytes BLOB AS (zeroblob(40000000)))`}, -1, "computed"},
		"a virtual table":               {[]string{`DROP TABLE part`, `CREATE VIRTUAL TABLE part USING rtree(idx, n, bytes)`}, -1, "no part of a log file"},
		"rebuilt, a record twice":       {append(rebuilt("record"), `INSERT INTO record SELECT * FROM record WHERE idx = 5`), 5, "more than once"},
		"rebuilt, an envelope twice":    {append(rebuilt("envelope"), `INSERT INTO envelope SELECT * FROM envelope WHERE idx = 5`), 5, "more than once"},
		"rebuilt, a part twice":         {append(rebuilt("part"), `INSERT INTO part SELECT * FROM part WHERE idx = 7 AND n = 1`), 7, "part 1 is there more than once"},
		"rebuilt, two heads":            {append(rebuilt("head"), `INSERT INTO head SELECT * FROM head`), -1, "more than one"},
		"rebuilt, no index":             {append(rebuilt("record"), `UPDATE record SET idx = NULL WHERE idx = 5`), 5, "it is missing"},
		"rebuilt, a text for an index":  {append(rebuilt("record"), `UPDATE record SET idx = 'five' WHERE idx = 5`), -1, "without an index"},
		"rebuilt, half an index":        {append(rebuilt("record"), `UPDATE record SET idx = 5.5 WHERE idx = 5`), 5, "it is missing"},
		"rebuilt, half a part":          {append(rebuilt("part"), `UPDATE part SET n = 1.5 WHERE idx = 7 AND n = 1`), 7, "without a number"},
		"rebuilt, half an entry's part": {append(rebuilt("part"), `UPDATE part SET idx = 7.5 WHERE idx = 7 AND n = 1`), 7, "part 1 is missing"},
		"rebuilt, a text for a leaf":    {append(rebuilt("record"), `UPDATE record SET leaf = 'leaf' WHERE idx = 5`), 5, "leaf is missing"},
		"rebuilt, a number for a part":  {append(rebuilt("part"), `UPDATE part SET bytes = 5 WHERE idx = 7 AND n = 1`), 7, "no blob"},
		"rebuilt, no name":              {append(rebuilt("record"), `UPDATE record SET hash = NULL WHERE idx = 5`), 5, "name is not 32 bytes"},
		"rebuilt, a text for a size":    {append(rebuilt("head"), `UPDATE head SET size = 'three'`), -1, "no size"},
		"rebuilt, a text for a head":    {append(rebuilt("head"), `UPDATE head SET checkpoint = 'text'`), -1, "checkpoint is no text"},
	} {
		t.Run(name, func(t *testing.T) {
			path, _ := written(t, size)
			raw(t, path, test.texts...).Close()
			before := heap()
			err := readAll(t.Context(), path)
			if grew := heap() - before; grew > 30<<20 {
				t.Errorf("reading took %d MB", grew>>20)
			}
			var damage *store.DamageError
			switch {
			case !errors.Is(err, store.ErrDamaged) || !strings.Contains(err.Error(), test.what) || !strings.Contains(err.Error(), path):
				t.Errorf("reading = %v, want ErrDamaged, %q and the path", err, test.what)
			case test.index == -1 && errors.As(err, &damage):
				t.Errorf("reading = %v, want no entry", err)
			case test.index != -1 && test.index != -2 && (!errors.As(err, &damage) || damage.Index != test.index):
				t.Errorf("reading = %v, want entry %d", err, test.index)
			}
			// Who writes finds out at once, or reads the same.
			if s, err := sqlite.Open(path); err == nil {
				var first error
				for _, err := range s.Rows(t.Context(), 0, size) {
					first = err
				}
				if first == nil && name != "the head set forward" {
					t.Error("it can be opened for writing and read without a word")
				}
				s.Close()
			}
		})
	}
}

func heap() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.TotalAlloc)
}

// TestReadOnBehindDamage reads the entries before and behind a damaged one.
func TestReadOnBehindDamage(t *testing.T) {
	path, l := written(t, 600)
	raw(t, path, `DELETE FROM record WHERE idx = 5`, `DELETE FROM part WHERE idx = 302`, `DELETE FROM envelope WHERE idx = 303`).Close()
	s := openReadOnly(t, path)
	var damaged []int64
	seen := int64(0)
	for from := int64(0); from < 600; {
		for row, err := range s.Rows(t.Context(), from, 600) {
			var damage *store.DamageError
			if errors.As(err, &damage) {
				damaged = append(damaged, damage.Index)
				from = damage.Index
				break
			} else if err != nil {
				t.Fatal(err)
			}
			if diff := storetest.Same(row, l.Row(from)); diff != "" && from != 302 {
				t.Fatalf("entry %d: %s", from, diff)
			}
			from++
			seen++
		}
		from++
	}
	// That 302 has lost all its parts does not show here: only its envelope says how many.
	if fmt.Sprint(damaged) != "[5 303]" || seen != 598 {
		t.Errorf("damaged %v and %d seen, want [5 303] and 598", damaged, seen)
	}
}

// TestSurplusRow appends where a row lies that nobody knows of.
func TestSurplusRow(t *testing.T) {
	path, l := written(t, 3)
	s := open(t, path)
	raw(t, path, `INSERT INTO record VALUES(3, zeroblob(32), x'01', x'01')`).Close()
	rows, checkpoint := l.Grow(1)
	err := s.Append(t.Context(), 3, rows, nil, checkpoint)
	var damage *store.DamageError
	if !errors.As(err, &damage) || damage.Index != 3 || errors.Is(err, store.ErrDuplicate) {
		t.Errorf("Append = %v, want damage at 3", err)
	}
}

// TestTornPages cuts a log short and overwrites pages of it. Reading fails with a sentence, or
// what it gives is shaped as a store writes it; it neither panics nor hangs.
func TestTornPages(t *testing.T) {
	path, _ := written(t, 300)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	torn := filepath.Join(t.TempDir(), "log.db")
	failed, files := 0, 400
	if testing.Short() {
		files = 60
	}
	for i := range files {
		b := append([]byte{}, whole...)
		switch i % 4 {
		case 0:
			b = b[:r.IntN(len(b))]
		case 1: // one page's place taken by another
			from, to := r.IntN(len(b)/4096), r.IntN(len(b)/4096)
			copy(b[to*4096:(to+1)*4096], whole[from*4096:])
		case 2:
			at := r.IntN(len(b) - 64)
			for k := range 64 {
				b[at+k] = byte(r.Uint32())
			}
		case 3: // page headers, where it hurts most
			for range 3 {
				b[r.IntN(len(b)/4096)*4096+r.IntN(16)] = byte(r.Uint32())
			}
		}
		if err := os.WriteFile(torn, b, 0o600); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		err := readAll(ctx, torn)
		if err != nil {
			failed++
			if !errors.Is(err, store.ErrDamaged) && !errors.Is(err, store.ErrForeign) && !strings.Contains(err.Error(), "format") {
				t.Errorf("reading a torn file = %v, want ErrDamaged or ErrForeign", err)
			}
		}
		if ctx.Err() != nil {
			t.Errorf("reading a torn file takes for ever")
		}
		cancel()
	}
	if failed < files/2 {
		t.Errorf("%d of %d torn files failed: they were not torn much", failed, files)
	}
}
