package browser_test

import (
	"strings"
	"testing"

	"corridor.example/corridor"
)

// phoneNight is an observer's whole night at a crossing, from the handover to the morning's four
// minutes of signal. There is no network from the afternoon on, the phone is closed twice and
// shown once, and at the end the log has the night, in its order, once.
func (r *room) phoneNight(t *testing.T) {
	const pin, other = "271828", "161803"
	x := newNight(t)
	phone := r.phone(t, t.TempDir())
	b, closed := hand(t, phone, x.url)
	x.enrol(b, "ar", "mina", pin)
	b.press("[data-settings]")
	b.screen("settings")
	b.press(`.looks [data-value="night"]`)
	b.press("[data-second]")
	b.pin("ar", "phone.second", other)
	b.pin("ar", "phone.pin.repeat", other)
	b.screen("settings")
	b.press("[data-back]")
	b.screen("home")
	x.line.cut()

	said := 0
	saved := func(what string) {
		t.Helper()
		said++
		b.screen("home")
		b.wait(what, `document.querySelector(".saved")`)
	}
	again := func() {
		t.Helper()
		closed()
		b, closed = hand(t, phone, x.url)
		b.unlock("ar", pin)
		if got := eval[string](b, `document.documentElement.dataset.theme + " " + document.documentElement.dir`); got != "night rtl" {
			t.Errorf("the phone opens as %s", got)
		}
	}

	// 16:00: she takes over, and writes whom the next turn belongs to.
	b.press("[data-more]")
	b.screen("more")
	b.press(`[data-kind="handover"]`)
	b.screen("form")
	b.run(`document.querySelector('[data-field="to"]').value = "office"`)
	b.press("[data-save]")
	saved("the handover")
	b.press("[data-home=here]")
	saved("the beginning of the watch")

	// 18:00: told "soon". 20:00: people sit in the buses.
	b.press("[data-home=stopped]")
	b.screen("form")
	b.run(`document.querySelector('[data-piece=convoy] input').value = "٧"`)
	b.run(`{ const s = document.querySelector("select"); s.value = "waiting-for-permission"; s.dispatchEvent(new Event("change")); }`)
	b.press("[data-save]")
	saved("the stop")
	again()
	for range 3 {
		b.press("[data-home=here]")
		saved("still here")
	}

	// 23:00: five buses in two minutes; a hand slips, and it is mended at once.
	b.press("[data-home=left]")
	b.screen("form")
	for range 6 {
		b.press("[data-add=bus]")
	}
	b.press("[data-save]")
	saved("the departure")
	b.press("[data-correct]")
	b.screen("form")
	b.press("[data-less=bus]")
	b.press(`[data-name=people] [data-value="vehicle-load"]`)
	b.run(`{ const i = document.querySelector('[data-piece=count] input'); i.value = "۵۲"; i.dispatchEvent(new Event("input")); }`)
	b.press("[data-save]")
	saved("the correction")

	// 23:40: the commander wants to see the screen.
	b.press("[data-lock]")
	b.pin("ar", "phone.locked", other)
	b.screen("home")
	if text := strings.Join(b.journal(), " "); strings.Contains(text, "departure") || strings.Contains(text, "correction") || strings.Contains(text, "hold") {
		t.Errorf("the commander sees %s", text)
	}
	b.press("[data-back]")
	b.screen("home")
	b.press("[data-lock]")
	b.pin("ar", "phone.locked", pin)
	b.screen("home")

	// 02:00: a call. Buses burned elsewhere: she did not see it.
	b.press("[data-home=happened]")
	b.screen("form")
	b.press(`[data-name=what] [data-value="vehicle-burned"]`)
	b.press(`[data-name=basis] [data-value="reported"]`)
	b.press("[data-piece=place] summary")
	b.press(`[data-piece=place] [data-value="unknown"]`)
	b.run(`document.querySelector("textarea").value = "اتصال هاتفي: حافلات تحترق in the villages"`)
	b.press("[data-save]")
	saved("the incident")

	// 05:00: the phone died and came back. The load was wrong: it is corrected by its number.
	again()
	b.press("[data-status]")
	b.screen("journal")
	departed := eval[string](b, `Array.from(document.querySelectorAll(".journal > li"))[2].dataset.hash`)
	b.press(`[data-correct="` + departed + `"]`)
	b.screen("by-number")
	b.press(`[data-kind="departure"]`)
	b.screen("form")
	for range 5 {
		b.press("[data-add=bus]")
	}
	b.press("[data-save]")
	b.screen("journal")
	said++
	if n := b.count(".journal > [data-state=here]"); n != said {
		t.Errorf("%d records wait, want %d", n, said)
	}
	b.wrong()

	// 06:30: four minutes of signal.
	x.line.mend()
	b.run(`dispatchEvent(new Event("online"))`)
	b.wait("the night in the log", `document.querySelectorAll(".journal > [data-state=logged]").length === document.querySelectorAll(".journal > li").length`)
	x.tick()
	b.press("[data-send]")
	b.wait("the night cosigned", `document.querySelectorAll(".journal > [data-state=cosigned]").length === document.querySelectorAll(".journal > li").length`)

	want := strings.Fields("handover coverage hold coverage coverage coverage departure correction incident correction")
	var got []string
	for _, e := range x.by("mina") {
		got = append(got, string(e.Kind))
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("the log has %v, want %v", got, want)
	}
	x.node.View(func(v corridor.View) {
		for _, e := range x.by("mina") {
			if f := v.Findings(e.Index); len(f) > 0 {
				t.Errorf("entry %d, a %s, has findings: %v", e.Index, e.Kind, f)
			}
		}
		if list := v.Incidents(); len(list) != 2 {
			t.Errorf("the mission knows %d incidents, want the office's and hers", len(list))
		}
	})
	b.wrong()
}
