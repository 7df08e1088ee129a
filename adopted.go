package corridor

import (
	"slices"

	"corridor.example/corridor/record"
)

// An Adopted is the number an office uses for a line, under its author and beside what the
// accounts add up to: "48, mission's figure (A); B says 52". It changes no account and no sum.
type Adopted struct {
	Record   record.Hash
	Index    int64
	By       ActorID // the office that adopted it
	Line     Line
	Value    int64
	Reason   AdoptionReason
	Of       record.Hash   // the account or figure it takes the number from
	Kind     Kind          // of that record; "" while it is not here
	Author   ActorID       // whose number that is; "" while the record is not here
	Gives    Range         // what that record itself gives for the line; an adoption cannot change it
	Since    []record.Hash // accounts and figures of the line that were not weighed
	Disputes []Word
}

// Range returns the adopted number as a figure, as sharp as the record it is taken from.
func (a Adopted) Range() Range {
	return Range{Low: a.Value, High: a.Value, Known: true, About: a.Gives.About, Open: a.Gives.Open}
}

// Differs reports whether the record it is taken from is here and does not give the number.
func (a Adopted) Differs() bool {
	return a.Kind != "" && !(a.Gives.Known && a.Gives.Low <= a.Value && a.Value <= a.Gives.High)
}

// Adopted returns the numbers that stand adopted for a line: the last of each office by the
// order of the log, unless it was withdrawn.
func (v View) Adopted(l Line) []Adopted {
	last := map[ActorID]adoptionAt{}
	for _, a := range v.m.state.adoptions {
		if a.index < v.n && a.facts.Line == l.String() && !v.corrected(a.hash, a.by) {
			last[a.by] = a
		}
	}
	var list []Adopted
	for _, a := range last {
		list = append(list, v.adopted(a, l))
	}
	slices.SortFunc(list, func(a, b Adopted) int {
		return byWhen(v.signed(a.Index), v.signed(b.Index), a.Record, b.Record)
	})
	return list
}

func (v View) signed(i int64) Period { return Period{v.m.at(i), v.m.at(i)} }

func (v View) adopted(a adoptionAt, l Line) Adopted {
	x := Adopted{Record: a.hash, Index: a.index, By: a.by, Line: l, Value: a.facts.Value, Reason: a.facts.Reason, Of: a.re, Disputes: v.Disputed(a.hash)}
	if of, ok := v.Account(a.re); ok {
		x.Kind, x.Author = of.Kind, of.Says
		x.Gives, _ = of.number(l.Unit, l.Category)
	} else if f, ok := v.m.field.figures.get(a.re); ok && f.index < v.n {
		x.Kind, x.Author = KindFigure, f.facts.Author
		x.Gives, _ = (&Account{Count: f.count}).number(l.Unit, l.Category)
	}
	weighed := append([]record.Hash{a.re}, a.facts.RestsOn...)
	for _, h := range append(v.Figure(l).From, v.statedFor(l)...) {
		if !slices.Contains(weighed, h) {
			x.Since = append(x.Since, h)
		}
	}
	slices.SortFunc(x.Since, compareHashes)
	return x
}

// statedFor returns the standing figures that others state for a line.
func (v View) statedFor(l Line) (list []record.Hash) {
	leg := l.Scope
	switch {
	case leg == "all":
		leg = ""
	case len(leg) > 1:
		return nil // a figure is of a leg, never of one convoy
	}
	for _, t := range v.Totals(l.Measure, l.Unit, leg) {
		if t.Sealed || t.Corrected || t.Listed {
			continue
		}
		if _, given := t.Sum.Cell(l.Category); given || l.Category == "" {
			list = append(list, t.Record)
		}
	}
	return list
}
