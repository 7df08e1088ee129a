package browser_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/chromedp/chromedp"
)

// A violation is what keeps some people from using a page, as axe-core finds it.
type violation struct {
	ID, Help string
	Nodes    []struct {
		HTML           string
		Target         []any
		FailureSummary string
	}
}

// axes looks at every kind of page with axe-core: all its rules on a light page, and those on
// colours on a dark page and at night. A theme is an attribute of the page, which is set without
// loading it again; that choosing one sets it is what themes tests.
func (r *room) axes(t *testing.T) {
	src := r.axeSource(t)
	r.notices(t, src)
	for _, name := range cases {
		for _, lang := range languages {
			t.Run(name+"/"+lang, func(t *testing.T) {
				t.Parallel()
				b := r.open(t, r.sites[name], lang, widths[0])
				if version := b.axe(src, "axe.version"); version != `"4.14.1"` {
					t.Errorf("axe-core is version %s, want 4.14.1", version)
				}
				for i, path := range append(b.oneOfEach(), "/records/none", "POST /cheat") {
					b.width(widths[i%2])
					b.themed(path, "light")
					b.axe(src, "axe.version")
					for _, theme := range []string{"light", "dark", "night"} {
						b.run(fmt.Sprintf(`document.documentElement.dataset.theme = %q`, theme))
						for _, v := range b.violations(theme != "light") {
							for _, n := range v.Nodes {
								t.Errorf("%s, %s, %s: %s (%s) at %v: %s\n%.200s", path, lang, theme, v.Help, v.ID, n.Target, n.FailureSummary, n.HTML)
							}
						}
					}
				}
			})
		}
	}
}

// axeSource is axe-core itself.
func (r *room) axeSource(t *testing.T) string {
	t.Helper()
	src, err := os.ReadFile(r.axe)
	if err != nil {
		t.Fatal(err)
	}
	return string(src)
}

// themed opens a page in a theme. A page that answers a form is asked for by its first button.
func (b *tab) themed(path, theme string) {
	b.t.Helper()
	join := "?"
	for _, c := range path {
		if c == '?' {
			join = "&"
		}
	}
	if path == "POST /cheat" {
		b.visit("/cheat?theme=" + theme)
		b.click(".lies button")
		b.wait("the answer", `document.querySelector("#answer")`)
		return
	}
	b.visit(path + join + "theme=" + theme)
}

// axe brings axe-core into the page and returns what an expression with it gives, as JSON.
func (b *tab) axe(src, expression string) string {
	b.t.Helper()
	return eval[string](b, src+";\nPromise.resolve("+expression+").then(v => JSON.stringify(v))")
}

// violations opens everything that is closed and looks at the page, which has axe-core already.
func (b *tab) violations(onlyColours bool) []violation {
	b.t.Helper()
	only := ""
	if onlyColours {
		only = `, runOnly: {type: "rule", values: ["color-contrast", "link-in-text-block"]}`
	}
	b.run(`for (const d of document.querySelectorAll("details")) d.open = true`)
	return eval[[]violation](b, fmt.Sprintf(`axe.run({resultTypes: ["violations"]%s}).then(r => r.violations.map(v => ({
		ID: v.id, Help: v.help, Nodes: v.nodes.map(n => ({HTML: n.html, Target: n.target, FailureSummary: n.failureSummary})),
	})))`, only))
}

// notices shows axe-core a page that it must object to.
func (r *room) notices(t *testing.T, src string) {
	b := r.open(t, "data:", "", widths[0])
	b.do("a page", chromedp.Navigate(`data:text/html,<html><title>x</title><body style="background:white"><h1>x</h1><p style="color:%23ccc">pale</p><a href="/"></a></body></html>`))
	found := map[string]bool{}
	b.axe(src, "axe.version")
	for _, v := range b.violations(false) {
		found[v.ID] = true
	}
	for _, want := range []string{"color-contrast", "link-name", "html-has-lang"} {
		if !found[want] {
			t.Errorf("axe-core does not object to a page that fails %s; it found %v", want, found)
		}
	}
}
