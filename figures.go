package corridor

import (
	"cmp"
	"slices"
	"strings"

	"corridor.example/corridor/record"
)

// A Measure is what a figure says of a convoy or leg.
type Measure string

// The measures. Open is what departed and has neither arrived nor been transferred: left less
// arrived less transferred, plus what other convoys handed over. What turned back or was
// explained stands beside it and is never netted.
const (
	Planned     Measure = "planned"
	Left        Measure = "left"
	Passed      Measure = "passed"
	Transferred Measure = "transferred"
	Arrived     Measure = "arrived"
	TurnedBack  Measure = "turned-back"
	Open        Measure = "open"
)

var measures = vocabulary(Planned, Left, Passed, Transferred, Arrived, TurnedBack, Open)

// UnmarshalText reads one of the measures.
func (x *Measure) UnmarshalText(t []byte) error { return term(x, t, measures) }

var told = map[Measure]Kind{
	Planned: "plan", Left: "departure", Passed: "passage", Transferred: "transfer", Arrived: "arrival", TurnedBack: "turnback",
}

// A Line names a figure: "left.people A-07", "open.people.wounded A", "arrived.bus all". The
// scope is a call-sign, a leg's letter or all.
type Line struct {
	Measure  Measure
	Unit     Unit
	Category Category // "" for the whole
	Scope    string
}

// ParseLine reads a figure's name. The error is a *Refusal.
func ParseLine(s string) (Line, error) {
	name, scope, ok := strings.Cut(s, " ")
	f := strings.Split(name, ".")
	bad := Refuse("figure.name", "%q does not name a figure; they read like left.people A-07, open.people A, arrived.bus all", s)
	if !ok || len(f) < 2 || len(f) > 3 {
		return Line{}, bad
	}
	l := Line{Measure: Measure(f[0]), Unit: Unit(f[1]), Scope: scope}
	if len(f) == 3 {
		l.Category = Category(f[2])
		if !slices.Contains(categories, l.Category) {
			return Line{}, bad
		}
	}
	var c ConvoyID
	leg := len(scope) == 1 && 'A' <= scope[0] && scope[0] <= 'Z'
	if !slices.Contains(measures, l.Measure) || !slices.Contains(units, l.Unit) || scope != "all" && !leg && c.UnmarshalText([]byte(scope)) != nil {
		return Line{}, bad
	}
	return l, nil
}

// String returns the figure's name.
func (l Line) String() string {
	s := string(l.Measure) + "." + string(l.Unit)
	if l.Category != "" {
		s += "." + string(l.Category)
	}
	return s + " " + l.Scope
}

// A Figure is a number anyone can recompute: its name, its range, and the accounts it was
// made of.
type Figure struct {
	Line
	Range
	From []record.Hash // the accounts summed, in the order of their hashes
}

// A group is one convoy under all its names, and what it was made of or became; or, where no
// call-sign is known, what is told of one leg and operation day.
type group struct {
	names []ConvoyID // none where the call-sign is not known
	leg   string
	day   string   // operation day, where the call-sign is not known
	child bool     // split from or merged of others: what it left with is counted with them
	whole ConvoyID // least name of everything it is joined to by splits and merges
	moves map[Kind][]*Account
	in    []*Account          // transfers that name it as receiver
	same  *union[record.Hash] // accounts that links hold to be of one thing
}

func lessConvoy(a, b ConvoyID) bool {
	return cmp.Or(cmp.Compare(a.Leg(), b.Leg()), cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) < 0
}

// During returns the view whose figures take in only what happened from p's first moment on
// and before its last.
func (v View) During(p Period) View { return View{v.m, v.n, &p, v.hidden, &memo{}} }

func (v View) during(when Period) bool {
	return v.period == nil || when[0] >= v.period[0] && when[0] < v.period[1]
}

