package server_test

import (
	"context"
	"html"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"corridor.example/corridor/internal/cheat"
	"corridor.example/corridor/internal/server"
)

const demo = "http://127.0.0.1:8080" // where corridor demo listens

// TestOrigin opens every page that doc/origin.md links to, on the case it speaks of, and looks
// for the place on the page.
func TestOrigin(t *testing.T) {
	text := documents(t)["doc/origin.md"]
	s := play(t, "aleppo-2016", server.Config{Reconstruction: true, Cheat: func(context.Context, string) (cheat.Answer, error) {
		t.Error("nobody asked for a lie")
		return cheat.Answer{}, nil
	}}).s
	seen := 0
	for _, l := range link.FindAllStringSubmatch(text, -1) {
		address, ok := strings.CutPrefix(l[1], demo)
		if !ok {
			continue
		}
		seen++
		path, anchor, _ := strings.Cut(address, "#")
		body := openPage(t, s, path)
		if anchor != "" && !strings.Contains(body, ` id="`+anchor+`"`) {
			t.Errorf("%s has no place %q", path, anchor)
		}
	}
	if seen < 30 {
		t.Errorf("the page has %d links to the demo; a sentence of the report has lost its own", seen)
	}
}

// openPage gets a page, following the address that a short one leads to.
func openPage(t *testing.T, s http.Handler, path string) string {
	t.Helper()
	for range 3 {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header.Set("Accept", "text/html")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		switch w.Code {
		case http.StatusOK:
			return w.Body.String()
		case http.StatusSeeOther:
			path = w.Header().Get("Location")
			continue
		}
		t.Errorf("%s is answered %d", path, w.Code)
		return ""
	}
	t.Errorf("%s leads nowhere", path)
	return ""
}

// TestOriginIsTheBriefing holds the page against the statement: the bytes that were read, and a
// row for every claim.
func TestOriginIsTheBriefing(t *testing.T) {
	text := documents(t)["doc/origin.md"]
	body := openPage(t, play(t, "aleppo-2016", server.Config{}).s, "/said/iran-snsc/1")
	hash := regexp.MustCompile(`[0-9a-f]{64}`).FindString(text)
	if hash == "" || !strings.Contains(html.UnescapeString(body), hash) {
		t.Errorf("the statement is not of the bytes %q that doc/origin.md was written from", hash)
	}
	claims := regexp.MustCompile(` id="(c\d+)"`).FindAllStringSubmatch(body, -1)
	if len(claims) < 15 {
		t.Errorf("the statement has %d claims", len(claims))
	}
	for _, c := range claims {
		if !strings.Contains(text, "/said/iran-snsc/1#"+c[1]+")") {
			t.Errorf("doc/origin.md has no row for claim %s", c[1])
		}
	}
}

func TestShortAddressOfAStatement(t *testing.T) {
	s := play(t, "aleppo-2016", server.Config{}).s
	for _, path := range []string{"/said/iran-snsc/0", "/said/iran-snsc/-1", "/said/iran-snsc/99", "/said/iran-snsc/one", "/said/nobody/1"} {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != http.StatusNotFound {
			t.Errorf("%s is answered %d", path, w.Code)
		}
	}
	first, second := openPage(t, s, "/said/iran-snsc/1"), openPage(t, s, "/said/iran-snsc/2")
	if first == second {
		t.Error("two statements of one speaker have one address")
	}
}
