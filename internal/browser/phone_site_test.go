package browser_test

import (
	"context"
	"crypto/ed25519"
	crand "crypto/rand"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/scenario"
	"corridor.example/corridor/internal/seal"
	"corridor.example/corridor/internal/server"
	"corridor.example/corridor/internal/session"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

// nightMission is a mission at whose gate an observer will stand tonight.
const nightMission = `mission night
zone Asia/Damascus +03:00
day 2021-03-04
founded 06:00
parties red, blue
office office
place gate crossing "Gate"
place ramouseh exchange "Qalqamish"
place town destination "Town"
leg A from gate to town "Gate to Town"
leg B from town to gate "Town to Gate"
consent 2 of red, blue window 24h
disclose * leaf public
disclose * * mission closed parties after public
disclose mandate * public
disclose * identity strict
release delay 0m every 0m

07:00  office incident #shots  what: fire-near-route  at gate  heard
`

const nightSeed = "a night"

// A night is a mission behind a line that can be cut, with the offices that answer for it.
type night struct {
	t    *testing.T
	node *node.Node
	door *session.Door
	card verify.Card
	line *line
	url  string // of the line, on this machine's own name

	mu    sync.Mutex
	lates []string // what the server complained of
}

func newNight(t *testing.T) *night {
	t.Helper()
	x := &night{t: t}
	log := slog.New(slog.NewTextHandler(writer(func(b []byte) (int, error) {
		x.mu.Lock()
		defer x.mu.Unlock()
		x.lates = append(x.lates, string(b))
		return len(b), nil
	}), &slog.HandlerOptions{Level: slog.LevelError}))
	script, err := scenario.Parse("night.txt", nightMission)
	if err != nil {
		t.Fatal(err)
	}
	told := scenario.NewBare(nightSeed)
	if err := scenario.Play(script, nightSeed, told); err != nil {
		t.Fatal(err)
	}
	side := &store.MemorySide{}
	if x.node, err = node.Open(context.Background(), node.Config{Store: &store.Memory{}, Side: side, LogKey: scenario.LogKey(nightSeed), NodeKey: scenario.NodeKey(nightSeed), Log: log}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(x.node.Close)
	for _, a := range x.node.SubmitAll(t.Context(), told.Records()) {
		if a.Err != nil {
			t.Fatal(a.Err)
		}
	}
	if x.door, err = session.Open(t.Context(), session.Config{Store: side, Now: time.Now, Log: log}); err != nil {
		t.Fatal(err)
	}
	x.node.View(func(v corridor.View) { x.card = verify.CardOf(v.Founder(), v.Exercise(), v.Terms()) })
	to, secret, err := seal.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	x.act("office", corridor.KindKey, nil, map[string]any{"key": map[string]any{"use": "sealing", "key": to, "proof": ""}, "reason": "new"})
	s := server.New(server.Config{Card: string(x.card.Text()), Now: time.Now, Log: log, Door: x.door, Secrets: func(_ context.Context, recipient string) (string, error) {
		return map[string]string{to: secret}[recipient], nil
	}})
	s.Serve(x.node)
	hs := httptest.NewServer(s)
	x.line = newLine(t, hs.Listener.Addr().String())
	t.Cleanup(func() {
		s.Leave()
		x.line.cut()
		hs.CloseClientConnections()
		hs.Close()
		x.mu.Lock()
		defer x.mu.Unlock()
		for _, l := range x.lates {
			t.Errorf("the server said: %s", l)
		}
	})
	x.url = "http://" + x.line.addr
	return x
}

// act signs an act of an office and logs it.
func (x *night) act(by string, k corridor.Kind, re *record.Hash, facts map[string]any) record.Hash {
	x.t.Helper()
	key := scenario.ActorKey(nightSeed, by)
	h := record.Header{Kind: string(k), By: by, At: record.At(time.Now()), Re: re, ID: chance(), Nonce: chance()}
	exercise := false
	x.node.View(func(v corridor.View) {
		founder := v.Founder()
		h.Mission, exercise = &founder, v.Exercise()
		if seq, last, ok := v.Chain(record.Fingerprint(key.Public().(ed25519.PublicKey))); ok {
			h.Seq, h.Prev = seq, &last
		}
	})
	h.Seq++
	parts, err := corridor.Compose(corridor.Draft{Kind: k, By: corridor.ActorID(by), Re: re, Parts: map[string]map[string]any{"facts": facts}}, h.ID, chance)
	if err != nil {
		x.t.Fatal(err)
	}
	r, err := record.Sign(key, exercise, h, parts)
	if err != nil {
		x.t.Fatal(err)
	}
	if _, err := x.node.Submit(x.t.Context(), r); err != nil {
		x.t.Fatal(err)
	}
	return r.Hash
}

func chance() (id record.ID) {
	_, _ = io.ReadFull(crand.Reader, id[:]) // it never fails
	return id
}

// invite returns the link of an invitation to enrol a phone.
func (x *night) invite() string {
	x.t.Helper()
	code, _, err := x.door.InvitePhone(x.t.Context(), "office", 0)
	if err != nil {
		x.t.Fatal(err)
	}
	return "/phone/#" + code + "." + x.card.Print()
}

// admit nominates the phone that came last, lets both parties consent and deploys it.
func (x *night) admit(observer string) {
	x.t.Helper()
	list, err := x.door.Phones(x.t.Context())
	if err != nil || len(list) == 0 {
		x.t.Fatalf("%d phones wait, %v", len(list), err)
	}
	n := x.act("office", corridor.KindNomination, nil, map[string]any{
		"observer": observer, "label": []any{map[string]any{"lang": "en", "text": "Post " + observer}},
		"key": map[string]any{"use": "device", "key": list[0].Key, "proof": list[0].Proof}, "places": []any{}, "from": "2021-03-04T00:00:00Z",
	})
	for _, party := range []string{"red", "blue"} {
		x.act(party, corridor.KindConsent, &n, map[string]any{})
	}
	x.act("office", corridor.KindDeployment, &n, map[string]any{"observer": observer, "places": []any{}, "from": "2021-03-04T00:00:00Z"})
}

// tick lets both witnesses cosign the log as it stands.
func (x *night) tick() {
	x.t.Helper()
	signed := x.node.Checkpoint()
	var lines [][]byte
	for _, w := range scenario.Cosigners(nightSeed) {
		l, err := w.Cosign(signed, time.Now().Unix())
		if err != nil {
			x.t.Fatal(err)
		}
		lines = append(lines, l)
	}
	both, err := ledger.AddCosignatures(signed, lines...)
	if err == nil {
		err = x.node.Keep(x.t.Context(), both)
	}
	if err != nil {
		x.t.Fatal(err)
	}
}

// by returns what the log has of an author, in its order.
func (x *night) by(author string) (list []corridor.Entry) {
	x.node.View(func(v corridor.View) {
		for i := range v.Size() {
			if e := v.Entry(i); string(e.By) == author {
				list = append(list, e)
			}
		}
	})
	return list
}

// A line is the network between a phone and the server: it can be cut, and it can cut itself.
type line struct {
	addr, to string
	mu       sync.Mutex
	off      bool
	open     map[net.Conn]bool
	fails    *rand.Rand // nil: it works
	faults   int
	up       atomic.Int64 // bytes from the phone
}

// newLine opens a line to a server. While it is cut connections end before a byte has passed.
func newLine(t *testing.T, to string) *line {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	x := &line{addr: l.Addr().String(), to: to, open: map[net.Conn]bool{}}
	var all sync.WaitGroup
	t.Cleanup(func() {
		_ = l.Close()
		x.cut()
		all.Wait()
	})
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return // closed
			}
			all.Go(func() { x.carry(c) })
		}
	})
	return x
}

