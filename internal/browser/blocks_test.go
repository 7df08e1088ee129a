package browser_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// blocks looks at the page that shows every building block of the style sheet, in each theme
// and both directions: what it shows right is right on a page that is written tomorrow.
func (r *room) blocks(t *testing.T) {
	read := func(path ...string) string {
		b, err := os.ReadFile(filepath.Join(append([]string{"..", "..", "web"}, path...)...))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	css, page, axe := read("static", "app.css"), read("testdata", "blocks.html"), r.axeSource(t)
	const plain = `<html lang="en" dir="ltr">`
	if strings.Count(page, plain) != 1 {
		t.Fatalf("the page does not begin with %s", plain)
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		switch q.URL.Path {
		case "/app.css":
			w.Header().Set("Content-Type", "text/css")
			fmt.Fprint(w, css)
		case "/favicon.ico":
			w.WriteHeader(http.StatusNoContent)
		default:
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			root := fmt.Sprintf(`<html lang="en" dir="%s" data-theme="%s">`, q.FormValue("dir"), q.FormValue("theme"))
			fmt.Fprint(w, strings.Replace(page, plain, root, 1))
		}
	}))
	defer s.Close()
	b := r.open(t, s.URL, "", widths[0])
	for _, width := range widths {
		b.width(width)
		for _, dir := range []string{"ltr", "rtl"} {
			for _, theme := range []string{"light", "dark", "night"} {
				what := fmt.Sprintf("%s, %s, %d", dir, theme, width)
				b.visit("/?dir=" + dir + "&theme=" + theme)
				b.paper(what, theme)
				if theme == "night" {
					if bright := eval[[]string](b, nightColours); len(bright) > 0 {
						t.Errorf("%s: brighter than a dim red: %v", what, bright)
					}
				}
				if wide := eval[int](b, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); wide > 0 {
					t.Errorf("%s: the page is %d px too wide", what, wide)
				}
				low := eval[[]string](b, `[...document.querySelectorAll("button, .button, input:not([type=radio], [type=checkbox]), select, textarea, .card, .choice")].filter(e => e.getBoundingClientRect().height < 48).map(e => e.outerHTML.slice(0, 80))`)
				if len(low) > 0 {
					t.Errorf("%s: lower than a thumb: %q", what, low)
				}
				b.axe(axe, "axe.version")
				for _, v := range b.violations(theme != "light") {
					for _, n := range v.Nodes {
						t.Errorf("%s: %s (%s) at %v: %s", what, v.Help, v.ID, n.Target, n.FailureSummary)
					}
				}
				b.clean(what)
			}
		}
	}
}
