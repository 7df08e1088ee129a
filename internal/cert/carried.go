package cert

import (
	"crypto/tls"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"time"
)

// lookEvery is how often it is looked whether carried files have changed.
const lookEvery = 5 * time.Second

// A Carried certificate lies in two files, which somebody may replace while the server runs.
type Carried struct {
	cert, key string
	now       func() time.Time
	log       *slog.Logger

	mu     sync.Mutex
	have   *tls.Certificate
	seen   [2]stamp
	looked time.Time
}

// A stamp tells one state of a file from another.
type stamp struct {
	size int64
	at   time.Time
}

// maxFile bounds a file of certificates or of a key, in bytes.
const maxFile = 1 << 20

// Carry reads a certificate, with those that lead to its authority behind it, and its key, both
// as PEM. It is an error if they do not belong together, if others can read the key, or if the
// certificate is over.
func Carry(now func() time.Time, log *slog.Logger, cert, key string) (*Carried, error) {
	c := &Carried{cert: cert, key: key, now: now, log: log}
	c.seen = c.stamps()
	have, err := c.read()
	if err != nil {
		return nil, err
	}
	if until := have.Leaf.NotAfter; !now().Before(until) {
		return nil, fmt.Errorf("the certificate in %s ended at %s: put a newer one in its place", cert, until.UTC().Format(time.RFC3339))
	}
	if len(named(have.Leaf)) == 0 {
		return nil, fmt.Errorf("the certificate in %s is for no name and no address, so no browser takes it", cert)
	}
	c.have, c.looked = have, now()
	return c, nil
}

func (c *Carried) stamps() (list [2]stamp) {
	for i, path := range []string{c.cert, c.key} {
		if s, err := os.Stat(path); err == nil {
			list[i] = stamp{s.Size(), s.ModTime()}
		}
	}
	return list
}

func (c *Carried) read() (*tls.Certificate, error) {
	chain, err := readFile(c.cert, nil)
	if err != nil {
		return nil, err
	}
	key, err := readFile(c.key, func(s fs.FileInfo) error {
		if s.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
			return fmt.Errorf("others can read %s; make it yours alone: chmod 600 %s", c.key, c.key)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(chain, key)
	if err != nil {
		return nil, fmt.Errorf("%s and %s do not make a certificate with its key: %w", c.cert, c.key, err)
	}
	return &pair, nil
}

func readFile(path string, ok func(fs.FileInfo) error) ([]byte, error) {
	s, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !s.Mode().IsRegular() || s.Size() > maxFile {
		return nil, fmt.Errorf("%s is no file of a certificate or key", path)
	}
	if ok != nil {
		if err := ok(s); err != nil {
			return nil, err
		}
	}
	return os.ReadFile(path)
}

// Certificate returns the newest certificate that could be read.
func (c *Carried) Certificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.look()
	return c.have, nil
}

// look takes in files that have changed. Those that cannot be used are said once, and the
// certificate stays.
func (c *Carried) look() {
	if at := c.now(); at.Sub(c.looked) < lookEvery {
		return
	} else {
		c.looked = at
	}
	seen := c.stamps()
	if seen == c.seen {
		return
	}
	have, err := c.read()
	if err == nil && !c.now().Before(have.Leaf.NotAfter) {
		err = fmt.Errorf("it ended at %s", have.Leaf.NotAfter.UTC().Format(time.RFC3339))
	}
	c.seen = seen
	if err != nil {
		c.log.Error("the certificate's files have changed and cannot be used; the one before stays", "cause", err.Error())
		return
	}
	c.have = have
	c.log.Info("a new certificate is in use", "until", have.Leaf.NotAfter.UTC().Format(time.RFC3339))
}

// State says what there is now.
func (c *Carried) State() State {
	have, _ := c.Certificate(nil) // never fails
	return State{Names: named(have.Leaf), Until: have.Leaf.NotAfter}
}
