package verify

import (
	"context"
	"encoding/hex"
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"

	"corridor.example/corridor"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// TestForgeries has the server log what nobody who may has signed.
func TestForgeries(t *testing.T) {
	move := func(s *stage) parts {
		return parts{
			"facts": {"convoy": "A-09", "when": s.now.String(), "basis": "observed"},
			"count": {"sums": []any{map[string]any{"unit": "people", "total": 9, "method": "tally"}}},
			"where": {"place": "gate"},
		}
	}
	for _, a := range []struct {
		what  string
		forge func(s *stage)
		rule  string
	}{
		{"a record in mina's name, signed with another key", func(s *stage) {
			s.keys["mina"] = testKey("mallory")
			s.add("mina", "departure", nil, move(s))
		}, "key.unknown"},
		{"a record in mina's name, signed with omar's key", func(s *stage) {
			s.keys["mina"] = s.keys["omar"]
			s.add("mina", "departure", nil, move(s))
		}, "record.by"},
		{"a record of nobody", func(s *stage) {
			s.keys["mallory"] = testKey("mallory")
			s.add("mallory", "departure", nil, move(s))
		}, "key.unknown"},
		{"a record for another mission", func(s *stage) {
			d := corridor.Draft{Kind: "departure", By: "mina", Parts: move(s)}
			id := s.random()
			p := must[[]record.Part](t)(corridor.Compose(d, id, s.random))
			h := record.Header{Mission: &record.Hash{9}, Kind: "departure", ID: id, By: "mina", Seq: 99, Prev: s.last["mina"], At: s.now, Nonce: s.random()}
			s.enter(must[record.Record](t)(record.Sign(s.keys["mina"], true, h, p)))
		}, "record.mission"},
		{"a real record in an exercise", func(s *stage) {
			s.exercise = false
			s.add("mina", "departure", nil, move(s))
			s.exercise = true
		}, "record.exercise"},
		{"a second mandate", func(s *stage) {
			d := corridor.Draft{Kind: "departure", By: "office", Parts: move(s)}
			id := s.random()
			p := must[[]record.Part](t)(corridor.Compose(d, id, s.random))
			h := record.Header{Kind: "mandate", ID: id, By: "office", Seq: 99, Prev: s.last["office"], At: s.now, Nonce: s.random()}
			s.enter(must[record.Record](t)(record.Sign(s.keys["office"], true, h, p)))
		}, "mandate.second"},
		{"facts that break a rule of their kind", func(s *stage) {
			p := move(s)
			p["facts"]["when"] = []any{"2016-12-18T10:00:00Z", "2016-12-18T09:00:00Z"}
			s.add("mina", "departure", nil, p)
		}, "departure.when"},
	} {
		t.Run(a.what, func(t *testing.T) {
			s := standard(t)
			a.forge(s)
			s.cosign()
			r := caught(t, a.what, s.copy(), Options{Card: s.card()}, 20)
			c, _ := r.Claim(ClaimAuthority)
			if c.State != DoesNotHold || c.Entries[0].Rule != a.rule {
				t.Errorf("%v, want %s", c, a.rule)
			}
			if l, _ := r.Claim(ClaimLog); l.State != Holds {
				t.Errorf("the log, in which it does stand, %s: %s", l.State, l.Say)
			}
		})
	}
}

// TestForgedIsNotSummed gives a record without a valid signature no effect.
func TestForgedIsNotSummed(t *testing.T) {
	s := standard(t)
	all := slices.Clone(s.all)
	for i, r := range all {
		if r.Header.Kind == "departure" {
			all[i].Sig = slices.Clone(r.Sig)
			all[i].Sig[0] ^= 1
			res := caught(t, "a forged departure", s.resealed(all), Options{Card: s.card()}, int64(i))
			if _, ok := res.Replay.Now().Account(r.Hash); ok {
				t.Error("its account is in the fold")
			}
			if c, _ := res.Claim(ClaimFigures); c.State == Holds {
				t.Errorf("figures that rest on it: %s", c.Say)
			}
			return
		}
	}
}

// TestFindingsAreSaid says what departs from the mandate, and does not fail for it.
func TestFindingsAreSaid(t *testing.T) {
	s := standard(t)
	s.keys["lena"] = testKey("lena")
	f := s.m.Founder()
	n := s.add("office", "nomination", nil, parts{"facts": {"observer": "lena", "from": "2016-12-01T00:00:00Z", "key": map[string]any{
		"use": "device", "key": hex.EncodeToString(public("lena")), "proof": record.Prove(s.keys["lena"], true, s.log.Name(), &f)}}})
	s.add("red", "consent", &n.Hash, parts{"facts": {}})
	s.add("office", "deployment", &n.Hash, parts{"facts": {"observer": "lena", "from": "2016-12-01T00:00:00Z"}})
	s.move("lena", "departure", "A-09", 12)
	s.cosign()
	r := run(t, s.copy(), Options{Card: s.card()})
	if r.Exit(nil) != 0 || r.Findings.Total != 2 || r.Findings.Entries[0].Rule != corridor.FindingConsent || r.Findings.Entries[1].Rule != corridor.FindingNotDeployed {
		t.Errorf("exit %d, findings %v", r.Exit(nil), r.Findings)
	}
	if c, _ := r.Claim(ClaimAuthority); !strings.Contains(c.Say, "2 records with findings") {
		t.Error(c.Say)
	}
}

// TestRecordedActs prints on whose word an act is, and who answered for it.
func TestRecordedActs(t *testing.T) {
	s := standard(t)
	s.add("blue", "countersignature", &s.all[3].Hash, parts{"facts": {"as": "repudiated"}})
	s.cosign()
	r := run(t, s.copy(), Options{Card: s.card()})
	if r.Recorded.Total != 2 {
		t.Fatal(r.Recorded)
	}
	for i, want := range []string{"consent of blue, by note-verbale: on the word of office; repudiated by blue (entry 20)", "consent of blue, by note-verbale: on the word of office"} {
		if got := r.Recorded.Entries[i].Sentence; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestUnknownKind names a kind from a newer program and never says that anything holds.
func TestUnknownKind(t *testing.T) {
	s := standard(t)
	id := s.random()
	facts := must[[]byte](t)(record.Encode(record.PartHead{ID: id, Part: "facts", Nonce: s.random()}))
	f := s.m.Founder()
	h := record.Header{Mission: &f, Kind: "levitation", ID: id, By: "mina", Seq: s.seq["mina"] + 1, Prev: s.last["mina"], At: s.now, Nonce: s.random()}
	r := must[record.Record](t)(record.Sign(s.keys["mina"], true, h, []record.Part{{Name: "facts", Bytes: facts}}))
	leaf := []byte("corridor-exercise-leaf/v1\nmovement\n-\nsha256 " + r.Hash.String() + "\n")
	if err := s.m.AddBlank(leaf); err != nil {
		t.Fatal(err)
	}
	s.all = append(s.all, r)
	s.cosign()
	c := s.copy()
	c.entries[20].Leaf = leaf
	res := run(t, c, Options{Card: s.card()})
	for _, claim := range res.Claims {
		if claim.State != CannotCheck || claim.Entries[0].Rule != RuleKindUnknown || claim.Entries[0].Index != 20 || !strings.Contains(claim.Say, `"levitation"`) {
			t.Errorf("%v", claim)
		}
	}
	if res.Exit(nil) != 2 {
		t.Errorf("exit %d", res.Exit(nil))
	}
	// Its signature is checked all the same, and so is its leaf.
	caught(t, "an unknown kind, forged", c.tampered(func(c *copied) {
		again := r
		again.Sig = slices.Clone(r.Sig)
		again.Sig[9] ^= 1
		c.entries[20].Envelope = again.Envelope()
	}), Options{Card: s.card()}, 20)
	caught(t, "an unknown kind under another leaf", c.tampered(func(c *copied) { c.entries[20].Leaf = corridor.Leaf(s.all[19]) }), Options{Card: s.card()}, 20)
}

func TestQuorumNone(t *testing.T) {
	s := newStage(t, func(terms map[string]any) { terms["witnesses"] = "quorum none\n" })
	s.observer("mina")
	s.move("mina", "departure", "A-07", 12)
	r := run(t, s.copy(), Options{Card: s.card()})
	c, _ := r.Claim(ClaimLog)
	if r.Exit(nil) != 0 || !strings.Contains(c.Say, "on the log's word alone") {
		t.Errorf("exit %d: %s", r.Exit(nil), c.Say)
	}
	if b := r.Brackets.Of(5, nil); b.After != nil || b.Before != nil {
		t.Errorf("brackets without a cosignature: %s", b)
	}
}

func TestQuorumWanted(t *testing.T) {
	s := newStage(t, nil)
	s.observer("mina")
	r := caught(t, "nobody cosigned", s.copy(), Options{Card: s.card()})
	if c, _ := r.Claim(ClaimLog); c.Entries[0].Rule != RuleQuorum || !strings.Contains(c.Say, "entries 0 to 4") {
		t.Errorf("%v", c)
	}
	// One of the two is not both.
	line := must[[]byte](t)(s.cosigners[0].Cosign(s.checkpoint(5), int64(s.now)))
	half := must[[]byte](t)(ledger.AddCosignatures(s.checkpoint(5), line))
	c := s.copy()
	c.older = [][]byte{half}
	caught(t, "one cosigned", c, Options{Card: s.card()})
	c.head.Cosigned = half
	caught(t, "one cosigned, in the head", c, Options{Card: s.card()})
}

func TestBrackets(t *testing.T) {
	s := newStage(t, nil)
	s.observer("mina") // 1 to 4
	s.cosign()
	first := s.now
	s.move("mina", "departure", "A-07", 12) // 5
	s.cosign()
	second := s.now
	s.move("mina", "arrival", "A-07", 12) // 6, not cosigned
	r := run(t, s.copy(), Options{Card: s.card()})
	for _, x := range []struct {
		i    int64
		want string
	}{
		{0, "signed between open and " + first.String()},
		{4, "signed between open and " + first.String()},
		{5, "signed between " + first.String() + " and " + second.String()},
		{6, "signed between " + second.String() + " and open"},
	} {
		if got := r.Brackets.Of(x.i, r.Replay.Now().Entry(x.i).Seen).String(); got != x.want {
			t.Errorf("entry %d: %s, want %s", x.i, got, x.want)
		}
	}
	var signed []ledger.Signed
	for _, text := range append(s.cosigned, s.checkpoint(7)) {
		signed = append(signed, must[ledger.Signed](t)(s.policy.Check(text)))
	}
	b := NewBrackets(func(int64) *ledger.Policy { return s.policy }, signed)
	if got, want := b.Of(5, s.all[5].Header.Seen), r.Brackets.Of(5, s.all[5].Header.Seen); got.String() != want.String() {
		t.Errorf("%s, want %s", got, want)
	}
	garbage := "garbage"
	if got := b.Of(99, &garbage); got.After != nil || got.Before != nil {
		t.Errorf("%s of garbage", got)
	}
	if got := new(Brackets).Of(0, s.all[5].Header.Seen).String(); got != "signed between open and open" {
		t.Error(got)
	}
}

// A failing source fails where it is told to.
type failing struct {
	*copied
	head, entry, checkpoint error
}

func (f *failing) Head(ctx context.Context) (Head, error) { return f.copied.head, f.head }

func (f *failing) Entries(ctx context.Context) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for e, err := range f.copied.Entries(ctx) {
			if e.Index == 10 && f.entry != nil {
				yield(Entry{}, f.entry)
				return
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

func (f *failing) Checkpoints(context.Context) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		if f.checkpoint != nil {
			yield(nil, f.checkpoint)
		}
	}
}

func TestFaultsAreNoVerdict(t *testing.T) {
	s := standard(t)
	broken := errors.New("the disk is gone")
	for what, src := range map[string]*failing{
		"head":        {copied: s.copy(), head: broken},
		"entry":       {copied: s.copy(), entry: broken},
		"checkpoints": {copied: s.copy(), checkpoint: broken},
	} {
		if _, err := Run(t.Context(), src, Options{}); !errors.Is(err, broken) {
			t.Errorf("%s: %v", what, err)
		}
	}
	caught(t, "a damaged head", &failing{copied: s.copy(), head: &Damage{-1, "its row is missing"}}, Options{Card: s.card()})
	caught(t, "a damaged checkpoint", &failing{copied: s.copy(), checkpoint: &Damage{-1, "it has no bytes"}}, Options{Card: s.card()})
	caught(t, "a copy that cannot be opened", Broken{Damage{3, "its row is no row"}}, Options{Card: s.card()}, 3)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Run(ctx, s.copy(), Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled check: %v", err)
	}
}

func TestEmptyLog(t *testing.T) {
	r := run(t, &copied{}, Options{})
	if r.Exit(nil) == 0 {
		show(t, r)
		t.Error("nothing holds")
	}
	s := standard(t)
	caught(t, "everything gone", s.copy().tampered(func(c *copied) { c.entries = nil }), Options{Card: s.card()}, 0)
	caught(t, "everything gone, and the head says so", s.copy().tampered(func(c *copied) { c.entries, c.head.Size = nil, 0 }), Options{Card: s.card()}, 0)
}

func TestProgress(t *testing.T) {
	s := standard(t)
	last := int64(0)
	run(t, s.copy(), Options{Progress: func(done, total int64) {
		if done < last || total != 20 {
			t.Errorf("progress %d of %d after %d", done, total, last)
		}
		last = done
	}})
	if last != 20 {
		t.Errorf("progress ends at %d", last)
	}
}

func TestExit(t *testing.T) {
	r := Result{Claims: []Claim{{Name: ClaimLog, State: Holds}, {Name: ClaimAuthority, State: CannotCheck}, {Name: ClaimReports, State: Holds}}}
	for _, x := range []struct {
		require []string
		want    int
	}{{nil, 2}, {[]string{ClaimLog}, 0}, {[]string{ClaimAuthority}, 2}, {[]string{ClaimLog, ClaimReports}, 0}} {
		if got := r.Exit(x.require); got != x.want {
			t.Errorf("Exit(%v) = %d, want %d", x.require, got, x.want)
		}
	}
	r.Claims[2].State = DoesNotHold
	if got := r.Exit([]string{ClaimAuthority}); got != 1 {
		t.Errorf("1 wins over 2: %d", got)
	}
}
