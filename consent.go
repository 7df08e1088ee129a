package corridor

import (
	"slices"

	"corridor.example/corridor/record"
)

// KindConsent is the kind of record in which one whose consent the mandate asks for accepts
// an observer; its re is the nomination.
var KindConsent = kind[Consent]("consent", ClassAuthority)

// KindObjection is the kind of record in which one whose consent the mandate asks for
// declines an observer; its re is the nomination. A reason is never owed.
var KindObjection = kind[Objection]("objection", ClassAuthority)

// A Consent accepts an observer. It may be taken back by an objection before deployment and
// by a revocation after it.
type Consent struct {
	Facts     ConsentFacts `part:"facts"`
	Narrative *Narrative   `part:"narrative"`
}

// ConsentFacts say whose consent it is and which dossier was read.
type ConsentFacts struct {
	record.PartHead
	Act     Act          `json:"act"`
	Dossier *record.Hash `json:"dossier"` // SHA-256 of the nomination's identity part that was read, or null
}

// An Objection declines an observer.
type Objection struct {
	Facts     ObjectionFacts `part:"facts"`
	Narrative *Narrative     `part:"narrative"`
}

// ObjectionFacts say whose objection it is and, if they care to say, why.
type ObjectionFacts struct {
	record.PartHead
	Act    Act              `json:"act"`
	Reason *ObjectionReason `json:"reason"`
}

// An ObjectionReason is why an observer is declined, if that is said.
type ObjectionReason string

var objectionReasons = vocabulary[ObjectionReason]("nationality", "conduct", "affiliation", "qualification", "number", "security", "other")

// UnmarshalText reads one of the reasons.
func (r *ObjectionReason) UnmarshalText(t []byte) error { return term(r, t, objectionReasons) }

func (k Consent) refuse(a Authority, h Header) error { return k.Facts.Act.refuse(h) }
func (k Objection) refuse(a Authority, h Header) error {
	return k.Facts.Act.refuse(h)
}

func (k Consent) act() Act { return k.Facts.Act }

func (k Consent) finds(a Authority, h Header) []Finding {
	found := a.findVote(k.Facts.Act, h)
	_, x, ok := a.nomination(h.Re)
	if read := k.Facts.Dossier; ok && read != nil && (x.dossier == nil || *read != *x.dossier) {
		found = append(found, Finding{FindingDossier, "the dossier that it says was read is not the one of this nomination"})
	}
	return found
}

func (k Objection) act() Act { return k.Facts.Act }

func (k Objection) finds(a Authority, h Header) []Finding {
	return a.findVote(k.Facts.Act, h)
}

func (k Consent) apply(m *Mission, h Header)   { m.state.cast(m, k.Facts.Act, h, true) }
func (k Objection) apply(m *Mission, h Header) { m.state.cast(m, k.Facts.Act, h, false) }

func (a Authority) findVote(act Act, h Header) (found []Finding) {
	if _, _, ok := a.nomination(h.Re); !ok {
		found = append(found, Finding{FindingAbsent, "it answers no nomination that stands before it"})
	}
	if !slices.Contains(a.Terms().Consent.Quorum.Voters(), act.Of) {
		found = append(found, Finding{FindingVoter, string(act.Of) + " is not one of those whose consent the mandate asks for"})
	}
	return append(found, a.findRecorded(Kind(h.Kind), act, h)...)
}

// findRecorded says whether an act may be recorded for somebody else.
func (a Authority) findRecorded(k Kind, act Act, h Header) []Finding {
	if _, ok := a.recordable(k); act.Recorded(h) && !ok {
		return []Finding{{FindingRecorded, "the mandate does not let a " + string(k) + " be recorded for somebody else"}}
	}
	return nil
}

func (s *authorities) cast(m *Mission, act Act, h Header, yes bool) {
	if n, x, ok := (Authority{m, h.Index}).nomination(h.Re); ok {
		n.votes = append(n.votes, voteAt{h.Index, h.Hash, ActorID(h.By), act.Of, x.hash, yes, Kind(h.Kind)})
	}
}
