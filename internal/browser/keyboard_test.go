package browser_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// A stop is where the focus stands after a press of Tab.
type stop struct {
	Tag, Class, Href, Text string
	Ring                   bool // a line of at least 3 px is drawn round it
	Seen                   bool // its middle is in the window and nothing lies over it
	Body                   bool // the focus has left the page
}

const focused = `(() => {
	const e = document.activeElement;
	if (!e || e === document.body || e === document.documentElement) return { Body: true };
	const s = getComputedStyle(e), r = e.getClientRects()[0] ?? e.getBoundingClientRect();
	const y = r.y + r.height / 2, over = document.elementFromPoint(r.x + r.width / 2, y);
	return {
		Tag: e.tagName.toLowerCase(), Class: e.getAttribute("class") ?? "", Href: e.getAttribute("href") ?? "",
		Text: (e.textContent ?? "").replace(/\s+/g, " ").trim().slice(0, 60),
		Ring: s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 3,
		Seen: y > 0 && y < innerHeight && !!over && (e.contains(over) || over.contains(e)),
	};
})()`

// keyboard walks through the board with Tab alone.
func (r *room) keyboard(t *testing.T) {
	for _, lang := range languages {
		for _, width := range widths {
			t.Run(fmt.Sprint(lang, width), func(t *testing.T) {
				t.Parallel()
				r.walk(t, lang, width)
			})
		}
	}
}

func (r *room) walk(t *testing.T, lang string, width int64) {
	b := r.open(t, r.sites["aleppo-2016"], lang, width)
	b.visit("/board")
	var stops []stop
	pictured := map[string]bool{}
	for range 400 {
		b.key(kb.Tab)
		s := eval[stop](b, focused)
		if s.Body {
			break
		}
		stops = append(stops, s)
		if !s.Ring {
			t.Errorf("%s, %d: no ring of 3 px round %+v", lang, width, s)
		}
		if !s.Seen {
			t.Errorf("%s, %d: the focus is on what cannot be seen: %+v", lang, width, s)
		}
		if kind := s.Tag + s.Class; !pictured[kind] {
			pictured[kind] = true
			if !b.ringed() {
				t.Errorf("%s, %d: with and without the focus %+v looks the same", lang, width, s)
			}
		}
	}
	at := func(what string, is func(stop) bool) int {
		i := slices.IndexFunc(stops, is)
		if i < 0 {
			t.Errorf("%s, %d: Tab does not reach %s", lang, width, what)
		}
		return i
	}
	order := []int{
		at("the way to the content", func(s stop) bool { return s.Href == "#main" }),
		at("the first page", func(s stop) bool { return s.Class == "brand" }),
		at("the other language", func(s stop) bool { return strings.Contains(s.Href, "lang=") }),
		at("the observers", func(s stop) bool { return s.Href == "/observers" }),
		at("the log", func(s stop) bool { return s.Href == "/log" }),
		at("a table under a drawing", func(s stop) bool { return s.Tag == "summary" }),
		at("the slider", func(s stop) bool { return s.Tag == "input" }),
		at("a marked day", func(s stop) bool { return strings.HasPrefix(s.Href, "/board?at=") }),
		at("play", func(s stop) bool { return s.Class == "play" }),
	}
	if order[0] != 0 || !slices.IsSorted(order) {
		t.Errorf("%s, %d: Tab reaches them in the order %v", lang, width, order)
	}

	b.visit("/board")
	b.key(kb.Tab)
	b.key(kb.Enter)
	if got := b.path(); got != "/board#main" {
		t.Errorf("%s: the first link leads to %s", lang, got)
	}
	b.key(kb.Tab)
	if inside := eval[bool](b, `document.querySelector("main").contains(document.activeElement)`); !inside {
		t.Errorf("%s: after it Tab is not in the content but on %+v", lang, eval[stop](b, focused))
	}

	b.focus("main summary")
	b.key(kb.Enter)
	if open := eval[bool](b, `document.activeElement.parentElement.open`); !open {
		t.Errorf("%s: Enter does not open what is closed", lang)
	}
	before := b.text(".slider .at")
	b.focus(".slider input[type=range]")
	b.key(kb.Home)
	b.wait("the board at the first entry", `new URLSearchParams(location.search).get("at") === "1"`)
	if after := b.text(".slider .at"); after == before {
		t.Errorf("%s: the slider still says %q", lang, after)
	}
	b.clean(lang)
}

// ringed reports whether the page looks different without the focus, and gives it back.
func (b *tab) ringed() bool {
	b.t.Helper()
	picture := func() []byte { return ask(b, "a picture", chromedp.CaptureScreenshot()) }
	with := picture()
	b.run(`window.had = document.activeElement; window.had.blur()`)
	without := picture()
	b.run(`window.had.focus({preventScroll: true, focusVisible: true})`)
	return !bytes.Equal(with, without)
}
