package corridor

import (
	"slices"

	"corridor.example/corridor/record"
)

// KindSuspension is the kind of record that takes an observer, a key or an office out of
// action for a time, or ends that; its re is then the suspension that it lifts.
var KindSuspension = kind[Suspension]("suspension", ClassAuthority)

// A Suspension ends nothing: what it takes out of action is put back by lifting it. An
// observer is suspended by those who could revoke her; a key by its own office, until that
// lifts it or replaces the key; an office that has nobody left, or neither of its keys, is
// said to be vacant by itself or by the mission's office. Nobody votes for a vacant office and
// its silence accepts nobody.
type Suspension struct {
	Facts     SuspensionFacts `part:"facts"`
	Narrative *Narrative      `part:"narrative"`
}

// SuspensionFacts say whose suspension it is, and of what.
type SuspensionFacts struct {
	record.PartHead
	Act    Act              `json:"act"`
	What   Suspendable      `json:"what"`
	Actor  ActorID          `json:"actor"` // the observer, the key's owner, or the vacant office
	Key    *record.Hash     `json:"key"`   // fingerprint; null for an observer or an office
	Reason SuspensionReason `json:"reason"`
	Lifts  bool             `json:"lifts"` // it ends the suspension named in re
}

// A Suspendable is what can be suspended.
type Suspendable string

// An observer's deployments, one key of an actor, or the office of an actor as a whole.
const (
	SuspendObserver Suspendable = "observer"
	SuspendKey      Suspendable = "key"
	SuspendOffice   Suspendable = "office"
)

var suspendables = vocabulary(SuspendObserver, SuspendKey, SuspendOffice)

// UnmarshalText reads one of observer, key, office.
func (s *Suspendable) UnmarshalText(t []byte) error { return term(s, t, suspendables) }

// A SuspensionReason says why something is suspended, or why no longer.
type SuspensionReason string

var suspensionReasons = vocabulary[SuspensionReason]("not-said", "key-lost", "key-stolen", "nobody-in-office", "security", "inquiry", "health", "found-again", "over", "other")

// UnmarshalText reads one of the reasons.
func (r *SuspensionReason) UnmarshalText(t []byte) error { return term(r, t, suspensionReasons) }

type suspendedAt struct {
	index int64
	hash  record.Hash
	by    ActorID
	re    *record.Hash
	facts SuspensionFacts
}

func (k Suspension) refuse(a Authority, h Header) error {
	if (k.Facts.What == SuspendKey) != (k.Facts.Key != nil) {
		return Refuse("suspension.key", "a suspension of a key names its fingerprint, any other names none")
	}
	if k.Facts.Lifts != (h.Re != nil) {
		return Refuse("suspension.re", "a suspension that lifts another names it in re, and no other names anything")
	}
	return k.Facts.Act.refuse(h)
}

func (k Suspension) act() Act { return k.Facts.Act }

func (k Suspension) finds(a Authority, h Header) (found []Finding) {
	f := k.Facts
	if f.Lifts {
		x, ok := a.suspension(*h.Re)
		if !ok || x.facts.What != f.What || x.facts.Actor != f.Actor || f.Key != nil && *f.Key != *x.facts.Key {
			return []Finding{{FindingAbsent, "no suspension of this stands before it under that record hash"}}
		}
		if f.What == SuspendObserver && f.Act.Of != x.facts.Act.Of {
			found = append(found, Finding{FindingVoter, "the suspension is that of " + string(x.facts.Act.Of) + ", who alone lifts it"})
		}
	}
	office := slices.Contains(a.Roles(f.Act.Of), Office)
	switch f.What {
	case SuspendObserver:
		if a.m.state.nominees[f.Actor] == nil {
			found = append(found, Finding{FindingAbsent, "no nomination of " + string(f.Actor) + " stands before it"})
		}
		if !a.asks(f.Act.Of) && !office {
			found = append(found, Finding{FindingVoter, string(f.Act.Of) + " is neither the office nor one of those whose consent the mandate asks for"})
		}
	case SuspendKey:
		found = append(found, k.findKey(a, h)...)
	case SuspendOffice:
		if _, ok := a.Terms().Actor(f.Actor); !ok {
			found = append(found, Finding{FindingAbsent, string(f.Actor) + " is no actor of the mandate"})
		}
		if f.Act.Of != f.Actor && !office {
			found = append(found, Finding{FindingVoter, "that an office is vacant is said by itself or by the mission's office"})
		}
	}
	return append(found, a.findRecorded(KindSuspension, f.Act, h)...)
}

