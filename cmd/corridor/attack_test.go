package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/session"
)

// A siege is a real server over TLS, with the mission's own authority, and what is used against
// it. Everything secret that is said to it is kept, to be looked for in its log.
type siege struct {
	t       *testing.T
	dir     string
	url     string
	host    string // of url, with its port
	plain   string // beside it, in the clear
	roots   *x509.CertPool
	client  *http.Client
	log     heard
	process *exec.Cmd

	mu      sync.Mutex
	secrets map[string]string // by what it is
}

// secret notes something that must not be found in the log, and returns it.
func (s *siege) secret(what, text string) string {
	if text != "" {
		s.mu.Lock()
		s.secrets[what] = text
		s.mu.Unlock()
	}
	return text
}

// corridor runs a command in this process.
func (s *siege) corridor(args ...string) string {
	s.t.Helper()
	var out, complaint strings.Builder
	if status := run(s.t.Context(), &world{in: strings.NewReader(""), out: &out, err: &complaint}, args); status != 0 {
		s.t.Fatalf("corridor %s: status %d\n%s%s", strings.Join(args, " "), status, out.String(), complaint.String())
	}
	return out.String()
}

// newSiege founds a mission and has a process of its own serve it.
func newSiege(t *testing.T) *siege {
	t.Helper()
	s := &siege{t: t, dir: filepath.Join(t.TempDir(), "m"), secrets: map[string]string{}}
	if err := foundWith(s.dir, "0", nil); err != nil {
		t.Fatal(err)
	}
	s.process = exec.Command("corridor", "serve", "--dir", s.dir, "--mission-ca", "--name", "127.0.0.1", "--listen", "127.0.0.1:0", "--plain", "127.0.0.1:0", "--json")
	s.process.Stderr = &s.log
	out, err := s.process.StdoutPipe()
	if err == nil {
		err = s.process.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if s.process.ProcessState == nil {
			_ = s.process.Process.Kill() // the test failed before it was asked to end
			_ = s.process.Wait()
		}
	})
	var said struct{ Address, Trust string }
	if err := json.NewDecoder(out).Decode(&said); err != nil {
		t.Fatalf("%v\n%s", err, s.log.String())
	}
	s.url = strings.TrimSuffix(said.Address, "/")
	s.host = strings.TrimPrefix(s.url, "https://")
	s.plain = strings.TrimSuffix(strings.TrimPrefix(said.Trust, "http://"), "/trust")
	crt, err := os.ReadFile(filepath.Join(s.dir, authorityDir, authorityCrt))
	if err != nil {
		t.Fatal(err)
	}
	s.roots = x509.NewCertPool()
	if !s.roots.AppendCertsFromPEM(crt) {
		t.Fatal("the authority's file holds no certificate")
	}
	key, err := os.ReadFile(filepath.Join(s.dir, authorityDir, authorityKey))
	if err != nil {
		t.Fatal(err)
	}
	s.secret("the authority's key", strings.Split(string(key), "\n")[1])
	s.client = s.newClient(false)
	return s
}

func (s *siege) tls() *tls.Config { return &tls.Config{RootCAs: s.roots, ServerName: "127.0.0.1"} }

func (s *siege) newClient(two bool) *http.Client {
	return &http.Client{
		Transport:     &http.Transport{TLSClientConfig: s.tls(), ForceAttemptHTTP2: two, MaxIdleConnsPerHost: 64},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       2 * time.Minute,
	}
}

// send sends a request and returns its answer.
func (s *siege) send(method, path, body string, header ...string) (*http.Response, string, error) {
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		return nil, "", err
	}
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	w, err := s.client.Do(r)
	if err != nil {
		return nil, "", err
	}
	defer w.Body.Close()
	b, err := io.ReadAll(w.Body)
	return w, string(b), err
}

