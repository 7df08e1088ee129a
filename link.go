package corridor

import (
	"slices"

	"corridor.example/corridor/record"
)

// KindLink is the kind of record that joins convoys, accounts or a claim to the accounts that
// bear on it.
var KindLink = kind[Link]("link", ClassMovement)

// A Link joins what its author holds to belong together. It can be disputed, corrected and
// withdrawn like any account, and links commute.
type Link struct {
	Facts     LinkFacts  `part:"facts"`
	Narrative *Narrative `part:"narrative"`
}

// LinkFacts say what is joined, how and why.
type LinkFacts struct {
	record.PartHead
	As      LinkAs        `json:"as"`
	Convoys []ConvoyID    `json:"convoys"` // same: all of them; split-from, merged-into: what they came from
	Into    []ConvoyID    `json:"into"`    // split-from, merged-into: what came of them; else empty
	Records []record.Hash `json:"records"` // accounts of one thing, or accounts that bear on the claim
	Claim   *ClaimRef     `json:"claim"`   // for, against and context; else null
	Reason  LinkReason    `json:"reason"`
}

// A ClaimRef points at one claim of a statement.
type ClaimRef struct {
	Statement record.Hash `json:"statement"`
	Claim     int64       `json:"claim"` // its number in the statement, from 1
}

// A LinkAs is how things are joined.
type LinkAs string

// The ways things are joined. Split and merged convoys keep their own names; what left the
// first is open until it arrives under any of them.
const (
	Same       LinkAs = "same"        // two names of one convoy, or accounts of one thing
	SplitFrom  LinkAs = "split-from"  // Into were made out of Convoys on the way
	MergedInto LinkAs = "merged-into" // Convoys went on as Into
	BearsFor   LinkAs = "for"         // the records speak for the claim
	Against    LinkAs = "against"     // the records speak against the claim
	Context    LinkAs = "context"     // the records speak of what the claim is about
	NotCovered LinkAs = "not-covered" // the records show that nobody of the mission was there
)

var linkAs = vocabulary(Same, SplitFrom, MergedInto, BearsFor, Against, Context, NotCovered)

// UnmarshalText reads one of the ways things are joined.
func (r *LinkAs) UnmarshalText(t []byte) error { return term(r, t, linkAs) }

// A LinkReason is why its author joins them.
type LinkReason string

var linkReasons = vocabulary[LinkReason]("same-time-and-place", "told-by-escort", "seen", "own-relayed-account", "same-source", "numbers-fit", "subject", "other")

// UnmarshalText reads one of the reasons.
func (r *LinkReason) UnmarshalText(t []byte) error { return term(r, t, linkReasons) }

func (k Link) refuse(h Header) error {
	f := k.Facts
	claims := f.As == BearsFor || f.As == Against || f.As == Context || f.As == NotCovered
	moved := f.As == SplitFrom || f.As == MergedInto
	switch {
	case claims != (f.Claim != nil):
		return Refuse("link.claim", "for, against, context and not-covered name a claim, and no other link does")
	case moved != (len(f.Into) > 0) || moved && len(f.Convoys) == 0:
		return Refuse("link.into", "split-from and merged-into name the convoys before and after, and no other link does")
	case f.As == Same && len(f.Convoys)+len(f.Records) < 2 || f.As == Same && len(f.Convoys) > 0 && len(f.Records) > 0:
		return Refuse("link.same", "same joins at least two convoys or at least two records")
	case claims && f.As != NotCovered && len(f.Records) == 0:
		return Refuse("link.records", "a link to a claim names the records that bear on it")
	case claims && f.Claim.Claim < 1:
		return Refuse("link.claim", "claims are numbered from 1")
	}
	return nil
}

func (k Link) restates(h Header) error { return k.refuse(h) }

func (k Link) apply(m *Mission, h Header) {
	m.field.links.put(h.Hash, linkOf{h.Hash, h.Index, ActorID(h.By), k.Facts})
}

type linkOf struct {
	record record.Hash
	index  int64
	by     ActorID
	facts  LinkFacts
}

// links returns the links of the given ways that stand and that authority has nothing against.
func (v View) links(as ...LinkAs) []linkOf {
	var list []linkOf
	for _, l := range v.m.field.links.list {
		for _, a := range as {
			if l.facts.As == a && l.index < v.n && !v.corrected(l.record, l.by) && !v.listed(l.index) && v.own(l.record) {
				list = append(list, l)
			}
		}
	}
	return list
}

// union joins keys into sets, each named by its least member so that order changes nothing.
type union[K comparable] struct {
	up   map[K]K
	less func(a, b K) bool
}

func (u *union[K]) find(k K) K {
	for {
		p, ok := u.up[k]
		if !ok {
			return k
		}
		k = p
	}
}

func (u *union[K]) join(a, b K) {
	a, b = u.find(a), u.find(b)
	if a == b {
		return
	}
	if u.less(b, a) {
		a, b = b, a
	}
	if u.up == nil {
		u.up = map[K]K{}
	}
	u.up[b] = a
}

// SameAs returns the records that standing links hold to be accounts of one thing with h, h
// among them, in the order of their hashes.
func (v View) SameAs(h record.Hash) []record.Hash {
	u := v.sameRecords()
	root := u.find(h)
	all := []record.Hash{root}
	for k := range u.up {
		if u.find(k) == root {
			all = append(all, k)
		}
	}
	slices.SortFunc(all, compareHashes)
	return all
}

func (v View) sameRecords() *union[record.Hash] {
	u := &union[record.Hash]{less: func(a, b record.Hash) bool { return compareHashes(a, b) < 0 }}
	for _, l := range v.links(Same) {
		for _, r := range l.facts.Records {
			u.join(l.facts.Records[0], r)
		}
	}
	return u
}

func compareHashes(a, b record.Hash) int { return slices.Compare(a[:], b[:]) }
