package browser_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// What a page looks like from outside, as the script finds it.
type seen struct {
	Lang, Dir, Title string
	Headings         int      // of the first level
	Wide             []string // what is wider than the window, empty if the page is not
	Shift            float64  // how far things moved after they were shown
	Moved            []string // what moved, some of it
	Labels           []string // labels of drawings that lie on each other or outside
	Lost             []string // links to a place in the page that is not there
	Texts            []text
}

// A text is one run of words on a page. Own says that it is in a language or direction of its
// own, as names and quotations are.
type text struct {
	Text string
	Own  bool
}

// script finds out what a page looks like. Details that are closed are opened for it.
const script = `(async (loaded) => {
	const shown = e => { const r = e.getBoundingClientRect(); return r.width > 0 && r.height > 0; };
	const name = e => e.tagName.toLowerCase() + (e.id ? "#" + e.id : "") + (e.classList.length ? "." + [...e.classList].join(".") : "") +
		" " + JSON.stringify((e.textContent ?? "").replace(/\s+/g, " ").trim().slice(0, 60));
	let shift = 0;
	const moved = [];
	if (loaded) await new Promise(done => {
		const add = list => { for (const e of list) if (!e.hadRecentInput) {
			shift += e.value;
			for (const s of e.sources) if (s.node) moved.push(name(s.node.nodeType === 1 ? s.node : s.node.parentElement) + " from " + s.previousRect.x + ", " + s.previousRect.y + " to " + s.currentRect.x + ", " + s.currentRect.y);
		} };
		const watch = new PerformanceObserver(l => add(l.getEntries()));
		watch.observe({ type: "layout-shift", buffered: true });
		requestAnimationFrame(() => requestAnimationFrame(() => { add(watch.takeRecords()); watch.disconnect(); done(); }));
	});
	for (const d of document.querySelectorAll("details")) d.open = true;
	const root = document.documentElement, width = root.clientWidth;
	const wide = [];
	if (root.scrollWidth > width) {
		wide.push("the page is " + root.scrollWidth + " wide in a window of " + width);
		for (const e of document.body.querySelectorAll("*")) {
			const r = e.getBoundingClientRect();
			if (shown(e) && (r.right > width + 1 || r.left < -1) && !e.closest(".scroll") && wide.length < 5) wide.push(name(e));
		}
	}
	const labels = [];
	for (const svg of document.querySelectorAll("svg.drawing")) {
		const frame = svg.getBoundingClientRect();
		const all = [...svg.querySelectorAll("text")].filter(shown).map(e => {
			const r = e.getBoundingClientRect(), middle = (r.top + r.bottom) / 2; // a line of Arabic is much taller than its letters
			const em = parseFloat(getComputedStyle(e).fontSize) * r.height / e.getBBox().height;
			return { e, em, left: r.left, right: r.right, top: middle - em / 2, bottom: middle + em / 2 };
		});
		for (const [i, a] of all.entries()) {
			if (a.left < frame.left - 2 || a.right > frame.right + 2 || a.top < frame.top - 2 || a.bottom > frame.bottom + 2)
				labels.push((svg.id || "a drawing") + ": outside it: " + a.e.textContent);
			if (a.em < 10.5) labels.push((svg.id || "a drawing") + ": too small, " + a.em.toFixed(1) + " px: " + a.e.textContent);
			for (const b of all.slice(i + 1)) {
				const w = Math.min(a.right, b.right) - Math.max(a.left, b.left);
				const h = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
				if (w > 1 && h > Math.min(a.em, b.em) * 0.3) labels.push((svg.id || "a drawing") + ": one on the other: " + a.e.textContent + " / " + b.e.textContent);
			}
		}
	}
	const lost = [...document.querySelectorAll("a[href^='#']")].map(a => a.getAttribute("href"))
		.filter(h => h.length > 1 && !document.getElementById(h.slice(1)));
	const texts = [];
	if (loaded) {
	const add = (e, s) => {
		s = s.replace(/\s+/g, " ").trim();
		if (s && !e.closest("script, style, code, pre, noscript"))
			texts.push({ Text: s, Own: !!e.closest("bdi, [dir=auto], [lang]:not(html)") });
	};
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (walk.nextNode()) add(walk.currentNode.parentElement, walk.currentNode.data);
	for (const e of document.body.querySelectorAll("[title], [aria-label], [data-label], [alt], [label]"))
		for (const a of ["title", "aria-label", "data-label", "alt", "label"]) if (e.hasAttribute(a)) add(e, e.getAttribute(a));
	add(document.body, document.title);
	}
	return {
		Lang: root.lang, Dir: root.dir, Title: document.title, Headings: document.querySelectorAll("h1").length,
		Wide: wide, Shift: shift, Moved: moved.slice(0, 3), Labels: labels, Lost: lost, Texts: texts,
	};
})`

