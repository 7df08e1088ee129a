package browser_test

import (
	"fmt"
	"html"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// links is an expression for the addresses that a page leads to on its own server.
const links = `[...document.querySelectorAll("a[href]")].map(a => new URL(a.getAttribute("href"), location.href)).filter(u => u.origin === location.origin)
	.map(u => { u.hash = ""; return u.pathname + u.search })`

var choice = regexp.MustCompile(`[?&](lang|theme)=`)

// kind is what sort of page an address is of: "/records/{}", "/convoys/{}?at".
func kind(path string) string {
	path, query, _ := strings.Cut(path, "?")
	parts := strings.Split(path, "/")
	for i := 2; i < len(parts); i++ {
		if parts[i] != "" {
			parts[i] = "{}"
		}
	}
	k := strings.Join(parts, "/")
	if strings.Contains(query, "at=") {
		k += "?at"
	}
	return k
}

// pages opens every page that links lead to from the first, in every language, as narrow and
// as wide as people have it. Several tabs share the pages of a mission, and wait for nothing
// but each its own.
func (r *room) pages(t *testing.T) {
	for _, name := range cases {
		for _, lang := range languages {
			t.Run(name+"/"+lang, func(t *testing.T) {
				t.Parallel()
				paths := r.linked(t, r.sites[name], lang)
				const tabs = 3
				for i := range tabs {
					t.Run(fmt.Sprint(i), func(t *testing.T) {
						t.Parallel()
						var mine []string
						for n, path := range paths {
							if n%tabs == i {
								mine = append(mine, path)
							}
						}
						r.read(t, r.sites[name], lang, mine, paths)
					})
				}
			})
		}
	}
}

// taken reports whether an address is of a file to take away, and no page. For check.html see
// checkPage.
func taken(path string) bool {
	return strings.HasPrefix(path, "/api/") || strings.HasPrefix(path, "/mission.card") || path == "/check.html"
}

var href = regexp.MustCompile(`<a [^>]*href="(/[^"#]*)`)

// linked asks for the first page and everything that links lead to on the same server, and
// returns the addresses of the pages. With -short one page of a kind is enough.
func (r *room) linked(t *testing.T, base, lang string) []string {
	kinds := map[string]int{}
	var paths []string
	seen := map[string]bool{"/": true}
	for queue := []string{"/"}; len(queue) > 0; queue = queue[1:] {
		path := queue[0]
		body := get(t, base+path, lang)
		if taken(path) {
			continue
		}
		k := kind(path)
		if kinds[k]++; kinds[k] > 1 && testing.Short() {
			continue
		}
		paths = append(paths, path)
		for _, m := range href.FindAllStringSubmatch(body, -1) {
			if p := html.UnescapeString(m[1]); !choice.MatchString(p) && !seen[p] {
				seen[p] = true
				queue = append(queue, p)
			}
		}
	}
	t.Logf("%d pages of %d kinds", len(paths), len(kinds))
	for _, want := range []string{"/", "/board", "/board?at", "/convoys", "/convoys/{}", "/incidents", "/incidents/{}", "/observers", "/said", "/reports", "/reports/{}", "/records/{}", "/log", "/mission", "/cheat"} {
		if kinds[want] == 0 {
			t.Errorf("no link leads to a page of the kind %s", want)
		}
	}
	return paths
}

// read looks at pages, loaded narrow and made wide and loaded wide and made narrow in turn; the
// first of each kind among all is loaded both ways, since a page may move only while it loads.
// What a browser adds to a page must lead nowhere that was not found without it.
func (r *room) read(t *testing.T, base, lang string, paths, all []string) {
	b := r.open(t, base, lang, widths[0])
	b.clean("the first page")
	known := map[string]bool{}
	first := map[string]string{}
	for _, p := range all {
		known[p] = true
		if first[kind(p)] == "" {
			first[kind(p)] = p
		}
	}
	for wide, path := range paths {
		wide %= 2
		b.width(widths[wide])
		if status := b.visit(path); status != http.StatusOK {
			t.Errorf("%s: status %d", path, status)
		}
		b.flawless(fmt.Sprintf("%s, loaded %d wide", path, widths[wide]), lang, true)
		b.width(widths[1-wide])
		if first[kind(path)] == path {
			for _, p := range eval[[]string](b, links) {
				if !choice.MatchString(p) && !known[p] && !taken(p) && !testing.Short() {
					t.Errorf("%s leads to %s in a browser only", path, p)
				}
			}
			b.visit(path)
			b.flawless(fmt.Sprintf("%s, loaded %d wide", path, widths[1-wide]), lang, true)
		} else {
			b.flawless(fmt.Sprintf("%s, made %d wide", path, widths[1-wide]), lang, false)
		}
	}
}

// flawless reports what is wrong with the page a tab shows.
func (b *tab) flawless(what, lang string, loaded bool) {
	b.t.Helper()
	found := b.flaws(lang, loaded)
	moved := func(f string) bool { return strings.HasPrefix(f, thingsMoved) }
	if loaded && slices.ContainsFunc(found, moved) {
		// A machine that is too busy shows a page while half of it is read, and what is being
		// read then may move. What the page itself moves, it moves every time.
		b.t.Logf("%s: loaded once more: %q", what, found)
		b.do("a second time", chromedp.Reload())
		found = slices.DeleteFunc(found, moved)
		found = append(found, b.flaws(lang, true)...)
	}
	slices.Sort(found)
	for _, f := range slices.Compact(found) {
		b.t.Errorf("%s: %s", what, f)
	}
}

// get asks for something in a language and returns it.
func get(t *testing.T, address, lang string) string {
	t.Helper()
	q, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	q.Header.Set("Accept", "text/html, */*")
	q.Header.Set("Accept-Language", lang)
	res, err := http.DefaultClient.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != http.StatusOK {
		t.Errorf("%s: status %d", address, res.StatusCode)
	}
	return string(body)
}