// refused sends a request that must be answered with a status and the name of a rule.
func (s *siege) refused(what string, status int, rule, method, path, body string, header ...string) *http.Response {
	s.t.Helper()
	w, text, err := s.send(method, path, body, header...)
	if err != nil {
		s.t.Errorf("%s: %v", what, err)
		return &http.Response{}
	}
	var p struct{ Rule, Detail string }
	if rule != "" {
		if err := json.Unmarshal([]byte(text), &p); err != nil {
			s.t.Errorf("%s: the answer is no problem: %.200s", what, text)
		}
	}
	if w.StatusCode != status || p.Rule != rule {
		s.t.Errorf("%s is answered %d by the rule %q, want %d by %q: %.300s", what, w.StatusCode, p.Rule, status, rule, text)
	}
	for name, x := range s.secrets {
		if strings.Contains(text, x) {
			s.t.Errorf("%s: the answer tells %s", what, name)
		}
	}
	return w
}

// A browserKey is the key that a browser makes and cannot give away.
type browserKey struct{ *ecdsa.PrivateKey }

func newBrowserKey(t *testing.T) browserKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return browserKey{k}
}

func (k browserKey) bind() string {
	raw, err := k.PublicKey.Bytes()
	if err != nil {
		panic(err) // a key of this curve has them
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

// proof proves one use of a key.
func (s *siege) proof(k browserKey) string {
	s.t.Helper()
	w, text, err := s.send("GET", "/api/v1/session/nonce", "")
	var n struct{ Nonce string }
	if err == nil {
		err = json.Unmarshal([]byte(text), &n)
	}
	if err != nil || w.StatusCode != http.StatusOK {
		s.t.Fatalf("no nonce: %v %s", err, text)
	}
	var bits [16]byte
	rand.Read(bits[:])
	once := base64.RawURLEncoding.EncodeToString(bits[:])
	sum := sha256.Sum256([]byte(session.ProofText(s.host, n.Nonce, once)))
	r, sig, err := ecdsa.Sign(rand.Reader, k.PrivateKey, sum[:])
	if err != nil {
		s.t.Fatal(err)
	}
	p := n.Nonce + "." + once + "." + base64.RawURLEncoding.EncodeToString(append(r.FillBytes(make([]byte, 32)), sig.FillBytes(make([]byte, 32))...))
	return s.secret("the proof "+once, p)
}

func (s *siege) knock(code string, k browserKey, proof string) string {
	b, err := json.Marshal(map[string]string{"code": code, "bind": k.bind(), "proof": proof})
	if err != nil {
		s.t.Fatal(err)
	}
	return string(b)
}

// invite makes an invitation for the office on the server's machine, while the server runs.
func (s *siege) invite(what string) (code, name string) {
	s.t.Helper()
	var i struct{ Code, Name string }
	if err := json.Unmarshal([]byte(s.corridor("invite", "--dir", s.dir, "--actor", "office", "--level", "mission", "--json")), &i); err != nil {
		s.t.Fatal(err)
	}
	return s.secret(what, i.Code), i.Name
}

// An honest client hands in records while everything else goes on.
type honest struct {
	s     *siege
	lines [][]byte
	key   string
	done  chan struct{}
	count int
	err   error
}

const honestRecords = 60

// newHonest signs its records beforehand, as an observer without a network does.
func newHonest(s *siege) *honest {
	s.t.Helper()
	h := &honest{s: s, done: make(chan struct{})}
	key := filepath.Join(s.dir, "office.key")
	for i := range honestRecords {
		draft, out := filepath.Join(s.t.TempDir(), "d.yaml"), filepath.Join(s.t.TempDir(), "d.record")
		text := fmt.Sprintf("kind: departure\nby: office\nfacts: {convoy: A-%02d, when: \"2026-12-02T08:00:00Z\", basis: observed}\ncount: {sums: [{unit: people, total: %d, method: tally}]}\nwhere: {place: gate}\n", i+1, 100+i)
		if err := os.WriteFile(draft, []byte(text), 0o600); err != nil {
			s.t.Fatal(err)
		}
		s.corridor("record", draft, "--key", key, "--card", filepath.Join(s.dir, cardFile), "--out", out)
		line, err := os.ReadFile(out)
		if err != nil {
			s.t.Fatal(err)
		}
		h.lines = append(h.lines, bytes.TrimSpace(line))
	}
	w, vkey, err := s.send("GET", "/log.vkey", "")
	if err != nil || w.StatusCode != http.StatusOK {
		s.t.Fatalf("the log's key: %v", err)
	}
	h.key = strings.TrimSpace(vkey)
	return h
}

// run hands in every record and holds each receipt against the log's key.
func (h *honest) run() {
	defer close(h.done)
	client := h.s.newClient(false)
	for i, line := range h.lines {
		resp, err := client.Post(h.s.url+"/api/v1/records", "application/json", bytes.NewReader(line))
		if err != nil {
			h.err = fmt.Errorf("record %d: %w", i+1, err)
			return
		}
		var o outcome
		err = json.NewDecoder(resp.Body).Decode(&o)
		resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusCreated || o.Proof == "" {
			h.err = fmt.Errorf("record %d is answered %d: %v", i+1, resp.StatusCode, err)
			return
		}
		if err := o.receipted(place{log: h.key}, line); err != nil {
			h.err = fmt.Errorf("the receipt of record %d: %w", i+1, err)
			return
		}
		h.count++
	}
}

// TestSiege has strangers do everything they can at the door of a real server: each is refused
// with the status that it should be, nothing secret reaches the log, and every record of an
// honest client is receipted meanwhile.
func TestSiege(t *testing.T) {
	s := newSiege(t)
	h := newHonest(s)

	// The reader who belongs there.
	own := newBrowserKey(t)
	code, _ := s.invite("the invitation that was used")
	w, text, err := s.send("POST", "/api/v1/session/open/invitation", s.knock(code, own, s.proof(own)))
	if err != nil || w.StatusCode != http.StatusCreated || len(w.Cookies()) != 1 {
		t.Fatalf("an invited reader is not let in: %v %s", err, text)
	}
	cookie := w.Cookies()[0]
	s.secret("the session's token", cookie.Value)
	if !strings.HasPrefix(cookie.Name, "__Host-") || !cookie.Secure || !cookie.HttpOnly || cookie.SameSite != http.SameSiteStrictMode || cookie.Path != "/" || cookie.Domain != "" {
		t.Errorf("the cookie is %s", strings.Replace(cookie.String(), cookie.Value, "…", 1))
	}
	held := cookie.Name + "=" + cookie.Value
	used := s.proof(own)
	if w, text, err := s.send("GET", "/api/v1/session", "", "Cookie", held, "Corridor-Proof", used); err != nil || w.StatusCode != http.StatusOK {
		t.Fatalf("its holder is not known: %v %s", err, text)
	}

	go h.run()
	silent := s.silence()
	s.stolen(held, used)
	s.forged(held, own)
	s.oversized(held)
	s.crowd(held)
	s.logins(code, own)
	s.clear(held)

	// The reader who belongs there reads on.
	if w, text, err := s.send("GET", "/api/v1/session", "", "Cookie", held, "Corridor-Proof", s.proof(own)); err != nil || w.StatusCode != http.StatusOK {
		t.Errorf("after all that, the session's holder is not known: %v %s", err, text)
	}
	<-h.done
	if h.err != nil || h.count != honestRecords {
		t.Errorf("of %d records %d were receipted: %v", honestRecords, h.count, h.err)
	}
	silent()
	s.end()
}

// silence opens connections that say nothing, half a header, half a body, or all of a request
// and then nothing. What it returns looks whether the server let go of the slow ones.
func (s *siege) silence() func() {
	var slow []net.Conn
	half := []string{
		"",
		"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ",
		"POST /api/v1/records HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{",
		"POST /api/v1/session/open/invitation HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{\"code\":\"",
		"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
	}
	for i := range 150 {
		raw, err := net.Dial("tcp", s.host)
		if err != nil {
			s.t.Fatal(err)
		}
		s.t.Cleanup(func() { raw.Close() })
		if i%6 == 5 {
			continue // not even a greeting
		}
		conn := tls.Client(raw, s.tls())
		if _, err := io.WriteString(conn, half[i%6]); err != nil {
			s.t.Fatalf("connection %d: %v", i, err)
		}
		if n := i % 6; n == 1 || n == 3 {
			slow = append(slow, conn)
		}
	}
	return func() {
		for i, conn := range slow[:8] {
			if err := conn.SetReadDeadline(time.Now().Add(2 * time.Minute)); err != nil {
				s.t.Fatal(err)
			}
			answer, err := io.ReadAll(conn)
			if errors.Is(err, os.ErrDeadlineExceeded) {
				s.t.Errorf("slow connection %d is still waited for", i)
			}
			if len(answer) > 0 && !bytes.HasPrefix(answer, []byte("HTTP/1.1 408 ")) {
				s.t.Errorf("slow connection %d is answered %.100s", i, answer)
			}
		}
	}
}

// stolen shows a session's cookie from another device.
func (s *siege) stolen(held, used string) {
	thief := newBrowserKey(s.t)
	s.refused("a cookie alone", http.StatusUnauthorized, "session.device", "GET", "/api/v1/session", "", "Cookie", held)
	s.refused("a cookie, with a proof of another key", http.StatusUnauthorized, "session.device", "GET", "/api/v1/session", "", "Cookie", held, "Corridor-Proof", s.proof(thief))
	s.refused("a cookie, with a proof that was used", http.StatusUnauthorized, "session.device", "GET", "/api/v1/session", "", "Cookie", held, "Corridor-Proof", used)
	s.refused("a cookie's token as a program's", http.StatusUnauthorized, "session.device", "GET", "/live/checkpoint", "", "Authorization", "Bearer "+s.secrets["the session's token"])
	s.refused("a token that is none", http.StatusUnauthorized, "session.none", "GET", "/live/checkpoint", "")
	s.refused("a guessed token", http.StatusUnauthorized, "session.ended", "GET", "/live/checkpoint", "", "Authorization", "Bearer "+s.secret("a guessed token", strings.Repeat("Zq", 20)))
}

// forged has the browser of somebody who is signed in send what another site's page asks for.
func (s *siege) forged(held string, own browserKey) {
	end := `{"end":"all"}`
	for what, header := range map[string][]string{
		"another site's Origin": {"Origin", "https://evil.example"},
		"no Origin at all":      {"Origin", "null"},
		"another port's Origin": {"Origin", "https://127.0.0.1:1"},
		"another site's page":   {"Sec-Fetch-Site", "cross-site"},
		"a sister site's page":  {"Sec-Fetch-Site", "same-site"},
		"our Origin in clear":   {"Origin", "http://" + s.host, "Sec-Fetch-Site", "cross-site"},
	} {
		s.refused(what, http.StatusForbidden, "", "POST", "/api/v1/session/end", end, append(header, "Cookie", held, "Corridor-Proof", s.proof(own))...)
	}
	s.refused("no proof of this use", http.StatusUnauthorized, "session.device", "POST", "/api/v1/session/end", end, "Cookie", held, "Origin", s.url, "Sec-Fetch-Site", "same-origin")
	s.refused("a form without proof", http.StatusUnauthorized, "session.device", "POST", "/sessions", "end=all", "Cookie", held, "Content-Type", "application/x-www-form-urlencoded")
	w, _, err := s.send("GET", "/login", "", "Accept", "text/html")
	if err != nil {
		s.t.Error(err)
		return
	}
	if csp := w.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "frame-ancestors 'none'") || !strings.Contains(csp, "form-action 'self'") {
		s.t.Errorf("a page can be framed: %q", csp)
	}
}

// oversized sends more than is read: of headers, of an address, of a body, of depth.
func (s *siege) oversized(held string) {
	big := strings.Repeat("a", 100<<10)
	s.refused("a header of 100 KiB", http.StatusRequestHeaderFieldsTooLarge, "", "GET", "/log", "", "X-Large", big)
	s.refused("an address of 100 KiB", http.StatusRequestHeaderFieldsTooLarge, "", "GET", "/log?at="+big, "")
	s.refused("a cookie of 10 KiB", http.StatusUnauthorized, "session.ended", "GET", "/api/v1/session", "", "Authorization", "Bearer "+big[:10<<10])
	s.refused("17 KiB at the door", http.StatusRequestEntityTooLarge, "request.size", "POST", "/api/v1/session/open/invitation", `{"code":"`+big[:17<<10]+`"}`)
	s.refused("depth at the door", http.StatusBadRequest, "", "POST", "/api/v1/session/open/invitation", `{"response":`+strings.Repeat("[", 15<<10))
	s.refused("33 MiB of records", http.StatusRequestEntityTooLarge, "request.size", "POST", "/api/v1/records", strings.Repeat("a\n", 33<<19))
	s.refused("2,000 records", http.StatusRequestEntityTooLarge, "request.batch", "POST", "/api/v1/records", strings.Repeat("{}\n", 2000))
	w, text, err := s.send("POST", "/api/v1/records", strings.Repeat("[", 1<<20))
	if err != nil || w.StatusCode != http.StatusUnprocessableEntity {
		s.t.Errorf("a record a million deep: %v %.200s", err, text)
	}
	w, text, err = s.send("POST", "/api/v1/records", `{"envelope":`+strings.Repeat(`{"a":`, 200_000)+"1"+strings.Repeat("}", 200_000)+`,"parts":[]}`)
	if err != nil || w.StatusCode != http.StatusUnprocessableEntity {
		s.t.Errorf("an envelope 200,000 deep: %v %.200s", err, text)
	}
	// Over HTTP/2, whose headers are counted otherwise.
	two := s.newClient(true)
	r, err := http.NewRequestWithContext(s.t.Context(), "GET", s.url+"/log", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("X-Large", big)
	if resp, err := two.Do(r); err == nil {
		resp.Body.Close()
		if resp.StatusCode != http.StatusRequestHeaderFieldsTooLarge || resp.ProtoMajor != 2 {
			s.t.Errorf("a header of 100 KiB over %s is answered %d", resp.Proto, resp.StatusCode)
		}
	} // else the stream or the connection was ended, which refuses it too
	_ = held
}

// crowd sends thousands of bad requests at once.
func (s *siege) crowd(held string) {
	type bad struct {
		method, path, body string
		header             []string
		status             int
	}
	list := []bad{
		{"POST", "/api/v1/records", "{}", nil, http.StatusUnprocessableEntity},
		{"POST", "/api/v1/records", `{"envelope":{"payload":"AAAA","payloadType":"x","signatures":[]},"parts":[]}`, nil, http.StatusUnprocessableEntity},
		{"GET", "/nothing", "", nil, http.StatusNotFound},
		{"GET", "/api/v1/session", "", []string{"Cookie", held}, http.StatusUnauthorized},
		{"POST", "/sessions", "end=all", []string{"Origin", "https://evil.example"}, http.StatusForbidden},
		{"DELETE", "/log", "", nil, http.StatusMethodNotAllowed},
		{"GET", "/live/entries", "", []string{"Authorization", "Bearer x"}, http.StatusUnauthorized},
		{"POST", "/api/v1/session/open/invitation", "not JSON", nil, http.StatusBadRequest},
	}
	jobs := make(chan bad)
	var all sync.WaitGroup
	for range 32 {
		all.Go(func() {
			for b := range jobs {
				w, text, err := s.send(b.method, b.path, b.body, b.header...)
				if err != nil {
					s.t.Errorf("%s %s: %v", b.method, b.path, err)
				} else if w.StatusCode != b.status {
					s.t.Errorf("%s %s is answered %d, want %d: %.200s", b.method, b.path, w.StatusCode, b.status, text)
				}
			}
		})
	}
	for i := range 3000 {
		jobs <- list[i%len(list)]
	}
	close(jobs)
	all.Wait()
}

// logins tries to get in: with an invitation that was used, that is over, that was withdrawn,
// with guesses, until it is told to wait.
func (s *siege) logins(usedCode string, own browserKey) {
	const open = "/api/v1/session/open/invitation"
	good, _ := s.invite("an invitation that nobody used")
	gone, name := s.invite("an invitation that was withdrawn")
	s.corridor("sessions", "--dir", s.dir, "--end", name)
	side, err := openPassing(s.dir)
	if err != nil {
		s.t.Fatal(err)
	}
	late, _, err := session.Invite(s.t.Context(), side, time.Now().Add(-2*time.Hour), session.Grant{Actor: "office", Level: corridor.MissionLevel}, "operator", time.Minute)
	if err := errors.Join(err, side.Close()); err != nil {
		s.t.Fatal(err)
	}
	s.secret("an invitation that is over", late)
	refused := "session.invitation"
	s.refused("an invitation that was used", http.StatusForbidden, refused, "POST", open, s.knock(usedCode, own, s.proof(own)))
	s.refused("an invitation that is over", http.StatusForbidden, refused, "POST", open, s.knock(late, own, s.proof(own)))
	s.refused("an invitation that was withdrawn", http.StatusForbidden, refused, "POST", open, s.knock(gone, own, s.proof(own)))
	s.refused("a passkey of a number", http.StatusForbidden, "session.passkey-name", "POST", "/api/v1/session/open/passkey/begin", "{}")
	waits := false
	for i := range 30 {
		guess := s.secret(fmt.Sprint("guess ", i), base64.RawURLEncoding.EncodeToString(bytes.Repeat([]byte{byte(i), 0xa5}, 16)))
		w, text, err := s.send("POST", open, s.knock(guess, own, "x"))
		if err != nil {
			s.t.Fatal(err)
		}
		if waits = w.StatusCode == http.StatusTooManyRequests; waits {
			if w.Header.Get("Retry-After") == "" || !strings.Contains(text, "session.wait") {
				s.t.Errorf("who has to wait is not told how long: %s", text)
			}
			break
		}
		if w.StatusCode != http.StatusForbidden || !strings.Contains(text, refused) {
			s.t.Errorf("a guess is answered %d: %s", w.StatusCode, text)
		}
	}
	if !waits {
		s.t.Error("after thirty guesses nobody has to wait")
	}
	s.refused("a good invitation while one has to wait", http.StatusTooManyRequests, "session.wait", "POST", open, s.knock(good, own, "x"))
}

// clear says a secret in the clear, to the port of TLS and to the one beside it: neither takes
// it, and neither leads it on.
func (s *siege) clear(held string) {
	for addr, status := range map[string]int{s.host: http.StatusBadRequest, s.plain: http.StatusForbidden} {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			s.t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "POST /api/v1/session/end HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\nContent-Length: 0\r\n\r\n", addr, held)
		if err := conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
			s.t.Fatal(err)
		}
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			s.t.Errorf("%s: %v", addr, err)
			continue
		}
		if resp.Body.Close(); resp.StatusCode != status || resp.Header.Get("Location") != "" {
			s.t.Errorf("%s answers what is said in the clear %d, want %d", addr, resp.StatusCode, status)
		}
	}
}

// end asks the server to stop and searches what it said for everything that was secret.
func (s *siege) end() {
	s.client.CloseIdleConnections()
	if err := s.process.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	context.AfterFunc(ctx, func() {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			_ = s.process.Process.Kill()
		}
	})
	if err := s.process.Wait(); err != nil {
		s.t.Errorf("the server ended with %v", err)
	}
	log := s.log.String()
	for what, x := range s.secrets {
		if strings.Contains(log, x) {
			s.t.Errorf("the log tells %s", what)
		}
	}
	for _, want := range []string{
		"a reader was not let in", "somebody tries too often", "a request that another site made was refused",
		"a session was shown with a proof that its device did not make", "a session was shown with a proof that was used before",
		"a session was shown in the wrong place",
	} {
		if !strings.Contains(log, want) {
			s.t.Errorf("the log does not say that %s", want)
		}
	}
	if strings.Contains(log, "level=ERROR") || strings.Contains(log, "panic") {
		s.t.Errorf("the server had faults:\n%.4000s", log)
	}
	if len(s.secrets) < 10 {
		s.t.Errorf("only %d secrets were used", len(s.secrets))
	}
}
