package server_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/scenario"
	"corridor.example/corridor/internal/server"
	"corridor.example/corridor/internal/session"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/record"
)

// A played is a server over a node on which a case was played.
type played struct {
	badge string // what its requests are shown with, "" for the public
	t     testing.TB
	s     *server.Server
	node  *node.Node
	bare  *scenario.Bare
	now   time.Time // the server's clock

	door *session.Door // nil: there are no sessions
}

const testSeed = "corridor server test"

// play plays a case into a node over a memory store and serves it, at a time long after its
// last record.
func play(t testing.TB, name string, cfg server.Config) *played {
	t.Helper()
	script, err := scenario.Case(name)
	if err != nil {
		t.Fatal(err)
	}
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	p := &played{t: t, bare: scenario.NewBare(testSeed)}
	target := &both{Bare: p.bare}
	p.node, err = node.Open(context.Background(), node.Config{
		Store: &store.Memory{}, Side: &store.MemorySide{}, LogKey: scenario.LogKey(testSeed), NodeKey: scenario.NodeKey(testSeed), Gather: -1, Now: target.now, Log: quiet,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.node.Close)
	target.node = p.node
	if err := scenario.Play(script, testSeed, target); err != nil {
		t.Fatal(err)
	}
	p.now = target.at.Go().AddDate(1, 0, 0)
	cfg.Now = func() time.Time { return p.now }
	cfg.Log = slog.New(slog.NewTextHandler(failing{t}, &slog.HandlerOptions{Level: slog.LevelError}))
	p.s = server.New(cfg)
	p.s.Serve(p.node)
	return p
}

// both plays on the bare fold and on a node at once; the node's clock is the scenario's.
type both struct {
	*scenario.Bare
	node *node.Node
	at   record.Time
}

func (b *both) now() time.Time { return b.at.Go() }

func (b *both) Submit(r record.Record) error {
	b.at = max(b.at, r.Header.At)
	if err := b.Bare.Submit(r); err != nil {
		return err
	}
	_, err := b.node.Submit(context.Background(), r)
	return err
}

func (b *both) Tick(at record.Time) ([]byte, error) {
	b.at = max(b.at, at)
	return b.node.Checkpoint(), nil
}

func (b *both) Cosigned(signed []byte) error {
	if err := b.Bare.Cosigned(signed); err != nil {
		return err
	}
	return b.node.Keep(context.Background(), signed)
}

// failing makes what the server logs about its own faults fail the test.
type failing struct{ t testing.TB }

func (f failing) Write(b []byte) (int, error) {
	f.t.Errorf("the server logged: %s", b)
	return len(b), nil
}

// get asks for a page as a browser does.
func (p *played) get(path, lang string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", path, nil)
	r.Header.Set("Accept", "text/html,application/xhtml+xml")
	r.Header.Set("Accept-Language", lang)
	if p.badge != "" {
		r.Header.Set("X-Badge", p.badge)
	}
	w := httptest.NewRecorder()
	p.s.ServeHTTP(w, r)
	return w
}

var href = regexp.MustCompile(` href="([^"]*)"`)

// crawl follows every link from the first page on and returns every page there is.
func (p *played) crawl(lang string) map[string]*httptest.ResponseRecorder {
	p.t.Helper()
	found := map[string]*httptest.ResponseRecorder{}
	todo := []string{"/"}
	from := map[string]string{}
	for len(todo) > 0 {
		path := todo[0]
		todo = todo[1:]
		if found[path] != nil {
			continue
		}
		w := p.get(path, lang)
		found[path] = w
		if w.Code != http.StatusOK {
			p.t.Errorf("%s, linked from %s: %d", path, from[path], w.Code)
			continue
		}
		for _, m := range href.FindAllStringSubmatch(w.Body.String(), -1) {
			link, _, _ := strings.Cut(html.UnescapeString(m[1]), "#")
			if !strings.HasPrefix(link, "/") || strings.HasPrefix(link, "/a/") || strings.Contains(link, "lang=") || strings.Contains(link, "theme=") || found[link] != nil {
				continue
			}
			from[link] = path
			todo = append(todo, link)
		}
	}
	return found
}

var (
	tags    = regexp.MustCompile(`(?s)<style.*?</style>|<script.*?</script>|<[^>]*>`)
	spaces  = regexp.MustCompile(`\s+`)
	ids     = regexp.MustCompile(` id="([^"]*)"`)
	wordKey = regexp.MustCompile(`>\s*([a-z_]+(?:\.[a-z_-]+)+)\s*<`)
	coded   = regexp.MustCompile(`(?s)<(code|pre)[^>]*>.*?</(code|pre)>`)
)

// text is what a page says, without its mark-up.
func text(body string) string {
	return spaces.ReplaceAllString(html.UnescapeString(tags.ReplaceAllString(body, " ")), " ")
}

// wellMade asks what every page must be, whatever it is of.
func wellMade(t *testing.T, path, lang, body string) {
	t.Helper()
	for _, bad := range []string{"<no value>", "%!", "ZgotmplZ", "<nil>", "&lt;nil&gt;", "style=\"", "onclick="} {
		if strings.Contains(body, bad) {
			t.Errorf("%s in %s holds %q: %s", path, lang, bad, around(body, bad))
		}
	}
	if m := wordKey.FindStringSubmatch(coded.ReplaceAllString(body, "")); m != nil {
		t.Errorf("%s in %s shows %q, which looks like a message without words", path, lang, m[1])
	}
	seen := map[string]bool{}
	for _, m := range ids.FindAllStringSubmatch(body, -1) {
		if seen[m[1]] {
			t.Errorf("%s in %s has the id %q twice", path, lang, m[1])
		}
		seen[m[1]] = true
	}
	prejudice := map[string]string{"en": "Without prejudice to any claim or status", "ar": "دون المساس بأي مطالبة أو وضع"}
	if !strings.Contains(body, prejudice[lang]) {
		t.Errorf("%s in %s is not without prejudice", path, lang)
	}
}

func TestGate9(t *testing.T) {
	p := play(t, "gate-9", server.Config{})
	for _, lang := range []string{"en", "ar"} {
		all := p.crawl(lang)
		if len(all) < 100 {
			t.Errorf("only %d pages are linked in %s", len(all), lang)
		}
		for path, w := range all {
			body := w.Body.String()
			if !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
				continue
			}
			wellMade(t, path, lang, body)
			// What was erased, what only voters read, and a convoy that never closed.
			for _, secret := range []string{"named the man", "only the voters read", "A-05"} {
				if strings.Contains(body, secret) {
					t.Errorf("%s in %s shows %q: %s", path, lang, secret, around(body, secret))
				}
			}
		}
	}
	for path, want := range map[string][]string{
		"/":             {"about 400 people", "Reported, not seen by the mission", "no observer was at the place", "Stopped once", "River Command", "Convoy A-01 : 1–3 people open"},
		"/convoys/A-01": {"122 people", "123 people", "120–122 people", "Its author corrected it", "mission’s figure", "came by radio", "We counted 122 at the gate"},
		"/convoys/A-02": {"withheld (fewer than 10)", "78 people", "75 people", "lasted about 3 hours"},
		"/convoys/B-02": {"41 people", "Offered as explanation"},
		"/incidents":    {"Buses burned", "3 versions", "disputed"},
	} {
		got := text(p.get(path, "en").Body.String())
		for _, s := range want {
			if !strings.Contains(strings.ToLower(got), strings.ToLower(s)) {
				t.Errorf("%s does not say %q: %s", path, s, got)
			}
		}
	}
}

