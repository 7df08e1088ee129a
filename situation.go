package corridor

import "corridor.example/corridor/record"

// KindSituation is the kind of record that tells of people who wait, board or stay.
var KindSituation = kind[Situation]("situation", ClassMovement)

// A Situation is one account of people who are not moving: how many, where, since when, and
// what they lack. It enters no figure of a movement.
type Situation struct {
	Facts     SituationFacts `part:"facts"`
	Count     *Count         `part:"count"`
	Where     *Where         `part:"where"`
	Narrative *Narrative     `part:"narrative"`
	Identity  *Identity      `part:"identity"`
}

// SituationFacts say what the people do, over which time, and what they lack.
type SituationFacts struct {
	record.PartHead
	What    SituationOf `json:"what"`
	Convoy  *ConvoyID   `json:"convoy"` // the convoy they belong to, or null
	When    Period      `json:"when"`   // over which time the author saw or was told so
	Basis   Basis       `json:"basis"`
	Via     *Via        `json:"via"`
	Lacking []Need      `json:"lacking"` // empty: not asked, or nothing told
}

// A SituationOf is what people who are not moving do.
type SituationOf string

var situationOf = vocabulary[SituationOf]("waiting", "boarding", "waiting-aboard", "registering", "sheltering", "staying", "remaining", "in-hospital", "returning", "other")

// UnmarshalText reads one of the situations.
func (r *SituationOf) UnmarshalText(t []byte) error { return term(r, t, situationOf) }

// A Need is what people lack.
type Need string

var needs = vocabulary[Need]("water", "food", "infant-food", "heating", "shelter", "sanitation", "medical-care", "medicine", "fuel", "information", "safety", "other")

// UnmarshalText reads one of the needs.
func (r *Need) UnmarshalText(t []byte) error { return term(r, t, needs) }

func (k Situation) restates(h Header) error {
	if err := k.Facts.When.refuse(KindSituation); err != nil {
		return err
	}
	if err := k.Where.refuse(); err != nil {
		return err
	}
	return k.Count.refuse()
}

func (k Situation) refuse(h Header) error {
	if h.Re != nil {
		return Refuse("situation.re", "a situation answers nothing; join accounts of one situation with a link")
	}
	return k.restates(h)
}

func (k Situation) apply(m *Mission, h Header) {
	f := k.Facts
	m.mention(f.Convoy, h.Index)
	m.field.ground.situations.put(h.Hash, Situated{telling(h, f.When, f.Basis, f.Via), f, k.Count, k.Where})
}

func (k Situation) located() (Period, *PlaceID, *ConvoyID) {
	return k.Facts.When, k.Where.place(), k.Facts.Convoy
}

// A Situated is an account of people who are not moving as a view shows it.
type Situated struct {
	Telling
	Facts SituationFacts
	Count *Count // nil while sealed
	Where *Where // nil while sealed
}

// Situations returns the accounts of people who wait, board or stay, by when and hash.
func (v View) Situations() []Situated { return happened(v, gather(v, &v.m.field.ground.situations)) }
