package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"

	"corridor.example/corridor/internal/store"
)

// A format is a kind of file this package writes: what its header says it is, and the only
// tables it may hold.
type format struct {
	name    string   // for messages
	id      int      // PRAGMA application_id, four ASCII letters
	version int      // PRAGMA user_version
	tables  []string // CREATE TABLE texts
	columns map[string][]string
	// added holds the tables that came with a later version, by name. A file of an older
	// version lacks them until it is opened for writing.
	added map[string]addition
}

// An addition is a table that a version of a format brought.
type addition struct {
	version int
	text    string // CREATE TABLE
}

// A log file is these four tables and nothing else, so that one file is the whole log.
//
// part is an ordinary table on purpose. Its rows are only ever added at the end, so SQLite
// fills its pages from left to right and never moves a cell to another page. In a table
// WITHOUT ROWID it moves cells between neighbouring pages and leaves their old bytes in the
// unused middle of a page, where secure_delete does not reach them: of 900 parts erased in
// such a table, one could still be read in the file.
var logFormat = &format{
	name:    "log",
	id:      'C'<<24 | 'r'<<16 | 'd'<<8 | 'l',
	version: 1,
	tables: []string{
		`CREATE TABLE record(idx INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, leaf BLOB NOT NULL, hashes BLOB NOT NULL) STRICT`,
		`CREATE TABLE envelope(idx INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT`,
		`CREATE TABLE part(idx INTEGER NOT NULL, n INTEGER NOT NULL, bytes BLOB, PRIMARY KEY(idx, n)) STRICT`,
		`CREATE TABLE head(id INTEGER PRIMARY KEY CHECK(id = 1), size INTEGER NOT NULL, checkpoint BLOB, cosigned BLOB) STRICT`,
		`INSERT INTO head VALUES(1, 0, NULL, NULL)`,
	},
	columns: map[string][]string{
		"record":   {"idx", "hash", "leaf", "hashes"},
		"envelope": {"idx", "bytes"},
		"part":     {"idx", "n", "bytes"},
		"head":     {"id", "size", "checkpoint", "cosigned"},
	},
}

var sideFormat = &format{
	name:    "side",
	id:      'C'<<24 | 'r'<<16 | 'd'<<8 | 's',
	version: 2,
	tables: []string{
		`CREATE TABLE secret(name TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT`,
		`CREATE TABLE received(hash BLOB PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID`,
		`CREATE TABLE checkpoint(size INTEGER PRIMARY KEY, first BLOB NOT NULL, last BLOB) STRICT`,
		`CREATE TABLE used(key BLOB NOT NULL, class TEXT NOT NULL, day INTEGER NOT NULL, n INTEGER NOT NULL, PRIMARY KEY(key, class, day)) STRICT, WITHOUT ROWID`,
	},
	columns: map[string][]string{
		"secret":     {"name", "bytes"},
		"received":   {"hash", "at"},
		"checkpoint": {"size", "first", "last"},
		"used":       {"key", "class", "day", "n"},
		"passing":    {"space", "name", "bytes", "until"},
	},
	added: map[string]addition{
		"passing": {2, `CREATE TABLE passing(space TEXT NOT NULL, name TEXT NOT NULL, bytes BLOB NOT NULL, until INTEGER NOT NULL, PRIMARY KEY(space, name)) STRICT`},
	},
}

