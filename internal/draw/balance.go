package draw

// Balance draws what was agreed, what left, what arrived and what is open, for every leg
// on one scale, so that the lengths of all bars may be compared.
type Balance struct {
	Frame
	Legs []Leg
	Head []string // of the table: leg, line, figure, note
}

// A Leg is one direction of an exchange. Legs are drawn in the order given, which is the
// mandate's or the reader's, never an order of merit.
type Leg struct {
	Name string
	Bars []Bar
}

// A Bar is one line of a leg.
type Bar struct {
	Label     string
	Style     Style
	Start     int    // where the bar begins: an open difference begins where arrivals end
	Low, High int    // its end, or the least and the most it may be
	NoFigure  bool   // nothing can be drawn: only the text stands
	Boundless bool   // agreed without a number ("all who wish"): an outline without an end
	Text      string // as it is written: "36,086"
	Under     string // a second line under it, or "": "1,188 not left"
	Note      string // who says so, in words
	Link      string
}

// A Style says what a bar is by its pattern.
type Style int

// The styles of a bar: what was agreed is an outline, what left is solid, what arrived is
// grey, and an open difference is hatched.
const (
	Agreed Style = iota
	Left
	Arrived
	Open
)

const (
	balanceStart = 36.0 // where bars begin, after their labels
	balanceWide  = 48.0 // the length of the longest, if its figure leaves so much room
)

// SVG returns the drawing.
func (b Balance) SVG() string {
	p := pen{Frame: b.Frame}
	most := 1
	for _, l := range b.Legs {
		for _, r := range l.Bars {
			if !r.NoFigure && !r.Boundless {
				most = max(most, r.High)
			}
		}
	}
	longest := b.longest(&p, most)
	wide := func(v int) float64 { return float64(v) / float64(most) * longest }
	room := balanceStart/100*Narrow - 8

	y := 2.0
	for i, l := range b.Legs {
		if i > 0 {
			y += 12
			p.line(0, y, 100, y, "stroke", "currentColor", "class", "d-rule")
			y += 4
		}
		p.text(0, 0, y+17, 15, l.Name, "font-weight", "600")
		y += 28
		for _, r := range l.Bars {
			lines := wrap(r.Label, p.size(13), room)
			h := max(28, 10+16*float64(len(lines)))
			if r.Under != "" {
				h = max(h, 44)
			}
			for k, s := range lines {
				p.text(0, 0, y+17+16*float64(k), 13, s)
			}
			b.bar(&p, r, y+4, wide)
			y += h
		}
	}
	return p.svg(y + 6)
}

// longest returns how long the longest bar may be, so that every bar's figure still stands
// beside it on a narrow screen.
func (b Balance) longest(p *pen, most int) float64 {
	long := balanceWide
	for _, l := range b.Legs {
		for _, r := range l.Bars {
			if r.NoFigure || r.Boundless || r.High <= 0 {
				continue
			}
			words := max(width(r.Text, p.size(14))*1.06, width(r.Under, p.size(12)))
			room := 100 - balanceStart - (8+words)/Narrow*100
			long = min(long, max(5, room*float64(most)/float64(r.High)))
		}
	}
	return long
}

// bar draws one bar whose upper edge is y, and its figure at the bar's end.
func (b Balance) bar(p *pen, r Bar, y float64, wide func(int) float64) {
	const h = 17.0
	end := balanceStart
	switch {
	case r.NoFigure:
	case r.Boundless:
		end = 100 // it has no end: two lines that nothing closes, around its words
		over, under := y, y+h
		if p.RTL {
			over, under = y-2, y+h+4 // Arabic letters reach further up and down
		}
		for _, edge := range []float64{over, under} {
			p.line(balanceStart, edge, end, edge, "stroke", "currentColor", "stroke-dasharray", "5 3")
		}
		p.line(balanceStart, over, balanceStart, under, "stroke", "currentColor", "stroke-width", "1.5")
	default:
		start := balanceStart + wide(r.Start)
		low := max(0.3, wide(r.Low-r.Start))
		end = start + max(0.3, wide(r.High-r.Start))
		switch r.Style {
		case Agreed:
			p.rect(start, y, low, h, "fill", "none", "stroke", "currentColor", "stroke-width", "1.5")
		case Left:
			p.rect(start, y, low, h)
		case Arrived:
			p.rect(start, y, low, h, "class", "d-second")
		case Open:
			p.rect(start, y, low, h, "fill", p.fill("open"), "stroke", "currentColor", "class", "d-edge-open")
		}
		if r.High > r.Low {
			// What may or may not be there: a whisker from the least to the most.
			p.line(start+low, y+h/2, end, y+h/2, "stroke", "currentColor", "stroke-width", "1.5")
			p.line(end, y+3, end, y+h-3, "stroke", "currentColor", "stroke-width", "1.5")
		}
	}
	a := p.open(r.Link, "")
	switch {
	case r.NoFigure:
		p.text(balanceStart, 0, y+13.5, 14, r.Text, "font-weight", "600")
	case r.Boundless:
		p.text(balanceStart, 8, y+13, 13, r.Text, "font-weight", "600")
	default:
		p.text(end, 6, y+13.5, 14, r.Text, "font-weight", "600")
	}
	p.b.WriteString(a)
	p.text(end, 6, y+30, 12, r.Under, "class", "d-second")
}

// Table returns the figures of the drawing.
func (b Balance) Table() Table {
	out := Table{Head: b.Head}
	for _, l := range b.Legs {
		for _, r := range l.Bars {
			out.Rows = append(out.Rows, Row{Cells: []string{l.Name, r.Label, r.Text, r.Note}, Link: r.Link})
		}
	}
	return out
}
