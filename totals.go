package corridor

import (
	"slices"

	"corridor.example/corridor/record"
)

// A Total is a number that somebody else states, as a view shows it. Conflicting ones stand
// side by side, each under its author; none is chosen and none is in a sum.
type Total struct {
	Record    record.Hash
	Index     int64
	By        ActorID // who entered it
	Author    ActorID // whose number it is
	Measure   Measure
	Leg       string // "" for the whole operation
	Unit      Unit   // "" while the number is sealed
	Sum       Sum    // with method, cells and cut-off; empty while sealed
	Sealed    bool   // the number is not known here
	When      Period // its cut-off, else the day it was published, else when it was signed
	Since     *record.Time
	Published *Date
	Basis     Basis
	Via       *Via
	Disputes  []Word
	Corrected bool // by its author: it stands no longer and is shown all the same
	Listed    bool // authority has something against it
}

// Range returns the number as a figure; not known while it is sealed.
func (t Total) Range() Range {
	if t.Sealed {
		return Range{}
	}
	return t.Sum.Range()
}

// Totals returns the numbers that others state for a measure, unit and leg, "" for the whole
// operation, by cut-off, else by the day they were published. One whose number is sealed has no
// unit and stands among those of every unit.
func (v View) Totals(x Measure, u Unit, leg string) []Total {
	var list []Total
	for _, t := range v.AllTotals() {
		if t.Measure == x && t.Leg == leg && (t.Unit == u || t.Sealed) {
			list = append(list, t)
		}
	}
	return list
}

// AllTotals returns every number that others state, one for each unit of each figure record,
// by cut-off, else by the day they were published.
func (v View) AllTotals() []Total {
	var list []Total
	for _, f := range v.m.field.figures.list {
		if f.index < v.n && v.own(f.record) { // another's correction is a dispute
			list = append(list, v.totals(f)...)
		}
	}
	slices.SortStableFunc(list, func(a, b Total) int { return byWhen(a.When, b.When, a.Record, b.Record) })
	return list
}

func (v View) totals(f *figureAt) []Total {
	t := Total{
		Record: f.record, Index: f.index, By: f.by, Author: f.facts.Author, Measure: f.facts.Measure, Leg: f.facts.Leg, Sealed: f.count == nil,
		When: f.when(nil), Since: f.facts.Since, Published: f.facts.Published, Basis: f.facts.Basis, Via: f.facts.Via,
		Disputes: v.Disputed(f.record), Corrected: v.corrected(f.record, f.by), Listed: v.listed(f.index),
	}
	if t.Sealed {
		return []Total{t}
	}
	var list []Total
	for _, s := range f.count.Sums {
		t.Unit, t.Sum, t.When = s.Unit, s, f.when(s.CutOff)
		list = append(list, t)
	}
	return list
}

// when returns the time a number is put in order by.
func (f *figureAt) when(cutOff *record.Time) Period {
	switch {
	case cutOff != nil:
		return Period{*cutOff, *cutOff}
	case f.facts.Published != nil:
		return f.facts.Published.period()
	}
	return Period{f.at, f.at}
}
