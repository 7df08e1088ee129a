package attack

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

var quiet = slog.New(slog.DiscardHandler)

// key is the key of that name: the same in every run.
func key(name string) ed25519.PrivateKey {
	s := sha256.Sum256([]byte("attack suite " + name))
	return ed25519.NewKeyFromSeed(s[:])
}

func public(name string) ed25519.PublicKey { return key(name).Public().(ed25519.PublicKey) }

// must returns a value, or ends the test.
func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

type parts = map[string]map[string]any

// A world is one mission: its server as the operator runs it, the witnesses of the red and the
// blue side, and everybody's keys. Its clock stands still until a test moves it.
type world struct {
	t     *testing.T
	mu    sync.Mutex
	now   time.Time
	n     int               // of random numbers drawn
	doors *store.MemorySide // sessions, of every server that the operator runs
	front *httptest.Server  // what everybody reaches
	lie   lie               // nil: what is asked is answered by the server
	gone  bool              // nothing is answered
	site  *site             // the mission's server
	other map[string]*site  // the server that somebody is shown in its place: red, blue, or "" for the public
	all   []*site

	terms     map[string]any
	card      verify.Card
	seq       map[string]int64
	last      map[string]*record.Hash
	red, blue *party
	tokens    map[string]string
}

// A lie answers a request in the server's place, and says whether it did. who asks is red, blue,
// or "" for everybody else.
type lie func(w http.ResponseWriter, r *http.Request, who string) bool

func (w *world) clock() time.Time { w.mu.Lock(); defer w.mu.Unlock(); return w.now }

func (w *world) pass(d time.Duration) { w.mu.Lock(); w.now = w.now.Add(d); w.mu.Unlock() }

// random draws the next of the numbers that are the same in every run.
func (w *world) random() (id record.ID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.n++
	h := sha256.Sum256(fmt.Append(nil, "attack suite random ", w.n))
	copy(id[:], h[:])
	return id
}

// found begins a mission whose witnesses are red's and blue's. change alters the terms.
func found(t *testing.T, change ...func(terms map[string]any)) *world {
	t.Helper()
	w := &world{
		t: t, now: time.Unix(1482000000, 0), doors: &store.MemorySide{}, other: map[string]*site{},
		seq: map[string]int64{}, last: map[string]*record.Hash{}, tokens: map[string]string{},
	}
	w.front = httptest.NewServer(http.HandlerFunc(w.answer))
	t.Cleanup(w.front.Close)
	id := w.random()
	w.terms = w.mandate(id)
	for _, f := range change {
		if f != nil {
			f(w.terms)
		}
	}
	w.red, w.blue = newParty(w, "red"), newParty(w, "blue")
	w.site = w.serve(&store.Memory{}, &store.MemorySide{}, nil)
	r := w.signed("office", "mandate", nil, id, parts{"facts": w.terms})
	must(w.site.node.Submit(t.Context(), r))(t)
	w.card = verify.CardOf(r.Hash, false, w.site.node.Mission().Now().Terms())
	for _, who := range []string{"red", "blue"} {
		w.tokens[who] = w.site.invite(who)
	}
	w.red.open()
	w.blue.open()
	w.admit("mina")
	w.round()
	return w
}

// mandate is the terms of the mission.
func (w *world) mandate(id record.ID) map[string]any {
	origin := "corridor.test/" + id.String()
	witnesses := ""
	for _, name := range []string{"red", "blue"} {
		witnesses += "witness " + name + " " + cosigner(w.t, name).Key() + "\n"
	}
	var actors, all []any
	for i, name := range []string{"office", "red", "blue"} {
		role, side := "party", any([]string{"", "first", "second"}[i])
		if i == 0 {
			role, side = "office", nil
		}
		actors = append(actors, map[string]any{"id": name, "roles": []any{role}, "side": side, "keys": []any{
			proven(origin, nil, "working", name), proven(origin, nil, "recovery", name+" recovery"),
		}})
	}
	for _, k := range corridor.Kinds() {
		all = append(all, string(k))
	}
	row := func(kind, part, open, closed, after string, latest any) any {
		return map[string]any{"kind": kind, "part": part, "open": open, "closed": closed, "after": after, "latest": latest}
	}
	may := func(role string) any { return map[string]any{"role": role, "kinds": all} }
	return map[string]any{
		"edition": 1, "origin": origin, "log_key": must(ledger.VerifierKey(origin, public("log")))(w.t),
		"witnesses":  witnesses + "group sides all red blue\nquorum sides\n",
		"witness_of": []any{map[string]any{"witness": "red", "actor": "red"}, map[string]any{"witness": "blue", "actor": "blue"}},
		"node_key":   proven(origin, nil, "node", "node"), "from": "2016-12-01T00:00:00Z", "actors": actors,
		"places": []any{map[string]any{"id": "gate", "role": "crossing"}, map[string]any{"id": "town", "role": "destination"}},
		"legs":   []any{map[string]any{"letter": "A", "from": "gate", "to": "town"}},
		"may":    []any{may("office"), may("party"), may("observer")},
		"consent": map[string]any{"quorum": quorum(2, "red", "blue"), "window": 60, "silence": "accepts",
			"object": "bars", "revoke": "any", "lock": true},
		"amend": quorum(2, "red", "blue"),
		"disclosure": []any{
			row("*", "leaf", "public", "public", "public", nil), row("*", "*", "mission", "parties", "public", nil),
			row("mandate", "*", "public", "public", "public", nil), row("nomination", "*", "parties", "parties", "public", nil),
			row("consent", "*", "parties", "public", "public", nil), row("deployment", "*", "parties", "public", "public", nil),
			row("report", "*", "parties", "parties", "public", nil),
			row("incident", "*", "parties", "parties", "public", nil), row("reply", "*", "parties", "parties", "public", nil),
			row("disclosure", "header", "parties", "parties", "public", nil),
			row("incident", "narrative", "mission", "mission", "parties", 24*60),
		},
		"release":  map[string]any{"delay": 60, "clock": 0},
		"schedule": []any{map[string]any{"series": "daily", "every": 1, "days": 0, "from": "2016-12-17T00:00:00Z", "cut_off": 20 * 60, "issue": 120, "zone": "Etc/UTC"}},
		"quotas":   []any{map[string]any{"class": "movement", "per_day": 40}},
		"zone":     map[string]any{"name": "Etc/UTC", "shifts": []any{map[string]any{"from": "2016-10-28T00:00:00Z", "minutes": 0}}},
		"tick":     30, "lodged": 3600,
	}
}

