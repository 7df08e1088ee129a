package corridor

import "corridor.example/corridor/record"

// KindTold is the kind of record that notes which figures left the mission, to whom and as of
// which place in the log.
var KindTold = kind[Told]("told", ClassOffice)

// A Told keeps what was said about numbers to somebody outside, so that a figure quoted later
// can be held against what the log gave at the time.
type Told struct {
	Facts     ToldFacts  `part:"facts"`
	Count     *ToldCount `part:"count"`
	Narrative *Narrative `part:"narrative"`
}

// ToldFacts say to whom the figures went, when, and from which prefix of the log.
type ToldFacts struct {
	record.PartHead
	To     []ActorID   `json:"to"`     // actors of the mandate; empty where only the audience is known
	Public bool        `json:"public"` // to the press or the public
	By     Channel     `json:"by"`     // the channel they went by
	Sent   record.Time `json:"sent"`   // UTC
	Size   int64       `json:"size"`   // number of records the figures were taken from
}

// A ToldCount is every figure that was told.
type ToldCount struct {
	record.PartHead
	Figures []ToldFigure `json:"figures"`
}

// A ToldFigure is one figure as it was told.
type ToldFigure struct {
	Name string `json:"name"` // the figure's name, for example "left.people A"
	Told Span   `json:"told"`
}

func (k Told) refuse(h Header) error {
	if h.Re != nil {
		return Refuse("told.re", "a note of figures told answers nothing")
	}
	if len(k.Facts.To) == 0 && !k.Facts.Public {
		return Refuse("told.to", "say to whom the figures went: actors of the mandate, or the public")
	}
	if k.Facts.Size < 1 {
		return Refuse("told.size", "figures come from at least one record of the log")
	}
	if k.Count == nil {
		return nil // sealed
	}
	for _, f := range k.Count.Figures {
		if _, err := ParseLine(f.Name); err != nil {
			return err
		}
		if (f.Told.Low == nil) != (f.Told.High == nil) || f.Told.Low != nil && *f.Told.High < *f.Told.Low {
			return Refuse("told.figure", "%s was told as a range that is none", f.Name)
		}
	}
	return nil
}

func (k Told) apply(m *Mission, h Header) {
	m.field.ground.tellings.put(h.Hash, ToldFigures{telling(h, Period{k.Facts.Sent, k.Facts.Sent}, Document, nil), k.Facts, k.Count})
}

// A ToldFigures is a note of figures told, as a view shows it.
type ToldFigures struct {
	Telling
	Facts ToldFacts
	Count *ToldCount // nil while sealed
}

// Tellings returns the notes of figures told, by when and hash.
func (v View) Tellings() []ToldFigures {
	return happened(v, gather(v, &v.m.field.ground.tellings))
}

// Differs returns the figures of a note that are not what the log gives at the size the note
// names: the name, what was told as Old, and what the log gives as New. A note that names a
// size beyond its own place in the log differs in all.
func (v View) Differs(t ToldFigures) []LateFigure {
	var list []LateFigure
	if t.Count == nil {
		return nil // sealed
	}
	for _, f := range t.Count.Figures {
		var now Span
		if l, err := ParseLine(f.Name); err == nil && t.Facts.Size <= t.Index {
			now = v.m.At(t.Facts.Size).Figure(l).Span()
		}
		if !now.equal(f.Told) {
			list = append(list, LateFigure{Name: f.Name, Old: f.Told, New: now})
		}
	}
	return list
}
