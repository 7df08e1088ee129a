package browser_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// papers are what each theme is printed on.
var papers = map[string]string{"light": "rgb(251, 250, 247)", "dark": "rgb(21, 23, 26)", "night": "rgb(0, 0, 0)"}

func (b *tab) paper(what, theme string) {
	b.t.Helper()
	if got := eval[string](b, `getComputedStyle(document.body).backgroundColor`); got != papers[theme] {
		b.t.Errorf("%s: the page is printed on %s, want %s", what, got, papers[theme])
	}
}

// themes chooses each one by its link, on devices set to light and dark, and goes on.
func (r *room) themes(t *testing.T) {
	b := r.open(t, r.sites["aleppo-2016"], "en", widths[0])
	for _, device := range []string{"light", "dark"} {
		b.prefers(device)
		for _, theme := range []string{"light", "dark", "night", "auto"} {
			want := theme
			if theme == "auto" {
				want = device
			}
			b.visit("/incidents")
			b.click(fmt.Sprintf(".foot .links a[href*='theme=%s']", theme))
			b.wait("the choice", fmt.Sprintf(`location.search.includes("theme=%s")`, theme))
			b.wait("the page", `document.readyState === "complete"`)
			if got := b.path(); !strings.HasPrefix(got, "/incidents?") {
				t.Errorf("choosing %s leads to %s", theme, got)
			}
			what := fmt.Sprintf("%s on a device set to %s", theme, device)
			b.paper(what, want)
			b.visit("/log")
			b.paper(what+", the next page", want)
		}
	}
	b.visit("/")
	b.click(".switch a[href*='theme=night']")
	b.wait("night", `document.documentElement.dataset.theme === "night"`)
	b.paper("the switch at the top", "night")
	b.click(".switch a[href*='theme=']")
	b.wait("day", `document.documentElement.dataset.theme !== "night"`)
	if len(eval[[]string](b, nightColours)) == 0 {
		t.Error("by day nothing is brighter than at night, so that looking for it finds nothing")
	}
	b.visit("/board?theme=night")
	if bright := eval[[]string](b, nightColours); len(bright) > 0 {
		t.Errorf("at night these are brighter than a dim red: %v", bright)
	}
	b.clean("the themes")
}

// nightColours is an expression for what at night would dazzle: anything with green or blue
// in it beyond what the dim red has.
const nightColours = `[...new Set([...document.querySelectorAll("body, body *")].flatMap(e => {
	const s = getComputedStyle(e);
	return [s.color, s.backgroundColor, s.borderTopColor, s.outlineColor, s.fill, s.stroke].filter(c => {
		const m = /rgba?\((\d+), (\d+), (\d+)(?:, ([\d.]+))?\)/.exec(c);
		return m && m[4] !== "0" && (+m[2] > 100 || +m[3] > 100);
	}).map(c => e.tagName.toLowerCase() + "." + (e.getAttribute("class") ?? "") + " " + c);
}))].slice(0, 5)`

// language changes the language in the middle of something: the page stays, and so does the
// choice.
func (r *room) language(t *testing.T) {
	b := r.open(t, r.sites["aleppo-2016"], "en", widths[0])
	b.visit("/board")
	day := eval[[]mark](b, marks)[1]
	for _, path := range []string{"/convoys", fmt.Sprintf("/board?at=%d", day.At), "/said"} {
		b.visit(path)
		for _, lang := range []string{"ar", "en"} {
			b.click(fmt.Sprintf(".switch a[hreflang=%s]", lang))
			b.wait("the language "+lang, fmt.Sprintf(`document.documentElement.lang === %q`, lang))
			page, query, _ := strings.Cut(b.path(), "?")
			wantPage, wantQuery, _ := strings.Cut(path, "?")
			if page != wantPage || !strings.Contains(query, wantQuery) {
				t.Errorf("changing the language of %s leads to %s", path, b.path())
			}
			b.flawless(path+" in "+lang, lang, true)
			b.click(".nav a[href='/observers']")
			b.wait("the next page", `location.pathname === "/observers"`)
			if got := eval[string](b, `document.documentElement.lang`); got != lang {
				t.Errorf("the page after %s is in %s", path, got)
			}
			b.back()
			b.wait("the page before", `location.pathname === "`+wantPage+`"`)
		}
	}
	b.clean("the language")
}

