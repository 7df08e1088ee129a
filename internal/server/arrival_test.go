package server_test

import (
	"bytes"
	"crypto/tls"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"corridor.example/corridor/internal/server"
)

// TestProxy asks through proxies that were stated and through some that were not: whether a
// request is taken for one over TLS is seen from the address that a page gives of its server.
func TestProxy(t *testing.T) {
	p := play(t, "gate-9", server.Config{
		Proxies: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("2001:db8::/32")},
		Insist:  time.Hour,
	})
	for _, c := range []struct {
		name, peer, proto string
		tls, secure       bool
	}{
		{"nobody between", "192.0.2.1:999", "", false, false},
		{"TLS to us", "192.0.2.1:999", "", true, true},
		{"TLS to us, and a header", "192.0.2.1:999", "http", true, true},
		{"a header of anybody", "192.0.2.1:999", "https", false, false},
		{"a header of this machine", "127.0.0.1:999", "https", false, false},
		{"our proxy", "10.1.2.3:999", "https", false, true},
		{"our proxy, in the clear", "10.1.2.3:999", "http", false, false},
		{"our proxy, of a sender's header", "10.1.2.3:999", "https, http", false, false},
		{"our proxy over IPv6", "[2001:db8::7]:999", "HTTPS", false, true},
		{"our proxy, mapped", "[::ffff:10.1.2.3]:999", "https", false, true},
	} {
		r := httptest.NewRequest(http.MethodGet, "http://mission.example/log", nil)
		r.Header.Set("Accept", "text/html")
		r.RemoteAddr = c.peer
		if c.proto != "" {
			r.Header.Set("X-Forwarded-Proto", c.proto)
		}
		if c.tls {
			r.TLS = &tls.ConnectionState{}
		}
		w := httptest.NewRecorder()
		p.s.ServeHTTP(w, r)
		body := w.Body.String()
		if got := strings.Contains(body, "https://mission.example"); got != c.secure || strings.Contains(body, "http://mission.example") == c.secure {
			t.Errorf("%s: taken for one over TLS: %v", c.name, got)
		}
		if got := w.Header().Get("Strict-Transport-Security"); (got == "max-age=3600") != c.secure {
			t.Errorf("%s: Strict-Transport-Security is %q", c.name, got)
		}
	}
}

// TestUnstatedProxy is noticed once, for the operator who forgot to state it.
func TestUnstatedProxy(t *testing.T) {
	var log bytes.Buffer
	s := server.New(server.Config{Now: time.Now, Log: slog.New(slog.NewTextHandler(&log, nil))})
	for range 3 {
		r := httptest.NewRequest(http.MethodGet, "/healthz", nil)
		r.Header.Set("X-Forwarded-Proto", "https")
		s.ServeHTTP(httptest.NewRecorder(), r)
	}
	if n := strings.Count(log.String(), "not stated with --proxy"); n != 1 {
		t.Errorf("it is noted %d times:\n%s", n, log.String())
	}
}

// TestNumbersAreNotInsisted asks for a site by addresses of which browsers take no such word.
func TestNumbersAreNotInsisted(t *testing.T) {
	p := play(t, "gate-9", server.Config{Insist: time.Hour})
	for _, host := range []string{"localhost", "localhost:8443", "192.0.2.1", "[2001:db8::1]:443"} {
		r := httptest.NewRequest(http.MethodGet, "https://"+host+"/", nil)
		w := httptest.NewRecorder()
		p.s.ServeHTTP(w, r)
		if got := w.Header().Get("Strict-Transport-Security"); got != "" {
			t.Errorf("%s: %q", host, got)
		}
	}
}

// TestForwardedFor reads from where a request comes, as the server's log names it.
func TestForwardedFor(t *testing.T) {
	for _, c := range []struct {
		peer, header, want string
	}{
		{"192.0.2.1:9", "198.51.100.7", "192.0.2.0/24"},
		{"10.1.0.1:9", "", "10.1.0.0/24"},
		{"10.1.0.1:9", "198.51.100.7", "198.51.100.0/24"},
		{"10.1.0.1:9", "203.0.113.9, 198.51.100.7", "198.51.100.0/24"},
		{"10.1.0.1:9", "203.0.113.9, 198.51.100.7, 10.1.7.7", "198.51.100.0/24"},
		{"10.1.0.1:9", "203.0.113.9, 198.51.100.7:4711", "198.51.100.0/24"},
		{"10.1.0.1:9", "[2001:db8:1:2::3]:80", "2001:db8:1::/48"},
		{"10.1.0.1:9", "somewhere", "unknown"},
		{"10.1.0.1:9", "198.51.100.7, somewhere", "unknown"},
	} {
		var log bytes.Buffer
		p := server.New(server.Config{
			Proxies: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}, Now: time.Now, Log: slog.New(slog.NewTextHandler(&log, nil)),
		})
		r := httptest.NewRequest(http.MethodPost, "/cheat", nil)
		r.Header.Set("Origin", "https://evil.example")
		r.RemoteAddr = c.peer
		if c.header != "" {
			r.Header.Set("X-Forwarded-For", c.header)
		}
		p.ServeHTTP(httptest.NewRecorder(), r)
		if !strings.Contains(log.String(), "from="+c.want+"\n") {
			t.Errorf("%s with %q is not from %s: %s", c.peer, c.header, c.want, log.String())
		}
	}
}

// A dripping body gives one byte and then waits for its connection's deadline.
type dripping struct {
	http.ResponseWriter
	until time.Time
	reads int
}

func (d *dripping) SetReadDeadline(at time.Time) error {
	d.until = at
	return nil
}

func (d *dripping) Read(b []byte) (int, error) {
	if d.reads++; d.reads == 1 {
		return copy(b, "{"), nil
	}
	if d.until.IsZero() {
		return 0, io.EOF
	}
	return 0, os.ErrDeadlineExceeded
}
func (d *dripping) Close() error { return nil }

// TestSlowBody sends records slower than they are waited for.
func TestSlowBody(t *testing.T) {
	p := play(t, "gate-9", server.Config{Wall: time.Now})
	rec := httptest.NewRecorder()
	d := &dripping{ResponseWriter: rec}
	r := httptest.NewRequest(http.MethodPost, "/api/v1/records", nil)
	r.Body = d
	start := time.Now()
	p.s.ServeHTTP(d, r)
	problem(t, "a slow body", rec, http.StatusRequestTimeout, "request.slow")
	if wait := d.until.Sub(start); wait < 10*time.Second || wait > time.Minute {
		t.Errorf("after one byte the next are waited for %v", wait)
	}
}

// TestSlowBodyOnALine does so over a connection: a record that never ends, for the door.
func TestSlowBodyOnALine(t *testing.T) {
	p := playDoor(t, "open.txt", openMission, time.Hour)
	hs := httptest.NewServer(p.s)
	defer hs.Close()
	c, err := net.Dial("tcp", hs.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	io.WriteString(c, "POST /api/v1/session/open/invitation HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{")
	if err := c.SetReadDeadline(time.Now().Add(5 * time.Minute)); err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(c)
	if err != nil || !bytes.HasPrefix(b, []byte("HTTP/1.1 408 ")) || !bytes.Contains(b, []byte("request.slow")) {
		t.Errorf("%v: %s", err, b)
	}
}
