package draw

import (
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestSpread: labels never overlap, keep their order, stay below the top, and one that
// nobody crowds stands where it wants to.
func TestSpread(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 12).Draw(t, "n")
		var boxes []*box
		want := 0.0
		for range n {
			want += rapid.Float64Range(0, 40).Draw(t, "step")
			boxes = append(boxes, &box{want: want, height: rapid.Float64Range(10, 60).Draw(t, "height")})
		}
		end := spread(boxes, 2)
		last := 2.0
		for i, b := range boxes {
			if b.top < last-1e-9 {
				t.Fatalf("label %d begins at %v, before %v", i, b.top, last)
			}
			last = b.top + b.height
		}
		if n > 0 && math.Abs(last-end) > 1e-9 {
			t.Fatalf("the last label ends at %v, spread says %v", last, end)
		}
	})
	alone := &box{want: 100, height: 20}
	spread([]*box{alone}, 0)
	if alone.top != 90 {
		t.Errorf("a label that is alone stands at %v, not where it wants to", alone.top)
	}
}

// TestTotalsFit: whatever sources say, no two names at the lines' ends overlap and all are
// inside the drawing.
func TestTotalsFit(t *testing.T) {
	start := time.Date(2016, 12, 15, 0, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		d := Totals{Frame: Frame{ID: "t", RTL: rapid.Bool().Draw(t, "rtl")}, From: start, To: start.Add(8 * 24 * time.Hour), Levels: []Level{{Value: 40000}}}
		for range rapid.IntRange(1, 9).Draw(t, "sources") {
			n := rapid.IntRange(0, 50000).Draw(t, "total")
			d.Series = append(d.Series, Series{Name: rapid.StringMatching(`[A-Z]{2,5}( [a-z]{3,9}){0,5}`).Draw(t, "name"), Points: []Point{{At: start.Add(time.Duration(rapid.IntRange(0, 200).Draw(t, "hour")) * time.Hour), Low: n, High: n, Text: "10,000"}}})
		}
		svg := d.SVG()
		height := attr(t, svg, "<svg", "height")
		var ends []float64
		for _, line := range strings.Split(svg, "\n") {
			if strings.HasPrefix(line, "<text") && strings.Contains(line, `font-weight="600"`) {
				ends = append(ends, attr(t, line, "<text", "y"))
			}
		}
		if len(ends) != len(d.Series) {
			t.Fatalf("%d labels for %d sources", len(ends), len(d.Series))
		}
		for i, a := range ends {
			if a > height {
				t.Fatalf("a label at %v is below the drawing of %v", a, height)
			}
			for _, b := range ends[:i] {
				if math.Abs(a-b) < 14 {
					t.Fatalf("labels at %v and %v overlap", a, b)
				}
			}
		}
	})
}

func attr(t *rapid.T, s, element, name string) float64 {
	i := strings.Index(s, element)
	j := strings.Index(s[i:], " "+name+`="`) + i + len(name) + 3
	v := 0.0
	whole, frac := true, 0.1
	for _, r := range s[j:] {
		switch {
		case r == '.':
			whole = false
		case r < '0' || r > '9':
			return v
		case whole:
			v = v*10 + float64(r-'0')
		default:
			v += float64(r-'0') * frac
			frac /= 10
		}
	}
	t.Fatalf("no %s in %s", name, element)
	return 0
}

// TestWrap: nothing is lost and no line is too wide unless it is one word.
func TestWrap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`([A-Za-zا-ي0-9]{1,14} ?){0,12}`).Draw(t, "text")
		lines := wrap(s, 13, 100)
		if got, want := strings.Join(lines, " "), strings.Join(strings.Fields(s), " "); got != want {
			t.Fatalf("wrapped %q reads %q", want, got)
		}
		for _, l := range lines {
			if width(l, 13) > 100 && strings.Contains(l, " ") {
				t.Fatalf("line %q is %v wide", l, width(l, 13))
			}
		}
	})
}

// TestMirror: a right-to-left drawing has every place of the left-to-right one, mirrored.
func TestMirror(t *testing.T) {
	ltr, rtl := pen{}, pen{Frame: Frame{RTL: true}}
	for _, x := range []float64{0, 12.5, 50, 100} {
		if got, want := rtl.at(x), 100-ltr.at(x); got != want {
			t.Errorf("%v is mirrored to %v, want %v", x, got, want)
		}
	}
	rtl.rect(10, 0, 30, 5)
	if got := rtl.b.String(); !strings.Contains(got, `x="60%"`) || !strings.Contains(got, `width="30%"`) {
		t.Errorf("a rectangle from 10 to 40 is mirrored to %s", got)
	}
}

// TestOneScale: on one scale a bar twice as long is twice as wide, on whichever leg it is.
func TestOneScale(t *testing.T) {
	d := Balance{Legs: []Leg{
		{Name: "a", Bars: []Bar{{Style: Left, Low: 4000, High: 4000, Text: "4,000"}}},
		{Name: "b", Bars: []Bar{{Style: Left, Low: 2000, High: 2000, Text: "2,000"}}},
	}}
	var wide []string
	for _, line := range strings.Split(d.SVG(), "\n") {
		if strings.HasPrefix(line, "<rect") {
			wide = append(wide, line[strings.Index(line, "width="):strings.Index(line, " height")])
		}
	}
	if len(wide) != 2 || wide[0] != `width="48%"` || wide[1] != `width="24%"` {
		t.Errorf("bars of 4,000 and 2,000 are drawn %v, want 48 and 24 per cent", wide)
	}
}
