package verify

import (
	"strings"
	"testing"

	"corridor.example/corridor/ledger"
)

func TestGoodLogHolds(t *testing.T) {
	s := standard(t)
	s.cosign()
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

// TestTail checks a log whose newest entries the quorum has not cosigned: with one of the two who
// must, or with nobody, it is never said to hold, and how far each has checked it is.
func TestTail(t *testing.T) {
	s := standard(t)
	size, covered := s.m.Size(), s.m.Size()-1
	alone := s.checkpoint(size)
	line := must[[]byte](t)(s.cosigners[0].Cosign(alone, int64(s.now)))
	one := must[[]byte](t)(ledger.AddCosignatures(alone, line))
	for _, c := range []*copied{s.copy(), s.copy().tampered(func(c *copied) { c.older = append(c.older, one) })} {
		r := run(t, c, Options{Card: s.card()})
		log, _ := r.Claim(ClaimLog)
		if got, want := states(r), [4]State{CannotCheck, Holds, Holds, Holds}; got != want || r.Exit(nil) != 2 || r.Exit([]string{ClaimFigures}) != 0 {
			t.Errorf("states %v, exit %d", got, r.Exit(nil))
		}
		if len(log.Entries) != 1 || log.Entries[0].Rule != RuleQuorum || log.Entries[0].Index != covered || !strings.Contains(log.Say, "nothing removed") {
			t.Errorf("log: %+v", log)
		}
		first := covered
		if len(c.older) > len(s.copy().older) {
			first = size
		}
		if r.Checked[0].Size != first || r.Checked[1].Size != covered || r.Checked[0].At == nil || r.Checked[1].At == nil {
			t.Errorf("checked: %v", r.Checked)
		}
	}
}
