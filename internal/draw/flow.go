package draw

// Flow draws departure to arrival, a band for each convoy, as thick as it carried people.
// What did not arrive ends in the open; what arrived without having left begins there.
type Flow struct {
	Frame
	Convoys []Band
	Ends    [2]string // what stands over the two ends: "left", "arrived"
	Head    []string  // of the table: convoy, left, arrived, open
}

// A Band is one convoy. Left and Arrived are the least of what the accounts say; the
// texts say the whole. A negative number means that nobody counted, and is drawn as a line.
type Band struct {
	Name        string
	When        string
	Left        int
	Arrived     int
	LeftText    string
	ArrivedText string
	OpenText    string // the open difference in words, or "" if there is none
	Link        string
}

const (
	flowStart = 44.0 // where bands begin, after the name and what left
	flowEnd   = 72.0 // where they end, before what arrived
	flowOpen  = 58.0 // where what did not arrive ends
	flowThick = 26.0 // the thickest band
)

// SVG returns the drawing.
func (f Flow) SVG() string {
	p := pen{Frame: f.Frame}
	most := 1
	for _, b := range f.Convoys {
		most = max(most, b.Left, b.Arrived)
	}
	thick := func(n int) float64 { return float64(n) / float64(most) * flowThick }

	p.text(flowStart, -6, 14, 12, f.Ends[0], "text-anchor", "end", "class", "d-second")
	p.text(flowEnd, 6, 14, 12, f.Ends[1], "class", "d-second")
	y := 22.0
	for _, b := range f.Convoys {
		left := wrap(b.LeftText, f.letters(&p, b.Left), (flowStart-12)/100*Narrow)
		arrived := wrap(b.ArrivedText, f.letters(&p, b.Arrived), (100-flowEnd)/100*Narrow-8)
		room := flowStart/100*Narrow - 8
		for _, s := range left[min(1, len(left)):] {
			room = min(room, flowStart/100*Narrow-14-width(s, p.size(14)*1.06)) // beside it, not under it
		}
		when := wrap(b.When, p.size(11), room)
		h := max(24+14*float64(len(when)), max(thick(b.Left), thick(b.Arrived))+12, 8+17*float64(max(len(left), len(arrived))))
		if b.OpenText != "" {
			h += 14
		}
		p.line(0, y, 100, y, "stroke", "currentColor", "class", "d-rule")
		a := p.open(b.Link, "")
		p.text(0, 0, y+17, 14, b.Name, "font-weight", "600")
		p.b.WriteString(a)
		for k, s := range when {
			p.text(0, 0, y+32+14*float64(k), 11, s, "class", "d-second")
		}
		f.band(&p, b, y+6, thick)
		f.figure(&p, flowStart, -6, y+19, left, b.Left >= 0, "text-anchor", "end")
		f.figure(&p, flowEnd, 6, y+19, arrived, b.Arrived >= 0)
		if b.OpenText != "" {
			p.text(flowStart, 0, y+h-5, 12, b.OpenText, "class", "d-open-text")
		}
		y += h
	}
	return p.svg(y + 4)
}

// letters is how wide the letters of a figure are: one that is missing is written small.
func (f Flow) letters(p *pen, n int) float64 {
	if n < 0 {
		return p.size(12)
	}
	return p.size(14) * 1.06
}

// figure writes what stands at one end of a band; a figure that is missing is written small.
func (f Flow) figure(p *pen, x, dx, y float64, lines []string, counted bool, kv ...string) {
	for i, line := range lines {
		at := y + 17*float64(i)
		if counted {
			p.text(x, dx, at, 14, line, append(kv, "font-weight", "600")...)
		} else {
			p.text(x, dx, at-1, 12, line, append(kv, "class", "d-second")...)
		}
	}
}

// band draws one convoy whose upper edge is y.
func (f Flow) band(p *pen, b Band, y float64, thick func(int) float64) {
	wide := flowEnd - flowStart
	dashed := func(from, to float64) {
		p.line(from, y+8, to, y+8, "stroke", "currentColor", "stroke-width", "1.5", "stroke-dasharray", "3 3", "class", "d-second")
	}
	switch {
	case b.Left < 0 && b.Arrived < 0:
		dashed(flowStart, flowEnd)
	case b.Arrived < 0:
		p.rect(flowStart, y, flowOpen-flowStart, max(1, thick(b.Left)))
		dashed(flowOpen, flowEnd)
	case b.Left < 0:
		dashed(flowStart, flowOpen)
		p.rect(flowOpen, y, flowEnd-flowOpen, max(1, thick(b.Arrived)))
	default:
		through := min(b.Left, b.Arrived)
		if through > 0 {
			p.rect(flowStart, y, wide, max(1, thick(through)))
		}
		if d := b.Left - through; d > 0 {
			p.rect(flowStart, y+thick(through), flowOpen-flowStart, max(4, thick(d)), "fill", p.fill("open"), "stroke", "currentColor", "class", "d-edge-open")
		}
		if d := b.Arrived - through; d > 0 {
			p.rect(flowOpen, y+thick(through), flowEnd-flowOpen, max(4, thick(d)), "fill", p.fill("open"), "stroke", "currentColor", "class", "d-edge-open")
		}
	}
}

// Table returns the figures of the drawing.
func (f Flow) Table() Table {
	out := Table{Head: f.Head}
	for _, b := range f.Convoys {
		out.Rows = append(out.Rows, Row{Cells: []string{b.Name + ", " + b.When, b.LeftText, b.ArrivedText, b.OpenText}, Link: b.Link})
	}
	return out
}
