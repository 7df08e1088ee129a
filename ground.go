package corridor

import (
	"slices"

	"corridor.example/corridor/record"
)

// A Telling is who tells something, when it happened, and on what the telling rests. Every
// account that is no convoy movement and no incident carries one.
type Telling struct {
	Record record.Hash
	Index  int64
	By     ActorID // who signed it
	Says   ActorID // whose account it is: By, or whom By heard it from
	When   Period  // when it happened; for what was said, when it was said
	Basis  Basis
	Via    *Via
	Past   bool // its own author has restated or withdrawn it
	Listed bool // authority has something against it: it is shown and has no effect
}

func telling(h Header, when Period, b Basis, via *Via) Telling {
	return Telling{Record: h.Hash, Index: h.Index, By: ActorID(h.By), Says: says(h, via), When: when, Basis: b, Via: via}
}

func (t *Telling) telling() *Telling { return t }

// Stands reports whether the telling is its author's last word and authority has nothing
// against it.
func (t *Telling) Stands() bool { return !t.Past && !t.Listed }

// ground is what the kinds put down that tell of holds, people, restrictions, presence and of
// what the mission said of them: sets keyed by record hash.
type ground struct {
	holds         set[Halted]
	resumptions   set[Resumed]
	explanations  set[Explaining]
	situations    set[Situated]
	restrictions  set[Restricted]
	coverage      set[Covered]
	handovers     set[HandedOver]
	assessments   set[Assessed]
	notifications set[Notified]
	exhibits      set[Exhibited]
	tellings      set[ToldFigures] // of kind told
	refusals      set[RefusedRecord]
	disclosures   set[disclosedAt]
	breaches      set[BreachLaid]
	requests      set[Requested]
	grants        set[Granted]
	meetings      set[Met]
	complaints    set[Complained]
	answers       set[Answered]
	tracks        set[Tracked]
}

// gather returns the tellings of a set that the prefix holds, in copies that say whether they
// stand, by when and hash. A restatement by somebody else than the author of what it restates
// is a dispute and no telling; so is, until that arrives, one of a record that is not here.
func gather[T any, P interface {
	*T
	telling() *Telling
}](v View, s *set[T]) []T {
	var all []T
	for _, x := range s.list {
		t := P(&x).telling()
		if t.Index >= v.n || !v.owned(t.Index) {
			continue
		}
		t.Past, t.Listed = v.corrected(t.Record, t.By), v.listed(t.Index)
		all = append(all, x)
	}
	slices.SortFunc(all, func(a, b T) int {
		s, t := P(&a).telling(), P(&b).telling()
		return byWhen(s.When, t.When, s.Record, t.Record)
	})
	return all
}

// happened returns those of a gathered list that began in the view's period.
func happened[T any, P interface {
	*T
	telling() *Telling
}](v View, list []T) []T {
	return slices.DeleteFunc(list, func(x T) bool { return !v.during(P(&x).telling().When) })
}

// origin returns the record that a chain of corrections by one author began with: the record
// itself if it corrects nothing. ok is false if the chain leaves the prefix or changes author.
func (v View) origin(h record.Hash) (first record.Hash, ok bool) {
	for {
		i, ok := v.m.Index(h)
		if !ok || i >= v.n {
			return h, false
		}
		e := v.m.entry(i)
		if !e.is(KindCorrection) || e.re == 0 {
			return h, true
		}
		j, ok := v.m.Index(*v.m.re(e))
		if !ok || j >= v.n || v.m.by(j) != v.m.by(i) {
			return h, false
		}
		h = *v.m.re(e)
	}
}

// own reports whether a record is no correction, or corrects only what its author wrote.
func (v View) own(h record.Hash) bool {
	_, ok := v.origin(h)
	return ok
}

// owned is own for the record at an index, at the price of one comparison where the record is
// no correction.
func (v View) owned(i int64) bool {
	e := v.m.entry(i)
	return e.re == 0 || !e.is(KindCorrection) || v.own(e.hash)
}

// things joins the records that are accounts of one thing: by standing links, and as what an
// author wrote before and after correcting it.
func (v View) things() *union[record.Hash] {
	u := v.sameRecords()
	for re, of := range v.m.field.corrections {
		for _, c := range of.list {
			if c.index < v.n && v.own(c.record) {
				u.join(re, c.record)
			}
		}
	}
	return u
}

// answers returns what a record answers by its re, or, for a correction, what the record
// answers that it restates; nil if nothing.
func (v View) answers(h record.Hash) *record.Hash {
	first, ok := v.origin(h)
	if !ok {
		return nil
	}
	return v.m.re(v.m.of(first))
}
