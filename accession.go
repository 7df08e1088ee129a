package corridor

import (
	"slices"

	"corridor.example/corridor/record"
)

// KindAccession is the kind of record in which an actor binds itself to the mandate, an
// amendment or an agreement; its re is that text.
var KindAccession = kind[Accession]("accession", ClassAuthority)

// An Accession binds its actor, to the whole text or clause by clause, in the reading it
// names. The mission is constituted when every party has acceded to the mandate.
type Accession struct {
	Facts     AccessionFacts `part:"facts"`
	Narrative *Narrative     `part:"narrative"`
}

// AccessionFacts say whose accession it is and to what of the text.
type AccessionFacts struct {
	record.PartHead
	Act     Act        `json:"act"`
	Basis   Basis      `json:"basis"`
	Reading *ClauseID  `json:"reading"` // the reading it accedes to, or null if the text has one
	Clauses []ClauseID `json:"clauses"` // empty: all
}

func (k Accession) refuse(a Authority, h Header) error {
	if h.Re == nil {
		return Refuse("accession.re", "an accession names the mandate, amendment or agreement in re")
	}
	return k.Facts.Act.refuse(h)
}

func (k Accession) act() Act { return k.Facts.Act }

func (k Accession) finds(a Authority, h Header) []Finding {
	found := a.findRecorded(KindAccession, k.Facts.Act, h)
	for _, x := range a.m.state.agreements {
		if x.hash != *h.Re || x.index >= a.n {
			continue
		}
		for _, c := range k.Facts.Clauses {
			if !slices.Contains(x.facts.clauses(), c) {
				found = append(found, Finding{FindingClause, "the text has no clause " + string(c)})
			}
		}
		return found
	}
	succession := slices.ContainsFunc(a.m.state.successions, func(s successionAt) bool { return s.hash == *h.Re && s.index < a.n })
	if a.m.state.amendments[*h.Re] == nil && *h.Re != a.m.founder && !succession {
		found = append(found, Finding{FindingAbsent, "no mandate, amendment, succession or agreement stands before it under that record hash"})
	}
	return found
}

func (k Accession) apply(m *Mission, h Header) {
	m.state.accessions = append(m.state.accessions, accessionAt{h.Index, h.Hash, ActorID(h.By), *h.Re, k.Facts})
	m.state.consider(m, *h.Re, h.Index)
}
