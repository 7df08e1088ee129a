package outside

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// said is what a process says, which may be read while it says more.
type said struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *said) Write(b []byte) (int, error) { s.mu.Lock(); defer s.mu.Unlock(); return s.b.Write(b) }
func (s *said) String() string              { s.mu.Lock(); defer s.mu.Unlock(); return s.b.String() }

// names answers that every name is this machine, and returns its address.
func names(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") // pebble asks over TCP
	if err != nil {
		t.Fatal(err)
	}
	s := &dns.Server{Listener: l, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg).SetReply(q)
		if q.Question[0].Qtype == dns.TypeA {
			m.Answer = []dns.RR{&dns.A{Hdr: dns.RR_Header{Name: q.Question[0].Name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 1}, A: net.IPv4(127, 0, 0, 1)}}
		}
		_ = w.WriteMsg(m) // who asked asks again
	})}
	go s.ActivateAndServe()
	t.Cleanup(func() { s.Shutdown() })
	return l.Addr().String()
}

// A door hands connections on to where a server listens, and keeps them waiting until that is
// known. Its own port is held from the beginning, so that no other process can take it.
type door struct {
	net.Listener
	ready chan struct{} // closed once to is set
	to    string        // "": it stays shut
	mu    sync.Mutex
	n     int // connections that were handed on
}

func newDoor(t *testing.T) *door {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := &door{Listener: l, ready: make(chan struct{})}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go d.pass(c)
		}
	}()
	return d
}

func (d *door) open(to string) { d.to = to; close(d.ready) }

func (d *door) passed() int { d.mu.Lock(); defer d.mu.Unlock(); return d.n }

func (d *door) pass(c net.Conn) {
	defer c.Close()
	if <-d.ready; d.to == "" {
		return
	}
	s, err := net.Dial("tcp", d.to)
	if err != nil {
		return
	}
	defer s.Close()
	d.mu.Lock()
	d.n++
	d.mu.Unlock()
	go func() {
		_, _ = io.Copy(s, c)
		_ = s.(*net.TCPConn).CloseWrite()
	}()
	_, _ = io.Copy(c, s)
}

func (d *door) port() int { return d.Addr().(*net.TCPAddr).Port }

// free returns an address that nothing listens on at the moment.
func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// An issuer is an ACME authority that runs.
type issuer struct {
	directory string // its address
	roots     string // a file with what its own certificate rests on
	root      *x509.CertPool
}

// pebble runs Let's Encrypt's own small authority for tests, which asks the server back on the
// doors as the large one does.
func pebble(t *testing.T, clear, secure *door) (x issuer) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/letsencrypt/pebble/v2").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	src := filepath.Join(strings.TrimSpace(string(out)), "test", "certs")
	x.roots = filepath.Join(src, "pebble.minica.pem")
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool(t, x.roots)}}, Timeout: 30 * time.Second}
	bin := filepath.Join(t.TempDir(), "pebble")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", bin, "github.com/letsencrypt/pebble/v2/cmd/pebble").CombinedOutput(); err != nil {
		t.Fatalf("building pebble: %v\n%s", err, out)
	}
	server := names(t)
	for range 5 { // it takes ports by their numbers, which somebody else may have taken meanwhile
		addr, management := free(t), free(t)
		config, err := json.Marshal(map[string]any{"pebble": map[string]any{
			"listenAddress": addr, "managementListenAddress": management,
			"certificate": filepath.Join(src, "localhost", "cert.pem"), "privateKey": filepath.Join(src, "localhost", "key.pem"),
			"httpPort": clear.port(), "tlsPort": secure.port(), "ocspResponderURL": "", "keyAlgorithm": "ecdsa",
			"retryAfter": map[string]int{"authz": 1, "order": 1},
			"profiles":   map[string]any{"default": map[string]any{"description": "three months", "validityPeriod": 7776000}},
		}})
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "pebble.json")
		if err := os.WriteFile(file, config, 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(bin, "-config", file, "-dnsserver", server)
		cmd.Env = append(os.Environ(), "PEBBLE_VA_NOSLEEP=1")
		var log said
		cmd.Stdout, cmd.Stderr = &log, &log
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan struct{})
		go func() { _ = cmd.Wait(); close(ended) }()
		t.Cleanup(func() {
			_ = cmd.Process.Kill() // it keeps nothing
			<-ended
			if t.Failed() {
				t.Logf("pebble said:\n%s", log.String())
			}
		})
		ask := func(address string) []byte {
			resp, err := client.Get(address)
			if err != nil {
				return nil
			}
			defer resp.Body.Close()
			b, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
			if err != nil || resp.StatusCode != http.StatusOK {
				return nil
			}
			return b
		}
		local := func(addr string) string { return "https://" + strings.Replace(addr, "127.0.0.1", "localhost", 1) }
		for alive := true; alive; {
			// What it signs with is made anew at every start, and told on its second port.
			if root := ask(local(management) + "/roots/0"); root != nil && ask(local(addr)+"/dir") != nil {
				x.directory, x.root = local(addr)+"/dir", x509.NewCertPool()
				if !x.root.AppendCertsFromPEM(root) {
					t.Fatalf("pebble's root is no PEM: %s", root)
				}
				return x
			}
			select {
			case <-ended:
				alive = false
			case <-time.After(50 * time.Millisecond):
			}
		}
	}
	t.Fatal("pebble does not start")
	return x
}

