package server

import (
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"corridor.example/corridor/internal/node"
)

// Plain answers in the clear beside a server that speaks TLS: what a device needs to trust the
// mission's authority, and the way to the pages. Nothing else is there. base is the address of
// the server over TLS; names are those under which it is reached.
func (s *Server) Plain(base string, names []string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reads := r.Method == http.MethodGet || r.Method == http.MethodHead
		path := r.URL.Path
		switch {
		case reads && s.cfg.Trust != nil && (path == "/trust" || strings.HasPrefix(path, "/trust/") || strings.HasPrefix(path, "/a/")):
			s.ServeHTTP(w, r)
		case reads && r.Header.Get("Authorization") == "" && !json(r) && !strings.HasPrefix(path, "/a/"):
			http.Redirect(w, r, overTLS(base, names, r)+r.URL.RequestURI(), http.StatusTemporaryRedirect)
		default:
			guard(w)
			problemBody(w, errClear)
		}
	})
}

// overTLS is the address over TLS of the host that a request names, if that is ours.
func overTLS(base string, names []string, r *http.Request) string {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = strings.Trim(r.Host, "[]")
	}
	if !slices.Contains(names, host) {
		return base
	}
	_, rest, _ := strings.Cut(base, "://")
	if _, port, err := net.SplitHostPort(rest); err == nil {
		return "https://" + net.JoinHostPort(host, port)
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return "https://" + host
}

// readiness is ready, and says how long the certificate is good: it is read by who watches over
// the server, and by corridor doctor.
func (s *Server) readiness(w http.ResponseWriter, r *http.Request, n *node.Node) error {
	if err := s.ready(w, r, n); err != nil || s.cfg.Certificate == nil {
		return err
	}
	_, _ = w.Write([]byte(readyUntil + certain(s.cfg.Certificate()) + "\n")) // the reader has gone
	return nil
}

// readyUntil begins the line of /readyz that says until when the certificate is good.
const readyUntil = "certificate until "

// certain spells the end of a certificate, "none" while there is none.
func certain(until time.Time) string {
	if until.IsZero() {
		return "none"
	}
	return until.UTC().Format(time.RFC3339)
}

// CertificateIn reads from the answer of /readyz until when the server's certificate is good:
// zero while it has none. It reports whether the answer speaks of one.
func CertificateIn(ready string) (until time.Time, ok bool) {
	for line := range strings.Lines(ready) {
		if text, found := strings.CutPrefix(strings.TrimSpace(line), readyUntil); found {
			until, err := time.Parse(time.RFC3339, text)
			return until, err == nil || text == "none"
		}
	}
	return until, false
}
