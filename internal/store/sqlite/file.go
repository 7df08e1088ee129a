package sqlite

import (
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"corridor.example/corridor/internal/store"
	driver "modernc.org/sqlite"
)

// connections returns a pool of connections to a file. Each param is key=value as in the
// driver's documentation, or key(value) for a PRAGMA.
func connections(path string, params ...string) (*sql.DB, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	abs = filepath.ToSlash(abs)
	if !strings.HasPrefix(abs, "/") {
		abs = "/" + abs // C:/…
	}
	q := make(url.Values)
	for _, p := range params {
		if k, v, ok := strings.Cut(p, "="); ok {
			q.Add(k, v)
		} else {
			q.Add("_pragma", p)
		}
	}
	// SQLite takes a URI apart at the first ? and #, and decodes %: the path must hide them.
	c, err := driver.NewConnector("file://" + (&url.URL{Path: abs}).EscapedPath() + "?" + q.Encode())
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(c), nil
}

// patience is how long a connection waits, in milliseconds, while another program writes.
const patience = "busy_timeout(10000)"

// Params that every connection has. What SQLite would put in a temporary file stays in
// memory, so that it need not be erased.
var common = []string{
	patience, "temp_store(MEMORY)", "trusted_schema(OFF)", "cell_size_check(ON)",
	"mmap_size(0)", "_dqs=0", "_defensive=1", "_error_rc=1",
}

// create makes an empty file that only its owner can read. It refuses to touch one that is
// there.
func create(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s: %w: choose another name, or move that file away", path, store.ErrExists)
	}
	if err != nil {
		return err
	}
	return f.Close()
}

// look reads the first bytes of a file and says what is wrong with them, before SQLite is let
// near it.
func look(path string, want *format) error {
	f, err := os.Open(path)
	if err != nil {
		return err // names the path, and says what it is
	}
	defer f.Close()
	if st, err := f.Stat(); err != nil {
		return err
	} else if !st.Mode().IsRegular() {
		return fmt.Errorf("%s: not a file", path)
	}
	var h [100]byte // https://www.sqlite.org/fileformat.html, 1.3
	n, err := io.ReadFull(f, h[:])
	if n == 0 && err == io.EOF {
		return fmt.Errorf("%s: %w: it is empty, because writing it was cut short: delete it and make it again", path, store.ErrForeign)
	}
	if err != nil && err != io.ErrUnexpectedEOF {
		return fmt.Errorf("%s: %w", path, err)
	}
	if n < len(h) || string(h[:16]) != "SQLite format 3\x00" {
		return fmt.Errorf("%s: %w: it is no %s file, but something else", path, store.ErrForeign, want.name)
	}
	version, id := int(binary.BigEndian.Uint32(h[60:])), int(binary.BigEndian.Uint32(h[68:]))
	switch {
	case id == want.id && version == want.version:
		return nil
	case id == want.id:
		return fmt.Errorf("%s: a %s file of format %d, and this program reads format %d: use the program that wrote it", path, want.name, version, want.version)
	case id == 0 && version == 0:
		return fmt.Errorf("%s: %w: it is another program's database, or its creation was cut short", path, store.ErrForeign)
	}
	for _, f := range []*format{logFormat, sideFormat} {
		if id == f.id {
			return fmt.Errorf("%s: %w: it is a %s file, not a %s file: have the two been exchanged?", path, store.ErrForeign, f.name, want.name)
		}
	}
	return fmt.Errorf("%s: %w: it is another program's database, not a %s file", path, store.ErrForeign, want.name)
}

// syncDir makes a file's name as durable as its contents.
func syncDir(path string) error {
	if runtime.GOOS == "windows" {
		return nil // directories cannot be synced there, and need not be
	}
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
