package corridor

import (
	"reflect"

	"github.com/go-json-experiment/json/jsontext"

	"corridor.example/corridor/record"
)

// KindCorrection is the kind of record in which an author restates or withdraws an account;
// its re is the account, or the correction of it that it corrects again.
var KindCorrection = kind[Correction]("correction", ClassWord)

// A Correction restates a record whole, never as a difference; both are shown. Only the
// author of a record corrects it. A correction by anybody else is logged, shown as a dispute
// and changes nothing.
type Correction struct {
	Facts     CorrectionFacts `part:"facts"`
	Count     *Count          `part:"count"`
	Where     *Where          `part:"where"`
	Who       *Who            `part:"who"`
	Narrative *Narrative      `part:"narrative"`
	Identity  *Identity       `part:"identity"`
}

// CorrectionFacts name the kind restated and hold its facts, without the part's head. The
// other parts are those of that kind; what the kind does not have stays empty.
type CorrectionFacts struct {
	record.PartHead
	Kind   *Kind            `json:"kind"` // null: withdrawn
	Reason CorrectionReason `json:"reason"`
	Facts  *jsontext.Value  `json:"facts"` // the facts of Kind, null if withdrawn
}

// A CorrectionReason says why a record is corrected.
type CorrectionReason string

var correctionReasons = vocabulary[CorrectionReason]("miscounted", "mistyped", "wrong-convoy", "wrong-place", "wrong-time", "later-information", "entered-twice", "wrong-kind", "other")

// UnmarshalText reads one of the reasons.
func (r *CorrectionReason) UnmarshalText(t []byte) error { return term(r, t, correctionReasons) }

// A restated kind can be told anew by a correction, which unlike the account has an re.
type restated interface {
	field
	restates(h Header) error
}

type correctionOf struct {
	record record.Hash
	index  int64
	by     ActorID
	kind   *Kind
	reason CorrectionReason
}

func (k Correction) refuse(h Header) error {
	if h.Re == nil {
		return Refuse("correction.re", "a correction names what it corrects in re")
	}
	if (k.Facts.Kind == nil) != (k.Facts.Facts == nil) {
		return Refuse("correction.facts", "a correction gives the facts of the kind it restates, or neither to withdraw")
	}
	if k.Facts.Kind == nil {
		return nil
	}
	b, err := k.body(h)
	if err != nil {
		return err
	}
	return b.restates(h)
}

// body builds the restated record out of the correction's parts.
func (k Correction) body(h Header) (restated, error) {
	s := kinds[*k.Facts.Kind]
	v := reflect.New(s.typ)
	b, ok := v.Interface().(restated)
	if !ok {
		return nil, Refuse("correction.kind", "a %s is not corrected; write a new one or dispute it", s.name)
	}
	head := k.Facts.PartHead
	start, err := record.Encode(head)
	if err != nil {
		return nil, &Refusal{Rule: "correction.facts", Reason: err.Error()}
	}
	text := append(start[:len(start)-1], ',')
	text = append(text, (*k.Facts.Facts)[1:]...)
	if err := record.Decode(text, v.Elem().FieldByName("Facts").Addr().Interface()); err != nil {
		return nil, Refuse("correction.facts", "the facts of the %s cannot be read: %v", s.name, err)
	}
	given := map[string]any{"count": k.Count, "where": k.Where, "who": k.Who, "narrative": k.Narrative, "identity": k.Identity}
	for _, p := range s.parts[1:] {
		if g := reflect.ValueOf(given[p.name]); g.IsValid() && g.Type() == s.typ.Field(p.index).Type {
			v.Elem().Field(p.index).Set(g)
		}
	}
	return b, nil
}

func (k Correction) apply(m *Mission, h Header) {
	if m.field.corrections == nil {
		m.field.corrections = map[record.Hash]*set[correctionOf]{}
	}
	of := m.field.corrections[*h.Re]
	if of == nil {
		of = &set[correctionOf]{}
		m.field.corrections[*h.Re] = of
	}
	of.put(h.Hash, correctionOf{h.Hash, h.Index, ActorID(h.By), k.Facts.Kind, k.Facts.Reason})
	if k.Facts.Kind != nil {
		if b, err := k.body(h); err == nil {
			b.apply(m, h)
		}
	}
}

func (k Correction) located() (when Period, place *PlaceID, c *ConvoyID) {
	when = Period{}
	if k.Facts.Kind != nil {
		if b, err := k.body(Header{}); err == nil {
			if l, ok := any(b).(located); ok {
				return l.located()
			}
		}
	}
	return when, nil, nil
}
