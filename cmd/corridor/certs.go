package main

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"corridor.example/corridor/internal/cert"
	"corridor.example/corridor/internal/server"
	"corridor.example/corridor/verify"
)

// Where certificates are kept in a mission's directory, both readable by their owner alone.
const (
	acmeDir      = "acme"
	authorityDir = "mission-ca"
	authorityCrt = "ca.crt"
	authorityKey = "ca.key"
)

// How long a browser is told to come over TLS alone. A mission's own authority may be made anew
// any day, and then its page in the clear has to be reachable by its name.
const (
	insistLong  = 365 * 24 * time.Hour
	insistShort = 24 * time.Hour
)

// A certCall is what corridor serve is told of its certificate: one of three ways, or none.
type certCall struct {
	names     []string // --tls
	directory string
	roots     string
	email     string

	cert, key string // --cert, --cert-key

	own      bool     // --mission-ca
	ownNames []string // --name
	lock     lock     // of the authority's key
}

func (c *certCall) flags(f *flag.FlagSet) {
	f.Var((*list)(&c.names), "tls", "")
	f.StringVar(&c.directory, "acme-directory", "", "")
	f.StringVar(&c.roots, "acme-ca", "", "")
	f.StringVar(&c.email, "acme-email", "", "")
	f.StringVar(&c.cert, "cert", "", "")
	f.StringVar(&c.key, "cert-key", "", "")
	f.BoolVar(&c.own, "mission-ca", false, "")
	f.Var((*list)(&c.ownNames), "name", "")
	c.lock.flags(f, false)
}

// on reports whether TLS is spoken.
func (c certCall) on() bool { return len(c.names) > 0 || c.cert != "" || c.own }

func (c certCall) check() error {
	ways := 0
	for _, way := range []bool{len(c.names) > 0, c.cert != "" || c.key != "", c.own} {
		if way {
			ways++
		}
	}
	switch {
	case ways > 1:
		return unusable("serve", "--tls, --cert and --mission-ca are three ways to one certificate: choose one")
	case (c.cert == "") != (c.key == ""):
		return unusable("serve", "--cert FILE and --cert-key FILE go together")
	case len(c.names) == 0 && (c.directory != "" || c.roots != "" || c.email != ""):
		return unusable("serve", "--acme-directory, --acme-ca and --acme-email are for --tls NAME")
	case !c.own && (len(c.ownNames) > 0 || c.lock.file != ""):
		return unusable("serve", "--name and --passphrase-file are for --mission-ca")
	}
	return nil
}

// A secured is how a server speaks TLS.
type secured struct {
	source     cert.Source
	tls        *tls.Config
	insist     time.Duration
	authority  *cert.Authority                       // nil: not the mission's own
	challenges func(http.Handler) http.Handler       // what an authority asks in the clear; nil: nothing
	begin      func(ctx context.Context, url string) // once it listens
}

// open prepares the certificate of a mission's server.
func (c certCall) open(ctx context.Context, w *world, dir string, log *slog.Logger) (s *secured, err error) {
	switch {
	case len(c.names) > 0:
		return c.order(dir, log)
	case c.cert != "":
		carried, err := cert.Carry(time.Now, log, c.cert, c.key)
		if err != nil {
			return nil, err
		}
		s = &secured{source: carried, tls: cert.Config(carried), insist: insistLong}
	default:
		a, err := c.authority(ctx, w, dir)
		if err != nil {
			return nil, err
		}
		s = &secured{source: a, tls: cert.Config(a), insist: insistShort, authority: a}
	}
	s.begin = func(context.Context, string) { sayUntil(log, s.source.State()) }
	return s, nil
}

