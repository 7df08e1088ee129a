package draw

// Schematic draws the corridor: for every leg its places in order along a line, with what
// somebody said of each. It is not a map: lengths mean nothing and there are no borders.
type Schematic struct {
	Frame
	Legs []Route
	Head []string // of the table: leg, place, what is said of it
}

// A Route is the places of one leg in the order in which convoys pass them.
type Route struct {
	Name  string
	Stops []Stop
}

// A Stop is one place of a route.
type Stop struct {
	Place    string
	Presence Presence
	Notes    []string // "held by X, says Y", "3 incidents": each with its author, or nothing
	Next     string   // the way to the next stop in words: "about 25 minutes"
	Link     string
}

// SVG returns the drawing.
func (s Schematic) SVG() string {
	p := pen{Frame: s.Frame}
	if len(s.Legs) == 0 {
		return p.svg(0)
	}
	column := 100 / float64(len(s.Legs))
	lowest := 0.0
	for i, r := range s.Legs {
		x := float64(i) * column
		room := column/100*Narrow - 30
		y := 4.0
		for k, line := range wrap(r.Name, p.size(15), column/100*Narrow-8) {
			p.text(x, 0, y+15+18*float64(k), 15, line, "font-weight", "600")
			y += 2
		}
		y += 14 + 18*float64(len(wrap(r.Name, p.size(15), column/100*Narrow-8)))
		for k, stop := range r.Stops {
			y = s.stop(&p, x, y, room, stop, k == len(r.Stops)-1)
		}
		lowest = max(lowest, y)
	}
	return p.svg(lowest + 4)
}

// stop draws one place and the way to the next; it returns where the next one begins.
func (s Schematic) stop(p *pen, x, y, room float64, stop Stop, last bool) float64 {
	const dot = 9.0 // pixels from the column's edge to the line
	dx := dot
	if p.RTL {
		dx = -dot
	}
	names := wrap(stop.Place, p.size(14)*1.06, room)
	h := 6 + 18*float64(len(names))
	var notes []string
	for _, n := range stop.Notes {
		notes = append(notes, wrap(n, p.size(12), room)...)
	}
	h += 16 * float64(len(notes))
	if !last {
		if stop.Next != "" {
			h += 20
		}
		h += 10
		// Percentages place the column, pixels the line in it.
		p.b.WriteString(`<g transform="translate(` + num(dx) + ` 0)">` + "\n")
		p.line(x, y+10, x, y+h+10, "stroke", "currentColor", "stroke-width", "2")
		p.b.WriteString("</g>\n")
	}
	p.b.WriteString(`<g transform="translate(` + num(dx) + ` 0)">` + "\n")
	switch stop.Presence {
	case Present:
		p.circle(x, y+10, 6)
	case Unknown, Differs:
		p.circle(x, y+10, 6, "class", "d-hollow", "stroke", "currentColor", "stroke-dasharray", "2 2")
	case Absent:
		p.circle(x, y+10, 6, "class", "d-hollow", "stroke", "currentColor", "stroke-width", "2")
	}
	p.b.WriteString("</g>\n")
	a := p.open(stop.Link, "")
	ty := y + 15
	for _, n := range names {
		p.text(x, 24, ty, 14, n, "font-weight", "600")
		ty += 18
	}
	p.b.WriteString(a)
	for _, n := range notes {
		p.text(x, 24, ty, 12, n, "class", "d-second")
		ty += 16
	}
	if !last && stop.Next != "" {
		p.text(x, 24, ty+4, 12, stop.Next, "class", "d-second", "font-style", "italic")
	}
	return y + h
}

// Table returns the places and what is said of them.
func (s Schematic) Table() Table {
	out := Table{Head: s.Head}
	for _, r := range s.Legs {
		for _, stop := range r.Stops {
			said := ""
			for i, n := range stop.Notes {
				if i > 0 {
					said += "; "
				}
				said += n
			}
			out.Rows = append(out.Rows, Row{Cells: []string{r.Name, stop.Place, said}, Link: stop.Link})
		}
	}
	return out
}
