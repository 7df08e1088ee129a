package mirror_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
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
	"corridor.example/corridor/internal/mirror"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/server"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

var quiet = slog.New(slog.DiscardHandler)

func key(name string) ed25519.PrivateKey {
	s := sha256.Sum256([]byte("mirror test " + name))
	return ed25519.NewKeyFromSeed(s[:])
}

func public(name string) ed25519.PublicKey { return key(name).Public().(ed25519.PublicKey) }

// A world is a mission with its server, on a clock of its own.
type world struct {
	t      *testing.T
	mu     sync.Mutex
	now    time.Time
	n      int
	node   *node.Node
	store  store.Store
	side   store.Side
	http   *httptest.Server
	card   verify.Card
	seq    map[string]int64
	last   map[string]*record.Hash
	twist  func(w http.ResponseWriter, r *http.Request) bool // answers in the server's place
	honest http.Handler                                      // the server as it is
	lost   bool                                              // the server answers nothing
}

// badges knows a token for each party.
type badges struct{}

func (badges) Reader(r *http.Request) (server.Reader, bool) {
	who, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return server.Reader{Level: corridor.Parties, Actor: corridor.ActorID(who), Session: who, Program: true}, ok && (who == "red" || who == "blue")
}

func (w *world) clock() time.Time { w.mu.Lock(); defer w.mu.Unlock(); return w.now }

func (w *world) pass(d time.Duration) { w.mu.Lock(); w.now = w.now.Add(d); w.mu.Unlock() }

func (w *world) random() (id record.ID) {
	w.n++
	h := sha256.Sum256([]byte(fmt.Sprint("mirror test random ", w.n)))
	copy(id[:], h[:])
	return id
}

func check[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

type parts = map[string]map[string]any

// begin founds a mission whose witnesses are red's and blue's, and others, of whom one must cosign.
func begin(t *testing.T, others ...*nearby) *world {
	w := &world{t: t, now: time.Unix(1482000000, 0), store: &store.Memory{}, side: &store.MemorySide{}, seq: map[string]int64{}, last: map[string]*record.Hash{}}
	id := w.random()
	origin := "corridor.test/" + id.String()
	vkey := check[string](t)(ledger.VerifierKey(origin, public("log")))
	proven := func(use, name string) map[string]any {
		return map[string]any{"use": use, "key": hex.EncodeToString(public(name)), "proof": record.Prove(key(name), false, origin, nil)}
	}
	witnesses := ""
	for _, name := range []string{"red", "blue"} {
		witnesses += "witness " + name + " " + cosigner(t, name).Key() + "\n"
	}
	quorum := "group sides all red blue\nquorum sides\n"
	if len(others) > 0 {
		names := ""
		for _, o := range others {
			o.w = w
			names += " " + o.name
			witnesses = "witness " + o.name + " " + cosigner(t, o.name).Key() + "\n" + witnesses
		}
		quorum = "group sides all red blue\ngroup rest 1" + names + "\ngroup all 2 sides rest\nquorum all\n"
	}
	var actors, all []any
	for i, name := range []string{"office", "red", "blue"} {
		role, side := "party", any([]string{"", "first", "second"}[i])
		if i == 0 {
			role, side = "office", nil
		}
		actors = append(actors, map[string]any{"id": name, "roles": []any{role}, "side": side, "keys": []any{proven("working", name)}})
	}
	for _, k := range corridor.Kinds() {
		all = append(all, string(k))
	}
	row := func(kind, part, open, closed, after string) any {
		return map[string]any{"kind": kind, "part": part, "open": open, "closed": closed, "after": after}
	}
	facts := map[string]any{
		"edition": 1, "origin": origin, "log_key": vkey, "witnesses": witnesses + quorum,
		"witness_of": []any{map[string]any{"witness": "red", "actor": "red"}, map[string]any{"witness": "blue", "actor": "blue"}},
		"node_key":   proven("node", "node"), "from": "2016-12-01T00:00:00Z", "actors": actors,
		"places":     []any{map[string]any{"id": "gate", "role": "crossing"}, map[string]any{"id": "town", "role": "destination"}},
		"legs":       []any{map[string]any{"letter": "A", "from": "gate", "to": "town"}},
		"may":        []any{map[string]any{"role": "office", "kinds": all}, map[string]any{"role": "party", "kinds": all}, map[string]any{"role": "observer", "kinds": all}},
		"consent":    map[string]any{"quorum": map[string]any{"k": 0, "of": []any{}}, "silence": "refuses", "object": "bars", "revoke": "any", "lock": true},
		"disclosure": []any{row("*", "leaf", "public", "public", "public"), row("*", "*", "mission", "parties", "public"), row("mandate", "*", "public", "public", "public"), row("nomination", "*", "parties", "parties", "public"), row("refusal", "*", "parties", "parties", "public"), row("disclosure", "header", "parties", "parties", "public")},
		"release":    map[string]any{"delay": 60, "clock": 0},
		"zone":       map[string]any{"name": "Etc/UTC", "shifts": []any{map[string]any{"from": "2016-10-28T00:00:00Z", "minutes": 0}}},
		"tick":       30, "lodged": 3600,
	}
	cfg := node.Config{Store: w.store, Side: w.side, LogKey: key("log"), NodeKey: key("node"), Gather: -1, Now: w.clock, Log: quiet}
	for _, o := range others {
		cfg.Witnesses = append(cfg.Witnesses, o)
	}
	w.node = check[*node.Node](t)(node.Open(t.Context(), cfg))
	t.Cleanup(w.node.Close)
	w.log(w.sign("office", "mandate", id, parts{"facts": facts}))
	w.card = verify.CardOf(w.node.Mission().Founder(), false, w.node.Mission().Now().Terms())
	s := server.New(server.Config{Now: w.clock, Log: quiet, Readers: badges{}})
	s.Serve(w.node)
	w.honest = s
	w.http = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if w.lost {
			panic(http.ErrAbortHandler)
		}
		if w.twist == nil || !w.twist(rw, r) {
			s.ServeHTTP(rw, r)
		}
	}))
	t.Cleanup(w.http.Close)
	founder := w.node.Mission().Founder()
	w.log(w.sign("office", "nomination", w.random(), parts{"facts": {"observer": "mina", "from": "2016-12-01T00:00:00Z",
		"key": map[string]any{"use": "device", "key": hex.EncodeToString(public("mina")), "proof": record.Prove(key("mina"), false, origin, &founder)}}}))
	return w
}

