package browser_test

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
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
// as wide as people have it.
func (r *room) pages(t *testing.T) {
	for _, name := range cases {
		for _, lang := range languages {
			t.Run(name+"/"+lang, func(t *testing.T) {
				t.Parallel()
				r.crawl(t, r.sites[name], lang)
			})
		}
	}
}

// crawl opens a page and what it leads to. Pages are loaded narrow and made wide, and loaded
// wide and made narrow, in turn; the first of each kind is loaded both ways, since a page may
// move only while it loads. With -short one page of a kind is enough.
func (r *room) crawl(t *testing.T, base, lang string) {
	b := r.open(t, base, lang, widths[0])
	b.clean("the first page")
	kinds, opened, wide := map[string]int{}, 0, 0
	seen := map[string]bool{"/": true}
	for queue := []string{"/"}; len(queue) > 0; queue = queue[1:] {
		path := queue[0]
		if strings.HasPrefix(path, "/api/") || strings.HasPrefix(path, "/mission.card") || path == "/check.html" { // files to take away; for the last see checkPage
			get(t, base+path)
			continue
		}
		k := kind(path)
		if kinds[k]++; kinds[k] > 1 && testing.Short() {
			continue
		}
		opened++
		if status := b.visit(path); status != http.StatusOK {
			t.Errorf("%s: status %d", path, status)
		}
		b.flawless(fmt.Sprintf("%s, loaded %d wide", path, widths[wide]), lang, true)
		next := eval[[]string](b, links)
		wide = 1 - wide
		b.width(widths[wide])
		if kinds[k] == 1 {
			b.visit(path)
			b.flawless(fmt.Sprintf("%s, loaded %d wide", path, widths[wide]), lang, true)
		} else {
			b.flawless(fmt.Sprintf("%s, made %d wide", path, widths[wide]), lang, false)
		}
		for _, p := range next {
			if !choice.MatchString(p) && !seen[p] {
				seen[p] = true
				queue = append(queue, p)
			}
		}
	}
	t.Logf("%d pages of %d kinds", opened, len(kinds))
	for _, want := range []string{"/", "/board", "/board?at", "/convoys", "/convoys/{}", "/incidents", "/incidents/{}", "/observers", "/said", "/reports", "/reports/{}", "/records/{}", "/log", "/mission", "/cheat"} {
		if kinds[want] == 0 {
			t.Errorf("no link leads to a page of the kind %s", want)
		}
	}
}

// flawless reports what is wrong with the page a tab shows.
func (b *tab) flawless(what, lang string, loaded bool) {
	b.t.Helper()
	found := b.flaws(lang, loaded)
	slices.Sort(found)
	for _, f := range slices.Compact(found) {
		b.t.Errorf("%s: %s", what, f)
	}
}

// get asks for what is not a page.
func get(t *testing.T, address string) {
	t.Helper()
	q, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Errorf("%s: status %d", address, res.StatusCode)
	}
}
