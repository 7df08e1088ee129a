package server_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/scenario"
	"corridor.example/corridor/internal/server"
	"corridor.example/corridor/internal/sheet"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

// askedMission has an observer on whom red has not answered and blue was recorded, and an
// incident to reply to.
const askedMission = `mission asked
zone Asia/Damascus +03:00
day 2021-03-04
founded 06:00
parties red, blue
office office
place gate crossing "Gate"
place town destination "Town"
leg A from gate to town "Gate to Town"
consent 2 of red, blue window 24h
disclose * leaf public
disclose * * mission closed parties after public
disclose * identity strict
disclose incident * parties

07:00  office nomination #mina  observer: mina  new-key mina device  from: 2021-03-04 07:00
09:00  office incident #shots  what: fire-near-route  at gate  heard
`

func random() (id record.ID) {
	if _, err := rand.Read(id[:]); err != nil {
		panic(err)
	}
	return id
}

// asked plays the mission and serves it as set says, with its card.
func asked(t *testing.T, set func(*server.Config)) *played {
	t.Helper()
	card := ""
	first := playText(t, "asked.txt", askedMission, time.Hour)
	first.node.View(func(v corridor.View) {
		card = string(verify.CardOf(v.Founder(), v.Exercise(), v.Terms()).Text())
	})
	return playText(t, "asked.txt", askedMission, time.Hour, func(cfg *server.Config) {
		cfg.Card, cfg.Nonce = card, random
		set(cfg)
	})
}

// find returns the newest record of a kind.
func (p *played) newest(k corridor.Kind) (h record.Hash) {
	p.t.Helper()
	p.node.View(func(v corridor.View) {
		for i := range v.Size() {
			if e := v.Entry(i); e.Kind == k {
				h = e.Hash
			}
		}
	})
	if h == (record.Hash{}) {
		p.t.Fatalf("no %s was logged", k)
	}
	return h
}

func (p *played) fill(badge, path string, form url.Values, header ...string) *httptest.ResponseRecorder {
	p.t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "text/html")
	r.Header.Set("Accept-Language", "en")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if badge != "" {
		r.Header.Set("X-Badge", badge)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	p.s.ServeHTTP(w, r)
	return w
}

var shownSheet = regexp.MustCompile(`(?s)id="draft"[^>]*><code>(.*?)</code>`)

