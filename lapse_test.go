package corridor

import (
	"crypto/ed25519"
	"slices"
	"testing"

	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// witnessed founds a stage whose log is cosigned by a witness of each side and one of a
// guarantor, any two of them; silence accepts after an hour.
func witnessed(t testing.TB, change func(facts map[string]any)) *stage {
	s := newStage(t)
	terms := s.terms()
	s.actor(terms, "north", "guarantor")
	policy := ""
	var of []any
	for _, name := range []string{"red", "blue", "north"} {
		c := s.cosigner(name)
		policy += "witness w-" + name + " " + c.Key() + "\n"
		of = append(of, map[string]any{"witness": "w-" + name, "actor": name})
	}
	terms["witnesses"] = policy + "group two 2 w-red w-blue w-north\nquorum two\n"
	terms["witness_of"] = of
	terms["consent"] = map[string]any{"quorum": map[string]any{"k": 2, "of": []any{map[string]any{"actor": "red", "group": nil}, map[string]any{"actor": "blue", "group": nil}}},
		"window": 60, "silence": "accepts", "object": "bars", "revoke": "any", "lock": true, "guarantors": nil}
	change(terms)
	return s.refound(terms)
}

func (s *stage) cosigner(name string) *ledger.Cosigner {
	c, err := ledger.NewCosigner("w-"+name, testKey("witness "+name))
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

// cosigned returns a checkpoint of the first n records, cosigned at a time by some.
func (s *stage) cosigned(n int64, at record.Time, by ...string) []byte {
	s.t.Helper()
	return s.cosignedOf(s.m, n, at, by...)
}

func (s *stage) cosignedOf(m *Mission, n int64, at record.Time, by ...string) []byte {
	s.t.Helper()
	origin := m.Now().Terms().Origin
	signer, err := ledger.NewSigner(origin, testKey("log"))
	if err != nil {
		s.t.Fatal(err)
	}
	root, err := m.At(n).Root()
	if err != nil {
		s.t.Fatal(err)
	}
	signed, err := ledger.SignCheckpoint(ledger.Checkpoint{Origin: origin, Size: n, Root: root}, signer)
	for _, name := range by {
		var line []byte
		if err == nil {
			line, err = s.cosigner(name).Cosign(signed, int64(at))
		}
		if err == nil {
			signed, err = ledger.AddCosignatures(signed, line)
		}
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return signed
}

// lapse signs a lapse with these checkpoints.
func (s *stage) lapse(of string, re record.Hash, from, to []byte, change func(facts map[string]any)) record.Record {
	s.t.Helper()
	f, err := s.m.DraftLapse(ActorID(of), re, from, to)
	if err != nil {
		s.t.Fatal(err)
	}
	facts := map[string]any{"of": of, "index": f.Index, "from": f.From, "inclusion": f.Inclusion, "to": f.To, "consistency": f.Consistency}
	if change != nil {
		change(facts)
	}
	return s.add("office", "lapse", &re, map[string]map[string]any{"facts": facts})
}

func (s *stage) nominate(name string) record.Record {
	s.keys[name] = testKey(name)
	return s.add("office", "nomination", nil, nominated(s, name))
}

// TestSilenceAcceptsNobodyUnasked attacks "manufacture consent by silence": whatever the office
// and one side sign together, silence counts only if the silent side's own witness, or those
// the mandate names for it, signed a log that held the question.
func TestSilenceAcceptsNobodyUnasked(t *testing.T) {
	guarantors := func(f map[string]any) {
		f["consent"].(map[string]any)["guarantors"] = map[string]any{"k": 1, "of": []any{map[string]any{"actor": "north"}}}
	}
	refuses := func(f map[string]any) { f["consent"].(map[string]any)["silence"] = "refuses" }
	nothing := func(map[string]any) {}
	for _, c := range []struct {
		why     string
		change  func(map[string]any)
		asked   []string // who cosigned when it was asked
		after   record.Time
		later   []string
		accepts bool
		shown   Shown
		finding string
	}{
		{"its own witness signed", nothing, []string{"blue", "red"}, 3600, []string{"red", "north"}, true, ShownOwn, ""},
		{"its own witness alone signed", nothing, []string{"blue"}, 3600, []string{"red", "north"}, true, ShownOwn, ""},
		{"office and the other side", nothing, []string{"red", "north"}, 3600, []string{"red", "north"}, false, ShownOthers, ""},
		{"the guarantor, whom the mandate does not name", nothing, []string{"north", "red"}, 3600, []string{"blue", "red"}, false, ShownOthers, ""},
		{"the guarantor, whom the mandate names", guarantors, []string{"north"}, 3600, []string{"blue", "red"}, true, ShownGuarantors, ""},
		{"the other side, where the guarantor is named", guarantors, []string{"red"}, 3600, []string{"blue", "red"}, false, "", FindingWindow},
		{"a second too early", nothing, []string{"blue", "red"}, 3599, []string{"red", "north"}, false, ShownOwn, FindingWindow},
		{"no quorum at the end", nothing, []string{"blue", "red"}, 3600, []string{"blue"}, false, ShownOwn, FindingWindow},
		{"silence refuses", refuses, []string{"blue", "red"}, 3600, []string{"red", "north"}, false, ShownOwn, ""},
	} {
		s := witnessed(t, c.change)
		n := s.nominate("mina")
		s.add("red", "consent", &n.Hash, map[string]map[string]any{"facts": {}})
		from := s.cosigned(3, s.now, c.asked...)
		x := s.lapse("blue", n.Hash, from, s.cosigned(3, s.now+c.after, c.later...), nil)
		l := s.m.Now().Lapses()[0]
		if l.Accepts != c.accepts || c.finding == "" && (l.Shown != c.shown || len(l.Findings) > 0) {
			t.Errorf("%s: %+v", c.why, l)
		}
		if e, _ := s.m.Now().Find(x.Hash); c.finding != "" && (len(e.Findings) != 1 || e.Findings[0].Rule != c.finding) {
			t.Errorf("%s: findings %v", c.why, e.Findings)
		}
		d := s.add("office", "deployment", &n.Hash, map[string]map[string]any{"facts": {"observer": "mina", "from": "2016-12-01T00:00:00Z"}})
		if e, _ := s.m.Now().Find(d.Hash); (len(e.Findings) == 0) != c.accepts {
			t.Errorf("%s: deployed with %v", c.why, e.Findings)
		}
	}
}

// TestLapseIsOfThisHistory: proofs that do not fit, checkpoints of another log or history, or
// larger than the log, are refused.
func TestLapseIsOfThisHistory(t *testing.T) {
	s := witnessed(t, func(map[string]any) {})
	n := s.nominate("mina")
	s.move("office", "departure", "A-01", 3)
	s.move("office", "departure", "A-02", 3)
	all := []string{"red", "blue", "north"}
	from, to := s.cosigned(2, s.now, all...), s.cosigned(4, s.now+7200, all...)
	other := replay(slices.Concat(s.all[:2], s.all[3:4], s.all[2:3])) // the last two in another order
	foreign := witnessed(t, func(f map[string]any) { f["tick"] = 31 })
	foreign.nominate("mina")
	for _, c := range []struct {
		why, rule string
		from, to  []byte
		change    func(map[string]any)
	}{
		{"as it is", "", from, to, nil},
		{"another record's place", "lapse.matter", from, to, func(f map[string]any) { f["index"] = int64(0) }},
		{"no inclusion", "lapse.inclusion", from, to, func(f map[string]any) { f["inclusion"] = []any{} }},
		{"no consistency", "lapse.consistency", from, to, func(f map[string]any) { f["consistency"] = []any{} }},
		{"the second before the first", "lapse.consistency", from, to, func(f map[string]any) { f["from"], f["to"], f["inclusion"] = f["to"], f["from"], []any{} }},
		{"another history", "lapse.history", from, s.cosignedOf(other, 4, s.now+7200, all...), nil},
		{"nobody's text", "lapse.checkpoint", from, to, func(f map[string]any) { f["from"] = "x" }},
		{"a forged signature", "lapse.checkpoint", from, to, func(f map[string]any) {
			b := []byte(f["to"].(string))
			b[len(b)-20] = map[bool]byte{true: 'B', false: 'A'}[b[len(b)-20] == 'A']
			f["to"] = string(b)
		}},
	} {
		r := s.lapse("blue", n.Hash, c.from, c.to, c.change)
		e, _ := s.m.Now().Find(r.Hash)
		got := ""
		if e.Refused != nil {
			got = e.Refused.Rule
		}
		if c.why == "the second before the first" && got == "lapse.inclusion" {
			got = c.rule // either shows it
		}
		if got != c.rule {
			t.Errorf("%s: %v, want %q", c.why, e.Refused, c.rule)
		}
	}
	ahead := foreign.cosigned(2, s.now, all...)
	if _, err := s.m.DraftLapse("blue", n.Hash, ahead, s.cosigned(3, s.now, all...)); err == nil {
		r := s.lapse("blue", n.Hash, ahead, to, nil)
		if e, _ := s.m.Now().Find(r.Hash); e.Refused == nil {
			t.Error("a checkpoint of another log proves something here")
		}
	}
	if _, err := s.m.DraftLapse("blue", n.Hash, to, from); err == nil {
		t.Error("a lapse was drafted that runs backwards")
	}
}

// TestEverySide: a quorum that can be met without one side is named; a witness stands for one
// actor of the mandate, and its key for nothing else.
func TestEverySide(t *testing.T) {
	side := func(f map[string]any) {
		for _, a := range f["actors"].([]any) {
			a := a.(map[string]any)
			if w, ok := map[any]string{"red": "first", "blue": "second"}[a["id"]]; ok {
				a["side"] = w
			}
		}
	}
	both := func(f map[string]any, quorum string) {
		side(f)
		p := ""
		for _, name := range []string{"red", "blue", "north"} {
			c, _ := ledger.NewCosigner("w-"+name, testKey("witness "+name))
			p += "witness w-" + name + " " + c.Key() + "\n"
		}
		f["witnesses"] = p + quorum
	}
	for quorum, want := range map[string][]string{
		"group q all w-red w-blue\nquorum q\n":                        {},
		"group q 2 w-red w-blue w-north\nquorum q\n":                  {"first", "second"},
		"group g any w-blue w-north\ngroup q all w-red g\nquorum q\n": {"second"},
		"quorum none\n": {"first", "second"},
	} {
		s := witnessed(t, func(f map[string]any) { both(f, quorum) })
		if got := s.m.Now().Terms().Unwitnessed(); !slices.Equal(got, want) {
			t.Errorf("%q: without %v, want %v", quorum, got, want)
		}
	}
	refused := func(rule string, change func(f map[string]any)) {
		t.Helper()
		s := witnessed(t, func(map[string]any) {})
		terms := s.terms()
		change(terms)
		s.refound(terms)
		if e := s.m.refused[0]; e == nil || e.Rule != rule {
			t.Errorf("%v, want %s", e, rule)
		}
	}
	refused("mandate.witness-of", func(f map[string]any) { f["witness_of"] = []any{map[string]any{"witness": "w-red", "actor": "nobody"}} })
	refused("mandate.witness-of", func(f map[string]any) { f["witness_of"] = []any{map[string]any{"witness": "nobody", "actor": "red"}} })
	refused("mandate.witness-of", func(f map[string]any) {
		one := map[string]any{"witness": "w-red", "actor": "red"}
		f["witness_of"] = []any{one, one}
	})
	refused("key.twice", func(f map[string]any) {
		vkey, err := ledger.WitnessKey("w", testKey("blue").Public().(ed25519.PublicKey))
		if err != nil {
			t.Fatal(err)
		}
		f["witnesses"], f["witness_of"] = "witness w "+vkey+"\nquorum w\n", []any{}
	})
}
