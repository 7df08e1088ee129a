package corridor

import (
	"corridor.example/corridor/record"
)

// KindFigure is the kind of record that holds a number somebody else states: a total of an
// operator, a briefing, a report.
var KindFigure = kind[StatedFigure]("figure", ClassWord)

// A StatedFigure is a number as its author states it. It enters no sum. It stands beside what
// the accounts add up to, with author, method and cut-off, and an adoption may name it for a
// line that no accounts cover. Where a source gives from one number to another write two
// records, at-least and at-most.
type StatedFigure struct {
	Facts     FigureFacts `part:"facts"`
	Count     *Count      `part:"count"`
	Narrative *Narrative  `part:"narrative"`
}

// FigureFacts say whose number it is and of what. The number, its method and its cut-off are
// in the count.
type FigureFacts struct {
	record.PartHead
	Author    ActorID      `json:"author"`    // who states it: an actor or voice of the mandate
	Measure   Measure      `json:"measure"`   // what it counts
	Leg       string       `json:"leg"`       // letter of the leg, or "" for the whole operation
	Since     *record.Time `json:"since"`     // first moment it takes in, UTC; null: from the beginning
	Published *Date        `json:"published"` // the day it was stated, null if not known
	Basis     Basis        `json:"basis"`
	Via       *Via         `json:"via"`
}

func (k StatedFigure) refuse(h Header) error {
	if h.Re != nil {
		return Refuse("figure.re", "a figure answers nothing; state it, and dispute the other one")
	}
	return k.restates(h)
}

func (k StatedFigure) restates(h Header) error {
	f := k.Facts
	if f.Leg != "" && (len(f.Leg) != 1 || f.Leg[0] < 'A' || f.Leg[0] > 'Z') {
		return Refuse("figure.leg", "a leg is a capital letter, or empty for the whole operation, not %q", f.Leg)
	}
	if k.Count == nil {
		return nil // sealed
	}
	if len(k.Count.Sums) == 0 {
		return Refuse("figure.count", "a figure states at least one number")
	}
	for _, s := range k.Count.Sums {
		if s.CutOff != nil && f.Since != nil && *s.CutOff < *f.Since {
			return Refuse("figure.since", "it counts up to %s, before it begins at %s", *s.CutOff, *f.Since)
		}
	}
	return k.Count.refuse()
}

func (k StatedFigure) apply(m *Mission, h Header) {
	m.field.figures.put(h.Hash, &figureAt{h.Hash, h.Index, ActorID(h.By), h.At, k.Facts, k.Count})
}

type figureAt struct {
	record record.Hash
	index  int64
	by     ActorID
	at     record.Time
	facts  FigureFacts
	count  *Count // nil while sealed
}
