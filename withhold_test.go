package corridor

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestSmallCountsAreWithheld(t *testing.T) {
	for _, c := range []struct {
		r    Range
		want bool
	}{
		{Range{}, false}, {Zero, false}, {exactly(1), true}, {exactly(9), true}, {exactly(10), false}, {exactly(-3), true}, {exactly(-12), false},
		{Range{Low: 0, High: 2, Known: true}, true}, {Range{Low: 0, High: 120, Known: true}, false}, {Range{Low: 4, High: 120, Known: true}, true},
	} {
		if got := Withheld(c.r); got != c.want {
			t.Errorf("Withheld(%s) = %v, want %v", c.r, got, c.want)
		}
	}
}

func TestWithholdingDoesNotBetrayByDifference(t *testing.T) {
	for _, c := range []struct {
		total int64
		cells []int64
		want  string
	}{
		{122, []int64{122}, "122: 122"},
		{122, []int64{80, 42}, "122: 80 42"},
		{122, []int64{115, 7}, "122: - -"},
		{122, []int64{85, 30, 7}, "122: - - -"},
		{122, []int64{90, 28, 2, 2}, "122: - - - -"},
		{122, []int64{110, 6, 6}, "122: - - -"},
		{57, []int64{24, 24, 9}, "57: - - -"},
		{28, []int64{9, 9, 10}, "28: - - -"},
		{122, []int64{122, 0, 0}, "122: 122 0 0"},
		{7, []int64{7, 0}, "-: - 0"},
		{12, []int64{3, 9}, "12: - -"},
		{0, []int64{0, 0}, "0: 0 0"},
		{14, nil, "14:"},
	} {
		var cells []Range
		for _, n := range c.cells {
			cells = append(cells, exactly(n))
		}
		hideTotal, hide := Withhold(exactly(c.total), cells)
		show := func(n int64, hidden bool) string {
			if hidden {
				return "-"
			}
			return fmt.Sprint(n)
		}
		got := show(c.total, hideTotal) + ":"
		for i, n := range c.cells {
			got += " " + show(n, hide[i])
		}
		if got != c.want {
			t.Errorf("of %d %v the public sees %q, want %q", c.total, c.cells, got, c.want)
		}
	}
}

// The attacker knows the rule, the total and every cell shown, and tries every way to fill the
// others. No small count may be the only one that fits.
func TestNobodyWorksOutASmallCount(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.SliceOfN(rapid.Int64Range(0, 24), 1, 4).Draw(rt, "cells")
		view := func(n []int64) (string, bool, []bool) {
			total, cells := int64(0), []Range{}
			for _, x := range n {
				total += x
				cells = append(cells, exactly(x))
			}
			hideTotal, hide := Withhold(exactly(total), cells)
			s := fmt.Sprint(total)
			if hideTotal {
				s = "-"
			}
			for i, x := range n {
				if hide[i] {
					s += " -"
				} else {
					s += fmt.Sprint(" ", x)
				}
			}
			return s, hideTotal, hide
		}
		seen, _, hide := view(n)
		fits := make([]map[int64]bool, len(n))
		for i := range fits {
			fits[i] = map[int64]bool{}
		}
		try := slices.Clone(n)
		var fill func(i int)
		fill = func(i int) {
			if i == len(try) {
				if s, _, _ := view(try); s == seen {
					for j, x := range try {
						fits[j][x] = true
					}
				}
				return
			}
			if !hide[i] {
				fill(i + 1)
				return
			}
			for x := int64(0); x <= 40; x++ {
				try[i] = x
				fill(i + 1)
			}
			try[i] = n[i]
		}
		if count := len(slices.DeleteFunc(slices.Clone(hide), func(h bool) bool { return !h })); count > 3 {
			return // too many ways to try them all; three show it
		}
		fill(0)
		for i, x := range n {
			if x > 0 && x < SmallCount && len(fits[i]) < 2 {
				rt.Fatalf("of %v the public sees %q, from which cell %d is %d and nothing else", n, seen, i+1, x)
			}
		}
	})
}

func TestASumForThePublic(t *testing.T) {
	s := Sum{Unit: People, Total: 122, Cells: []Cell{{"adult", 115}, {"child", 7}}, OfWhich: []Cell{{"wounded", 3}, {"female", 61}, {"companion", 120}}}
	p := s.Public()
	if p.Total.Withheld || p.Total.N != 122 {
		t.Errorf("the total is %+v, want 122", p.Total)
	}
	want := []PublicCell{{"adult", 0, true}, {"child", 0, true}}
	if !slices.Equal(p.Cells, want) {
		t.Errorf("cells = %+v, want both withheld and without their numbers", p.Cells)
	}
	want = []PublicCell{{"wounded", 0, true}, {"female", 61, false}, {"companion", 0, true}}
	if !slices.Equal(p.OfWhich, want) {
		t.Errorf("subsets = %+v, want %+v", p.OfWhich, want)
	}
	s = Sum{Unit: Bus, Total: 5, Cells: []Cell{{"burned", 1}, {"attacked", 4}}}
	if p := s.Public(); p.Total.N != 5 || p.Cells[0].N != 1 || p.Cells[0].Withheld {
		t.Errorf("buses = %+v, want them as counted", p)
	}
}
