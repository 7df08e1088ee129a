package corridor

import (
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// Prefix returns the same reader's view of the first n records of this one: what stood when a
// report was drafted. It panics if the view is shorter.
func (v View) Prefix(n int64) View {
	if n < 0 || n > v.n {
		panic("corridor: a prefix beyond the view")
	}
	return View{v.m, n, v.period, v.hidden, &memo{}}
}

// Inclusion returns the proof that the record at an index stands in the prefix, as
// ledger.Tree.Inclusion gives it.
func (v View) Inclusion(i int64) ([]ledger.Hash, error) { return v.m.tree.Inclusion(i, v.n) }

// Logged returns how many records of each class the prefix holds, in the order of the classes.
// Anyone can count them: the class stands in every leaf.
func (v View) Logged() []ClassCount { return v.m.logged(0, v.n) }

// Of returns the hashes of the records of a class from one index up to another, in the order
// of the log.
func (v View) Of(c Class, from, to int64) []record.Hash {
	var list []record.Hash
	for i := max(from, 0); i < min(to, v.n); i++ {
		if e := v.m.entry(i); e.class() == c {
			list = append(list, e.hash)
		}
	}
	return list
}

// Class returns the class of the record at an index, known even where its kind is not.
func (v View) Class(i int64) Class { return v.m.entry(i).class() }
