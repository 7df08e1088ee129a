package corridor

import "corridor.example/corridor/record"

// KindAssessment is the kind of record in which somebody says what they make of records; its
// re is the one they weigh, or null.
var KindAssessment = kind[Assessment]("assessment", ClassWord)

// An Assessment is an opinion under its author's name, with the records it rests on. It
// enters no figure, and what has come in since is counted beside it.
type Assessment struct {
	Facts     AssessmentFacts `part:"facts"`
	Narrative *Narrative      `part:"narrative"`
}

// AssessmentFacts say what the author concludes, how surely, and from which records.
type AssessmentFacts struct {
	record.PartHead
	What    AssessmentOf  `json:"what"`
	Sure    Confidence    `json:"sure"`
	Basis   Basis         `json:"basis"`
	Via     *Via          `json:"via"`
	RestsOn []record.Hash `json:"rests_on"` // the records that were weighed; others on the same matter print as "n since"
}

// An AssessmentOf is what somebody makes of records.
type AssessmentOf string

var assessmentOf = vocabulary[AssessmentOf]("told-alike", "told-differently", "told-once", "plausible", "implausible", "one-event", "several-events", "incomplete", "pattern", "other")

// UnmarshalText reads one of the conclusions.
func (r *AssessmentOf) UnmarshalText(t []byte) error { return term(r, t, assessmentOf) }

// A Confidence is how sure its author calls a conclusion.
type Confidence string

var confidences = vocabulary[Confidence]("low", "medium", "high", "not-stated")

// UnmarshalText reads one of low, medium, high, not-stated.
func (r *Confidence) UnmarshalText(t []byte) error { return term(r, t, confidences) }

func (k Assessment) restates(h Header) error {
	if len(k.Facts.RestsOn) == 0 {
		return Refuse("assessment.rests-on", "an assessment names the records it rests on")
	}
	return nil
}

func (k Assessment) refuse(h Header) error { return k.restates(h) }

func (k Assessment) apply(m *Mission, h Header) {
	f := k.Facts
	m.field.ground.assessments.put(h.Hash, Assessed{telling(h, Period{h.At, h.At}, f.Basis, f.Via), f, nil, 0})
}

// An Assessed is an assessment as a view shows it.
type Assessed struct {
	Telling
	Facts AssessmentFacts
	Of    *record.Hash // the record it weighs, or nil
	Since int          // records on the same matter that it does not rest on
}
