package corridor

import (
	"crypto/ed25519"
	"encoding/hex"
	"testing"

	"corridor.example/corridor/record"
)

// TestDossier asks for everybody at every level: a dossier is for those who are asked for their
// consent and for who submitted it; a level alone opens none, whatever the table says.
func TestDossier(t *testing.T) {
	s := newStageWith(t, func(f map[string]any) {
		f["disclosure"] = []any{map[string]any{"kind": "*", "part": "*", "open": "public", "closed": "public", "after": "public"}}
	})
	k, founder := testKey("mina"), s.m.Founder()
	n := s.add("office", "nomination", nil, map[string]map[string]any{
		"facts": {"observer": "mina", "from": "2016-12-01T00:00:00Z", "key": map[string]any{
			"use": "device", "key": hex.EncodeToString(k.Public().(ed25519.PublicKey)), "proof": record.Prove(k, true, s.m.Now().Terms().Origin, &founder)}},
		"identity": {"persons": []any{map[string]any{"role": "observer", "name": "A. Person", "note": ""}}}})
	s.accepted()
	v := s.m.Now()
	for _, l := range levels {
		if v.MayRead(l, n.Hash, "identity", s.now) {
			t.Errorf("the level %s alone opens a dossier", l)
		}
		for who, opens := range map[ActorID]bool{"red": true, "blue": true, "office": true, "mina": false, "stranger": false, "": false} {
			want := opens && l != Public
			if got := v.MayReadAs(who, l, n.Hash, "identity", s.now); got != want {
				t.Errorf("%q at the level %s may read a dossier: %v, want %v", who, l, got, want)
			}
			if !v.MayReadAs(who, l, n.Hash, "facts", s.now) {
				t.Errorf("%q at the level %s may not read what the table opens to everybody", who, l)
			}
		}
	}
	if v := s.m.At(1); v.MayReadAs("red", Strict, n.Hash, "identity", s.now) != true {
		t.Error("what is not in the prefix is for strict alone, as anything that is not known here")
	}
}
