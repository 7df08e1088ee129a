package browser_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A mark is one of the marked days under the slider.
type mark struct {
	At   int
	Text string
}

const marks = `[...document.querySelectorAll(".slider .marks a[data-at]")].map(a => ({ At: +a.dataset.at, Text: a.textContent }))`

// at is the size of the log that a board is shown at, as the slider says it.
const at = `+document.querySelector(".slider input[type=range]").value`

// standsAt is an expression for whether the words beside the slider name a size.
func standsAt(size int) string {
	return fmt.Sprintf(`document.querySelector(".slider .at").textContent.includes("first %d of")`, size)
}

var entryNumber = regexp.MustCompile(`entry ([0-9,]+)`)

// slider moves the board through the log without leaving the page, and holds what it shows
// against the entries that the incident's own page names.
func (r *room) slider(t *testing.T) {
	b := r.open(t, r.sites["aleppo-2016"], "en", widths[1])
	b.visit("/incidents")
	burned := eval[string](b, `[...document.querySelectorAll("main a[href^='/incidents/']")].find(a => a.textContent.includes("Buses burned"))?.getAttribute("href") ?? ""`)
	if burned == "" {
		t.Fatal("no incident is called Buses burned")
	}
	b.visit(burned)
	first := 0
	for _, n := range eval[[]string](b, `[...document.querySelectorAll(".account")].map(e => e.innerText)`) {
		m := entryNumber.FindStringSubmatch(n)
		if m == nil {
			t.Fatalf("an account without the number of its entry: %q", n)
		}
		i, err := strconv.Atoi(strings.ReplaceAll(m[1], ",", ""))
		if err != nil {
			t.Fatal(err)
		}
		if i++; first == 0 || i < first { // entries are numbered from 0: with the first of them the log has one more
			first = i
		}
	}

	b.visit("/board")
	b.run(`window.stayed = true`)
	days := eval[[]mark](b, marks)
	if len(days) < 5 {
		t.Fatalf("the slider has the marks %v, want four days and the newest", days)
	}
	newest := eval[int](b, at)
	last := records(b)
	sizes := []int{first - 1, first} // without the first account, and with it
	for _, d := range days {
		sizes = append(sizes, d.At)
	}
	slices.Sort(sizes)
	if !slices.ContainsFunc(days, func(d mark) bool { return d.At < first }) || !slices.ContainsFunc(days, func(d mark) bool { return d.At >= first && d.At < newest }) {
		t.Errorf("the marks %v are all on one side of %d, the size with which the burned buses begin", days, first)
	}
	shown := 0
	for _, size := range slices.Compact(sizes) {
		if i := slices.IndexFunc(days, func(d mark) bool { return d.At == size }); i >= 0 {
			b.click(fmt.Sprintf(".slider .marks a[data-at='%d']", size))
		} else {
			b.run(fmt.Sprintf(`{ const r = document.querySelector(".slider input[type=range]"); r.value = %d; r.dispatchEvent(new Event("input", {bubbles: true})); }`, size))
		}
		b.wait("the board at that size", fmt.Sprintf(`new URLSearchParams(location.search).get("at") === "%d" && %s`, size, standsAt(size)))
		n := records(b)
		if n <= shown || size < newest && n >= last || size == newest && n != last {
			t.Errorf("at %d of %d entries the board counts %d records; before that %d, in all %d", size, newest, n, shown, last)
		}
		shown = n
		// Until a link says that the accounts are of one event, each stands by itself.
		there := eval[bool](b, `[...document.querySelectorAll("#incidents h3")].some(h => h.textContent.includes("Buses burned"))`)
		if there != (size >= first) {
			t.Errorf("at %d entries the board shows the burned buses: %v; their first account comes with %d", size, there, first)
		}
		if got := eval[int](b, at); got != size {
			t.Errorf("the slider stands at %d, want %d", got, size)
		}
	}
	if !eval[bool](b, `window.stayed === true`) {
		t.Error("the page was left for another")
	}
	b.clean("the slider")

	// The 18th: what the mark shows is the page of that address, also for whoever follows a link.
	day := days[slices.IndexFunc(days, func(d mark) bool { return strings.HasPrefix(d.Text, "18 Dec") })]
	b.click(fmt.Sprintf(".slider .marks a[data-at='%d']", day.At))
	b.wait("the 18th", standsAt(day.At))
	const checked = `document.querySelector("#board [data-here]")?.dataset.state`
	b.wait("the log's check", checked)
	const board = `((b) => { b.querySelector("[data-here]")?.remove(); return b.innerText.replace(/\s+/g, " ").trim(); })(document.querySelector("#board"))`
	moved := eval[string](b, board) // without what this browser found: it remembers the first look
	b.visit(fmt.Sprintf("/board?at=%d", day.At))
	b.wait("the log's check", checked)
	if loaded := eval[string](b, board); loaded != moved {
		t.Errorf("the slider shows\n%s\nand the address\n%s", moved, loaded)
	}
}

