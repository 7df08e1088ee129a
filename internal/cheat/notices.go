package cheat

import (
	"slices"
	"strings"

	"corridor.example/corridor"
	"corridor.example/corridor/verify"
)

// says returns the checker's own sentence: of what does not hold, the one about the entry of
// the lie, else the first; of two, not the one about signed heads. caught is whether anything
// did not hold.
func says(res verify.Result, t told) (sentence string, caught bool) {
	best := 0
	for _, c := range res.Claims {
		if c.State != verify.DoesNotHold {
			continue
		}
		caught = true
		for _, p := range c.Entries {
			rank := 1
			switch {
			case p.Index == t.entry && c.Name != verify.ClaimLog:
				rank = 4
			case p.Index == t.entry:
				rank = 3
			case strings.HasPrefix(p.Rule, "known."):
				rank = 2
			}
			if rank > best {
				best, sentence = rank, p.String()
			}
		}
	}
	if !caught {
		sentence = "every claim holds"
	}
	return sentence, caught
}

// noticed says by which rules of the checker somebody finds a lie out.
var noticed = []struct{ code, rules string }{
	{"report", "report."}, {"part", "record.part-hash"}, {"signature", "record.by record.signature signature."},
	{"known", "known."}, {"seen", "seen."},
}

// notices returns who finds a lie out: by what does not hold in the check, by an act left
// without consent, and by what others hold of the true log.
func (f *forgery) notices(t told, res verify.Result) []Notice {
	var list []Notice
	for _, n := range noticed {
		if broken(res, n.rules) {
			list = append(list, Notice{Code: n.code})
		}
	}
	for _, p := range res.Findings.Entries {
		if p.Index >= int64(len(f.records)) && p.Rule == corridor.FindingConsent {
			list = append(list, Notice{Code: "consent"})
		}
	}
	if slices.ContainsFunc(append(slices.Clone(f.older), f.cosigned), t.tale.parts) {
		list = append(list, Notice{Code: "cosigned", Who: f.cosigners()})
	}
	if t.tale.parts(f.checkpoint) {
		list = append(list, Notice{Code: "receipt"}) // its proof leads to the true root
	}
	return list
}

// broken reports whether a claim does not hold for one of the rules, which are named whole or,
// ending in a dot, by how they begin.
func broken(res verify.Result, rules string) bool {
	for _, c := range res.Claims {
		if c.State != verify.DoesNotHold {
			continue
		}
		for _, p := range c.Entries {
			for _, r := range strings.Fields(rules) {
				if p.Rule == r || strings.HasSuffix(r, ".") && strings.HasPrefix(p.Rule, r) {
					return true
				}
			}
		}
	}
	return false
}

// cosigners are the names under which the mandate lets the log be cosigned.
func (f *forgery) cosigners() []string {
	p, err := f.mission.Now().Terms().Policy()
	if err != nil {
		return nil // refused when the mandate was logged
	}
	return p.Witnesses()
}
