package corridor

import (
	"slices"

	"corridor.example/corridor/record"
)

// KindRevocation is the kind of record that ends an observer's deployment.
var KindRevocation = kind[Revocation]("revocation", ClassAuthority)

// A Revocation ends a deployment by its place in the log. What a later prev shows to have
// been signed before it still counts as before it. Where the mandate locks on deployment it
// may leave the observer on the convoys it names.
type Revocation struct {
	Facts     RevocationFacts `part:"facts"`
	Narrative *Narrative      `part:"narrative"`
}

// RevocationFacts say whose revocation it is, of whom, and which convoys keep their observer.
type RevocationFacts struct {
	record.PartHead
	Act      Act              `json:"act"`
	Observer ActorID          `json:"observer"`
	Reason   *ObjectionReason `json:"reason"` // never owed
	Keeps    []ConvoyID       `json:"keeps"`
}

func (k Revocation) refuse(a Authority, h Header) error { return k.Facts.Act.refuse(h) }

func (k Revocation) act() Act { return k.Facts.Act }

func (k Revocation) finds(a Authority, h Header) (found []Finding) {
	act := k.Facts.Act
	n := a.m.state.nominees[k.Facts.Observer]
	if n == nil || len(n.deployments) == 0 {
		found = append(found, Finding{FindingAbsent, string(k.Facts.Observer) + " is not deployed"})
	}
	if !slices.Contains(a.Terms().Consent.Quorum.Voters(), act.Of) && !slices.Contains(a.Roles(act.Of), Office) {
		found = append(found, Finding{FindingVoter, string(act.Of) + " is neither the office nor one of those whose consent the mandate asks for"})
	}
	if len(k.Facts.Keeps) > 0 && !a.Terms().Consent.Lock {
		found = append(found, Finding{FindingKeeps, "the mandate does not lock observers on deployment, so no convoy keeps one"})
	}
	return append(found, a.findRecorded(KindRevocation, act, h)...)
}

func (k Revocation) apply(m *Mission, h Header) {
	n := m.state.nominees[k.Facts.Observer]
	n.revocations = append(n.revocations, revocationAt{h.Index, h.Hash, ActorID(h.By), k.Facts})
}