// flaws looks at the page that a tab shows and returns what is wrong with it. Of one that was
// loaded before and has only got another width it does not look at what that cannot change.
func (b *tab) flaws(lang string, loaded bool) []string {
	b.t.Helper()
	s := eval[seen](b, fmt.Sprintf("%s(%v)", script, loaded))
	flaws := b.wrong()
	flaw := func(format string, args ...any) { flaws = append(flaws, fmt.Sprintf(format, args...)) }
	if dir := map[string]string{"en": "ltr", "ar": "rtl"}[lang]; s.Lang != lang || s.Dir != dir {
		flaw("its language is %q, %q, want %q, %q", s.Lang, s.Dir, lang, dir)
	}
	if s.Title == "" || s.Headings != 1 {
		flaw("its title is %q and it has %d headings of the first level, want one", s.Title, s.Headings)
	}
	for _, w := range s.Wide {
		flaw("too wide: %s", w)
	}
	if s.Shift >= shiftSeen {
		flaw(thingsMoved+" by %.5f after they were shown: %s", s.Shift, strings.Join(s.Moved, "; "))
	}
	for _, l := range s.Labels {
		flaw("a label of %s", l)
	}
	for _, l := range s.Lost {
		flaw("a link goes to %s, which is not there", l)
	}
	for _, x := range s.Texts {
		if w := wrongWords(x, lang); w != "" {
			flaw("%s: %q", w, x.Text)
		}
	}
	return flaws
}

var (
	keyLike = regexp.MustCompile(`(?:^|[\s(])([a-z][a-z-]*(?:_[a-z]+)*)\.[a-z][a-z0-9_.-]*(?:$|[\s),])`)
	unmade  = regexp.MustCompile(`%!|<nil>|<no value>|\{[a-z_]+\}|\bNaN\b|\bundefined\b|0001-01-01`)
)

// wrongWords says what is wrong with a text of a page, "" if nothing is.
func wrongWords(x text, lang string) string {
	if m := keyLike.FindStringSubmatch(x.Text); m != nil && catalogue().groups[m[1]] {
		return "the key of a message"
	}
	if unmade.MatchString(x.Text) {
		return "a sentence with a place not filled"
	}
	if lang != "en" && !x.Own && catalogue().only[x.Text] {
		return "English words"
	}
	return ""
}

type words struct {
	groups map[string]bool // the first parts of the keys
	only   map[string]bool // sentences that are said so in English and otherwise in every other language
}

// catalogue reads the messages as they stand in the repository.
var catalogue = sync.OnceValue(func() words {
	w := words{map[string]bool{}, map[string]bool{}}
	en, ar := messages("en"), messages("ar")
	for key, says := range en {
		group, _, dotted := strings.Cut(key, ".")
		if dotted {
			w.groups[group] = true
		}
		for _, s := range says {
			if !slices.Contains(ar[key], s) {
				w.only[s] = true
			}
		}
	}
	return w
})

func messages(lang string) map[string][]string {
	b, err := os.ReadFile(filepath.Join("..", "..", "web", "locale", lang+".json"))
	if err != nil {
		panic(err)
	}
	var raw map[string]any
	if err := json.Unmarshal(b, &raw); err != nil {
		panic(err)
	}
	out := map[string][]string{}
	for key, m := range raw {
		switch m := m.(type) {
		case string:
			out[key] = []string{m}
		case map[string]any:
			for _, s := range m {
				out[key] = append(out[key], s.(string))
			}
		}
	}
	return out
}

