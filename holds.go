package corridor

import (
	"cmp"
	"slices"

	"corridor.example/corridor/record"
)

// A Standstill is one hold: every account of it that links hold together, every reason that
// anybody stated, and the accounts of its end.
type Standstill struct {
	ID       record.Hash // least hash of its first accounts; corrections do not change it
	Convoys  []ConvoyID  // named by accounts that stand
	Legs     []string    // likewise; with no convoys and no legs the whole operation stood still
	Accounts []Halted    // those that stand
	Past     []Halted    // restated, withdrawn, or with findings: shown, without effect
	Stated   []Stated    // every reason in Accounts; empty: none stated
	Began    Period      // from the earliest to the latest beginning told
	Ended    *Period     // likewise of its end; nil while it is open
	Resumed  []Resumed   // standing accounts that all of it moved again
	Partly   []Resumed   // standing accounts that some of it did
}

// A Stated is one reason for a hold, with who gave it and who tells so.
type Stated struct {
	StatedReason
	Record record.Hash // the account it stands in
	Says   ActorID     // whose account that is
}

// Lasted returns for how many seconds the hold lasted, the least and the most that its
// accounts allow. For an open hold it says how long it had lasted at the given moment, and
// the range is open. It is not known where the accounts tell of an end before the beginning.
func (s Standstill) Lasted(at record.Time) Range {
	end, open := Period{at, at}, s.Ended == nil
	if !open {
		end = *s.Ended
	}
	if end[1] < s.Began[0] {
		return Range{}
	}
	return Range{Low: int64(max(0, end[0]-s.Began[1])), High: int64(end[1] - s.Began[0]), Known: true, Open: open}
}

// All reports whether the whole operation stood still.
func (s Standstill) All() bool { return len(s.Convoys)+len(s.Legs) == 0 }

// Holds returns the holds of the prefix by when they began, then by ID. A view of a period
// returns those that were going on in it.
func (v View) Holds() []Standstill {
	all, _ := v.holds()
	return all
}

// Resumptions returns the accounts that something moved again, by when and hash, each with
// the hold it ends. Those with none are unpaired: their hold is not in the log, or they name
// none.
func (v View) Resumptions() []Resumed {
	_, all := v.holds()
	return happened(v, all)
}

func (v View) holds() (all []Standstill, resumed []Resumed) {
	things := v.things()
	at := map[record.Hash]int{}
	for _, a := range gather(v, &v.m.field.ground.holds) {
		root := things.find(a.Record)
		i, ok := at[root]
		if !ok {
			i = len(all)
			at[root] = i
			all = append(all, Standstill{})
		}
		all[i].account(v, a, !ok)
	}
	resumed = gather(v, &v.m.field.ground.resumptions)
	for j := range resumed {
		r := &resumed[j]
		if of := v.answers(r.Record); of != nil {
			if i, ok := at[things.find(*of)]; ok {
				id := all[i].ID
				r.Hold = &id
				all[i].resume(v, *r)
			}
		}
	}
	all = slices.DeleteFunc(all, func(s Standstill) bool {
		return v.period != nil && (s.Began[0] >= v.period[1] || s.Ended != nil && s.Ended[1] < v.period[0])
	})
	slices.SortFunc(all, func(a, b Standstill) int { return byWhen(a.Began, b.Began, a.ID, b.ID) })
	return all, resumed
}

// account puts an account into the hold. The accounts come by when and hash.
func (s *Standstill) account(v View, a Halted, first bool) {
	if o, _ := v.origin(a.Record); first || compareHashes(o, s.ID) < 0 {
		s.ID = o
	}
	if !a.Stands() {
		if first {
			s.Began = a.When // until one that stands says otherwise
		}
		s.Past = append(s.Past, a)
		return
	}
	if len(s.Accounts) == 0 {
		s.Began = a.When
	}
	s.Began = Period{min(s.Began[0], a.When[0]), max(s.Began[1], a.When[1])}
	s.Accounts = append(s.Accounts, a)
	for _, r := range a.Facts.Stated {
		s.Stated = append(s.Stated, Stated{r, a.Record, a.Says})
	}
	s.Convoys = append(s.Convoys, a.Facts.Convoys...)
	slices.SortFunc(s.Convoys, compareConvoys)
	s.Convoys = slices.Compact(s.Convoys)
	s.Legs = append(s.Legs, a.Facts.Legs...)
	slices.Sort(s.Legs)
	s.Legs = slices.Compact(s.Legs)
}

