package browser_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
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
	const rounds, seed = 120, 20161218
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