// faults shows pages with one thing wrong, and fails if it is not found: what looks at the
// pages is itself looked at.
func (r *room) faults(t *testing.T) {
	const good = `<!doctype html><html lang="en" dir="ltr"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>T</title>%s</head><body><h1>A page</h1>%s</body></html>`
	page := func(head, body string) string { return fmt.Sprintf(good, head, body) }
	pages := []struct{ path, html, flaw string }{
		{"/good", page("", "<p>Nothing is wrong. See <code>mission.card</code> for more.</p>"), ""},
		{"/language", strings.Replace(page("", ""), `lang="en"`, `lang="ar"`, 1), `its language is "ar"`},
		{"/heading", page("", "<h1>Another</h1>"), "2 headings"},
		{"/wide", page("", `<pre>`+strings.Repeat("wide ", 60)+`</pre>`), "too wide: the page is"},
		{"/wide-rtl", strings.NewReplacer(`"en"`, `"ar"`, `"ltr"`, `"rtl"`).Replace(page("", `<pre>`+strings.Repeat("wide ", 60)+`</pre>`)), "too wide: the page is"},
		{"/key", page("", "<p>home.balance</p>"), "the key of a message"},
		{"/key-title", page("", `<p title="home.balance">x</p>`), "the key of a message"},
		{"/place", page("", "<p>The number {n} is not there</p>"), "a place not filled"},
		{"/english", strings.NewReplacer(`"en"`, `"ar"`, `"ltr"`, `"rtl"`).Replace(page("", "<p>The board</p>")), "English words"},
		{"/lost", page("", `<a href="#nowhere">there</a>`), "a link goes to #nowhere"},
		{"/outside", page("", `<svg class="drawing" width="100" height="20"><text x="80" y="15">too long for it</text></svg>`), "outside it: too long"},
		{"/on", page("", `<svg class="drawing" width="200" height="20"><text x="5" y="15">one</text><text x="9" y="15">two</text></svg>`), "one on the other: one / two"},
		{"/inline", page("", "<script>document.title = 'no'</script>"), "Content Security Policy"},
		{"/style", page("", `<p style="color:red">x</p>`), "Content Security Policy"},
		{"/error", page(`<script src="/error.js"></script>`, ""), "an exception"},
		{"/console", page(`<script src="/console.js"></script>`, ""), "console.error"},
		{"/missing", page(`<script src="/missing.js"></script>`, ""), "404"},
		{"/foreign", page(`<link rel="stylesheet" href="http://other.example/x.css">`, ""), "it asks another host: http://other.example/x.css"},
		{"/shift", page(`<script src="/shift.js" async></script>`, `<div id="later"></div><p>`+strings.Repeat("This is moved. ", 80)+`</p>`), "things moved by"},
	}
	scripts := map[string]string{
		"/error.js": "throw new Error('wrong')", "/console.js": "console.error('wrong')",
		"/shift.js": `addEventListener("load", () => requestAnimationFrame(() => requestAnimationFrame(() => { document.getElementById("later").append(document.createElement("hr"), document.createElement("hr"), document.createElement("hr")) })))`,
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		csp := "default-src 'self'"
		if q.URL.Path == "/foreign" {
			csp = "default-src *"
		}
		w.Header().Set("Content-Security-Policy", csp)
		if js, ok := scripts[q.URL.Path]; ok {
			w.Header().Set("Content-Type", "text/javascript")
			w.Write([]byte(js))
			return
		}
		for _, p := range pages {
			if p.path == q.URL.Path {
				w.Header().Set("Content-Type", "text/html; charset=utf-8")
				w.Write([]byte(p.html))
				return
			}
		}
		http.NotFound(w, q)
	}))
	defer s.Close()
	b := r.open(t, s.URL, "", 390)
	for _, p := range pages {
		b.wrong()
		if status := b.visit(p.path); status != http.StatusOK {
			t.Fatalf("%s: status %d", p.path, status)
		}
		if p.path == "/shift" {
			b.wait("what comes late", "document.querySelector('hr')")
		}
		lang := "en"
		if strings.Contains(p.html, `dir="rtl"`) {
			lang = "ar"
		}
		found := slices.DeleteFunc(b.flaws(lang, true), func(f string) bool { return strings.Contains(f, "favicon.ico") })
		if p.flaw == "" && len(found) > 0 || p.flaw != "" && !slices.ContainsFunc(found, func(f string) bool { return strings.Contains(f, p.flaw) }) {
			t.Errorf("%s: found %q, want %q", p.path, found, p.flaw)
		}
	}
}

// thingsMoved is how the flaw of a page that moved begins.
const thingsMoved = "things moved"

// shiftSeen is the layout shift from which on a reader sees that something moved; good is
// anything below 0.1 (web.dev, CLS). What is below it is less than a line of text by a line.
const shiftSeen = 0.01
