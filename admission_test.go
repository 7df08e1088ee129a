package corridor

import (
	"crypto/ed25519"
	"encoding/hex"
	"slices"
	"testing"

	"corridor.example/corridor/record"
)

// TestAdmissionByPrefix: an admission is told as far as each prefix of the log has it, and acts
// with findings are told and change nothing.
func TestAdmissionByPrefix(t *testing.T) {
	s := newStage(t)
	s.observer("mina") // nomination, two consents, deployment: entries 1 to 4
	s.add("red", "revocation", nil, map[string]map[string]any{"facts": {"observer": "mina", "keeps": []any{"A-07"}}})
	if n := len(s.m.At(1).Admissions()); n != 0 {
		t.Errorf("%d admissions before the nomination", n)
	}
	for size, want := range map[int64]struct {
		state AdmissionState
		given int64
		votes int
	}{2: {Nominated, 0, 0}, 3: {Nominated, 1, 1}, 4: {Admitted, 2, 2}, 5: {Deployed, 2, 2}, 6: {Revoked, 2, 2}} {
		all := s.m.At(size).Admissions()
		if len(all) != 1 {
			t.Fatalf("at %d: %d admissions, want 1", size, len(all))
		}
		a := all[0]
		if a.State != want.state || a.Given != want.given || a.Needed != 2 || len(a.Votes) != want.votes || a.Facts.Observer != "mina" {
			t.Errorf("at %d: %s, %d of %d consents, %d votes; want %+v", size, a.State, a.Given, a.Needed, len(a.Votes), want)
		}
	}
	a := s.m.Now().Admissions()[0]
	if len(a.Revocations) != 1 || !slices.Equal(a.Revocations[0].Facts.Keeps, []ConvoyID{"A-07"}) || !slices.Equal(a.Asked, []ActorID{"red", "blue"}) {
		t.Errorf("revocations %+v, asked %v", a.Revocations, a.Asked)
	}
}

// nominated are the parts of a nomination of an observer with a key of the stage.
func nominated(s *stage, name string) map[string]map[string]any {
	k, f := s.keys[name], s.m.Founder()
	return map[string]map[string]any{"facts": {"observer": name, "from": "2016-12-01T00:00:00Z", "key": map[string]any{
		"use": "device", "key": hex.EncodeToString(k.Public().(ed25519.PublicKey)), "proof": record.Prove(k, true, s.m.Now().Terms().Origin, &f)}}}
}

// TestAdmissionBarred: a deployment against an objection is told with its findings, and the
// observer is not deployed; an objection taken back by a consent bars no longer.
func TestAdmissionBarred(t *testing.T) {
	s := newStage(t)
	s.observer("mina") // so that omar is not the only one
	s.keys["omar"] = testKey("omar")
	n := s.add("office", "nomination", nil, nominated(s, "omar"))
	s.add("red", "consent", &n.Hash, map[string]map[string]any{"facts": {}})
	s.add("blue", "objection", &n.Hash, map[string]map[string]any{"facts": {"reason": "affiliation"}})
	s.add("office", "deployment", &n.Hash, map[string]map[string]any{"facts": {"observer": "omar", "from": "2016-12-01T00:00:00Z"}})
	a := s.m.Now().Admissions()[1]
	if a.State != NotPassed || !slices.Equal(a.Barred, []ActorID{"blue"}) || len(a.Deployments) != 1 || len(a.Deployments[0].Findings) != 2 {
		t.Errorf("%s, barred by %v, deployments %+v", a.State, a.Barred, a.Deployments)
	}
	if v := a.Votes[1]; v.Yes || v.Reason != "affiliation" || !v.Counts {
		t.Errorf("the objection is %+v", v)
	}
	s.add("blue", "consent", &n.Hash, map[string]map[string]any{"facts": {}})
	if a := s.m.Now().Admissions()[1]; a.State != Admitted || len(a.Barred) != 0 {
		t.Errorf("after blue consented: %s, barred by %v", a.State, a.Barred)
	}
}

// TestPrefixOfAView: a prefix of a view is the view of that prefix, with what the view hides
// hidden, and proves what stands in it.
func TestPrefixOfAView(t *testing.T) {
	s := newStage(t)
	s.observer("mina")
	hidden := s.move("mina", "departure", "A-07", 122)
	s.move("mina", "departure", "A-08", 50)
	n := s.m.Size()
	s.move("mina", "departure", "A-09", 7)
	l := Line{Measure: Left, Unit: People, Scope: "A"}
	if got := s.m.Now().Prefix(n).Figure(l).Range; got != s.m.At(n).Figure(l).Range || got.High != 172 {
		t.Errorf("the prefix has %v, want 172", got)
	}
	v := s.m.Now().Without(func(h record.Hash) bool { return h == hidden.Hash }).Prefix(n)
	if got := v.Figure(l).Range; got.High != 50 {
		t.Errorf("with one account hidden the prefix has %v, want 50", got)
	}
	if all := v.Of(ClassMovement, 0, s.m.Size()); len(all) != 2 || all[0] != hidden.Hash {
		t.Errorf("movement records of the prefix: %v", all)
	}
	for _, c := range v.Logged() {
		if c.Class == ClassMovement && c.N != 2 || c.Class == ClassAuthority && c.N != 5 {
			t.Errorf("%d records of class %s", c.N, c.Class)
		}
	}
	if _, err := v.Inclusion(n); err == nil {
		t.Error("a record beyond the prefix is proved to stand in it")
	}
	defer func() {
		if recover() == nil {
			t.Error("a prefix beyond the view")
		}
	}()
	v.Prefix(n + 1)
}
