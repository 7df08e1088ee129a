package corridor

import "fmt"

// A Range is a figure: the least and the most that the accounts behind it give. It is never
// an average. The zero value is "not counted".
type Range struct {
	Low, High int64
	Known     bool // false: nobody counted; Low and High mean nothing
	About     bool // some account says "about"
	Open      bool // some account says "at least": High is the most that was named, not the most there can be
	Uncounted int  // accounts or convoys that gave no number and are not in Low and High
}

// Zero is the known figure 0.
var Zero = Range{Known: true}

// Widen returns the range that holds both: the figure of accounts that differ.
func (r Range) Widen(s Range) Range {
	switch {
	case !r.Known:
		s.Uncounted += r.Uncounted
		return s
	case !s.Known:
		r.Uncounted += s.Uncounted
		return r
	}
	return Range{min(r.Low, s.Low), max(r.High, s.High), true, r.About || s.About, r.Open || s.Open, r.Uncounted + s.Uncounted}
}

// Plus returns the sum of two different things: lows added to lows, highs to highs. What was
// not counted adds nothing and is remembered in Uncounted.
func (r Range) Plus(s Range) Range {
	if !r.Known || !s.Known {
		return r.Widen(s)
	}
	return Range{r.Low + s.Low, r.High + s.High, true, r.About || s.About, r.Open || s.Open, r.Uncounted + s.Uncounted}
}

// Minus returns what is left of r after s: the least of one less the most of the other. It is
// unknown where r is; an s that is unknown takes nothing away and is remembered in Uncounted.
func (r Range) Minus(s Range) Range {
	r.Uncounted += s.Uncounted
	r.About = r.About || s.About || s.Open
	if !r.Known || !s.Known {
		return r
	}
	low, high := r.Low-s.High, r.High-s.Low
	r.Low, r.High = low, high
	return r
}

// String returns "48", "30..47", "about 350", "at least 6" or "not counted". Words for people
// are in web/; this is for scenarios and messages.
func (r Range) String() string {
	s := fmt.Sprint(r.Low)
	if r.Low != r.High {
		s = fmt.Sprintf("%d..%d", r.Low, r.High)
	}
	switch {
	case !r.Known:
		return "not counted"
	case r.Open:
		return "at least " + s
	case r.About:
		return "about " + s
	}
	return s
}