// back goes forth and back with the browser's own buttons.
func (r *room) back(t *testing.T) {
	b := r.open(t, r.sites["aleppo-2016"], "en", widths[0])
	b.visit("/")
	heading := func() string { return b.text("h1") }
	home := heading()
	b.click(".subnav a[href='/board']")
	b.wait("the board", `location.pathname === "/board"`)
	day := eval[[]mark](b, marks)[1]
	b.click(fmt.Sprintf(".slider .marks a[data-at='%d']", day.At))
	b.wait("the marked day", fmt.Sprintf(`location.search === "?at=%d"`, day.At))
	b.click("#incidents article a")
	b.wait("an incident", `location.pathname.startsWith("/incidents/")`)
	if got := b.path(); !strings.Contains(got, fmt.Sprintf("at=%d", day.At)) {
		t.Errorf("from the board of that day a link leads to %s, which is of another", got)
	}
	b.back()
	b.wait("the board", `location.pathname === "/board"`)
	if !eval[bool](b, standsAt(day.At)) {
		t.Errorf("back on the board it stands at %q, want %d", b.text(".slider .at"), day.At)
	}
	if got := eval[int](b, at); got != day.At {
		t.Errorf("back on the board the slider stands at %d, want %d", got, day.At)
	}
	b.back()
	b.wait("the first page", `location.pathname === "/"`)
	if got := heading(); got != home {
		t.Errorf("back on the first page its heading is %q, want %q", got, home)
	}
	b.run(`history.forward()`)
	b.wait("the board again", `location.pathname === "/board"`)
	b.clean("back and forth")
}

// problem asks for what is not there, and gets a page that says so and leads on.
func (r *room) problem(t *testing.T) {
	for _, lang := range languages {
		b := r.open(t, r.sites["aleppo-2016"], lang, widths[0])
		path := "/records/" + strings.Repeat("0", 64)
		if status := b.visit(path); status != http.StatusNotFound {
			t.Errorf("%s: status %d", path, status)
		}
		b.wrong() // the browser itself complains of the status
		b.flawless(path, lang, true)
		if got, want := b.text("h1"), messages(lang)["problem.not_found"][0]; got != want {
			t.Errorf("%s: it says %q, want %q", lang, got, want)
		}
		b.click("main a.button")
		b.wait("the first page", `location.pathname === "/"`)
	}
}

// printed looks at a report as a printer gets it: everything open, and only the report.
func (r *room) printed(t *testing.T) {
	for _, lang := range languages {
		b := r.open(t, r.sites["aleppo-2016"], lang, 700)
		b.visit("/reports")
		b.visit(eval[string](b, `document.querySelector("main a[href^='/reports/']").getAttribute("href")`))
		call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
		if n := eval[int](b, `[...document.querySelectorAll(".nav, .switch, .skip, form, summary")].filter(e => e.getClientRects().length).length`); n != 0 {
			t.Errorf("%s: %d parts that are of no use on paper are printed", lang, n)
		}
		closed := eval[[]string](b, `[...document.querySelectorAll("main details")].filter(d => getComputedStyle(d).display !== "none" && ![...d.children].some(c => c.tagName !== "SUMMARY" && c.getBoundingClientRect().height > 0)).map(d => d.textContent.trim().slice(0, 60))`)
		if len(closed) > 0 {
			t.Errorf("%s: on paper these stay closed: %q", lang, closed)
		}
		if wide := eval[int](b, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); wide > 0 {
			t.Errorf("%s: on paper the page is %d px too wide", lang, wide)
		}
		if pdf := ask(b, "printing", chromedp.PrintToPDF(chromedp.PDFPaper(chromedp.PaperA4))); !strings.HasPrefix(string(pdf), "%PDF-") {
			t.Errorf("%s: it prints %d bytes that are no PDF", lang, len(pdf))
		}
	}
}
