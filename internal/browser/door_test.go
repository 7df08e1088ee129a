package browser_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/scenario"
	"corridor.example/corridor/internal/server"
	"corridor.example/corridor/internal/session"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

// guarded is a mission whose convoy is still on the way: its account is for the mission alone.
const guarded = `mission guarded
zone Etc/UTC +00:00
day 2021-03-04
founded 06:00
parties red, blue
office office
place gate crossing "Gate"
place town destination "Town"
leg A from gate to town "Gate to Town"
consent 2 of red, blue window 24h silence refuses objection bars revoked by any lock
disclose * leaf public
disclose * * mission closed parties after public
disclose mandate * public
disclose * identity strict
release delay 0m every 0m
witnesses none

08:00  mina is nominated, consented to by red, blue, deployed
09:17  mina departure  A-777  people 7391 tally  at gate  observed
`

const revoked = "12:00  blue revocation  observer: mina\n"

// nominated is an observer more, whom nobody has answered.
const nominated = "10:00  office nomination  observer: omar  new-key omar device  from: 2021-03-04 10:00\n"

// A guard is a mission behind its door, in this process.
type guard struct {
	t    *testing.T
	node *node.Node
	door *session.Door
	side store.Side
	url  string
	log  bytes.Buffer
	mu   sync.Mutex

	change atomic.Pointer[func(string) string] // what becomes of a page on its way
}

func (g *guard) Write(b []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.log.Write(b)
}

// logged is what the server and its door have said.
func (g *guard) logged() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.log.String()
}

// bare plays a scenario's text, with nobody to serve it.
func bare(t *testing.T, text string) *scenario.Bare {
	t.Helper()
	script, err := scenario.Parse("guarded.txt", text)
	if err != nil {
		t.Fatal(err)
	}
	b := scenario.NewBare("guarded")
	if err := scenario.Play(script, "guarded", b); err != nil {
		t.Fatal(err)
	}
	return b
}

func newGuard(t *testing.T) *guard {
	t.Helper()
	g := &guard{t: t}
	log := slog.New(slog.NewTextHandler(g, nil))
	var err error
	side := &store.MemorySide{}
	if g.node, err = node.Open(t.Context(), node.Config{Store: &store.Memory{}, Side: side, LogKey: scenario.LogKey("guarded"), NodeKey: scenario.NodeKey("guarded"), Log: log}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.node.Close)
	g.submit(bare(t, guarded).Records())
	if g.door, err = session.Open(t.Context(), session.Config{Store: side, Now: time.Now, Log: log}); err != nil {
		t.Fatal(err)
	}
	card := ""
	g.node.View(func(v corridor.View) {
		card = string(verify.CardOf(v.Founder(), v.Exercise(), v.Terms()).Text())
	})
	s := server.New(server.Config{Card: card, Now: time.Now, Log: log, Door: g.door, Nonce: random})
	s.Serve(g.node)
	ctx, stop := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() { g.door.Watch(ctx, g.node.Changed) })
	hs := httptest.NewServer(g.falsely(s))
	t.Cleanup(func() {
		s.Leave()
		hs.CloseClientConnections()
		hs.Close()
		stop()
		done.Wait()
	})
	g.side = side
	g.url = strings.Replace(hs.URL, "127.0.0.1", "localhost", 1) // passkeys belong to a name
	return g
}

func (g *guard) submit(list []record.Record) {
	g.t.Helper()
	for _, a := range g.node.SubmitAll(g.t.Context(), list) {
		if a.Err != nil {
			g.t.Fatal(a.Err)
		}
	}
}

func (g *guard) invite(actor corridor.ActorID, level corridor.Level) (link, code string) {
	g.t.Helper()
	code, _, err := g.door.Invite(g.t.Context(), session.Grant{Actor: actor, Level: level}, "operator", 0)
	if err != nil {
		g.t.Fatal(err)
	}
	return "/join#" + code, code
}

// authenticator gives a tab a device that holds passkeys and whose owner always agrees.
func (b *tab) authenticator() {
	b.t.Helper()
	call(b, webauthn.Enable, webauthn.EnableParams{})
	ask(b, "an authenticator", func(ctx context.Context, t *chromedp.Target) (webauthn.AddVirtualAuthenticatorResult, error) {
		return cdp.Call(ctx, t, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal, HasResidentKey: true,
			HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
		}})
	})
}

// cookies returns the tab's cookies for the page it shows.
func (b *tab) cookies() []*network.Cookie {
	b.t.Helper()
	return ask(b, "its cookies", func(ctx context.Context, t *chromedp.Target) (network.GetCookiesResult, error) {
		return cdp.Call(ctx, t, network.GetCookies, network.GetCookiesParams{})
	}).Cookies
}

// unexpected fails the test for what went wrong in a tab beyond refusals, which a browser
// counts as errors.
func (b *tab) unexpected(what string) {
	b.t.Helper()
	for _, f := range b.wrong() {
		if !strings.Contains(f, "status of 401") {
			b.t.Errorf("%s: %s", what, f)
		}
	}
}

