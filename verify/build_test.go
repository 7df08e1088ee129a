package verify

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"iter"
	"slices"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"corridor.example/corridor"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// A stage makes the log of a mission under test, with the keys of everybody in it: office, red
// and blue, observers, the log, two cosigners.
type stage struct {
	t         testing.TB
	exercise  bool
	m         *corridor.Mission
	all       []record.Record
	keys      map[string]ed25519.PrivateKey
	last      map[string]*record.Hash
	seq       map[string]int64
	now       record.Time
	n         int
	log       note.Signer
	cosigners []*ledger.Cosigner
	policy    *ledger.Policy
	cosigned  [][]byte // every cosigned checkpoint, by size
	quiet     bool     // new headers carry no seen
}

func testKey(name string) ed25519.PrivateKey {
	s := sha256.Sum256([]byte("corridor verify test " + name))
	return ed25519.NewKeyFromSeed(s[:])
}

func public(name string) ed25519.PublicKey { return testKey(name).Public().(ed25519.PublicKey) }

func (s *stage) random() (id record.ID) {
	s.n++
	h := sha256.Sum256([]byte(fmt.Sprint("corridor verify test random ", s.n)))
	copy(id[:], h[:])
	return id
}

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

type parts = map[string]map[string]any

// newStage founds a mission whose mandate has the given changes.
func newStage(t testing.TB, change func(terms map[string]any)) *stage {
	t.Helper()
	s := &stage{t: t, exercise: true, m: &corridor.Mission{}, keys: map[string]ed25519.PrivateKey{}, last: map[string]*record.Hash{}, seq: map[string]int64{}, now: 1482000000}
	id := s.random()
	origin := "corridor.test/" + id.String()
	s.log = must[note.Signer](t)(ledger.NewSigner(origin, testKey("log")))
	vkey := must[string](t)(ledger.VerifierKey(origin, public("log")))
	witnesses := ""
	for _, name := range []string{"exercise-witness-1", "exercise-witness-2"} {
		w := must[*ledger.Cosigner](t)(ledger.NewCosigner(name, testKey(name)))
		s.cosigners = append(s.cosigners, w)
		witnesses += "witness " + name + " " + w.Key() + "\n"
	}
	witnesses += "group both all exercise-witness-1 exercise-witness-2\nquorum both\n"
	actors := []any{}
	for _, id := range []string{"office", "red", "blue"} {
		s.keys[id] = testKey(id)
		role := "party"
		if id == "office" {
			role = "office"
		}
		actors = append(actors, map[string]any{"id": id, "roles": []any{role}, "keys": []any{map[string]any{
			"use": "working", "key": hex.EncodeToString(public(id)), "proof": record.Prove(s.keys[id], s.exercise, origin, nil)}}})
	}
	all := []any{}
	for _, k := range corridor.Kinds() {
		all = append(all, string(k))
	}
	facts := map[string]any{
		"edition": 1, "origin": origin, "log_key": vkey, "witnesses": witnesses, "from": "2016-12-01T00:00:00Z",
		"actors": actors, "places": []any{map[string]any{"id": "gate", "role": "crossing"}, map[string]any{"id": "town", "role": "destination"}},
		"legs":     []any{map[string]any{"letter": "A", "from": "gate", "to": "town"}},
		"may":      []any{map[string]any{"role": "office", "kinds": all}, map[string]any{"role": "party", "kinds": all}, map[string]any{"role": "observer", "kinds": []any{"departure", "arrival", "correction", "incident", "link"}}},
		"recorded": []any{map[string]any{"kind": "consent", "counts": true, "countersign": false}},
		"consent":  map[string]any{"quorum": map[string]any{"k": 2, "of": []any{map[string]any{"actor": "red"}, map[string]any{"actor": "blue"}}}, "silence": "refuses", "object": "bars", "revoke": "any", "lock": true},
		"disclosure": []any{
			map[string]any{"kind": "*", "part": "*", "open": "public", "closed": "public", "after": "public", "latest": 60 * 24 * 5},
		},
		"zone": map[string]any{"name": "Asia/Damascus", "shifts": []any{map[string]any{"from": "2016-10-28T00:00:00Z", "minutes": 120}}},
		"tick": 30, "lodged": 3600,
	}
	if change != nil {
		change(facts)
	}
	s.policy = must[*ledger.Policy](t)(ledger.ParsePolicy("log " + vkey + "\n" + facts["witnesses"].(string)))
	s.enter(s.sign(corridor.Draft{Kind: corridor.KindMandate, By: "office", Parts: parts{"facts": facts}}, id))
	return s
}

// sign makes a record and does not log it.
func (s *stage) sign(d corridor.Draft, id record.ID) record.Record {
	s.t.Helper()
	return s.signParts(d, id, must[[]record.Part](s.t)(corridor.Compose(d, id, s.random)))
}