// drafted is the sheet that a page shows.
func drafted(t *testing.T, w *httptest.ResponseRecorder) sheet.Sheet {
	t.Helper()
	m := shownSheet.FindStringSubmatch(w.Body.String())
	if w.Code != http.StatusOK || m == nil {
		t.Fatalf("no draft: %d\n%s", w.Code, w.Body)
	}
	s, err := sheet.Parse([]byte(html.UnescapeString(m[1])))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestDeskDraftsAndNeverSigns: on the mission's server a party reads what it is asked, drafts
// its answer, and is given no page that holds a key.
func TestDeskDraftsAndNeverSigns(t *testing.T) {
	p := asked(t, func(cfg *server.Config) { cfg.Readers = badges{} })
	if w := p.as("", "/desk"); w.Code != http.StatusUnauthorized {
		t.Errorf("the public's desk: %d", w.Code)
	}
	desk := p.as("parties red", "/desk").Body.String()
	nomination := p.newest(corridor.KindNomination)
	for _, want := range []string{"/desk/consent?re=" + nomination.String(), "/desk/objection?re=", "is not consent", "Answer by", "/desk/accession?re=", "/desk/reply?re=", `href="/desk/statement"`} {
		if !strings.Contains(desk, want) {
			t.Errorf("the desk does not have %q", want)
		}
	}
	for _, none := range []string{"desk.js", `id="key"`, `href="/desk/report"`} {
		if strings.Contains(desk, none) {
			t.Errorf("the desk of a party on the mission's server has %q", none)
		}
	}
	w := p.fill("parties red", "/desk/consent", url.Values{"re": {nomination.String()}, "narrative.lang": {"en"}, "narrative.text": {"She may come."}})
	s := drafted(t, w)
	if s.Kind != "consent" || s.By != "red" || *s.Re != nomination || s.Answers == nil || s.Seen == "" {
		t.Errorf("drafted %+v", s)
	}
	if text := string(s.Text()); !strings.Contains(text, `"act":{"of":"red","channel":"own"`) || !strings.Contains(text, "She may come.") {
		t.Errorf("the draft does not say what was typed:\n%s", text)
	}
	if strings.Contains(w.Body.String(), "desk.js") || w.Header().Get("Cache-Control") != "private, no-store" {
		t.Errorf("the draft's page may sign, or is kept: %q", w.Header().Get("Cache-Control"))
	}
	file := p.fill("parties red", "/desk/draft.txt", url.Values{"draft": {strings.ReplaceAll(string(s.Text()), "\n", "\r\n")}})
	if file.Body.String() != string(s.Text()) || !strings.Contains(file.Header().Get("Content-Disposition"), "attachment; filename=\"consent-") {
		t.Errorf("the draft as a file: %d %q\n%s", file.Code, file.Header().Get("Content-Disposition"), file.Body)
	}
	if w := p.fill("parties red", "/desk/draft.txt", url.Values{"draft": {strings.Replace(string(s.Text()), "act.of: red", "act.of: blue", 1)}}); w.Code != http.StatusBadRequest {
		t.Errorf("a draft that reads otherwise than it signs is given back: %d", w.Code)
	}

	// What was drafted can be signed with the party's key, and is logged.
	h := s.Header(random())
	h.At = record.At(p.now)
	key := scenario.ActorKey(testSeed, "red")
	p.node.View(func(v corridor.View) {
		seq, last, ok := v.Chain(record.Fingerprint(key.Public().(ed25519.PublicKey)))
		if h.Seq = seq + 1; ok {
			h.Prev = &last
		}
	})
	r, err := record.Sign(key, s.Exercise, h, s.Parts)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.node.Submit(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if desk := p.as("parties red", "/desk").Body.String(); !strings.Contains(desk, "consented") || strings.Contains(desk, "Answer by") {
		t.Error("the desk does not show what was answered")
	}
}

// TestDeskLosesNothing: an error, one more item of a list, and a session that has ended give
// back what was typed.
func TestDeskLosesNothing(t *testing.T) {
	p := asked(t, func(cfg *server.Config) { cfg.Readers = badges{} })
	incident := p.newest(corridor.KindIncident).String()
	typed := url.Values{"by": {"red"}, "re": {incident}, "facts.basis": {"document"}, "facts.received": {"yesterday"}, "narrative.lang": {"ar"}, "narrative.text": {"لم نكن هناك"}}
	for name, c := range map[string]struct {
		badge, path string
		status      int
	}{
		"a time that is none": {"parties red", "/desk/reply", http.StatusUnprocessableEntity},
		"no session any more": {"", "/desk/reply", http.StatusUnprocessableEntity},
	} {
		w := p.fill(c.badge, c.path, typed)
		body := w.Body.String()
		if w.Code != c.status || !strings.Contains(body, "لم نكن هناك") || !strings.Contains(body, `value="yesterday"`) || !strings.Contains(body, "Write the time as") {
			t.Errorf("%s: %d\n%s", name, w.Code, body)
		}
		if ended := strings.Contains(body, "Your session has ended"); ended != (c.badge == "") {
			t.Errorf("%s: says that the session has ended: %v", name, ended)
		}
		if c.badge == "" && (strings.Contains(body, "fire near") || strings.Contains(body, "Fire near")) {
			t.Errorf("%s: shows what the public may not read", name)
		}
	}
	typed.Set("more", "narrative.sources")
	if w := p.fill("parties red", "/desk/reply", typed); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `name="narrative.sources.0.title"`) || !strings.Contains(w.Body.String(), "لم نكن هناك") {
		t.Errorf("one more source: %d", w.Code)
	}
	typed.Del("more")
	typed.Set("facts.received", "2021-03-04 12:30") // by the mission's zone, three hours ahead
	s := drafted(t, p.fill("", "/desk/reply", typed))
	if text := string(s.Text()); !strings.Contains(text, "received: 2021-03-04T09:30:00Z") || s.Answers != nil {
		t.Errorf("drafted without a session:\n%s", text)
	}
	if w := p.fill("parties red", "/desk/reply", typed, "Sec-Fetch-Site", "cross-site", "Origin", "https://elsewhere.example"); w.Code != http.StatusForbidden {
		t.Errorf("a form of another site: %d", w.Code)
	}
	if w := p.fill("parties red", "/desk/reply", url.Values{"narrative.text": {strings.Repeat("x", 300<<10)}}); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("a form of 300 kB: %d", w.Code)
	}
	if w := p.fill("parties red", "/desk/nothing", typed); w.Code != http.StatusNotFound {
		t.Errorf("a kind that is none: %d", w.Code)
	}
}

