package corridor

import (
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"slices"
	"testing"

	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// goesOn are the facts of a succession of the stage's log as it stands.
func (s *stage) goesOn(name string) map[string]any {
	s.t.Helper()
	v := s.m.Now()
	root, err := v.Root()
	if err != nil {
		s.t.Fatal(err)
	}
	origin := "corridor.test/" + name
	vkey, err := ledger.VerifierKey(origin, testKey(name).Public().(ed25519.PublicKey))
	if err != nil {
		s.t.Fatal(err)
	}
	return map[string]any{
		"succeeds":   map[string]any{"origin": v.Terms().Origin, "size": v.Size(), "root": record.Hash(root).String()},
		"checkpoint": string(s.cosignedOf(s.m, v.Size(), s.now)), "reason": "machine-lost", "origin": origin, "log_key": vkey,
	}
}

// TestSuccession goes on in another log, in which the mission is what it was.
func TestSuccession(t *testing.T) {
	s := newStage(t)
	s.observer("mina")
	s.move("mina", "departure", "A-01", 40)
	proof := record.Prove(testKey("omar"), true, s.m.Now().Terms().Origin, ptr(s.m.Founder())) // made before the loss
	before, founder := s.m.Now().Terms(), s.m.Founder()
	n := s.m.Size()
	r := s.add("office", "succession", nil, map[string]map[string]any{"facts": s.goesOn("second")})
	s.accepted()
	v := s.m.Now()
	if v.Founder() != founder || v.Terms().Origin != "corridor.test/second" || v.Terms().LogKey == before.LogKey || v.Terms().Succeeds == nil {
		t.Errorf("the terms after it: %s, %s", v.Terms().Origin, v.Terms().LogKey)
	}
	if got := v.Logs(); len(got) != 2 || got[0].To != n || got[1].From != n || got[1].To != -1 || got[0].Key != before.LogKey {
		t.Errorf("the logs are %+v", got)
	}
	if len(s.m.At(n).Logs()) != 1 || s.m.At(n).Terms().LogKey != before.LogKey {
		t.Error("a view of what was saved knows of the succession")
	}
	s.move("mina", "arrival", "A-01", 40) // signed for the mission, and by the key it had
	s.accepted()
	s.figure("open.people A-01", "0")
	s.add("office", "nomination", nil, map[string]map[string]any{"facts": {"observer": "omar", "from": "2016-12-01T00:00:00Z", "key": map[string]any{
		"use": "device", "key": hex.EncodeToString(testKey("omar").Public().(ed25519.PublicKey)), "proof": proof}}})
	s.accepted()
	for _, p := range []string{"red", "blue"} {
		s.add(p, "accession", &r.Hash, map[string]map[string]any{"facts": {"basis": "document"}})
		s.accepted()
	}
	if got := s.m.Now().Successions(); len(got) != 1 || !slices.Equal(got[0].Acceded, []ActorID{"blue", "red"}) && !slices.Equal(got[0].Acceded, []ActorID{"red", "blue"}) || got[0].Awaited != nil {
		t.Errorf("the successions are %+v", got)
	}
}

func ptr[T any](v T) *T { return &v }

// TestSuccessionRefused names what no log goes on from, and by whose word none does.
func TestSuccessionRefused(t *testing.T) {
	for _, c := range []struct {
		name, by, rule string
		change         func(s *stage, f map[string]any)
	}{
		{"of another size", "office", "succession.place", func(s *stage, f map[string]any) { f["succeeds"].(map[string]any)["size"] = s.m.Size() - 1 }},
		{"of another log", "office", "succession.place", func(s *stage, f map[string]any) { f["succeeds"].(map[string]any)["origin"] = "corridor.test/other" }},
		{"of another tree", "office", "succession.root", func(s *stage, f map[string]any) {
			f["succeeds"].(map[string]any)["root"] = s.m.Founder().String()
		}},
		{"on a smaller checkpoint", "office", "succession.checkpoint", func(s *stage, f map[string]any) {
			f["checkpoint"] = string(s.cosignedOf(s.m, s.m.Size()-1, s.now))
		}},
		{"on a checkpoint of nobody", "office", "succession.checkpoint", func(s *stage, f map[string]any) { f["checkpoint"] = "corridor.test/x\n1\nAA==\n" }},
		{"under the key of the log that ended", "office", "succession.log", func(s *stage, f map[string]any) {
			f["log_key"], _ = ledger.VerifierKey("corridor.test/second", testKey("log").Public().(ed25519.PublicKey))
		}},
		{"under another name than its key's", "office", "mandate.origin", func(s *stage, f map[string]any) { f["origin"] = "corridor.test/third" }},
		{"with an office's key as the server's", "office", "key.twice", func(s *stage, f map[string]any) {
			k := testKey("office")
			f["node_key"] = map[string]any{"use": "node", "key": hex.EncodeToString(k.Public().(ed25519.PublicKey)), "proof": record.Prove(k, true, "corridor.test/second", ptr(s.m.Founder()))}
		}},
		{"by a party", "red", "finding", func(*stage, map[string]any) {}},
	} {
		s := newStage(t)
		s.move("office", "departure", "A-01", 40)
		f := s.goesOn("second")
		c.change(s, f)
		before := s.m.Now().Terms().LogKey
		s.add(c.by, "succession", nil, map[string]map[string]any{"facts": f})
		e := s.m.Now().Entry(s.m.Size() - 1)
		switch {
		case c.rule == "finding" && len(e.Findings) == 0:
			t.Errorf("%s: nothing is found against it", c.name)
		case c.rule != "finding" && s.rule() != c.rule:
			t.Errorf("%s: refused by %q, want %s", c.name, s.rule(), c.rule)
		}
		if s.m.Now().Terms().LogKey != before || len(s.m.Now().Logs()) != 1 {
			t.Errorf("%s: the log goes on", c.name)
		}
	}
}

// TestSuccessionAtTheDoor: a running log takes none, whoever signed it.
func TestSuccessionAtTheDoor(t *testing.T) {
	s := newStage(t)
	f := s.goesOn("second")
	other := replay(s.all)
	r := s.add("office", "succession", nil, map[string]map[string]any{"facts": f})
	var refusal *Refusal
	if err := other.Admit(r); !errors.As(err, &refusal) || refusal.Rule != "succession.door" {
		t.Errorf("at the door: %v", err)
	}
	if err := other.Add(r); err != nil {
		t.Errorf("in a log that was founded so: %v", err)
	}
}