func (s *stage) signParts(d corridor.Draft, id record.ID, p []record.Part) record.Record {
	s.t.Helper()
	by := string(d.By)
	s.seq[by]++
	s.now += 60
	h := record.Header{Kind: string(d.Kind), ID: id, By: by, Seq: s.seq[by], Prev: s.last[by], At: s.now, Re: d.Re, Nonce: s.random()}
	if s.m.Size() > 0 {
		f := s.m.Founder()
		h.Mission = &f
	}
	if len(s.cosigned) > 0 && !s.quiet {
		text := string(s.cosigned[len(s.cosigned)-1])
		h.Seen = &text
	}
	r := must[record.Record](s.t)(record.Sign(s.keys[by], s.exercise, h, p))
	s.last[by] = &r.Hash
	return r
}

// enter logs a record, whatever the mission thinks of it, and returns it.
func (s *stage) enter(r record.Record) record.Record {
	s.m.Add(r)
	s.all = append(s.all, r)
	return r
}

func (s *stage) add(by, kind string, re *record.Hash, p parts) record.Record {
	s.t.Helper()
	return s.enter(s.sign(corridor.Draft{Kind: corridor.Kind(kind), By: corridor.ActorID(by), Re: re, Parts: p}, s.random()))
}

func (s *stage) observer(name string) {
	s.t.Helper()
	s.keys[name] = testKey(name)
	f := s.m.Founder()
	n := s.add("office", "nomination", nil, parts{"facts": {"observer": name, "from": "2016-12-01T00:00:00Z", "key": map[string]any{
		"use": "device", "key": hex.EncodeToString(public(name)), "proof": record.Prove(s.keys[name], s.exercise, s.log.Name(), &f)}}})
	s.add("red", "consent", &n.Hash, parts{"facts": {}})
	s.add("office", "consent", &n.Hash, parts{"facts": {"act": map[string]any{"of": "blue", "channel": "note-verbale"}}})
	s.add("office", "deployment", &n.Hash, parts{"facts": {"observer": name, "from": "2016-12-01T00:00:00Z"}})
}

func (s *stage) move(by, kind, convoy string, people int) record.Record {
	s.t.Helper()
	return s.add(by, kind, nil, parts{
		"facts": {"convoy": convoy, "when": s.now.String(), "basis": "observed"},
		"count": {"sums": []any{map[string]any{"unit": "people", "total": people, "method": "tally"}}},
		"where": {"place": "gate"},
	})
}

func (s *stage) incident(by, what, text string) record.Record {
	s.t.Helper()
	return s.add(by, "incident", nil, parts{
		"facts":     {"what": what, "when": s.now.String(), "basis": "observed"},
		"count":     {"sums": []any{map[string]any{"unit": "vehicle", "total": 5, "method": "tally"}}},
		"where":     {"place": "gate"},
		"who":       {},
		"narrative": {"lang": "en", "text": text},
	})
}

func (s *stage) erase(r record.Record, part string) {
	s.t.Helper()
	s.add("office", "erasure", &r.Hash, parts{"facts": {"parts": []any{part}, "reason": "person-asked"}})
}

// checkpoint signs the log as it stands, or a prefix of it.
func (s *stage) checkpoint(n int64) []byte {
	s.t.Helper()
	root := must[ledger.Hash](s.t)(s.m.Tree().Root(n))
	return s.signRoot(n, root)
}

func (s *stage) signRoot(n int64, root ledger.Hash) []byte {
	s.t.Helper()
	return must[[]byte](s.t)(ledger.SignCheckpoint(ledger.Checkpoint{Origin: s.log.Name(), Size: n, Root: root}, s.log))
}

// cosignText has both cosigners cosign a checkpoint now.
func (s *stage) cosignText(signed []byte) []byte {
	s.t.Helper()
	for _, w := range s.cosigners {
		line := must[[]byte](s.t)(w.Cosign(signed, int64(s.now)))
		signed = must[[]byte](s.t)(ledger.AddCosignatures(signed, line))
	}
	return signed
}

// cosign has both cosigners cosign the log as it stands.
func (s *stage) cosign() {
	s.t.Helper()
	s.now += 30
	s.cosigned = append(s.cosigned, s.cosignText(s.checkpoint(s.m.Size())))
}

// draft drafts the next report of a series over the log as it stands, which is cosigned first.
func (s *stage) draft() (corridor.ReportFacts, corridor.ReportCount) {
	s.t.Helper()
	cut := s.now
	s.now += 60
	s.cosign()
	f, c, err := s.m.DraftReport("daily", s.m.Size(), cut, "Asia/Damascus")
	if err != nil {
		s.t.Fatal(err)
	}
	return f, c
}

// file signs a report and logs it, whatever the mission thinks of it.
func (s *stage) file(f corridor.ReportFacts, c corridor.ReportCount) record.Record {
	s.t.Helper()
	id := s.random()
	f.PartHead = record.PartHead{ID: id, Part: "facts", Nonce: s.random()}
	c.PartHead = record.PartHead{ID: id, Part: "count", Nonce: s.random()}
	p := []record.Part{
		{Name: "facts", Bytes: must[[]byte](s.t)(record.Encode(f))},
		{Name: "count", Bytes: must[[]byte](s.t)(record.Encode(c))},
	}
	return s.enter(s.signParts(corridor.Draft{Kind: corridor.KindReport, By: "office"}, id, p))
}

