package server_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

// askPhone sends what a phone sends, and reads the answer into v.
func (p *played) askPhone(what string, body any, v any) (status int, rule string) {
	p.t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		p.t.Fatal(err)
	}
	q := httptest.NewRequest("POST", "/api/v1/phone/"+what, bytes.NewReader(b))
	q.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	p.s.ServeHTTP(w, q)
	var problem struct{ Rule string }
	if w.Code >= 400 {
		_ = json.Unmarshal(w.Body.Bytes(), &problem) // what is no problem body has no rule
	} else if err := json.Unmarshal(w.Body.Bytes(), v); err != nil {
		p.t.Fatalf("%s: %v: %.200s", what, err, w.Body)
	}
	return w.Code, problem.Rule
}

// TestPhoneApp: the app is one page under one address, its worker is the repository's file, and
// the version that the list names is what is served.
func TestPhoneApp(t *testing.T) {
	p := playDoor(t, "intake.txt", intakeMission, time.Hour)
	get := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		p.s.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		return w
	}
	if w := get("/phone"); w.Code != http.StatusPermanentRedirect || w.Header().Get("Location") != "/phone/" {
		t.Errorf("/phone answers %d to %q", w.Code, w.Header().Get("Location"))
	}
	worker, err := os.ReadFile("../../web/phone/sw.js")
	if err != nil {
		t.Fatal(err)
	}
	if w := get("/phone/sw.js"); w.Header().Get("Cache-Control") != "no-cache" || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/javascript") || !bytes.Equal(w.Body.Bytes(), worker) {
		t.Errorf("the worker is served as %v, and not as it stands in the repository", w.Header())
	}
	page := get("/phone/")
	if page.Code != http.StatusOK || !strings.Contains(page.Header().Get("Permissions-Policy"), "geolocation=(self)") || !strings.Contains(page.Header().Get("Content-Security-Policy"), "script-src 'self'") {
		t.Errorf("/phone/ answers %d with %v", page.Code, page.Header())
	}
	if !bytes.Equal(get("/phone/selftest").Body.Bytes(), page.Body.Bytes()) {
		t.Error("the self-test is another page")
	}
	var list struct{ Files map[string]string }
	if err := json.Unmarshal(get("/phone/files.json").Body.Bytes(), &list); err != nil || len(list.Files) < 30 {
		t.Fatalf("the list has %d files, %v", len(list.Files), err)
	}
	for path, want := range list.Files {
		if got := hexOf(sha256.Sum256(get(path).Body.Bytes())); got != want {
			t.Errorf("%s is served with the hash %s, the list says %s", path, got, want)
		}
	}
}

// TestPhoneEnrols: what an invited phone is told and may hand over, and what nobody else is.
func TestPhoneEnrols(t *testing.T) {
	p := playDoor(t, "intake.txt", intakeMission, time.Hour)
	code, _, err := p.door.InvitePhone(t.Context(), "office", 0)
	if err != nil {
		t.Fatal(err)
	}
	var m struct {
		Card    string
		Mandate json.RawMessage
		Terms   corridor.Terms
	}
	if status, _ := p.askPhone("mission", map[string]string{"code": code}, &m); status != http.StatusOK {
		t.Fatalf("an invited phone is answered %d", status)
	}
	mandate, err := record.Parse(m.Mandate)
	if err != nil {
		t.Fatal(err)
	}
	var founder record.Hash
	exercise := false
	p.node.View(func(v corridor.View) { founder, exercise = v.Founder(), v.Exercise() })
	if mandate.Hash != founder || len(m.Terms.Places) == 0 {
		t.Errorf("the phone is given the record %s with %d places, want the mandate", mandate.Hash, len(m.Terms.Places))
	}
	if c, err := verify.ParseCard([]byte(m.Card)); m.Card != "" && (err != nil || len(c.Print()) != 20) {
		t.Errorf("the card: %v", err)
	}

	pub, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	proof := record.Prove(private, exercise, m.Terms.Origin, &founder)
	key := hex.EncodeToString(pub)
	ask := func(code, key, proof string) map[string]string {
		return map[string]string{"code": code, "key": key, "proof": proof}
	}
	other, _, _ := ed25519.GenerateKey(rand.Reader)
	for _, test := range []struct {
		what   string
		body   map[string]string
		status int
		rule   string
	}{
		{"without an invitation", ask("guess", key, proof), http.StatusForbidden, "phone.invitation"},
		{"with somebody else's proof", ask(code, hex.EncodeToString(other), proof), http.StatusUnprocessableEntity, "key.possession"},
		{"with no key", ask(code, "", proof), http.StatusUnprocessableEntity, "key.length"},
		{"whole", ask(code, key, proof), http.StatusCreated, ""},
		{"again, because the answer was lost", ask(code, key, proof), http.StatusCreated, ""},
	} {
		var said struct{ Phone string }
		if status, rule := p.askPhone("enrol", test.body, &said); status != test.status || rule != test.rule {
			t.Errorf("%s: answered %d %q, want %d %q", test.what, status, rule, test.status, test.rule)
		}
	}
	var s struct{ State, Observer string }
	if status, _ := p.askPhone("standing", map[string]string{"code": code}, &s); status != http.StatusOK || s.State != "waiting" || s.Observer != "" {
		t.Errorf("before a nomination the phone is told %d %+v", status, s)
	}
	if status, rule := p.askPhone("standing", map[string]string{"code": "guess"}, &s); status != http.StatusForbidden || rule != "phone.invitation" {
		t.Errorf("a guess is answered %d %q", status, rule)
	}
}
