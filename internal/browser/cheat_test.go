package browser_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
)

var digits = regexp.MustCompile(`[0-9][0-9,]*`)

// cheat tells every lie that the page offers, as a reader would, and reads the answer.
func (r *room) cheat(t *testing.T) {
	for _, name := range cases {
		for _, lang := range languages {
			b := r.open(t, r.sites[name], lang, widths[0])
			b.visit("/cheat")
			codes := eval[[]string](b, `[...document.querySelectorAll(".lies input[name=lie]")].map(e => e.value)`)
			if len(codes) != 5 {
				t.Fatalf("%s, %s: the page offers %q, want five lies", name, lang, codes)
			}
			for _, code := range codes {
				what := fmt.Sprintf("%s, %s, %s", name, lang, code)
				b.visit("/cheat")
				start := time.Now()
				b.click(fmt.Sprintf(".lies li:has(input[value=%s]) button", code))
				b.wait("the answer to "+code, `document.querySelector("#answer")`)
				t.Logf("%s: %d ms, with the page", what, time.Since(start).Milliseconds())
				if got, want := b.text("#answer h2"), messages(lang)["cheat."+code][0]; got != want {
					t.Errorf("%s: the answer is to %q, want %q", what, got, want)
				}
				verdict := b.text("#answer .verdict")
				said, _, _ := strings.Cut(messages(lang)["cheat.entry"][0], "{")
				entry := digits.FindString(verdict)
				if entry == "" || !strings.HasPrefix(verdict, strings.TrimSpace(said)) {
					t.Errorf("%s: the answer names no entry: %q", what, verdict)
				}
				if !strings.Contains(b.text("#answer"), messages(lang)["cheat.copy"][0]) {
					t.Errorf("%s: it does not say that it was done on a copy", what)
				}
				if notices := eval[[]string](b, `[...document.querySelectorAll("#answer ul.plain li")].map(e => e.innerText.trim())`); len(notices) == 0 || len(notices[0]) < 10 {
					t.Errorf("%s: it does not say who notices: %q", what, notices)
				}
				if n := b.count("#answer .claims .s-fails"); n == 0 {
					t.Errorf("%s: no claim fails", what)
				}
				b.flawless(what, lang, true)
				// What was falsified can be looked up; what a lie added is in the copy only.
				if links := b.count("#answer .verdict a"); links > 0 {
					b.click("#answer .verdict a")
					b.wait("the entry's page", `location.pathname.startsWith("/records/")`)
					if says := b.text("main"); !strings.Contains(says, entry) {
						t.Errorf("%s: the page of entry %s does not name it", what, entry)
					}
				} else if code == "omit" || code == "alter" {
					t.Errorf("%s: entry %s is in the log and cannot be looked up", what, entry)
				}
				b.clean(what)
			}
		}
	}
}
