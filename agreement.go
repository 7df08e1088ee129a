package corridor

import (
	"slices"

	"corridor.example/corridor/record"
)

// KindAgreement is the kind of record that holds what was agreed; its re is the version it
// follows, if any.
var KindAgreement = kind[Agreement]("agreement", ClassAuthority)

// An Agreement is a text in one or more readings. Where its parties read a clause differently
// every reading is kept, with who holds it; none is chosen. A clause binds those who acceded.
type Agreement struct {
	Facts     AgreementFacts `part:"facts"`
	Narrative *Narrative     `part:"narrative"`
}

// AgreementFacts are the obligations per reading.
type AgreementFacts struct {
	record.PartHead
	Act      Act         `json:"act"`     // who announced the text
	Basis    Basis       `json:"basis"`   // document if the text itself was read, else reported
	When     Period      `json:"when"`    // when it was announced or signed
	Parties  []ActorID   `json:"parties"` // those it names
	Readings []Reading   `json:"readings"`
	Next     []NextBatch `json:"next"` // the order the text gives, if it gives one
}

// A Reading is one way to read the text.
type Reading struct {
	ID          ClauseID     `json:"id"`
	Label       Label        `json:"label"`
	HeldBy      []ActorID    `json:"held_by"` // empty: nobody reads it otherwise
	Obligations []Obligation `json:"obligations"`
}

// An Obligation is one clause: who leaves from where to where, and how many.
type Obligation struct {
	Clause      ClauseID  `json:"clause"`
	Leg         string    `json:"leg"` // letter of the mandate's leg; "" for what moves on none
	From        PlaceID   `json:"from"`
	To          *PlaceID  `json:"to"`
	Who         Category  `json:"who"`
	Unit        Unit      `json:"unit"`
	Number      *int64    `json:"number"` // null: all who wish
	Sharp       Sharpness `json:"sharp"`
	Instalments []int64   `json:"instalments"` // adding up to Number; empty: all at once
	Counterpart *ClauseID `json:"counterpart"` // the clause it is exchanged against, or null
	DependsOn   *ClauseID `json:"depends_on"`  // the clause that comes first, or null
}

// A NextBatch is one step of the order the text gives: the clause and which of its
// instalments, from 1.
type NextBatch struct {
	Clause     ClauseID `json:"clause"`
	Instalment int64    `json:"instalment"`
}

func (k Agreement) refuse(a Authority, h Header) error {
	if err := k.Facts.Act.refuse(h); err != nil {
		return err
	}
	if err := k.Facts.When.refuse(KindAgreement); err != nil {
		return err
	}
	if len(k.Facts.Readings) == 0 {
		return Refuse("agreement.reading", "an agreement has at least one reading")
	}
	seen := map[ClauseID]bool{}
	for _, r := range k.Facts.Readings {
		if seen[r.ID] {
			return Refuse("agreement.reading", "the reading %q stands twice", r.ID)
		}
		seen[r.ID] = true
		if err := r.refuse(a.Terms()); err != nil {
			return err
		}
	}
	return k.Facts.refuseNext()
}

// refuseNext checks that every step of the order is an instalment that some reading has.
func (k AgreementFacts) refuseNext() error {
	for _, n := range k.Next {
		found := false
		for _, r := range k.Readings {
			for _, o := range r.Obligations {
				found = found || o.Clause == n.Clause && n.Instalment >= 1 && n.Instalment <= max(1, int64(len(o.Instalments)))
			}
		}
		if !found {
			return Refuse("agreement.next", "no reading has instalment %d of %q", n.Instalment, n.Clause)
		}
	}
	return nil
}

func (r Reading) refuse(t *Terms) error {
	clauses := map[ClauseID]bool{}
	for _, o := range r.Obligations {
		if clauses[o.Clause] {
			return Refuse("agreement.clause", "the clause %q stands twice in the reading %q", o.Clause, r.ID)
		}
		clauses[o.Clause] = true
		if _, ok := t.Leg(o.Leg); !ok && o.Leg != "" {
			return Refuse("agreement.leg", "%q is not a leg of the mandate", o.Leg)
		}
		sum := int64(0)
		for _, n := range o.Instalments {
			if n < 1 || n > record.MaxInt-sum {
				return Refuse("agreement.instalments", "an instalment of %q is not a number of people", o.Clause)
			}
			sum += n
		}
		if o.Number != nil && *o.Number < 0 || len(o.Instalments) > 0 && (o.Number == nil || sum != *o.Number) {
			return Refuse("agreement.instalments", "the instalments of %q do not add up to its number", o.Clause)
		}
	}
	for _, o := range r.Obligations {
		for _, c := range []*ClauseID{o.Counterpart, o.DependsOn} {
			if c != nil && !clauses[*c] {
				return Refuse("agreement.clause", "%q names the clause %q, which its reading does not have", o.Clause, *c)
			}
		}
	}
	return nil
}

func (k Agreement) act() Act { return k.Facts.Act }

func (k Agreement) finds(a Authority, h Header) []Finding {
	return a.findRecorded(KindAgreement, k.Facts.Act, h)
}

func (k Agreement) apply(m *Mission, h Header) {
	m.state.agreements = append(m.state.agreements, agreementAt{h.Index, h.Hash, ActorID(h.By), h.Re, k.Facts})
}

// clauses lists every clause of every reading once.
func (k AgreementFacts) clauses() []ClauseID {
	var all []ClauseID
	for _, r := range k.Readings {
		for _, o := range r.Obligations {
			if !slices.Contains(all, o.Clause) {
				all = append(all, o.Clause)
			}
		}
	}
	return all
}
