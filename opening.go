package corridor

import (
	"slices"

	"corridor.example/corridor/record"
)

// A PartSet is some of what there is to read of a record: its leaf, its header and its parts.
type PartSet uint16

// partsShown are the bits of a PartSet.
var partsShown = append([]string{"leaf", "header"}, record.PartNames...)

// PartsOf returns the set of some parts by their names; "header" and "leaf" are parts here.
func PartsOf(names ...string) (set PartSet) {
	for _, name := range names {
		if bit := slices.Index(partsShown, name); bit >= 0 {
			set |= 1 << bit
		}
	}
	return set
}

// Has reports whether a part, "header" or "leaf" is in the set.
func (s PartSet) Has(part string) bool {
	return s&PartsOf(part) != 0
}

// Names returns what is in the set: "leaf", "header", then parts in their order.
func (s PartSet) Names() (list []string) {
	for bit, name := range partsShown {
		if s&(1<<bit) != 0 {
			list = append(list, name)
		}
	}
	return list
}

// A Sight is the log as one reader sees it at a moment, held against what the public sees then.
// It decides of what a trace has to be left before it is shown.
type Sight struct {
	reader      ActorID
	level       Level
	at          record.Time
	now, public View
}

// Sight returns the view as a reader of a level sees it at a moment at which the public sees
// the first released records.
func (v View) Sight(reader ActorID, level Level, released int64, at record.Time) Sight {
	return Sight{reader, level, at, v, v.Prefix(min(max(released, 0), v.n))}
}

// Opens returns what the reader may read of an entry and the public may not, because its
// audience is narrower or it lies beyond the public view: all of it is restricted data. It is
// empty for what the reader submitted, and for what the server itself wrote, which is nobody's:
// the trace of a reading leaves none when it is read.
func (s Sight) Opens(i int64) (set PartSet) {
	if i < 0 || i >= s.now.n {
		return 0
	}
	e := s.now.m.entry(i)
	if k := s.now.m.state.keys[s.now.m.key(e)]; k != nil && k.use == NodeKeyUse || s.now.submitted(e.hash, s.reader) {
		return 0
	}
	reads := s.now.levels(e.hash, s.at)
	public := func(string) bool { return false }
	if i < s.public.n {
		of := s.public.levels(e.hash, s.at)
		public = func(part string) bool { // a leaf that was released once is public for good
			return part == "leaf" || Public.Reads(of("header")) && Public.Reads(of(part))
		}
	}
	for bit, name := range partsShown {
		may := s.level.Reads(reads(name))
		if name == "identity" {
			may = s.now.MayReadAs(s.reader, s.level, e.hash, name, s.at) // a dossier is no matter of level
		}
		if e.spec().has(name) && may && !public(name) {
			set |= 1 << bit
		}
	}
	return set
}

// Hands returns what Opens does of a record that is handed out as it is: without its header it
// is not, and its leaf is all that is left.
func (s Sight) Hands(i int64) PartSet {
	set := s.Opens(i)
	if set != 0 && !s.now.MayReadAs(s.reader, s.level, s.now.m.entry(i).hash, "header", s.at) {
		return set & PartsOf("leaf")
	}
	return set
}

// has reports whether records of a kind can have a part. Of a kind that is not known here
// nobody knows.
func (s *spec) has(part string) bool {
	return s == nil || part == "leaf" || part == "header" || slices.ContainsFunc(s.parts, func(p partSpec) bool { return p.name == part })
}

// Tells reports whether a disclosure says that a reader was shown a part of a record, or a
// stretch of the log that has it at an index.
func (f DisclosedFacts) Tells(reader ActorID, level Level, i int64, h record.Hash, part string) bool {
	for _, o := range f.Reads {
		if o.Reader == reader && o.Part == part && slices.Contains(o.Records, h) {
			return true
		}
	}
	return slices.ContainsFunc(f.Exports, func(x OpenedRange) bool {
		return x.Reader == reader && x.Level.Reads(level) && x.From <= i && i < x.To
	})
}