func (x *line) cut() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.off = true
	for c := range x.open {
		_ = c.Close() // whatever it was doing
	}
}

// mend makes the line whole, and returns how often it had failed.
func (x *line) mend() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.off, x.fails = false, nil
	return x.faults
}

// drop ends what is open; what is opened next may hold or not.
func (x *line) drop() {
	x.mu.Lock()
	defer x.mu.Unlock()
	for c := range x.open {
		_ = c.Close()
	}
}

// hostile makes the line cut itself, by chance, in the middle of what it carries.
func (x *line) hostile(seed uint64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.off, x.fails = false, rand.New(rand.NewPCG(seed, seed))
}

// limits returns after how many bytes up and down a connection is cut, -1 for never.
func (x *line) limits() (up, down int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.fails == nil {
		return -1, -1
	}
	x.faults++
	switch x.fails.IntN(4) {
	case 0:
		return x.fails.IntN(30_000), -1 // in the middle of a request
	case 1:
		return -1, x.fails.IntN(400) // the answer is lost, after it was committed
	case 2:
		return -1, x.fails.IntN(20_000) // in the middle of an answer
	}
	x.faults--
	return -1, -1
}

// counting counts what is written to it.
type counting struct{ n *atomic.Int64 }

func (c counting) Write(b []byte) (int, error) {
	c.n.Add(int64(len(b)))
	return len(b), nil
}

