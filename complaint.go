package corridor

import "corridor.example/corridor/record"

// KindComplaint is the kind of record that keeps a complaint about the mission itself.
var KindComplaint = kind[Complaint]("complaint", ClassOffice)

// A Complaint is kept whoever made it: nobody is asked who they are, so that no member of it
// names its author. It is never public, whatever the disclosure table says; how many were
// received, answered and declined is. It is about the mission, and no party's right of reply or
// dispute goes this way.
type Complaint struct {
	Facts     ComplaintFacts `part:"facts"`
	Narrative *Narrative     `part:"narrative"`
	Identity  *Identity      `part:"identity"`
}

// ComplaintFacts say what it is about, how it came and when.
type ComplaintFacts struct {
	record.PartHead
	About    ComplaintAbout `json:"about"`
	By       Channel        `json:"by"`       // the channel it came by
	Received record.Time    `json:"received"` // UTC
	Code     *record.Hash   `json:"code"`     // SHA-256 of the acknowledgement code with which the answer is looked up; null if none was given
	Records  []record.Hash  `json:"records"`  // what it is about; never in re, which everybody sees
}

// A ComplaintAbout is what of the mission's work a complaint is about.
type ComplaintAbout string

var complaintAbouts = vocabulary[ComplaintAbout]("conduct", "bias", "safety", "privacy", "exploitation-or-abuse", "left-out", "wrong-account", "publication", "delay", "access", "property", "other")

// UnmarshalText reads one of the subjects.
func (r *ComplaintAbout) UnmarshalText(t []byte) error { return term(r, t, complaintAbouts) }

func (k Complaint) refuse(h Header) error {
	if h.Re != nil {
		return Refuse("complaint.re", "what a complaint is about stands in its records; everybody sees re")
	}
	return nil
}

func (k Complaint) apply(m *Mission, h Header) {
	f := k.Facts
	m.field.ground.complaints.put(h.Hash, Complained{Telling: telling(h, Period{f.Received, f.Received}, Reported, nil), Facts: f})
}

// A Complained is a complaint as a view shows it, with the answers to it.
type Complained struct {
	Telling
	Facts   ComplaintFacts
	Answers []Answered // by when they were given
}

// Complaints returns the complaints of the prefix, by when they were received and hash. One
// that its author withdrew is among them and is counted as received.
func (v View) Complaints() []Complained {
	list := happened(v, gather(v, &v.m.field.ground.complaints))
	answers := gather(v, &v.m.field.ground.answers)
	for i := range list {
		for _, a := range answers {
			if a.Facts.To == list[i].Record {
				list[i].Answers = append(list[i].Answers, a)
			}
		}
	}
	return list
}

// A ComplaintCount is how many complaints there were, and what became of them. It is public.
type ComplaintCount struct {
	Received int
	Answered int // by an answer that stands and does not only pass it on
	Declined int // of those answered: declined by every answer that stands
	Open     int // received and not answered
}

// CountComplaints returns how many complaints were received in the view's period and what
// became of them in its prefix.
func (v View) CountComplaints() (n ComplaintCount) {
	for _, c := range v.Complaints() {
		n.Received++
		answered, declined := false, true
		for _, a := range c.Answers {
			if a.Stands() && a.Facts.As != PassedOn {
				answered, declined = true, declined && a.Facts.As == Declined
			}
		}
		switch {
		case !answered:
			n.Open++
		case declined:
			n.Declined++
			fallthrough
		default:
			n.Answered++
		}
	}
	return n
}
