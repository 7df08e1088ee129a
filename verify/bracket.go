package verify

import (
	"cmp"
	"slices"
	"sync"

	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// A Bracket is when a record can have been signed, as far as cosignatures tell. It says
// nothing of when what the record tells happened.
type Bracket struct {
	After  *record.Time // the quorum had made the checkpoint in seen by then; nil: open
	Before *record.Time // the quorum had seen the record in the log by then; nil: open
}

// String returns both ends, "open" where there is none.
func (b Bracket) String() string {
	end := func(t *record.Time) string {
		if t == nil {
			return "open"
		}
		return t.String()
	}
	return "signed between " + end(b.After) + " and " + end(b.Before)
}

// Brackets gives the bracket of each record of one log. The zero value leaves every end open.
type Brackets struct {
	policyAt func(size int64) *ledger.Policy
	covers   []cover // by size, and so by time
	weighed  *weighed
}

// A weighed remembers what checking a cosigned checkpoint came to, of those that headers carry:
// most of them the log is held against too. A nil one remembers nothing.
type weighed struct {
	carried *seenSet
	mu      sync.Mutex
	of      map[string]weighing
}

type weighing struct {
	policy *ledger.Policy
	signed ledger.Signed
	err    error
}

func (w *weighed) check(p *ledger.Policy, text []byte) (ledger.Signed, error) {
	if w == nil {
		return p.Check(text)
	}
	w.mu.Lock()
	x, ok := w.of[string(text)]
	kept := w.carried.at[string(text)]
	w.mu.Unlock()
	if ok && x.policy == p {
		return x.signed, x.err
	}
	s, err := p.Check(text)
	if kept == nil {
		return s, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.of == nil {
		w.of = map[string]weighing{}
	}
	w.of[*kept.text] = weighing{p, s, err}
	return s, err
}

// A cover is a checkpoint that the quorum had cosigned by a time.
type cover struct {
	size int64
	by   record.Time
}

// NewBrackets returns the brackets that cosigned checkpoints of one log give. policyAt returns
// the witness policy under which a checkpoint of a size counts, as View.Terms at that size has
// it, or nil. Whoever calls it has checked the checkpoints under those policies and compared
// their roots with the log's. Those without a quorum say nothing and are passed over.
func NewBrackets(policyAt func(size int64) *ledger.Policy, cosigned []ledger.Signed) *Brackets {
	b := &Brackets{policyAt: policyAt}
	var covers []cover
	for _, s := range cosigned {
		if t, ok := quorumBy(s); ok {
			covers = append(covers, cover{s.Size, t})
		}
	}
	b.add(covers)
	return b
}

func (b *Brackets) add(covers []cover) {
	b.covers = append(b.covers, covers...)
	slices.SortFunc(b.covers, func(x, y cover) int { return cmp.Or(cmp.Compare(x.size, y.size), cmp.Compare(x.by, y.by)) })
	for i := len(b.covers) - 2; i >= 0; i-- {
		b.covers[i].by = min(b.covers[i].by, b.covers[i+1].by) // who saw the larger tree saw this one
	}
}

// Of returns the bracket of the record at an index, with the seen of its header.
func (b *Brackets) Of(index int64, seen *string) Bracket {
	return Bracket{b.after(seen), b.before(index)}
}

func (b *Brackets) after(seen *string) *record.Time {
	if seen == nil || b.policyAt == nil {
		return nil
	}
	claim, err := ledger.ParseCheckpoint([]byte(*seen))
	if err != nil {
		return nil
	}
	p := b.policyAt(claim.Size)
	if p == nil {
		return nil
	}
	s, err := b.weighed.check(p, []byte(*seen))
	if err != nil {
		return nil
	}
	if t, ok := quorumAt(s); ok {
		return &t
	}
	return nil
}

func (b *Brackets) before(index int64) *record.Time {
	i, _ := slices.BinarySearchFunc(b.covers, index+1, func(c cover, size int64) int { return cmp.Compare(c.size, size) })
	if i == len(b.covers) {
		return nil
	}
	return &b.covers[i].by
}

// quorumAt returns the latest time at or after which a quorum cosigned.
func quorumAt(s ledger.Signed) (last record.Time, ok bool) {
	for _, c := range s.Cosigned {
		if t := record.Time(c.Time); s.QuorumAt(c.Time) && (!ok || t > last) {
			last, ok = t, true
		}
	}
	return last, ok
}

// quorumBy returns the earliest time by which a quorum had cosigned.
func quorumBy(s ledger.Signed) (first record.Time, ok bool) {
	for _, c := range s.Cosigned {
		if t := record.Time(c.Time); s.QuorumBy(c.Time) && (!ok || t < first) {
			first, ok = t, true
		}
	}
	return first, ok
}