// records is how many records the board says it is made from.
func records(b *tab) int {
	b.t.Helper()
	m := regexp.MustCompile(`([0-9,]+) records?`).FindStringSubmatch(b.text(".tally"))
	if m == nil {
		b.t.Fatalf("the board does not say how many records: %q", b.text(".tally"))
	}
	n, err := strconv.Atoi(strings.ReplaceAll(m[1], ",", ""))
	if err != nil {
		b.t.Fatal(err)
	}
	return n
}

// play presses the button and watches the days go by to the end, and once more until it is
// stopped.
func (r *room) play(t *testing.T) {
	for _, lang := range languages {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			r.plays(t, lang)
		})
	}
}

func (r *room) plays(t *testing.T, lang string) {
	b := r.open(t, r.sites["aleppo-2016"], lang, widths[1])
	b.visit("/board")
	plays, stops := messages(lang)["slider.play"][0], messages(lang)["slider.stop"][0]
	if got := b.text(".slider button:not([hidden])"); got != plays {
		t.Errorf("%s: the button says %q, want %q", lang, got, plays)
	}
	b.run(`window.went = []; new MutationObserver(() => {
		const n = ` + at + `; if (window.went.at(-1) !== n) window.went.push(n);
	}).observe(document.querySelector(".slider"), {childList: true, subtree: true})`)
	var want []int
	for _, d := range eval[[]mark](b, marks) {
		want = append(want, d.At)
	}
	b.click(".slider .play")
	b.wait("the first day", `window.went.length > 0 && `+at+` !== +document.querySelector(".slider input[type=range]").max`)
	if got := b.text(".slider .play"); got != stops {
		t.Errorf("%s: while it plays the button says %q, want %q", lang, got, stops)
	}
	b.wait("the newest state", fmt.Sprintf(`window.went.at(-1) === %d && document.querySelector(".slider .play").textContent === %q`, want[len(want)-1], plays))
	got := slices.DeleteFunc(eval[[]int](b, `window.went`), func(n int) bool { return n == 1 }) // where it starts
	if !slices.Equal(got, want) {
		t.Errorf("%s: it went through %v, want %v", lang, got, want)
	}
	b.click(".slider .play")
	b.wait("the first day again", fmt.Sprintf(`%s === %d`, at, want[0]))
	b.click(".slider .play")
	if got := b.text(".slider .play"); got != plays {
		t.Errorf("%s: when it is stopped the button says %q, want %q", lang, got, plays)
	}
	b.clean(lang)
}

// zones taps on a time and reads it in the other zones.
func (r *room) zones(t *testing.T) {
	for _, lang := range languages {
		b := r.open(t, r.sites["aleppo-2016"], lang, widths[0])
		b.visit("/")
		const when = ".tally time[title]"
		b.click(when)
		b.wait("the other zones", `document.querySelector(".tally time .zones")`)
		if got := b.text(".zones"); strings.Count(got, ":") < 3 {
			t.Errorf("%s: the other zones are %q", lang, got)
		}
		b.flawless(lang+": with the other zones open", lang, false)
		b.click(when)
		if b.count(".zones") != 0 {
			t.Errorf("%s: a second tap does not close them", lang)
		}
	}
}
