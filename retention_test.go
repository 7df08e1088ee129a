package corridor

import (
	"fmt"
	"testing"

	"corridor.example/corridor/record"
)

// TestToErase follows the parts of a mission past the end of its term.
func TestToErase(t *testing.T) {
	const day = 86400
	end := record.Time(1482000000 + 90*day)
	s := newStageWith(t, func(f map[string]any) {
		f["to"], f["retention"] = end.String(), map[string]any{"days": 30}
		f["disclosure"] = []any{
			map[string]any{"kind": "*", "part": "*", "open": "mission", "closed": "mission", "after": "parties"},
			map[string]any{"kind": "dispute", "part": "narrative", "open": "public", "closed": "public", "after": "public"},
		}
	})
	d := s.move("office", "departure", "A-01", 40)
	note := map[string]any{"lang": "en", "text": "Seen from the gate."}
	hold := s.add("office", "incident", nil, map[string]map[string]any{"facts": {"what": "obstruction", "when": s.now.String(), "basis": "heard"}, "count": {}, "where": {}, "who": {}, "narrative": note, "identity": {"persons": []any{map[string]any{"role": "source", "name": "A. Person", "note": ""}}}})
	s.add("red", "dispute", &d.Hash, map[string]map[string]any{"facts": {"what": "number", "basis": "observed"}, "narrative": note})
	due := func(at int64) (parts []string) {
		for _, x := range s.m.Now().ToErase(end + record.Time(at)) {
			if x.Record != hold.Hash || x.Kind != "incident" || x.By != "office" || x.Index != 2 {
				t.Errorf("due is %+v", x)
			}
			parts = append(parts, x.Part)
		}
		return parts
	}
	for _, c := range []struct {
		at   int64
		want string
	}{{0, "[]"}, {1, "[identity]"}, {30 * day, "[identity]"}, {30*day + 1, "[narrative identity]"}} {
		if got := fmt.Sprint(due(c.at)); got != c.want {
			t.Errorf("%d seconds after the end: due are %s, want %s", c.at, got, c.want)
		}
	}
	s.add("office", "erasure", &hold.Hash, map[string]map[string]any{"facts": {"parts": []any{"identity"}, "reason": "retention-ended"}})
	if got := fmt.Sprint(due(31 * day)); got != "[narrative]" {
		t.Errorf("after the order due are %s", got)
	}
	if got := s.m.At(3).ToErase(end + 1); len(got) != 1 {
		t.Errorf("before the order the prefix has %d due", len(got))
	}
}