func quorum(k int, of ...string) map[string]any {
	var voters []any
	for _, name := range of {
		voters = append(voters, map[string]any{"actor": name})
	}
	return map[string]any{"k": k, "of": voters}
}

// proven is a key with the proof that somebody holds it.
func proven(origin string, founder *record.Hash, use, name string) map[string]any {
	return map[string]any{"use": use, "key": hex.EncodeToString(public(name)), "proof": record.Prove(key(name), false, origin, founder)}
}

func cosigner(t testing.TB, name string) *ledger.Cosigner {
	return must(ledger.NewCosigner("witness.test/"+name, key("witness "+name)))(t)
}

// signed signs a record with the author's own key, after the last one of that chain.
func (w *world) signed(by, kind string, re *record.Hash, id record.ID, p parts) record.Record {
	w.t.Helper()
	return w.signedWith(by, by, kind, re, id, p)
}

// signedWith signs a record in somebody's name with the key of another name.
func (w *world) signedWith(name, by, kind string, re *record.Hash, id record.ID, p parts) record.Record {
	w.t.Helper()
	list := must(corridor.Compose(corridor.Draft{Kind: corridor.Kind(kind), By: corridor.ActorID(by), Re: re, Parts: p}, id, w.random))(w.t)
	w.seq[name]++
	h := record.Header{Kind: kind, ID: id, By: by, Seq: w.seq[name], Prev: w.last[name], At: record.At(w.clock()), Re: re, Nonce: w.random()}
	if kind != "mandate" {
		founder := w.card.Mission
		h.Mission = &founder
	}
	r := must(record.Sign(key(name), false, h, list))(w.t)
	w.last[name] = &r.Hash
	return r
}

// sign signs a record.
func (w *world) sign(by, kind string, p parts) record.Record {
	w.t.Helper()
	return w.signed(by, kind, nil, w.random(), p)
}

// about signs a record that is about another.
func (w *world) about(by, kind string, re record.Record, p parts) record.Record {
	w.t.Helper()
	return w.signed(by, kind, &re.Hash, w.random(), p)
}

// seeing signs a record again with a checkpoint that its author had seen.
func (w *world) seeing(by string, r record.Record, seen []byte) record.Record {
	w.t.Helper()
	text := string(seen)
	h := r.Header
	h.Seen = &text
	r = must(record.Sign(key(by), false, h, r.Parts))(w.t)
	w.last[by] = &r.Hash
	return r
}

// moves is an account that a convoy left or arrived.
func (w *world) moves(by, kind, convoy string, people int) record.Record {
	w.t.Helper()
	return w.sign(by, kind, account(w, convoy, people))
}

// account is what an account of a convoy says.
func account(w *world, convoy string, people int) parts {
	return parts{
		"facts": {"convoy": convoy, "when": record.At(w.clock()).String(), "basis": "observed"},
		"count": {"sums": []any{map[string]any{"unit": "people", "total": people, "method": "tally"}}}, "where": {"place": "gate"}}
}

// incident is an account of fire at the gate.
func (w *world) incident(by, text string) record.Record {
	w.t.Helper()
	p := parts{"facts": {"what": "fire-near-route", "when": record.At(w.clock()).String(), "basis": "observed"}, "count": {}, "where": {"place": "gate"}, "who": {}}
	if text != "" {
		p["narrative"] = map[string]any{"lang": "en", "text": text}
	}
	return w.sign(by, "incident", p)
}

