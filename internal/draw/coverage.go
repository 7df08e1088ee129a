package draw

import "time"

// Coverage draws where the mission was and where it was not: a row for each place, solid
// while an observer was there, hatched while none was, dotted where it cannot be told.
// Incidents are pinned on the row of their place, so that everyone sees which of them fell
// in a gap.
type Coverage struct {
	Frame
	From, To time.Time
	Days     []Tick
	Places   []Post
	Head     []string // of the table: place, what, when
}

// A Post is one place over time. Time that no Stay covers is drawn as not covered.
type Post struct {
	Place string
	Stays []Stay
	Pins  []Pin
}

// A Stay is a time at a place about which something is known, or known not to be known.
type Stay struct {
	From, To time.Time
	Presence Presence
	Text     string // in words: "observers present", "not heard from"; "" is drawn and not listed
	When     string // the time in words, with its zone
	Link     string
}

// Presence says whether the mission was at a place.
type Presence int

// The mission was not there, was there, its record has a hole, or its accounts say both.
const (
	Absent Presence = iota
	Present
	Unknown
	Differs
)

// A Pin is an incident at a place. Mark is what stands on it: a number or a letter.
type Pin struct {
	At   time.Time
	Mark string
	Text string
	When string
	Link string
}

// SVG returns the drawing.
func (c Coverage) SVG() string {
	p := pen{Frame: c.Frame}
	const h, pinned = 14.0, 20.0
	y := 0.0
	for _, post := range c.Places {
		lanes := c.lanes(post.Pins)
		p.text(0, 0, y+15, 13, post.Place, "font-weight", "600")
		y += 21
		top := 0
		for _, l := range lanes {
			top = max(top, l+1)
		}
		bar := y + pinned*float64(top)
		if !c.untold(post) {
			p.rect(0, bar, 100, h, "fill", p.fill("hatch"), "stroke", "currentColor", "class", "d-edge")
		}
		for _, s := range post.Stays {
			from := c.x(s.From)
			wide := max(0.6, c.x(s.To)-from) // a moment is seen too
			from = min(from, 100-wide)
			a := p.open(s.Link, s.Text+", "+s.When)
			switch s.Presence {
			case Present:
				p.rect(from, bar, wide, h)
			case Unknown:
				p.rect(from, bar, wide, h, "class", "d-paper", "fill", "none", "stroke", "currentColor", "stroke-dasharray", "1 3")
			case Differs:
				p.rect(from, bar, wide, h/2)
			case Absent: // the row's own hatching shows it; the link is for a tap
				p.rect(from, bar, wide, h, "fill", "none", "pointer-events", "all")
			}
			p.b.WriteString(a)
		}
		for i, pin := range post.Pins {
			x := min(97, max(3, c.x(pin.At)))
			py := y + pinned*float64(lanes[i])
			a := p.open(pin.Link, pin.Mark+": "+pin.Text)
			p.line(x, py+14, x, bar+h, "stroke", "currentColor", "stroke-width", "2", "class", "d-pin-line")
			p.circle(x, py+9, 8.5, "class", "d-pin")
			p.text(x, 0, py+13, 11, pin.Mark, "text-anchor", "middle", "font-weight", "700", "class", "d-on-pin")
			p.b.WriteString(a)
		}
		y = bar + h + 12
	}
	for i, d := range c.Days {
		x := c.x(d.At)
		p.line(x, y-6, x, y, "stroke", "currentColor", "class", "d-second")
		anchor := "middle"
		if i == 0 && x < 2 {
			anchor = "start"
		} else if x > 98 {
			anchor = "end"
		}
		p.text(x, 0, y+13, 11, d.Label, "text-anchor", anchor, "class", "d-second")
	}
	return p.svg(y + 20)
}

// untold reports whether of the whole time it cannot be told who was at a place.
func (c Coverage) untold(post Post) bool {
	return len(post.Stays) == 1 && post.Stays[0].Presence == Unknown && c.x(post.Stays[0].From) <= 0 && c.x(post.Stays[0].To) >= 100
}

// lanes raises pins that would stand on each other: the first lane where there is room.
func (c Coverage) lanes(pins []Pin) []int {
	const apart = 20.0 / Narrow * 100
	out := make([]int, len(pins))
	for i := range pins {
		x := min(97, max(3, c.x(pins[i].At)))
		for taken := true; taken; {
			taken = false
			for k := range i {
				d := x - min(97, max(3, c.x(pins[k].At)))
				if out[k] == out[i] && d < apart && d > -apart {
					out[i]++
					taken = true
				}
			}
		}
	}
	return out
}

func (c Coverage) x(at time.Time) float64 { return between(at, c.From, c.To, 0, 100) }

// Table returns stays and pins, place by place. A place with neither has one row with its
// name, so that nothing drawn is missing from it.
func (c Coverage) Table() Table {
	out := Table{Head: c.Head}
	for _, post := range c.Places {
		if len(post.Stays)+len(post.Pins) == 0 {
			out.Rows = append(out.Rows, Row{Cells: []string{post.Place, "", ""}})
		}
		for _, s := range post.Stays {
			if s.Text == "" {
				continue
			}
			out.Rows = append(out.Rows, Row{Cells: []string{post.Place, s.Text, s.When}, Link: s.Link})
		}
		for _, pin := range post.Pins {
			out.Rows = append(out.Rows, Row{Cells: []string{post.Place, pin.Mark + ". " + pin.Text, pin.When}, Link: pin.Link})
		}
	}
	return out
}
