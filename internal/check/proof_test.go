package check_test

import (
	"testing"

	"corridor.example/corridor/verify"
)

// TestProofVectors has the browser judge every proof of misconduct. Where rules have to be
// replayed it says that it cannot.
func TestProofVectors(t *testing.T) {
	js := newAsker(t)
	for _, file := range []string{"fork", "entry", "leaf", "rule", "suppressed"} {
		for _, v := range load[struct {
			Name   string
			Text   string
			Card   *string
			State  *string
			Replay bool
		}](t, "proof/"+file+".json") {
			want := said(v.State)
			if v.Replay {
				want = string(verify.CannotCheck)
			}
			a := js.ask("proof", m{"data": b64([]byte(v.Text)), "card": v.Card})
			if a.State != want || a.OK != (v.State != nil) {
				t.Errorf("%s: the browser says %q (%s), want %q", v.Name, a.State, a.Rule, want)
			}
		}
	}
}
