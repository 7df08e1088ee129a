package corridor

import (
	"slices"

	"corridor.example/corridor/record"
)

// KindRequest is the kind of record in which somebody asks somebody else to allow or to do
// something; its re is the record it is about, or null.
var KindRequest = kind[Request]("request", ClassWord)

// A Request asks and waits for an answer. How long it waited is worked out from the answers,
// and no answer is a state and no record: silence is nobody's act. Its count holds the people
// and vehicles it is asked for, its where the place and the destination.
type Request struct {
	Facts     RequestFacts `part:"facts"`
	Count     *Count       `part:"count"`
	Where     *Where       `part:"where"`
	Narrative *Narrative   `part:"narrative"`
	Identity  *Identity    `part:"identity"`
}

// RequestFacts say who asked whom, for what, for which time, and when.
type RequestFacts struct {
	record.PartHead
	Act     Act           `json:"act"`
	What    RequestFor    `json:"what"`
	Basis   Basis         `json:"basis"`
	To      []ActorID     `json:"to"` // who was asked
	By      Channel       `json:"by"` // the channel it went by
	Sent    record.Time   `json:"sent"`
	During  *Period       `json:"during"`  // for which time it is asked, UTC; null if none was named
	Wanted  *record.Time  `json:"wanted"`  // by when an answer was asked for, UTC; null if no time was named
	Convoys []ConvoyID    `json:"convoys"` // the convoys it is for
	Records []record.Hash `json:"records"` // what else it is about: a hold, a restriction, an earlier request
}

// A RequestFor is what is asked for.
type RequestFor string

var requestFor = vocabulary[RequestFor]("movement", "access", "route", "escort", "pause", "medical", "visit", "presence", "visa", "equipment", "communications", "information", "other")

// UnmarshalText reads one of the things that are asked for.
func (r *RequestFor) UnmarshalText(t []byte) error { return term(r, t, requestFor) }

func (k Request) restates(h Header) error {
	f := k.Facts
	if err := f.Act.refuse(h); err != nil {
		return err
	}
	if len(f.To) == 0 {
		return Refuse("request.to", "a request names who is asked")
	}
	if slices.Contains(f.To, f.Act.Of) {
		return Refuse("request.to", "%s cannot ask itself; name who was asked", f.Act.Of)
	}
	if f.Wanted != nil && *f.Wanted < f.Sent {
		return Refuse("request.wanted", "an answer was wanted by %s, before it was asked at %s", *f.Wanted, f.Sent)
	}
	if f.During != nil {
		if err := f.During.refuse(KindRequest); err != nil {
			return err
		}
	}
	if err := k.Where.refuse(); err != nil {
		return err
	}
	return k.Count.refuse()
}

func (k Request) refuse(h Header) error { return k.restates(h) }

func (k Request) apply(m *Mission, h Header) {
	f := k.Facts
	for i := range f.Convoys {
		m.mention(&f.Convoys[i], h.Index)
	}
	t := telling(h, Period{f.Sent, f.Sent}, f.Basis, nil)
	t.Says = f.Act.Of
	m.field.ground.requests.put(h.Hash, Requested{Telling: t, Facts: f, Count: k.Count, Where: k.Where})
}

// A Requested is a request as a view shows it, with every answer to it.
type Requested struct {
	Telling
	Facts   RequestFacts
	Count   *Count     // nil while sealed
	Where   *Where     // nil while sealed
	Grants  []Granted  // what those asked answered, by when they did
	Answers []Answered // what the mission answered, by when it did
}

// Requests returns the requests of the prefix with their answers, by when they were sent and
// hash.
func (v View) Requests() []Requested {
	list := happened(v, gather(v, &v.m.field.ground.requests))
	of := v.things()
	grants, answers := gather(v, &v.m.field.ground.grants), gather(v, &v.m.field.ground.answers)
	for i := range list {
		r := &list[i]
		for _, g := range grants {
			if re := v.answers(g.Record); re != nil && of.find(*re) == of.find(r.Record) {
				r.Grants = append(r.Grants, g)
			}
		}
		for _, a := range answers {
			if of.find(a.Facts.To) == of.find(r.Record) {
				r.Answers = append(r.Answers, a)
			}
		}
	}
	return list
}

// A RequestState is what became of a request.
type RequestState string

// The states of a request beside the decisions there are. Where standing answers decide
// differently none is chosen, not even the last.
const (
	RequestUnanswered RequestState = "unanswered"
	RequestDiffering  RequestState = "answers-differ"
)

// State returns what became of a request: what all standing answers of those asked decide,
// that they decide differently, or that there is none. Where only the mission answered it is
// what the mission decided.
func (r Requested) State() RequestState {
	state := RequestUnanswered
	put := func(s RequestState) {
		if state != RequestUnanswered && state != s {
			s = RequestDiffering
		}
		state = s
	}
	for _, g := range r.Grants {
		if g.Stands() {
			put(RequestState(g.Facts.As))
		}
	}
	if state != RequestUnanswered {
		return state
	}
	for _, a := range r.Answers {
		if a.Stands() {
			put(RequestState(a.Facts.As))
		}
	}
	return state
}

// Waited returns for how many seconds a request waited for its first answer, a mere deferral
// apart; where there is none, how long it has waited at least up to a moment. It is not known
// at a moment before the request was sent.
func (r Requested) Waited(at record.Time) Range {
	first, ok := record.Time(0), false
	take := func(t record.Time) {
		if !ok || t < first {
			first, ok = t, true
		}
	}
	for _, g := range r.Grants {
		if g.Stands() && g.Facts.As != Deferred {
			take(g.Facts.Received)
		}
	}
	for _, a := range r.Answers {
		if a.Stands() {
			take(a.Facts.Answered)
		}
	}
	switch {
	case ok:
		return exactly(int64(max(0, first-r.Facts.Sent)))
	case at < r.Facts.Sent:
		return Range{}
	}
	n := exactly(int64(at - r.Facts.Sent))
	n.Open = true
	return n
}