// pool reads a file of certificates.
func pool(t *testing.T, file string) *x509.CertPool {
	t.Helper()
	pem, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p := x509.NewCertPool()
	if !p.AppendCertsFromPEM(pem) {
		t.Fatalf("%s holds no certificate", file)
	}
	return p
}

// TestACME has the server ask a real ACME authority for its certificate, which asks back before
// it issues, by either challenge alone, and a reader checks what comes of it; where the authority gets no
// answer, the operator reads in the log why.
func TestACME(t *testing.T) {
	corridor := buildCorridor(t)
	for _, challenge := range []string{"TLS-ALPN-01", "HTTP-01", "unanswered"} {
		t.Run(challenge, func(t *testing.T) { testACME(t, corridor, challenge) })
	}
}

func testACME(t *testing.T, corridor, challenge string) {
	const name = "mission.example"
	clear, secure := newDoor(t), newDoor(t)
	ca := pebble(t, clear, secure)
	dir := filepath.Join(t.TempDir(), "m")
	if out, err := exec.CommandContext(t.Context(), corridor, "demo", "--case", "gate-9", "--once", "--dir", dir).CombinedOutput(); err != nil {
		t.Fatalf("corridor demo: %v\n%s", err, out)
	}
	cmd := exec.Command(corridor, "serve", "--dir", dir, "--tls", name, "--acme-directory", ca.directory, "--acme-ca", ca.roots,
		"--listen", "127.0.0.1:0", "--plain", "127.0.0.1:0", "--json")
	var log said
	cmd.Stderr = &log
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Error(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("corridor serve: %v\n%s", err, log.String())
		}
	})
	var ready struct{ Address, Plain string }
	if err := json.NewDecoder(out).Decode(&ready); err != nil {
		t.Fatalf("corridor serve: %v\n%s", err, log.String())
	}
	at := func(address string) string {
		u, err := url.Parse(address)
		if err != nil || u.Hostname() != name || u.Port() == "" {
			t.Fatalf("the server is at %q: %v", address, err)
		}
		return "127.0.0.1:" + u.Port()
	}
	one, other := secure, clear
	to := at(ready.Address)
	if challenge == "HTTP-01" {
		one, other, to = clear, secure, at(ready.Plain)
	}
	if challenge == "unanswered" {
		to = ""
	}
	one.open(to)
	other.open("") // nobody is let in there
	if to == "" {
		const want = "the authority said"
		for range 600 { // a minute
			if strings.Contains(log.String(), want) {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
		t.Fatalf("the log does not say why there is no certificate:\n%s", log.String())
	}

	reader := &http.Client{Timeout: 2 * time.Minute, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: ca.root, ServerName: name},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, at(ready.Address))
		},
	}}
	resp, err := reader.Get("https://" + name + "/healthz")
	if err != nil {
		t.Fatalf("a reader: %v\n%s", err, log.String())
	}
	resp.Body.Close()
	if leaf := resp.TLS.PeerCertificates[0]; resp.StatusCode != http.StatusOK || leaf.VerifyHostname(name) != nil {
		t.Errorf("a reader is answered %d, with a certificate for %v", resp.StatusCode, leaf.DNSNames)
	}
	if one.passed() == 0 {
		t.Error("the authority issued without asking back")
	}
	s, err := os.Stat(filepath.Join(dir, "acme"))
	if err != nil {
		t.Fatal(err)
	}
	if s.Mode().Perm() != 0o700 {
		t.Errorf("what was obtained is kept where others can read it: %v", s.Mode())
	}
}