func cosigner(t *testing.T, name string) *ledger.Cosigner {
	return check[*ledger.Cosigner](t)(ledger.NewCosigner("witness.test/"+name, key("witness "+name)))
}

func (w *world) sign(by, kind string, id record.ID, p parts) record.Record {
	w.t.Helper()
	list := check[[]record.Part](w.t)(corridor.Compose(corridor.Draft{Kind: corridor.Kind(kind), By: corridor.ActorID(by), Parts: p}, id, w.random))
	w.seq[by]++
	h := record.Header{Kind: kind, ID: id, By: by, Seq: w.seq[by], Prev: w.last[by], At: record.At(w.clock()), Nonce: w.random()}
	if w.node.Size() > 0 {
		f := w.node.Mission().Founder()
		h.Mission = &f
	}
	r := check[record.Record](w.t)(record.Sign(key(by), false, h, list))
	w.last[by] = &r.Hash
	return r
}

func (w *world) log(recs ...record.Record) {
	w.t.Helper()
	for _, a := range w.node.SubmitAll(w.t.Context(), recs) {
		if a.Err != nil {
			w.t.Fatal(a.Err)
		}
	}
}

func (w *world) move(by, kind, convoy string, people int) record.Record {
	return w.sign(by, kind, w.random(), parts{
		"facts": {"convoy": convoy, "when": record.At(w.clock()).String(), "basis": "observed"},
		"count": {"sums": []any{map[string]any{"unit": "people", "total": people, "method": "tally"}}}, "where": {"place": "gate"}})
}

// A party is a mirror with what it told.
type party struct {
	*mirror.Mirror
	w      *world
	name   string
	st     *store.Memory
	side   *store.MemorySide
	watch  *store.MemoryWatch
	alarms []mirror.Alarm
}

func (w *world) party(name string) *party {
	p := &party{w: w, name: name, st: &store.Memory{}, side: &store.MemorySide{}, watch: &store.MemoryWatch{}}
	p.open()
	return p
}

