package corridor

import (
	"corridor.example/corridor/record"
)

// A Unit is what is counted.
type Unit string

// The units that figures are made of. People are counted by heads, vehicles by kind.
const (
	People         Unit = "people"
	Bus            Unit = "bus"
	Ambulance      Unit = "ambulance"
	PrivateVehicle Unit = "private-vehicle"
	Vehicle        Unit = "vehicle" // kind not told apart
	Patient        Unit = "patient"
)

var units = vocabulary(People, Bus, Ambulance, PrivateVehicle, Vehicle, Patient)

// UnmarshalText reads one of the units.
func (u *Unit) UnmarshalText(t []byte) error { return term(u, t, units) }

// A Category divides people or things counted. Civilian and fighter appear only as somebody
// declared them; wounded only as seen on an ambulance or declared.
type Category string

// NotDistinguished is the default cell of every count of people.
const NotDistinguished Category = "not-distinguished"

var categories = vocabulary(NotDistinguished, "civilian", "fighter", "wounded", "companion", "patient",
	"infant", "child", "adolescent", "adult", "elderly", "woman", "girl", "man", "boy", "female", "male",
	"dead", "critical", "in-hospital", "discharged", "transferred-abroad",
	"killed", "injured", "detained", "burned", "attacked", "destroyed", "staff")

// UnmarshalText reads one of the categories.
func (c *Category) UnmarshalText(t []byte) error { return term(c, t, categories) }

// A Method says how a number was come by.
type Method string

// The methods of counting (domain glossary 58, 59).
const (
	Tally       Method = "tally"        // counted one by one
	Estimate    Method = "estimate"     // judged by eye
	VehicleLoad Method = "vehicle-load" // vehicles times people per vehicle
	Declared    Method = "declared"     // told by somebody, named in DeclaredBy
	NotStated   Method = "not-stated"   // the source does not say
)

var methods = vocabulary(Tally, Estimate, VehicleLoad, Declared, NotStated)

// UnmarshalText reads one of the methods.
func (m *Method) UnmarshalText(t []byte) error { return term(m, t, methods) }

// A Sharpness says how exactly a number is meant.
type Sharpness string

// How a number is meant.
const (
	Exactly Sharpness = "exactly"
	About   Sharpness = "about"
	AtLeast Sharpness = "at-least"
	AtMost  Sharpness = "at-most"
)

var sharpnesses = vocabulary(Exactly, About, AtLeast, AtMost)

// UnmarshalText reads one of exactly, about, at-least, at-most.
func (s *Sharpness) UnmarshalText(t []byte) error { return term(s, t, sharpnesses) }

// A Count is every number of people or vehicles of one account, one sum per unit. A unit that
// is absent was not counted; that is not zero.
type Count struct {
	record.PartHead
	Sums []Sum `json:"sums"`
}

// A Sum is one counted number and what is known of its parts. Cells partition it: they add up
// to Total. OfWhich names subsets, which may overlap and do not add up.
type Sum struct {
	Unit       Unit         `json:"unit"`
	Total      int64        `json:"total"` // not below zero
	Sharp      Sharpness    `json:"sharp"`
	Cells      []Cell       `json:"cells"`
	OfWhich    []Cell       `json:"of_which"`
	Method     Method       `json:"method"`
	Load       *int64       `json:"load"`        // people per vehicle, for vehicle-load; else null
	DeclaredBy *ActorID     `json:"declared_by"` // for declared; else null
	CutOff     *record.Time `json:"cut_off"`     // the number holds up to this moment, UTC; null if not stated
}

// A Cell is a part of a sum.
type Cell struct {
	Of Category `json:"of"`
	N  int64    `json:"n"`
}

// refuse checks what a count must be to mean anything: no number below zero, no unit or cell
// twice, cells that add up, subsets within the whole, a declared number with its declarer.
func (c *Count) refuse() error {
	if c == nil {
		return nil // sealed
	}
	units := map[Unit]bool{}
	for _, s := range c.Sums {
		if units[s.Unit] {
			return Refuse("count.unit", "%s is counted twice; give one sum for each unit", s.Unit)
		}
		units[s.Unit] = true
		if s.Total < 0 {
			return Refuse("count.negative", "%d %s: a count is not below zero", s.Total, s.Unit)
		}
		if err := s.refuseCells(); err != nil {
			return err
		}
		if (s.Method == Declared) != (s.DeclaredBy != nil) {
			return Refuse("count.declared", "a declared number names who declared it, and no other number does")
		}
		if (s.Method == VehicleLoad) != (s.Load != nil) || s.Load != nil && *s.Load < 1 {
			return Refuse("count.load", "vehicles times load gives the people per vehicle, at least 1, and no other method does")
		}
	}
	return nil
}

func (s Sum) refuseCells() error {
	seen, sum := map[Category]bool{}, int64(0)
	for _, c := range s.Cells {
		if seen[c.Of] || c.N < 0 || c.N > record.MaxInt-sum {
			return Refuse("count.cell", "the cell %s stands twice, is below zero or too large", c.Of)
		}
		if (c.Of == "civilian" || c.Of == "fighter") && s.Method != Declared && s.Method != NotStated {
			return Refuse("count.declared", "civilian and fighter are written only as somebody declared them; count people, not distinguished")
		}
		seen[c.Of], sum = true, sum+c.N
	}
	if len(s.Cells) > 0 && sum != s.Total {
		return Refuse("count.partition", "the cells of %s add up to %d and the total says %d; move what overlaps to of_which", s.Unit, sum, s.Total)
	}
	clear(seen)
	for _, c := range s.OfWhich {
		if seen[c.Of] || c.N < 0 || c.N > s.Total {
			return Refuse("count.of-which", "the subset %s stands twice, is below zero or larger than the total", c.Of)
		}
		seen[c.Of] = true
	}
	return nil
}

// Sum returns the sum of a unit, and whether there is one.
func (c *Count) Sum(u Unit) (Sum, bool) {
	if c != nil {
		for _, s := range c.Sums {
			if s.Unit == u {
				return s, true
			}
		}
	}
	return Sum{}, false
}

// Range returns the least and the most the sum stands for.
func (s Sum) Range() Range {
	r := Range{Low: s.Total, High: s.Total, Known: true, About: s.Sharp == About}
	switch s.Sharp {
	case AtLeast:
		r.Open = true
	case AtMost:
		r.Low = 0
	}
	return r
}

// Cell returns the number of a cell or subset, and whether it was given.
func (s Sum) Cell(of Category) (int64, bool) {
	for _, cells := range [][]Cell{s.Cells, s.OfWhich} {
		for _, c := range cells {
			if c.Of == of {
				return c.N, true
			}
		}
	}
	return 0, false
}
