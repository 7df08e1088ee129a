package server_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/scenario"
	"corridor.example/corridor/internal/server"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/record"
)

// openMission has one convoy on the way, told with numbers, names and a point that stand
// nowhere else, and a hold where it waits.
const openMission = `mission open
zone Etc/UTC +00:00
day 2021-03-04
founded 06:00
parties red, blue
office office
place gate crossing "Gate"
place wait exchange "Waiting place"
place town destination "Town"
leg A from gate by wait to town "Gate to Town"
consent 2 of red, blue
disclose * leaf public
disclose * * mission closed parties after public
disclose mandate * public
disclose * identity strict

08:00  quill-post is nominated, consented to by red, blue, deployed
09:17  quill-post departure #left  A-777  people 7391 tally  bus 4343  at wait  observed  where.point: {lat: 331234567, lon: 441234567}  where.accuracy: 9876  note "rowanberry"
10:23  quill-post hold #stopped  convoys: [A-777]  at wait  observed  note "rowanberry"
10:41  quill-post incident #shots  what: fire-near-route  convoy: A-777  at wait  heard  note "rowanberry"
`

// TestAcceptance11OpenConvoyIsInvisible attacks promise 7 and is acceptance test 11: nothing that
// the public or a party can fetch while a convoy is open holds its numbers, times, place, name
// or author. That there is such an observer, every party knows: it consented.
func TestAcceptance11OpenConvoyIsInvisible(t *testing.T) {
	secrets := []string{"7391", "7,391", "4343", "4,343", "A-777", "331234567", "33.1234", "9876", "rowanberry", "09:17", "10:23", "10:41:00", "fire-near", "fire near"}
	t.Run("public", func(t *testing.T) { openConvoy(t, "", append(secrets, "quill")) })
	t.Run("party", func(t *testing.T) { openConvoy(t, "parties red", secrets) })
}

// chance is what holds any four digits sooner or later: hashes, signatures, proofs.
var chance = regexp.MustCompile(`[0-9a-f]{24,}|[A-Za-z0-9+/]{43,}=*`)

var options = regexp.MustCompile(`<option value="[a-z-]*"[^>]*>[^<]*</option>`)

// openConvoy fetches as a reader with a badge everything there is while a convoy is open, and
// searches it.
func openConvoy(t *testing.T, badge string, secrets []string) {
	badged := func(cfg *server.Config) { cfg.Readers = badges{} }
	p := playText(t, "open.txt", openMission, time.Hour, badged)
	p.badge = badge
	if err := p.node.Tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	var paths []string
	for path := range p.crawl("en") {
		paths = append(paths, path)
	}
	p.crawl("ar")
	paths = append(paths, "/checkpoint", "/log.vkey", "/mission.card", "/api/v1/mission", "/api/v1/bundle", "/readyz", "/healthz",
		"/api/v1/export/convoys.csv", "/api/v1/export/counts.csv", "/api/v1/export/incidents.jsonl", "/api/v1/export/records.jsonl", "/api/v1/export/map.geojson",
		"/convoys/A-777", "/convoys", "/board", "/board?at=1", "/desk", "/sessions", "/live/checkpoint")
	size := p.node.Size()
	for level := range 2 {
		paths = append(paths, fmt.Sprintf("/tile/%d/000.p/%d", level, size), fmt.Sprintf("/live/tile/%d/000.p/%d", level, size))
	}
	paths = append(paths, fmt.Sprintf("/tile/entries/000.p/%d", size), fmt.Sprintf("/live/tile/entries/000.p/%d", size), fmt.Sprintf("/live/entries?from=0&to=%d", size))
	for i := range size {
		paths = append(paths, fmt.Sprintf("/live/opened?size=%d&at=2021-03-04T06:00:00Z", i), fmt.Sprintf("/board?at=%d", i))
	}
	own := map[string]string{} // the author of each record under the convoy
	p.node.View(func(v corridor.View) {
		for i := range size {
			h := v.Entry(i).Hash
			paths = append(paths, "/records/"+h.String(), "/api/v1/records/"+h.String(), "/api/v1/records/"+h.String()+"/receipt", "/incidents/"+h.String(), "/reports/"+h.String(), "/said/"+h.String())
			if v.Entry(i).By != "node" && !v.MayRead(corridor.Parties, h, "header", record.At(p.now)) {
				for _, page := range []string{"/records/", "/api/v1/records/"} {
					own[page+h.String()] = "quill"
				}
			}
		}
	})
	if len(own) != 6 {
		t.Fatalf("%d addresses of records that are sealed to parties, want 6", len(own))
	}
	answered := 0
	for _, path := range paths {
		for _, lang := range []string{"en", "ar"} {
			w := p.get(path, lang)
			if w.Code == http.StatusOK {
				answered++
			}
			text := strings.ReplaceAll(w.Body.String(), path, "") // what was asked for may be repeated
			text = chance.ReplaceAllString(text, "")
			if strings.HasPrefix(path, "/desk/") { // a form offers every code there is
				text = options.ReplaceAllString(text, "")
			}
			hidden := secrets
			if author := own[path]; author != "" {
				hidden = append(hidden[:len(hidden):len(hidden)], author)
			}
			for _, s := range hidden {
				if strings.Contains(text, s) {
					t.Errorf("GET %s in %s holds %q: %s", path, lang, s, around(text, s))
				}
			}
			for name, values := range w.Header() {
				value := chance.ReplaceAllString(strings.Join(values, " "), "")
				for _, s := range hidden {
					if strings.Contains(value, s) {
						t.Errorf("GET %s: the header %s holds %q", path, name, s)
					}
				}
			}
		}
	}
	if answered < 40 {
		t.Errorf("%d of %d addresses answered; the search saw too little", answered, len(paths))
	}
	// The same addresses once everything is open do hold them: the search can find.
	p = playText(t, "open.txt", openMission+"11:00  quill-post arrival  A-777  people 7391 tally  at town  observed\n", 48*time.Hour, badged)
	p.badge = badge
	if w := p.get("/convoys/A-777", "en"); !strings.Contains(w.Body.String(), "7,391") {
		t.Errorf("after the convoy closed its page answers %d without its number", w.Code)
	}
}

