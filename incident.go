package corridor

import (
	"slices"

	"corridor.example/corridor/record"
)

// KindIncident is the kind of record in which somebody tells of something that should not
// have happened.
var KindIncident = kind[Incident]("incident", ClassIncident)

// An Incident is one account of an event. Accounts of one event are joined by a link and
// printed side by side, each with its author: "5 (A), at least 6 (B)".
type Incident struct {
	Facts     IncidentFacts `part:"facts"`
	Count     *Count        `part:"count"`
	Where     *Where        `part:"where"`
	Who       *Who          `part:"who"`
	Narrative *Narrative    `part:"narrative"`
	Identity  *Identity     `part:"identity"`
}

// IncidentFacts say what kind of event, when, and on what the account rests.
type IncidentFacts struct {
	record.PartHead
	What   IncidentOf `json:"what"`
	Convoy *ConvoyID  `json:"convoy"`
	When   Period     `json:"when"`
	Basis  Basis      `json:"basis"`
	Via    *Via       `json:"via"`
}

// An IncidentOf is a category of event (domain notes, part 3).
type IncidentOf string

var incidentOf = vocabulary[IncidentOf]("fire-on-convoy", "fire-near-route", "explosion", "vehicle-burned", "vehicle-attacked",
	"obstruction", "convoy-turned-back", "observer-denied", "detention", "killing", "injury", "death-in-transit",
	"robbery", "screening", "family-separation", "crowd-violence", "threat", "emblem-misuse", "medical-hit", "mine",
	"jamming", "forced-boarding", "other")

// UnmarshalText reads one of the categories.
func (r *IncidentOf) UnmarshalText(t []byte) error { return term(r, t, incidentOf) }

// An Event is an incident account as a view shows it.
type Event struct {
	Record record.Hash
	Index  int64
	By     ActorID
	Says   ActorID // whose account it is
	Facts  IncidentFacts
	Count  *Count
	Where  *Where
	Who    *Who
}

func (k Incident) restates(h Header) error {
	if err := k.Facts.When.refuse(KindIncident); err != nil {
		return err
	}
	if err := k.Where.refuse(); err != nil {
		return err
	}
	return k.Count.refuse()
}

func (k Incident) refuse(h Header) error {
	if h.Re != nil {
		return Refuse("incident.re", "an incident answers nothing; join accounts of one event with a link")
	}
	return k.restates(h)
}

func (k Incident) finds(a Authority, h Header) []Finding {
	if only := a.Terms().Incidents; len(only) > 0 && !slices.Contains(only, k.Facts.What) {
		return []Finding{{FindingCategory, "the mandate does not ask for " + string(k.Facts.What)}}
	}
	return nil
}

func (k Incident) apply(m *Mission, h Header) {
	f := k.Facts
	m.mention(f.Convoy, h.Index)
	m.field.events.put(h.Hash, &Event{h.Hash, h.Index, ActorID(h.By), says(h, f.Via), f, k.Count, k.Where, k.Who})
}

func (k Incident) located() (Period, *PlaceID, *ConvoyID) {
	if k.Where == nil {
		return k.Facts.When, nil, k.Facts.Convoy
	}
	return k.Facts.When, k.Where.Place, k.Facts.Convoy
}

// Events returns every incident account of the prefix whose facts are known, corrected ones
// too, by when and hash. What somebody else restated is a dispute and no account.
func (v View) Events() []*Event {
	var all []*Event
	for _, e := range v.m.field.events.list {
		if e.Index < v.n && v.during(e.Facts.When) && v.own(e.Record) {
			all = append(all, e)
		}
	}
	slices.SortFunc(all, func(a, b *Event) int { return byWhen(a.Facts.When, b.Facts.When, a.Record, b.Record) })
	return all
}

// An Incidental is one event and every account of it that links hold together.
type Incidental struct {
	ID       record.Hash // least hash of its first accounts; corrections do not change it
	Accounts []*Event    // those that stand, by when and hash
	Past     []*Event    // corrected or withdrawn ones
}

// Incidents returns the events of the prefix, each with all its accounts, by the earliest
// account. Accounts are of one event by standing links, and as what an author wrote before and
// after correcting it.
func (v View) Incidents() []Incidental {
	u := v.things()
	at := map[record.Hash]int{}
	var all []Incidental
	for _, e := range v.Events() {
		root := u.find(e.Record)
		i, ok := at[root]
		if !ok {
			i = len(all)
			at[root] = i
			all = append(all, Incidental{})
		}
		if o, _ := v.origin(e.Record); !ok || compareHashes(o, all[i].ID) < 0 {
			all[i].ID = o
		}
		if v.corrected(e.Record, e.By) {
			all[i].Past = append(all[i].Past, e)
		} else {
			all[i].Accounts = append(all[i].Accounts, e)
		}
	}
	return all
}
