package main

import (
	"bytes"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"corridor.example/corridor/internal/scenario"
)

// A kept is a mission that was built once, to be tampered with many times.
type kept struct {
	name string
	file []byte // mission.db
	card []byte
	size int64
	rows map[string][]row
	head row
}

// A row is one row of a table as stored: its values by column.
type row map[string]any

func (r row) int(column string) int64    { return r[column].(int64) }
func (r row) bytes(column string) []byte { b, _ := r[column].([]byte); return b }

// columns are those of every table of mission.db.
var columns = map[string][]string{
	"record":   {"idx", "hash", "leaf", "hashes"},
	"envelope": {"idx", "bytes"},
	"part":     {"idx", "n", "bytes"},
	"head":     {"id", "size", "checkpoint", "cosigned"},
}

var built sync.Map // case → func() (string, error), so that each is built once

// directory returns a demo's directory, which no test changes.
func directory(t *testing.T, name string) string {
	t.Helper()
	f, _ := built.LoadOrStore(name, sync.OnceValues(func() (string, error) {
		dir, err := os.MkdirTemp(shared, name+"-")
		if err != nil {
			return "", err
		}
		d, err := build(t.Context(), name, demoSeed, dir)
		if err != nil {
			return "", err
		}
		return dir, d.close()
	}))
	dir, err := f.(func() (string, error))()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// keep reads a demo's mission file into memory.
func keep(t *testing.T, name string) *kept {
	t.Helper()
	dir := directory(t, name)
	k := &kept{name: name, rows: map[string][]row{}}
	var err error
	if k.file, err = os.ReadFile(filepath.Join(dir, missionFile)); err == nil {
		k.card, err = os.ReadFile(filepath.Join(dir, cardFile))
	}
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file://"+filepath.Join(dir, missionFile)+"?mode=ro&immutable=1")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for table, names := range columns {
		rows, err := db.Query("SELECT " + strings.Join(names, ", ") + " FROM " + table + " ORDER BY 1, 2")
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			values, at := make([]any, len(names)), make([]any, len(names))
			for i := range values {
				at[i] = &values[i]
			}
			if err := rows.Scan(at...); err != nil {
				t.Fatal(err)
			}
			r := row{}
			for i, n := range names {
				r[n] = values[i]
			}
			k.rows[table] = append(k.rows[table], r)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
	k.head, k.size = k.rows["head"][0], k.rows["head"][0].int("size")
	if k.size < 50 || int(k.size) != len(k.rows["record"]) || len(k.rows["envelope"]) != len(k.rows["record"]) || len(k.rows["part"]) < 2*int(k.size) {
		t.Fatalf("%s has %d entries in %d, %d and %d rows", name, k.size, len(k.rows["record"]), len(k.rows["envelope"]), len(k.rows["part"]))
	}
	return k
}

// A change is one statement with its arguments.
type change struct {
	text string
	args []any
}

// A tampering is what somebody does to a mission file who can write to the disk, and the
// entries of which one at least must be named. With none, naming is not asked for.
type tampering struct {
	what    string
	changes []change
	names   []int64
}

func one(what, text string, args ...any) tampering {
	return tampering{what: what, changes: []change{{text, args}}}
}

func (t tampering) then(text string, args ...any) tampering {
	t.changes = append(t.changes, change{text, args})
	return t
}

func (t tampering) about(entries ...int64) tampering {
	t.names = append(t.names, entries...)
	return t
}

// flipped returns a copy with one bit changed.
func flipped(b []byte, at int) []byte {
	b = bytes.Clone(b)
	b[at] ^= 1
	return b
}

// prepare writes the mission into a directory, with its card and whatever else is given, and
// tampers with it.
func (k *kept) prepare(dir string, t tampering) error {
	for _, suffix := range []string{"-wal", "-shm"} {
		if err := os.Remove(filepath.Join(dir, missionFile+suffix)); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	path := filepath.Join(dir, missionFile)
	if err := os.WriteFile(path, k.file, 0o600); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, cardFile), k.card, 0o600); err != nil {
		return err
	}
	if len(t.changes) == 0 {
		return nil
	}
	db, err := sql.Open("sqlite", "file://"+path+"?_pragma=synchronous(OFF)")
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	for _, c := range t.changes {
		if _, err := db.Exec(c.text, c.args...); err != nil {
			return fmt.Errorf("%s: %s: %w", t.what, c.text, err)
		}
	}
	return db.Close()
}

// checked runs corridor verify as the command line would and returns its status and words.
func checked(t *testing.T, args ...string) (int, string) {
	t.Helper()
	var out bytes.Buffer
	w := &world{in: strings.NewReader(""), out: &out, err: &out}
	status := run(t.Context(), w, append([]string{"verify"}, args...))
	return status, out.String()
}

