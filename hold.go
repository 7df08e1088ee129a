package corridor

import "corridor.example/corridor/record"

// KindHold is the kind of record in which somebody tells that convoys were stopped.
var KindHold = kind[Hold]("hold", ClassMovement)

// A Hold is one account that convoys, legs or the whole operation stood still. It carries
// every reason its author heard, each with who gave it; the mission chooses none of them.
type Hold struct {
	Facts     HoldFacts  `part:"facts"`
	Where     *Where     `part:"where"`
	Who       *Who       `part:"who"`
	Narrative *Narrative `part:"narrative"`
	Identity  *Identity  `part:"identity"`
}

// HoldFacts say what stood still since when, and what reasons were stated. Where neither
// convoys nor legs are named, the whole operation stood still.
type HoldFacts struct {
	record.PartHead
	Convoys []ConvoyID     `json:"convoys"`
	Legs    []string       `json:"legs"` // letters
	When    Period         `json:"when"` // its beginning, as closely as it is known; a resumption tells the end
	Basis   Basis          `json:"basis"`
	Via     *Via           `json:"via"`
	Stated  []StatedReason `json:"stated"` // empty: the author knows of no reason that anybody stated
}

// A StatedReason is a reason for a hold and who gave it.
type StatedReason struct {
	By     *ActorID   `json:"by"` // null if nobody knows who said so
	Reason HoldReason `json:"reason"`
}

// A HoldReason is a reason somebody states for a hold.
type HoldReason string

// NoneStated means that somebody stopped the convoys and gave no reason when asked.
const NoneStated HoldReason = "none-stated"

var holdReasons = vocabulary(NoneStated, "other-side-not-fulfilled", "demand-linked-to-other-leg", "terms-disputed",
	"shooting", "shelling", "attack-on-convoy", "order-to-leave", "convoy-carries-forbidden", "captives-aboard",
	"protest", "road-blocked", "route-unsafe", "mines", "weather", "disagreement-on-numbers", "screening",
	"vehicles-lacking", "waiting-for-permission", "waiting-for-escort", "technical", "other")

// UnmarshalText reads one of the reasons.
func (r *HoldReason) UnmarshalText(t []byte) error { return term(r, t, holdReasons) }

func refuseLegs(kind Kind, legs []string) error {
	for _, l := range legs {
		if len(l) != 1 || l[0] < 'A' || l[0] > 'Z' {
			return Refuse(string(kind)+".leg", "a leg is a capital letter, not %q", l)
		}
	}
	return nil
}

func (k Hold) restates(h Header) error {
	if err := k.Facts.When.refuse(KindHold); err != nil {
		return err
	}
	if err := refuseLegs(KindHold, k.Facts.Legs); err != nil {
		return err
	}
	return k.Where.refuse()
}

func (k Hold) refuse(h Header) error {
	if h.Re != nil {
		return Refuse("hold.re", "a hold answers nothing; join accounts of one hold with a link")
	}
	return k.restates(h)
}

func (k Hold) apply(m *Mission, h Header) {
	f := k.Facts
	for i := range f.Convoys {
		m.mention(&f.Convoys[i], h.Index)
	}
	m.field.ground.holds.put(h.Hash, Halted{telling(h, f.When, f.Basis, f.Via), f, k.Where, k.Who})
}

func (k Hold) located() (Period, *PlaceID, *ConvoyID) {
	return k.Facts.When, k.Where.place(), only(k.Facts.Convoys)
}

// only returns the convoy of a list of one. A list of several is with no convoy in particular.
func only(list []ConvoyID) *ConvoyID {
	if len(list) == 1 {
		return &list[0]
	}
	return nil
}

// place returns the place's id, nil while it is sealed or not known.
func (w *Where) place() *PlaceID {
	if w == nil {
		return nil
	}
	return w.Place
}

// A Halted is an account of a hold as a view shows it.
type Halted struct {
	Telling
	Facts HoldFacts
	Where *Where // nil while sealed
	Who   *Who   // nil while sealed
}
