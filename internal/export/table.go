package export

import (
	"iter"
	"strings"

	"corridor.example/corridor"
	"corridor.example/corridor/record"
)

// A Column is one column of a table.
type Column struct {
	Name string // its name, also the member's in JSON Lines
	Tag  string // its HXL tag
}

// A Table is rows of one sort, in the order of the log.
type Table struct {
	Name    string
	Columns []Column // the last one says what is withheld
	rows    func(*Reading, func([]Cell) bool)
}

// Tables returns the tables there are.
func Tables() []Table {
	return []Table{convoys, counts, incidents, restrictions, requests, obligations, places, records}
}

// TableNamed returns the table of a name, and whether there is one.
func TableNamed(name string) (Table, bool) {
	for _, t := range Tables() {
		if t.Name == name {
			return t, true
		}
	}
	return Table{}, false
}

// columns pairs names with tags and ends with the column of what is withheld.
func columns(pairs ...string) (list []Column) {
	for i := 0; i+1 < len(pairs); i += 2 {
		list = append(list, Column{pairs[i], pairs[i+1]})
	}
	return append(list, Column{"withheld", "#meta+suppressed"})
}

// Rows yields the rows of a table, each with its last column filled in. A row is good until the
// next one.
func (t Table) Rows(x *Reading) iter.Seq[[]Cell] {
	return func(yield func([]Cell) bool) {
		t.rows(x, func(cells []Cell) bool {
			var why []string
			for i, c := range cells {
				if c.why != "" {
					why = append(why, t.Columns[i].Name+"="+string(c.why))
				}
			}
			return yield(append(cells, text(strings.Join(why, ";"))))
		})
	}
}

// where says at which place of the mandate something was, and its place code.
func (x *Reading) where(h record.Hash, w *corridor.Where) (id, name, code Cell, place *corridor.Place) {
	switch {
	case !x.may(h, "where"):
		return withheld(Sealed), withheld(Sealed), withheld(Sealed), nil
	case w == nil:
		return withheld(NotHere), withheld(NotHere), withheld(NotHere), nil
	case w.Place == nil:
		return
	}
	return x.place(*w.Place)
}

func (x *Reading) place(of corridor.PlaceID) (id, name, code Cell, place *corridor.Place) {
	p, ok := x.View.Terms().Place(of)
	if !ok {
		return text(of), Cell{}, Cell{}, nil
	}
	return text(p.ID), text(p.Label.In(x.lang())), said(p.PCode), &p
}

// actor is how an actor is called.
func (x *Reading) actor(id corridor.ActorID) Cell {
	if l := x.View.LabelOf(id).In(x.lang()); l != "" {
		return text(l)
	}
	return text(id)
}

func (x *Reading) actors(ids []corridor.ActorID) Cell {
	var names []string
	for _, id := range ids {
		names = append(names, x.actor(id).text)
	}
	return text(strings.Join(names, ", "))
}

// disputed counts who disputes a record, as far as the reader may know of it.
func (x *Reading) disputed(h record.Hash) Cell {
	n := int64(0)
	for _, w := range x.View.Disputed(h) {
		if x.may(w.Record, "facts") {
			n++
		}
	}
	return number(n)
}

// counted is how many of a unit, or of the categories of it, a count has.
func (x *Reading) counted(h record.Hash, c *corridor.Count, u corridor.Unit, of ...corridor.Category) Cell {
	switch {
	case !x.may(h, "count"):
		return withheld(Sealed)
	case c == nil:
		return withheld(NotHere)
	}
	s, ok := c.Sum(u)
	if !ok {
		return Cell{}
	}
	p := s.Public()
	if !x.public(u) {
		p = open(s)
	}
	if len(of) == 0 {
		return shown(p.Total)
	}
	for _, list := range [][]corridor.PublicCell{p.Cells, p.OfWhich} {
		for _, cell := range list {
			for _, o := range of {
				if cell.Of == o {
					return shown(cell)
				}
			}
		}
	}
	return Cell{}
}

// open is a sum of which nothing is withheld.
func open(s corridor.Sum) corridor.PublicSum {
	p := corridor.PublicSum{Unit: s.Unit, Total: corridor.PublicCell{N: s.Total}, Sharp: s.Sharp, Method: s.Method, DeclaredBy: s.DeclaredBy, CutOff: s.CutOff}
	for _, c := range s.Cells {
		p.Cells = append(p.Cells, corridor.PublicCell{Of: c.Of, N: c.N})
	}
	for _, c := range s.OfWhich {
		p.OfWhich = append(p.OfWhich, corridor.PublicCell{Of: c.Of, N: c.N})
	}
	return p
}

func shown(c corridor.PublicCell) Cell {
	if c.Withheld {
		return withheld(Small)
	}
	return number(c.N)
}

// narrative is the free text of a record with the titles of what it rests on.
func (x *Reading) narrative(h record.Hash) (words, lang, sources Cell) {
	switch {
	case !x.may(h, "narrative"):
		return withheld(Sealed), withheld(Sealed), withheld(Sealed)
	case x.Texts == nil:
		return withheld(NotHere), withheld(NotHere), withheld(NotHere)
	}
	n, err := x.Texts(h)
	if err != nil {
		return withheld(NotHere), withheld(NotHere), withheld(NotHere)
	}
	if n == nil {
		return
	}
	var titles []string
	for _, s := range n.Sources {
		titles = append(titles, strings.Join(strings.Fields(s.Outlet+": "+s.Title+" "+s.Locator), " "))
	}
	return text(n.Text), text(n.Lang), text(strings.Join(titles, "; "))
}
