package corridor

import "corridor.example/corridor/record"

// KindCoverage is the kind of record that tells where and when the mission was present, or
// was not.
var KindCoverage = kind[Coverage]("coverage", ClassMovement)

// A Coverage is one account that a post of the mission was at a place, or that nobody was.
// It is written whole, or as a beginning and an end of the same key, which belong together by
// the key's own numbering: where a number between them is missing, what lies between is not
// known. Nothing is made of silence.
type Coverage struct {
	Facts     CoverageFacts `part:"facts"`
	Where     *Where        `part:"where"`
	Narrative *Narrative    `part:"narrative"`
}

// CoverageFacts say which post was present or not, and over which time.
type CoverageFacts struct {
	record.PartHead
	Post    ActorID        `json:"post"` // the observer or office whose presence it tells
	As      CoverageAs     `json:"as"`
	Present bool           `json:"present"` // false: nobody of the post was there
	When    Period         `json:"when"`    // throughout: from when to when; begins, ends: the moment, as closely as it is known
	Why     *AbsenceReason `json:"why"`     // why the post was not there, or null
	Basis   Basis          `json:"basis"`
	Via     *Via           `json:"via"`
}

// A CoverageAs is what of a presence or absence a record tells.
type CoverageAs string

// What a coverage tells.
const (
	Throughout CoverageAs = "throughout" // the whole of it
	Begins     CoverageAs = "begins"     // its beginning; the end is another record of the same key
	Ends       CoverageAs = "ends"       // its end
)

var coverageAs = vocabulary(Throughout, Begins, Ends)

// UnmarshalText reads one of throughout, begins, ends.
func (r *CoverageAs) UnmarshalText(t []byte) error { return term(r, t, coverageAs) }

// An AbsenceReason is why the mission was not at a place.
type AbsenceReason string

var absenceReasons = vocabulary[AbsenceReason]("denied", "told-to-leave", "not-secure", "nobody-to-send", "no-consent", "no-transport", "relief", "weather", "not-in-mandate", "not-known", "other")

// UnmarshalText reads one of the reasons.
func (r *AbsenceReason) UnmarshalText(t []byte) error { return term(r, t, absenceReasons) }

func (k Coverage) restates(h Header) error {
	f := k.Facts
	if err := f.When.refuse(KindCoverage); err != nil {
		return err
	}
	if f.Present && f.Why != nil {
		return Refuse("coverage.why", "a reason for absence stands only where the post was not present")
	}
	if k.Where != nil && k.Where.Place == nil {
		return Refuse("coverage.place", "a coverage names the place of the mandate where the post was or was not")
	}
	return k.Where.refuse()
}

func (k Coverage) refuse(h Header) error {
	if h.Re != nil {
		return Refuse("coverage.re", "a coverage answers nothing; its end belongs to its beginning by the key's numbering")
	}
	return k.restates(h)
}

func (k Coverage) apply(m *Mission, h Header) {
	f := k.Facts
	m.field.ground.coverage.put(h.Hash, Covered{telling(h, f.When, f.Basis, f.Via), f, k.Where})
}

func (k Coverage) located() (Period, *PlaceID, *ConvoyID) {
	return k.Facts.When, k.Where.place(), nil
}

// A Covered is an account of presence or absence as a view shows it.
type Covered struct {
	Telling
	Facts CoverageFacts
	Where *Where // nil while sealed
}
