package server_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"corridor.example/corridor/internal/server"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

// live gets an address of the live view, and its lines without that of the traces.
func (p *played) live(badge, path string) (status int, lines [][]byte) {
	p.t.Helper()
	w := p.as(badge, path)
	return w.Code, liveLines(w)
}

func liveLines(w *httptest.ResponseRecorder) [][]byte {
	lines := bytes.Split(bytes.TrimSuffix(w.Body.Bytes(), []byte("\n")), []byte("\n"))
	if bytes.HasPrefix(lines[0], []byte(`{"disclosures":`)) {
		lines = lines[1:]
	}
	return lines
}

// readEntries reads lines of entries from an index on.
func readEntries(t *testing.T, lines [][]byte, from int64) (list []verify.Entry) {
	t.Helper()
	for i, line := range lines {
		e, err := verify.ReadEntry(line, from+int64(i))
		if err != nil {
			t.Fatalf("line %d: %v", i, err)
		}
		list = append(list, e)
	}
	return list
}

// TestLive reads the live view as the public, a party and the mission while a convoy is open.
func TestLive(t *testing.T) {
	p := playText(t, "open.txt", openMission, time.Hour, func(cfg *server.Config) { cfg.Readers = badges{} })
	if err := p.node.Tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/live/checkpoint", "/live/tile/0/000.p/1", "/live/entries?from=0&to=1", "/live/opened?size=0&at=2026-01-01T00:00:00Z"} {
		w := p.as("", path)
		if w.Code != http.StatusUnauthorized || w.Header().Get("WWW-Authenticate") == "" {
			t.Errorf("the public is answered %d at %s", w.Code, path)
		}
	}
	size, signed := p.node.Live()
	if w := p.as("parties red", "/live/checkpoint"); w.Body.String() != string(signed) || size != p.node.Size() {
		t.Errorf("/live/checkpoint: %d %s", w.Code, w.Body)
	}

	// What comes between two ticks is not shown, at no address.
	w := p.post(string(p.pen("quill-post").move().Line()), "application/json")
	if w.Code != http.StatusCreated {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if w := p.as("mission office", "/live/checkpoint"); w.Body.String() != string(signed) {
		t.Error("the live checkpoint moved between two ticks")
	}
	if code, _ := p.live("mission office", fmt.Sprintf("/live/entries?from=%d&to=%d", size, size+5)); code != http.StatusNotFound {
		t.Errorf("an entry beyond the live size is answered %d", code)
	}
	if code, _ := p.live("mission office", "/live/"+(ledger.TilePath{Level: 0, N: 0, Width: int(size + 1)}).String()); code != http.StatusNotFound {
		t.Errorf("a hash beyond the live size is answered %d", code)
	}
	if code, _ := p.live("mission office", "/live/tile/entries/000.p/1"); code != http.StatusNotFound {
		t.Errorf("leaf text is served as a tile: %d", code)
	}
	if w := p.as("parties red", "/live/tile/0/000.p/"+fmt.Sprint(size)); w.Code != http.StatusOK || w.Body.Len() != int(size)*32 {
		t.Errorf("hash tile: %d, %d bytes", w.Code, w.Body.Len())
	}

	// Entries carry what the policy lets each read.
	for badge, sealed := range map[string]bool{"parties red": true, "mission office": false} {
		code, lines := p.live(badge, fmt.Sprintf("/live/entries?from=0&to=%d", size))
		if code != http.StatusOK || len(lines) != int(size) {
			t.Fatalf("%s: %d, %d lines", badge, code, len(lines))
		}
		all := string(bytes.Join(lines, nil))
		if strings.Contains(all, "7391") == sealed {
			t.Errorf("%s: the sealed count is shown: %v", badge, !sealed)
		}
		var tree ledger.Tree
		for _, e := range readEntries(t, lines, 0) {
			tree.Append(e.Leaf)
		}
		c, err := ledger.ParseCheckpoint(signed)
		if root, e := tree.Root(size); err != nil || e != nil || root != c.Root {
			t.Errorf("%s: the leaves are not those of the live checkpoint", badge)
		}
	}
	for _, bad := range []string{"/live/entries", "/live/entries?from=-1&to=2", "/live/entries?from=x&to=2", "/live/opened?size=1", "/live/opened?size=1&at=now"} {
		if w := p.as("parties red", bad); w.Code != http.StatusBadRequest {
			t.Errorf("%s is answered %d", bad, w.Code)
		}
	}
}

