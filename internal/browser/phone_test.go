package browser_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"unicode/utf16"

	"github.com/chromedp/chromedp"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/need"
	"corridor.example/corridor/internal/session"
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
		{"faults", r.phoneFaults},
		{"two windows", r.phoneWindows},
		{"seized", r.phoneSeized},
		{"a hundred", r.phoneHundred},
		{"forced", r.phoneForced},
		{"screens", r.phoneScreens},
		{"a whole night", r.phoneNight},
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
	if got := fmt.Sprint(b.journal()); got != "[ here  here  here]" {
		t.Errorf("closed and opened, the phone reads of what it sealed %s", got)
	}
	if n := len(x.by("mina")); n != 0 {
		t.Fatalf("%d records came through a line that is cut", n)
	}
	x.line.mend()
	b.run(`dispatchEvent(new Event("online"))`)
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

// module is an expression for a module of the app that the page has loaded.
func module(name string) string { return `import("` + web.AssetPath("phone/"+name+".js") + `")` }

// coverages signs so many records at once, as fast as the window can.
func (b *tab) coverages(n int) []string {
	b.t.Helper()
	return eval[[]string](b, fmt.Sprintf(module("record")+`.then(async (r) => {
		const hashes = [];
		for (let i = 0; i < %d; i++) {
			const at = new Date().toISOString().slice(0, 19) + "Z";
			hashes.push((await r.write("coverage", {facts: {post: "mina", as: "throughout", present: true, when: [at, at], why: null, basis: "observed", via: null}, where: {place: "gate", to: null, point: null, accuracy: null}})).hash);
		}
		return hashes;
	})`, n))
}

// states returns what the phone says of each of its records, by hash.
func (b *tab) states() map[string]string {
	b.t.Helper()
	return eval[map[string]string](b, module("queue")+`.then((q) => q.list()).then((l) => Object.fromEntries(l.map((x) => [x.item.hash, x.item.state])))`)
}

// chained fails the test unless an author's records in the log are one chain, each number once.
func (x *night) chained(author string, want map[string]bool) {
	x.t.Helper()
	prev := map[int64]record.Header{}
	hashes := map[int64]record.Hash{}
	list := x.by(author)
	if len(list) != len(want) {
		x.t.Errorf("the log has %d records of %s, want %d", len(list), author, len(want))
	}
	for _, e := range list {
		rec, err := x.node.Record(x.t.Context(), e.Index)
		if err != nil {
			x.t.Fatal(err)
		}
		if !want[rec.Hash.String()] {
			x.t.Errorf("the log has %s, which the phone did not sign", rec.Hash)
		}
		if _, twice := prev[rec.Header.Seq]; twice {
			x.t.Errorf("the number %d is there twice", rec.Header.Seq)
		}
		prev[rec.Header.Seq], hashes[rec.Header.Seq] = rec.Header, rec.Hash
	}
	for seq := int64(2); seq <= int64(len(list)); seq++ {
		if h := prev[seq]; h.Prev == nil || *h.Prev != hashes[seq-1] {
			x.t.Errorf("record %d does not follow record %d", seq, seq-1)
		}
	}
}

// phoneFaults lets the line break by chance, before, within and after every request, while a
// queue is full and grows. At no moment does the phone call logged what the log has not; in the
// end the log has everything once.
func (r *room) phoneFaults(t *testing.T) {
	const rounds, seed = 60, 20161218
	x := newNight(t)
	b, _ := hand(t, r.phone(t, t.TempDir()), x.url)
	x.enrol(b, "en", "mina", "271828")
	want := map[string]bool{}
	check := func() (left int) {
		logged := map[string]bool{}
		states := b.states() // before the log is read: what the phone says is old news at most
		for _, e := range x.by("mina") {
			logged[e.Hash.String()] = true
		}
		for hash, state := range states {
			if (state == "logged" || state == "cosigned") && !logged[hash] {
				t.Fatalf("the phone calls %s %s, and the log does not have it", hash, state)
			}
			if state != "cosigned" {
				left++
			}
		}
		if len(states) != len(want) {
			t.Fatalf("the phone has %d records, and signed %d", len(states), len(want))
		}
		return left
	}
	x.line.hostile(seed)
	for i := range rounds {
		for _, h := range b.coverages(1 + i%2) {
			want[h] = true
		}
		x.line.drop() // what is open has shown already that it holds
		eval[chromedp.Void](b, module("queue")+`.then(async (q) => { for (let i = 0; i < 6; i++) await q.flush(true); })`)
		if i%10 == 9 {
			x.tick()
			check()
		}
	}
	faults := x.line.mend()
	x.tick()
	for tries := 0; check() > 0; tries++ {
		if tries == 200 {
			t.Fatalf("%d records are not logged and cosigned: %v", check(), b.states())
		}
		eval[chromedp.Void](b, module("queue")+`.then((q) => q.flush(true))`)
		b.pause()
	}
	if faults < rounds {
		t.Errorf("%d faults in %d rounds are too few to show anything", faults, rounds)
	}
	x.chained("mina", want)
	t.Logf("%d faults, %d records", faults, len(want))
	b.wrong() // what the browser says of a line that breaks
}

