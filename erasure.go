package corridor

import (
	"slices"

	"corridor.example/corridor/record"
)

// KindErasure is the kind of record that orders parts erased, here and in every mirror; its
// re is the record they belong to.
var KindErasure = kind[Erasure]("erasure", ClassAuthority)

// An Erasure takes free text or personal data out of every copy. The leaf, the signature, the
// figures, the reason and who ordered it stay.
type Erasure struct {
	Facts     ErasureFacts `part:"facts"`
	Narrative *Narrative   `part:"narrative"`
}

// ErasureFacts name the parts and the reason.
type ErasureFacts struct {
	record.PartHead
	Parts  []string      `json:"parts"` // narrative, identity, media
	Reason ErasureReason `json:"reason"`
}

// An ErasureReason says why parts are erased.
type ErasureReason string

var erasureReasons = vocabulary[ErasureReason]("danger-to-person", "person-asked", "retention-ended", "entered-by-mistake", "court-order", "other")

// UnmarshalText reads one of the reasons.
func (r *ErasureReason) UnmarshalText(t []byte) error { return term(r, t, erasureReasons) }

func (k Erasure) refuse(a Authority, h Header) error {
	if h.Re == nil || len(k.Facts.Parts) == 0 {
		return Refuse("erasure.re", "an erasure names a record in re and at least one of its parts")
	}
	for _, p := range k.Facts.Parts {
		if feeds(p) || !slices.Contains(record.PartNames, p) {
			return Refuse("erasure.part", "the part %q cannot be erased: narrative, identity and media can, what feeds a figure cannot", p)
		}
	}
	return nil
}

func (k Erasure) finds(a Authority, h Header) []Finding {
	if i, ok := a.m.Index(*h.Re); !ok || i >= a.n {
		return []Finding{{FindingAbsent, "no record stands before it under that record hash"}}
	}
	return nil
}

func (k Erasure) apply(m *Mission, h Header) {
	if m.state.erased == nil {
		m.state.erased = map[record.Hash][]erasedAt{}
	}
	m.state.erased[*h.Re] = append(m.state.erased[*h.Re], erasedAt{h.Index, h.Hash, ActorID(h.By), k.Facts})
}

// Erased returns the record hash of the erasure that ordered a part erased, and whether there
// is one in the prefix.
func (v View) Erased(h record.Hash, part string) (record.Hash, bool) {
	for _, e := range v.m.state.erased[h] {
		if e.index < v.n && slices.Contains(e.facts.Parts, part) {
			return e.hash, true
		}
	}
	return record.Hash{}, false
}

// Ordered returns what an entry orders erased: the record and the names of its parts. It is
// empty for anything but an erasure that has effect.
func (m *Mission) Ordered(i int64) (of record.Hash, parts []string) {
	for re, list := range m.state.erased {
		for _, e := range list {
			if e.index == i {
				return re, e.facts.Parts
			}
		}
	}
	return record.Hash{}, nil
}

// An Erasing is an order to erase, with who keeps a copy and has answered it. A copy's keeper
// answers with a countersignature of the order as carried-out; what a copy holds all the same
// is found by whoever checks it.
type Erasing struct {
	Record   record.Hash
	Index    int64
	By       ActorID
	Of       record.Hash // the record whose parts are erased
	Parts    []string
	Reason   ErasureReason
	Answered []ActorID // said that they carried it out, in the order of the log
	Silent   []ActorID // keep a copy and have not: those for whom a witness stands, and the archive
}

// Erasures returns the orders to erase of the prefix, in the order of the log.
func (v View) Erasures() (list []Erasing) {
	t := v.Terms()
	for of, orders := range v.m.state.erased {
		for _, e := range orders {
			if e.index >= v.n {
				continue
			}
			x := Erasing{Record: e.hash, Index: e.index, By: e.by, Of: of, Parts: e.facts.Parts, Reason: e.facts.Reason}
			for _, s := range v.Standings(e.hash) {
				if s.As == CarriedOut && !slices.Contains(x.Answered, s.By) {
					x.Answered = append(x.Answered, s.By)
				}
			}
			for _, id := range t.keepers() {
				if !slices.Contains(x.Answered, id) && id != e.by && !slices.Contains(x.Silent, id) {
					x.Silent = append(x.Silent, id)
				}
			}
			list = append(list, x)
		}
	}
	slices.SortFunc(list, func(a, b Erasing) int { return int(a.Index - b.Index) })
	return list
}

// keepers returns who keeps a copy of the log: those for whom a witness stands, and the archive.
func (t *Terms) keepers() (list []ActorID) {
	for _, w := range t.WitnessOf {
		list = append(list, w.Actor)
	}
	if t.Retention.Archive != nil {
		list = append(list, *t.Retention.Archive)
	}
	return list
}