// report files the next report.
func (s *stage) report() record.Record {
	s.t.Helper()
	return s.file(s.draft())
}

// standard is a mission with a little of everything: two observers who differ, an incident
// told by both, an erased narrative, two reports, a tail that nobody has cosigned yet.
func standard(t testing.TB) *stage {
	t.Helper()
	s := newStage(t, nil)
	s.observer("mina")
	s.cosign()
	s.observer("omar")
	s.move("mina", "departure", "A-07", 122)
	s.cosign()
	s.move("mina", "arrival", "A-07", 120)
	s.move("omar", "arrival", "A-07", 122)
	burned := s.incident("mina", "vehicle-burned", "Five buses stood burning at the gate.")
	s.cosign()
	s.incident("omar", "vehicle-burned", "At least six, he said.")
	s.add("blue", "reply", &burned.Hash, parts{"facts": {"basis": "reported", "received": s.now.String()}, "narrative": {"lang": "en", "text": "None of ours was there."}})
	s.report()
	s.erase(burned, "narrative")
	s.move("omar", "departure", "A-08", 40)
	s.report()
	s.cosign()
	s.move("mina", "arrival", "A-08", 40)
	for i := range s.m.Size() {
		if e := s.m.Now().Entry(i); e.Refused != nil || len(e.Findings) > 0 {
			t.Fatalf("entry %d, %s: %v %v", i, e.Kind, e.Refused, e.Findings)
		}
	}
	return s
}

// copy returns the log as a whole mission file has it, with what was erased gone.
func (s *stage) copy() *copied {
	s.t.Helper()
	c := &copied{head: Head{Size: s.m.Size(), Checkpoint: s.checkpoint(s.m.Size())}}
	if n := len(s.cosigned); n > 0 {
		c.head.Cosigned = s.cosigned[n-1]
		c.older = slices.Clone(s.cosigned[:n-1])
	}
	for i, r := range s.all {
		e := Entry{Index: int64(i), Leaf: corridor.Leaf(r), Name: r.Hash[:], Hashes: s.hashes(int64(i)), Envelope: r.Envelope()}
		for _, p := range r.Parts {
			if _, gone := s.m.Now().Erased(r.Hash, p.Name); gone {
				e.Parts = append(e.Parts, nil)
				continue
			}
			e.Parts = append(e.Parts, p.Bytes)
		}
		c.entries = append(c.entries, e)
	}
	return c
}

func (s *stage) hashes(i int64) []byte {
	s.t.Helper()
	return s.m.Tree().AppendRow(nil, i)
}

func (s *stage) card() *Card {
	c := CardOf(s.m.Founder(), s.exercise, s.m.Now().Terms())
	return &c
}

// A copied is a copy in memory, to be tampered with. A nil entry in rows is one that cannot be
// read.
type copied struct {
	head    Head
	entries []Entry
	older   [][]byte
	damage  map[int64]string
}

func (c *copied) Head(context.Context) (Head, error) { return c.head, nil }

func (c *copied) Entries(context.Context) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for i, e := range c.entries {
			if what, ok := c.damage[int64(i)]; ok {
				if !yield(Entry{}, &Damage{int64(i), what}) {
					return
				}
				continue
			}
			if !yield(e, nil) {
				return
			}
		}
	}
}

func (c *copied) Checkpoints(context.Context) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for _, t := range c.older {
			if !yield(t, nil) {
				return
			}
		}
	}
}

// tampered returns a deep copy, changed.
func (c *copied) tampered(change func(c *copied)) *copied {
	d := &copied{head: c.head, older: slices.Clone(c.older), damage: map[int64]string{}}
	d.head.Checkpoint, d.head.Cosigned = bytes.Clone(c.head.Checkpoint), bytes.Clone(c.head.Cosigned)
	for _, e := range c.entries {
		e.Leaf, e.Name, e.Hashes, e.Envelope = bytes.Clone(e.Leaf), bytes.Clone(e.Name), bytes.Clone(e.Hashes), bytes.Clone(e.Envelope)
		e.Parts = slices.Clone(e.Parts)
		for i, p := range e.Parts {
			e.Parts[i] = bytes.Clone(p)
		}
		d.entries = append(d.entries, e)
	}
	change(d)
	return d
}

func run(t testing.TB, src Source, o Options) Result {
	t.Helper()
	r, err := Run(t.Context(), src, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// states returns the four answers in order.
func states(r Result) (s [4]State) {
	for i, c := range r.Claims {
		s[i] = c.State
	}
	return s
}

// names reports whether a claim that does not hold names one of the entries.
func names(r Result, entries ...int64) bool {
	for _, c := range r.Claims {
		for _, p := range c.Entries {
			if c.State == DoesNotHold && slices.Contains(entries, p.Index) {
				return true
			}
		}
	}
	return false
}

func show(t testing.TB, r Result) {
	t.Helper()
	for _, c := range r.Claims {
		t.Logf("%s %s: %s", c.Name, c.State, c.Say)
		for _, p := range c.Entries {
			t.Logf("    %s %s", p.Rule, p)
		}
	}
	for _, n := range r.Notes {
		t.Logf("note: %s", n)
	}
}