var namedEntries = regexp.MustCompile(`\bentr(?:y|ies) (\d+)(?: to (\d+))?`)

// named reports whether a text names one of these entries, alone or in a range.
func named(text string, entries []int64) bool {
	for _, m := range namedEntries.FindAllStringSubmatch(text, -1) {
		from, _ := strconv.ParseInt(m[1], 10, 64)
		to := from
		if m[2] != "" {
			to, _ = strconv.ParseInt(m[2], 10, 64)
		}
		for _, n := range entries {
			if from <= n && n <= to {
				return true
			}
		}
	}
	return false
}

// caught tells each lie on a copy of its own and fails unless corridor verify says so.
func (k *kept) caught(t *testing.T, all []tampering) {
	t.Helper()
	if len(all) == 0 {
		t.Fatal("nothing was tampered with")
	}
	work := make(chan tampering)
	var running sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		dir := t.TempDir()
		running.Go(func() {
			for lie := range work {
				if err := k.prepare(dir, lie); err != nil {
					t.Error(err)
					continue
				}
				status, said := checked(t, dir)
				if status != 1 {
					t.Errorf("%s: status %d, want 1\n%s", lie.what, status, said)
				} else if len(lie.names) > 0 && !named(said, lie.names) {
					t.Errorf("%s: none of the entries %v is named in\n%s", lie.what, lie.names, said)
				}
			}
		})
	}
	for _, lie := range all {
		work <- lie
	}
	close(work)
	running.Wait()
	t.Logf("%s: %d tamperings", k.name, len(all))
}

// cases are the missions that are tampered with: with -short the one that has everything.
func cases() []string {
	if testing.Short() {
		return []string{"gate-9"}
	}
	return scenario.Cases()
}

// every is which rows of a table are tampered with: each of gate-9, or of the longer case and
// with -short a sample that has the first, the last and those in between at even distances.
func (k *kept) every(n int) []int {
	step := 1
	if testing.Short() {
		step = max(1, n/6)
	} else if n > 24 && k.name != "gate-9" {
		step = n / 12
	}
	var all []int
	for i := 0; i < n; i += step {
		all = append(all, i)
	}
	if all[len(all)-1] != n-1 {
		all = append(all, n-1)
	}
	return all
}

// TestRowsTampered does to every row of every table what can be done to a row.
func TestRowsTampered(t *testing.T) {
	t.Parallel()
	for _, name := range cases() {
		k := keep(t, name)
		t.Run(name+"/untouched", func(t *testing.T) {
			dir := t.TempDir()
			if err := k.prepare(dir, tampering{}); err != nil {
				t.Fatal(err)
			}
			if status, said := checked(t, dir); status != 0 {
				t.Fatalf("status %d, want 0\n%s", status, said)
			}
		})
		for table, lies := range map[string]func(int) []tampering{
			"record": k.recordRow, "envelope": k.envelopeRow, "part": k.partRow,
		} {
			t.Run(name+"/"+table, func(t *testing.T) {
				var all []tampering
				for _, i := range k.every(len(k.rows[table])) {
					all = append(all, lies(i)...)
				}
				k.caught(t, all)
			})
		}
		t.Run(name+"/head", func(t *testing.T) { k.caught(t, k.headRow()) })
	}
}

// turn picks one of several ways to do the same, so that over all rows each is used.
func turn[T any](i int, ways ...T) T { return ways[i%len(ways)] }

// moved is a row whose index is altered.
func (k *kept) moved(i int, what, table, where string, args ...any) tampering {
	to := turn(i, k.size, k.size+7, -1-int64(i))
	return one(fmt.Sprintf("%s: moved to %d", what, to), `UPDATE `+table+` SET idx = ? WHERE `+where, append([]any{to}, args...)...)
}

func (k *kept) recordRow(i int) []tampering {
	r, n := k.rows["record"][i], int64(i)
	say := func(what string) string { return fmt.Sprintf("record %d: %s", n, what) }
	all := []tampering{
		one(say("deleted"), `DELETE FROM record WHERE idx = ?`, n).about(n),
		k.moved(i, say("index"), "record", "idx = ?", n).about(n),
		one(say("emptied"), `UPDATE record SET `+turn(i, "hash", "leaf", "hashes")+` = x'' WHERE idx = ?`, n).about(n),
	}
	for _, column := range []string{"hash", "leaf", "hashes"} {
		b := r.bytes(column)
		at := i * 7 % len(b)
		all = append(all, one(say(fmt.Sprintf("%s, byte %d changed", column, at)), `UPDATE record SET `+column+` = ? WHERE idx = ?`, flipped(b, at), n).about(n))
	}
	if i == 0 {
		return all
	}
	before := k.rows["record"][i-1]
	columns := turn(i, []string{"hash", "leaf", "hashes"}, []string{"leaf"}, []string{"hash"}, []string{"hash", "leaf"})
	l := one(say(strings.Join(columns, " and ")+" swapped with the one before"), `UPDATE record SET hash = x'00' WHERE idx = ?`, n)
	for _, c := range columns {
		l = l.then(`UPDATE record SET `+c+` = ? WHERE idx = ?`, r[c], n-1).then(`UPDATE record SET `+c+` = ? WHERE idx = ?`, before[c], n)
	}
	if columns[0] != "hash" {
		l = l.then(`UPDATE record SET hash = ? WHERE idx = ?`, r["hash"], n)
	}
	return append(all, l.about(n-1, n))
}

