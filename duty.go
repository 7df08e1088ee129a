package corridor

import (
	"cmp"
	"reflect"
	"slices"

	"corridor.example/corridor/record"
)

// A Duty is one clause in one reading: what was agreed, and what its leg adds up to.
type Duty struct {
	Obligation
	Bound          []ActorID // who acceded to it in an act that counts
	Through        *int64    // the number agreed up to and with this clause, over the clauses of the same leg, unit and category before it; null where one of them is for all who wish
	Left           Figure
	Arrived        Figure
	Open           Figure
	AdoptedLeft    []Adopted
	AdoptedArrived []Adopted
	shared         bool // every number in Through was acceded to by every party and is not disputed
}

// Share returns what part r is of the number agreed up to and with this clause, in per cent,
// rounded. There is one only where every party the text names acceded to every clause in that
// number, in words that read alike in each reading, and nobody disputes or reserves them.
func (d Duty) Share(r Range) (percent Range, ok bool) {
	if !d.shared || d.Through == nil || *d.Through < 1 || !r.Known {
		return Range{}, false
	}
	of := func(n int64) int64 { return (200*n + *d.Through) / (2 * *d.Through) }
	if r.Low < 0 || r.High > record.MaxInt/200 {
		return Range{}, false
	}
	r.Low, r.High = of(r.Low), of(r.High)
	return r, true
}

// Remaining returns what of the number agreed up to and with this clause has not left, if left
// is the figure for those who have. It is never below zero: more leaving than was agreed owes
// nobody anything. ok is false where no number was agreed or nobody counted who left.
func (d Duty) Remaining(left Range) (rest Range, ok bool) {
	if d.Through == nil || !left.Known {
		return Range{}, false
	}
	rest = Range{Low: *d.Through, High: *d.Through, Known: true}.Minus(left)
	rest.Low, rest.High = max(0, rest.Low), max(0, rest.High)
	rest.Uncounted = 0 // an account without a number takes nothing away
	return rest, true
}

// duty works out the clause at i of a reading.
func (v View) duty(x Agreed, f AgreementFacts, r Reading, i int) Duty {
	o := r.Obligations[i]
	d := Duty{Obligation: o, Bound: x.bound(f, r, o), shared: v.sharedNumber(x, f, r, o)}
	through := int64(0)
	d.Through = &through
	for _, p := range r.Obligations[:i+1] {
		if p.Leg != o.Leg || p.Unit != o.Unit || p.Who != o.Who {
			continue
		}
		d.shared = d.shared && v.sharedNumber(x, f, r, p)
		if p.Number == nil || *p.Number > record.MaxInt-through {
			d.Through = nil
			break
		}
		through += *p.Number
	}
	d.Left, d.Arrived, d.Open = v.Figure(o.line(Left)), v.Figure(o.line(Arrived)), v.Figure(o.line(Open))
	d.AdoptedLeft, d.AdoptedArrived = v.Adopted(o.line(Left)), v.Adopted(o.line(Arrived))
	return d
}

// line returns the figure that tells what was done of an obligation. One that moves on no leg
// of the mandate has none; its scope is empty.
func (o Obligation) line(x Measure) Line {
	l := Line{x, o.Unit, o.Who, o.Leg}
	if o.Who == NotDistinguished {
		l.Category = ""
	}
	return l
}

// bound returns who acceded to a clause as a reading has it, in an act that counts. An
// accession that names no reading is to what stands alike in every reading.
func (x Agreed) bound(f AgreementFacts, r Reading, o Obligation) (list []ActorID) {
	for _, a := range x.Accessions {
		switch {
		case !a.Counts || slices.Contains(list, a.Act.Of):
		case len(a.Clauses) > 0 && !slices.Contains(a.Clauses, o.Clause):
		case a.Reading == nil && !f.alike(o), a.Reading != nil && *a.Reading != r.ID:
		default:
			list = append(list, a.Act.Of)
		}
	}
	slices.Sort(list)
	return list
}

// alike reports whether a clause stands in every reading with the same words.
func (k AgreementFacts) alike(o Obligation) bool {
	for _, r := range k.Readings {
		if !slices.ContainsFunc(r.Obligations, func(p Obligation) bool { return reflect.DeepEqual(o, p) }) {
			return false
		}
	}
	return true
}

// sharedNumber reports whether every party acceded to a clause and nobody sees it otherwise.
func (v View) sharedNumber(x Agreed, f AgreementFacts, r Reading, o Obligation) bool {
	if !f.alike(o) || len(x.Disputes) > 0 {
		return false
	}
	for _, w := range x.Reservations {
		if c := v.reserved(w.Record); len(c) == 0 || slices.Contains(c, o.Clause) {
			return false
		}
	}
	bound, t := x.bound(f, r, o), v.Terms()
	sides, parties := map[string]bool{}, 0
	for _, p := range x.Parties {
		a, ok := t.Actor(p)
		if !ok || !a.Is(Party) {
			continue // a guarantor or facilitator that the text names
		}
		if !slices.Contains(bound, p) {
			return false
		}
		parties++
		sides[cmp.Or(deref(a.Side), string(p))] = true
	}
	return parties > 1 && len(sides) > 1
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