// build sorts the accounts of the prefix into groups, once.
func (v View) build() {
	if v.memo.groups != nil {
		return
	}
	v.memo.groups = map[ConvoyID]*group{}
	same, whole := union[ConvoyID]{less: lessConvoy}, union[ConvoyID]{less: lessConvoy}
	for _, l := range v.links(Same) {
		for _, c := range l.facts.Convoys {
			same.join(l.facts.Convoys[0], c)
			whole.join(l.facts.Convoys[0], c)
		}
	}
	accounts := v.sameRecords()
	child := map[ConvoyID]bool{}
	for _, l := range v.links(SplitFrom, MergedInto) {
		for _, c := range l.facts.Into {
			child[same.find(c)] = true
			for _, from := range l.facts.Convoys {
				whole.join(from, c)
			}
		}
	}
	of := func(c ConvoyID) *group {
		g := v.memo.groups[c]
		if g == nil {
			root := same.find(c)
			if g = v.memo.groups[root]; g == nil {
				g = &group{leg: root.Leg(), child: child[root], whole: whole.find(root), moves: map[Kind][]*Account{}, same: accounts}
				v.memo.order = append(v.memo.order, g)
				v.memo.groups[root] = g
			}
			v.memo.groups[c] = g
		}
		if !slices.Contains(g.names, c) {
			g.names = append(g.names, c)
		}
		return g
	}
	for c, i := range v.m.field.mentions {
		if i < v.n {
			of(c)
		}
	}
	loose := map[[2]string]*group{}
	for a := range v.m.field.accounts.all() {
		if a.Index >= v.n || !v.during(a.When) || !v.Summed(a) || v.hidden != nil && v.hidden(a.Record) {
			continue
		}
		if a.To != nil {
			g := of(*a.To)
			g.in = append(g.in, a)
		}
		if a.Convoy != nil {
			g := of(*a.Convoy)
			g.moves[a.Kind] = append(g.moves[a.Kind], a)
			continue
		}
		at := [2]string{a.Leg, v.Terms().Zone.Day(a.When[0])}
		g := loose[at]
		if g == nil {
			g = &group{leg: at[0], day: at[1], moves: map[Kind][]*Account{}, same: accounts}
			loose[at] = g
			v.memo.order = append(v.memo.order, g)
		}
		g.moves[a.Kind] = append(g.moves[a.Kind], a)
	}
	for _, g := range v.memo.order {
		slices.SortFunc(g.names, compareConvoys)
	}
	slices.SortFunc(v.memo.order, func(a, b *group) int {
		if len(a.names) > 0 && len(b.names) > 0 {
			return compareConvoys(a.names[0], b.names[0])
		}
		return cmp.Or(cmp.Compare(len(b.names), len(a.names)), cmp.Compare(a.leg, b.leg), cmp.Compare(a.day, b.day))
	})
}

