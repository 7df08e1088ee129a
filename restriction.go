package corridor

import "corridor.example/corridor/record"

// KindRestriction is the kind of record that tells how the mission's own movement was
// restricted.
var KindRestriction = kind[Restriction]("restriction", ClassMovement)

// A Restriction is one account that a patrol of the mission was denied, delayed or let
// through on a condition. Its count holds the patrol's vehicles and members (category staff),
// its who the actors that stopped it or control the place.
type Restriction struct {
	Facts     RestrictionFacts `part:"facts"`
	Count     *Count           `part:"count"`
	Where     *Where           `part:"where"`
	Who       *Who             `part:"who"`
	Narrative *Narrative       `part:"narrative"`
	Identity  *Identity        `part:"identity"`
}

// RestrictionFacts say how the patrol was restricted, how long it waited and what came of it.
type RestrictionFacts struct {
	record.PartHead
	What     RestrictionOf       `json:"what"`
	Convoy   *ConvoyID           `json:"convoy"`   // the convoy the patrol went with, or null
	When     Period              `json:"when"`     // when the patrol arrived where it was stopped
	Released *record.Time        `json:"released"` // when it could go on or turned back, UTC; null if it had not, or nobody noted it
	Basis    Basis               `json:"basis"`
	Via      *Via                `json:"via"`
	Stated   []RestrictionStated `json:"stated"` // empty: the author knows of no reason that anybody stated
	Outcome  RestrictionOutcome  `json:"outcome"`
}

// A RestrictionStated is a reason for a restriction and who gave it.
type RestrictionStated struct {
	By     *ActorID          `json:"by"` // null if nobody knows who said so
	Reason RestrictionReason `json:"reason"`
}

// A RestrictionOf is how the mission's movement was restricted.
type RestrictionOf string

var restrictionOf = vocabulary[RestrictionOf]("denied", "delayed", "conditional", "other")

// UnmarshalText reads one of the sorts of restriction.
func (r *RestrictionOf) UnmarshalText(t []byte) error { return term(r, t, restrictionOf) }

// A RestrictionReason is a reason somebody states for a restriction.
type RestrictionReason string

var restrictionReasons = vocabulary[RestrictionReason]("none-stated", "no-permission", "no-orders", "order-to-leave", "security",
	"fighting", "mines", "documents", "search", "escort-demanded", "equipment", "nationality", "jamming", "road-blocked", "weather", "other")

// UnmarshalText reads one of the reasons.
func (r *RestrictionReason) UnmarshalText(t []byte) error { return term(r, t, restrictionReasons) }

// A RestrictionOutcome is what came of a restriction.
type RestrictionOutcome string

var restrictionOutcomes = vocabulary[RestrictionOutcome]("passed", "passed-on-condition", "turned-back", "left-the-area", "other-route", "watched-from-afar", "waiting", "not-known")

// UnmarshalText reads one of the outcomes.
func (r *RestrictionOutcome) UnmarshalText(t []byte) error { return term(r, t, restrictionOutcomes) }

func (k Restriction) restates(h Header) error {
	f := k.Facts
	if err := f.When.refuse(KindRestriction); err != nil {
		return err
	}
	if f.Released != nil && *f.Released < f.When[0] {
		return Refuse("restriction.released", "the patrol was released at %s, before it arrived at %s", *f.Released, f.When[0])
	}
	if err := k.Where.refuse(); err != nil {
		return err
	}
	return k.Count.refuse()
}

func (k Restriction) refuse(h Header) error {
	if h.Re != nil {
		return Refuse("restriction.re", "a restriction answers nothing; join accounts of one restriction with a link")
	}
	return k.restates(h)
}

func (k Restriction) apply(m *Mission, h Header) {
	f := k.Facts
	m.mention(f.Convoy, h.Index)
	m.field.ground.restrictions.put(h.Hash, Restricted{telling(h, f.When, f.Basis, f.Via), f, k.Count, k.Where, k.Who})
}

func (k Restriction) located() (Period, *PlaceID, *ConvoyID) {
	return k.Facts.When, k.Where.place(), k.Facts.Convoy
}

// A Restricted is an account of a restriction as a view shows it.
type Restricted struct {
	Telling
	Facts RestrictionFacts
	Count *Count // nil while sealed
	Where *Where // nil while sealed
	Who   *Who   // nil while sealed
}

// Restrictions returns the accounts of restrictions of the mission's movement, by when and
// hash.
func (v View) Restrictions() []Restricted {
	return happened(v, gather(v, &v.m.field.ground.restrictions))
}

// Waited returns for how many seconds the patrol waited, least and most. It is not known
// where nobody noted when the patrol was released.
func (r Restricted) Waited() Range {
	f := r.Facts
	if f.Released == nil {
		return Range{}
	}
	return Range{Low: int64(max(0, *f.Released-f.When[1])), High: int64(*f.Released - f.When[0]), Known: true}
}
