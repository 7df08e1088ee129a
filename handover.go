package corridor

import "corridor.example/corridor/record"

// KindHandover is the kind of record in which one turn of duty hands over to the next.
var KindHandover = kind[Handover]("handover", ClassMovement)

// A Handover says what its author leaves to the next on duty: the convoys that are open and
// the records that still want something. It gives nobody a right; deployments do.
type Handover struct {
	Facts     HandoverFacts `part:"facts"`
	Where     *Where        `part:"where"`
	Narrative *Narrative    `part:"narrative"`
	Identity  *Identity     `part:"identity"`
}

// HandoverFacts say to whom, when, and what is open.
type HandoverFacts struct {
	record.PartHead
	To      ActorID       `json:"to"`
	When    Period        `json:"when"`
	Basis   Basis         `json:"basis"`
	Via     *Via          `json:"via"`
	Convoys []ConvoyID    `json:"convoys"` // those on the way
	Records []record.Hash `json:"records"` // holds, incidents and questions that are open
}

func (k Handover) restates(h Header) error {
	if err := k.Facts.When.refuse(KindHandover); err != nil {
		return err
	}
	if says(h, k.Facts.Via) == k.Facts.To {
		return Refuse("handover.to", "a turn of duty is handed over to somebody else than %s", k.Facts.To)
	}
	return k.Where.refuse()
}

func (k Handover) refuse(h Header) error {
	if h.Re != nil {
		return Refuse("handover.re", "a handover answers nothing; what is open stands in its records")
	}
	return k.restates(h)
}

func (k Handover) apply(m *Mission, h Header) {
	f := k.Facts
	for i := range f.Convoys {
		m.mention(&f.Convoys[i], h.Index)
	}
	m.field.ground.handovers.put(h.Hash, HandedOver{telling(h, f.When, f.Basis, f.Via), f, k.Where})
}

func (k Handover) located() (Period, *PlaceID, *ConvoyID) {
	return k.Facts.When, k.Where.place(), only(k.Facts.Convoys)
}

// A HandedOver is a handover as a view shows it.
type HandedOver struct {
	Telling
	Facts HandoverFacts
	Where *Where // nil while sealed
}

// Handovers returns the handovers of the prefix, by when and hash.
func (v View) Handovers() []HandedOver {
	return happened(v, gather(v, &v.m.field.ground.handovers))
}
