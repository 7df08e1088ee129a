package corridor

import "corridor.example/corridor/record"

// KindAnswer is the kind of record in which the mission decides on a complaint, or on what it
// was itself asked for.
var KindAnswer = kind[Answer]("answer", ClassOffice)

// An Answer is a decision with its reason. It is never public, as what it answers may not be:
// whoever complained looks it up with the code that was given to them. It names what it answers
// in its facts and not in re, which everybody sees. A correction would be read more widely, so
// that none restates it: a second answer stands beside the first.
type Answer struct {
	Facts     AnswerFacts `part:"facts"`
	Narrative *Narrative  `part:"narrative"`
}

// AnswerFacts say what was decided, on what, why and when.
type AnswerFacts struct {
	record.PartHead
	Act      Act          `json:"act"`
	To       record.Hash  `json:"to"` // record hash of the complaint or request
	As       AnswerAs     `json:"as"`
	Reason   AnswerReason `json:"reason"`
	Answered record.Time  `json:"answered"` // when it was decided, UTC
}

// An AnswerAs is what was decided.
type AnswerAs string

// The decisions there are. One that only passes the matter on leaves it open.
const (
	Accepted       AnswerAs = "accepted"
	AcceptedInPart AnswerAs = "accepted-in-part"
	Declined       AnswerAs = "declined"
	PassedOn       AnswerAs = "passed-on"
)

var answerAs = vocabulary(Accepted, AcceptedInPart, Declined, PassedOn)

// UnmarshalText reads one of the decisions.
func (r *AnswerAs) UnmarshalText(t []byte) error { return term(r, t, answerAs) }

// An AnswerReason is why it was decided so.
type AnswerReason string

var answerReasons = vocabulary[AnswerReason]("borne-out", "not-borne-out", "cannot-be-told", "put-right", "outside-mandate", "for-another-body", "answered-before", "security", "others-safety", "not-possible", "other")

// UnmarshalText reads one of the reasons.
func (r *AnswerReason) UnmarshalText(t []byte) error { return term(r, t, answerReasons) }

func (k Answer) refuse(h Header) error {
	if h.Re != nil {
		return Refuse("answer.re", "an answer names the complaint or request in its facts; everybody sees re")
	}
	return k.Facts.Act.refuse(h)
}

func (k Answer) apply(m *Mission, h Header) {
	f := k.Facts
	t := telling(h, Period{f.Answered, f.Answered}, Document, nil)
	t.Says = f.Act.Of
	m.field.ground.answers.put(h.Hash, Answered{t, f})
}

// An Answered is the mission's answer as a view shows it.
type Answered struct {
	Telling
	Facts AnswerFacts
}

// Answers returns the mission's answers in the prefix, by when they were given and hash.
func (v View) Answers() []Answered {
	return happened(v, gather(v, &v.m.field.ground.answers))
}
