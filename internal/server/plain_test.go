package server_test

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"corridor.example/corridor/internal/server"
	"corridor.example/corridor/verify"
	"corridor.example/corridor/web"
)

// trusting is a server with an authority of its own, that has no mission yet.
func trusting(t *testing.T) *server.Server {
	t.Helper()
	return server.New(server.Config{Now: time.Now, Trust: &server.Trust{
		DER: []byte("0a certificate"), Fingerprint: [32]byte{0xab, 0xcd}, Names: []string{"gate.mission.internal", "192.168.4.1"},
		Until: time.Date(2028, 12, 1, 0, 0, 0, 0, time.UTC), Address: "http://gate.mission.internal/trust", Secure: "https://gate.mission.internal",
	}})
}

// TestPlain asks beside TLS, in the clear: there is what a device needs to trust the server, the
// way to the pages, and nothing else.
func TestPlain(t *testing.T) {
	names := []string{"gate.mission.internal", "192.168.4.1", "2001:db8::1"}
	h := trusting(t).Plain("https://gate.mission.internal", names)
	odd := trusting(t).Plain("https://gate.mission.internal:8443", names)
	for _, c := range []struct {
		h                  http.Handler
		method, host, path string
		header             []string
		status             int
		location           string
	}{
		{h, "GET", "gate.mission.internal", "/", nil, 307, "https://gate.mission.internal/"},
		{h, "HEAD", "gate.mission.internal", "/convoys/A-1?at=3", nil, 307, "https://gate.mission.internal/convoys/A-1?at=3"},
		{h, "GET", "192.168.4.1:80", "/log", nil, 307, "https://192.168.4.1/log"},
		{h, "GET", "[2001:db8::1]", "/log", nil, 307, "https://[2001:db8::1]/log"},
		{odd, "GET", "192.168.4.1", "/log", nil, 307, "https://192.168.4.1:8443/log"},
		{odd, "GET", "[2001:db8::1]:80", "/log", nil, 307, "https://[2001:db8::1]:8443/log"},
		{h, "GET", "evil.example", "/log", nil, 307, "https://gate.mission.internal/log"},
		{h, "GET", "gate.mission.internal", "//evil.example/", nil, 307, "https://gate.mission.internal//evil.example/"},
		{h, "GET", "gate.mission.internal", "/trust", nil, 200, ""},
		{h, "GET", "gate.mission.internal", "/trust/ios", nil, 200, ""},
		{h, "GET", "gate.mission.internal", "/trust/ca.crt", nil, 200, ""},
		{h, "GET", "gate.mission.internal", "/trust/beos", nil, 404, ""},
		{h, "GET", "gate.mission.internal", web.AssetPath("app.css"), nil, 200, ""},
		{h, "GET", "gate.mission.internal", "/api/v1/mission", nil, 403, ""},
		{h, "GET", "gate.mission.internal", "/log", []string{"Authorization", "Bearer x"}, 403, ""},
		{h, "GET", "gate.mission.internal", "/log", []string{"Accept", "application/json"}, 403, ""},
		{h, "POST", "gate.mission.internal", "/", nil, 403, ""},
		{h, "POST", "gate.mission.internal", "/api/v1/records", nil, 403, ""},
		{h, "POST", "gate.mission.internal", "/api/v1/session/open/invitation", nil, 403, ""},
		{h, "POST", "gate.mission.internal", "/trust", nil, 403, ""},
		{h, "PUT", "gate.mission.internal", "/trust/ca.crt", nil, 403, ""},
	} {
		r := httptest.NewRequest(c.method, c.path, nil)
		r.Host = c.host
		for i := 0; i+1 < len(c.header); i += 2 {
			r.Header.Set(c.header[i], c.header[i+1])
		}
		w := httptest.NewRecorder()
		c.h.ServeHTTP(w, r)
		if w.Code != c.status || w.Header().Get("Location") != c.location {
			t.Errorf("%s %s%s %v is answered %d and led to %q, want %d and %q", c.method, c.host, c.path, c.header, w.Code, w.Header().Get("Location"), c.status, c.location)
		}
		if c.status == 403 && (w.Header().Get("Content-Type") != "application/problem+json" || !strings.Contains(w.Body.String(), `"request.clear"`)) {
			t.Errorf("%s %s: %s", c.method, c.path, w.Body)
		}
	}
}

// TestTrust reads the pages in both languages: what is to be compared stands on each, and each
// platform has its own.
func TestTrust(t *testing.T) {
	s := trusting(t)
	seen := map[string]bool{}
	words := strings.Join(verify.Words([]byte{0xab, 0xcd, 0, 0, 0, 0, 0, 0, 0, 0}), " ")
	for _, path := range append([]string{""}, web.Platforms()...) {
		for _, lang := range []string{"en", "ar"} {
			r := httptest.NewRequest("GET", strings.TrimSuffix("/trust/"+path, "/"), nil)
			r.Header.Set("Accept-Language", lang)
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			body := w.Body.String()
			if w.Code != 200 || seen[body] {
				t.Errorf("/trust/%s in %s is answered %d, or as another is", path, lang, w.Code)
			}
			seen[body] = true
			for _, want := range []string{"AB:CD:00:", words, ` lang="` + lang + `"`} {
				if !strings.Contains(body, want) {
					t.Errorf("/trust/%s in %s does not have %q", path, lang, want)
				}
			}
			if w.Header().Get("Set-Cookie") != "" && path == "" {
				t.Error("a page that anybody reads sets a cookie")
			}
		}
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest("GET", "/trust/ca.crt", nil))
	if w.Body.String() != "0a certificate" || w.Header().Get("Content-Type") != "application/x-x509-ca-cert" {
		t.Errorf("the certificate is answered as %s: %s", w.Header().Get("Content-Type"), w.Body)
	}
	none := server.New(server.Config{Now: time.Now})
	w = httptest.NewRecorder()
	r := httptest.NewRequest("GET", "/trust", nil)
	r.TLS = &tls.ConnectionState{}
	none.ServeHTTP(w, r)
	if w.Code != 404 {
		t.Errorf("a server without an authority of its own answers /trust %d", w.Code)
	}
}

// TestReadySaysTheCertificate reads from /readyz until when a certificate is good.
func TestReadySaysTheCertificate(t *testing.T) {
	until := time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC)
	p := play(t, "gate-9", server.Config{Certificate: func() time.Time { return until }})
	got, ok := server.CertificateIn(p.api("/readyz").Body.String())
	if !ok || !got.Equal(until) {
		t.Errorf("until %v, %v", got, ok)
	}
	until = time.Time{}
	if got, ok := server.CertificateIn(p.api("/readyz").Body.String()); !ok || !got.IsZero() {
		t.Errorf("none: %v, %v", got, ok)
	}
	if _, ok := server.CertificateIn("ready\n"); ok {
		t.Error("without TLS there is a certificate")
	}
	if _, ok := server.CertificateIn("ready\ncertificate until some day\n"); ok {
		t.Error("some day is a time")
	}
}
