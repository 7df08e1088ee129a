package corridor

import "corridor.example/corridor/record"

// KindMandate is the founding record of a mission: its terms as data. It is the first of its
// log and there is one.
var KindMandate = kind[Mandate]("mandate", ClassAuthority)

// A Mandate is the founding record. Its terms are authority for everything after it.
type Mandate struct {
	Facts     MandateFacts `part:"facts"`
	Narrative *Narrative   `part:"narrative"`
}

// MandateFacts are the terms of a mission.
type MandateFacts struct {
	record.PartHead
	Terms
}

func (k Mandate) refuse(a Authority, h Header) error {
	if h.Mission != nil || h.Index != 0 {
		return Refuse("mandate.second", "a mandate founds a log and belongs to no other mission")
	}
	if k.Facts.Succeeds != nil {
		return Refuse("mandate.succeeds", "a mandate begins a mission; a log that goes on for another begins with that one's entries, and a succession after them")
	}
	return k.Facts.Terms.refuse(a.m.exercise, nil, nil)
}

func (k Mandate) apply(m *Mission, h Header) {
	m.state.adopt(&k.Facts.Terms, h.Index)
	m.state.lastTerms = h.Hash
}

// adopt makes terms the ones in force and enrols the keys they give.
func (s *authorities) adopt(t *Terms, index int64) {
	s.terms = append(s.terms, termsAt{index, t})
	for _, a := range t.Actors {
		for _, k := range a.Keys {
			s.enrol(k, a.ID, index)
		}
	}
	if t.NodeKey != nil {
		s.enrol(*t.NodeKey, nodeActor, index)
	}
	if t.SealingKey != nil {
		s.seal(*t.SealingKey, index)
	}
}

func (s *authorities) enrol(k Key, owner ActorID, index int64) {
	if k.Use == SealingUse || k.Public() == nil {
		return
	}
	if s.keys == nil {
		s.keys = map[record.Hash]*keyState{}
	}
	if f := k.Fingerprint(); s.keys[f] == nil {
		s.keys[f] = &keyState{public: k.Public(), owner: owner, use: k.Use, from: index, until: -1}
	}
}
