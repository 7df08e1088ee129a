package corridor

import (
	"cmp"
	"slices"

	"corridor.example/corridor/record"
)

// A Presence is what the log says of the mission at a place and time.
type Presence string

// What the log can say. Nothing is made of silence: where no record speaks, and where a
// number is missing from a key's chain between a beginning and an end, presence is not known.
const (
	PresentThere Presence = "present"
	AbsentThere  Presence = "not-present"
	NotKnown     Presence = "not-known"
	Differing    Presence = "differs" // standing accounts of one post say both
)

// A Watched is a place and what the log says of the mission there, without a gap.
type Watched struct {
	Place  PlaceID
	Spells []Spell // adjoining, in order
}

// A Spell is a time over which the log says one thing of a place.
type Spell struct {
	From, To record.Time // up to, not with, To
	Presence Presence
	Posts    []ActorID       // those that the records speak of, by name
	Why      []AbsenceReason // the reasons for absence they give
	Records  []record.Hash   // the records that say so, in the order of their hashes; none: silence
}

// A turn is what one or two coverage records say of one post: a turn of duty, or of absence.
type turn struct {
	post     ActorID
	place    PlaceID
	period   Period
	presence Presence // present, not-present or not-known
	why      *AbsenceReason
	records  []record.Hash
}

// Coverages returns the accounts of presence and absence in the prefix, by when and hash.
func (v View) Coverages() []Covered { return gather(v, &v.m.field.ground.coverage) }

// Coverage returns for every place of the mandate, and every other that coverage records
// name, where the mission was present, where it was not and where that is not known, from one
// moment up to another.
func (v View) Coverage(from, to record.Time) []Watched {
	var places []PlaceID
	if t := v.Terms(); t != nil {
		for _, p := range t.Places {
			places = append(places, p.ID)
		}
	}
	turns, named := v.turns(), len(places)
	for _, c := range turns {
		if !slices.Contains(places, c.place) {
			places = append(places, c.place)
		}
	}
	slices.Sort(places[named:])
	var all []Watched
	for _, p := range places {
		all = append(all, Watched{p, spells(turns, p, from, to)})
	}
	return all
}

// Watch returns what the log says of the mission at a place over a period, ends included:
// present if it says so of any moment of it.
func (v View) Watch(place PlaceID, when Period) Presence {
	var in []turn
	for _, c := range v.turns() {
		if c.place == place && c.period.Overlaps(when) {
			in = append(in, c)
		}
	}
	return presence(in)
}

// Gap reports whether an event was where the mission was not known to be: at a place and time
// at which no record says it was present. An event at no known place is in a gap; of one
// whose place is sealed here, that cannot be said.
func (v View) Gap(e *Event) bool {
	switch {
	case e.Where == nil:
		return false
	case e.Where.Place == nil:
		return true
	}
	p := v.Watch(*e.Where.Place, e.Facts.When)
	return p == AbsentThere || p == NotKnown
}

// Gaps returns the standing incident accounts that lie in a gap, by when and hash.
func (v View) Gaps() []*Event {
	turns := v.turns()
	var all []*Event
	for _, e := range v.Events() {
		if v.corrected(e.Record, e.By) || v.listed(e.Index) || !v.own(e.Record) || e.Where == nil {
			continue
		}
		there := slices.ContainsFunc(turns, func(c turn) bool {
			return c.presence == PresentThere && e.Where.Place != nil && c.place == *e.Where.Place && c.period.Overlaps(e.Facts.When)
		})
		if !there {
			all = append(all, e)
		}
	}
	return all
}

// turns pairs the standing coverage records by post, key and the key's numbering.
func (v View) turns() []turn {
	type chainOf struct {
		key  record.Hash
		post ActorID
	}
	var all []turn
	open := map[chainOf][]Covered{}
	for _, c := range v.Coverages() {
		if !c.Stands() || c.Where == nil {
			continue
		}
		if c.Facts.As == Throughout {
			all = append(all, c.turn(c.When, presenceOf(c.Facts.Present)))
			continue
		}
		at := chainOf{v.m.key(v.m.entry(c.Index)), c.Facts.Post}
		open[at] = append(open[at], c)
	}
	for at, list := range open {
		slices.SortFunc(list, func(a, b Covered) int {
			return cmp.Or(cmp.Compare(v.number(a.Record), v.number(b.Record)), compareHashes(a.Record, b.Record))
		})
		for i, c := range list {
			if c.Facts.As == Begins {
				all = append(all, v.pair(at.key, c, list[i+1:])...)
			}
		}
	}
	return all
}

