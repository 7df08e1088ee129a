package corridor

import "slices"

// A Balance is what was agreed, in each reading, beside what was done. It says what the text
// says comes next and never who is to blame.
type Balance struct {
	Agreements []Agreed     // the latest text of each chain, by when it was announced
	Legs       []LegBalance // in the order of the mandate
}

// A LegBalance is what the accounts of one leg add up to, and beside it what an office uses.
type LegBalance struct {
	Leg     string
	Unit    Unit
	Left    Figure
	Arrived Figure
	Open    Figure
	Adopted []Adopted    // for these three lines, in their order
	Between []Difference // of what one office adopted as left and as arrived
}

// A Difference is between two numbers that one office adopted. It is nobody's account.
type Difference struct {
	By            ActorID
	Left, Arrived Adopted
	Range
}

// Balance returns what was agreed beside what was done, in the prefix.
func (v View) Balance() Balance {
	var b Balance
	for _, a := range v.agreements() {
		b.Agreements = append(b.Agreements, v.agreed(a))
	}
	slices.SortFunc(b.Agreements, func(x, y Agreed) int { return byWhen(x.When, y.When, x.Record, y.Record) })
	t := v.Terms()
	if t == nil {
		return b
	}
	for _, l := range t.Legs {
		for _, u := range units {
			if u == People || b.owes(l.Letter, u) {
				b.Legs = append(b.Legs, v.legBalance(l.Letter, u))
			}
		}
	}
	return b
}

func (b Balance) owes(leg string, u Unit) bool {
	for _, a := range b.Agreements {
		for _, r := range a.Readings {
			if slices.ContainsFunc(r.Duties, func(d Duty) bool { return d.Leg == leg && d.Unit == u }) {
				return true
			}
		}
	}
	return false
}

func (v View) legBalance(leg string, u Unit) LegBalance {
	line := func(x Measure) Line { return Line{x, u, "", leg} }
	b := LegBalance{Leg: leg, Unit: u, Left: v.Figure(line(Left)), Arrived: v.Figure(line(Arrived)), Open: v.Figure(line(Open))}
	left, arrived := v.Adopted(line(Left)), v.Adopted(line(Arrived))
	b.Adopted = slices.Concat(left, arrived, v.Adopted(line(Open)))
	for _, l := range left {
		for _, a := range arrived {
			if l.By == a.By {
				b.Between = append(b.Between, Difference{l.By, l, a, l.Range().Minus(a.Range())})
			}
		}
	}
	return b
}
