package corridor

import (
	"slices"

	"corridor.example/corridor/record"
)

// concerns returns the convoys whose state tells who may read a record: those its facts name,
// and those of the records it answers, joins or rests on. known is false where the facts of
// one of them are not known here, or it is not here at all, so that nobody can say.
func (v View) concerns(h record.Hash) (list []ConvoyID, known bool) {
	seen := map[record.Hash]bool{h: true}
	for todo := []record.Hash{h}; len(todo) > 0; todo = todo[1:] {
		convoys, about, ok := v.names(todo[0])
		if !ok {
			return nil, false
		}
		list = append(list, convoys...)
		for _, r := range about {
			if !seen[r] {
				seen[r] = true
				todo = append(todo, r)
			}
		}
	}
	slices.SortFunc(list, compareConvoys)
	return slices.Compact(list), true
}

// names returns the convoys that a record itself names, and the records that give it its
// sense. known is false where its facts are not known here, or it
// was refused.
func (v View) names(h record.Hash) (list []ConvoyID, about []record.Hash, known bool) {
	i, ok := v.m.Index(h)
	if !ok || i >= v.n {
		return nil, nil, false
	}
	e := v.m.entry(i)
	if hd := v.m.sealed[h]; e.spec() == nil || v.m.refused[i] != nil || hd != nil && hd.rec.Part("facts") == nil {
		return nil, nil, false
	}
	switch e.class() {
	case ClassAuthority:
		return v.namedByAct(i)
	case ClassReport, ClassOffice:
		return v.mentioned(h), nil, true
	}
	list, about = v.namedByField(h)
	if re := v.m.re(e); re != nil {
		about = append(about, *re)
	}
	return list, about, true
}

// namedByAct returns the convoys that an authority record names: those a revocation leaves
// with an observer, and that of an adopted line.
func (v View) namedByAct(i int64) (list []ConvoyID, about []record.Hash, known bool) {
	j, ok := slices.BinarySearchFunc(v.m.acts, i, func(a act, i int64) int { return int(a.h.Index - i) })
	if !ok {
		return nil, nil, false
	}
	switch k := v.m.acts[j].body.(type) {
	case *Revocation:
		list = k.Facts.Keeps
	case *Adoption:
		if l, err := ParseLine(k.Facts.Line); err == nil && len(l.Scope) > len("A") && l.Scope != "all" {
			list = []ConvoyID{ConvoyID(l.Scope)}
		}
	}
	return list, nil, true
}

// mentioned returns the convoys that figures which were sent out can tell of: all that the
// prefix they were taken from mentions.
func (v View) mentioned(h record.Hash) (list []ConvoyID) {
	size := int64(0)
	if r, ok := v.m.field.reports.get(h); ok {
		size = r.facts.To
	} else if t, ok := v.m.field.ground.tellings.get(h); ok {
		size = t.Facts.Size
	}
	for c, i := range v.m.field.mentions {
		if i < size {
			list = append(list, c)
		}
	}
	return list
}

// namedByField returns the convoys that the facts of a field record name, and the records that
// give its words their sense.
func (v View) namedByField(h record.Hash) (list []ConvoyID, about []record.Hash) {
	one := func(convoys ...*ConvoyID) {
		for _, c := range convoys {
			if c != nil {
				list = append(list, *c)
			}
		}
	}
	f, g := &v.m.field, &v.m.field.ground
	if a := v.m.account(h); a != nil {
		one(a.Convoy, a.To)
	} else if x, ok := f.events.get(h); ok {
		one(x.Facts.Convoy)
	} else if x, ok := f.links.get(h); ok {
		list = slices.Concat(x.facts.Convoys, x.facts.Into)
		about = slices.Clone(x.facts.Records)
	} else if x, ok := g.holds.get(h); ok {
		list = slices.Clone(x.Facts.Convoys)
	} else if x, ok := g.resumptions.get(h); ok {
		list = slices.Clone(x.Facts.Convoys)
	} else if x, ok := g.explanations.get(h); ok {
		one(x.Facts.Convoy)
	} else if x, ok := g.situations.get(h); ok {
		one(x.Facts.Convoy)
	} else if x, ok := g.restrictions.get(h); ok {
		one(x.Facts.Convoy)
	} else if x, ok := g.exhibits.get(h); ok {
		one(x.Facts.Convoy)
	} else if x, ok := g.handovers.get(h); ok {
		list = slices.Clone(x.Facts.Convoys)
		about = slices.Clone(x.Facts.Records)
	} else if x, ok := g.notifications.get(h); ok {
		about = slices.Clone(x.Facts.Records)
	} else if x, ok := g.requests.get(h); ok {
		list, about = slices.Clone(x.Facts.Convoys), slices.Clone(x.Facts.Records)
	} else if x, ok := g.grants.get(h); ok {
		list = slices.Clone(x.Facts.Convoys)
	} else if x, ok := g.meetings.get(h); ok {
		for _, p := range x.Facts.Points {
			about = append(about, p.Records...)
		}
	} else if x, ok := g.assessments.get(h); ok {
		about = slices.Clone(x.Facts.RestsOn)
	}
	return list, about
}