// TestAleppo holds the first screen of the reconstruction against what it must show.
func TestAleppo(t *testing.T) {
	p := play(t, "aleppo-2016", server.Config{Reconstruction: true})
	for _, lang := range []string{"en", "ar"} {
		w := p.get("/", lang)
		body := w.Body.String()
		wellMade(t, "/", lang, body)
		if len(body) >= 100_000 {
			t.Errorf("the first screen in %s has %d bytes; it is to stay under 100 kB", lang, len(body))
		}
		got := text(body)
		for _, s := range []string{"1,312", "2,500", "4,000", "10,300", "13,000", "15,000", "25,000", "36,086", "30,487", "5,599"} {
			if !strings.Contains(got, s) {
				t.Errorf("the first screen in %s does not show %s", lang, s)
			}
		}
		last := -1
		for _, section := range []string{"g-balance", "g-holds", "g-totals", "g-incidents", "g-coverage", "g-seal"} {
			at := strings.Index(body, `class="`+section+`"`)
			if at <= last {
				t.Errorf("in %s the section %s stands out of its order", lang, section)
			}
			last = at
		}
	}
	got := text(p.get("/", "en").Body.String())
	for _, s := range []string{
		"Rebuilt from public sources; nobody named here signed anything", "Takes no side",
		"about 13,000", "about 15,000", "4 buses", "3 buses", "1 bus open", "5 buses burned", "at least 6 buses burned",
		"Reported, not seen by the mission", "Ramouseh crossing", "18 Dec 2016, 23:00 Damascus", "21 Dec 2016, 16:00 Damascus", "none stated", "24 Dec 2016",
	} {
		if !strings.Contains(got, s) {
			t.Errorf("the first screen does not say %q: %s", s, got)
		}
	}
	for _, mark := range []string{"16 Dec 2016", "18 Dec 2016", "20 Dec 2016", "24 Dec 2016"} {
		if body := p.get("/board", "en").Body.String(); !strings.Contains(body, ">"+mark+"</a>") {
			t.Errorf("the slider has no mark %s", mark)
		}
	}
	if testing.Short() {
		return
	}
	for _, lang := range []string{"en", "ar"} {
		for path, w := range p.crawl(lang) {
			if path == "/check.html" {
				continue // a file to take away, made of one page in every language
			}
			if strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
				wellMade(t, path, lang, w.Body.String())
			}
		}
	}
}