// resume puts an account of the end into the hold, which has all its accounts by now.
func (s *Standstill) resume(v View, r Resumed) {
	switch {
	case !r.Stands():
	case !s.within(v, r.Facts):
		s.Partly = append(s.Partly, r)
	default:
		s.Resumed = append(s.Resumed, r)
		if s.Ended == nil {
			s.Ended = &Period{r.When[0], r.When[1]}
		}
		*s.Ended = Period{min(s.Ended[0], r.When[0]), max(s.Ended[1], r.When[1])}
	}
}

// within reports whether everything that was held is among what moved again.
func (s *Standstill) within(v View, f ResumptionFacts) bool {
	if len(f.Convoys)+len(f.Legs) == 0 {
		return true
	}
	for _, c := range s.Convoys {
		named := slices.ContainsFunc(f.Convoys, func(d ConvoyID) bool { return c == d || v.oneConvoy(c, d) })
		if !named && !slices.Contains(f.Legs, c.Leg()) {
			return false
		}
	}
	for _, l := range s.Legs {
		if !slices.Contains(f.Legs, l) {
			return false
		}
	}
	return !s.All()
}

// oneConvoy reports whether links hold two call-signs to be one convoy.
func (v View) oneConvoy(a, b ConvoyID) bool {
	v.build()
	g, h := v.memo.groups[a], v.memo.groups[b]
	return g != nil && g == h
}

// An Explained is what one reason explains of an open difference. It stands beside the
// difference and is never taken from it.
type Explained struct {
	Reason       ExplanationReason
	Range                     // the least and the most, over the authors of those that stand
	Explanations []Explaining // all of them, those without effect too, by when and hash
}

// Explained returns what is explained of the open difference of a line's scope, unit and
// category, by reason in the order of their list. An author's explanations of different
// things add up; those of different authors widen the range, and so do those that a link
// holds to be of one thing.
func (v View) Explained(l Line) []Explained {
	var all []Explained
	things := v.things()
	for _, x := range happened(v, gather(v, &v.m.field.ground.explanations)) {
		if !v.explains(x, l) {
			continue
		}
		x.Since = v.openSince(x)
		i := slices.IndexFunc(all, func(e Explained) bool { return e.Reason == x.Facts.Reason })
		if i < 0 {
			i = len(all)
			all = append(all, Explained{Reason: x.Facts.Reason})
		}
		all[i].Explanations = append(all[i].Explanations, x)
	}
	for i := range all {
		all[i].Range = explainedRange(all[i].Explanations, l, things)
	}
	slices.SortFunc(all, func(a, b Explained) int {
		return cmp.Compare(slices.Index(explanationReasons, a.Reason), slices.Index(explanationReasons, b.Reason))
	})
	return all
}

// explains reports whether an explanation is of a line: in its scope, and of its unit unless
// it gives no number at all.
func (v View) explains(x Explaining, l Line) bool {
	switch {
	case l.Scope == "all" || l.Scope == x.Facts.Leg:
	case x.Facts.Convoy == nil || string(*x.Facts.Convoy) != l.Scope && !v.sameConvoy(*x.Facts.Convoy, l.Scope):
		return false
	}
	_, counted := number(x.Count, l)
	return counted || x.Count == nil || len(x.Count.Sums) == 0
}

func number(c *Count, l Line) (Range, bool) {
	return (&Account{Count: c}).number(l.Unit, l.Category)
}

