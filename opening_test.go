package corridor

import (
	"crypto/ed25519"
	"encoding/hex"
	"slices"
	"testing"

	"corridor.example/corridor/record"
)

// TestWhatIsOpened: what the reader may read and the public may not is opened, and nothing
// that the reader submitted, that the server wrote, or that everybody may read.
func TestWhatIsOpened(t *testing.T) {
	s := newStage(t)
	terms := s.terms()
	terms["release"] = map[string]any{"delay": 0, "whole_mission": false}
	terms["disclosure"] = []any{
		row("*", "leaf", Public, Public, Public), row("*", "*", Parties, Public, Public), row("incident", "header", Public, Public, Public),
		row("*", "narrative", MissionLevel, MissionLevel, MissionLevel), row("*", "identity", Strict, Strict, Strict),
	}
	terms["node_key"] = map[string]any{"use": "node", "key": hex.EncodeToString(testKey("node").Public().(ed25519.PublicKey)), "proof": record.Prove(testKey("node"), true, terms["origin"].(string), nil)}
	s.keys["node"] = testKey("node")
	s = s.refound(terms)
	d := s.move("red", "departure", "A-07", 122)
	x := s.add("office", "incident", nil, drafted{"facts": {"what": "obstruction", "convoy": "A-07", "when": s.now.String(), "basis": "observed"}})
	at := s.now
	want := func(reader ActorID, level Level, released int64, r record.Record, names ...string) {
		t.Helper()
		i, _ := s.m.Index(r.Hash)
		if got := s.m.Now().Sight(reader, level, released, at).Opens(i).Names(); !slices.Equal(got, names) {
			t.Errorf("of the %s to %s at %s with %d released: %q, want %q", r.Header.Kind, reader, level, released, got, names)
		}
	}
	all := s.m.Size()
	want("blue", Public, all, d)
	want("blue", Parties, all, d, "header", "facts", "count", "where")
	want("blue", MissionLevel, all, d, "header", "facts", "count", "where", "narrative")
	want("blue", Strict, all, d, "header", "facts", "count", "where", "narrative", "identity")
	want("red", Strict, 0, d)
	want("blue", Parties, all, x, "facts", "count", "where", "who")
	want("blue", Parties, 0, x, "leaf", "header", "facts", "count", "where", "who")

	// The server's own traces are nobody's.
	tr := s.add("node", "disclosure", nil, drafted{"facts": {"when": s.now.String(),
		"reads":   []any{map[string]any{"reader": "blue", "part": "leaf", "records": []any{d.Hash.String()}}},
		"exports": []any{map[string]any{"reader": "blue", "as": "pages", "level": "mission", "from": 1, "to": 2}}}})
	want("red", Strict, 0, tr)

	// A trace of a stretch tells of what its level could read of it, and of no more.
	v := s.m.Now()
	for part, told := range map[string]bool{"leaf": true, "count": true, "narrative": true, "identity": false} {
		if h, ok := v.Opened("blue", d.Hash, part); ok != told || ok && h != tr.Hash {
			t.Errorf("the %s of the departure: opened %v, want %v", part, ok, told)
		}
		if _, ok := v.Opened("red", d.Hash, part); ok {
			t.Errorf("the %s of the departure was opened to nobody else", part)
		}
		if _, ok := v.Opened("blue", x.Hash, part); ok {
			t.Errorf("the %s of the incident is beyond the stretch", part)
		}
	}
}
