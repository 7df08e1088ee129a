package server

import (
	"time"

	"corridor.example/corridor/verify"
	"corridor.example/corridor/web"
)

// Found tells what a check found, as the pages show it.
func Found(res verify.Result, at time.Time) Checked {
	c := Checked{State: "holds", At: at, Size: res.Size}
	for _, found := range res.Claims {
		c.Claims = append(c.Claims, claim(found))
		state := c.Claims[len(c.Claims)-1].State
		switch {
		case state == "fails" && c.State != "fails":
			c.State, c.Reason = state, found.Say
			if len(found.Entries) > 0 {
				c.Entry, c.Reason = found.Entries[0].Index, found.Entries[0].Sentence
			}
		case state == "unknown" && c.State == "holds" && !awaited(found):
			c.State, c.Reason = state, found.Say
		}
	}
	return c
}

// awaited reports whether nothing stands against a claim but that the newest entries are not
// cosigned yet. That is so for a while after each record, and beside the seal the pages say who
// has checked how much, and when.
func awaited(c verify.Claim) bool {
	for _, p := range c.Entries {
		if p.Rule != verify.RuleQuorum {
			return false
		}
	}
	return c.State == verify.CannotCheck && len(c.Entries) > 0
}

// claim is one answer of the checker, as the pages show it.
func claim(c verify.Claim) web.Claim {
	state := map[verify.State]string{verify.Holds: "holds", verify.DoesNotHold: "fails", verify.CannotCheck: "unknown"}[c.State]
	return web.Claim{Name: c.Name, State: state, Text: c.Say}
}
