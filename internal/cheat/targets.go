package cheat

import (
	"corridor.example/corridor"
	"corridor.example/corridor/record"
)

// Omitted returns the report and the incident that omit takes out of it: one of burned or
// attacked vehicles if a report lists one, which somebody may most wish away. ok is false if
// no report lists an incident.
func Omitted(v corridor.View) (report, incident record.Hash, ok bool) {
	graver := map[record.Hash]bool{}
	for _, e := range v.Events() {
		graver[e.Record] = e.Facts.What == "vehicle-burned" || e.Facts.What == "vehicle-attacked"
	}
	for _, r := range v.Reports() {
		for _, s := range r.Facts.Sections {
			if s.Name != "incidents" {
				continue
			}
			for _, h := range s.Records {
				if !ok || graver[h] && !graver[incident] {
					report, incident, ok = r.Record, h, true
				}
			}
		}
	}
	return report, incident, ok
}

// Altered returns the record whose number alter changes, and the number before and after: the
// last exact total of people who left that somebody states for a leg, of the last leg that has
// one; where nobody states any, the most people that any account of a movement counts.
func Altered(v corridor.View) (h record.Hash, was, is int64, ok bool) {
	for _, l := range v.Terms().Legs {
		for _, t := range v.Totals(corridor.Left, corridor.People, l.Letter) {
			if !t.Sealed && t.Sum.Sharp == corridor.Exactly && t.Sum.Total > 0 {
				h, was, ok = t.Record, t.Sum.Total, true
			}
		}
	}
	if ok {
		return h, was, raised(was), true
	}
	for _, a := range v.AllAccounts() {
		if a.Count == nil {
			continue
		}
		if s, counted := a.Count.Sum(corridor.People); counted && s.Total > was {
			h, was, ok = a.Record, s.Total, true
		}
	}
	return h, was, raised(was), ok
}

// raised makes a number larger by five in its second digit, so that nobody sees it at a glance.
func raised(n int64) int64 {
	step := int64(1)
	for m := n; m >= 100; m /= 10 {
		step *= 10
	}
	return n + 5*step
}
