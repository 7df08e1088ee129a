package draw

import (
	"strings"
	"unicode"
)

// width guesses how many pixels s takes at a font size, on the wide side: letters differ
// from one system's face to the next, and a label must not run into its neighbour in any.
func width(s string, size float64) float64 {
	var em float64
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Mn, r):
			// marks stand above or below their letter
		case strings.ContainsRune(" .,:;'|!ilj·()[]/", r):
			em += 0.3
		case unicode.IsDigit(r):
			em += 0.575
		case unicode.IsUpper(r) || r == 'm' || r == 'w' || r == '—':
			em += 0.72
		case unicode.Is(unicode.Arabic, r):
			em += 0.6
		case r > 0x2E80:
			em += 1
		default:
			em += 0.545
		}
	}
	return em * size
}

// wrap breaks s at spaces into lines no wider than max pixels. A word that is too wide for
// a line stands alone on its own; nothing is cut off.
func wrap(s string, size, max float64) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		switch {
		case line == "":
			line = word
		case width(line+" "+word, size) <= max:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// A box is the vertical room one label asks for: it would like its middle at want.
type box struct {
	want, height float64
	top          float64 // where spread put it
}

// spread places boxes so that none overlaps another, in the order of what they want, each
// as near to it as the others allow, starting at least. It returns the lower end of the
// last box. Boxes that want the same place keep the order in which they were given.
func spread(boxes []*box, least float64) float64 {
	// Groups of touching boxes settle at the mean of what their members want: pool
	// adjacent violators, as in isotonic regression.
	type group struct {
		first, n    int
		height, sum float64 // sum of wanted tops, each less its offset in the group
	}
	top := func(g group) float64 { return max(least, g.sum/float64(g.n)) }
	var groups []group
	for i, b := range boxes {
		g := group{first: i, n: 1, height: b.height, sum: b.want - b.height/2}
		for len(groups) > 0 {
			last := groups[len(groups)-1]
			if top(last)+last.height <= top(g) {
				break
			}
			g = group{
				first:  last.first,
				n:      last.n + g.n,
				height: last.height + g.height,
				sum:    last.sum + g.sum - float64(g.n)*last.height,
			}
			groups = groups[:len(groups)-1]
		}
		groups = append(groups, g)
	}
	end := least
	for _, g := range groups {
		y := top(g)
		for _, b := range boxes[g.first : g.first+g.n] {
			b.top = y
			y += b.height
		}
		end = y
	}
	return end
}
