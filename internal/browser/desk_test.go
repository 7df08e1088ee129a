package browser_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/scenario"
	"corridor.example/corridor/internal/server"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

// askedMission has an observer on whom nobody has answered yet.
const askedMission = `mission asked
zone Asia/Damascus +03:00
day 2021-03-04
founded 06:00
parties red, blue
office office
place gate crossing "Gate"
place town destination "Town"
leg A from gate to town "Gate to Town"
consent 2 of red, blue window 24h
recorded consent count
disclose * leaf public
disclose * * parties

07:00  office nomination #mina  observer: mina  new-key mina device  from: 2021-03-04 07:00
07:00  office nomination #omar  observer: omar  new-key omar device  from: 2021-03-04 07:00
09:00  office incident #shots  what: fire-near-route  at gate  heard
`

const askedSeed = "a desk"

// A site is a mission that is served, with the files its offices work with.
type site struct {
	t    *testing.T
	r    *room
	seed string
	node *node.Node
	dir  string
	url  string
}

// story plays a mission into a node as it goes.
type story struct {
	*scenario.Bare
	node *node.Node
	at   record.Time
}

func (s *story) Submit(r record.Record) error {
	s.at = max(s.at, r.Header.At)
	_, err := s.node.Submit(context.Background(), r)
	return errors.Join(s.Bare.Submit(r), err)
}

func (s *story) Tick(record.Time) ([]byte, error) { return s.node.Checkpoint(), nil }

func (s *story) Cosigned(signed []byte) error {
	return errors.Join(s.Bare.Cosigned(signed), s.node.Keep(context.Background(), signed))
}

