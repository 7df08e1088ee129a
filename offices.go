package corridor

import (
	"slices"

	"corridor.example/corridor/record"
)

// A HeldKey is a key as the log tells of it.
type HeldKey struct {
	Fingerprint record.Hash
	Use         KeyUse
	From        int64        // index of the record that enrolled it
	Until       int64        // index of the record that replaced it; -1 while it stands
	Reason      KeyReason    // why it was replaced, "" while it stands
	Suspended   *record.Hash // the suspension under which it stands, if any
	Doubtful    []Entry      // what it signed, where it is said to be lost or stolen: nobody can say since when
}

// An OfficeState is whether an actor can act.
type OfficeState string

// The states of an office. One without a recovery key can act, and loses its voice with its
// working key.
const (
	OfficeInOrder    OfficeState = "in-order"
	OfficeNoRecovery OfficeState = "no-recovery"
	OfficeSuspended  OfficeState = "suspended" // its working keys are; its recovery key puts them back or replaces them
	OfficeKeyless    OfficeState = "keyless"   // it never had a key: its acts can only be recorded
	OfficeVacant     OfficeState = "vacant"    // nobody can act for it
)

// A Holding is an actor of the mandate with its keys, and what its state means for votes.
type Holding struct {
	Actor    ActorID
	State    OfficeState
	Keys     []HeldKey // by where they were enrolled, then by fingerprint
	Votes    bool      // the mandate asks for its consent to observers
	Consents bool      // observers could be admitted without it; nobody votes in its place
	Amends   bool      // the mandate could be amended without it
}

// Offices returns the actors of the mandate that act, in its order: those with keys, and those
// whose consent is asked for.
func (v View) Offices() (list []Holding) {
	a, t := v.Authority(), v.Terms()
	if t == nil {
		return nil
	}
	for _, x := range t.Actors {
		h := Holding{Actor: x.ID, Keys: v.heldBy(x.ID), Votes: a.asks(x.ID)}
		if len(h.Keys) == 0 && !h.Votes {
			continue
		}
		h.State = a.office(h)
		others := func(id ActorID) bool { return id != x.ID }
		h.Consents, h.Amends = t.Consent.Quorum.Met(others), t.Amend.Met(others)
		list = append(list, h)
	}
	return list
}

func (a Authority) office(h Holding) OfficeState {
	working, recovery := false, false
	for _, k := range h.Keys {
		if k.Until < 0 && k.Suspended == nil {
			working = working || k.Use == WorkingKey
			recovery = recovery || k.Use == RecoveryKey
		}
	}
	switch {
	case a.Vacant(h.Actor):
		return OfficeVacant
	case len(h.Keys) == 0:
		return OfficeKeyless
	case !working:
		return OfficeSuspended
	case !recovery:
		return OfficeNoRecovery
	}
	return OfficeInOrder
}

func (v View) heldBy(id ActorID) (list []HeldKey) {
	a := v.Authority()
	for fingerprint, k := range v.m.state.keys {
		if k.owner != id || k.from >= v.n {
			continue
		}
		x := HeldKey{Fingerprint: fingerprint, Use: k.use, From: k.from, Until: -1}
		if k.until >= 0 && k.until < v.n {
			x.Until = k.until
			x.Reason = v.replacedFor(k.until)
		}
		out, suspended := a.suspendedKey(fingerprint)
		if suspended {
			x.Suspended = &out.hash
		}
		if x.Reason == "stolen" || x.Reason == "lost" || suspended && (out.facts.Reason == "key-stolen" || out.facts.Reason == "key-lost") {
			x.Doubtful = v.signedWith(fingerprint)
		}
		list = append(list, x)
	}
	slices.SortFunc(list, func(a, b HeldKey) int {
		return byWhen(Period{record.Time(a.From)}, Period{record.Time(b.From)}, a.Fingerprint, b.Fingerprint)
	})
	return list
}

// replacedFor returns why the key record at an index replaced a key.
func (v View) replacedFor(i int64) KeyReason {
	for _, x := range v.m.acts {
		if k, ok := x.body.(*KeyRecord); ok && x.h.Index == i {
			return k.Facts.Reason
		}
	}
	return ""
}

// signedWith returns what a key signed in the prefix, in the order of the log.
func (v View) signedWith(key record.Hash) (list []Entry) {
	for i := range v.m.signed(key) {
		if i < v.n {
			list = append(list, v.Entry(i))
		}
	}
	slices.SortFunc(list, func(a, b Entry) int { return int(a.Index - b.Index) })
	return list
}
