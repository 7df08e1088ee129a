package corridor

import (
	"slices"

	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// A View is the mission at a prefix of its log. Every figure, list and state that anyone is
// shown is a method of a View and nothing else, so the time slider, an old report and the
// checker make the same call. A View remembers what it worked out; it is for one goroutine,
// while the mission does not grow.
type View struct {
	m      *Mission
	n      int64
	period *Period // nil: everything
	hidden func(record.Hash) bool
	memo   *memo
}

type memo struct {
	groups   map[ConvoyID]*group
	order    []*group
	before   map[before]map[record.Hash]bool // what was committed to before a revocation
	closings *closings                       // which convoys have come to their end
	sealed   *sealedCounts                   // what rests on counts that are not known here
}

// At returns the mission as the first n records of its log tell it. It panics if the log is
// shorter.
func (m *Mission) At(n int64) View {
	if n < 0 || n > m.Size() {
		panic("corridor: a view beyond the log")
	}
	return View{m: m, n: n, memo: &memo{}}
}

// Now returns the mission as its whole log tells it.
func (m *Mission) Now() View { return m.At(m.Size()) }

// Size returns the number of records in the prefix.
func (v View) Size() int64 { return v.n }

// Founder returns the record hash of the founding mandate, the mission's name.
func (v View) Founder() record.Hash { return v.m.founder }

// Exercise reports whether the mission is an exercise.
func (v View) Exercise() bool { return v.m.exercise }

// Root returns the Merkle root of the prefix.
func (v View) Root() (ledger.Hash, error) { return v.m.tree.Root(v.n) }

// Authority returns what authority records in the prefix have established.
func (v View) Authority() Authority { return Authority{v.m, v.n} }

// Terms returns the mandate's terms in force, nil before the mandate.
func (v View) Terms() *Terms { return v.Authority().Terms() }

// An Entry is what a view knows of one record.
type Entry struct {
	Index    int64
	Hash     record.Hash
	Kind     Kind // "" for a kind this program does not know
	By       ActorID
	Key      record.Hash // fingerprint
	Seq      int64
	Prev     *record.Hash
	At       record.Time // when signed, by the author's clock
	Seen     *string
	Re       *record.Hash
	Findings []Finding
	Refused  *Refusal // breaks a rule and has no effect; a log that holds has none
	Sealed   bool     // a part that feeds figures is not known here
}

// Entry returns the record at an index of the prefix.
func (v View) Entry(i int64) Entry {
	e := v.m.entry(i)
	x := Entry{Index: i, Hash: e.hash, By: v.m.by(i), Key: v.m.key(e), Seq: v.m.seq(i), Prev: v.m.previously(e), At: v.m.at(i), Seen: v.m.seenBy(e), Re: v.m.re(e), Findings: v.Findings(i), Refused: v.m.refused[i]}
	if s := e.spec(); s != nil {
		x.Kind = s.name
	}
	_, x.Sealed = v.m.sealed[e.hash]
	return x
}

// Find returns the record of a hash, and whether the prefix has it.
func (v View) Find(h record.Hash) (Entry, bool) {
	i, ok := v.m.Index(h)
	if !ok || i >= v.n {
		return Entry{}, false
	}
	return v.Entry(i), true
}

// Findings returns in what a record departs from the mandate, as far as the prefix tells. A
// revocation counts by its place in the log, but a record that a later header of the same key
// committed to before the revocation counts as signed before it, whenever it arrived.
func (v View) Findings(i int64) []Finding {
	var found []Finding
	for _, f := range v.m.findings[i] {
		if f.Rule == FindingRevoked && v.committed(i, v.revokedAt(i)) || f.Rule == FindingSuspended && v.committed(i, v.pausedAt(i)) {
			continue
		}
		found = append(found, f)
	}
	if v.equivocates(i) {
		found = append(found, Finding{FindingEquivocates, "the same key signed another record with this number or id; neither is in a figure"})
	}
	return found
}

// listed reports whether an account is listed and not summed.
func (v View) listed(i int64) bool {
	if v.m.refused[i] != nil {
		return true
	}
	if len(v.m.findings[i]) > 0 {
		return len(v.Findings(i)) > 0
	}
	return v.equivocates(i)
}

// equivocates reports whether the key of a record signed another header with the same number
// or id.
func (v View) equivocates(i int64) bool {
	for _, j := range v.m.twins(i) {
		if j < v.n {
			return true
		}
	}
	return false
}

// committed reports whether a record logged after a revocation or suspension was committed to,
// through prev, by a record of the same key logged before that.
func (v View) committed(i, end int64) bool {
	e := v.m.entry(i)
	at := before{v.m.key(e), end}
	set, ok := v.memo.before[at]
	if !ok {
		set = map[record.Hash]bool{}
		for j := range v.m.signed(at.key) {
			if j >= v.n || j >= at.index || v.m.refused[j] != nil {
				continue
			}
			for p := v.m.previously(v.m.entry(j)); p != nil && !set[*p]; {
				set[*p] = true
				k, logged := v.m.Index(*p)
				if !logged || k >= v.n || v.m.entry(k).chain != e.chain {
					break
				}
				p = v.m.previously(v.m.entry(k))
			}
		}
		if v.memo.before == nil {
			v.memo.before = map[before]map[record.Hash]bool{}
		}
		v.memo.before[at] = set
	}
	return set[e.hash]
}

// pausedAt returns the index of the suspension under which the observer of a record stood.
func (v View) pausedAt(i int64) int64 {
	if x, ok := (Authority{v.m, i}).suspendedObserver(v.m.by(i)); ok {
		return x.index
	}
	return i
}

// before is a key and the index of a revocation or suspension.
type before struct {
	key   record.Hash
	index int64
}

// revokedAt returns the index of the first revocation after the last deployment before i.
func (v View) revokedAt(i int64) int64 {
	n := v.m.state.nominees[v.m.by(i)]
	if n == nil {
		return i
	}
	last := int64(-1)
	for _, d := range n.deployments {
		if d.index < i {
			last = d.index
		}
	}
	for _, r := range n.revocations {
		if r.index > last && r.index < i {
			return r.index
		}
	}
	return i
}

// corrected reports whether the author of a record has restated or withdrawn it. A correction
// that is itself listed changes nothing.
func (v View) corrected(h record.Hash, by ActorID) bool {
	of := v.m.field.corrections[h]
	if of == nil {
		return false
	}
	for _, c := range of.list {
		if c.index < v.n && c.by == by && !v.listed(c.index) {
			return true
		}
	}
	return false
}

// Stands reports whether an account is its author's last word as far as the prefix tells:
// neither corrected nor withdrawn by its own author. Two can stand; both are shown. What
// somebody else restated is that author's dispute and no account.
func (v View) Stands(a *Account) bool {
	return a.Index < v.n && !v.corrected(a.Record, a.By) && v.own(a.Record)
}

// Summed reports whether an account is in the sums: it stands, and authority has nothing
// against it.
func (v View) Summed(a *Account) bool { return v.Stands(a) && !v.listed(a.Index) }

// Disputed returns the records that dispute a record, those of other authors who meant to
// correct it among them, by when they were signed.
func (v View) Disputed(h record.Hash) []Word {
	list := v.Beside(h, KindDispute)
	if of := v.m.field.corrections[h]; of != nil {
		if e, ok := v.Find(h); ok {
			for _, c := range of.list {
				if c.index < v.n && c.by != e.By {
					list = append(list, Word{c.record, c.index, KindCorrection, c.by, c.by, "", v.m.at(c.index)})
				}
			}
		}
	}
	slices.SortFunc(list, func(a, b Word) int {
		return byWhen(Period{a.When, a.When}, Period{b.When, b.When}, a.Record, b.Record)
	})
	return list
}

// Beside returns the words of a kind that stand beside a record and have not been withdrawn,
// by when they were said.
func (v View) Beside(h record.Hash, k Kind) []Word {
	var list []Word
	if of := v.m.field.words[h]; of != nil {
		for _, w := range of.list {
			if w.Index < v.n && w.Kind == k && !v.corrected(w.Record, w.By) {
				list = append(list, w)
			}
		}
	}
	slices.SortFunc(list, func(a, b Word) int {
		return byWhen(Period{a.When, a.When}, Period{b.When, b.When}, a.Record, b.Record)
	})
	return list
}

// A Correcting is a correction as shown beside what it corrects.
type Correcting struct {
	Record record.Hash
	Index  int64
	By     ActorID
	Kind   *Kind // nil: withdrawn
	Reason CorrectionReason
	Own    bool // by the author of what it corrects; else it stands as a dispute
	Listed bool // authority has something against it, so it changes nothing
}

// Corrections returns the corrections of a record, in the order of their hashes.
func (v View) Corrections(h record.Hash) []Correcting {
	var list []Correcting
	e, ok := v.Find(h)
	if of := v.m.field.corrections[h]; ok && of != nil {
		for _, c := range of.list {
			if c.index < v.n {
				list = append(list, Correcting{c.record, c.index, c.by, c.kind, c.reason, c.by == e.By, v.listed(c.index)})
			}
		}
	}
	slices.SortFunc(list, func(a, b Correcting) int { return slices.Compare(a.Record[:], b.Record[:]) })
	return list
}

// Account returns the movement account of a record hash, and whether the prefix has one.
func (v View) Account(h record.Hash) (*Account, bool) {
	a := v.m.account(h)
	if a == nil || a.Index >= v.n {
		return nil, false
	}
	return a, true
}

// Chain returns the highest number a key has used in the prefix and the record that has it, and
// whether it has signed anything.
func (v View) Chain(key record.Hash) (seq int64, last record.Hash, ok bool) {
	for i := range v.m.signed(key) {
		if i < v.n && v.m.seq(i) > seq {
			seq, last, ok = v.m.seq(i), v.m.entry(i).hash, true
		}
	}
	return seq, last, ok
}

// when returns when what a record tells happened, and whether it tells that.
func (v View) when(i int64) (Period, bool) {
	when := v.m.when(v.m.entry(i))
	return when, when != Period{}
}

// A Hole is numbers of a key's chain that have not been received. It blames nobody.
type Hole struct {
	Key      record.Hash
	By       ActorID
	From, To int64 // first and last missing number
}

// Holes returns what is missing in the chains of the keys, as far as later records tell.
func (v View) Holes() []Hole {
	var holes []Hole
	for key := range v.m.chains {
		var seqs []int64
		var by ActorID
		last := int64(-1)
		for i := range v.m.signed(key) {
			if i < v.n {
				seqs = append(seqs, v.m.seq(i))
				if i > last {
					last, by = i, v.m.by(i)
				}
			}
		}
		if d, ok := v.m.state.standdowns[key]; ok && d.index < v.n {
			seqs = append(seqs, d.seq+1) // everything up to the last one is known to exist
		}
		slices.Sort(seqs)
		next := int64(1)
		for _, s := range seqs {
			if s > next {
				holes = append(holes, Hole{key, by, next, s - 1})
			}
			next = max(next, s+1)
		}
	}
	slices.SortFunc(holes, func(a, b Hole) int {
		return byWhen(Period{record.Time(a.From), record.Time(a.To)}, Period{record.Time(b.From), record.Time(b.To)}, a.Key, b.Key)
	})
	return holes
}