// phoneWindows signs from two windows of one phone at once, with clocks that are two days off in
// both directions: one chain, no number twice.
func (r *room) phoneWindows(t *testing.T) {
	x := newNight(t)
	phone := r.phone(t, t.TempDir())
	one, _ := hand(t, phone, x.url)
	x.enrol(one, "en", "mina", "271828")
	two, _ := hand(t, phone, x.url)
	two.unlock("en", "271828")
	x.line.cut()
	for i, b := range []*tab{one, two} {
		b.run(fmt.Sprintf(`{ const real = Date; const off = %d * 172800e3; globalThis.Date = class extends real { constructor(...a) { a.length ? super(...a) : super(real.now() + off); } static now() { return real.now() + off; } }; }`, 1-2*i))
	}
	want := map[string]bool{}
	var mu sync.Mutex
	var both sync.WaitGroup
	for _, b := range []*tab{one, two} {
		both.Go(func() {
			list := b.coverages(12)
			mu.Lock()
			defer mu.Unlock()
			for _, h := range list {
				want[h] = true
			}
		})
	}
	both.Wait()
	x.line.mend()
	both.Go(func() { eval[chromedp.Void](one, module("queue")+`.then((q) => q.flush(true))`) })
	both.Go(func() { eval[chromedp.Void](two, module("queue")+`.then((q) => q.flush(true))`) })
	both.Wait()
	x.tick()
	for done, tries := false, 0; !done; tries++ {
		if tries == 200 {
			t.Fatalf("not everything was sent: %v", one.states())
		}
		eval[chromedp.Void](one, module("queue")+`.then((q) => q.flush(true))`)
		done = true
		for _, s := range one.states() {
			done = done && s == "cosigned"
		}
		one.pause()
	}
	x.chained("mina", want)
	one.wrong()
	two.wrong()
}

