// Package draw makes the drawings of a mission as SVG: totals that differ, the balance of
// both legs, where the mission was, the corridor, and what left against what arrived.
//
// A drawing is made from plain figures and words that are already in the reader's language,
// and is a pure function of them: the same input gives the same bytes. It holds text as
// text, a title and a description, and no style attribute, so that it stands under a
// content policy that forbids inline style. Widths are percentages and heights are pixels,
// so that one drawing serves a telephone and a wide screen without scaling its letters.
// Right-to-left drawings are mirrored, not merely translated.
//
// Every drawing has a Table of the same figures, made from the same input, so that what is
// drawn and what is written under it cannot differ.
//
// The package tells sides, sources and readings apart by place, label and pattern, never by
// colour. It does not choose between figures: what differs is drawn side by side.
package draw

import (
	"fmt"
	"html"
	"math"
	"strconv"
	"strings"
)

// Narrow is the width in pixels at which a drawing must still be legible: a telephone of
// 390 pixels less its margins. Text is wrapped and kept apart for this width.
const Narrow = 342

// A Frame is what every drawing has: who it is on its page, what it is called, what it says
// in one sentence, and which way its words run.
type Frame struct {
	ID    string // unique on the page, letters, digits and hyphens: "balance"
	Title string // "Balance of both legs"
	Desc  string // one sentence for who cannot see the drawing
	RTL   bool   // right to left: the drawing is mirrored
}

// A Table holds the figures of a drawing in rows, for who cannot see it and for who wants
// to copy them. It has as many cells in each row as in its head.
type Table struct {
	Head []string
	Rows []Row
}

// A Row is one line of a Table. Link is the permanent address of what it rests on, or "".
type Row struct {
	Cells []string
	Link  string
}

// A pen writes one SVG. Horizontal places are percentages of the width, counted from the
// side where reading starts; vertical ones are pixels from the top.
type pen struct {
	Frame
	b strings.Builder
}

// num prints a number as short as it is exact to two places, without a negative zero.
func num(v float64) string {
	v = math.Round(v*100) / 100
	if v == 0 {
		return "0"
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// at mirrors a horizontal place if the drawing runs right to left.
func (p *pen) at(x float64) float64 {
	if p.RTL {
		return 100 - x
	}
	return x
}

func (p *pen) pct(x float64) string { return num(p.at(x)) + "%" }

// size returns a font size: Arabic letters need one step more for the same visual weight.
func (p *pen) size(px float64) float64 {
	if p.RTL {
		return px + 1
	}
	return px
}

// fill returns the reference to one of the drawing's own patterns.
func (p *pen) fill(name string) string { return fmt.Sprintf("url(#%s-%s)", p.ID, name) }

func esc(s string) string { return html.EscapeString(s) }

// attrs writes name and value pairs; an empty value leaves the attribute out.
func (p *pen) attrs(kv []string) {
	for i := 0; i+1 < len(kv); i += 2 {
		if kv[i+1] != "" {
			fmt.Fprintf(&p.b, ` %s="%s"`, kv[i], esc(kv[i+1]))
		}
	}
}

// line draws from x1, y1 to x2, y2.
func (p *pen) line(x1, y1, x2, y2 float64, kv ...string) {
	fmt.Fprintf(&p.b, `<line x1="%s" y1="%s" x2="%s" y2="%s"`, p.pct(x1), num(y1), p.pct(x2), num(y2))
	p.attrs(kv)
	p.b.WriteString("/>\n")
}

// rect draws a rectangle that starts at x and is w wide, both percentages.
func (p *pen) rect(x, y, w, h float64, kv ...string) {
	left := x
	if p.RTL {
		left = 100 - x - w
	}
	fmt.Fprintf(&p.b, `<rect x="%s%%" y="%s" width="%s%%" height="%s"`, num(left), num(y), num(w), num(h))
	p.attrs(kv)
	p.b.WriteString("/>\n")
}

// circle draws a circle of r pixels around x, y.
func (p *pen) circle(x, y, r float64, kv ...string) {
	fmt.Fprintf(&p.b, `<circle cx="%s" cy="%s" r="%s"`, p.pct(x), num(y), num(r))
	p.attrs(kv)
	p.b.WriteString("/>\n")
}

// small is the size of most words in a drawing. The drawing as a whole has it.
const small = 12

// text writes s at x moved by dx pixels in reading direction, its baseline at y.
func (p *pen) text(x, dx, y, size float64, s string, kv ...string) {
	if s == "" {
		return
	}
	if p.RTL {
		dx = -dx
	}
	fmt.Fprintf(&p.b, `<text x="%s" y="%s"`, p.pct(x), num(y))
	if dx != 0 {
		fmt.Fprintf(&p.b, ` dx="%s"`, num(dx))
	}
	if p.size(size) != p.size(small) {
		fmt.Fprintf(&p.b, ` font-size="%s"`, num(p.size(size)))
	}
	p.attrs(kv)
	fmt.Fprintf(&p.b, ">%s</text>\n", esc(s))
}

// open starts a link if there is somewhere to go; the result ends it. It is for a mouse or a
// finger: to who listens to the page a drawing is its title and its description, and the same
// links stand in the table under it.
func (p *pen) open(link, label string) (end string) {
	if link == "" {
		return ""
	}
	fmt.Fprintf(&p.b, `<a href="%s" tabindex="-1"`, esc(link))
	if label != "" {
		fmt.Fprintf(&p.b, ` aria-label="%s"`, esc(label))
	}
	p.b.WriteString(">\n")
	return "</a>\n"
}

// svg wraps what the pen has drawn. It brings the patterns that it uses, so that a drawing may
// be cut out of its page and still stand. It is a group whose content is hidden from who
// listens, and not an image, in which there may be no links.
func (p *pen) svg(height float64) string {
	var out strings.Builder
	dir := "ltr"
	if p.RTL {
		dir = "rtl"
	}
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" class="drawing" width="100%%" height="%s" role="group" aria-labelledby="%s-t %s-d" direction="%s" fill="currentColor" stroke="none" font-family="inherit" font-size="%s">`+"\n",
		num(height), esc(p.ID), esc(p.ID), dir, num(p.size(small)))
	fmt.Fprintf(&out, "<title id=\"%s-t\">%s</title>\n<desc id=\"%s-d\">%s</desc>\n", esc(p.ID), esc(p.Title), esc(p.ID), esc(p.Desc))
	body := p.b.String()
	for _, h := range []struct{ name, class string }{{"hatch", "d-second"}, {"open", "d-open"}} {
		if !strings.Contains(body, p.fill(h.name)) {
			continue
		}
		fmt.Fprintf(&out, `<defs><pattern id="%s-%s" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line x1="0" y1="0" x2="0" y2="6" stroke="currentColor" stroke-width="3" class="%s"/></pattern></defs>`+"\n",
			esc(p.ID), h.name, h.class)
	}
	out.WriteString("<g aria-hidden=\"true\">\n")
	out.WriteString(body)
	out.WriteString("</g>\n</svg>\n")
	return out.String()
}