func (p *party) open() {
	w := p.w
	source := func(ctx context.Context) (verify.Source, error) {
		src, err := server.Snapshot(ctx, p.st, p.side)
		return server.OfLevel(src, corridor.Parties), err
	}
	var err error
	p.Mirror, err = mirror.Open(w.t.Context(), mirror.Config{
		URL: w.http.URL, Token: p.name, Card: w.card, Level: corridor.Parties, Name: p.name,
		Key: key("witness " + p.name), Cosigner: cosigner(w.t, p.name), Store: p.st, Side: p.side, Watch: p.watch, Now: w.clock, Log: quiet,
		Check: func(ctx context.Context) (verify.Result, error) {
			src, err := source(ctx)
			if err != nil {
				return verify.Result{}, err
			}
			return verify.Run(ctx, src, verify.Options{Card: &w.card})
		},
		Bundle: func(ctx context.Context) ([]string, error) {
			src, err := source(ctx)
			if err != nil {
				return nil, err
			}
			return server.BundleLines(ctx, src, w.card)
		},
		Alarm: func(a mirror.Alarm) { p.alarms = append(p.alarms, a) },
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(p.Close)
}

// round has the server tick and every party after it.
func (w *world) round(all ...*party) {
	w.t.Helper()
	w.pass(30 * time.Second)
	_ = w.node.Tick(w.t.Context()) // it has no witnesses to ask
	for _, p := range all {
		if err := p.Tick(w.t.Context()); err != nil {
			w.t.Logf("%s: %v", p.name, err)
		}
	}
}

// quietly fails the test if a party raised an alarm.
func (p *party) quietly() {
	p.w.t.Helper()
	for _, a := range p.alarms {
		p.w.t.Errorf("%s raised: %s (%s)", p.name, a.Say, a.Key)
	}
}

// alarmed returns the alarm of that key, whose proof a third machine judges as the alarm says.
func (p *party) alarmed(key string, want verify.State) mirror.Alarm {
	p.w.t.Helper()
	for _, a := range p.alarms {
		if a.Key != key {
			continue
		}
		e, err := verify.ParseEvidence(a.Proof)
		if err != nil {
			p.w.t.Fatal(err)
		}
		v, err := verify.Judge(p.w.t.Context(), e, &p.w.card)
		if err != nil || v.State != want || a.State != want {
			p.w.t.Errorf("%s: %s (%s), judged: %s, %v; want %s", key, a.Say, a.State, v.State, err, want)
		}
		return a
	}
	p.w.t.Fatalf("%s raised no alarm %q, but %d others: %+v", p.name, key, len(p.alarms), keys(p.alarms))
	return mirror.Alarm{}
}

func keys(list []mirror.Alarm) (k []string) {
	for _, a := range list {
		k = append(k, a.Key+": "+a.Say)
	}
	return k
}

// TestHonest follows an honest server through a day: two mirrors, the same log, the quorum of
// both sides, nothing raised.
func TestHonest(t *testing.T) {
	w := begin(t)
	red, blue := w.party("red"), w.party("blue")
	w.round(red, blue)
	if w.node.Cosigned() == nil {
		t.Fatal("the quorum of both sides did not reach the server")
	}
	w.log(w.move("red", "departure", "A-01", 7391))
	w.round(red, blue)
	at, _ := blue.Node().Index(*w.last["red"])
	if _, err := blue.Node().Record(t.Context(), at); err == nil {
		t.Error("a party has the record of an open convoy")
	}
	w.log(w.move("red", "arrival", "A-01", 7391))
	for range 3 {
		w.round(red, blue)
	}
	if r, err := blue.Node().Record(t.Context(), at); err != nil || r.Part("count") == nil {
		t.Errorf("what opened did not reach the mirror: %v", err)
	}
	for range 4 {
		w.pass(25 * time.Minute)
		w.round(red, blue)
	}
	w.round(red, blue)
	red.quietly()
	blue.quietly()
	if blue.Node().Size() != w.node.Size() {
		t.Errorf("the mirror has %d entries, the log %d", blue.Node().Size(), w.node.Size())
	}

	// One stops for an hour: records flow, nothing newer is cosigned by both; it comes back.
	before := cosignedSize(t, w.node)
	for i := range 4 {
		w.log(w.move("mina", "departure", fmt.Sprintf("A-1%d", i), 5))
		w.pass(15 * time.Minute)
		w.round(red)
	}
	if got := cosignedSize(t, w.node); got != before {
		t.Errorf("one party alone reached the quorum: %d, was %d", got, before)
	}
	w.round(red, blue) // what they fetched left its traces
	w.round(red, blue)
	if got := cosignedSize(t, w.node); got != w.node.Size() {
		t.Errorf("both are back and %d of %d are cosigned", got, w.node.Size())
	}

	// The server is gone: the copy can be read, and opened again.
	w.lost = true
	w.round(blue)
	w.pass(time.Hour)
	w.round(blue)
	blue.quietly() // an outage accuses nobody
	w.pass(time.Hour)
	w.round(blue)
	blue.alarmed("gone", verify.CannotCheck)
	blue.Close()
	blue.open()
	if blue.Node().Size() != w.node.Size() {
		t.Errorf("the copy has %d entries after a restart", blue.Node().Size())
	}
}

func cosignedSize(t *testing.T, n *node.Node) int64 {
	t.Helper()
	return check[ledger.Checkpoint](t)(ledger.ParseCheckpoint(n.Cosigned())).Size
}

// signs makes a checkpoint of leaves with the log's key.
func (w *world) signs(leaves [][]byte) (signed []byte, tree *ledger.Tree) {
	tree = new(ledger.Tree)
	for _, l := range leaves {
		tree.Append(l)
	}
	root := check[ledger.Hash](w.t)(tree.Root(tree.Size()))
	s := check[interface {
		Name() string
		KeyHash() uint32
		Sign([]byte) ([]byte, error)
	}](w.t)(ledger.NewSigner(w.card.Origin(), key("log")))
	return check[[]byte](w.t)(ledger.SignCheckpoint(ledger.Checkpoint{Origin: w.card.Origin(), Size: tree.Size(), Root: root}, s)), tree
}

func (w *world) leaves() [][]byte {
	var list [][]byte
	for i := range w.node.Size() {
		list = append(list, check[store.Row](w.t)(w.node.Row(w.t.Context(), i)).Leaf)
	}
	return list
}

// another serves the live view of another history.
func (w *world) another(leaves [][]byte, records map[int]record.Record) {
	signed, tree := w.signs(leaves)
	w.twist = func(rw http.ResponseWriter, r *http.Request) bool {
		switch {
		case r.URL.Path == "/live/checkpoint":
			_, _ = rw.Write(signed)
		case strings.HasPrefix(r.URL.Path, "/live/tile/"):
			p, err := ledger.ParseTilePath(strings.TrimPrefix(r.URL.Path, "/live/"))
			if err != nil {
				return false
			}
			b, err := ledger.Tile(p, tree)
			if err != nil {
				return false
			}
			_, _ = rw.Write(b)
		case r.URL.Path == "/live/entries":
			var from, to int
			fmt.Sscanf(r.URL.RawQuery, "from=%d&to=%d", &from, &to)
			for i := from; i < min(to, len(leaves)); i++ {
				e := verify.Entry{Index: int64(i), Leaf: leaves[i]}
				if x, ok := records[i]; ok {
					e.Line = x.Line()
				}
				_ = verify.WriteEntry(rw, e)
			}
		default:
			return false
		}
		return true
	}
}

// TestForks shows a mirror another history in every way there is.
func TestForks(t *testing.T) {
	for name, change := range map[string]func(w *world, leaves [][]byte) [][]byte{
		"of the same size": func(w *world, l [][]byte) [][]byte {
			l[len(l)-1] = corridor.Leaf(w.move("mina", "departure", "A-09", 1))
			return l
		},
		"smaller": func(w *world, l [][]byte) [][]byte {
			l[len(l)-2] = corridor.Leaf(w.move("mina", "departure", "A-09", 1))
			return l[:len(l)-1]
		},
		"larger": func(w *world, l [][]byte) [][]byte {
			l[len(l)-1] = corridor.Leaf(w.move("mina", "departure", "A-09", 1))
			return append(l, corridor.Leaf(w.move("mina", "departure", "A-10", 1)))
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := begin(t)
			blue := w.party("blue")
			w.log(w.move("mina", "departure", "A-01", 7), w.move("mina", "arrival", "A-01", 7))
			w.round(blue)
			w.round(blue) // with the trace of what it fetched
			cosigned := blue.Node().Size()
			w.another(change(w, w.leaves()), nil)
			w.round(blue)
			blue.alarmed("fork", verify.Holds)
			if blue.Trouble() == "" || blue.Node().Size() != cosigned {
				t.Error("it goes on")
			}
			w.twist = nil
			w.log(w.move("mina", "departure", "A-02", 7))
			w.round(blue)
			newest := check[[]byte](t)(blue.Witness().Newest(t.Context(), w.card.Origin()))
			if c := check[ledger.Checkpoint](t)(ledger.ParseCheckpoint(newest)); c.Size != cosigned {
				t.Errorf("it cosigned %d after a fork at %d", c.Size, cosigned)
			}
			blue.Close()
			blue.open()
			if blue.Trouble() == "" {
				t.Error("the fork is forgotten after a restart")
			}
		})
	}
}

// TestMisfiled has the log file an incident as a movement.
func TestMisfiled(t *testing.T) {
	w := begin(t)
	blue := w.party("blue")
	w.round(blue)
	r := w.sign("red", "incident", w.random(), parts{"facts": {"what": "fire-near-route", "when": record.At(w.clock()).String(), "basis": "observed"}, "count": {}, "where": {"place": "gate"}, "who": {}})
	leaves := append(w.leaves(), bytes.Replace(corridor.Leaf(r), []byte("\nincident\n"), []byte("\nmovement\n"), 1))
	w.another(leaves, map[int]record.Record{len(leaves) - 1: r})
	w.round(blue)
	blue.alarmed(fmt.Sprintf("misfiled %d", len(leaves)-1), verify.Holds)
}

// TestForged serves a record with a signature that does not hold, and entries that are not the
// tree's.
func TestForged(t *testing.T) {
	w := begin(t)
	blue := w.party("blue")
	w.round(blue)
	r := w.move("red", "departure", "A-05", 3)
	leaves := append(w.leaves(), corridor.Leaf(r))
	r.Sig = append([]byte(nil), r.Sig...)
	r.Sig[5] ^= 1
	w.another(leaves, map[int]record.Record{len(leaves) - 1: r})
	w.round(blue)
	blue.alarmed(fmt.Sprintf("record %d", len(leaves)-1), verify.CannotCheck)
}

// TestSuppressed lodges records with a witness of another side and of the author's own.
func TestSuppressed(t *testing.T) {
	w := begin(t)
	red, blue := w.party("red"), w.party("blue")
	w.round(red, blue)
	r := w.move("red", "departure", "A-05", 3)
	ctx := t.Context()
	note := check[[]byte](t)(blue.Lodge(ctx, r.Line()))
	if again := check[[]byte](t)(blue.Lodge(ctx, r.Line())); !bytes.Equal(note, again) {
		t.Error("the same record has two notes")
	}
	check[[]byte](t)(red.Lodge(ctx, r.Line()))
	stranger := r
	stranger.Sig = append([]byte{1}, r.Sig[1:]...)
	if _, err := blue.Lodge(ctx, stranger.Line()); err == nil {
		t.Error("a record of nobody known was taken in")
	}
	w.twist = func(rw http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPost && r.URL.Path == "/api/v1/records" {
			_, _ = io.Copy(io.Discard, r.Body)
			rw.WriteHeader(http.StatusAccepted) // later, for ever
			return true
		}
		return false
	}
	for range 3 {
		w.pass(15 * time.Minute)
		w.round(red, blue)
	}
	if len(blue.alarms)+len(red.alarms) > 0 {
		t.Fatalf("within the bound: %v %v", keys(blue.alarms), keys(red.alarms))
	}
	for range 3 {
		w.pass(15 * time.Minute)
		w.round(red, blue)
	}
	name := fmt.Sprintf("lodged %x", r.Hash[:4])
	blue.alarmed(name, verify.Holds)
	if a := red.alarmed(name, verify.CannotCheck); !strings.Contains(a.Say, "a claim") {
		t.Errorf("it is not called a claim: %s", a.Say)
	}
}

// TestLodged hands what is lodged on: an honest server logs it, or a refusal of it.
func TestLodged(t *testing.T) {
	w := begin(t)
	red, blue := w.party("red"), w.party("blue")
	w.round(red, blue)
	good := w.move("red", "departure", "A-05", 3)
	check[[]byte](t)(blue.Lodge(t.Context(), good.Line()))
	later := w.move("mina", "departure", "A-06", 3)
	check[[]byte](t)(blue.Lodge(t.Context(), later.Line()))
	w.round(red, blue)
	w.round(red, blue)
	list := check[[]store.Lodged](t)(blue.Lodgings(t.Context()))
	for _, l := range list {
		if string(l.Note) == "receipt" {
			continue // which the server gave for what was handed on
		}
		if l.How != "logged" {
			t.Errorf("%x: %q", l.Hash[:4], l.How)
		}
	}
	for range 6 {
		w.pass(15 * time.Minute)
		w.round(red, blue)
	}
	blue.quietly()
}

// TestReceipts hands in receipts: one that the copy agrees with, and one of a record that was
// replaced.
func TestReceipts(t *testing.T) {
	w := begin(t)
	blue := w.party("blue")
	w.round(blue)
	dropped := w.move("red", "departure", "A-05", 3)
	signed, tree := w.signs(append(w.leaves(), corridor.Leaf(dropped)))
	i := tree.Size() - 1
	proof := ledger.Proof{Index: i, Hashes: check[[]ledger.Hash](t)(tree.Inclusion(i, i+1)), Checkpoint: signed}
	receipt := func(proof, leaf []byte) []byte {
		return check[[]byte](t)(record.Encode(struct {
			Receipt string `json:"receipt"`
			Leaf    string `json:"leaf"`
		}{string(proof), string(leaf)}))
	}
	if err := blue.LodgeReceipt(t.Context(), receipt(proof.Text(), corridor.Leaf(dropped))); err != nil {
		t.Fatal(err)
	}
	if err := blue.LodgeReceipt(t.Context(), receipt(proof.Text(), w.leaves()[0])); err == nil {
		t.Error("a receipt that does not hold was taken")
	}
	good := w.move("mina", "departure", "A-06", 3)
	w.log(good)
	r, _, err := w.node.Receipt(good.Hash)
	if err != nil {
		t.Fatal(err)
	}
	if err := blue.LodgeReceipt(t.Context(), receipt(r.Proof, corridor.Leaf(good))); err != nil {
		t.Fatal(err)
	}
	w.round(blue)
	if len(blue.alarms) != 1 {
		t.Errorf("alarms: %v", keys(blue.alarms))
	}
	blue.alarmed(fmt.Sprintf("receipt %d", i), verify.Holds)
}

// TestPublicTooEarly has the server release what it may not, and hold back what it must.
func TestPublicTooEarly(t *testing.T) {
	w := begin(t)
	red, blue := w.party("red"), w.party("blue")
	for range 10 {
		w.pass(15 * time.Minute)
		w.round(red, blue)
	}
	w.log(w.move("mina", "departure", "A-06", 3))
	w.round(red, blue)
	blue.quietly()
	_, head := w.node.Newest()
	w.twist = func(rw http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/checkpoint" {
			_, _ = rw.Write(head)
			return true
		}
		return false
	}
	w.round(red, blue)
	blue.alarmed("early", verify.CannotCheck)
	w.twist = nil
	w.round(red, blue)
	if a := blue.alarms[len(blue.alarms)-1]; !a.Over || a.Key != "early" {
		t.Errorf("it is not over: %v", keys(blue.alarms))
	}
	_, old, err := w.node.Released(t.Context(), w.clock())
	if err != nil {
		t.Fatal(err)
	}
	w.twist = func(rw http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/checkpoint" {
			_, _ = rw.Write(old)
			return true
		}
		return false
	}
	for range 5 {
		w.pass(15 * time.Minute)
		w.round(red, blue)
	}
	blue.alarmed("late", verify.CannotCheck)
}

// TestSeen carries a checkpoint of another history in a record's header.
func TestSeen(t *testing.T) {
	w := begin(t)
	blue := w.party("blue")
	w.round(blue)
	leaves := w.leaves()
	leaves[1] = corridor.Leaf(w.move("red", "departure", "A-06", 3))
	other, _ := w.signs(leaves)
	seen := string(other)
	m := w.move("red", "arrival", "A-06", 3)
	h := m.Header
	h.Seen, h.Kind = &seen, m.Header.Kind
	r := check[record.Record](t)(record.Sign(key("red"), false, h, m.Parts))
	w.log(r)
	w.pass(2 * time.Hour)
	w.round(blue)
	w.round(blue)
	blue.alarmed("fork", verify.Holds)
}