// order prepares to ask an authority on the network.
func (c certCall) order(dir string, log *slog.Logger) (*secured, error) {
	o := cert.Order{Names: c.names, Dir: filepath.Join(dir, acmeDir), Directory: c.directory, Email: c.email}
	if c.roots != "" {
		b, err := readLimited(c.roots, 1<<20)
		if err != nil {
			return nil, err
		}
		o.Roots = b
	}
	x, err := cert.Ask(o, log)
	if err != nil {
		return nil, unusable("serve", "--tls: %v", err)
	}
	s := &secured{source: x, tls: x.ConfigOf(), insist: insistLong, challenges: x.Challenges}
	s.begin = func(ctx context.Context, _ string) {
		go func() {
			if err := x.Obtain(ctx); err != nil && ctx.Err() == nil {
				log.Error("no certificate yet; it is asked for again when a reader comes", "cause", err.Error())
			} else if err == nil {
				sayUntil(log, x.State())
			}
		}()
	}
	return s, nil
}

// A certificate that ends soon is said to somebody: carried ones have to be replaced by hand.
const (
	endsSoon = 21 * 24 * time.Hour
	endsNow  = 3 * 24 * time.Hour
)

func sayUntil(log *slog.Logger, s cert.State) {
	level := slog.LevelInfo
	if time.Until(s.Until) < endsNow {
		level = slog.LevelWarn
	}
	log.Log(context.Background(), level, "the certificate in use", "names", strings.Join(s.Names, " "), "until", s.Until.UTC().Format(time.RFC3339))
}

// authority reads the mission's own authority, or makes it where there is none.
func (c certCall) authority(ctx context.Context, w *world, dir string) (*cert.Authority, error) {
	dir = filepath.Join(dir, authorityDir)
	crt, key := filepath.Join(dir, authorityCrt), filepath.Join(dir, authorityKey)
	if !exists(crt) && !exists(key) {
		return c.makeAuthority(dir, crt, key)
	}
	s, err := os.Stat(key)
	if err != nil {
		return nil, err
	}
	if s.Mode().Perm()&0o077 != 0 && filepath.Separator == '/' {
		return nil, fmt.Errorf("others can read %s; make it yours alone: chmod 600 %s", key, key)
	}
	crtText, err := readLimited(crt, 1<<20)
	if err != nil {
		return nil, err
	}
	keyText, err := readLimited(key, 1<<20)
	if err != nil {
		return nil, err
	}
	if isEncrypted(keyText) {
		p, err := c.lock.open(ctx, w, key)
		if err != nil {
			return nil, err
		}
		if keyText, err = decrypt(p, keyText); err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
	}
	a, err := cert.ReadAuthority(time.Now, crtText, keyText)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	if time.Now().After(a.Until()) {
		return nil, fmt.Errorf("the mission's authority ended at %s: move %s away, start again with --name, and have every device trust the new one", a.Until().UTC().Format(time.RFC3339), dir)
	}
	if err := a.Covers(c.ownNames); err != nil {
		return nil, fmt.Errorf("%w; to serve another name move %s away, and have every device trust the new authority", err, dir)
	}
	return a, nil
}

