package corridor

import "corridor.example/corridor/record"

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
