package corridor

import "corridor.example/corridor/record"

// KindDissent is the kind of record in which somebody of the mission itself sees a record or
// report of the mission otherwise; its re is that record.
var KindDissent = kind[Dissent]("dissent", ClassWord)

// A Dissent is printed beside what it departs from, in every report that lists it, as the
// views of single inspectors are annexed to an inspection report. It changes no figure.
type Dissent struct {
	Facts     DissentFacts `part:"facts"`
	Narrative *Narrative   `part:"narrative"`
}

// DissentFacts say whose dissent it is and from what of the record.
type DissentFacts struct {
	record.PartHead
	Act   Act          `json:"act"`
	What  DisputeWhat  `json:"what"`
	Basis Basis        `json:"basis"`
	Dated *record.Time `json:"dated"` // when it was said, if apart from the signing
}

func (k Dissent) refuse(h Header) error { return refuseBeside(KindDissent, k.Facts.Act, h) }

func (k Dissent) apply(m *Mission, h Header) {
	m.beside(*h.Re, Word{h.Hash, h.Index, KindDissent, ActorID(h.By), k.Facts.Act.Of, k.Facts.What, dated(k.Facts.Dated, h)})
}