// findKey says who suspends whose key: an actor its own, with its working or recovery key. What
// the working key says of the recovery key has no effect but to be shown, and the working key
// is put back by the recovery key alone: whoever stole it must not undo its suspension.
func (k Suspension) findKey(a Authority, h Header) []Finding {
	own, signer := a.m.state.keys[*k.Facts.Key], a.m.state.keys[h.Key]
	if own == nil || own.owner != k.Facts.Actor {
		return []Finding{{FindingAbsent, "the key is not one of " + string(k.Facts.Actor)}}
	}
	bad := signer == nil || string(own.owner) != h.By || signer.use != WorkingKey && signer.use != RecoveryKey
	if bad || k.Facts.Lifts && own.use == WorkingKey && signer.use != RecoveryKey {
		return []Finding{{FindingKey, "a key is suspended with its own office's working or recovery key, and a working key put back with the recovery key alone"}}
	}
	return nil
}

func (k Suspension) apply(m *Mission, h Header) {
	m.state.suspended = append(m.state.suspended, suspendedAt{h.Index, h.Hash, ActorID(h.By), h.Re, k.Facts})
}

// suspension returns a suspension of that record hash that lifts nothing.
func (a Authority) suspension(h record.Hash) (suspendedAt, bool) {
	for _, x := range a.m.state.suspended {
		if x.index < a.n && x.hash == h && !x.facts.Lifts {
			return x, true
		}
	}
	return suspendedAt{}, false
}

// suspended returns the first suspension of something that stands and counts: nobody lifted
// it in an act that counts.
func (a Authority) suspended(is func(SuspensionFacts) bool) (suspendedAt, bool) {
	for _, x := range a.m.state.suspended {
		if x.index < a.n && !x.facts.Lifts && is(x.facts) && a.counts(KindSuspension, x.hash, x.by, x.facts.Act.Of) && !a.lifted(x.hash) {
			return x, true
		}
	}
	return suspendedAt{}, false
}

func (a Authority) lifted(h record.Hash) bool {
	for _, x := range a.m.state.suspended {
		if x.index < a.n && x.facts.Lifts && *x.re == h && a.counts(KindSuspension, x.hash, x.by, x.facts.Act.Of) {
			return true
		}
	}
	return false
}

// suspendedObserver returns the suspension of an observer that stands.
func (a Authority) suspendedObserver(id ActorID) (suspendedAt, bool) {
	return a.suspended(func(f SuspensionFacts) bool { return f.What == SuspendObserver && f.Actor == id })
}

// suspendedKey returns the suspension of a key that stands. A recovery key is only ever said
// to be lost.
func (a Authority) suspendedKey(key record.Hash) (suspendedAt, bool) {
	return a.suspended(func(f SuspensionFacts) bool { return f.What == SuspendKey && *f.Key == key })
}

// Vacant reports whether an actor has nobody who could act for it: it is said to be vacant and
// nobody took that back, or it had keys and none is left that it could act with.
func (a Authority) Vacant(id ActorID) bool {
	if _, ok := a.suspended(func(f SuspensionFacts) bool { return f.What == SuspendOffice && f.Actor == id }); ok {
		return true
	}
	had := false
	for fingerprint, k := range a.m.state.keys {
		if k.owner != id || k.from >= a.n {
			continue
		}
		had = true
		_, out := a.suspendedKey(fingerprint)
		if k.use != DeviceKey && !out && (k.until < 0 || k.until >= a.n) {
			return false
		}
	}
	_, actor := a.Terms().Actor(id)
	return had && actor
}

// asks reports whether the mandate asks for an actor's consent.
func (a Authority) asks(id ActorID) bool {
	return slices.Contains(a.Terms().Consent.Quorum.Voters(), id)
}