// doors goes the whole way: an invitation, a passkey, pages behind the session, a cookie that
// was stolen, and the record that ends it.
func (r *room) doors(t *testing.T) {
	g := newGuard(t)
	b := r.open(t, g.url, "en", widths[1])
	b.authenticator()
	const sealed = "7,391"
	link, code := g.invite("mina", corridor.MissionLevel)

	b.visit(link)
	b.wait("the code is taken out of the address", `location.href.endsWith("/join") && document.querySelector("#code").value.length === 43`)
	b.flawless("/join", "en", false)
	b.click("#join button")
	b.wait("the session", `location.pathname === "/sessions" && document.querySelector("#reader")`)
	b.unexpected("joining")
	b.flawless("/sessions", "en", false)
	b.wait("the button", `!document.querySelector("#add-passkey").disabled`)
	b.click("#add-passkey")
	b.wait("the passkey", `document.querySelectorAll("#passkeys .panel").length === 1`)
	b.unexpected("adding a passkey")

	// By a link and by an address that is typed: both are proved.
	b.click(`nav a[href="/"]`)
	b.wait("a page behind the session", `location.pathname === "/" && document.querySelector("#reader")`)
	b.visit("/convoys/A-777")
	b.wait("the convoy that is on its way", `document.querySelector("main")?.innerText.includes("`+sealed+`")`)
	b.unexpected("reading")

	// A second tab of the same browser is let in; another browser with every cookie is not.
	stolen := b.cookies()
	token := ""
	for _, c := range stolen {
		if strings.HasPrefix(c.Name, "session") {
			token = c.Value
			if !c.HTTPOnly || c.SameSite != network.CookieSameSiteStrict || !c.Session {
				t.Errorf("the session's cookie is %+v", c)
			}
		}
	}
	if token == "" {
		t.Fatal("there is no session's cookie")
	}
	thief := r.open(t, g.url, "", widths[1])
	for _, c := range stolen {
		call(thief, network.SetCookie, network.SetCookieParams{Name: c.Name, Value: c.Value, URL: g.url, Path: "/"})
	}
	for _, path := range []string{"/convoys/A-777", "/sessions", "/board"} {
		if status := thief.visit(path); status != http.StatusUnauthorized {
			t.Errorf("with stolen cookies %s answers %d", path, status)
		}
		thief.wait("the page says that the key is elsewhere", `document.querySelector("#stuck") && !document.querySelector("#stuck").hidden`)
		if text := thief.text("body"); strings.Contains(text, sealed) || strings.Contains(text, "mina") {
			t.Errorf("with stolen cookies %s shows %q", path, text)
		}
	}
	for _, path := range []string{"/convoys/A-777", "/api/v1/session", "/api/v1/bundle"} {
		q, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, g.url+path, nil)
		for _, c := range stolen {
			q.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
		}
		answer, err := http.DefaultClient.Do(q)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(answer.Body)
		answer.Body.Close()
		if answer.StatusCode != http.StatusUnauthorized || bytes.Contains(body, []byte(sealed)) {
			t.Errorf("a program with stolen cookies is answered %d at %s: %.200s", answer.StatusCode, path, body)
		}
	}

	// Its own browser is not put out by that. It signs out, and in again with the passkey.
	b.visit("/sessions")
	b.wait("the sessions", `location.pathname === "/sessions" && document.querySelector("#here button")`)
	b.click("#here button")
	b.wait("signed out", `location.pathname === "/login"`)
	b.visit("/convoys/A-777")
	b.wait("the public page", `!document.querySelector("#reader")`)
	if strings.Contains(b.text("main"), sealed) {
		t.Error("signed out, and still shown what is sealed")
	}
	b.wrong() // the public finds nothing at that address yet
	b.visit("/login")
	b.wait("the button", `!document.querySelector("#passkey").disabled`)
	b.click("#passkey")
	b.wait("signed in with the passkey", `location.pathname === "/sessions" && document.querySelector("#here")?.innerText.includes("a passkey")`)
	b.unexpected("the passkey")
	again := b.cookies()

	// The record that ends her accreditation ends the session, in the page that is open.
	all := bare(t, guarded+revoked).Records()
	last := all[len(all)-1]
	if last.Header.Kind != "revocation" {
		t.Fatalf("the last record is a %s", last.Header.Kind)
	}
	at := time.Now()
	g.submit([]record.Record{last})
	for len(g.door.List(func(session.Session) bool { return true })) > 0 {
		if time.Since(at) > time.Second {
			t.Fatal("a second after the revocation the session is there")
		}
		b.pause()
	}
	gone := time.Since(at)
	b.wait("the page is left", `location.pathname === "/login" && location.search === "?ended=1" && document.querySelector("#ended")`)
	t.Logf("the session ended %d ms after the record, the page was left after %d ms", gone.Milliseconds(), time.Since(at).Milliseconds())
	b.wait("the button", `!document.querySelector("#passkey").disabled`)
	b.click("#passkey")
	b.wait("the passkey is refused", `!document.querySelector("#trouble").hidden`)
	if says, want := b.text("#trouble"), messages("en")["door.answer.session.deployment"][0]; says != want {
		t.Errorf("the refusal says %q, want %q", says, want)
	}
	b.wrong() // refusals

	secrets := []string{code, token}
	for _, c := range again {
		if strings.HasPrefix(c.Name, "session") {
			secrets = append(secrets, c.Value)
		}
	}
	for _, secret := range secrets {
		if strings.Contains(g.logged(), secret) {
			t.Error("the log holds a secret")
		}
	}
	for _, want := range []string{"how=passkey", "why=deployment", "rule=session.deployment"} {
		if !strings.Contains(g.logged(), want) {
			t.Errorf("the log does not say %q:\n%s", want, g.logged())
		}
	}
}

