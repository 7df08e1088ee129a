package corridor

import "corridor.example/corridor/record"

// KindCountersignature is the kind of record in which a second office, or the actor itself,
// answers for an act that was recorded; its re is the recorded act.
var KindCountersignature = kind[Countersignature]("countersignature", ClassAuthority)

// A Countersignature stands beside a recorded act and never changes its words.
type Countersignature struct {
	Facts     CountersignatureFacts `part:"facts"`
	Narrative *Narrative            `part:"narrative"`
}

// CountersignatureFacts say in what way the act is answered for.
type CountersignatureFacts struct {
	record.PartHead
	As Stand `json:"as"`
}

// A Stand is how somebody answers for a recorded act.
type Stand string

// A second office countersigns; the actor itself ratifies or repudiates. Of an order to erase
// whoever keeps a copy says that it was carried out.
const (
	Countersigned Stand = "countersigned"
	Ratified      Stand = "ratified"
	Repudiated    Stand = "repudiated"
	CarriedOut    Stand = "carried-out"
)

var stands = vocabulary(Countersigned, Ratified, Repudiated, CarriedOut)

// UnmarshalText reads one of countersigned, ratified, repudiated, carried-out.
func (s *Stand) UnmarshalText(t []byte) error { return term(s, t, stands) }

func (k Countersignature) refuse(a Authority, h Header) error {
	if h.Re == nil {
		return Refuse("countersignature.re", "a countersignature names the recorded act in re")
	}
	return nil
}

func (k Countersignature) finds(a Authority, h Header) []Finding {
	i, ok := a.m.Index(*h.Re)
	if !ok || i >= a.n {
		return []Finding{{FindingAbsent, "no act stands before it under that record hash"}}
	}
	if order := a.m.entry(i).is(KindErasure); order != (k.Facts.As == CarriedOut) {
		return []Finding{{FindingStand, "an order to erase is answered with carried-out, and nothing else is"}}
	} else if order {
		return nil
	}
	act, _, ok := a.act(i)
	if !ok {
		return nil // no act of authority: whose it is cannot be told here
	}
	by, recorder := ActorID(h.By), a.m.by(i)
	switch {
	case recorder == act.Of:
		return []Finding{{FindingStand, string(act.Of) + " signed the act itself; there is nothing to answer for"}}
	case k.Facts.As != Countersigned && by != act.Of:
		return []Finding{{FindingStand, "an act is ratified or repudiated by " + string(act.Of) + " alone, whose act it is"}}
	case k.Facts.As == Countersigned && !a.seconds(by, recorder, act.Of):
		return []Finding{{FindingStand, "an act recorded for " + string(act.Of) + " is countersigned by a second office of the mission or one of the same side, not by " + h.By}}
	}
	return nil
}

func (k Countersignature) apply(m *Mission, h Header) {
	if m.state.counter == nil {
		m.state.counter = map[record.Hash][]countersigned{}
	}
	m.state.counter[*h.Re] = append(m.state.counter[*h.Re], countersigned{h.Index, ActorID(h.By), k.Facts.As})
	for _, x := range m.state.accessions {
		if x.hash == *h.Re {
			m.state.consider(m, x.re, h.Index)
		}
	}
}
