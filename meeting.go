package corridor

import (
	"slices"

	"corridor.example/corridor/record"
)

// KindMeeting is the kind of record that tells of a meeting: who took part, and which points
// were agreed and which were not; its re is null.
var KindMeeting = kind[Meeting]("meeting", ClassWord)

// A Meeting is one account of what was said between those who coordinate. It binds nobody: what
// binds is an agreement that was acceded to. The words of each point are the narrative's.
type Meeting struct {
	Facts     MeetingFacts `part:"facts"`
	Where     *Where       `part:"where"`
	Narrative *Narrative   `part:"narrative"`
	Identity  *Identity    `part:"identity"`
}

// MeetingFacts say which meeting it was, when, with whom, and what came of each point.
type MeetingFacts struct {
	record.PartHead
	What    MeetingOf      `json:"what"`
	When    Period         `json:"when"`
	Basis   Basis          `json:"basis"`
	Via     *Via           `json:"via"`
	Present []Attending    `json:"present"` // actors, never persons
	Points  []MeetingPoint `json:"points"`  // empty: the author knows of none
}

// An Attending is an actor and how it took part.
type Attending struct {
	Actor ActorID     `json:"actor"`
	As    AttendingAs `json:"as"`
}

// A MeetingPoint is one point that was raised, and what came of it.
type MeetingPoint struct {
	N       int64         `json:"n"` // its number in the narrative, from 1
	What    RequestFor    `json:"what"`
	As      PointAs       `json:"as"`
	By      []ActorID     `json:"by"`      // agreed: who agreed; else who raised it
	Due     *record.Time  `json:"due"`     // by when it is to be done, UTC; null if no time was named
	Records []record.Hash `json:"records"` // what it is about
}

// A MeetingOf is the sort of a meeting.
type MeetingOf string

var meetingOf = vocabulary[MeetingOf]("coordination", "joint-body", "bilateral", "technical", "on-the-spot", "call", "other")

// UnmarshalText reads one of the sorts of meeting.
func (r *MeetingOf) UnmarshalText(t []byte) error { return term(r, t, meetingOf) }

// An AttendingAs is how an actor took part in a meeting.
type AttendingAs string

var attendingAs = vocabulary[AttendingAs]("took-part", "chaired", "hosted", "looked-on", "invited-and-absent")

// UnmarshalText reads one of the ways to take part.
func (r *AttendingAs) UnmarshalText(t []byte) error { return term(r, t, attendingAs) }

// A PointAs is what came of a point.
type PointAs string

// The outcomes of a point.
const (
	PointAgreed  PointAs = "agreed"
	PointOpen    PointAs = "left-open"
	PointRefused PointAs = "not-agreed"
	PointNoted   PointAs = "noted"
)

var pointAs = vocabulary(PointAgreed, PointOpen, PointRefused, PointNoted)

// UnmarshalText reads one of the outcomes.
func (r *PointAs) UnmarshalText(t []byte) error { return term(r, t, pointAs) }

func (k Meeting) restates(h Header) error {
	f := k.Facts
	if err := f.When.refuse(KindMeeting); err != nil {
		return err
	}
	there := map[ActorID]bool{}
	for _, a := range f.Present {
		if _, twice := there[a.Actor]; twice {
			return Refuse("meeting.present", "%s is named twice", a.Actor)
		}
		there[a.Actor] = a.As != "invited-and-absent"
	}
	if len(f.Present) < 2 {
		return Refuse("meeting.present", "a meeting has at least two actors, those who were invited and did not come among them")
	}
	for i, p := range f.Points {
		if p.N != int64(i)+1 {
			return Refuse("meeting.point", "points are numbered from 1 in their order; point %d has the number %d", i+1, p.N)
		}
		if p.As == PointAgreed && len(p.By) < 2 {
			return Refuse("meeting.agreed", "point %d was agreed between at least two actors; name them", p.N)
		}
		if i := slices.IndexFunc(p.By, func(a ActorID) bool { return !there[a] }); i >= 0 {
			return Refuse("meeting.by", "point %d names %s, who was not there", p.N, p.By[i])
		}
	}
	return k.Where.refuse()
}

func (k Meeting) refuse(h Header) error {
	if h.Re != nil {
		return Refuse("meeting.re", "a meeting answers nothing; what its points are about stands in their records")
	}
	return k.restates(h)
}

func (k Meeting) apply(m *Mission, h Header) {
	f := k.Facts
	m.field.ground.meetings.put(h.Hash, Met{telling(h, f.When, f.Basis, f.Via), f, k.Where})
}

func (k Meeting) located() (Period, *PlaceID, *ConvoyID) { return k.Facts.When, k.Where.place(), nil }

// A Met is an account of a meeting as a view shows it.
type Met struct {
	Telling
	Facts MeetingFacts
	Where *Where // nil while sealed
}

// Meetings returns the accounts of meetings of the prefix, by when and hash.
func (v View) Meetings() []Met {
	return happened(v, gather(v, &v.m.field.ground.meetings))
}