func explainedRange(list []Explaining, l Line, things *union[record.Hash]) (r Range) {
	type of struct {
		by    ActorID
		thing record.Hash
	}
	each := map[of]Range{}
	for _, x := range list {
		if !x.Stands() {
			continue
		}
		n, ok := number(x.Count, l)
		if !ok {
			r.Uncounted++
			continue
		}
		at := of{x.Says, things.find(x.Record)}
		each[at] = each[at].Widen(n)
	}
	sums := map[ActorID]Range{}
	for at, n := range each {
		if s, ok := sums[at.by]; ok {
			n = s.Plus(n)
		}
		sums[at.by] = n
	}
	for _, s := range sums {
		r = r.Widen(s)
	}
	return r
}

// openSince counts the accounts in the sums of an explanation's difference that it does not
// rest on.
func (v View) openSince(x Explaining) (n int) {
	for a := range v.m.field.accounts.all() {
		if a.Kind != KindDeparture && a.Kind != KindArrival && a.Kind != KindTransfer || slices.Contains(x.Facts.RestsOn, a.Record) || !v.Summed(a) {
			continue
		}
		if c := x.Facts.Convoy; c == nil && a.Leg == x.Facts.Leg || c != nil && v.touches(a, *c) {
			n++
		}
	}
	return n
}

// touches reports whether an account is of a convoy, under any of its names, or of what it was
// split from, merged into or handed people to.
func (v View) touches(a *Account, c ConvoyID) bool {
	for _, d := range []*ConvoyID{a.Convoy, a.To} {
		if d != nil && (*d == c || v.sameConvoy(*d, string(c))) {
			return true
		}
	}
	return false
}

// Assessments returns the assessments of the prefix, by when they were signed and hash, each
// with the number of records on the same matter that it does not rest on.
func (v View) Assessments() []Assessed {
	list := happened(v, gather(v, &v.m.field.ground.assessments))
	for i := range list {
		list[i].Of = v.answers(list[i].Record)
		list[i].Since = v.Since(list[i].Facts.RestsOn, list[i].Of)
	}
	return list
}

// Since counts the standing records on the same matter as some others that are not among
// them: those that links or corrections hold to be accounts of one thing with them, and the
// accounts in the sums of the convoys they tell of. of, the record that is weighed, counts as
// one of them; it may be nil.
func (v View) Since(rests []record.Hash, of *record.Hash) int {
	known := map[record.Hash]bool{}
	for _, h := range rests {
		known[h] = true
	}
	if of != nil {
		known[*of] = true
	}
	things := v.things()
	roots, convoys := map[record.Hash]bool{}, map[ConvoyID]bool{}
	for h := range known {
		roots[things.find(h)] = true
		if a, ok := v.Account(h); ok && a.Convoy != nil {
			convoys[*a.Convoy] = true
		}
	}
	fresh := map[record.Hash]bool{}
	joined := func(h record.Hash) {
		if i, ok := v.m.Index(h); ok && i < v.n && !known[h] && roots[things.find(h)] && v.own(h) && !v.corrected(h, v.m.by(i)) && !v.listed(i) && !v.withdraws(h) {
			fresh[h] = true
		}
	}
	for h := range things.up {
		joined(h)
		joined(things.find(h))
	}
	for a := range v.m.field.accounts.all() {
		if known[a.Record] || len(convoys) == 0 || !v.Summed(a) {
			continue
		}
		for c := range convoys {
			if v.touches(a, c) {
				fresh[a.Record] = true
			}
		}
	}
	return len(fresh)
}

// withdraws reports whether a record is a correction that only withdraws.
func (v View) withdraws(h record.Hash) bool {
	e := v.m.of(h)
	if !e.is(KindCorrection) || e.re == 0 {
		return false
	}
	c, ok := v.m.field.corrections[*v.m.re(e)].get(h)
	return ok && c.kind == nil
}