func (k *kept) envelopeRow(i int) []tampering {
	b, n := k.rows["envelope"][i].bytes("bytes"), int64(i)
	say := func(what string) string { return fmt.Sprintf("envelope %d: %s", n, what) }
	at := turn(i, len(b)/2, 0, len(b)/3, len(b)-40, len(b)-1)
	all := []tampering{
		one(say("deleted"), `DELETE FROM envelope WHERE idx = ?`, n).about(n),
		k.moved(i, say("index"), "envelope", "idx = ?", n).about(n),
		one(say(fmt.Sprintf("byte %d changed", at)), `UPDATE envelope SET bytes = ? WHERE idx = ?`, flipped(b, at), n).about(n),
		turn(i,
			one(say("emptied"), `UPDATE envelope SET bytes = x'' WHERE idx = ?`, n),
			one(say("cut short"), `UPDATE envelope SET bytes = substr(bytes, 1, length(bytes) - 1) WHERE idx = ?`, n),
			one(say("a space put in"), `UPDATE envelope SET bytes = CAST(' ' || CAST(bytes AS TEXT) AS BLOB) WHERE idx = ?`, n)).about(n),
	}
	if i > 0 {
		before := k.rows["envelope"][i-1].bytes("bytes")
		over := one(say("put over the one before"), `UPDATE envelope SET bytes = ? WHERE idx = ?`, b, n-1)
		all = append(all, turn(i, over.then(`UPDATE envelope SET bytes = ? WHERE idx = ?`, before, n).about(n-1, n), over.about(n-1)))
	}
	return all
}

func (k *kept) partRow(i int) []tampering {
	r := k.rows["part"][i]
	n, p, b := r.int("idx"), r.int("n"), r.bytes("bytes")
	say := func(what string) string { return fmt.Sprintf("part %d of entry %d: %s", p, n, what) }
	const here = ` WHERE idx = ? AND n = ?`
	all := []tampering{
		one(say("deleted"), `DELETE FROM part`+here, n, p).about(n),
		k.moved(i, say("index"), "part", "idx = ? AND n = ?", n, p).about(n),
		turn(i,
			one(say("emptied"), `UPDATE part SET bytes = x''`+here, n, p),
			one(say("another text"), `UPDATE part SET bytes = x'7b7d'`+here, n, p),
			one(say("renumbered"), `UPDATE part SET n = 14`+here, n, p)).about(n),
	}
	if b != nil {
		at := turn(i, len(b)/2, 0, len(b)-1)
		all = append(all,
			one(say("taken out as if erased"), `UPDATE part SET bytes = NULL`+here, n, p).about(n),
			one(say(fmt.Sprintf("byte %d changed", at)), `UPDATE part SET bytes = ?`+here, flipped(b, at), n, p).about(n))
	}
	if i == 0 {
		return all
	}
	before := k.rows["part"][i-1]
	return append(all, one(say("swapped with the one before"), `UPDATE part SET bytes = ?`+here, r["bytes"], before["idx"], before["n"]).
		then(`UPDATE part SET bytes = ?`+here, before["bytes"], n, p).about(n, before.int("idx")))
}

func (k *kept) headRow() []tampering {
	all := []tampering{
		one("head deleted", `DELETE FROM head`),
		one("head set back by one", `UPDATE head SET size = size - 1`).about(k.size - 1),
		one("head set back", `UPDATE head SET size = 7`).about(7),
		one("head set to nothing", `UPDATE head SET size = 0`).about(0),
		one("head set forward", `UPDATE head SET size = size + 1`).about(k.size),
		one("head set far forward", `UPDATE head SET size = 1000000000000`).about(k.size),
		one("head without a checkpoint", `UPDATE head SET checkpoint = NULL`),
		one("head with an empty checkpoint", `UPDATE head SET checkpoint = x''`),
		one("head without the cosigned checkpoint", `UPDATE head SET cosigned = NULL`),
		one("head with an empty cosigned checkpoint", `UPDATE head SET cosigned = x''`),
		one("the log's word as the cosigned checkpoint", `UPDATE head SET cosigned = substr(cosigned, 1, length(checkpoint))`),
	}
	step := 5
	if testing.Short() {
		step = 37
	}
	for _, column := range []string{"checkpoint", "cosigned"} {
		b := k.head.bytes(column)
		for at := 0; at < len(b); at += step {
			all = append(all, one(fmt.Sprintf("head, %s, byte %d changed", column, at), `UPDATE head SET `+column+` = ?`, flipped(b, at)))
		}
	}
	return all
}

