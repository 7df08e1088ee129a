package corridor

import "corridor.example/corridor/record"

// KindAmendment is the kind of record that restates a mission's terms.
var KindAmendment = kind[Amendment]("amendment", ClassAuthority)

// An Amendment restates the terms whole, never as a difference. It is in force from the index
// of the last accession its mandate's quorum needs, or from its own if that asks nobody.
type Amendment struct {
	Facts     AmendmentFacts `part:"facts"`
	Narrative *Narrative     `part:"narrative"`
}

// AmendmentFacts are the new terms and the record whose terms they replace.
type AmendmentFacts struct {
	record.PartHead
	Replaces record.Hash `json:"replaces"` // the mandate or amendment in force when this was drafted
	Terms    Terms       `json:"terms"`
}

func (k Amendment) refuse(a Authority, h Header) error {
	now := a.Terms()
	if t := k.Facts.Terms; t.Origin != now.Origin || t.LogKey != now.LogKey || t.Edition != now.Edition {
		return Refuse("amendment.log", "an amendment keeps the log: its origin, its key and the edition of the rules stay")
	}
	owners := map[record.Hash]owned{}
	for fingerprint, key := range a.m.state.keys {
		owners[fingerprint] = owned{key.owner, key.use}
	}
	return k.Facts.Terms.refuse(a.m.exercise, &a.m.founder, owners)
}

func (k Amendment) finds(a Authority, h Header) []Finding {
	if a.m.state.lastTerms != k.Facts.Replaces {
		return []Finding{{FindingSuccession, "it restates terms that are not those in force"}}
	}
	return nil
}

func (k Amendment) apply(m *Mission, h Header) {
	if m.state.amendments == nil {
		m.state.amendments = map[record.Hash]*Amendment{}
	}
	m.state.amendments[h.Hash] = &k
	m.state.consider(m, h.Hash, h.Index)
}

// consider puts an amendment in force if those whose accession it needs have acceded.
func (s *authorities) consider(m *Mission, amendment record.Hash, index int64) {
	k := s.amendments[amendment]
	if k == nil || k.Facts.Replaces != s.lastTerms {
		return
	}
	a := Authority{m, index + 1}
	if a.Terms().Amend.Met(func(v ActorID) bool { return a.Acceded(v, amendment) }) {
		t := k.Facts.Terms // what it says of the log is of the one in which it was drafted
		t.Origin, t.LogKey, t.Succeeds = a.Terms().Origin, a.Terms().LogKey, a.Terms().Succeeds
		s.adopt(&t, index)
		s.lastTerms = amendment
	}
}

// Acceded reports whether an actor has acceded to a mandate, amendment or agreement in an act
// that counts as its own.
func (a Authority) Acceded(v ActorID, re record.Hash) bool {
	for _, x := range a.m.state.accessions {
		if x.index < a.n && x.re == re && x.facts.Act.Of == v && a.counts(KindAccession, x.hash, x.by, v) {
			return true
		}
	}
	return false
}