// An earlier size of the log shows nothing that came later, and says so.
func TestPast(t *testing.T) {
	p := play(t, "gate-9", server.Config{})
	size := int64(0)
	p.node.View(func(v corridor.View) {
		size = v.Size()
		for _, e := range v.Events() {
			size = min(size, e.Index)
		}
	})
	for _, path := range []string{"/", "/board", "/incidents", "/convoys"} {
		body := p.get(fmt.Sprintf("%s?at=%d", path, size), "en").Body.String()
		if strings.Contains(body, "Buses burned") {
			t.Errorf("%s at %d tells of an incident that was logged later", path, size)
		}
		if want := fmt.Sprintf("as its log stood at %d entries", size); !strings.Contains(body, want) {
			t.Errorf("%s at %d does not say %q", path, size, want)
		}
	}
	for at, want := range map[string]int{"0": http.StatusBadRequest, "-1": http.StatusBadRequest, "x": http.StatusBadRequest, "1": http.StatusOK, "999999": http.StatusOK} {
		if w := p.get("/board?at="+at, "en"); w.Code != want {
			t.Errorf("at=%s is answered %d, want %d", at, w.Code, want)
		}
	}
}

// What the mandate does not release yet is on no page: neither counted nor dated.
func TestBeforeRelease(t *testing.T) {
	p := play(t, "gate-9", server.Config{})
	p.now = time.Date(2021, 3, 4, 11, 30, 0, 0, time.UTC) // six hours' delay
	for path, w := range p.crawl("en") {
		if body := w.Body.String(); strings.Contains(body, "A-01") || strings.Contains(body, "Buses burned") || strings.Contains(body, "4 Mar 2021, 09:10") {
			t.Errorf("%s tells what is not released", path)
		}
	}
}