// phoneSeized searches the disk of a phone that was taken: locked, with unsent records; and after
// the receipts.
func (r *room) phoneSeized(t *testing.T) {
	const secret = "the men at the second bus asked for names"
	x := newNight(t)
	dir := t.TempDir()
	phone := r.phone(t, dir)
	b, _ := hand(t, phone, x.url)
	x.enrol(b, "en", "zuleikha", "271828")
	x.line.cut()
	b.press("[data-home=happened]")
	b.screen("form")
	b.press(`[data-value="threat"]`)
	b.press("[data-piece=place] summary")
	b.press(`[data-piece=place] [data-value="ramouseh"]`)
	b.run(`document.querySelector("textarea").value = "` + secret + `"`)
	b.press("[data-save]")
	b.screen("home")
	b.press("[data-home=here]")
	b.wait("a second record", `document.querySelector(".saved")?.textContent.includes("2")`)
	founder := ""
	x.node.View(func(v corridor.View) { founder = v.Founder().String() })
	names := []string{secret, "zuleikha", "Qalqamish", "ramouseh", founder, `"kind":"incident"`, `"post":"`, "271828"}
	const control = "this sentence is not sealed"
	eval[chromedp.Void](b, module("db")+`.then((d) => d.put("kept", "control", "`+control+`"))`)
	search := func(when string) {
		t.Helper()
		noticed := false
		b.press("[data-lock]")
		b.wait("the lock", `document.querySelector("main").dataset.screen === "pin"`)
		if text := b.text("body"); strings.ContainsAny(strings.ToLower(text), "abcdefghjklmoqrstuvwxyz") && text != "" {
			for _, n := range []string{"night", "zuleikha", "qalqamish", "gate", "corridor", "mission", "record"} {
				if strings.Contains(strings.ToLower(text), n) {
					t.Errorf("%s: the locked screen says %q", when, text)
				}
			}
		}
		if title := eval[string](b, `document.title + location.href + history.length`); strings.Contains(strings.ToLower(title), "corridor") || strings.Contains(title, "#") {
			t.Errorf("%s: title and address are %q", when, title)
		}
		files := 0
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return nil // gone meanwhile, or a socket
			}
			raw, err := os.ReadFile(path)
			if err != nil {
				return nil
			}
			files++
			noticed = noticed || bytes.Contains(raw, []byte(control)) || bytes.Contains(raw, utf16le(control))
			for _, n := range names {
				for how, pattern := range map[string][]byte{"": []byte(n), " in UTF-16": utf16le(n), " in base64": []byte(base64.RawStdEncoding.EncodeToString([]byte(n))[2 : len(n)-1])} {
					if bytes.Contains(raw, pattern) {
						t.Errorf("%s: %s has %q%s", when, strings.TrimPrefix(path, dir), n, how)
					}
				}
			}
			return nil
		})
		if err != nil || files < 10 || !noticed {
			t.Errorf("%s: searched %d files, %v; what was left open for the search was found: %v", when, files, err, noticed)
		}
	}
	search("locked, with unsent records")
	b.pin("en", "phone.locked", "271828")
	b.screen("home")
	x.line.mend()
	eval[chromedp.Void](b, module("queue")+`.then((q) => q.flush(true))`)
	x.tick()
	eval[chromedp.Void](b, module("queue")+`.then((q) => q.flush(true))`)
	for hash, state := range b.states() {
		if state != "cosigned" {
			t.Errorf("%s is %s", hash, state)
		}
	}
	search("after the receipts")
	b.wrong()
}

func utf16le(s string) (b []byte) {
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return b
}

// phoneForced opens a phone with its second PIN, records behind it, and wipes it. The office is
// told on its desk; the screen tells nothing.
func (r *room) phoneForced(t *testing.T) {
	x := newNight(t)
	phone := r.phone(t, t.TempDir())
	b, _ := hand(t, phone, x.url)
	x.enrol(b, "en", "mina", "271828")
	b.coverages(1)
	b.press("[data-settings]")
	b.screen("settings")
	b.press("[data-second]")
	b.pin("en", "phone.second", "161803")
	b.pin("en", "phone.pin.repeat", "161803")
	b.screen("settings")
	b.press("[data-back]")
	b.screen("home")
	b.press("[data-lock]")
	b.pin("en", "phone.locked", "000000")
	b.wait("the refusal", `document.querySelector(".trouble")?.textContent === "`+messages("en")["phone.locked.wrong"][0]+`"`)
	b.pin("en", "phone.locked", "161803")
	b.screen("home")
	if list := b.journal(); len(list) < 3 || strings.Contains(strings.Join(list, " "), "here") {
		t.Errorf("behind the second PIN the night is %v", list)
	}
	b.press("[data-back]")
	b.screen("home")
	b.press("[data-home=here]")
	b.wait("a record", `document.querySelector(".saved")`)
	for tries := 0; len(x.by("mina")) < 1; tries++ {
		if tries == 200 {
			t.Fatal("what was recorded behind the second PIN did not come")
		}
		eval[chromedp.Void](b, module("queue")+`.then((q) => q.flush(true))`)
		b.pause()
	}
	b.press("[data-lock]")
	b.pin("en", "phone.locked", "271828")
	b.screen("home")
	eval[chromedp.Void](b, module("queue")+`.then((q) => q.flush(true))`)
	if list := b.states(); len(list) != 1 {
		t.Errorf("behind her own PIN are %v", list)
	}

	code, _, err := x.door.Invite(t.Context(), session.Grant{Actor: "office", Level: corridor.MissionLevel}, "operator", 0)
	if err != nil {
		t.Fatal(err)
	}
	desk, _ := hand(t, phone, x.url)
	desk.visit("/join#" + code)
	desk.wait("the button", `document.querySelector("#join button") && !document.querySelector("#join button").disabled`)
	desk.click("#join button")
	desk.wait("the session", `location.pathname === "/sessions"`)
	desk.visit("/desk")
	desk.wait("the phones", `document.querySelector("#phones article")`)
	if n := desk.count("#phones .n-fails"); n != 1 {
		t.Errorf("the desk names %d records made behind the second PIN, want 1:\n%s", n, desk.text("#phones"))
	}
	desk.wrong()

	b.press("[data-settings]")
	b.screen("settings")
	b.press("[data-wiping]")
	b.screen("wipe")
	b.press("[data-wipe]")
	b.screen("gone")
	if left := eval[string](b, `Promise.all([caches.keys(), navigator.serviceWorker.getRegistrations(), `+module("db")+`.then((d) => Promise.all(["door", "keys", "kept", "queue"].map((s) => d.all(s))))]).then(([c, w, d]) => [c.length, w.length, d.flat().length, localStorage.length].join(" "))`); left != "0 0 0 0" {
		t.Errorf("after wiping there are caches, workers, rows, settings: %s", left)
	}
	b.visit("/phone/")
	b.screen("invitation")
	b.wrong()
}

