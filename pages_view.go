package corridor

import (
	"slices"

	"corridor.example/corridor/record"
)

// Without returns the view whose figures leave out the movement accounts for which hidden
// reports true: what an audience adds up that may not read them. Only figures change; the
// lists of a view are the same, and who shows them asks for each record whether it may.
func (v View) Without(hidden func(record.Hash) bool) View {
	return View{v.m, v.n, v.period, hidden, &memo{}}
}

// LabelOf returns how pages name an actor, a voice or an observer: by the terms in force, else
// by the newest nomination. It is empty for the mission's own server and for a name that
// nobody bears.
func (v View) LabelOf(id ActorID) Label {
	if t := v.Terms(); t != nil {
		if a, ok := t.Actor(id); ok {
			return a.Label
		}
	}
	n := v.m.state.nominees[id]
	if n == nil {
		return nil
	}
	var label Label
	for _, x := range n.nominations {
		if x.index < v.n {
			label = x.facts.Label
		}
	}
	return label
}

// DisputedRecords returns how many records of the prefix somebody disputes.
func (v View) DisputedRecords() int {
	disputed := map[record.Hash]bool{}
	for h := range v.m.field.words {
		disputed[h] = true
	}
	for h := range v.m.field.corrections {
		disputed[h] = true
	}
	count := 0
	for h := range disputed {
		if _, ok := v.Find(h); ok && len(v.Disputed(h)) > 0 {
			count++
		}
	}
	return count
}

// A Tie is a standing link between convoys, as a view shows it.
type Tie struct {
	Record record.Hash
	Index  int64
	By     ActorID
	Facts  LinkFacts
}

// ConvoyLinks returns the standing links that name one of the given call-signs, in the order
// of their hashes.
func (v View) ConvoyLinks(names []ConvoyID) []Tie {
	var list []Tie
	for _, l := range v.links(Same, SplitFrom, MergedInto) {
		for _, c := range append(slices.Clone(l.facts.Convoys), l.facts.Into...) {
			if slices.Contains(names, c) {
				list = append(list, Tie{l.record, l.index, l.by, l.facts})
				break
			}
		}
	}
	slices.SortFunc(list, func(a, b Tie) int { return compareHashes(a.Record, b.Record) })
	return list
}