// ownSite serves the mission from red's own machine.
func (r *room) ownSite(t *testing.T) *site {
	t.Helper()
	x := &site{t: t, r: r, seed: askedSeed, dir: t.TempDir()}
	script, err := scenario.Parse("asked.txt", askedMission)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(writer(func(b []byte) (int, error) { t.Errorf("the server said: %s", b); return len(b), nil }), &slog.HandlerOptions{Level: slog.LevelError}))
	told := &story{Bare: scenario.NewBare(askedSeed)}
	now := func() time.Time {
		if told.node == nil || told.at == 0 {
			return time.Date(2021, 3, 4, 3, 0, 0, 0, time.UTC)
		}
		return told.at.Go()
	}
	x.node, err = node.Open(context.Background(), node.Config{Store: &store.Memory{}, Side: &store.MemorySide{}, LogKey: scenario.LogKey(askedSeed), NodeKey: scenario.NodeKey(askedSeed), Now: func() time.Time { return now() }, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(x.node.Close)
	told.node = x.node
	if err := scenario.Play(script, askedSeed, told); err != nil {
		t.Fatal(err)
	}
	now = time.Now
	card := x.files("red", "blue", "office")
	s := server.New(server.Config{Card: card, Own: "red", Now: time.Now, Log: log, Nonce: random})
	s.Serve(x.node)
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	x.url = web.URL
	return x
}

func random() (id record.ID) {
	if _, err := rand.Read(id[:]); err != nil {
		panic(err)
	}
	return id
}

// files writes down what offices work with and returns the mission's card.
func (x *site) files(offices ...string) (card string) {
	x.t.Helper()
	x.node.View(func(v corridor.View) { card = string(verify.CardOf(v.Founder(), v.Exercise(), v.Terms()).Text()) })
	x.write("mission.card", card)
	for _, name := range offices {
		x.write(name+".key", "corridor-key/v1\nexercise\n"+hex.EncodeToString(scenario.ActorKey(x.seed, name).Seed())+"\n")
		x.chain(name)
	}
	return card
}

func (x *site) write(name, text string) string {
	x.t.Helper()
	path := filepath.Join(x.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		x.t.Fatal(err)
	}
	return path
}

// chain writes down what a key of the story has signed, as its owner would have it.
func (x *site) chain(name string) {
	x.t.Helper()
	pub := scenario.ActorKey(x.seed, name).Public().(ed25519.PublicKey)
	x.node.View(func(v corridor.View) {
		if seq, last, ok := v.Chain(record.Fingerprint(pub)); ok {
			x.write(name+".key.chain", fmt.Sprintf("%s %d %s\n", v.Founder(), seq, last))
		}
	})
}

// run runs the program in the directory of the offices' files, where no server is told of.
func (x *site) run(args ...string) string {
	x.t.Helper()
	cmd := exec.CommandContext(x.t.Context(), x.r.bin, args...)
	cmd.Dir = x.dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		x.t.Fatalf("corridor %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// sign signs a draft with no network and submits what came of it.
func (x *site) sign(draft, name string) {
	x.t.Helper()
	signed := draft + ".signed"
	x.run("sign", draft, "--key", name+".key", "--card", "mission.card", "--out", signed)
	x.run("sign", "--submit", signed, "--to", x.url)
}

// acts returns who signed the records of a kind, and with which key.
func (x *site) acts(k corridor.Kind) (list []corridor.Entry) {
	x.node.View(func(v corridor.View) {
		for i := range v.Size() {
			if e := v.Entry(i); e.Kind == k {
				list = append(list, e)
			}
		}
	})
	return list
}

// desk is an office's day at the desk that its own machine serves: a key that cannot be
// exported is made, enrolled with the pen, and signs; the other ways of the same act stand
// beside it on the log and are told apart.
func (r *room) desk(t *testing.T) {
	x := r.ownSite(t)
	b := r.open(t, x.url, "en", widths[1])
	nominations := x.acts(corridor.KindNomination)

	// A key is made. Nothing can take it out of the browser.
	b.visit("/desk")
	b.wait("a desk without a key", `!document.querySelector('[data-state=none]').hidden`)
	b.click("[data-make]")
	b.wait("a key that is not enrolled", `!document.querySelector('#key [data-state=made]').hidden`)
	if got := eval[string](b, `new Promise((done) => {
		const o = indexedDB.open("corridor-desk", 1);
		o.onsuccess = () => {
			const asked = o.result.transaction("keys").objectStore("keys").getAll();
			asked.onsuccess = () => Promise.all(["pkcs8", "jwk", "raw"].map((f) => crypto.subtle.exportKey(f, asked.result[0].privateKey).then(() => "exported", (e) => e.name)))
				.then((all) => done(asked.result[0].privateKey.extractable + " " + all.join(" ")));
		};
	})`); got != "false InvalidAccessError InvalidAccessError InvalidAccessError" {
		t.Errorf("the key of the desk: %s", got)
	}

	// The office's working key enrols it, on a machine with no network.
	b.click("#key form button")
	b.wait("the draft of the enrolment", `document.querySelector("#draft")`)
	x.write("enrol.draft", eval[string](b, `document.querySelector("#draft code").textContent`))
	b.clean("making a key")
	x.sign("enrol.draft", "red")
	b.visit("/desk")
	b.wait("an enrolled key", `!document.querySelector('#key [data-state=enrolled]').hidden`)

	// It signs a consent: everything is shown first, and what is shown is what is logged.
	b.consents(nominations[0].Hash, "She may come.")
	b.click("[data-show]")
	b.wait("what will be signed", `!document.querySelector("[data-shown]").hidden`)
	shown := eval[string](b, `document.querySelector("[data-header]").textContent`)
	if !strings.Contains(b.text("[data-read]"), "She may come.") {
		t.Errorf("what this browser reads: %s", b.text("[data-read]"))
	}
	b.click("[data-sign]")
	b.wait("the record in the log", `!document.querySelector("[data-logged]").hidden`)
	consents := x.acts(corridor.KindConsent)
	if len(consents) != 1 || consents[0].By != "red" || consents[0].Key == record.Fingerprint(scenario.ActorKey(askedSeed, "red").Public().(ed25519.PublicKey)) {
		t.Fatalf("the log has %+v", consents)
	}
	logged, err := x.node.Record(t.Context(), consents[0].Index)
	if err != nil {
		t.Fatal(err)
	}
	want := string(logged.Raw)
	for _, p := range logged.Parts {
		want += "\n" + string(p.Bytes)
	}
	if shown != want {
		t.Errorf("shown:\n%s\nlogged:\n%s", shown, want)
	}
	b.click("[data-record]")
	b.wait("the record's page", `location.pathname.startsWith("/records/")`)
	b.clean("signing")

	// With no network it is kept, and sent again from the desk; no number is used twice.
	b.consents(nominations[1].Hash, "He may come too.")
	b.click("[data-show]")
	b.wait("what will be signed", `!document.querySelector("[data-shown]").hidden`)
	b.offline(true)
	b.click("[data-sign]")
	b.wait("a record that is kept", `!document.querySelector("[data-later]").hidden`)
	b.offline(false)
	b.wrong() // the browser says that it was offline
	if n := len(x.acts(corridor.KindConsent)); n != 1 {
		t.Errorf("%d consents are logged while there is no network", n)
	}
	b.visit("/desk")
	b.wait("what was kept, sent again", `document.querySelector("#unsent li")?.textContent.includes("✓")`)
	if n := len(x.acts(corridor.KindConsent)); n != 2 {
		t.Errorf("%d consents are logged after it was sent again, want 2", n)
	}
	b.clean("sending again")

	// Something else in the draft than what was typed is not signed.
	b.consents(nominations[1].Hash, "Not this.")
	b.run(`sessionStorage.setItem("corridor-desk typed", JSON.stringify([["narrative.text", "But this."]]))`)
	b.click("[data-show]")
	b.wait("what will be signed", `!document.querySelector("[data-shown]").hidden`)
	if hidden := eval[bool](b, `document.querySelector("[data-sign]").hidden`); !hidden || !strings.Contains(b.text("[data-filled]"), "narrative.text") {
		t.Errorf("a draft that does not say what was typed can be signed: %s", b.text("[data-filled]"))
	}

	// The same act by blue with the pen, and on paper and ratified: told apart on one page.
	x.write("pen.yaml", fmt.Sprintf("kind: consent\nby: blue\nre: %s\nfacts: {}\n", nominations[0].Hash))
	x.run("sign", "--draft", "pen.yaml", "--card", "mission.card", "--to", x.url, "--out", "pen.draft")
	x.sign("pen.draft", "blue")
	x.write("paper.yaml", fmt.Sprintf("kind: consent\nby: office\nre: %s\nfacts: {act: {of: blue, channel: note-verbale}}\n", nominations[1].Hash))
	x.run("sign", "paper.yaml", "--key", "office.key", "--card", "mission.card", "--out", "paper.signed")
	x.run("sign", "--submit", "paper.signed", "--to", x.url)
	all := x.acts(corridor.KindConsent)
	x.write("ratify.yaml", fmt.Sprintf("kind: countersignature\nby: blue\nre: %s\nfacts: {as: ratified}\n", all[len(all)-1].Hash))
	x.run("sign", "--draft", "ratify.yaml", "--card", "mission.card", "--to", x.url, "--out", "ratify.draft")
	x.sign("ratify.draft", "blue")
	b.visit("/observers")
	told := eval[string](b, `Array.from(document.querySelectorAll(".acts"), (e) => e.innerText).join("\n").replace(/\s+/g, " ")`)
	for want, n := range map[string]int{
		"consented": 4, "signed with its own key": 3, "recorded on the word of Office, later ratified by Blue": 1, "recorded on the word of": 1,
	} {
		if got := strings.Count(told, want); got != n {
			t.Errorf("the observers' page says %q %d times, want %d:\n%s", want, got, n, told)
		}
	}
	b.clean("the observers' page")
}

// consents fills in the form of a consent and asks for its draft.
func (b *tab) consents(nomination record.Hash, words string) {
	b.t.Helper()
	b.visit("/desk/consent?re=" + nomination.String())
	b.focus("#f-narrative-text")
	b.do("typing", chromedp.KeyEvent(words))
	b.click("#compose button[type=submit]")
	b.wait("the draft", `document.querySelector("#sign [data-state=enrolled]") && !document.querySelector("#sign [data-state=enrolled]").hidden`)
}

// offline takes the tab's network away, or gives it back.
func (b *tab) offline(off bool) {
	b.t.Helper()
	conditions := network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: []*network.Conditions{{Offline: off, DownloadThroughput: -1, UploadThroughput: -1}}}
	ask(b, "the network", func(ctx context.Context, t *chromedp.Target) (network.EmulateNetworkConditionsByRuleResult, error) {
		return cdp.Call(ctx, t, network.EmulateNetworkConditionsByRule, conditions)
	})
}

// desks looks at the pages of a desk in both languages, narrow and wide, in every theme, with
// the keyboard and without script.
func (r *room) desks(t *testing.T) {
	x := r.ownSite(t)
	src := r.axeSource(t)
	nomination, incident := x.acts(corridor.KindNomination)[0].Hash.String(), x.acts(corridor.KindIncident)[0].Hash.String()
	for _, lang := range languages {
		b := r.open(t, x.url, lang, widths[0])
		for i, path := range []string{"/desk", "/desk/consent?re=" + nomination, "/desk/reply?re=" + incident, "/desk/statement", "/desk/accession", "/desk/incident", "draft"} {
			b.width(widths[i%2])
			for _, theme := range []string{"light", "dark", "night"} {
				if path == "draft" {
					b.visit("/desk/consent?re=" + nomination + "&theme=" + theme)
					b.click("#compose button[type=submit]")
					b.wait("the draft", `document.querySelector("#draft")`)
				} else {
					b.visit(path + map[bool]string{true: "&", false: "?"}[strings.Contains(path, "?")] + "theme=" + theme)
				}
				b.axe(src, "axe.version")
				for _, v := range b.violations(theme != "light") {
					for _, n := range v.Nodes {
						t.Errorf("%s, %s, %s: %s (%s) at %v: %s\n%.200s", path, lang, theme, v.Help, v.ID, n.Target, n.FailureSummary, n.HTML)
					}
				}
			}
			for _, width := range widths {
				b.width(width)
				if wide := eval[int](b, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); wide > 0 {
					t.Errorf("%s in %s, %d px: the page is %d px too wide", path, lang, width, wide)
				}
			}
			b.clean(path)
		}
	}
}