// number returns a record's number in its key's chain; a correction has that of what it
// restates.
func (v View) number(h record.Hash) int64 {
	first, _ := v.origin(h)
	return v.m.unpack(v.m.of(first).seq)
}

// pair returns what a beginning tells, given the later records of its key on the same post.
// Presence lasts until the next of them says otherwise, as far as the chain between has no
// hole; with no next, until the key was last heard.
func (v View) pair(key record.Hash, c Covered, later []Covered) []turn {
	from, state := c.When[1], presenceOf(c.Facts.Present)
	seq := v.number(c.Record)
	for len(later) > 0 && v.number(later[0].Record) == seq {
		later = later[1:] // another standing restatement of the same record
	}
	if len(later) == 0 {
		_, heard := v.heard(key, seq, -1)
		return []turn{c.turn(Period{from, max(from, heard)}, state)}
	}
	end := later[0]
	whole, heard := v.heard(key, seq, v.number(end.Record))
	same := *end.Where.Place == *c.Where.Place && (end.Facts.As == Begins || end.Facts.Present == c.Facts.Present)
	until := max(from, end.When[0])
	if whole && same {
		x := c.turn(Period{from, until}, state)
		x.records = append(x.records, end.Record)
		return []turn{x}
	}
	heard = min(max(from, heard), until)
	rest := c.turn(Period{heard, until}, NotKnown)
	rest.records = append(rest.records, end.Record)
	return []turn{c.turn(Period{from, heard}, state), rest}
}

// heard returns whether no number is missing from a key's chain between two of its numbers,
// and when the last record before the first missing one was signed. A last of -1 asks for
// everything after first.
func (v View) heard(key record.Hash, first, last int64) (whole bool, at record.Time) {
	signed := map[int64]record.Time{}
	for i := range v.m.signed(key) {
		if i < v.n {
			signed[v.m.seq(i)] = max(v.m.at(i), signed[v.m.seq(i)])
		}
	}
	for n := first; ; n++ {
		t, ok := signed[n]
		switch {
		case n == last:
			return true, at
		case !ok:
			return false, at
		}
		at = max(at, t)
	}
}

func (c Covered) turn(p Period, s Presence) turn {
	return turn{c.Facts.Post, *c.Where.Place, p, s, c.Facts.Why, []record.Hash{c.Record}}
}

func presenceOf(there bool) Presence {
	if there {
		return PresentThere
	}
	return AbsentThere
}

// presence says what turns at one place and time come to: the mission is present if any post
// is; absent if some post says so and none that began to be there is lost from sight.
func presence(in []turn) Presence {
	there, gone := map[ActorID]bool{}, map[ActorID]bool{}
	lost := false
	for _, c := range in {
		switch c.presence {
		case PresentThere:
			there[c.post] = true
		case AbsentThere:
			gone[c.post] = true
		default:
			lost = true
		}
	}
	for p := range there {
		if gone[p] {
			return Differing
		}
	}
	switch {
	case len(there) > 0:
		return PresentThere
	case lost || len(gone) == 0:
		return NotKnown
	}
	return AbsentThere
}

// spells cuts a time into what the turns at a place say of it.
func spells(turns []turn, place PlaceID, from, to record.Time) []Spell {
	if to <= from {
		return nil
	}
	cuts := []record.Time{from, to}
	var here []turn
	for _, c := range turns {
		if c.place == place && c.period[0] < to && c.period[1] > from {
			here = append(here, c)
			cuts = append(cuts, max(from, c.period[0]), min(to, c.period[1]))
		}
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	var all []Spell
	for i := range len(cuts) - 1 {
		s := spell(here, cuts[i], cuts[i+1])
		if n := len(all); n > 0 && all[n-1].Presence == s.Presence && slices.Equal(all[n-1].Records, s.Records) {
			all[n-1].To = s.To
		} else {
			all = append(all, s)
		}
	}
	return all
}

func spell(here []turn, from, to record.Time) Spell {
	s := Spell{From: from, To: to}
	var in []turn
	for _, c := range here {
		if c.period[0] < to && c.period[1] > from {
			in = append(in, c)
			s.Posts, s.Records = append(s.Posts, c.post), append(s.Records, c.records...)
			if c.why != nil {
				s.Why = append(s.Why, *c.why)
			}
		}
	}
	s.Presence = presence(in)
	slices.Sort(s.Posts)
	s.Posts = slices.Compact(s.Posts)
	slices.Sort(s.Why)
	s.Why = slices.Compact(s.Why)
	slices.SortFunc(s.Records, compareHashes)
	s.Records = slices.Compact(s.Records)
	return s
}
