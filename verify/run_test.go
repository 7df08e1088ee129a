package verify

import "testing"

func TestGoodLogHolds(t *testing.T) {
	s := standard(t)
	for _, o := range []Options{{}, {Card: s.card()}, {Card: s.card(), Workers: 1}} {
		r := run(t, s.copy(), o)
		show(t, r)
		if got, want := states(r), [4]State{Holds, Holds, Holds, Holds}; got != want {
			t.Errorf("states %v, want %v", got, want)
		}
		if r.Exit(nil) != 0 {
			t.Errorf("exit %d", r.Exit(nil))
		}
		if (r.Word == "") != (o.Card != nil) {
			t.Errorf("word %q with card %v", r.Word, o.Card)
		}
		t.Log(r.Recorded, r.Findings, r.Outside)
	}
}
