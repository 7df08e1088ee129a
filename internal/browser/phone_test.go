package browser_test

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/need"
	"corridor.example/corridor/record"
	"corridor.example/corridor/web"
)

// TestPhone is the observer's phone, in browsers of its own: each keeps its disk when it is
// closed.
func TestPhone(t *testing.T) {
	r := &room{chromium: need.Chromium(t), axe: need.Axe(t)}
	for _, test := range []struct {
		name string
		run  func(*testing.T)
	}{
		{"offline", r.phoneOffline},
	} {
		t.Run(test.name, test.run)
	}
}

// journal returns the states of the records that the phone shows, newest first.
func (b *tab) journal() []string {
	b.t.Helper()
	b.press("[data-status]")
	b.screen("journal")
	return eval[[]string](b, `Array.from(document.querySelectorAll(".journal > [data-state]"), (e) => e.dataset.kind + " " + e.dataset.state)`)
}

// phoneOffline enrols a phone, takes its network away, records, closes it, starts it cold, and
// gives the network back for a moment.
func (r *room) phoneOffline(t *testing.T) {
	x := newNight(t)
	phone := r.phone(t, t.TempDir())
	b, closed := hand(t, phone, x.url)
	x.enrol(b, "en", "mina", "271828")
	b.clean("enrolling")

	x.line.cut()
	closed()
	b, closed = hand(t, phone, x.url)
	b.unlock("en", "271828")
	paint := eval[float64](b, `performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? -1`)
	t.Logf("first paint without a network after %.0f ms", paint)
	if paint < 0 {
		t.Error("nothing was painted without a network")
	}

	// Five buses leave, with 50 people in each, and one tap too few.
	b.press("[data-home=left]")
	b.screen("form")
	for range 5 {
		b.press("[data-add=bus]")
	}
	b.press(`[data-name=people] [data-value="vehicle-load"]`)
	b.run(`{ const i = document.querySelector('[data-piece=count] input'); i.value = "٥٠"; i.dispatchEvent(new Event("input")); }`)
	b.run(`document.querySelector('[data-piece=convoy] input').value = "۷"`)
	b.press("[data-save]")
	b.screen("home")
	b.press("[data-correct]")
	b.screen("form")
	b.press("[data-add=bus]")
	b.press("[data-save]")
	b.screen("home")
	b.press("[data-home=here]")
	b.wait("a third record", `document.querySelector(".saved")?.textContent.includes("3")`)
	if got := fmt.Sprint(b.journal()); got != "[coverage here correction here departure here]" {
		t.Errorf("without a network the phone shows %s", got)
	}
	b.wrong() // what was not reached

	closed()
	b, _ = hand(t, phone, x.url)
	b.unlock("en", "271828")
	if n := len(x.by("mina")); n != 0 {
		t.Fatalf("%d records came through a line that is cut", n)
	}
	x.line.mend()
	b.run(`dispatchEvent(new Event("online"))`)
	b.press("[data-status]")
	b.screen("journal")
	b.wait("three logged records", `document.querySelectorAll(".journal > [data-state=logged]").length === 3`)
	logged := x.by("mina")
	if len(logged) != 3 || logged[0].Kind != "departure" || logged[1].Kind != "correction" || logged[2].Kind != "coverage" {
		t.Fatalf("the log has %+v", logged)
	}
	x.tick()
	b.press("[data-send]")
	b.wait("three cosigned records", `document.querySelectorAll(".journal > [data-state=cosigned]").length === 3`)
	sum := sha256.Sum256(web.Phone().List)
	var prev *record.Hash
	for i, e := range logged {
		rec, err := x.node.Record(t.Context(), e.Index)
		if err != nil {
			t.Fatal(err)
		}
		h := rec.Header
		if h.Seq != int64(i+1) || (h.Prev == nil) != (prev == nil) || h.Prev != nil && *h.Prev != *prev {
			t.Errorf("record %d has the number %d and follows %v", i+1, h.Seq, h.Prev)
		}
		if h.App == nil || *h.App != record.Hash(sum) {
			t.Errorf("record %d was made by the app %v, want %x", i+1, h.App, sum)
		}
		prev = &rec.Hash
		x.node.View(func(v corridor.View) {
			if f := v.Findings(e.Index); len(f) > 0 {
				t.Errorf("record %d, a %s, has findings: %v", i+1, h.Kind, f)
			}
		})
		for want, in := range map[string]string{`"convoy":"A-07"`: "facts", `"unit":"people","total":300`: "count"} {
			if h.Kind == "correction" && !strings.Contains(string(rec.Part(in)), want) {
				t.Errorf("the correction says %s", rec.Part(in))
			}
		}
	}
}
