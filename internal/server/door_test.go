package server_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/server"
	"corridor.example/corridor/internal/session"
	"corridor.example/corridor/internal/store"
)

// playDoor plays a scenario's text and serves it behind a door whose clock is the server's.
func playDoor(t *testing.T, name, text string, later time.Duration, more ...func(*session.Config)) *played {
	t.Helper()
	var door *session.Door
	p := playText(t, name, text, later, func(cfg *server.Config) {
		cfg.Wall = time.Now
		c := session.Config{Store: &store.MemorySide{}, Now: cfg.Now, Log: slog.New(slog.DiscardHandler)}
		for _, f := range more {
			f(&c)
		}
		var err error
		if door, err = session.Open(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		cfg.Door = door
	})
	p.door = door
	return p
}

// A device is a client of a server over TLS, with a browser's key and no cookie jar.
type device struct {
	t    *testing.T
	hs   *httptest.Server
	key  *ecdsa.PrivateKey
	held []*http.Cookie
}

func newDevice(t *testing.T, hs *httptest.Server) *device {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &device{t: t, hs: hs, key: key}
}

func (d *device) do(method, path, body string, header ...string) (*http.Response, string) {
	d.t.Helper()
	r, err := http.NewRequestWithContext(d.t.Context(), method, d.hs.URL+path, strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	for _, c := range d.held {
		r.AddCookie(c)
	}
	client := *d.hs.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	w, err := client.Do(r)
	if err != nil {
		d.t.Fatal(err)
	}
	defer w.Body.Close()
	text, err := io.ReadAll(w.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return w, string(text)
}

func (d *device) bind() string {
	raw, err := d.key.PublicKey.Bytes()
	if err != nil {
		d.t.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

// proof proves one use of the device's key.
func (d *device) proof() string {
	d.t.Helper()
	_, body := d.do("GET", "/api/v1/session/nonce", "")
	var n struct{ Nonce string }
	if err := json.Unmarshal([]byte(body), &n); err != nil {
		d.t.Fatal(err)
	}
	var bits [16]byte
	rand.Read(bits[:])
	once := base64.RawURLEncoding.EncodeToString(bits[:])
	sum := sha256.Sum256([]byte(session.ProofText(strings.TrimPrefix(d.hs.URL, "https://"), n.Nonce, once)))
	r, s, err := ecdsa.Sign(rand.Reader, d.key, sum[:])
	if err != nil {
		d.t.Fatal(err)
	}
	return n.Nonce + "." + once + "." + base64.RawURLEncoding.EncodeToString(append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...))
}

// TestDoor goes through the door over TLS, well and badly, and searches the log for secrets.
func TestDoor(t *testing.T) {
	var log lines
	p := playDoor(t, "open.txt", openMission, time.Hour, func(c *session.Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	hs := httptest.NewTLSServer(p.s)
	defer hs.Close()
	d := newDevice(t, hs)
	code, _, err := p.door.Invite(t.Context(), session.Grant{Actor: "office", Level: corridor.MissionLevel}, "operator", 0)
	if err != nil {
		t.Fatal(err)
	}
	ask := func(code, bind, proof string) string {
		return fmt.Sprintf(`{"code":%q,"bind":%q,"proof":%q}`, code, bind, proof)
	}
	const open = "/api/v1/session/open/invitation"
	first := d.proof()
	for name, c := range map[string]struct {
		body   string
		header []string
		status int
	}{
		"another site's Origin":   {ask(code, d.bind(), first), []string{"Origin", "https://evil.example"}, http.StatusForbidden},
		"another site's page":     {ask(code, d.bind(), first), []string{"Sec-Fetch-Site", "cross-site"}, http.StatusForbidden},
		"a sister site's page":    {ask(code, d.bind(), first), []string{"Sec-Fetch-Site", "same-site"}, http.StatusForbidden},
		"a form":                  {"code=" + code, []string{"Content-Type", "application/x-www-form-urlencoded"}, http.StatusBadRequest},
		"too large":               {ask(strings.Repeat("A", 17<<10), d.bind(), first), nil, http.StatusRequestEntityTooLarge},
		"more than is asked for":  {`{"code":"a","admin":true}`, nil, http.StatusBadRequest},
		"two bodies":              {ask("a", "", "") + ask("a", "", ""), nil, http.StatusBadRequest},
		"without a browser's key": {ask(code, "", ""), nil, http.StatusForbidden},
	} {
		p.door.Review(t.Context())
		if w, body := d.do("POST", open, c.body, c.header...); w.StatusCode != c.status || len(w.Cookies()) > 0 {
			t.Errorf("%s: %d, %d cookies: %s", name, w.StatusCode, len(w.Cookies()), body)
		}
	}
	w, body := d.do("POST", open, ask(code, d.bind(), first))
	if w.StatusCode != http.StatusCreated || len(w.Cookies()) != 1 || strings.Contains(body, "token") {
		t.Fatalf("a good invitation: %d %s", w.StatusCode, body)
	}
	c := w.Cookies()[0]
	if !strings.HasPrefix(c.Name, "__Host-session") || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Domain != "" || c.MaxAge != 0 || !c.Expires.IsZero() {
		t.Errorf("the cookie is %+v", c)
	}
	if w, body := d.do("POST", open, ask(code, d.bind(), d.proof())); w.StatusCode != http.StatusForbidden || !strings.Contains(body, "session.invitation") {
		t.Errorf("used again: %d %s", w.StatusCode, body)
	}
	d.held = []*http.Cookie{{Name: c.Name, Value: c.Value}}
	const sealed = "7,391"
	if w, body := d.do("GET", "/convoys/A-777", "", "Corridor-Proof", d.proof()); w.StatusCode != http.StatusOK || !strings.Contains(body, sealed) || w.Header.Get("Cache-Control") != "private, no-store" {
		t.Errorf("its own device: %d, %q", w.StatusCode, w.Header.Get("Cache-Control"))
	}
	thief := newDevice(t, hs)
	thief.held = d.held
	used := d.proof()
	d.do("GET", "/api/v1/session", "", "Corridor-Proof", used)
	for name, header := range map[string][]string{
		"without a proof":   nil,
		"with its own key":  {"Corridor-Proof", thief.proof()},
		"with a used proof": {"Corridor-Proof", used},
		"as a token":        {"Authorization", "Bearer " + c.Value},
	} {
		for _, path := range []string{"/convoys/A-777", "/api/v1/session", "/api/v1/bundle", "/live/checkpoint", "/sessions"} {
			if w, body := thief.do("GET", path, "", header...); w.StatusCode != http.StatusUnauthorized || strings.Contains(body, sealed) || strings.Contains(body, "7391") {
				t.Errorf("stolen, %s: %d at %s", name, w.StatusCode, path)
			}
		}
	}
	if w, body := thief.do("GET", "/convoys/A-777", "", "Accept", "text/html"); w.StatusCode != http.StatusUnauthorized || !strings.Contains(body, "data-prove") {
		t.Errorf("stolen, in a browser: %d", w.StatusCode)
	}
	// Ending it needs a proof, and this server's own page.
	if w, _ := thief.do("POST", "/api/v1/session/end", `{"end":"all"}`); w.StatusCode != http.StatusUnauthorized {
		t.Errorf("ended by a thief: %d", w.StatusCode)
	}
	if w, _ := d.do("POST", "/api/v1/session/end", `{"end":"all"}`, "Corridor-Proof", d.proof(), "Origin", "https://evil.example"); w.StatusCode != http.StatusForbidden {
		t.Errorf("ended from another site: %d", w.StatusCode)
	}
	if w, body := d.do("POST", "/api/v1/session/end", `{"end":"all"}`, "Corridor-Proof", d.proof()); w.StatusCode != http.StatusOK || body != `{"ended":1}`+"\n" {
		t.Errorf("ended: %d %s", w.StatusCode, body)
	}
	if w, _ := d.do("GET", "/api/v1/session", "", "Corridor-Proof", d.proof()); w.StatusCode != http.StatusUnauthorized || len(w.Cookies()) != 1 || w.Cookies()[0].MaxAge >= 0 {
		t.Errorf("after its end: %d, cookies %v", w.StatusCode, w.Cookies())
	}
	for _, secret := range []string{code, c.Value, first, used} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log holds a secret: %s", secret)
		}
	}
	for _, want := range []string{"rule=session.invitation", "its device did not make", "used before", "why=holder"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log does not say %q:\n%s", want, &log)
		}
	}
}

// lines is a log that several goroutines write.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// TestSlowRequests keeps many requests half sent, while others are answered.
func TestSlowRequests(t *testing.T) {
	p := playDoor(t, "open.txt", openMission, time.Hour)
	hs := httptest.NewTLSServer(p.s)
	defer hs.Close()
	for i := range 60 {
		conn, err := tls.Dial("tcp", strings.TrimPrefix(hs.URL, "https://"), hs.Client().Transport.(*http.Transport).TLSClientConfig)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		half := "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "
		if i%2 == 0 {
			half = "POST /api/v1/session/open/invitation HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{\"code\":\""
		}
		if _, err := io.WriteString(conn, half); err != nil {
			t.Fatal(err)
		}
	}
	d := newDevice(t, hs)
	for range 5 {
		start := time.Now()
		if w, _ := d.do("GET", "/api/v1/session/nonce", ""); w.StatusCode != http.StatusOK || time.Since(start) > 5*time.Second {
			t.Errorf("meanwhile: %d after %v", w.StatusCode, time.Since(start))
		}
	}
}
