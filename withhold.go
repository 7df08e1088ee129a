package corridor

import (
	"slices"

	"corridor.example/corridor/record"
)

// SmallCount is the number of people below which a count is withheld from the public.
const SmallCount = 10

func small(n int64) bool { return n != 0 && -SmallCount < n && n < SmallCount }

// Withheld reports whether a count of people is too small for the public: one of its ends is
// below SmallCount and is not zero. Nobody is nobody and is said; what was not counted is not
// withheld.
func Withheld(r Range) bool { return r.Known && (small(r.Low) || small(r.High)) }

// Withhold says what of a total and of the cells that add up to it the public is shown, so that
// no small count can be worked out, by subtraction or from which others are withheld: where one
// cell is small all are withheld but the empty ones, and the total with them if that leaves
// fewer than two or they are together a small count. A small total is withheld with all its
// cells. Where one cell stands in two tables ask for each and withhold what either withholds.
func Withhold(total Range, cells []Range) (hideTotal bool, hide []bool) {
	hide = make([]bool, len(cells))
	hideTotal = Withheld(total)
	if !hideTotal && !slices.ContainsFunc(cells, Withheld) {
		return false, hide
	}
	for i, c := range cells {
		hide[i] = weight(c) > 0
	}
	return hideTotal || betrayed(cells, hide), hide
}

// betrayed reports whether what is withheld follows from what is shown: the total less the
// cells shown gives the sum of those withheld.
func betrayed(cells []Range, hide []bool) bool {
	n, sum := 0, Zero
	for i, c := range cells {
		if hide[i] {
			n, sum = n+1, sum.Plus(c)
		}
	}
	return n < 2 || Withheld(sum)
}

// weight is the size of a count; 0 for nobody and not counted.
func weight(r Range) int64 {
	if !r.Known {
		return 0
	}
	return max(r.Low, -r.Low, r.High, -r.High)
}

// A PublicSum is a counted number as the public may see it. What is withheld is 0 here and
// marked, so that it cannot be shown by mistake.
type PublicSum struct {
	Unit       Unit
	Total      PublicCell // Of is empty
	Sharp      Sharpness
	Cells      []PublicCell // they add up to Total
	OfWhich    []PublicCell // subsets; they do not
	Method     Method
	DeclaredBy *ActorID
	CutOff     *record.Time
}

// A PublicCell is a part of a PublicSum.
type PublicCell struct {
	Of       Category
	N        int64
	Withheld bool
}

// Public returns the sum without small counts of people, and without what would betray them.
// Vehicles are no persons and are left as they are.
func (s Sum) Public() PublicSum {
	p := PublicSum{Unit: s.Unit, Sharp: s.Sharp, Method: s.Method, DeclaredBy: s.DeclaredBy, CutOff: s.CutOff}
	persons := s.Unit == People || s.Unit == Patient
	var cells []Range
	for _, c := range s.Cells {
		cells = append(cells, exactly(c.N))
	}
	hideTotal, hide := Withhold(exactly(s.Total), cells)
	p.Total = publicCell("", s.Total, persons && hideTotal)
	for i, c := range s.Cells {
		p.Cells = append(p.Cells, publicCell(c.Of, c.N, persons && hide[i]))
	}
	for _, c := range s.OfWhich {
		rest := small(s.Total - c.N) // what the subset leaves is as small a count
		p.OfWhich = append(p.OfWhich, publicCell(c.Of, c.N, persons && (small(c.N) || rest || hideTotal && c.N > 0)))
	}
	return p
}

func exactly(n int64) Range { return Range{Low: n, High: n, Known: true} }

func publicCell(of Category, n int64, withheld bool) PublicCell {
	if withheld {
		n = 0
	}
	return PublicCell{of, n, withheld}
}
