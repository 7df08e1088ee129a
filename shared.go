package corridor

import "corridor.example/corridor/record"

// shared keeps once what many accounts say alike: the same convoy, the same place, the same
// plain number of people. Nobody writes to what an account holds.
type shared struct {
	convoys map[ConvoyID]*ConvoyID
	actors  map[ActorID]ActorID
	wheres  map[plainWhere]*Where
	counts  map[plainCount]*Count
}

// A plainWhere is a Where without a measured point.
type plainWhere struct {
	place, to optional[PlaceID]
	accuracy  optional[int64]
}

// A plainCount is a Count of one sum without cells.
type plainCount struct {
	unit     Unit
	total    int64
	sharp    Sharpness
	method   Method
	load     optional[int64]
	declared optional[ActorID]
	cutOff   optional[record.Time]
}

// An optional is what a pointer points at, or nothing.
type optional[T any] struct {
	given bool
	value T
}

func option[T any](p *T) (o optional[T]) {
	if p != nil {
		o = optional[T]{true, *p}
	}
	return o
}

// mostShared bounds each list of what is kept once. Beyond it what is told is kept with its
// account, which takes less than a list in which everything stands once.
const mostShared = 1 << 12

// once returns the value kept under a key, v if it is the first.
func once[K comparable, V any](kept *map[K]V, k K, v V) V {
	if old, ok := (*kept)[k]; ok {
		return old
	}
	if len(*kept) == mostShared {
		return v
	}
	if *kept == nil {
		*kept = map[K]V{}
	}
	(*kept)[k] = v
	return v
}

// share exchanges what an account holds for what an earlier one holds alike, and leaves out the
// heads of its parts: they belong to the record and not to what it tells.
func (m *Mission) share(a *Account) {
	s := &m.field.shared
	a.By = once(&s.actors, a.By, a.By)
	a.Says = once(&s.actors, a.Says, a.Says)
	for _, c := range []**ConvoyID{&a.Convoy, &a.To} {
		if *c != nil {
			*c = once(&s.convoys, **c, *c)
		}
	}
	if a.Where != nil {
		w := *a.Where
		w.PartHead = record.PartHead{}
		if a.Where = &w; w.Point == nil {
			a.Where = once(&s.wheres, plainWhere{option(w.Place), option(w.To), option(w.Accuracy)}, &w)
		}
	}
	if a.Count != nil {
		c := *a.Count
		c.PartHead = record.PartHead{}
		if a.Count = &c; len(c.Sums) == 1 && len(c.Sums[0].Cells)+len(c.Sums[0].OfWhich) == 0 {
			x := c.Sums[0]
			a.Count = once(&s.counts, plainCount{x.Unit, x.Total, x.Sharp, x.Method, option(x.Load), option(x.DeclaredBy), option(x.CutOff)}, &c)
		}
	}
}
