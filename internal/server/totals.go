package server

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/draw"
	"corridor.example/corridor/web"
)

// within is how close together totals are given that the first screen sets side by side.
const within = 24 * 60 * 60

// totals are the cumulative totals that others state for the leg of which most were stated.
// All of them are drawn; those that are furthest apart within a day are told one by one.
func (p *page) totals() web.Totals {
	all := p.mostTold()
	if len(all) == 0 {
		return web.Totals{}
	}
	apart := furthestApart(all)
	x := web.Totals{Count: len(apart), Drawing: drawing(p.drawTotals(all), p.t("totals.note"))}
	for _, t := range apart {
		x.Figures = append(x.Figures, p.total(t))
	}
	if len(apart) > 1 {
		first, last := apart[0].When[0], apart[len(apart)-1].When[0]
		x.Within = web.Moment{From: first.Go(), To: last.Go(), Precision: "day", Zones: p.zones}
	}
	return x
}

// mostTold returns the standing totals of people who left that the reader may read, of the leg
// for which there are most, in order of their cut-offs. Those that begin later than the
// operation are no totals of it.
func (p *page) mostTold() []corridor.Total {
	legs := []string{""}
	for _, l := range p.terms.Legs {
		legs = append(legs, l.Letter)
	}
	var most []corridor.Total
	for _, leg := range legs {
		list := slices.DeleteFunc(p.v.Totals(corridor.Left, corridor.People, leg), func(t corridor.Total) bool {
			return t.Sealed || t.Corrected || t.Listed || t.Since != nil || !p.may(t.Record, "facts") || !p.may(t.Record, "count")
		})
		if len(list) > len(most) {
			most = list
		}
	}
	return most
}

// furthestApart returns the totals given within a day of each other of which the least and the
// most differ by most people: where it matters who is asked. Equal numbers of one author are
// told once.
func furthestApart(all []corridor.Total) []corridor.Total {
	var best []corridor.Total
	widest := int64(-1)
	for i := range all {
		var in []corridor.Total
		low, high := all[i].Sum.Total, all[i].Sum.Total
		for _, t := range all[i:] {
			if t.When[0]-all[i].When[0] > within {
				break
			}
			told := slices.ContainsFunc(in, func(o corridor.Total) bool { return o.Author == t.Author && o.Sum.Total == t.Sum.Total })
			if !told {
				in = append(in, t)
			}
			low, high = min(low, t.Sum.Total), max(high, t.Sum.Total)
		}
		if high-low > widest || high-low == widest && len(in) > len(best) {
			widest, best = high-low, in
		}
	}
	return best
}

// total is a number that somebody else states.
func (p *page) total(t corridor.Total) web.Figure {
	f := web.Figure{
		By: p.label(t.Author), Basis: string(t.Basis), Record: t.Record.String(), Disputed: len(t.Disputes),
		Published: p.date(t.Published),
	}
	if t.Via != nil && t.Via.From != nil && *t.Via.From != t.Author {
		f.Through = p.label(*t.Via.From)
	} else {
		f.Through = p.outlet(t.Record, t.Author)
	}
	if t.Sealed || !p.may(t.Record, "count") {
		f.Value = web.Value{Kind: "sealed"}
		return f
	}
	return p.summed(t.Sum, f, true)
}

func (p *page) drawTotals(all []corridor.Total) draw.Totals {
	first, last := all[0].When[0].Go(), all[len(all)-1].When[1].Go()
	d := draw.Totals{
		From: first.Add(-12 * time.Hour), To: last.Add(6 * time.Hour),
		Head: []string{p.t("column.figure"), p.t("column.who"), p.t("column.cutoff"), p.t("column.note")},
	}
	top := int64(1)
	for _, t := range all {
		f := p.total(t)
		when := f.CutOff
		at := t.When[1].Go()
		note := ""
		if !when.Stated() {
			when, note = f.Published, p.t("source.nocutoff")
			at = t.When[0].Go().Add(12 * time.Hour)
		}
		if f.Method != "" {
			note = joined(p.t("comma"), p.word("method", f.Method), note)
		}
		low, high := ends(f.Value)
		pt := draw.Point{
			At: at, Low: low, High: max(low, high), About: f.About, Text: web.Print(p.lang, f.Value),
			When: web.When(p.lang, when), Note: joined(p.t("comma"), f.Through, note), Link: "/records/" + f.Record,
		}
		top = max(top, int64(pt.High))
		i := slices.IndexFunc(d.Series, func(s draw.Series) bool { return s.Name == f.By })
		if i < 0 {
			i = len(d.Series)
			d.Series = append(d.Series, draw.Series{Name: f.By})
		}
		d.Series[i].Points = append(d.Series[i].Points, pt)
	}
	for i := range d.Series {
		slices.SortStableFunc(d.Series[i].Points, func(a, b draw.Point) int { return a.At.Compare(b.At) })
	}
	step := step(top)
	for n := int64(0); n < top+step; n += step {
		d.Levels = append(d.Levels, draw.Level{Value: int(n), Label: p.number(n)})
	}
	d.Days = p.ticks(d.From, d.To, 5)
	d.Frame = p.drawn("totals", p.t("home.totals", "n", len(all)), p.t("totals.desc", "n", len(all), "sources", len(d.Series)))
	return d
}

// step is a round number of which at most five reach the top.
func step(top int64) int64 {
	for s := int64(1); ; s *= 10 {
		for _, k := range []int64{1, 2, 5} {
			if k*s*5 >= top {
				return k * s
			}
		}
	}
}

// ticks marks days of a drawing's time axis in the mission's zone, at most so many of them. A
// new month is named.
func (p *page) ticks(from, to time.Time, most int) []draw.Tick {
	zone := p.zones[0]
	days := int(to.Sub(from)/(24*time.Hour)) + 1
	every := max(1, (days+most-1)/most)
	y, m, d := from.In(zone).Date()
	var list []draw.Tick
	for at, i := time.Date(y, m, d+1, 0, 0, 0, 0, zone), 0; at.Before(to); at, i = at.AddDate(0, 0, 1), i+1 {
		if i%every != 0 {
			continue
		}
		label := fmt.Sprint(at.Day())
		if len(list) == 0 || at.Month() != list[len(list)-1].At.In(zone).Month() {
			label = p.t("tick.month", "day", label, "month", p.t("tick."+fmt.Sprint(int(at.Month()))))
		}
		list = append(list, draw.Tick{At: at.Add(12 * time.Hour), Label: label})
	}
	return slices.DeleteFunc(list, func(t draw.Tick) bool { return cmp.Compare(t.At.Unix(), to.Unix()) > 0 })
}
