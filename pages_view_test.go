package corridor

import (
	"testing"

	"corridor.example/corridor/record"
)

// A public page adds up what it may show and nothing else, during a period too.
func TestWithout(t *testing.T) {
	s := newStage(t)
	open := s.move("office", "departure", "A-01", 100)
	s.move("office", "departure", "A-02", 20)
	all := s.m.Now()
	v := all.Without(func(h record.Hash) bool { return h == open.Hash })
	for _, c := range []struct {
		of   View
		line string
		want string
	}{
		{all, "left.people A", "120"},
		{v, "left.people A", "20"},
		{v, "left.people A-01", "not counted"},
		{v.During(Period{0, s.now + 1}), "left.people A", "20"},
	} {
		l, err := ParseLine(c.line)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.of.Figure(l).Range.String(); got != c.want {
			t.Errorf("%s = %s, want %s", c.line, got, c.want)
		}
	}
	if len(v.AllAccounts()) != 2 {
		t.Errorf("a list lost an account: %d of 2", len(v.AllAccounts()))
	}
}

// Only an author corrects; what anybody else calls a correction is a dispute, and no account.
func TestCorrectionOfAnother(t *testing.T) {
	s := newStage(t)
	a := s.move("red", "departure", "A-01", 100)
	x := s.add("red", "incident", nil, map[string]map[string]any{"facts": {"what": "threat", "when": s.now.String(), "basis": "observed"}})
	facts := map[string]any{"convoy": "A-01", "when": s.now.String(), "basis": "observed"}
	s.restate("blue", "departure", a, facts, map[string]any{"sums": []any{map[string]any{"unit": "people", "total": 7, "method": "tally"}}})
	s.restate("blue", "incident", x, map[string]any{"what": "mine", "when": s.now.String(), "basis": "observed"}, nil)
	s.figure("left.people A-01", "100")
	if all := s.m.Now().Incidents(); len(all) != 1 || len(all[0].Accounts) != 1 || all[0].Accounts[0].Record != x.Hash {
		t.Errorf("incidents after somebody else's correction: %+v", all)
	}
	if n := s.m.Now().DisputedRecords(); n != 2 {
		t.Errorf("%d records are disputed, want 2", n)
	}
	// Its author's own is the incident's next account, under the name it has.
	own := s.restate("red", "incident", x, map[string]any{"what": "threat", "when": s.now.String(), "basis": "heard"}, nil)
	all := s.m.Now().Incidents()
	if len(all) != 1 || all[0].ID != x.Hash || len(all[0].Accounts) != 1 || all[0].Accounts[0].Record != own.Hash || len(all[0].Past) != 1 {
		t.Errorf("incidents after the author's correction: %+v", all)
	}
}

func TestLabelOf(t *testing.T) {
	s := newStage(t)
	s.observer("mina")
	if l := s.m.Now().LabelOf("nobody"); l != nil {
		t.Errorf("nobody is called %v", l)
	}
	if l := s.m.At(1).LabelOf("mina"); l != nil {
		t.Errorf("before her nomination mina is called %v", l)
	}
}