func TestLanguage(t *testing.T) {
	p := play(t, "gate-9", server.Config{})
	ask := func(path string, header ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", path, nil)
		for i := 0; i < len(header); i += 2 {
			r.Header.Add(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		p.s.ServeHTTP(w, r)
		return w
	}
	for _, c := range []struct {
		path   string
		header []string
		want   string
	}{
		{"/", nil, `lang="en" dir="ltr"`},
		{"/", []string{"Accept-Language", "ar-SY,en;q=0.5"}, `lang="ar" dir="rtl"`},
		{"/", []string{"Accept-Language", "fr;q=0.9, en;q=0.3, ar;q=0.4"}, `lang="ar" dir="rtl"`},
		{"/", []string{"Accept-Language", "ar;q=0"}, `lang="en" dir="ltr"`},
		{"/", []string{"Accept-Language", "ar", "Cookie", "lang=en"}, `lang="en" dir="ltr"`},
		{"/?lang=ar", []string{"Cookie", "lang=en"}, `lang="ar" dir="rtl"`},
		{"/?lang=xx", nil, `lang="en" dir="ltr"`},
		{"/?theme=night", nil, `data-theme="night"`},
		{"/", []string{"Cookie", "theme=dark"}, `data-theme="dark"`},
	} {
		if w := ask(c.path, c.header...); !strings.Contains(w.Body.String()[:300], c.want) {
			t.Errorf("%s with %q begins %s, want %s", c.path, c.header, w.Body.String()[:120], c.want)
		}
	}
	if c := ask("/?lang=ar").Result().Cookies(); len(c) != 1 || c[0].Name != "lang" || c[0].Value != "ar" || !c[0].HttpOnly {
		t.Errorf("choosing a language sets %v", c)
	}
	if c := ask("/?theme=auto", "Cookie", "theme=dark").Result().Cookies(); len(c) != 1 || c[0].MaxAge >= 0 {
		t.Errorf("choosing the device's theme sets %v, want the cookie gone", c)
	}
}

// A page that a reader has is not sent again, and is when the log has grown, in each form.
func TestKept(t *testing.T) {
	p := play(t, "gate-9", server.Config{})
	ask := func(tag, coding string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept-Encoding", coding)
		r.Header.Set("If-None-Match", tag)
		w := httptest.NewRecorder()
		p.s.ServeHTTP(w, r)
		return w
	}
	plain, packed := ask("", ""), ask("", "gzip")
	if plain.Header().Get("ETag") == packed.Header().Get("ETag") || packed.Header().Get("Content-Encoding") != "gzip" {
		t.Fatalf("plain %q and packed %q %q are told apart by neither", plain.Header().Get("ETag"), packed.Header().Get("ETag"), packed.Header().Get("Content-Encoding"))
	}
	z, err := gzip.NewReader(packed.Body)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(z); err != nil || !bytes.Equal(b, plain.Body.Bytes()) {
		t.Errorf("unpacked the page has %d bytes, %v; want %d", len(b), err, plain.Body.Len())
	}
	for coding, w := range map[string]*httptest.ResponseRecorder{"": plain, "gzip": packed} {
		if again := ask(w.Header().Get("ETag"), coding); again.Code != http.StatusNotModified || again.Body.Len() > 0 {
			t.Errorf("asked again with its tag: %d, %d bytes", again.Code, again.Body.Len())
		}
	}
	p.now = p.now.Add(time.Hour) // the same log an hour later says the same
	if again := ask(plain.Header().Get("ETag"), ""); again.Code != http.StatusNotModified {
		t.Errorf("an hour later: %d", again.Code)
	}
}

// The pages say what a check found, and nothing of a check that was not made.
func TestSeal(t *testing.T) {
	found := server.Checked{State: "holds", At: time.Date(2022, 1, 2, 3, 4, 0, 0, time.UTC), Size: 5}
	p := play(t, "gate-9", server.Config{Check: func(context.Context) (server.Checked, error) { return found, nil }})
	if got := text(p.get("/", "en").Body.String()); !strings.Contains(got, "Not checked by this server yet") || strings.Contains(got, "Nothing removed since") {
		t.Error("before any check the first screen claims one")
	}
	p.s.CheckNow(context.Background())
	if got := text(p.get("/", "en").Body.String()); !strings.Contains(got, "Nothing removed since 3 Mar 2021") || !strings.Contains(got, "Checked by this server at 2 Jan 2022, 06:04") {
		t.Errorf("after a check the first screen does not say so: %s", got)
	}
	found = server.Checked{State: "fails", At: found.At.Add(time.Minute), Entry: 7, Reason: "entry 7 is not what was signed"}
	p.s.CheckNow(context.Background())
	if got := text(p.get("/", "en").Body.String()); !strings.Contains(got, "does not hold at entry 7") || !strings.Contains(got, "entry 7 is not what was signed") || strings.Contains(got, "Nothing removed since") {
		t.Errorf("after a check that failed the first screen does not say so: %s", got)
	}
}

// A reader with a browser gets a page for what cannot be answered, in the reader's language.
func TestProblemPage(t *testing.T) {
	p := play(t, "gate-9", server.Config{})
	for lang, want := range map[string]string{"en": "There is nothing at this address", "ar": "لا شيء في هذا العنوان"} {
		for _, path := range []string{"/nowhere", "/convoys/A-99", "/convoys/x", "/incidents/00", "/incidents/" + strings.Repeat("0", 64)} {
			w := p.get(path, lang)
			if w.Code != http.StatusNotFound || !strings.Contains(text(w.Body.String()), want) || !strings.Contains(w.Header().Get("Content-Type"), "text/html") {
				t.Errorf("%s in %s: %d %s", path, lang, w.Code, text(w.Body.String()))
			}
			if w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("%s may be kept: %q", path, w.Header().Get("Cache-Control"))
			}
		}
	}
	for _, path := range []string{"//elsewhere.example/x", "/\\elsewhere.example/x"} {
		r := httptest.NewRequest("GET", "/", nil)
		r.URL.Path = path
		r.Header.Set("Accept", "text/html")
		w := httptest.NewRecorder()
		p.s.ServeHTTP(w, r)
		for _, m := range href.FindAllStringSubmatch(w.Body.String(), -1) {
			if strings.HasPrefix(m[1], "//") || strings.HasPrefix(m[1], "/\\") {
				t.Errorf("%s is answered with a link to %s", path, m[1])
			}
		}
	}
	starting := server.New(server.Config{Now: time.Now, Log: slog.New(slog.NewTextHandler(failing{t}, &slog.HandlerOptions{Level: slog.LevelError}))})
	q := &played{t: t, s: starting}
	if w := q.get("/", "en"); w.Code != http.StatusServiceUnavailable || !strings.Contains(text(w.Body.String()), "being read from its log") || w.Header().Get("Retry-After") == "" {
		t.Errorf("while starting: %d %s", w.Code, text(w.Body.String()))
	}
}

// Many readers at once get the same page while the log is read by others.
func TestManyReaders(t *testing.T) {
	p := play(t, "gate-9", server.Config{})
	want := p.get("/", "en").Body.String()
	var wg sync.WaitGroup
	for i := range 32 {
		wg.Go(func() {
			path := "/"
			if i%2 == 1 {
				path = "/?at=" + fmt.Sprint(i+20) // a page of its own
			}
			if got := p.get(path, "en"); got.Code != http.StatusOK || i%2 == 0 && got.Body.String() != want {
				t.Errorf("reader %d: %d, %d bytes", i, got.Code, got.Body.Len())
			}
		})
	}
	wg.Wait()
}

// TestBeforeTheFirstRelease asks for the pages of a mission that has begun an hour ago, with a
// release delay of six: a calm page, of what the card says, and nothing that was logged.
func TestBeforeTheFirstRelease(t *testing.T) {
	p := play(t, "gate-9", server.Config{})
	p.now = p.founded().Add(time.Hour)
	for lang, begun := range map[string]string{"en": "This mission has begun", "ar": "بدأت هذه البعثة"} {
		for path, status := range map[string]int{"/": 200, "/board": 404, "/log": 404} {
			w := p.get(path, lang)
			body := w.Body.String()
			if w.Code != status || !strings.Contains(body, begun) || !strings.Contains(body, p.bare.Mission().Founder().String()) {
				t.Errorf("%s in %s: %d, want %d and %q\n%s", path, lang, w.Code, status, begun, body)
			}
			if !strings.Contains(body, `datetime="2021-03-03T11:00:00Z"`) {
				t.Errorf("%s in %s does not say when the first release comes:\n%s", path, lang, body)
			}
			for _, secret := range []string{"mina", "A-01", "Gate 9", "Orchard", "River"} {
				if strings.Contains(body, secret) {
					t.Errorf("%s in %s shows %q before anything is released", path, lang, secret)
				}
			}
		}
	}
}

func (p *played) founded() time.Time { return p.bare.Mission().Now().Entry(0).At.Go() }

// TestAnIncidentIsWhereAnyOfItsAuthorsPutsIt: of the four accounts of the shots of 15 December one
// names no place, and whether it comes first is a matter of hashes.
func TestAnIncidentIsWhereAnyOfItsAuthorsPutsIt(t *testing.T) {
	p := play(t, "aleppo-2016", server.Config{})
	_, after, ok := strings.Cut(p.wants("/incidents", "en", "Fire on a convoy"), "15 Dec 2016, 07:00")
	row, _, _ := strings.Cut(after, "</article>")
	if !ok || !strings.Contains(row, "East Aleppo enclave") {
		t.Errorf("the incident of 15 December is told without its place: %q", row)
	}
}