// TestTablesTampered changes the order of whole tables, cuts them off, and puts in what no log
// has.
func TestTablesTampered(t *testing.T) {
	t.Parallel()
	for _, name := range cases() {
		k := keep(t, name)
		last := k.size - 1
		var order, ends, foreign []tampering
		for _, table := range []string{"record", "envelope", "part"} {
			reversed := one(table+" in reverse order", `UPDATE `+table+` SET idx = -1 - idx`).then(`UPDATE `+table+` SET idx = ? + idx`, k.size)
			turned := one(table+" turned by one", `UPDATE `+table+` SET idx = -1 - idx`).then(`UPDATE `+table+` SET idx = (-idx) % ?`, k.size)
			order = append(order, reversed.about(0), turned.about(0))
			ends = append(ends, one(table+" emptied", `DELETE FROM `+table).about(0),
				one(table+" cut off", `DELETE FROM `+table+` WHERE idx >= ?`, k.size/2).about(k.size/2))
			foreign = append(foreign,
				rebuilt(table).then(`INSERT INTO `+table+` SELECT * FROM `+table+` WHERE idx = 5`).about(5),
				rebuilt(table).then(`UPDATE `+table+` SET idx = NULL WHERE idx = 5`).about(5),
				rebuilt(table).then(`UPDATE `+table+` SET idx = 'five' WHERE idx = 5`),
				rebuilt(table).then(`UPDATE `+table+` SET idx = 5.5 WHERE idx = 5`).about(5),
				one(table+" with another column", `ALTER TABLE `+table+` ADD COLUMN note TEXT`),
				one(table+" gone", `DROP TABLE `+table))
		}
		for column, table := range map[string]string{"hash": "record", "leaf": "record", "hashes": "record", "bytes": "envelope"} {
			for _, value := range []string{`NULL`, `5`, `'text'`} {
				foreign = append(foreign, rebuilt(table).then(`UPDATE `+table+` SET `+column+` = `+value+` WHERE idx = 5`).about(5))
			}
		}
		for _, value := range []string{`NULL`, `-1`, `'three'`, `5.5`} {
			foreign = append(foreign, rebuilt("head").then(`UPDATE head SET size = `+value))
		}
		for _, at := range []int64{k.size, k.size + 1, 1 << 40} {
			what := fmt.Sprintf(" put in at %d", at)
			foreign = append(foreign,
				one("a record"+what, `INSERT INTO record SELECT ?, zeroblob(32), leaf, hashes FROM record WHERE idx = 0`, at).about(at),
				one("an envelope"+what, `INSERT INTO envelope SELECT ?, bytes FROM envelope WHERE idx = 0`, at).about(at),
				one("a part"+what, `INSERT INTO part SELECT ?, n, bytes FROM part WHERE idx = 0`, at).about(at))
		}
		foreign = append(foreign,
			one("a part too many", `INSERT INTO part SELECT 5, max(n) + 1, x'7b7d' FROM part WHERE idx = 5`).about(5),
			one("an erased part too many", `INSERT INTO part SELECT 5, max(n) + 1, NULL FROM part WHERE idx = 5`).about(5),
			one("another table", `CREATE TABLE note(text)`),
			one("a view", `CREATE VIEW note AS SELECT idx FROM record`),
			one("a trigger", `CREATE TRIGGER note AFTER INSERT ON part BEGIN SELECT 1; END`),
			rebuilt("head").then(`INSERT INTO head SELECT * FROM head`))
		for _, n := range k.every(int(last)) {
			from := int64(n) + 1
			cut := one(fmt.Sprintf("cut off at %d", from), `DELETE FROM record WHERE idx >= ?`, from).then(`DELETE FROM envelope WHERE idx >= ?`, from).then(`DELETE FROM part WHERE idx >= ?`, from)
			ends = append(ends, cut.about(from), cut.then(`UPDATE head SET size = ?`, from).about(from))
		}
		t.Run(name+"/order", func(t *testing.T) { k.caught(t, order) })
		t.Run(name+"/ends", func(t *testing.T) { k.caught(t, ends) })
		t.Run(name+"/foreign", func(t *testing.T) { k.caught(t, foreign) })
	}
}

// rebuilt makes a table anew without any of its rules, as somebody would who wants to put in
// what they forbid.
func rebuilt(table string) tampering {
	return one(table+" rebuilt", `CREATE TABLE copied AS SELECT * FROM `+table).then(`DROP TABLE ` + table).then(`ALTER TABLE copied RENAME TO ` + table)
}
