package cert

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
)

// An Order is what certificates are asked for, and of whom.
type Order struct {
	Names     []string // of the server; no addresses
	Dir       string   // where the account's key and certificates are kept, made with 0700
	Directory string   // address of the authority's ACME directory; "": Let's Encrypt
	Roots     []byte   // PEM of what the directory's own certificate rests on; nil: as this system
	Email     string   // the authority may write to; may be ""
}

// An Ordered certificate is asked of an authority on the network (RFC 8555), which asks back on
// port 80 (HTTP-01) or 443 (TLS-ALPN-01), and renewed in good time.
type Ordered struct {
	m     *autocert.Manager
	names []string
	log   *slog.Logger

	mu    sync.Mutex
	until map[string]time.Time
	why   string // why the authority did not believe the last challenge, in its words
}

// orderTime is how long an authority has for everything it is asked at once.
const orderTime = 2 * time.Minute

// Ask prepares to ask for certificates. By asking, the authority's terms are agreed to.
func Ask(o Order, log *slog.Logger) (*Ordered, error) {
	client := &acme.Client{DirectoryURL: o.Directory, UserAgent: "corridor"}
	if o.Directory == "" {
		client.DirectoryURL = autocert.DefaultACMEDirectory
	}
	t := http.DefaultTransport.(*http.Transport).Clone()
	if o.Roots != nil {
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(o.Roots) {
			return nil, errors.New("the file for the ACME directory's authority holds no certificate as PEM")
		}
		t.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	x := &Ordered{log: log, until: map[string]time.Time{}}
	client.HTTPClient = &http.Client{Transport: &reasons{next: t, tell: x.refused}, Timeout: orderTime}
	for _, n := range o.Names {
		name, err := Name(n)
		if err != nil {
			return nil, err
		}
		if net.ParseIP(name) != nil {
			return nil, fmt.Errorf("%s is an address, and certificates are asked for names; for an address there is a certificate of the mission's own", name)
		}
		x.names = append(x.names, name)
	}
	x.m = &autocert.Manager{
		Prompt: autocert.AcceptTOS, Cache: autocert.DirCache(o.Dir), HostPolicy: autocert.HostWhitelist(x.names...), Client: client, Email: o.Email,
	}
	return x, nil
}

// Certificate returns the certificate for the name that is asked for; who names nobody is
// answered as if by the first name.
func (x *Ordered) Certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	if hello.ServerName == "" {
		named := *hello
		named.ServerName = x.names[0]
		hello = &named
	}
	c, err := x.m.GetCertificate(hello)
	if asked := slices.Contains(hello.SupportedProtos, acme.ALPNProto); err == nil && !asked && c.Leaf != nil {
		x.mu.Lock()
		x.until[hello.ServerName] = c.Leaf.NotAfter
		x.mu.Unlock()
	}
	return c, err
}

// Challenges answers what an authority asks on port 80, and hands everything else on. Whoever
// asks on another port that leads here says so in the name of the host, which is left out.
func (x *Ordered) Challenges(next http.Handler) http.Handler {
	answer := x.m.HTTPHandler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, _, err := net.SplitHostPort(r.Host)
		if err != nil || !strings.HasPrefix(r.URL.Path, "/.well-known/acme-challenge/") {
			answer.ServeHTTP(w, r)
			return
		}
		bare := r.Clone(r.Context())
		bare.Host = name
		answer.ServeHTTP(w, bare)
	})
}

// Obtain asks for a certificate of every name, so that no reader waits for one. What could not
// be had is asked for again by whoever comes.
func (x *Ordered) Obtain(ctx context.Context) error {
	var err error
	for _, name := range x.names {
		done := make(chan error, 1)
		go func() {
			_, e := x.Certificate(&tls.ClientHelloInfo{
				ServerName: name, SupportedCurves: []tls.CurveID{tls.CurveP256}, SignatureSchemes: []tls.SignatureScheme{tls.ECDSAWithP256AndSHA256},
				CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256},
			})
			done <- e
		}()
		select {
		case e := <-done:
			if e != nil {
				err = errors.Join(err, fmt.Errorf("a certificate for %s: %w%s", name, e, x.said()))
			}
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		}
	}
	return err
}

// State says what there is now: the end of that which ends first, zero while one is missing.
func (x *Ordered) State() State {
	x.mu.Lock()
	defer x.mu.Unlock()
	s := State{Names: x.names}
	for _, name := range x.names {
		until, ok := x.until[name]
		if !ok {
			return State{Names: x.names}
		}
		if s.Until.IsZero() || until.Before(s.Until) {
			s.Until = until
		}
	}
	return s
}

// ConfigOf is Config for certificates that an authority on the network is asked for: the server
// also answers its questions (TLS-ALPN-01).
func (x *Ordered) ConfigOf() *tls.Config {
	c := Config(x)
	c.NextProtos = append(c.NextProtos, acme.ALPNProto)
	return c
}

func (x *Ordered) refused(why string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.why = why
}

// said is what the authority said of the last challenge that failed, to be put behind an error
// that does not say it.
func (x *Ordered) said() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.why == "" {
		return ""
	}
	return fmt.Sprintf(" (the authority said: %q)", x.why)
}

// reasons listens to what an authority says of challenges that failed, which autocert forgets.
type reasons struct {
	next http.RoundTripper
	tell func(why string)
}

// RoundTrip hands a request on and reads what comes back.
func (r *reasons) RoundTrip(q *http.Request) (*http.Response, error) {
	resp, err := r.next.RoundTrip(q)
	if err != nil || !strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") {
		return resp, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	var authorization struct { // RFC 8555, section 7.1.4
		Challenges []struct{ Error struct{ Detail string } }
	}
	if json.Unmarshal(body, &authorization) == nil { // an account, an order or a directory has none
		for _, c := range authorization.Challenges {
			if c.Error.Detail != "" {
				r.tell(c.Error.Detail)
			}
		}
	}
	return resp, nil
}
