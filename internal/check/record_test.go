package check_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"corridor.example/corridor"
)

const vectors = "../../testdata/vectors"

// load reads a vector file with the standard library, as another program would.
func load[V any](t testing.TB, name string) []V {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(vectors, name))
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []V }
	if err := json.Unmarshal(b, &file); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if len(file.Cases) == 0 {
		t.Fatalf("%s holds no cases", name)
	}
	return file.Cases
}

// A text is one that may not be UTF-8.
type text struct{ Text, Base64 *string }

func (x text) bytes(t testing.TB) []byte {
	t.Helper()
	if x.Text != nil {
		return []byte(*x.Text)
	}
	b, err := base64.StdEncoding.DecodeString(*x.Base64)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func said(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func TestKeyVectors(t *testing.T) {
	js := newAsker(t)
	for _, v := range load[struct {
		Name, Key, Fingerprint string
		Rule                   *string
	}](t, "keys.json") {
		a := js.ask("key", m{"key": v.Key})
		if a.Rule != said(v.Rule) || a.Hash != v.Fingerprint {
			t.Errorf("%s: the browser says %q and %s, want %q and %s", v.Name, a.Rule, a.Hash, said(v.Rule), v.Fingerprint)
		}
	}
}

func TestPAEVectors(t *testing.T) {
	js := newAsker(t)
	for _, v := range load[struct {
		text
		Name, Type, PAE string
	}](t, "pae.json") {
		if a := js.ask("pae", m{"type": v.Type, "data": b64(v.bytes(t))}); a.Hash != v.PAE {
			t.Errorf("%s: the browser signs over %s, want %s", v.Name, a.Hash, v.PAE)
		}
	}
}

func TestTimeVectors(t *testing.T) {
	js := newAsker(t)
	for _, v := range load[struct {
		Text string
		OK   bool
		Unix *int64
	}](t, "times.json") {
		a := js.ask("time", m{"text": v.Text})
		if a.OK != v.OK || v.OK && (a.Unix == nil || *a.Unix != *v.Unix) {
			t.Errorf("%q: the browser reads %v, %v, want %v", v.Text, a.OK, a.Unix, v.OK)
		}
	}
}

func TestJSONVectors(t *testing.T) {
	js := newAsker(t)
	for _, v := range load[struct {
		text
		Name string
		OK   bool
	}](t, "json.json") {
		if a := js.ask("json", m{"data": b64(v.bytes(t))}); a.OK != v.OK {
			t.Errorf("%s: the browser reads it: %v, want %v", v.Name, a.OK, v.OK)
		}
	}
}

func TestEnvelopeVectors(t *testing.T) {
	js := newAsker(t)
	for _, v := range load[struct {
		text
		Name, Form, Key string
		OK, Exercise    bool
		Rule, Hash      *string
		Carried         []string
	}](t, "envelopes.json") {
		a := js.ask("record", m{"form": v.Form, "data": b64(v.bytes(t)), "key": v.Key})
		if (a.OK && a.Rule == "") != v.OK || a.Rule != said(v.Rule) || a.Hash != said(v.Hash) || a.OK && (a.Exercise != v.Exercise || !slices.Equal(a.Carried, v.Carried)) {
			t.Errorf("%s: the browser says %q, %s, %v, want %q, %s, %v", v.Name, a.Rule, a.Hash, a.Carried, said(v.Rule), said(v.Hash), v.Carried)
		}
	}
}

func TestPossessionVectors(t *testing.T) {
	js := newAsker(t)
	for _, v := range load[struct {
		Name, Key, Origin, Proof string
		Exercise                 bool
		Mission, Rule            *string
	}](t, "possession.json") {
		if a := js.ask("possession", m{"key": v.Key, "exercise": v.Exercise, "origin": v.Origin, "mission": v.Mission, "proof": v.Proof}); a.Rule != said(v.Rule) {
			t.Errorf("%s: the browser says %q, want %q", v.Name, a.Rule, said(v.Rule))
		}
	}
}

// TestSHA256 holds the browser's own SHA-256 to Go's at every length around its blocks.
func TestSHA256(t *testing.T) {
	js := newAsker(t)
	random := rand.NewChaCha8([32]byte{})
	for n := range 300 {
		b := make([]byte, n)
		random.Read(b)
		if n%3 == 0 {
			b = bytes.Repeat([]byte{0xff}, n*97)
		}
		want := sha256.Sum256(b)
		if a := js.ask("sha256", m{"data": b64(b)}); a.Hash != hex.EncodeToString(want[:]) {
			t.Errorf("%d bytes: %s, want %x", len(b), a.Hash, want)
		}
	}
}

// TestClasses holds the browser's table of kinds to the one the Go programs use.
func TestClasses(t *testing.T) {
	js := newAsker(t)
	kinds := append(corridor.Kinds(), "pause", "")
	a := js.ask("classes", m{"list": kinds})
	if len(a.List) != len(kinds) {
		t.Fatalf("%d answers to %d kinds", len(a.List), len(kinds))
	}
	for i, k := range kinds {
		if a.List[i] != string(k.Class()) {
			t.Errorf("%s: the browser's class is %q, want %q", k, a.List[i], k.Class())
		}
	}
}
