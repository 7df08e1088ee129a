package draw

import (
	"sort"
	"time"
)

// Totals draws cumulative totals that different sources gave for one operation: a step
// line for each source from its own cut-offs, its name and last value at the line's end.
// Between two figures of one source the line holds the earlier one; after the last it is
// dotted, because nobody said anything more.
type Totals struct {
	Frame
	From, To time.Time // what the drawing covers
	Days     []Tick    // marks along the time axis
	Levels   []Level   // marks along the value axis, from 0; the last is the top
	Series   []Series
	Head     []string // of the table: figure, who, cut-off, note
}

// A Tick is a mark on a time axis.
type Tick struct {
	At    time.Time
	Label string
}

// A Level is a mark on a value axis.
type Level struct {
	Value int
	Label string
}

// A Series is what one source said, in order of its cut-offs.
type Series struct {
	Name   string
	Points []Point
}

// A Point is one total. Low and High are equal if one number was given.
type Point struct {
	At        time.Time
	Low, High int
	About     bool   // the source said about or nearly: an open circle
	Text      string // as it is written: "about 13,000"
	When      string // the cut-off as it is written, with its zone
	Note      string // method and publication, in words
	Link      string
}

const (
	totalsStart  = 12.0 // where the plot begins, after the labels of the levels
	totalsEnd    = 60.0 // where it ends
	totalsLabels = 65.0 // where the names begin
)

// dashes tells the lines of different sources apart where they run close together.
var dashes = []string{"", "7 3", "2 3", "9 3 2 3", "5 5", "1 4"}

// SVG returns the drawing.
func (t Totals) SVG() string {
	p := pen{Frame: t.Frame}
	room := (100-totalsLabels)/100*Narrow - 2
	type label struct {
		box
		values []string
		names  []string
		link   string
	}
	labels := make([]*label, 0, len(t.Series))
	need := 0.0
	for _, s := range t.Series {
		if len(s.Points) == 0 {
			continue
		}
		last := s.Points[len(s.Points)-1]
		l := &label{values: wrap(last.Text, p.size(14)*1.06, room), names: wrap(s.Name, p.size(12), room), link: last.Link}
		l.height = 5 + 17*float64(len(l.values)) + 15*float64(len(l.names))
		need += l.height
		labels = append(labels, l)
	}
	const top = 14.0
	height := max(220, need)
	high := t.top()
	y := func(v int) float64 { return top + height - float64(v)/float64(high)*height }

	boxes := make([]*box, 0, len(labels))
	i := 0
	for _, s := range t.Series {
		if len(s.Points) > 0 {
			last := s.Points[len(s.Points)-1]
			labels[i].want = (y(last.Low) + y(last.High)) / 2
			i++
		}
	}
	order := append([]*label(nil), labels...)
	sort.SliceStable(order, func(a, b int) bool { return order[a].want < order[b].want })
	for _, l := range order {
		boxes = append(boxes, &l.box)
	}
	end := spread(boxes, 2)

	for _, l := range t.Levels {
		p.line(totalsStart, y(l.Value), totalsEnd, y(l.Value), "stroke", "currentColor", "class", "d-rule")
		p.text(totalsStart, -4, y(l.Value)+4, 11, l.Label, "text-anchor", "end", "class", "d-second")
	}
	foot := top + height
	for _, d := range t.Days {
		x := t.x(d.At)
		p.line(x, foot, x, foot+5, "stroke", "currentColor", "class", "d-second")
		p.text(x, 0, foot+18, 11, d.Label, "text-anchor", "middle", "class", "d-second")
	}

	i = 0
	for n, s := range t.Series {
		if len(s.Points) == 0 {
			continue
		}
		t.steps(&p, s, dashes[n%len(dashes)], y)
		l := labels[i]
		i++
		last := s.Points[len(s.Points)-1]
		ly := (y(last.Low) + y(last.High)) / 2
		p.line(t.x(last.At), ly, totalsEnd, ly, "stroke", "currentColor", "stroke-dasharray", "1 3", "class", "d-second")
		p.line(totalsEnd, ly, totalsLabels-1, l.top+11, "stroke", "currentColor", "stroke-dasharray", "1 3", "class", "d-second")
		a := p.open(l.link, "")
		ty := l.top + 15
		for _, v := range l.values {
			p.text(totalsLabels, 0, ty, 14, v, "font-weight", "600")
			ty += 17
		}
		for _, name := range l.names {
			p.text(totalsLabels, 0, ty-2, 12, name, "class", "d-second")
			ty += 15
		}
		p.b.WriteString(a)
	}
	return p.svg(max(foot+26, end+4))
}

// steps draws one source: levels and risers, and a mark at every figure it gave.
func (t Totals) steps(p *pen, s Series, dash string, y func(int) float64) {
	mid := func(q Point) float64 { return (y(q.Low) + y(q.High)) / 2 }
	for k := 1; k < len(s.Points); k++ {
		a, b := s.Points[k-1], s.Points[k]
		kv := []string{"stroke", "currentColor", "stroke-width", "1.75", "stroke-dasharray", dash}
		p.line(t.x(a.At), mid(a), t.x(b.At), mid(a), kv...)
		p.line(t.x(b.At), mid(a), t.x(b.At), mid(b), kv...)
	}
	for _, q := range s.Points {
		x := t.x(q.At)
		if q.High != q.Low {
			p.line(x, y(q.High), x, y(q.Low), "stroke", "currentColor", "stroke-width", "1.75")
			for _, v := range []int{q.Low, q.High} {
				p.line(x-1, y(v), x+1, y(v), "stroke", "currentColor", "stroke-width", "1.75")
			}
			continue
		}
		if q.About {
			p.circle(x, y(q.Low), 4, "class", "d-hollow", "fill", "none", "stroke", "currentColor", "stroke-width", "1.75")
			continue
		}
		p.circle(x, y(q.Low), 4)
	}
}

// top is the value at the upper edge: the last level, or the highest figure if that is more.
func (t Totals) top() int {
	high := 1
	for _, l := range t.Levels {
		high = max(high, l.Value)
	}
	for _, s := range t.Series {
		for _, q := range s.Points {
			high = max(high, q.High)
		}
	}
	return high
}

// x is the place of a time; what lies outside the drawing's time stands at its edge.
func (t Totals) x(at time.Time) float64 {
	return between(at, t.From, t.To, totalsStart, totalsEnd)
}

func between(at, from, to time.Time, start, end float64) float64 {
	all := to.Sub(from)
	if all <= 0 {
		return start
	}
	part := float64(at.Sub(from)) / float64(all)
	return start + min(1, max(0, part))*(end-start)
}

// Table returns the figures of the drawing, one row for each, by source.
func (t Totals) Table() Table {
	out := Table{Head: t.Head}
	for _, s := range t.Series {
		for _, q := range s.Points {
			out.Rows = append(out.Rows, Row{Cells: []string{q.Text, s.Name, q.When, q.Note}, Link: q.Link})
		}
	}
	return out
}
