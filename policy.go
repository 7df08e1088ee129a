package corridor

import (
	"slices"

	"corridor.example/corridor/record"
)

// A Level is who may read a part. Each level contains the ones before it.
type Level string

// The levels, widest first.
const (
	Public       Level = "public"  // anyone
	Parties      Level = "parties" // the parties' offices and wider circles of the mandate
	MissionLevel Level = "mission" // the mission's own staff
	Strict       Level = "strict"  // named offices, one reading at a time
)

var levels = vocabulary(Public, Parties, MissionLevel, Strict)

// UnmarshalText reads one of the levels.
func (l *Level) UnmarshalText(t []byte) error { return term(l, t, levels) }

// Reads reports whether an audience at level a may read what is released to level l.
func (a Level) Reads(l Level) bool { return slices.Index(levels, a) >= slices.Index(levels, l) }

// A Phase is how far a convoy, or the mission where a record names no convoy, has come.
type Phase string

// The phases. PhaseAfter begins when the mandate's delay has passed since the close.
const (
	PhaseOpen   Phase = "open"
	PhaseClosed Phase = "closed"
	PhaseAfter  Phase = "after"
)

// A Row of the disclosure table says who reads a part of a kind in each phase. The row that
// names kind and part wins over one that names the kind, that over one that names the part,
// that over "*" and "*"; for leaf texts one that names the part wins over one that names the
// kind. What no row names is strict: default deny.
type Row struct {
	Kind   string `json:"kind"` // a kind or "*"
	Part   string `json:"part"` // a part, "header", "leaf" or "*"
	Open   Level  `json:"open"`
	Closed Level  `json:"closed"`
	After  Level  `json:"after"`
	Latest *int64 `json:"latest"` // minutes after the record was signed by which every reader of After has it, or null
}

func (r Row) refuse() error {
	if r.Kind != "*" && kinds[Kind(r.Kind)] == nil {
		return Refuse("mandate.disclosure", "the disclosure table names %q, which is not a kind", r.Kind)
	}
	if r.Part != "*" && r.Part != "header" && r.Part != "leaf" && !slices.Contains(record.PartNames, r.Part) {
		return Refuse("mandate.disclosure", "the disclosure table names %q, which is not a part", r.Part)
	}
	if !r.Open.Reads(r.Closed) || !r.Closed.Reads(r.After) {
		return Refuse("mandate.disclosure", "the row %s %s closes what it had opened; who may read only grows from open to closed to after", r.Kind, r.Part)
	}
	if r.Latest != nil && *r.Latest < 0 {
		return Refuse("mandate.disclosure", "a latest release is a number of minutes, not below zero")
	}
	return nil
}

// row returns the row of the table that holds for a part of a kind.
func (t *Terms) row(k Kind, part string) (Row, bool) {
	best, found := Row{}, -1
	for _, r := range t.Disclosure {
		rank := 0
		if r.Kind == string(k) {
			rank += 2
		} else if r.Kind != "*" {
			continue
		}
		if r.Part == part && part == "leaf" {
			rank += 3 // a row that seals what a kind says does not mean its place in the log
		} else if r.Part == part {
			rank++
		} else if r.Part != "*" {
			continue
		}
		if rank > found {
			best, found = r, rank
		}
	}
	return best, found >= 0
}

// Level returns who may read a part of a kind in a phase. It is the one disclosure policy:
// pages, API, exports and streams ask nothing else. Authority records are never sealed to the
// parties, identity apart, nor is any leaf: a party's mirror rebuilds the tree from them. Nor are
// refusals: who cannot see that a lodged record was refused must take it for withheld.
// Complaints and their answers are never public.
func (t *Terms) Level(k Kind, part string, p Phase) Level {
	l := Strict
	if r, ok := t.row(k, part); ok {
		switch p {
		case PhaseOpen:
			l = r.Open
		case PhaseClosed:
			l = r.Closed
		case PhaseAfter:
			l = r.After
		}
	}
	if most := widestOf(k, part); !l.Reads(most) {
		l = most
	}
	if (part == "leaf" || k == KindRefusal || k.Class() == ClassAuthority && part != "identity") && !Parties.Reads(l) {
		l = Parties
	}
	return l
}

// widestOf returns the widest level that a table can give to a part of a kind. Complaints are
// never public, nor what answers them; that there is one may be told to the parties, whose
// copies would otherwise have holes that nobody can account for.
func widestOf(k Kind, part string) Level {
	switch {
	case part == "leaf":
		return Public
	case k == KindComplaint && part != "header":
		return MissionLevel
	case k == KindComplaint, k == KindAnswer:
		return Parties
	}
	return Public
}

// leavesOpen reports whether every kind's leaf is public from the first moment.
func (t *Terms) leavesOpen() bool {
	for k := range kinds {
		if t.Level(k, "leaf", PhaseOpen) != Public {
			return false
		}
	}
	return true
}

// Latest returns the moment by which a part of a record signed at that time is released, and
// whether the table sets one.
func (t *Terms) Latest(k Kind, part string, at record.Time) (record.Time, bool) {
	if r, ok := t.row(k, part); ok && r.Latest != nil {
		return at + record.Time(*r.Latest*60), true
	}
	return 0, false
}
