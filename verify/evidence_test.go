package verify

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"corridor.example/corridor"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

var update = flag.Bool("update", false, "write testdata/vectors/proof anew")

// sided is a mission whose witnesses red and blue stand for its sides, and office for its office.
func sided(t testing.TB) *stage {
	s := newStage(t, func(facts map[string]any) {
		w := ""
		for _, name := range []string{"red", "blue", "office"} {
			c := must[*ledger.Cosigner](t)(ledger.NewCosigner("witness.test/"+name, testKey("witness "+name)))
			w += "witness " + name + " " + c.Key() + "\n"
		}
		facts["witnesses"] = w + "group sides all red blue\nquorum sides\n"
		var of []any
		for _, name := range []string{"red", "blue", "office"} {
			of = append(of, map[string]any{"witness": name, "actor": name})
		}
		facts["witness_of"] = of
		for i, side := range []any{nil, "first", "second"} {
			facts["actors"].([]any)[i].(map[string]any)["side"] = side
		}
		origin := facts["origin"].(string)
		facts["node_key"] = map[string]any{"use": "node", "key": hex.EncodeToString(public("node")), "proof": record.Prove(testKey("node"), true, origin, nil)}
	})
	s.keys["node"] = testKey("node")
	s.cosigners = nil
	for _, name := range []string{"red", "blue"} {
		s.cosigners = append(s.cosigners, must[*ledger.Cosigner](t)(ledger.NewCosigner("witness.test/"+name, testKey("witness "+name))))
	}
	return s
}

// played is the sided mission after some work; last is what the last record tells.
func played(t testing.TB, last int) *stage {
	s := sided(t)
	s.observer("mina")
	s.cosign()
	s.move("mina", "departure", "A-07", 122)
	s.incident("mina", "vehicle-burned", "Five buses stood burning at the gate.")
	s.cosign()
	s.move("mina", "arrival", "A-07", last)
	s.cosign()
	return s
}

func (s *stage) evidence(what string) Evidence {
	return Evidence{What: what, Card: string(s.card().Text()), By: "blue", At: s.now, Say: "made for a test"}
}

func (s *stage) receipt(i, n int64, signed []byte) string {
	s.t.Helper()
	return string(ledger.Proof{Index: i, Hashes: must[[]ledger.Hash](s.t)(s.m.Tree().Inclusion(i, n)), Checkpoint: signed}.Text())
}

func (s *stage) leaf(i int64) string { return string(corridor.Leaf(s.all[i])) }

func (s *stage) leaves() (list []string) {
	for i := range s.m.Size() {
		list = append(list, s.leaf(i))
	}
	return list
}

func (s *stage) fork(small, large *stage, m, n int64) Evidence {
	e := s.evidence(EvidenceFork)
	e.Checkpoints = []string{string(small.checkpoint(m)), string(large.checkpoint(n))}
	for _, h := range must[[]ledger.Hash](s.t)(large.m.Tree().Prefix(m, n)) {
		e.Hashes = append(e.Hashes, h.String())
	}
	return e
}

// note is a lodging note of a witness.
func (s *stage) note(witness string, r record.Record, at record.Time) string {
	n := must[record.LodgingNote](s.t)(record.SignLodging(testKey("witness "+witness), true, s.m.Founder(), r.Hash, at))
	return string(n.Text())
}

// lodged makes a record that is signed and not logged.
func (s *stage) lodged(by string) record.Record {
	d := corridor.Draft{Kind: corridor.KindDeparture, By: corridor.ActorID(by), Parts: parts{
		"facts": {"convoy": "A-09", "when": s.now.String(), "basis": "observed"},
		"count": {"sums": []any{map[string]any{"unit": "people", "total": 7, "method": "tally"}}},
		"where": {"place": "gate"}}}
	return s.sign(d, s.random())
}

