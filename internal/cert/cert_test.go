package cert

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// A clock is moved by a test.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func newClock() *clock { return &clock{time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)} }

func made(t *testing.T, c *clock, names ...string) *Authority {
	t.Helper()
	a, err := MakeAuthority(c.now, names)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// verified says whether a device that trusts the authority takes a certificate for a name.
func verified(a *Authority, leaf *tls.Certificate, name string, at time.Time) error {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	_, err := leaf.Leaf.Verify(x509.VerifyOptions{Roots: pool, DNSName: name, CurrentTime: at})
	return err
}

// TestAuthority verifies what an authority makes as a device would, for what it was made for and
// for what it was not.
func TestAuthority(t *testing.T) {
	c := newClock()
	for _, k := range []struct {
		names, others []string
	}{
		{[]string{"gate.mission.internal"}, []string{"bank.example", "mission.internal", "192.0.2.1", "::1"}},
		{[]string{"gate.mission.internal", "192.168.4.1"}, []string{"bank.example", "192.168.4.2", "2001:db8::1"}},
		{[]string{"2001:db8::5"}, []string{"bank.example", "2001:db8::6", "10.0.0.1"}},
	} {
		a := made(t, c, k.names...)
		if !slices.Equal(a.Names(), k.names) {
			t.Errorf("%v: it vouches for %v", k.names, a.Names())
		}
		leaf, err := a.Certificate(nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range k.names {
			if err := verified(a, leaf, n, c.at); err != nil {
				t.Errorf("%v: %s: %v", k.names, n, err)
			}
		}
		for _, n := range k.others {
			if a.Covers([]string{n}) == nil {
				t.Errorf("%v: it says that it covers %s", k.names, n)
			}
			// Somebody stole its key and signs for another name: the constraint holds.
			forged, err := issueFor(a, n)
			if err != nil {
				t.Fatal(err)
			}
			var invalid x509.CertificateInvalidError
			if err := verified(a, forged, n, c.at); !errors.As(err, &invalid) || invalid.Reason != x509.CANotAuthorizedForThisName {
				t.Errorf("%v: a certificate for %s: %v", k.names, n, err)
			}
		}
	}
}

// issueFor has an authority sign for a name that its constraint does not permit.
func issueFor(a *Authority, name string) (*tls.Certificate, error) {
	free := *a.cert
	free.PermittedDNSDomains, free.PermittedIPRanges = nil, nil
	if ip := net.ParseIP(name); ip != nil {
		free.PermittedIPRanges = []*net.IPNet{{IP: ip, Mask: net.CIDRMask(8*len(ip), 8*len(ip))}}
	} else {
		free.PermittedDNSDomains = []string{name}
	}
	b := &Authority{cert: &free, key: a.key, now: a.now}
	return b.issue(a.now())
}

func TestAuthorityRenews(t *testing.T) {
	c := newClock()
	a := made(t, c, "gate.mission.internal")
	first, err := a.Certificate(nil)
	if err != nil {
		t.Fatal(err)
	}
	c.at = c.at.Add(6 * 24 * time.Hour)
	if again, _ := a.Certificate(nil); again != first {
		t.Error("another certificate is made although more than half of its time is left")
	}
	c.at = c.at.Add(2 * 24 * time.Hour)
	second, err := a.Certificate(nil)
	if err != nil || second == first || !second.Leaf.NotAfter.Equal(c.at.Add(leafFor)) || !a.State().Until.Equal(second.Leaf.NotAfter) {
		t.Errorf("after half of its time: %v, until %v", err, second.Leaf.NotAfter)
	}
	c.at = a.Until().Add(-time.Hour)
	if last, err := a.Certificate(nil); err != nil || last.Leaf.NotAfter.After(a.Until()) {
		t.Errorf("at its end: %v, until %v", err, last.Leaf.NotAfter)
	}
	c.at = a.Until()
	if _, err := a.Certificate(nil); err == nil {
		t.Error("an authority that has ended makes a certificate")
	}
}

func TestAuthorityOnDisk(t *testing.T) {
	c := newClock()
	a, other := made(t, c, "gate.mission.internal"), made(t, c, "gate.mission.internal")
	cert, key, err := a.Text()
	if err != nil {
		t.Fatal(err)
	}
	b, err := ReadAuthority(c.now, cert, key)
	if err != nil || b.Fingerprint() != a.Fingerprint() {
		t.Fatalf("read again: %v", err)
	}
	leaf, err := b.Certificate(nil)
	if err != nil || verified(a, leaf, "gate.mission.internal", c.at) != nil {
		t.Errorf("read again, it signs: %v", err)
	}
	_, strange, _ := other.Text()
	for name, k := range map[string][2][]byte{
		"another's key": {cert, strange}, "no key": {cert, nil}, "no certificate": {key, key}, "half a key": {cert, key[:len(key)/2]},
	} {
		if _, err := ReadAuthority(c.now, k[0], k[1]); err == nil {
			t.Errorf("%s: it is read", name)
		} else if strings.Contains(err.Error(), "BEGIN") || bytes.Contains(key, []byte(err.Error())) {
			t.Errorf("%s: the error tells of the key: %v", name, err)
		}
	}
}

func TestNames(t *testing.T) {
	for in, want := range map[string]string{
		"Mission.Example": "mission.example", "mission.example.": "mission.example", "[2001:db8::1]": "2001:db8::1", "192.0.2.1": "192.0.2.1",
		"::ffff:192.0.2.1": "192.0.2.1", "gate": "", "": "", "com": "", "*.example.org": "", "a b.example": "", "-a.example": "", "0.0.0.0": "", "fe80::1%eth0": "",
		"http://mission.example": "", "mission.example:443": "", strings.Repeat("a.", 130) + "example": "",
	} {
		if got, err := Name(in); got != want || (err == nil) != (want != "") {
			t.Errorf("%q is read as %q: %v", in, got, err)
		}
	}
	if _, err := MakeAuthority(time.Now, nil); err == nil {
		t.Error("an authority for nothing is made")
	}
}

// files writes a certificate and its key into two files.
func files(t *testing.T, dir string, a *Authority) (cert, key string) {
	t.Helper()
	cert, key = filepath.Join(dir, "server.pem"), filepath.Join(dir, "server.key")
	leaf, err := a.issue(a.now())
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(leaf.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	write(t, cert, certBlock, leaf.Certificate[0], 0o644)
	write(t, key, keyBlock, der, 0o600)
	for _, path := range []string{cert, key} {
		if err := os.Chtimes(path, a.now(), a.now()); err != nil { // two writes may fall into one tick of a disk
			t.Fatal(err)
		}
	}
	return cert, key
}

func TestCarried(t *testing.T) {
	c := newClock()
	a := made(t, c, "mission.example", "192.0.2.1")
	dir := t.TempDir()
	cert, key := files(t, dir, a)
	var log bytes.Buffer
	s, err := Carry(c.now, slog.New(slog.NewTextHandler(&log, nil)), cert, key)
	if err != nil {
		t.Fatal(err)
	}
	if st := s.State(); !slices.Equal(st.Names, []string{"mission.example", "192.0.2.1"}) || !st.Until.Equal(c.at.Add(leafFor)) {
		t.Errorf("state: %v", st)
	}

	// Newer files are taken in while it runs.
	c.at = c.at.Add(time.Hour)
	files(t, dir, a)
	if st := s.State(); !st.Until.Equal(c.at.Add(leafFor)) {
		t.Errorf("after new files it is until %v", st.Until)
	}
	until := s.State().Until

	// Files that cannot be used change nothing and are said once.
	c.at = c.at.Add(time.Hour)
	if err := os.WriteFile(cert, []byte("half a cer"), 0o644); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		c.at = c.at.Add(time.Minute)
		if st := s.State(); !st.Until.Equal(until) {
			t.Errorf("after a broken file it is until %v", st.Until)
		}
	}
	if n := strings.Count(log.String(), "cannot be used"); n != 1 {
		t.Errorf("a broken file is said %d times:\n%s", n, log.String())
	}

	if _, err := Carry(c.now, slog.Default(), cert, key); err == nil {
		t.Error("a broken file is carried")
	}
	files(t, dir, a)
	at := c.at
	c.at = c.at.Add(leafFor)
	if _, err := Carry(c.now, slog.Default(), cert, key); err == nil || !strings.Contains(err.Error(), "ended at") {
		t.Errorf("a certificate that is over: %v", err)
	}
	c.at = at
	if runtime.GOOS != "windows" {
		if err := os.Chmod(key, 0o640); err != nil {
			t.Fatal(err)
		}
		if _, err := Carry(c.now, slog.Default(), cert, key); err == nil || !strings.Contains(err.Error(), "chmod 600") {
			t.Errorf("a key that others can read: %v", err)
		}
	}
}

// TestOrders looks at what is refused before anything is asked of anybody.
func TestOrders(t *testing.T) {
	for _, names := range [][]string{{"192.0.2.1"}, {"*.example.org"}, {"mission"}} {
		if _, err := Ask(Order{Names: names, Dir: t.TempDir()}, slog.Default()); err == nil {
			t.Errorf("a certificate for %v is asked for", names)
		}
	}
	if _, err := Ask(Order{Names: []string{"mission.example"}, Dir: t.TempDir(), Roots: []byte("none")}, slog.Default()); err == nil {
		t.Error("an authority's file without a certificate is taken")
	}

	// A directory that fails: nothing is served, and what there is is said.
	asked := 0
	hs := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { asked++; http.Error(w, "no", http.StatusForbidden) }))
	defer hs.Close()
	x, err := Ask(Order{Names: []string{"mission.example"}, Dir: t.TempDir(), Directory: hs.URL}, slog.Default())
	if err != nil {
		t.Fatal(err)
	}
	if err := x.Obtain(t.Context()); err == nil || asked == 0 {
		t.Errorf("a directory that fails: %v, asked %d times", err, asked)
	}
	if st := x.State(); !st.Until.IsZero() {
		t.Errorf("without a certificate it is until %v", st.Until)
	}
	before := asked
	if _, err := x.Certificate(&tls.ClientHelloInfo{ServerName: "other.example", SupportedProtos: []string{"h2"}}); err == nil || asked != before {
		t.Errorf("for a name that is not ours: %v, asked %d times more", err, asked-before)
	}
}

// TestConfig speaks TLS with an authority's certificate, and refuses old versions.
func TestConfig(t *testing.T) {
	a := made(t, &clock{time.Now()}, "gate.mission.internal")
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	for version, want := range map[uint16]bool{tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		here, there := net.Pipe()
		go func() {
			s := tls.Server(there, Config(a))
			s.Handshake() // what comes of it is seen at the other end
			there.Close()
		}()
		c := tls.Client(here, &tls.Config{RootCAs: pool, ServerName: "gate.mission.internal", MinVersion: tls.VersionTLS10, MaxVersion: version})
		err := c.Handshake()
		here.Close()
		if (err == nil) != want {
			t.Errorf("%s: %v", tls.VersionName(version), err)
		}
	}
}

// write writes a PEM file with some rights, over what is there.
func write(t *testing.T, path, block string, der []byte, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: block, Bytes: der}), mode); err != nil {
		t.Fatal(err)
	}
}
