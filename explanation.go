package corridor

import "corridor.example/corridor/record"

// KindExplanation is the kind of record in which somebody says what became of people that
// stand in an open difference.
var KindExplanation = kind[Explanation]("explanation", ClassMovement)

// An Explanation says of how many people or vehicles of an open difference what became. It
// stands beside the difference and is never taken from it.
type Explanation struct {
	Facts     ExplanationFacts `part:"facts"`
	Count     *Count           `part:"count"`
	Where     *Where           `part:"where"`
	Narrative *Narrative       `part:"narrative"`
	Identity  *Identity        `part:"identity"`
}

// ExplanationFacts are a movement's facts, the reason, and the accounts that were weighed.
type ExplanationFacts struct {
	MovementFacts
	Reason  ExplanationReason `json:"reason"`
	RestsOn []record.Hash     `json:"rests_on"` // the accounts of the difference it knew; others print as "n since"
}

// An ExplanationReason is what became of those that a difference leaves open.
type ExplanationReason string

var explanationReasons = vocabulary[ExplanationReason]("dropped-off", "to-ambulance", "to-other-convoy", "went-elsewhere",
	"arrived-uncounted", "left-uncounted", "counted-twice", "miscounted", "different-cut-off", "removed", "died-in-transit",
	"born", "turned-back", "vehicle-broke-down", "not-known", "other")

// UnmarshalText reads one of the reasons.
func (r *ExplanationReason) UnmarshalText(t []byte) error { return term(r, t, explanationReasons) }

func (k Explanation) movement() Movement {
	return Movement{k.Facts.MovementFacts, k.Count, k.Where, k.Narrative, k.Identity}
}

func (k Explanation) refuse(h Header) error   { return k.movement().refuseMovement(KindExplanation, h) }
func (k Explanation) restates(h Header) error { return k.movement().refuseFacts(KindExplanation) }

func (k Explanation) apply(m *Mission, h Header) {
	f := k.Facts
	m.mention(f.Convoy, h.Index)
	m.field.ground.explanations.put(h.Hash, Explaining{telling(h, f.When, f.Basis, f.Via), f, k.Count, k.Where, 0})
}

func (k Explanation) located() (Period, *PlaceID, *ConvoyID) { return k.movement().located() }

// An Explaining is an explanation as a view shows it.
type Explaining struct {
	Telling
	Facts ExplanationFacts
	Count *Count // nil while sealed
	Where *Where // nil while sealed
	Since int    // accounts of the difference that it does not rest on
}