// TestEveryKindHasAForm draws the form of every kind for whoever may sign it, and reads it back
// empty: the program says what is missing, and nothing fails.
func TestEveryKindHasAForm(t *testing.T) {
	p := asked(t, func(cfg *server.Config) { cfg.Readers = badges{} })
	drawn := 0
	for _, k := range corridor.Kinds() {
		for _, who := range []string{"parties red", "mission office"} {
			w := p.as(who, "/desk/"+string(k))
			if w.Code == http.StatusNotFound {
				continue
			}
			drawn++
			if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `name="facts.`) && k != corridor.KindErasure {
				t.Errorf("the form of %s for %s: %d", k, who, w.Code)
			}
			if w := p.fill(who, "/desk/"+string(k), url.Values{}); w.Code != http.StatusOK && w.Code != http.StatusUnprocessableEntity {
				t.Errorf("%s with nothing filled in, for %s: %d\n%s", k, who, w.Code, w.Body)
			}
		}
	}
	if drawn < 30 {
		t.Errorf("only %d forms were drawn", drawn)
	}
}

// TestOwnDesk: a party's own server reads for that party without a session, under its own
// names alone, and its desk signs.
func TestOwnDesk(t *testing.T) {
	p := asked(t, func(cfg *server.Config) { cfg.Own, cfg.OwnNames = "red", []string{"witness.red.example"} })
	get := func(host, path string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Host = host
		r.Header.Set("Accept-Language", "en")
		w := httptest.NewRecorder()
		p.s.ServeHTTP(w, r)
		return w
	}
	for host, own := range map[string]bool{
		"127.0.0.1:8090": true, "[::1]:8090": true, "localhost:8090": true, "192.168.4.2": true, "witness.red.example": true,
		"evil.example": false, "evil.example:8090": false, "localhost.evil.example": false, "127.0.0.1.evil.example": false,
	} {
		w := get(host, "/desk")
		if want := map[bool]int{true: http.StatusOK, false: http.StatusUnauthorized}[own]; w.Code != want {
			t.Errorf("the desk under the name %s: %d, want %d", host, w.Code, want)
		}
		if own && (!strings.Contains(w.Body.String(), "lib/desk/desk.js") || w.Header().Get("Cache-Control") != "private, no-store") {
			t.Errorf("%s: the party's own desk does not sign, or is kept", host)
		}
	}
	key := scenario.ActorKey(testSeed, "red").Public().(ed25519.PublicKey)
	if w := get("localhost", "/desk/key/"+record.Fingerprint(key).String()); !strings.Contains(w.Body.String(), `"enrolled":true`) {
		t.Errorf("red's own key: %s", w.Body)
	}
	other := scenario.ActorKey(testSeed, "office").Public().(ed25519.PublicKey)
	if w := get("localhost", "/desk/key/"+record.Fingerprint(other).String()); w.Body.String() != `{"enrolled":false,"seq":0,"last":null}`+"\n" {
		t.Errorf("another's key: %s", w.Body)
	}
}

// TestDeskTellsWhoRead: what the mission's server logged of readings stands on the desk of
// whoever's records were read, and on nobody else's.
func TestDeskTellsWhoRead(t *testing.T) {
	p := asked(t, func(cfg *server.Config) { cfg.Readers = badges{} })
	var seq int64
	var prev *record.Hash
	key := scenario.NodeKey(testSeed)
	var mission record.Hash
	p.node.View(func(v corridor.View) {
		mission = v.Founder()
		if n, last, ok := v.Chain(record.Fingerprint(key.Public().(ed25519.PublicKey))); ok {
			seq, prev = n, &last
		}
	})
	nomination, id := p.newest(corridor.KindNomination), random()
	parts, err := corridor.Compose(corridor.Draft{Kind: corridor.KindDisclosure, By: "node", Parts: map[string]map[string]any{"facts": {
		"when":    []any{"2021-03-04T09:30:00Z", "2021-03-04T09:30:05Z"},
		"reads":   []any{map[string]any{"reader": "blue", "part": "narrative", "records": []any{nomination.String()}}},
		"exports": []any{map[string]any{"reader": "blue", "as": "copy", "level": "parties", "from": 0, "to": 2}},
	}}}, id, random)
	if err != nil {
		t.Fatal(err)
	}
	r, err := record.Sign(key, true, record.Header{Mission: &mission, Kind: "disclosure", ID: id, By: "node", Seq: seq + 1, Prev: prev, At: record.At(p.now), Nonce: random()}, parts)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.node.Submit(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	for badge, want := range map[string][2]bool{"mission office": {true, true}, "parties red": {false, true}, "parties blue": {false, false}} {
		body := p.as(badge, "/desk").Body.String()
		reads := body[strings.Index(body, `id="reads"`):strings.Index(body, `id="witness"`)]
		if got := [2]bool{strings.Contains(reads, "Nomination"), strings.Contains(reads, "entries 0 to 1, with what the level “the parties” may read, as a copy in one file")}; got != want {
			t.Errorf("the desk of %s tells of the reading and of the copy: %v, want %v\n%s", badge, got, want, reads)
		}
	}
}