func (c certCall) makeAuthority(dir, crt, key string) (*cert.Authority, error) {
	if len(c.ownNames) == 0 {
		return nil, unusable("serve", "--mission-ca makes an authority for the names and addresses you give, and for no others ever: --name gate.mission.internal --name 192.168.4.1")
	}
	a, err := cert.MakeAuthority(time.Now, c.ownNames)
	if err != nil {
		return nil, unusable("serve", "--name: %v", err)
	}
	crtText, keyText, err := a.Text()
	if err != nil {
		return nil, err
	}
	if c.lock.file != "" {
		p, err := c.lock.fresh(context.Background(), nil, key)
		if err != nil {
			return nil, err
		}
		if keyText, err = encrypt(p, keyText); err != nil {
			return nil, err
		}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if err := writeNew(key, keyText); err != nil {
		return nil, err
	}
	if err := writeNew(crt, crtText); err != nil {
		return nil, errors.Join(err, os.Remove(key)) // the same command can be given again
	}
	return a, nil
}

// names are those under which readers reach the server.
func (s *secured) names() []string { return s.source.State().Names }

// url is the address at which readers reach a listener, without a slash at the end.
func (s *secured) url(l net.Listener) string {
	name := "127.0.0.1"
	for _, n := range s.names() {
		if !strings.HasPrefix(n, "*") {
			name = n
			break
		}
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	switch {
	case err == nil && port != "443":
		return "https://" + net.JoinHostPort(name, port)
	case strings.Contains(name, ":"):
		return "https://[" + name + "]"
	}
	return "https://" + name
}

// trust is what devices are told of the mission's own authority; nil where there is none. plain
// is the address in the clear, without a slash at the end; "" where nothing listens there.
func (s *secured) trust(plain, url string) *server.Trust {
	a := s.authority
	if a == nil {
		return nil
	}
	if plain == "" {
		plain = url
	}
	return &server.Trust{DER: a.DER(), Fingerprint: a.Fingerprint(), Names: a.Names(), Until: a.Until(), Address: plain + "/trust", Secure: url}
}

// lookCertificates says what a doctor sees of the certificates of a mission's server.
func lookCertificates(ctx context.Context, dir string) (signs []sign) {
	switch b, err := readLimited(filepath.Join(dir, authorityDir, authorityCrt), 1<<20); {
	case err == nil:
		signs = append(signs, lookAuthority(dir, b)...)
	case !errors.Is(err, fs.ErrNotExist):
		signs = append(signs, sign{"now", err.Error()})
	}
	if s, err := os.Stat(filepath.Join(dir, acmeDir)); err == nil && s.Mode().Perm()&0o077 != 0 {
		signs = append(signs, sign{"now", fmt.Sprintf("others on this machine can read %s: chmod -R go= %s", filepath.Join(dir, acmeDir), filepath.Join(dir, acmeDir))})
	}
	addr, err := serverOf(dir)
	if err != nil || addr == "" {
		return signs
	}
	b, err := get(ctx, "http://"+addr+"/readyz", 64<<10)
	if err != nil {
		return append(signs, sign{"look", "the server that runs does not say that it is ready: " + err.Error()})
	}
	until, ok := server.CertificateIn(string(b))
	if !ok {
		return signs
	}
	soon := endsSoon
	if len(signs) > 0 {
		soon = endsNow // the mission's own authority makes short-lived ones, again and again
	}
	return append(signs, lookUntil("the server's certificate", until, soon, "put a newer one in the place of the files it was started with, or see why it is not renewed"))
}

func lookAuthority(dir string, text []byte) []sign {
	key := filepath.Join(dir, authorityDir, authorityKey)
	c, err := cert.ReadCertificate(text)
	if err != nil {
		return []sign{{"now", filepath.Join(dir, authorityDir, authorityCrt) + ": " + err.Error()}}
	}
	signs := []sign{lookUntil("the mission's own authority", c.NotAfter, endsSoon, "move "+filepath.Join(dir, authorityDir)+" away and have every device trust a new one")}
	switch s, err := os.Stat(key); {
	case err != nil:
		signs = append(signs, sign{"now", err.Error()})
	case s.Mode().Perm()&0o077 != 0:
		signs = append(signs, sign{"now", fmt.Sprintf("others on this machine can read %s: chmod 600 %s", key, key)})
	}
	return signs
}

// lookUntil says of something that ends how soon that is.
func lookUntil(what string, until time.Time, soon time.Duration, do string) sign {
	at := until.UTC().Format(time.RFC3339)
	switch left := time.Until(until); {
	case until.IsZero():
		return sign{"now", what + " is not there yet: the log of the server says why"}
	case left <= 0:
		return sign{"now", fmt.Sprintf("%s ended at %s: %s", what, at, do)}
	case left < endsNow:
		return sign{"now", fmt.Sprintf("%s ends at %s: %s", what, at, do)}
	case left < soon:
		return sign{"look", fmt.Sprintf("%s ends at %s: %s", what, at, do)}
	}
	return sign{"well", fmt.Sprintf("%s is good until %s", what, at)}
}

// trustWords are the ten words by which people compare the mission's authority.
func trustWords(t *server.Trust) string { return strings.Join(verify.Words(t.Fingerprint[:10]), " ") }
