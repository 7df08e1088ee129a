// Package export writes what a view of a mission shows an audience into formats that others
// use: CSV with a row of HXL tags, XLSX, GeoJSON and JSON Lines. It decides nothing: who may
// read what is the mission's policy, and which counts are too small to be told the root's.
//
// The same view, audience and moment give the same bytes. Every file says of which log it was
// made, how long that was, under which root, for whom, and how many rows it has.
//
// What is not there has three forms, and none is taken for another. Nobody is 0. What the
// record does not say is empty. What the reader is not told is empty too, and the row's last
// column names the column and the reason: sealed, small or not-here.
package export

import (
	"strconv"

	"corridor.example/corridor"
	"corridor.example/corridor/record"
)

// A Reading is a view of a mission as an audience reads it at a moment.
type Reading struct {
	View  corridor.View                                  // the prefix that is exported
	Now   corridor.View                                  // the mission as it is now, whose policy is asked
	Level corridor.Level                                 // who it is for; "" for everything
	At    record.Time                                    // for which moment the policy is asked
	From  int64                                          // the first entry whose rows are wanted; rows of no entry are there whenever it is 0
	To    int64                                          // the entry after the last; 0 for all of the view
	Lang  string                                         // of labels, "en" if empty
	Texts func(record.Hash) (*corridor.Narrative, error) // the free text of a record; nil: none is at hand
}

// A Head is what a file says of itself.
type Head struct {
	Format  string      `json:"format"` // corridor-export/1
	Table   string      `json:"table"`
	Mission record.Hash `json:"mission"`
	Origin  string      `json:"origin"` // of the log
	Size    int64       `json:"size"`   // records in the log it was made from
	Root    record.Hash `json:"root"`   // Merkle root at that size
	Level   string      `json:"level"`  // who it was made for; "whole" for everything
	From    int64       `json:"from"`   // the first entry whose rows it has
	To      int64       `json:"to"`     // the entry after the last; what the next file begins with
	Rows    int64       `json:"rows"`
}

// A Reason is why a cell is not told.
type Reason string

// The reasons there are.
const (
	Sealed  Reason = "sealed"   // the audience may not read this part now
	Small   Reason = "small"    // a count of people so small that the public is not told it, or one that would betray it
	NotHere Reason = "not-here" // the part is not in this copy of the log, or was erased
)

// A Cell is one value. The zero Cell says that the record does not say.
type Cell struct {
	text   string
	n      int64
	number bool
	why    Reason
}

func text[T ~string](s T) Cell  { return Cell{text: string(s)} }
func number(n int64) Cell       { return Cell{n: n, number: true} }
func withheld(why Reason) Cell  { return Cell{why: why} }
func moment(t record.Time) Cell { return Cell{text: t.String()} }
func (c Cell) missing() bool    { return !c.number && c.text == "" && c.why == "" }
func (c Cell) numeral() string  { return strconv.FormatInt(c.n, 10) }

// said is the cell of a text that may be left open.
func said[T ~string](s *T) Cell {
	if s == nil {
		return Cell{}
	}
	return text(*s)
}

// may asks the mission's policy.
func (x *Reading) may(h record.Hash, part string) bool {
	return x.Level == "" || x.Now.MayRead(x.Level, h, part, x.At)
}

// public reports whether small counts of a unit are withheld from the reader.
func (x *Reading) public(u corridor.Unit) bool {
	return x.Level == corridor.Public && (u == corridor.People || u == corridor.Patient)
}

// in reports whether the rows of an entry are wanted.
func (x *Reading) in(index int64) bool { return index >= x.From && index < x.end() }

func (x *Reading) end() int64 {
	if x.To <= 0 || x.To > x.View.Size() {
		return x.View.Size()
	}
	return x.To
}

func (x *Reading) lang() string {
	if x.Lang == "" {
		return "en"
	}
	return x.Lang
}

// head says what a file is made of.
func (x *Reading) head(table string) (Head, error) {
	root, err := x.View.Root()
	h := Head{
		Format: "corridor-export/1", Table: table, Mission: x.View.Founder(), Size: x.View.Size(),
		Root: record.Hash(root), Level: string(x.Level), From: x.From, To: x.end(),
	}
	if t := x.View.Terms(); t != nil {
		h.Origin = t.Origin
	}
	if h.Level == "" {
		h.Level = "whole"
	}
	return h, err
}
