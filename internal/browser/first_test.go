package browser_test

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp/kb"
)

// firstThings are the sections of the first page in the order in which a reader must meet
// them, and what each must say of December 2016 before anything is opened. Figures are written
// with the same digits in every language.
var firstThings = []struct {
	section string
	says    []string
}{
	{".intro", []string{"Damascus"}},
	{".g-balance", []string{"2,500", "4,000", "36,086", "30,487", "5,599", "1,312"}},
	{".g-holds", []string{"14", "16", "18"}},
	{".g-totals", []string{"10,300", "13,000", "15,000", "25,000"}},
	{".g-incidents", []string{"5", "6", "20"}},
	{".g-coverage", []string{"15", "22"}},
	{".g-seal", []string{"13", "corridor verify"}},
}

// damascus is the name of the zone that times are given in.
var damascus = map[string]string{"en": "Damascus", "ar": "دمشق"}

// plainly is what sections say in a language besides their figures.
var plainly = map[string][]string{
	".intro":       {"home.neutral"},
	".g-holds":     {"hold.none_stated"},
	".g-incidents": {"incident.not_seen.reported"},
	".g-coverage":  {"coverage.never"},
	".g-seal":      {"seal.holds", "seal.try", "seal.yourself"},
}

// firstScreen holds the first page to its order on a telephone.
func (r *room) firstScreen(t *testing.T) {
	for _, lang := range languages {
		b := r.open(t, r.sites["aleppo-2016"], lang, widths[0])
		b.settled()
		b.firstScreen(lang)
		// On a telephone nothing stands beside anything else: the reader meets them one by one.
		last := -1.0
		for _, want := range firstThings {
			top := eval[float64](b, fmt.Sprintf(`document.querySelector(%q).getBoundingClientRect().top`, want.section))
			if top <= last {
				t.Errorf("%s: %s begins at %.0f, above what comes before it at %.0f", lang, want.section, top, last)
			}
			last = top
		}
	}
}

// settled waits until the server has checked its own log, which the first page speaks of.
func (b *tab) settled() {
	b.t.Helper()
	for range 400 {
		b.visit("/")
		if b.count(".seal.s-unknown") == 0 {
			return
		}
		b.pause()
	}
	b.t.Fatal("the server has not checked its log")
}

// firstScreen holds what the first page says without a click.
func (b *tab) firstScreen(lang string) {
	b.t.Helper()
	for _, want := range firstThings {
		says := b.text(want.section)
		for _, w := range want.says {
			if w == "Damascus" {
				w = damascus[lang]
			}
			if !regexp.MustCompile(`(^|[^0-9,])` + regexp.QuoteMeta(w) + `($|[^0-9,]|,[^0-9])`).MatchString(says) {
				b.t.Errorf("%s: %s does not say %s; it says %q", lang, want.section, w, says)
			}
		}
		for _, key := range plainly[want.section] {
			if w := messages(lang)[key]; len(w) != 1 || !strings.Contains(says, w[0]) {
				b.t.Errorf("%s: %s does not say %q; it says %q", lang, want.section, w, says)
			}
		}
	}
	if n := b.count(".g-holds .hold"); n < 2 {
		b.t.Errorf("%s: %d times in which nothing moved, want both long ones", lang, n)
	}
	if n := b.count(".g-incidents .versions li"); n < 3 {
		b.t.Errorf("%s: %d versions of the burned buses, want each", lang, n)
	}
}

// weight holds the first page, with everything it needs, below what a slow network carries.
func (r *room) weight(t *testing.T) {
	const most = 100_000
	for _, lang := range languages {
		b := r.open(t, r.sites["aleppo-2016"], "", widths[0])
		b.visit("/?lang=" + lang)
		b.wait("what it loads, and what it checks", `document.querySelector("[data-here][data-state=holds]")`)
		b.mu.Lock()
		total, asked := b.bytes, slices.Clone(b.asked)
		b.mu.Unlock()
		if len(asked) < 3 {
			t.Errorf("%s: it asked only for %q", lang, asked)
		}
		icon := b.base + eval[string](b, `document.querySelector("link[rel=icon]").getAttribute("href")`)
		if !slices.Contains(asked, icon) { // a browser without a window shows no icon
			res, err := http.Get(icon)
			if err != nil {
				t.Fatal(err)
			}
			n, err := io.Copy(io.Discard, res.Body)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			total += n
		}
		if total < 10_000 || total >= most {
			t.Errorf("%s: the first page takes %d bytes, want fewer than %d", lang, total, most)
		}
		t.Logf("%s: %d bytes", lang, total)
	}
}

// plain reads and uses the pages in a browser that runs no script.
func (r *room) plain(t *testing.T) {
	for _, lang := range languages {
		b := r.open(t, r.sites["aleppo-2016"], lang, widths[0])
		b.settled()
		call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		b.visit("/")
		b.firstScreen(lang)

		b.visit("/board")
		if got := b.text(".slider button:not([hidden])"); got != messages(lang)["slider.show"][0] {
			t.Errorf("%s: without script the slider offers %q", lang, got)
		}
		b.click(".slider .marks a[data-at]")
		b.wait("the board at the first mark", `location.search.startsWith("?at=")`)
		if b.count(".banner-past") != 1 || b.text(".slider .marks a[aria-current]") == "" {
			t.Errorf("%s: %s does not say that it is an earlier state", lang, b.path())
		}
		b.focus(".slider input[type=range]")
		b.key(kb.Home)
		b.click(".slider button[type=submit]")
		b.wait("the board at the first entry", `location.search === "?at=1"`)
		if got := b.text(".slider .at"); !strings.Contains(got, "1") {
			t.Errorf("%s: the slider says %q", lang, got)
		}

		b.visit("/cheat")
		b.click(".lies button")
		b.wait("the answer", `document.querySelector("#answer .verdict")`)
		b.clean(lang)
	}
}