func compareConvoys(a, b ConvoyID) int {
	return cmp.Or(cmp.Compare(a.Leg(), b.Leg()), cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}

// measured returns a group's own figure: least and most over the accounts, or, where the
// call-sign is not known, over the sums of each author's accounts.
func (g *group) measured(x Measure, u Unit, c Category) (r Range, from []record.Hash) {
	accounts := g.moves[told[x]]
	if len(g.names) == 0 {
		return eventsRange(accounts, g.same, u, c, false)
	}
	if x == Transferred {
		return eventsRange(accounts, g.same, u, c, true)
	}
	for _, a := range accounts {
		if n, ok := a.number(u, c); ok {
			r = r.Widen(n)
			from = append(from, a.Record)
		} else {
			r.Uncounted++
		}
	}
	return r, from
}

// number returns what an account gives for a unit, or for one category of it.
func (a *Account) number(u Unit, c Category) (Range, bool) {
	s, ok := a.Count.Sum(u)
	if !ok {
		return Range{}, false
	}
	if c == "" {
		return s.Range(), true
	}
	n, ok := s.Cell(c)
	return Range{Low: n, High: n, Known: true, About: s.Sharp == About}, ok
}

// Figure returns the figure of a line. A convoy, leg or measure that nobody counted gives an
// unknown range, which is not zero.
func (v View) Figure(l Line) Figure {
	v.build()
	f := Figure{Line: l}
	groups := v.scope(l)
	if l.Measure == Open {
		f.Range, f.From = v.openOf(groups, l)
	} else {
		own := strings.Contains(l.Scope, "-") // a call-sign
		for _, g := range groups {
			if l.Measure == Left && g.child && !own {
				continue // counted with what it was split from
			}
			r, from := g.measured(l.Measure, l.Unit, l.Category)
			f.Range = f.Range.Plus(r)
			f.From = append(f.From, from...)
		}
	}
	slices.SortFunc(f.From, func(a, b record.Hash) int { return slices.Compare(a[:], b[:]) })
	f.From = slices.Compact(f.From)
	return f
}

// scope returns the groups a line speaks of. What is open of a convoy is open of everything it
// was split from or merged into.
func (v View) scope(l Line) []*group {
	var list []*group
	whole, joined := ConvoyID(""), false
	if g := v.memo.groups[ConvoyID(l.Scope)]; g != nil && l.Measure == Open {
		whole, joined = g.whole, true
	}
	for _, g := range v.memo.order {
		named := slices.Contains(g.names, ConvoyID(l.Scope))
		if l.Scope == "all" || l.Scope == g.leg || named || joined && len(g.names) > 0 && g.whole == whole {
			list = append(list, g)
		}
	}
	return list
}

// openOf returns what the convoys left with and received, less what arrived and was handed
// over. What a convoy was split from or merged into is taken with it. Where nobody counted
// what left, arrivals are held against nothing: they are remembered in Uncounted.
func (v View) openOf(groups []*group, l Line) (r Range, from []record.Hash) {
	var order []*group
	wholes := map[ConvoyID][]*group{}
	for _, g := range groups {
		if len(g.names) == 0 {
			order = append(order, g)
			continue
		}
		if wholes[g.whole] == nil {
			order = append(order, g)
		}
		wholes[g.whole] = append(wholes[g.whole], g)
	}
	for _, g := range order {
		whole := []*group{g}
		if len(g.names) > 0 {
			whole = wholes[g.whole]
		}
		n, f := openOfWhole(whole, l)
		r, from = r.Plus(n), append(from, f...)
	}
	return r, from
}

func openOfWhole(whole []*group, l Line) (r Range, from []record.Hash) {
	var less Range
	var off []record.Hash
	for _, g := range whole {
		if !g.child {
			n, f := g.measured(Left, l.Unit, l.Category)
			r, from = r.Plus(n), append(from, f...)
		}
		n, f := received(g.in, g.same, l.Unit, l.Category)
		r, from = r.Plus(n), append(from, f...)
		for _, x := range []Measure{Arrived, Transferred} {
			n, f := g.measured(x, l.Unit, l.Category)
			less, off = less.Plus(n), append(off, f...)
		}
	}
	if !r.Known {
		r.Uncounted += len(off)
		return r, nil
	}
	return r.Minus(less), append(from, off...)
}

// received returns what other convoys handed over, convoy by convoy.
func received(in []*Account, same *union[record.Hash], u Unit, c Category) (r Range, from []record.Hash) {
	by := map[ConvoyID][]*Account{}
	for _, a := range in {
		id := ConvoyID("")
		if a.Convoy != nil {
			id = *a.Convoy
		}
		by[id] = append(by[id], a)
	}
	for _, accounts := range by {
		n, f := eventsRange(accounts, same, u, c, true)
		r, from = r.Plus(n), append(from, f...)
	}
	return r, from
}

// eventsRange returns the range over what each author tells of things that can happen more
// than once: transfers out of one convoy, or movements on a leg where no call-sign is known.
// Each author's events are added, and the range taken over the authors. Accounts that links
// hold to be of one thing are one event; so, where timed, are accounts of one author that
// share a moment.
func eventsRange(accounts []*Account, same *union[record.Hash], u Unit, c Category, timed bool) (r Range, from []record.Hash) {
	one := map[record.Hash]Range{} // what the linked accounts give together
	by := map[ActorID][]*Account{}
	for _, a := range accounts {
		n, ok := a.number(u, c)
		if !ok {
			r.Uncounted++
			continue
		}
		root := same.find(a.Record)
		one[root] = one[root].Widen(n)
		by[a.Says] = append(by[a.Says], a)
		from = append(from, a.Record)
	}
	for _, own := range by {
		sortAccounts(own)
		var sum, event Range
		var end Period
		told := map[record.Hash]bool{}
		for i, a := range own {
			root := same.find(a.Record)
			switch n := one[root]; {
			case told[root]:
			case i > 0 && timed && a.When.Overlaps(end):
				event = event.Widen(n)
			default:
				sum, event, end = sum.Plus(event), n, a.When
			}
			told[root] = true
			end[1] = max(end[1], a.When[1])
		}
		r = r.Widen(sum.Plus(event))
	}
	return r, from
}

// Convoys returns the call-signs of the prefix, each convoy under all its names, by leg and
// number.
func (v View) Convoys() [][]ConvoyID {
	v.build()
	var all [][]ConvoyID
	for _, g := range v.memo.order {
		if len(g.names) > 0 {
			all = append(all, g.names)
		}
	}
	return all
}

// Accounts returns every account of a convoy in the prefix under any of its names, corrected
// and listed ones too, by when and hash.
func (v View) Accounts(c ConvoyID) []*Account {
	v.build()
	names := []ConvoyID{c}
	if g := v.memo.groups[c]; g != nil {
		names = g.names
	}
	var all []*Account
	for a := range v.m.field.accounts.all() {
		if a.Index < v.n && (a.Convoy != nil && slices.Contains(names, *a.Convoy) || a.To != nil && slices.Contains(names, *a.To)) {
			all = append(all, a)
		}
	}
	sortAccounts(all)
	return all
}

// AllAccounts returns every movement account of the prefix, by when and hash.
func (v View) AllAccounts() []*Account {
	var all []*Account
	for a := range v.m.field.accounts.all() {
		if a.Index < v.n && v.during(a.When) {
			all = append(all, a)
		}
	}
	sortAccounts(all)
	return all
}

func sortAccounts(all []*Account) {
	slices.SortFunc(all, func(a, b *Account) int { return byWhen(a.When, b.When, a.Record, b.Record) })
}

// Lines returns the name of every figure that some account of the prefix counts: for each
// leg, then for each convoy, every measure, unit and category that occurs.
func (v View) Lines() []Line {
	v.build()
	seen := map[Line]bool{}
	var legs, convoys []Line
	add := func(list *[]Line, l Line) {
		if !seen[l] {
			seen[l] = true
			*list = append(*list, l)
		}
	}
	for _, g := range v.memo.order {
		for _, x := range measures {
			for _, a := range g.moves[told[x]] {
				if a.Count == nil {
					continue
				}
				for _, s := range a.Count.Sums {
					for _, c := range s.categories() {
						l := Line{x, s.Unit, c, g.leg}
						add(&legs, l)
						own := l
						if len(g.names) > 0 {
							own.Scope = string(g.names[0])
							add(&convoys, own)
						}
						if x == Left {
							l.Measure, own.Measure = Open, Open
							add(&legs, l)
							if len(g.names) > 0 {
								add(&convoys, own)
							}
						}
					}
				}
			}
		}
	}
	slices.SortFunc(legs, compareLines)
	slices.SortFunc(convoys, compareLines)
	return append(legs, convoys...)
}

func (s Sum) categories() []Category {
	all := []Category{""}
	for _, cells := range [][]Cell{s.Cells, s.OfWhich} {
		for _, c := range cells {
			all = append(all, c.Of)
		}
	}
	return all
}

func compareLines(a, b Line) int {
	return cmp.Or(compareConvoys(ConvoyID(a.Scope), ConvoyID(b.Scope)),
		cmp.Compare(slices.Index(measures, a.Measure), slices.Index(measures, b.Measure)),
		cmp.Compare(slices.Index(units, a.Unit), slices.Index(units, b.Unit)),
		cmp.Compare(slices.Index(categories, a.Category), slices.Index(categories, b.Category)))
}