var phoneLook = flag.String("phone", "", "write what the phone shows into this directory, to be looked at")

// phoneScreens goes through every screen in both languages: axe-core finds nothing in any theme,
// nothing is wider than the window, every button is large enough, and no word is missing.
func (r *room) phoneScreens(t *testing.T) {
	src := r.axeSource(t)
	for _, lang := range languages {
		x := newNight(t)
		b, _ := hand(t, r.phone(t, t.TempDir()), x.url)
		look := func(name string) {
			t.Helper()
			b.axe(src, "axe.version")
			for _, theme := range []string{"light", "dark", "night"} {
				b.run(fmt.Sprintf(`document.documentElement.dataset.theme = %q`, theme))
				for _, v := range b.violations(theme != "light") {
					for _, n := range v.Nodes {
						t.Errorf("%s, %s, %s: %s (%s) at %v: %s\n%.200s", name, lang, theme, v.Help, v.ID, n.Target, n.FailureSummary, n.HTML)
					}
				}
				if *phoneLook != "" {
					png := ask(b, "a picture", chromedp.CaptureScreenshot())
					if err := os.WriteFile(filepath.Join(*phoneLook, name+"."+lang+"."+theme+".png"), png, 0o644); err != nil {
						t.Fatal(err)
					}
				}
			}
			b.run(`document.documentElement.dataset.theme = "light"`)
			if wide := eval[int](b, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); wide > 0 {
				t.Errorf("%s in %s is %d px too wide", name, lang, wide)
			}
			if small := eval[[]string](b, `Array.from(document.querySelectorAll("button, summary, select, textarea, input:not([type=checkbox])")).filter((e) => e.offsetParent && (e.getBoundingClientRect().height < 47.9 || (e.matches(".big") && e.getBoundingClientRect().height < 87.9))).map((e) => e.outerHTML.slice(0, 120))`); len(small) > 0 {
				t.Errorf("%s in %s: too small for a glove: %v", name, lang, small)
			}
			if missing := eval[string](b, `document.body.innerText.match(/\bphone\.[a-z.]+|\{[a-z]+\}/)?.[0] ?? ""`); missing != "" {
				t.Errorf("%s in %s shows %q", name, lang, missing)
			}
			if lang == "ar" && eval[string](b, `document.documentElement.dir + getComputedStyle(document.querySelector("h1")).direction`) != "rtlrtl" {
				t.Errorf("%s is not right to left", name)
			}
		}
		back := func(to string) {
			t.Helper()
			b.press("[data-back]")
			b.screen(to)
		}
		b.visit("/phone/selftest")
		b.run(`localStorage.setItem("lang", "` + lang + `")`)
		b.visit("/phone/selftest")
		b.screen("selftest")
		look("selftest")
		b.visit("/phone/")
		b.screen("invitation")
		look("invitation")
		b.run(`location.hash = "` + x.invite()[len("/phone/#"):] + `"`) // as a link does while the app is open
		b.screen("card")
		look("card")
		b.press("[data-next]")
		b.wait("the pad", `document.querySelector("main").dataset.screen === "pin"`)
		look("pin")
		b.pin(lang, "phone.pin.choose", "271828")
		b.pin(lang, "phone.pin.repeat", "271828")
		b.screen("standing")
		b.wait("the key at the office", `document.querySelector("[data-state=waiting]")`)
		look("waiting")
		x.admit("mina")
		b.press("[data-look]")
		b.wait("the deployment", `document.querySelector("[data-state=deployed]")`)
		look("deployed")
		b.press("[data-next]")
		b.screen("post")
		look("post")
		b.press(`[data-value="gate"]`)
		b.press("[data-next]")
		b.screen("home")
		look("home")
		b.press("[data-home=left]")
		b.screen("form")
		for _, how := range []string{"tally", "vehicle-load", "estimate", "unknown"} {
			b.press(`[data-name=people] [data-value="` + how + `"]`)
			look("left-" + how)
		}
		b.press("[data-add=bus]")
		b.press("[data-save]")
		b.screen("home")
		look("saved")
		b.press("[data-correct]")
		b.screen("form")
		look("correction")
		back("home")
		for _, name := range []string{"stopped", "happened"} {
			b.press("[data-home=" + name + "]")
			b.screen("form")
			look(name)
			if name == "happened" {
				b.press("[data-save]") // nothing was said of what happened
				b.wait("what is missing", `document.querySelector(".trouble")`)
				look("trouble")
			}
			back("home")
		}
		b.press("[data-more]")
		b.screen("more")
		look("more")
		for _, kind := range eval[[]string](b, `Array.from(document.querySelectorAll(".kinds-list button"), (e) => e.dataset.kind)`) {
			b.press(`[data-kind="` + kind + `"]`)
			b.screen("form")
			look("more-" + kind)
			back("more")
		}
		back("home")
		b.press("[data-status]")
		b.screen("journal")
		look("journal")
		back("home")
		b.press("[data-settings]")
		b.screen("settings")
		look("settings")
		b.press("[data-second]")
		b.wait("the pad", `document.querySelector("main").dataset.screen === "pin"`)
		look("second")
		back("settings")
		b.press("[data-wiping]")
		b.screen("wipe")
		look("wipe")
		back("settings")
		back("home")
		b.unlock(lang, "271828")
		b.press("[data-status]")
		b.screen("journal")
		look("journal-sealed")
		b.press("[data-correct]")
		b.screen("by-number")
		look("by-number")
		back("journal")
		back("home")
		b.press("[data-lock]")
		b.wait("the lock", `document.querySelector("main").dataset.screen === "pin"`)
		look("locked")
		b.clean("the screens in " + lang)
	}
}

