package corridor

import (
	"slices"

	"corridor.example/corridor/record"
)

// A ToErase is a part that is kept beyond what the mandate allows: an order to erase it is due.
type ToErase struct {
	Record record.Hash
	Index  int64
	Kind   Kind
	By     ActorID
	Part   string      // narrative, identity or media
	Since  record.Time // from when it was due
}

// ToErase returns the parts whose time is over at a moment and that nobody has ordered erased,
// in the order of the log. What identifies a person is due when the mandate's term ends, a dossier
// among it; other text and pictures once the mandate's days of retention have passed since. What
// the disclosure table opens to the public at last is nobody's secret and stays, and where the
// mandate names no days only the persons are due. An erasure with the reason retention-ended
// answers it.
func (v View) ToErase(now record.Time) (list []ToErase) {
	t := v.Terms()
	if t == nil || t.To == nil || now <= *t.To {
		return nil
	}
	rest, any := *t.To+record.Time(t.Retention.Days)*86400, t.Retention.Days > 0 // for what names no person
	open := map[*spec][]bool{}
	for i := range v.n {
		e := v.m.entry(i)
		s := e.spec()
		if e.soft == 0 || s == nil {
			continue
		}
		public, ok := open[s]
		if !ok {
			for _, part := range softParts {
				public = append(public, t.Level(s.name, part, PhaseAfter) == Public)
			}
			open[s] = public
		}
		for k, part := range softParts {
			since := rest
			if part == "identity" {
				since = *t.To
			}
			if e.soft&(1<<k) == 0 || public[k] || now <= since || part != "identity" && !any {
				continue
			}
			if _, ordered := v.Erased(e.hash, part); !ordered {
				list = append(list, ToErase{e.hash, i, s.name, v.m.by(i), part, since})
			}
		}
	}
	return list
}

// softParts are those that can be erased, in the order of record.PartNames.
var softParts = record.PartNames[slices.Index(record.PartNames, "narrative"):]

// soft returns which of softParts a header names, one bit for each.
func soft(h record.Header) (bits uint8) {
	for _, p := range h.Parts {
		if k := slices.Index(softParts, p.Name); k >= 0 {
			bits |= 1 << k
		}
	}
	return bits
}