func (x *line) carry(c net.Conn) {
	defer c.Close()
	x.mu.Lock()
	off := x.off
	if !off {
		x.open[c] = true
	}
	x.mu.Unlock()
	if off {
		return
	}
	s, err := net.Dial("tcp", x.to)
	if err != nil {
		return
	}
	defer s.Close()
	up, down := x.limits()
	var both sync.WaitGroup
	pass := func(to io.Writer, from net.Conn, limit int) {
		if limit >= 0 {
			_, _ = io.CopyN(to, from, int64(limit)) // it ends here
		} else {
			_, _ = io.Copy(to, from) // or there
		}
		_, _ = c.Close(), s.Close()
	}
	both.Go(func() { pass(io.MultiWriter(s, counting{&x.up}), c, up) })
	both.Go(func() { pass(c, s, down) })
	both.Wait()
	x.mu.Lock()
	delete(x.open, c)
	x.mu.Unlock()
}

// phone starts a browser of its own on a directory that it keeps, as a telephone does.
func (r *room) phone(t *testing.T, dir string) context.Context {
	t.Helper()
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(r.chromium), chromedp.UserDataDir(dir), chromedp.NoSandbox,
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-domain-reliability", true), chromedp.Flag("no-pings", true),
		chromedp.Flag("lang", "en"),
	)
	ctx, closed := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, cancel := chromedp.NewContext(ctx)
	t.Cleanup(func() {
		cancel()
		closed()
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("starting %s: %v", r.chromium, err)
	}
	return ctx
}

// hand opens a window of a phone.
func hand(t *testing.T, phone context.Context, base string) (b *tab, closed func()) {
	t.Helper()
	b = &tab{t: t, base: base}
	ctx, cancel := chromedp.NewContext(phone, chromedp.WithListener(b.hear))
	t.Cleanup(cancel)
	b.ctx = ctx
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	b.width(390)
	return b, cancel
}

// screen waits until the app shows one of its screens.
func (b *tab) screen(name string) {
	b.t.Helper()
	b.wait("the screen "+name, `document.querySelector("main")?.dataset.screen === "`+name+`" && !document.querySelector("[aria-busy],.busy")`)
}

// press presses a button of the app by its selector.
func (b *tab) press(selector string) {
	b.t.Helper()
	b.wait(selector, `document.querySelector('`+selector+`')`)
	b.run(`document.querySelector('` + selector + `').click()`)
}

// pin types a PIN into the pad with the title of a message.
func (b *tab) pin(lang, key, digits string) {
	b.t.Helper()
	b.wait("the pad", `document.querySelector("main")?.dataset.screen === "pin" && document.querySelector("h1").textContent === "`+messages(lang)[key][0]+`" && !document.querySelector(".busy")`)
	for _, d := range strings.Split(digits, "") {
		b.press(`[data-digit="` + d + `"]`)
	}
	b.press("[data-enter]")
}

// enrol enrols a phone with an invitation and leaves it on its home screen.
func (x *night) enrol(b *tab, lang, observer, pin string) {
	b.t.Helper()
	b.visit("/phone/selftest")
	b.screen("selftest")
	b.run(`localStorage.setItem("lang", "` + lang + `")`)
	b.visit(x.invite())
	b.screen("card")
	if got, want := b.text(".words"), strings.Join(x.card.Words(), " "); got != want {
		b.t.Errorf("the phone shows the words %q, want %q", got, want)
	}
	b.press("[data-next]")
	b.pin(lang, "phone.pin.choose", pin)
	b.pin(lang, "phone.pin.repeat", pin)
	b.screen("standing")
	b.wait("the key at the office", `document.querySelector("[data-state=waiting]")`)
	x.admit(observer)
	b.press("[data-look]")
	b.wait("the deployment", `document.querySelector("[data-state=deployed]")`)
	b.press("[data-next]")
	b.screen("post")
	b.press(`[data-value="gate"]`)
	b.press("[data-next]")
	b.screen("home")
}

// unlock opens the app anew and unlocks it.
func (b *tab) unlock(lang, pin string) {
	b.t.Helper()
	b.visit("/phone/")
	b.pin(lang, "phone.locked", pin)
	b.screen("home")
}