// liaison is a party's day at the mission's own server: an invitation, a passkey, the desk, a
// consent that is drafted there and signed elsewhere, and the end of the session.
func (r *room) liaison(t *testing.T) {
	g := newGuard(t)
	told := bare(t, guarded+nominated).Records()
	g.submit(told[len(told)-1:])
	nomination := told[len(told)-1]
	x := &site{t: t, r: r, seed: "guarded", node: g.node, dir: t.TempDir(), url: g.url}
	x.files("blue")
	b := r.open(t, g.url, "en", widths[1])
	b.authenticator()
	link, _ := g.invite("blue", corridor.Parties)
	b.visit(link)
	b.wait("the code", `document.querySelector("#code").value.length === 43`)
	b.click("#join button")
	b.wait("the session", `location.pathname === "/sessions" && document.querySelector("#reader")`)
	b.wait("the button", `!document.querySelector("#add-passkey").disabled`)
	b.click("#add-passkey")
	b.wait("the passkey", `document.querySelectorAll("#passkeys .panel").length === 1`)
	b.click("#here button")
	b.wait("signed out", `location.pathname === "/login"`)
	b.wait("the button", `!document.querySelector("#passkey").disabled`)
	b.click("#passkey")
	b.wait("signed in with the passkey", `location.pathname === "/sessions" && document.querySelector("#here")`)

	// What is asked stands on the desk; the consent is drafted there and signed where the key is.
	b.visit("/desk")
	b.wait("what is asked", `document.querySelector("main")?.innerHTML.includes("`+nomination.Hash.String()+`")`)
	b.visit("/desk/consent?re=" + nomination.Hash.String())
	b.wait("the form", `document.querySelector("#compose button[type=submit]")`)
	b.click("#compose button[type=submit]")
	b.wait("the draft", `document.querySelector("#draft code")`)
	x.write("consent.draft", eval[string](b, `document.querySelector("#draft code").textContent`))
	b.unexpected("the desk")
	before := len(x.acts(corridor.KindConsent))
	x.sign("consent.draft", "blue")
	if all := x.acts(corridor.KindConsent); len(all) != before+1 || all[before].By != "blue" {
		t.Fatalf("the log has %+v", all)
	}
	b.visit("/desk")
	b.wait("the desk", `document.querySelector("#reader") && document.querySelector("main h1")`)

	// Its passkey is taken back from another terminal: the page that is open is left.
	kept, err := session.AllKept(t.Context(), g.side, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	at := time.Now()
	for _, k := range kept {
		if k.Sort == "passkey" {
			if _, err := session.Forget(t.Context(), g.side, k.Name); err != nil {
				t.Fatal(err)
			}
		}
	}
	for len(g.door.List(func(session.Session) bool { return true })) > 0 {
		if time.Since(at) > 10*time.Second {
			t.Fatal("ten seconds after its passkey was taken back the session is there")
		}
		b.pause()
	}
	t.Logf("the session ended %d ms after its passkey was taken back", time.Since(at).Milliseconds())
	b.wait("the page is left", `location.pathname === "/login" && document.querySelector("#ended")`)
	b.wait("the button", `!document.querySelector("#passkey").disabled`)
	b.click("#passkey")
	b.wait("the passkey opens nothing", `!document.querySelector("#trouble").hidden`)
	b.wrong() // refusals
}

// doorInArabic joins as a reader of Arabic does on a telephone.
func (r *room) doorInArabic(t *testing.T) {
	g := newGuard(t)
	b := r.open(t, g.url, "ar", widths[0])
	link, _ := g.invite("red", corridor.Parties)
	b.visit(link)
	b.wait("the code", `document.querySelector("#code").value.length === 43`)
	b.flawless("/join", "ar", false)
	b.click("#join button")
	b.wait("the session", `location.pathname === "/sessions" && document.querySelector("#reader")`)
	b.flawless("/sessions", "ar", false)
	b.visit(fmt.Sprintf("/join#%043d", 1))
	b.wait("the code", `location.href.endsWith("/join") && document.querySelector("#code").value.length === 43`)
	b.click("#join button")
	b.wait("the refusal", `!document.querySelector("#trouble").hidden`)
	if says, want := b.text("#trouble"), messages("ar")["door.answer.session.invitation"][0]; says != want {
		t.Errorf("the refusal says %q, want %q", says, want)
	}
	b.wrong()
}
