package corridor

import "corridor.example/corridor/record"

// KindResumption is the kind of record in which somebody tells that a hold ended; its re is
// the hold, or null where its author knows of no record of it.
var KindResumption = kind[Resumption]("resumption", ClassMovement)

// A Resumption is one account that what had stood still moved again. Several of one hold
// stand side by side and make its end a range. One whose hold is not in the log is shown
// unpaired.
type Resumption struct {
	Facts     ResumptionFacts `part:"facts"`
	Where     *Where          `part:"where"`
	Narrative *Narrative      `part:"narrative"`
	Identity  *Identity       `part:"identity"`
}

// ResumptionFacts say when what moved again. Where neither convoys nor legs are named,
// everything that was held did.
type ResumptionFacts struct {
	record.PartHead
	Convoys []ConvoyID `json:"convoys"`
	Legs    []string   `json:"legs"` // letters
	When    Period     `json:"when"`
	Basis   Basis      `json:"basis"`
	Via     *Via       `json:"via"`
}

func (k Resumption) restates(h Header) error {
	if err := k.Facts.When.refuse(KindResumption); err != nil {
		return err
	}
	if err := refuseLegs(KindResumption, k.Facts.Legs); err != nil {
		return err
	}
	return k.Where.refuse()
}

func (k Resumption) refuse(h Header) error { return k.restates(h) }

func (k Resumption) apply(m *Mission, h Header) {
	f := k.Facts
	for i := range f.Convoys {
		m.mention(&f.Convoys[i], h.Index)
	}
	m.field.ground.resumptions.put(h.Hash, Resumed{telling(h, f.When, f.Basis, f.Via), nil, f, k.Where})
}

func (k Resumption) located() (Period, *PlaceID, *ConvoyID) {
	return k.Facts.When, k.Where.place(), only(k.Facts.Convoys)
}

// A Resumed is an account of the end of a hold as a view shows it.
type Resumed struct {
	Telling
	Hold  *record.Hash // ID of the hold it ends; nil where that is not in the log
	Facts ResumptionFacts
	Where *Where // nil while sealed
}
