package browser_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

var (
	pictures = flag.String("look", "", "write a picture of every kind of page into this directory, to be looked at")
	only     = flag.String("only", "", "of the pictures, only those whose names match this expression: aleppo-2016.board.ar.390.dark")
)

// look writes a picture of the first page of every kind, in each language, narrow and wide,
// light and dark. Without -look it does nothing that the other tests do not.
func (r *room) look(t *testing.T) {
	if *pictures == "" {
		return
	}
	wanted, err := regexp.Compile(*only)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range cases {
		for _, lang := range languages {
			b := r.open(t, r.sites[name], lang, widths[0])
			for _, path := range b.oneOfEach() {
				for _, width := range widths {
					for _, scheme := range []string{"light", "dark"} {
						page := strings.Trim(strings.NewReplacer("/", "-", "{}", "one", "?", "-").Replace(kind(path)), "-")
						if page == "" {
							page = "home"
						}
						file := fmt.Sprintf("%s.%s.%s.%d.%s", name, page, lang, width, scheme)
						if !wanted.MatchString(file) {
							continue
						}
						b.width(width)
						b.prefers(scheme)
						b.visit(path)
						png := ask(b, "a picture", chromedp.FullScreenshot(100))
						if err := os.WriteFile(filepath.Join(*pictures, file+".png"), png, 0o644); err != nil {
							t.Fatal(err)
						}
					}
				}
			}
		}
	}
}

// oneOfEach returns an address of every kind of page that links lead to.
func (b *tab) oneOfEach() []string {
	b.t.Helper()
	var paths []string
	seen := map[string]bool{"/": true}
	for queue := []string{"/"}; len(queue) > 0; queue = queue[1:] {
		b.visit(queue[0])
		paths = append(paths, queue[0])
		for _, p := range eval[[]string](b, links) {
			if choice.MatchString(p) || strings.HasPrefix(p, "/api/") || strings.HasPrefix(p, "/mission.card") || seen[kind(p)] {
				continue
			}
			seen[kind(p)] = true
			queue = append(queue, p)
		}
	}
	return paths
}
