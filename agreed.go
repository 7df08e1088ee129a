package corridor

import (
	"slices"

	"corridor.example/corridor/record"
)

// An Agreed is a text as it stands: its readings, who acceded, and who disputes it. Where it
// has several readings none is chosen, and nothing in Corridor acts on any of them.
type Agreed struct {
	Record       record.Hash
	Index        int64
	By           ActorID // who entered it
	Act          Act     // who announced it, and how that came to the mission
	Counts       bool    // the act counts as that actor's own
	Basis        Basis
	When         Period
	Parties      []ActorID
	Readings     []AgreedReading
	Accessions   []Acceding
	Disputes     []Word
	Reservations []Word
	Earlier      []EarlierText // what it follows, the latest first
}

// Disputed reports whether the text is read in several ways.
func (a Agreed) Disputed() bool { return len(a.Readings) > 1 }

// An EarlierText is a version that a later one follows, with who acceded to it. Those are
// bound by it as before unless they acceded to the later one.
type EarlierText struct {
	Record     record.Hash
	When       Period
	Act        Act
	Accessions []Acceding
}

// An Acceding is one actor's accession: signed, or recorded on its word.
type Acceding struct {
	Record   record.Hash
	Index    int64
	By       ActorID // who entered it
	Act      Act
	Recorded bool // entered by somebody else: "on the word of …"
	Way      Way  // signed or recorded, and what became of that
	Counts   bool // the mandate lets it count as the actor's own, and the actor has not repudiated it
	Basis    Basis
	Reading  *ClauseID
	Clauses  []ClauseID // empty: all
	Answered []Standing // who countersigned, ratified or repudiated it
	Disputes []Word
}

// An AgreedReading is one way to read a text, with what was done of it.
type AgreedReading struct {
	ID     ClauseID
	Label  Label
	HeldBy []ActorID
	Duties []Duty // in the order of the text
	Steps  []Step // the order the text gives, as far as this reading has the clauses
}

// agreements returns the texts that no other of the prefix follows and that were not
// withdrawn.
func (v View) agreements() (heads []agreementAt) {
	followed := map[record.Hash]bool{}
	standing := slices.DeleteFunc(slices.Clone(v.m.state.agreements), func(a agreementAt) bool {
		return a.index >= v.n || v.corrected(a.hash, a.by)
	})
	for _, a := range standing {
		if a.re != nil {
			followed[*a.re] = true
		}
	}
	return slices.DeleteFunc(standing, func(a agreementAt) bool { return followed[a.hash] })
}

func (v View) agreed(a agreementAt) Agreed {
	f := a.facts
	x := Agreed{
		Record: a.hash, Index: a.index, By: a.by, Act: f.Act, Counts: v.Authority().counts(KindAgreement, a.hash, a.by, f.Act.Of),
		Basis: f.Basis, When: f.When, Parties: f.Parties, Accessions: v.accessions(a.hash),
		Disputes: v.Disputed(a.hash), Reservations: v.Beside(a.hash, KindReservation),
	}
	for re := a.re; re != nil; {
		i := slices.IndexFunc(v.m.state.agreements, func(b agreementAt) bool { return b.hash == *re && b.index < v.n })
		if i < 0 {
			break
		}
		b := v.m.state.agreements[i]
		x.Earlier = append(x.Earlier, EarlierText{b.hash, b.facts.When, b.facts.Act, v.accessions(b.hash)})
		re = b.re
	}
	for _, r := range f.Readings {
		y := AgreedReading{ID: r.ID, Label: r.Label, HeldBy: r.HeldBy}
		for i := range r.Obligations {
			y.Duties = append(y.Duties, v.duty(x, f, r, i))
		}
		y.Steps = steps(f.Next, y.Duties)
		x.Readings = append(x.Readings, y)
	}
	return x
}

func (v View) accessions(text record.Hash) (list []Acceding) {
	for _, x := range v.m.state.accessions {
		if x.index >= v.n || x.re != text || v.corrected(x.hash, x.by) {
			continue
		}
		a := Acceding{
			Record: x.hash, Index: x.index, By: x.by, Act: x.facts.Act, Recorded: x.by != x.facts.Act.Of, Way: v.way(x.hash, x.by, x.facts.Act),
			Counts: v.Authority().counts(KindAccession, x.hash, x.by, x.facts.Act.Of), Basis: x.facts.Basis,
			Reading: x.facts.Reading, Clauses: x.facts.Clauses, Answered: v.Standings(x.hash), Disputes: v.Disputed(x.hash),
		}
		list = append(list, a)
	}
	slices.SortFunc(list, func(a, b Acceding) int { return byWhen(v.acted(a), v.acted(b), a.Record, b.Record) })
	return list
}

// acted returns when an actor acceded, as dated, else as signed.
func (v View) acted(a Acceding) Period {
	if d := a.Act.Dated; d != nil {
		return Period{*d, *d}
	}
	return v.signed(a.Index)
}
