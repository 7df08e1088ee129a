package server

import (
	"time"

	"corridor.example/corridor/verify"
	"corridor.example/corridor/web"
)

// Found tells what a check found, as the pages show it.
func Found(res verify.Result, at time.Time) Checked {
	c := Checked{State: "holds", At: at, Size: res.Size}
	for _, claim := range res.Claims {
		state := map[verify.State]string{verify.Holds: "holds", verify.DoesNotHold: "fails", verify.CannotCheck: "unknown"}[claim.State]
		c.Claims = append(c.Claims, web.Claim{Name: claim.Name, State: state, Text: claim.Say})
		switch {
		case state == "fails" && c.State != "fails":
			c.State, c.Reason = state, claim.Say
			if len(claim.Entries) > 0 {
				c.Entry, c.Reason = claim.Entries[0].Index, claim.Entries[0].Sentence
			}
		case state == "unknown" && c.State == "holds":
			c.State, c.Reason = state, claim.Say
		}
	}
	return c
}
