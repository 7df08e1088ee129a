package mirror_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"corridor.example/corridor/internal/server"
	"corridor.example/corridor/record"
)

// own serves a party's pages from its copy, as corridor witness does.
func (p *party) own(t *testing.T) string {
	t.Helper()
	s := server.New(server.Config{Card: string(p.w.card.Text()), Own: "blue", Now: p.w.clock, Log: quiet, Lodge: p})
	s.Serve(p.Node())
	hs := httptest.NewServer(s)
	t.Cleanup(hs.Close)
	return hs.URL
}

// said is what the desk's page hears of a record it sent.
type said struct{ Rule, Detail string }

func send(t *testing.T, url string, r record.Record) (status int, s said) {
	t.Helper()
	resp := check[*http.Response](t)(http.Post(url+"/api/v1/records", "application/json", bytes.NewReader(append(r.Line(), '\n'))))
	defer resp.Body.Close()
	b := check[[]byte](t)(io.ReadAll(resp.Body))
	if err := json.Unmarshal(b, &s); err != nil {
		t.Fatalf("%s: %s", resp.Status, b)
	}
	return resp.StatusCode, s
}

// TestOwnDesk submits at the party's own machine: what is there has a receipt, what is not is kept
// and goes on, now or once the server is back, and each state is said.
func TestOwnDesk(t *testing.T) {
	w := begin(t)
	blue := w.party("blue")
	w.round(blue)
	url := blue.own(t)
	index := func(r record.Record) bool { _, ok := w.node.Index(r.Hash); return ok }

	r := w.move("blue", "departure", "B-01", 12)
	if status, s := send(t, url, r); status != http.StatusAccepted || s.Rule != "lodged.forwarded" || !strings.Contains(s.Detail, "the mission's server has it") || !index(r) {
		t.Errorf("with a server: %d, %+v, in its log: %v", status, s, index(r))
	}
	w.round(blue)
	if status, s := send(t, url, r); status != http.StatusOK {
		t.Errorf("of a record that is in the copy: %d, %+v", status, s)
	}

	// What the rules refuse is refused, here or there.
	bad := w.move("red", "departure", "B-02", 3)
	bad.Raw[len(bad.Raw)-2] ^= 1
	if status, s := send(t, url, bad); status/100 != 4 || s.Rule == "" {
		t.Errorf("of a record that is not whole: %d, %+v", status, s)
	}

	// The server is gone: the board, the desk and lodging answer.
	w.lost = true
	kept := w.move("blue", "departure", "B-03", 4)
	if status, s := send(t, url, kept); status != http.StatusAccepted || s.Rule != "lodged.kept" || !strings.Contains(s.Detail, "as soon as it does") {
		t.Errorf("without a server: %d, %+v", status, s)
	}
	if status, s := send(t, url, kept); status != http.StatusAccepted || s.Rule != "lodged.kept" {
		t.Errorf("the same again: %d, %+v", status, s)
	}
	w.round(blue)
	for _, path := range []string{"/board", "/log", "/desk", "/observers", "/lodged", "/api/v1/mission", "/checkpoint"} {
		resp := check[*http.Response](t)(http.Get(url + path))
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Errorf("%s of the party's own machine while the server is gone: %s", path, resp.Status)
		}
	}
	if index(kept) {
		t.Fatal("it is in a log that nobody reached")
	}
	w.lost = false
	w.round(blue)
	if !index(kept) {
		t.Error("what was kept was not sent on when the server was back")
	}
	w.round(blue)
	if status, s := send(t, url, kept); status != http.StatusOK {
		t.Errorf("of what was kept, once it is in the copy: %d, %+v", status, s)
	}

	// A server that takes nothing in is not one that is gone.
	w.twist = func(rw http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPost && r.URL.Path == "/api/v1/records" {
			rw.WriteHeader(http.StatusServiceUnavailable)
			return true
		}
		return false
	}
	if status, s := send(t, url, w.move("blue", "departure", "B-04", 4)); status != http.StatusAccepted || s.Rule != "lodged.kept" || !strings.Contains(s.Detail, "(503)") {
		t.Errorf("a server that takes nothing: %d, %+v", status, s)
	}
}