// phoneHundred sends a hundred records that waited: departures with their counts, sealed. With
// everything that a browser says around them they are at most a hundred kilobytes.
func (r *room) phoneHundred(t *testing.T) {
	const most = 100_000
	x := newNight(t)
	b, _ := hand(t, r.phone(t, t.TempDir()), x.url)
	x.enrol(b, "en", "mina", "271828")
	x.line.cut()
	eval[chromedp.Void](b, module("record")+`.then(async (r) => {
		const sum = (unit, total, more) => ({unit, total, sharp: "exactly", cells: [], of_which: [], method: "tally", load: null, declared_by: null, cut_off: null, ...more});
		for (let i = 1; i <= 100; i++) {
			const at = new Date().toISOString().slice(0, 19) + "Z";
			await r.write("departure", {facts: {convoy: "A-" + i, leg: "A", when: [at, at], basis: "observed", via: null},
				count: {sums: [sum("people", 50 * i, {sharp: "about", cells: [{of: "not-distinguished", n: 50 * i}], method: "vehicle-load", load: 50}), sum("bus", i, {})]},
				where: {place: "gate", to: null, point: {lat: 361234567, lon: 371234567}, accuracy: 12}});
		}
	})`)
	before := x.line.up.Load()
	x.line.mend()
	for tries := 0; len(x.by("mina")) < 100; tries++ {
		if tries == 100 {
			t.Fatalf("the log has %d records", len(x.by("mina")))
		}
		eval[chromedp.Void](b, module("queue")+`.then((q) => q.flush(true))`)
	}
	sent := x.line.up.Load() - before
	t.Logf("a hundred departures left in %d bytes", sent)
	if sent > most {
		t.Errorf("a hundred records left in %d bytes, want at most %d", sent, most)
	}
	for hash, state := range b.states() {
		if state != "logged" {
			t.Errorf("%s is %s", hash, state)
		}
	}
	b.wrong()
}
