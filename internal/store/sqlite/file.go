package sqlite

import (
	"database/sql"
	"errors"
	"fmt"
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

// look says what is wrong with a file before SQLite is let near it. It does not open it: on
// Unix, closing a file takes away every lock that this process has on it, those of a store
// that is open included (https://www.sqlite.org/howtocorrupt.html, 2.2).
func look(path string, want *format) error {
	st, err := os.Stat(path)
	if err != nil {
		return err // names the path, and says what it is
	}
	switch {
	case !st.Mode().IsRegular():
		return fmt.Errorf("%s: %w: it is no file", path, store.ErrForeign)
	case st.Size() == 0:
		return fmt.Errorf("%s: %w: it is empty, because writing it was cut short: delete it and make it again", path, store.ErrForeign)
	case st.Size() < 512: // the least a page can be
		return fmt.Errorf("%s: %w: it is no %s file, but something else", path, store.ErrForeign, want.name)
	}
	return nil
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