// nominated is a nomination of an observer with the device of that name.
func (w *world) nominated(name, device string) record.Record {
	w.t.Helper()
	founder := w.card.Mission
	return w.sign("office", "nomination", parts{"facts": {"observer": name, "from": "2016-12-01T00:00:00Z", "key": proven(w.card.Origin(), &founder, "device", device)}})
}

// admit nominates an observer, has both parties consent, and deploys her.
func (w *world) admit(name string) {
	w.t.Helper()
	n := w.nominated(name, name)
	w.send(n, w.about("red", "consent", n, nil), w.about("blue", "consent", n, nil), w.deploys(n, name))
}

func (w *world) deploys(n record.Record, name string) record.Record {
	w.t.Helper()
	return w.about("office", "deployment", n, parts{"facts": {"observer": name, "from": "2016-12-01T00:00:00Z"}})
}

// A receipt is what a sender gets for a record.
type receipt struct {
	Index int64
	Proof string
	leaf  string
}

// lodged is the receipt as its holder hands it to a witness.
func (r receipt) lodged(t testing.TB) []byte {
	return must(record.Encode(struct {
		Receipt string `json:"receipt"`
		Leaf    string `json:"leaf"`
	}{r.Proof, r.leaf}))(t)
}

// post hands in one record, as a phone does, and returns the receipt or the status.
func (w *world) post(r record.Record) (got receipt, status int) {
	w.t.Helper()
	w.between()
	defer w.between()
	res, err := http.Post(w.front.URL+"/api/v1/records", "application/json", strings.NewReader(string(r.Line())))
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	b := must(io.ReadAll(res.Body))(w.t)
	if res.StatusCode == http.StatusCreated || res.StatusCode == http.StatusOK {
		if err := json.Unmarshal(b, &got); err != nil {
			w.t.Fatalf("%v: %s", err, b)
		}
	}
	got.leaf = string(corridor.Leaf(r))
	return got, res.StatusCode
}

// send hands records in and ends the test if one is not logged. It returns their receipts.
func (w *world) send(recs ...record.Record) (list []receipt) {
	w.t.Helper()
	for _, r := range recs {
		got, status := w.post(r)
		if status != http.StatusCreated {
			w.t.Fatalf("the %s of %s was answered %d", r.Header.Kind, r.Header.By, status)
		}
		list = append(list, got)
	}
	return list
}

// who is shown one server and not another: the parties by their tokens, and everybody else.
func (w *world) who(r *http.Request) string {
	bearer := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	for name, token := range w.tokens {
		if bearer == token {
			return name
		}
	}
	return r.Header.Get("From") // the operator knows whom it lies to
}

func (w *world) answer(rw http.ResponseWriter, r *http.Request) {
	who := w.who(r)
	w.mu.Lock()
	gone, lie, s := w.gone, w.lie, w.site
	if o := w.other[who]; o != nil && r.URL.Path != "/api/v1/records" {
		s = o
	}
	w.mu.Unlock()
	if gone {
		panic(http.ErrAbortHandler)
	}
	if lie == nil || !lie(rw, r, who) {
		s.server.ServeHTTP(rw, r)
	}
}

// between stands where a test goes from telling people what to do to having them do it, and back:
// what it changes meanwhile is read by those who answer, each in a goroutine of its own.
func (w *world) between() {
	w.mu.Lock()
	defer w.mu.Unlock()
}

// round has every server tick, and the parties that are awake after it.
func (w *world) round() {
	w.t.Helper()
	w.pass(30 * time.Second)
	defer w.between()
	for _, s := range w.all {
		if !s.idle {
			_ = s.node.Tick(w.t.Context()) // who is missing is what the tests are about
		}
	}
	for _, p := range []*party{w.red, w.blue} {
		if !p.asleep {
			_ = p.Tick(w.t.Context()) // it raises what it has to say
		}
	}
}

// hours lets time pass, with a round every quarter of an hour.
func (w *world) hours(n float64) {
	w.t.Helper()
	for range int(n * 4) {
		w.pass(15*time.Minute - 30*time.Second)
		w.round()
	}
}

// stranger is somebody who is shown another public view than everybody else.
const stranger = "a stranger"

// reads is what somebody makes of the public copy who holds the card and nothing else.
func (w *world) reads(known verify.Known) verify.Result { w.t.Helper(); return w.readsAs("", known) }

// readsAs is what somebody in particular makes of it.
func (w *world) readsAs(who string, known verify.Known) verify.Result {
	w.t.Helper()
	w.between()
	defer w.between()
	req := must(http.NewRequest(http.MethodGet, w.front.URL+"/api/v1/bundle", nil))(w.t)
	req.Header.Set("From", who)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	text := must(io.ReadAll(res.Body))(w.t)
	if res.StatusCode != http.StatusOK {
		w.t.Fatalf("the public bundle is answered %d: %s", res.StatusCode, text)
	}
	b := must(verify.OpenBundle(bytes.NewReader(text)))(w.t)
	return must(verify.Run(context.WithoutCancel(w.t.Context()), b, verify.Options{Card: &w.card, Known: known, Now: record.At(w.clock())}))(w.t)
}