func around(text, s string) string {
	i := strings.Index(text, s)
	return text[max(0, i-80):min(len(text), i+len(s)+80)]
}

// playText plays a scenario's text and serves it some time after its last record.
func playText(t *testing.T, name, text string, later time.Duration, set ...func(*server.Config)) *played {
	t.Helper()
	script, err := scenario.Parse(name, text)
	if err != nil {
		t.Fatal(err)
	}
	p := &played{t: t, bare: scenario.NewBare(testSeed)}
	target := &both{Bare: p.bare}
	p.node, err = node.Open(context.Background(), node.Config{
		Store: &store.Memory{}, Side: &store.MemorySide{}, LogKey: scenario.LogKey(testSeed), NodeKey: scenario.NodeKey(testSeed), Gather: -1, Now: target.now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.node.Close)
	target.node = p.node
	if err := scenario.Play(script, testSeed, target); err != nil {
		t.Fatal(err)
	}
	p.now = target.at.Go().Add(later)
	cfg := server.Config{Now: func() time.Time { return p.now }, Log: slog.New(slog.NewTextHandler(failing{t}, &slog.HandlerOptions{Level: slog.LevelError}))}
	for _, f := range set {
		f(&cfg)
	}
	p.s = server.New(cfg)
	p.s.Serve(p.node)
	return p
}

// TestClosedDoors asks that every unknown address, wrong method and oversized or foreign
// request gets a problem and no more.
func TestClosedDoors(t *testing.T) {
	p := playText(t, "open.txt", openMission, time.Hour)
	for _, c := range []struct {
		method, path, body string
		status             int
	}{
		{"GET", "/nowhere", "", http.StatusNotFound},
		{"GET", "/api/v1/nowhere", "", http.StatusNotFound},
		{"DELETE", "/api/v1/records", "", http.StatusMethodNotAllowed},
		{"PUT", "/", "", http.StatusMethodNotAllowed},
		{"GET", "/tile/0/001", "", http.StatusNotFound},
		{"GET", "/tile/0/-1", "", http.StatusNotFound},
		{"GET", "/tile/9/000", "", http.StatusNotFound},
		{"GET", "/live/checkpoint", "", http.StatusUnauthorized},
		{"GET", "/live/tile/0/000", "", http.StatusUnauthorized},
		{"GET", "/api/v1/records/" + strings.Repeat("0", 64), "", http.StatusNotFound},
		{"GET", "/api/v1/records/" + strings.Repeat("A", 64), "", http.StatusUnprocessableEntity},
		{"POST", "/api/v1/records", "not json", http.StatusUnprocessableEntity},
		{"POST", "/api/v1/records", "", http.StatusUnprocessableEntity},
		{"POST", "/api/v1/records", strings.Repeat("x\n", 1001), http.StatusRequestEntityTooLarge},
		{"POST", "/api/v1/records", strings.Repeat("x", 33<<20), http.StatusRequestEntityTooLarge},
	} {
		r := httptest.NewRequest(c.method, c.path, strings.NewReader(c.body))
		r.Header.Set("Accept", "application/json")
		w := httptest.NewRecorder()
		p.s.ServeHTTP(w, r)
		if w.Code != c.status || w.Header().Get("Content-Type") != "application/problem+json" || !strings.Contains(w.Body.String(), `"detail":"`) {
			t.Errorf("%s %s = %d %s %s, want a problem with %d", c.method, c.path, w.Code, w.Header().Get("Content-Type"), w.Body.String()[:min(200, w.Body.Len())], c.status)
		}
		if csp := w.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'self'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s %s answers under the policy %q", c.method, c.path, csp)
		}
	}
}
