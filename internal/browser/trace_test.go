package browser_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"corridor.example/corridor"
)

// falsely serves pages as the server makes them, with their text changed.
func (g *guard) falsely(s http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		change := g.change.Load()
		if change == nil || !strings.HasPrefix(r.URL.Path, "/convoys") {
			s.ServeHTTP(w, r)
			return
		}
		r.Header.Del("Accept-Encoding")
		made := httptest.NewRecorder()
		s.ServeHTTP(made, r)
		for name, values := range made.Header() {
			if name != "Content-Length" {
				w.Header()[name] = values
			}
		}
		w.WriteHeader(made.Code)
		_, _ = w.Write([]byte((*change)(made.Body.String()))) // the browser has gone
	})
}

// tracedPages: a page that opens restricted data to a session shows it with the records that
// say so, and shows nothing of it where one is missing, proves nothing or tells of another.
func (r *room) tracedPages(t *testing.T) {
	g := newGuard(t)
	b := r.open(t, g.url, "en", widths[1])
	const sealed = "7,391"
	link, _ := g.invite("office", corridor.MissionLevel)
	b.visit(link)
	b.wait("the code is taken out of the address", `location.href.endsWith("/join") && document.querySelector("#code").value.length === 43`)
	b.click("#join button")
	b.wait("the session", `location.pathname === "/sessions" && document.querySelector("#reader")`)

	b.visit("/convoys/A-777")
	b.wait("the convoy with its trace", `document.querySelector("main")?.innerText.includes("`+sealed+`") && document.querySelector("#trace a[href^='/records/']")`)
	b.unexpected("reading")
	for what, change := range map[string]func(page string) string{
		"without its trace": func(page string) string {
			return regexp.MustCompile(`"disclosures":\[.*\]`).ReplaceAllString(page, `"disclosures":[]`)
		},
		"with a broken proof": func(page string) string { return strings.ReplaceAll(page, `\nindex `, `\nindex 1`) },
		"with another's trace": func(page string) string {
			return strings.ReplaceAll(page, `"reader":"office"`, `"reader":"red"`)
		},
		"with no data at all": func(page string) string { return strings.ReplaceAll(page, `id="trace-data"`, `id="nothing"`) },
	} {
		honest := ""
		falsified := func(page string) string {
			honest = page
			return change(page)
		}
		g.change.Store(&falsified)
		b.visit("/convoys/A-777")
		b.wait(what+": the page is covered", `document.querySelector("main")?.dataset.covered !== undefined`)
		if text := b.text("body"); strings.Contains(text, sealed) || !strings.Contains(text, "This page is covered") {
			t.Errorf("%s the page shows %q", what, text)
		}
		if !strings.Contains(honest, sealed) || change(honest) == honest {
			t.Errorf("%s: the page was not falsified, and the test shows nothing", what)
		}
		g.change.Store(nil)
	}
	b.visit("/convoys/A-777")
	b.wait("the convoy again", `document.querySelector("main")?.innerText.includes("`+sealed+`")`)
}