// write makes the tables in an empty file, all or none.
func (f *format) write(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, q := range f.tables {
		if _, err := tx.ExecContext(ctx, q); err != nil {
			return err
		}
	}
	if err := f.add(ctx, tx, 0); err != nil {
		return err
	}
	// PRAGMA takes no arguments; these are our own numbers.
	for _, q := range []string{
		fmt.Sprintf("PRAGMA application_id = %d", f.id),
		fmt.Sprintf("PRAGMA user_version = %d", f.version),
	} {
		if _, err := tx.ExecContext(ctx, q); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// add makes the tables that came after a version, and nothing else: what is there stays as it
// is, so that a file is never between two versions.
func (f *format) add(ctx context.Context, tx *sql.Tx, after int) error {
	for _, name := range slices.Sorted(maps.Keys(f.added)) {
		if a := f.added[name]; a.version > after {
			if _, err := tx.ExecContext(ctx, a.text); err != nil {
				return err
			}
		}
	}
	return nil
}

// A querier is a *sql.DB, *sql.Conn or *sql.Tx.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// checkHeader refuses a file of another program, of another sort, or of a version that is not
// known here. It returns the version.
func (f *format) checkHeader(ctx context.Context, q querier) (version int, err error) {
	var id int
	if err := q.QueryRowContext(ctx, `SELECT application_id, user_version FROM pragma_application_id, pragma_user_version`).Scan(&id, &version); err != nil {
		return 0, err
	}
	if id == f.id && version >= 1 && version <= f.version {
		return version, nil
	}
	if id == f.id {
		return 0, fmt.Errorf("%w: it is a %s file of format %d, and this program knows format %d: use the program that wrote it", store.ErrLater, f.name, version, f.version)
	}
	for _, other := range []*format{logFormat, sideFormat, watchFormat} {
		if id == other.id {
			return 0, fmt.Errorf("%w: it is a %s file, not a %s file: have the two been exchanged?", store.ErrForeign, other.name, f.name)
		}
	}
	return 0, fmt.Errorf("%w: it is another program's database, or making it was cut short", store.ErrForeign)
}

// check refuses a file that holds anything but this format's plain tables. It does so before
// the first of them is read, because the file may come from somebody who wishes us ill: a
// view or a virtual table of the right name would run when it is read. It returns the
// version the file has.
func (f *format) check(ctx context.Context, q querier) (version int, err error) {
	if version, err = f.checkHeader(ctx, q); err != nil {
		return 0, err
	}
	return version, f.checkTables(ctx, q, version)
}

func (f *format) checkTables(ctx context.Context, q querier, version int) error {
	rows, err := q.QueryContext(ctx, `SELECT type, name, rootpage, coalesce(sql, '') FROM sqlite_schema`)
	if err != nil {
		return err
	}
	defer rows.Close()
	found := make(map[string]bool)
	for rows.Next() {
		var kind, name, text string
		var root int64
		if err := rows.Scan(&kind, &name, &root, &text); err != nil {
			return fmt.Errorf("list of tables: %w: %v", store.ErrDamaged, err)
		}
		switch {
		case kind == "table" && f.columns[name] != nil && f.added[name].version <= version && root > 0 && !found[name]:
			found[name] = true
		case kind == "table" && (name == "sqlite_stat1" || name == "sqlite_stat4") && root > 0:
			// left behind by ANALYZE; holds counts only
		case kind == "index" && text == "" && strings.HasPrefix(name, "sqlite_autoindex_"):
		default:
			return fmt.Errorf("%w: it holds a %s %q, which is no part of a %s file", store.ErrDamaged, kind, name, f.name)
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(f.columns)) {
		if f.added[name].version > version {
			continue
		}
		if !found[name] {
			return fmt.Errorf("%w: its table %s is missing", store.ErrDamaged, name)
		}
		if err := f.checkColumns(ctx, q, name); err != nil {
			return err
		}
	}
	return nil
}

// checkColumns refuses a table whose columns are not those of the format, in that order. A
// column that is computed when it is read is no column of ours.
func (f *format) checkColumns(ctx context.Context, q querier, table string) error {
	rows, err := q.QueryContext(ctx, `SELECT name, hidden FROM pragma_table_xinfo(?)`, table)
	if err != nil {
		return err
	}
	defer rows.Close()
	var have []string
	for rows.Next() {
		var name string
		var hidden int
		if err := rows.Scan(&name, &hidden); err != nil {
			return err
		}
		if hidden != 0 {
			name += " (computed)"
		}
		have = append(have, name)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if want := f.columns[table]; !slices.Equal(have, want) {
		return fmt.Errorf("%w: its table %s has the columns %s, not %s", store.ErrDamaged,
			table, strings.Join(have, ", "), strings.Join(want, ", "))
	}
	return nil
}