// suppressed is the evidence that r was lodged with witnesses and withheld.
func (s *stage) suppressed(r record.Record, checkpoint []byte, notes ...string) Evidence {
	e := s.evidence(EvidenceSuppressed)
	e.Checkpoints, e.Leaves, e.Notes = []string{string(checkpoint)}, s.leaves(), notes
	e.Records = []string{string(r.Line()), string(s.all[0].Line())}
	for _, x := range s.all[1:] {
		if k := corridor.Kind(x.Header.Kind); k.Class() == corridor.ClassOffice || k == corridor.KindNomination {
			e.Records = append(e.Records, string(x.Line()))
		}
	}
	return e
}

func (s *stage) bundleLines(level corridor.Level) (lines []string) {
	s.t.Helper()
	c := s.copy()
	var b bytes.Buffer
	cosigned := func(yield func([]byte, error) bool) {
		for _, x := range s.cosigned {
			if !yield(x, nil) {
				return
			}
		}
	}
	h := BundleHead{Exercise: s.exercise, Level: level, Origin: s.log.Name(), Size: s.m.Size()}
	if err := WriteBundle(&b, h, c.Entries(s.t.Context()), c.head.Checkpoint, cosigned); err != nil {
		s.t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
}

// A proofVector is one case of the files in testdata/vectors/proof.
type proofVector struct {
	Name   string  `json:"name"`
	Text   string  `json:"text"`
	Card   *string `json:"card"`  // the card that the reader was handed; null: none
	State  *string `json:"state"` // null: the text is not read
	Claim  bool    `json:"claim"`
	Replay bool    `json:"replay"` // it takes a replay of the log to judge; without one: cannot be checked here
}

// proofVectors are the cases by file.
func proofVectors(t *testing.T) map[string][]proofVector {
	s, other := played(t, 120), played(t, 121)
	n := s.m.Size()
	card := string(s.card().Text())
	foreign := string(newStage(t, func(f map[string]any) { f["lodged"] = 60 }).card().Text())
	text := func(e Evidence) string { return string(must[[]byte](t)(e.Text())) }
	yes := func(name string, e Evidence) proofVector {
		return proofVector{Name: name, Text: text(e), Card: &card, State: state(Holds)}
	}
	no := func(name string, e Evidence) proofVector {
		return proofVector{Name: name, Text: text(e), Card: &card, State: state(DoesNotHold)}
	}
	open := func(name string, claim bool, e Evidence) proofVector {
		return proofVector{Name: name, Text: text(e), Card: &card, State: state(CannotCheck), Claim: claim}
	}
	with := func(e Evidence, change func(*Evidence)) Evidence {
		for _, l := range []*[]string{&e.Checkpoints, &e.Hashes, &e.Receipts, &e.Leaves, &e.Records, &e.Notes, &e.Bundle} {
			*l = slices.Clone(*l)
		}
		change(&e)
		return e
	}
	swap := func(l []string) { l[0], l[1] = l[1], l[0] }

	// Forks. other has another last entry, so its trees of n and more part from s.
	same := s.fork(s, other, n, n)
	same.Hashes = nil
	other.move("mina", "departure", "A-08", 9)
	third := played(t, 122)
	third.move("mina", "departure", "A-08", 9)
	larger := s.fork(s, other, n, n+1)
	honest := s.fork(other, other, n, n+1)
	forks := []proofVector{
		yes("two trees of one size", same),
		yes("a larger tree that does not begin with the smaller", larger),
		yes("cosigned ones", with(same, func(e *Evidence) {
			e.Checkpoints = []string{string(s.cosignText(s.checkpoint(n))), string(other.cosignText(other.checkpoint(n)))}
		})),
		{Name: "with no card", Text: text(same), State: state(Holds)},
		{Name: "with the card of another mission", Text: text(same), Card: &foreign, State: state(CannotCheck)},
		no("a larger tree that begins with the smaller", honest),
		no("the same tree twice", with(same, func(e *Evidence) { e.Checkpoints[1] = e.Checkpoints[0] })),
		no("a checkpoint that the log did not sign", with(same, func(e *Evidence) {
			e.Checkpoints[1] = string(must[[]byte](t)(ledger.SignCheckpoint(ledger.Checkpoint{Origin: s.log.Name(), Size: n, Root: ledger.Hash{7}},
				must[note.Signer](t)(ledger.NewSigner(s.log.Name(), testKey("another log"))))))
		})),
		no("one checkpoint alone", with(same, func(e *Evidence) { e.Checkpoints = e.Checkpoints[:1] })),
		no("the larger first", with(larger, func(e *Evidence) { swap(e.Checkpoints) })),
		no("a hash too few", with(larger, func(e *Evidence) { e.Hashes = e.Hashes[1:] })),
		no("a hash too many", with(larger, func(e *Evidence) { e.Hashes = append(e.Hashes, e.Hashes[0]) })),
		no("a hash that is changed", with(larger, func(e *Evidence) { swap(e.Hashes) })),
		no("no hash in base64", with(larger, func(e *Evidence) { e.Hashes[0] = strings.TrimSuffix(e.Hashes[0], "=") })),
		no("hashes of the other tree", with(larger, func(e *Evidence) {
			e.Checkpoints[1] = string(third.checkpoint(n + 1))
		})),
		{Name: "cut short", Text: strings.TrimSuffix(text(same), "\n"), Card: &card},
		{Name: "with a space", Text: strings.Replace(text(same), `,"by"`, `, "by"`, 1), Card: &card},
		{Name: "of another format", Text: strings.Replace(text(same), "corridor-proof/v1", "corridor-proof/v2", 1), Card: &card},
		{Name: "of an unknown sort", Text: strings.Replace(text(same), `"what":"fork"`, `"what":"knife"`, 1), Card: &card},
	}

	// Entries: what was acknowledged as one and logged as another.
	entry := s.evidence(EvidenceEntry)
	entry.Receipts = []string{s.receipt(n-1, n, s.checkpoint(n)), other.receipt(n-1, n+1, other.checkpoint(n+1))}
	entry.Leaves = []string{s.leaf(n - 1), other.leaf(n - 1)}
	entries := []proofVector{
		yes("two leaves in one place", entry),
		no("one leaf twice", with(entry, func(e *Evidence) { e.Receipts[1], e.Leaves[1] = e.Receipts[0], e.Leaves[0] })),
		no("two places", with(entry, func(e *Evidence) {
			e.Receipts[1], e.Leaves[1] = s.receipt(n-2, n, s.checkpoint(n)), s.leaf(n-2)
		})),
		no("the leaves exchanged", with(entry, func(e *Evidence) { swap(e.Leaves) })),
		no("a receipt that leads nowhere", with(entry, func(e *Evidence) { e.Receipts[1] = s.receipt(n-2, n, s.checkpoint(n)) })),
		no("one receipt", with(entry, func(e *Evidence) { e.Receipts = e.Receipts[:1] })),
	}

	// Leaves: an incident filed as a movement.
	wrong := strings.Replace(s.leaf(n-2), "\nincident\n", "\nmovement\n", 1)
	var filed ledger.Tree
	for i := range n {
		l := s.leaf(i)
		if i == n-2 {
			l = wrong
		}
		filed.Append([]byte(l))
	}
	signed := s.signRoot(n, must[ledger.Hash](t)(filed.Root(n)))
	at := func(i int64) string {
		return string(ledger.Proof{Index: i, Hashes: must[[]ledger.Hash](t)(filed.Inclusion(i, n)), Checkpoint: signed}.Text())
	}
	leaf := s.evidence(EvidenceLeaf)
	leaf.Receipts, leaf.Leaves, leaf.Records = []string{at(n - 2)}, []string{wrong}, []string{string(s.all[n-2].Line())}
	bare, err := record.ParseEnvelope(s.all[n-2].Envelope())
	if err != nil {
		t.Fatal(err)
	}
	leaves := []proofVector{
		yes("an incident filed as a movement", leaf),
		yes("with the header alone", with(leaf, func(e *Evidence) { e.Records[0] = string(bare.Line()) })),
		no("the record's own leaf", with(leaf, func(e *Evidence) {
			e.Receipts[0], e.Leaves[0], e.Records[0] = at(n-1), s.leaf(n-1), string(s.all[n-1].Line())
		})),
		no("another record", with(leaf, func(e *Evidence) { e.Records[0] = string(s.all[n-1].Line()) })),
		no("a leaf that is not in the tree", with(leaf, func(e *Evidence) { e.Leaves[0] = s.leaf(n - 2) })),
	}
	return map[string][]proofVector{"fork": forks, "entry": entries, "leaf": leaves, "suppressed": suppressedVectors(t, yes, no, open, with), "rule": ruleVectors(t, yes, no, open, with)}
}

type made func(string, Evidence) proofVector

func suppressedVectors(t *testing.T, yes, no made, open func(string, bool, Evidence) proofVector, with func(Evidence, func(*Evidence)) Evidence) []proofVector {
	s := played(t, 120)
	s.add("node", "refusal", nil, parts{"facts": {"record": s.all[3].Hash.String(), "rule": "count.partition"}})
	byRed, byMina := s.lodged("red"), s.lodged("mina")
	then := s.now
	early := s.cosignText(s.checkpoint(s.m.Size())) // before the bound
	s.now += 3600
	late := s.cosignText(s.checkpoint(s.m.Size()))
	lastOne := int64(s.now)
	alone := must[[]byte](t)(ledger.AddCosignatures(s.checkpoint(s.m.Size()), must[[]byte](t)(s.cosigners[0].Cosign(s.checkpoint(s.m.Size()), lastOne))))
	e := s.suppressed(byRed, late, s.note("blue", byRed, then))
	mina := s.suppressed(byMina, late, s.note("red", byMina, then))
	office := len(e.Records) - 1 // where the refusal of another record stands
	list := []proofVector{
		yes("lodged with the other side's witness", e),
		yes("lodged with both sides' witnesses", with(e, func(e *Evidence) { e.Notes = append(e.Notes, s.note("red", byRed, then)) })),
		yes("lodged with the office's witness", with(e, func(e *Evidence) { e.Notes[0] = s.note("office", byRed, then) })),
		yes("an observer's, with either side's", mina),
		open("lodged with the author's own side alone", true, with(e, func(e *Evidence) { e.Notes[0] = s.note("red", byRed, then) })),
		open("an office record of the log is not shown", false, with(e, func(e *Evidence) { e.Records = slices.Delete(e.Records, office, office+1) })),
		no("cosigned before the bound had passed", with(e, func(e *Evidence) { e.Checkpoints[0] = string(early) })),
		no("cosigned by one side alone", with(e, func(e *Evidence) { e.Checkpoints[0] = string(alone) })),
		no("on the log's word alone", with(e, func(e *Evidence) { e.Checkpoints[0] = string(s.checkpoint(s.m.Size())) })),
		no("lodged later than is said", with(e, func(e *Evidence) { e.Notes[0] = s.note("blue", byRed, then+10) })),
		no("a note of another record", with(e, func(e *Evidence) { e.Notes[0] = s.note("blue", byMina, then) })),
		no("a note of nobody", with(e, func(e *Evidence) { e.Notes[0] = s.note("nobody", byRed, then) })),
		no("a note that was changed", with(e, func(e *Evidence) { e.Notes[0] = strings.Replace(e.Notes[0], `"sig":"`, `"sig":"AAAA`, 1) })),
		no("a leaf left out", with(e, func(e *Evidence) { e.Leaves = e.Leaves[:len(e.Leaves)-1] })),
		no("it is in the log", with(e, func(e *Evidence) { e.Records[0], e.Notes[0] = string(s.all[5].Line()), s.note("blue", s.all[5], then) })),
		no("it was refused", with(e, func(e *Evidence) { e.Records[0], e.Notes[0] = string(s.all[3].Line()), s.note("blue", s.all[3], then) })),
		no("a record with another's signature", with(e, func(e *Evidence) {
			forged := byRed
			forged.Sig = byMina.Sig
			e.Records[0] = string(forged.Line())
		})),
		no("a record whose key the log does not know", with(mina, func(e *Evidence) {
			e.Records = slices.DeleteFunc(e.Records, func(line string) bool {
				r, err := record.Parse([]byte(line))
				return err == nil && corridor.Kind(r.Header.Kind) == corridor.KindNomination
			})
		})),
		no("with another mandate", with(e, func(e *Evidence) { e.Records[1] = e.Records[2] })),
	}
	// What was refused: the record itself, lodged, and the refusal in the log.
	r := sided(t)
	r.cosign()
	lodged := r.lodged("red")
	r.add("node", "refusal", nil, parts{"facts": {"record": lodged.Hash.String(), "rule": "count.partition"}})
	from := r.now
	r.now += 7200
	refused := r.suppressed(lodged, r.cosignText(r.checkpoint(r.m.Size())), r.note("blue", lodged, from))
	v := proofVector{Name: "lodged, and refused in the log", Text: string(must[[]byte](t)(refused.Text())), State: state(DoesNotHold)}
	return append(list, v)
}

func ruleVectors(t *testing.T, yes, no made, open func(string, bool, Evidence) proofVector, with func(Evidence, func(*Evidence)) Evidence) []proofVector {
	s := played(t, 120)
	f, c := s.draft()
	f.Number += 3
	bad := s.file(f, c)
	s.cosign()
	i, _ := s.m.Index(bad.Hash)
	refused := s.m.Now().Entry(i).Refused
	if refused == nil {
		t.Fatal("the report is not refused")
	}
	e := s.evidence(EvidenceRule)
	rule, first := refused.Rule, int64(1)
	e.Entry, e.Rule, e.Bundle = &i, &rule, s.bundleLines("")
	other, signature := "count.partition", "record.signature"
	list := []proofVector{
		yes("a report that breaks a rule", e),
		no("another rule", with(e, func(e *Evidence) { e.Rule = &other })),
		no("another entry", with(e, func(e *Evidence) { e.Entry = &first })),
		yes("a bundle without its last cosigned checkpoint", with(e, func(e *Evidence) { e.Bundle = e.Bundle[:len(e.Bundle)-1] })),
		no("a bundle without an entry", with(e, func(e *Evidence) { e.Bundle = slices.Delete(e.Bundle, 4, 5) })),
		no("a bundle with a signature changed", with(e, func(e *Evidence) {
			e.Bundle[2] = strings.Replace(e.Bundle[2], `"sig":"`+sigOf(e.Bundle[2])[:8], `"sig":"`+sigOf(e.Bundle[3])[:8], 1)
		})),
		open("a rule that only a copy can break", false, with(e, func(e *Evidence) { e.Rule = &signature })),
		no("no bundle", with(e, func(e *Evidence) { e.Bundle = nil })),
	}
	// An act of authority that the mandate does not let pass convicts whoever signed it.
	s = played(t, 120)
	s.keys["omar"] = testKey("omar")
	founder := s.m.Founder()
	n := s.add("office", "nomination", nil, parts{"facts": {"observer": "omar", "from": "2016-12-01T00:00:00Z", "key": map[string]any{
		"use": "device", "key": hex.EncodeToString(public("omar")), "proof": record.Prove(testKey("omar"), s.exercise, s.log.Name(), &founder)}}})
	consent := s.add("red", "consent", &n.Hash, parts{"facts": {}})
	deployed := s.add("office", "deployment", &n.Hash, parts{"facts": {"observer": "omar", "from": "2016-12-01T00:00:00Z"}})
	s.cosign()
	act, _ := s.m.Index(deployed.Hash)
	given, _ := s.m.Index(consent.Hash)
	lacking := corridor.FindingConsent
	a := s.evidence(EvidenceRule)
	a.Entry, a.Rule, a.Bundle = &act, &lacking, s.bundleLines("")
	list = append(list,
		yes("a deployment without a consent that the mandate asks for", a),
		no("a deployment with its consents", with(a, func(e *Evidence) { lawful := int64(4); e.Entry = &lawful })),
		open("a deployment in a copy in which authority is sealed", false, with(a, func(e *Evidence) {
			e.Bundle[0] = strings.Replace(e.Bundle[0], `"level":"whole"`, `"level":"public"`, 1)
			leaf, _, _ := strings.Cut(e.Bundle[given+1], `"record":`)
			e.Bundle[given+1] = leaf + `"record":null}`
		})))
	for k := range list {
		list[k].Replay = list[k].Name != "no bundle" && list[k].Name != "a rule that only a copy can break"
	}
	claim := s.evidence(EvidenceClaim)
	claim.Say = "the public view was released two hours early"
	return append(list, open("a claim", true, claim))
}

func sigOf(line string) string {
	_, sig, _ := strings.Cut(line, `"sig":"`)
	sig, _, _ = strings.Cut(sig, `"`)
	return sig
}

func state(s State) *string { text := string(s); return &text }

// TestProofVectors judges every case as it says, and compares the files with the cases; -update
// writes them.
func TestProofVectors(t *testing.T) {
	about := map[string]string{
		"fork": "two trees that the log signed", "entry": "two leaves in one place", "leaf": "a leaf that is not its record's",
		"suppressed": "records that were lodged and withheld", "rule": "logged records that break a rule, and claims",
	}
	for name, cases := range proofVectors(t) {
		for _, c := range cases {
			judged(t, name, c)
		}
		var b bytes.Buffer
		b.WriteString(`{"about":"` + about[name] + `","cases":[` + "\n")
		for i, c := range cases {
			line, err := json.Marshal(c)
			if err != nil {
				t.Fatal(err)
			}
			b.Write(line)
			if i < len(cases)-1 {
				b.WriteByte(',')
			}
			b.WriteByte('\n')
		}
		b.WriteString("]}\n")
		path := filepath.Join("..", "testdata", "vectors", "proof", name+".json")
		if *update {
			if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, b.Bytes()) {
			t.Errorf("%s is not what the cases give; go test ./verify -run ProofVectors -update writes it (%v)", path, err)
		}
	}
}

func judged(t *testing.T, file string, c proofVector) {
	t.Helper()
	e, err := ParseEvidence([]byte(c.Text))
	if (err == nil) != (c.State != nil) {
		t.Errorf("%s, %s: read: %v", file, c.Name, err)
	}
	if err != nil || c.State == nil {
		return
	}
	var card *Card
	if c.Card != nil {
		given, err := ParseCard([]byte(*c.Card))
		if err != nil {
			t.Fatal(err)
		}
		card = &given
	}
	v, err := Judge(t.Context(), e, card)
	if err != nil || string(v.State) != *c.State || v.Claim != c.Claim || v.Say == "" {
		t.Errorf("%s, %s: %s, claim %v: %s (%v), want %s, claim %v", file, c.Name, v.State, v.Claim, v.Say, err, *c.State, c.Claim)
	}
	if (v.Word == "") != (card != nil) {
		t.Errorf("%s, %s: word %q", file, c.Name, v.Word)
	}
}

func FuzzEvidence(f *testing.F) {
	s := played(f, 120)
	same := s.fork(s, s, 3, 3)
	text, err := same.Text()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Fuzz(func(t *testing.T, text []byte) {
		e, err := ParseEvidence(text)
		if err != nil {
			return
		}
		again, err := e.Text()
		if err != nil || !bytes.Equal(again, text) {
			t.Errorf("read as %s, %v", again, err)
		}
		if v, err := Judge(t.Context(), e, nil); err == nil && v.State == Holds && fmt.Sprint(e.Checkpoints) == fmt.Sprint(same.Checkpoints) {
			t.Errorf("%s", v.Say)
		}
	})
}