// TestLiveOpened closes a convoy: what a party was told before and what has opened since are
// together all that it may read now.
func TestLiveOpened(t *testing.T) {
	with := func(cfg *server.Config) { cfg.Readers = badges{} }
	play := func(text string) *played {
		p := playText(t, "open.txt", text, time.Hour, with)
		if err := p.node.Tick(t.Context()); err != nil {
			t.Fatal(err)
		}
		return p
	}
	// The same mission twice: while the convoy is on the way, and when it has arrived.
	early := play(openMission)
	size, _ := early.node.Live()
	then := record.At(early.now)
	have := map[int64]string{}
	_, lines := early.live("parties red", fmt.Sprintf("/live/entries?from=0&to=%d", size))
	for i, line := range lines {
		have[int64(i)] = string(line)
	}
	p := play(openMission + "11:00  quill-post arrival  A-777  people 7391 tally  at town  observed\n")
	p.now = p.now.Add(240 * time.Hour)
	now, _ := p.node.Live()
	if now <= size || early.node.Mission().Hash(size-1) != p.node.Mission().Hash(size-1) {
		t.Fatal("they are not the same mission")
	}
	code, lines := p.live("parties red", fmt.Sprintf("/live/opened?size=%d&at=%s", size, then))
	if code != http.StatusOK || !strings.HasPrefix(string(lines[0]), fmt.Sprintf(`{"size":%d,"at":"`, now)) || len(lines) < 2 {
		t.Fatalf("/live/opened: %d %s", code, bytes.Join(lines, []byte("\n")))
	}
	for _, line := range lines[1:] {
		var i int64
		if _, err := fmt.Sscanf(string(line), `{"index":%d,`, &i); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		_, entry, _ := bytes.Cut(bytes.TrimSuffix(line, []byte("}")), []byte(`,"entry":`))
		if have[i] == string(entry) {
			t.Errorf("entry %d did not open", i)
		}
		have[i] = string(entry)
	}
	_, lines = p.live("parties red", fmt.Sprintf("/live/entries?from=0&to=%d", size))
	for i, line := range lines {
		if have[int64(i)] != string(line) {
			t.Errorf("entry %d opened and was not told", i)
		}
	}
	// Asked again with what it said, nothing more has opened.
	code, lines = p.live("parties red", fmt.Sprintf("/live/opened?size=%d&at=%s", now, record.At(p.now)))
	if code != http.StatusOK || len(lines) != 1 {
		t.Errorf("asked again: %d, %d lines", code, len(lines))
	}
}

// TestLiveCosignature hands cosignatures in from outside.
func TestLiveCosignature(t *testing.T) {
	p := playText(t, "open.txt", openMission, time.Hour, func(cfg *server.Config) { cfg.Readers = badges{} })
	post := func(badge, body string) int {
		r := httptest.NewRequest(http.MethodPost, "/live/cosignature", strings.NewReader(body))
		if badge != "" {
			r.Header.Set("X-Badge", badge)
		}
		w := httptest.NewRecorder()
		p.s.ServeHTTP(w, r)
		return w.Code
	}
	_, signed := p.node.Newest()
	if code := post("", string(signed)); code != http.StatusUnauthorized {
		t.Errorf("the public: %d", code)
	}
	if code := post("parties red", "nonsense"); code != http.StatusUnprocessableEntity {
		t.Errorf("nonsense: %d", code)
	}
	if code := post("parties red", string(p.node.Checkpoint())); code != http.StatusUnprocessableEntity {
		t.Errorf("a checkpoint that nobody cosigned: %d", code)
	}
}
