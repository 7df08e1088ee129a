package corridor

import "corridor.example/corridor/record"

// KindAdoption is the kind of record in which the office says which account or figure it uses
// for a line of the balance; its re is that account or figure.
var KindAdoption = kind[Adoption]("adoption", ClassAuthority)

// An Adoption changes no account and no sum. It prints as "48, mission's figure (A); B says
// 52", and anyone may dispute it.
type Adoption struct {
	Facts     AdoptionFacts `part:"facts"`
	Narrative *Narrative    `part:"narrative"`
}

// AdoptionFacts name the line, the number taken from the account named in re, and why.
type AdoptionFacts struct {
	record.PartHead
	Line    string         `json:"line"` // the figure's name, for example "left.people A"
	Value   int64          `json:"value"`
	Reason  AdoptionReason `json:"reason"`
	RestsOn []record.Hash  `json:"rests_on"` // the accounts that were weighed; later ones print as "n since"
}

// An AdoptionReason says why this account is used.
type AdoptionReason string

var adoptionReasons = vocabulary[AdoptionReason]("counted-one-by-one", "closest-to-place", "only-account", "agreed-between-parties", "covers-the-whole-leg", "latest-by-its-author", "other")

// UnmarshalText reads one of the reasons.
func (r *AdoptionReason) UnmarshalText(t []byte) error { return term(r, t, adoptionReasons) }

func (k Adoption) refuse(a Authority, h Header) error {
	if h.Re == nil {
		return Refuse("adoption.re", "an adoption names the account or figure it uses in re")
	}
	if _, err := ParseLine(k.Facts.Line); err != nil {
		return err
	}
	return nil
}

func (k Adoption) apply(m *Mission, h Header) {
	m.state.adoptions = append(m.state.adoptions, adoptionAt{h.Index, h.Hash, ActorID(h.By), *h.Re, k.Facts})
}
