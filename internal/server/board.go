package server

import (
	"net/http"
	"slices"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/draw"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/record"
	"corridor.example/corridor/web"
)

// boardPage is the duty officer's wide page, with the slider through the log.
func (s *Server) boardPage(w http.ResponseWriter, r *http.Request, n *node.Node) error {
	return s.show(w, r, n, "board", func(p *page) (any, error) {
		x := web.Board{
			Frame: p.frame(), Balance: p.balance(), Corridor: p.schematic(), Flow: p.flow(nil), Totals: p.totals(),
			Holds: p.holds(p.v.Holds()), Incidents: p.incidents(p.v.Incidents()), Coverage: p.coverage(nil), Clocks: p.clocks(),
			Slider: p.slider(),
		}
		x.Counts = p.strip(x)
		return x, nil
	})
}

// strip is what is open now.
func (p *page) strip(b web.Board) []web.Count {
	open, holds, late := 0, 0, 0
	for _, c := range p.v.OpenConvoys() {
		if accounts := p.readableAccounts(c); len(accounts) > 0 {
			open++
		}
	}
	for _, h := range b.Holds {
		if h.When.Open {
			holds++
		}
	}
	for _, c := range b.Clocks {
		if c.State == "late" {
			late++
		}
	}
	return []web.Count{
		{Kind: "convoys_open", N: open, Link: p.past("/convoys")},
		{Kind: "holds_open", N: holds, Grave: holds > 0},
		{Kind: "differences", N: len(b.Balance.Differences), Grave: len(b.Balance.Differences) > 0, Link: p.past("/convoys")},
		{Kind: "incidents", N: len(b.Incidents), Link: p.past("/incidents")},
		{Kind: "disputes", N: b.Disputed},
		{Kind: "late", N: late, Grave: late > 0, Link: p.past("/reports")},
	}
}

// slider moves through the sizes of the released log. A mark is the log as it stood at the
// mark's moment, by its authors' clocks.
func (p *page) slider() web.Slider {
	x := web.Slider{Size: int(p.newest), At: int(p.shown), When: p.asOf()}
	for _, m := range p.terms.Marks {
		size := p.sizeAt(m.At)
		if size == 0 {
			continue
		}
		x.Marks = append(x.Marks, web.SliderMark{
			At: int(size), Label: web.When(p.lang, p.day(m.At)), Text: m.Label.In(p.lang), Current: size == p.shown,
		})
	}
	return x
}

// sizeAt is how long the log was once as many records were signed as were by a moment, among
// those whose headers the reader may read. A clock that is wrong moves it by one record only.
func (p *page) sizeAt(t record.Time) int64 {
	end := t
	if p.terms.Zone.Local(t)[11:] == "00:00:00" {
		end = t + day - 1 // a mark on a day is the log at its end
	}
	var readable []int64
	signed := 0
	for i := range p.now.Size() {
		if e := p.now.Entry(i); p.may(e.Hash, "header") {
			readable = append(readable, i)
			if e.At <= end {
				signed++
			}
		}
	}
	if signed == 0 {
		return 0
	}
	return readable[signed-1] + 1
}

// schematic draws the places of every leg in order.
func (p *page) schematic() web.Drawing {
	if len(p.terms.Legs) == 0 {
		return web.Drawing{}
	}
	s := draw.Schematic{
		Frame: p.drawn("corridor", p.t("board.corridor"), p.t("board.corridor.sub")),
		Head:  []string{p.t("column.leg"), p.t("column.place"), p.t("column.said")},
	}
	pins := p.pins(nil)
	from, to, _ := p.watched(nil)
	var spells map[corridor.PlaceID]corridor.Watched
	if to > from {
		spells = map[corridor.PlaceID]corridor.Watched{}
		for _, w := range p.v.Coverage(from, to) {
			spells[w.Place] = w
		}
	}
	controls := p.controls()
	for _, l := range p.terms.Legs {
		r := draw.Route{Name: p.leg(l.Letter)}
		for _, id := range slices.Concat([]corridor.PlaceID{l.From}, l.By, []corridor.PlaceID{l.To}) {
			stop := draw.Stop{Place: p.place(id), Presence: p.ever(spells[id]), Notes: controls[id]}
			if n := len(pins[id]); n > 0 {
				stop.Notes = append(stop.Notes, p.t("count.of_incidents", "n", n))
				stop.Link = pins[id][0].Link
			}
			r.Stops = append(r.Stops, stop)
		}
		s.Legs = append(s.Legs, r)
	}
	return drawing(s, p.t("corridor.note"))
}

// ever says whether the mission was at a place at any time that the log tells of.
func (p *page) ever(w corridor.Watched) draw.Presence {
	stays, there := p.stays(w)
	if there {
		return draw.Present
	}
	for _, s := range stays {
		if s.Presence == draw.Absent {
			return draw.Absent
		}
	}
	return draw.Unknown
}

// controls says who holds a place, only where an account says so, and then who says it.
func (p *page) controls() map[corridor.PlaceID][]string {
	said := map[corridor.PlaceID][]string{}
	add := func(h record.Hash, by corridor.ActorID, where *corridor.Where, who *corridor.Who) {
		if where == nil || where.Place == nil || who == nil || !p.may(h, "facts") || !p.may(h, "where") || !p.may(h, "who") {
			return
		}
		for _, a := range who.Actors {
			text := p.t("corridor.held", "by", p.label(a.Actor), "says", p.label(by))
			if a.As == "controls-place" && !slices.Contains(said[*where.Place], text) {
				said[*where.Place] = append(said[*where.Place], text)
			}
		}
	}
	for _, e := range p.v.Events() {
		add(e.Record, e.Says, e.Where, e.Who)
	}
	for _, h := range p.v.Holds() {
		for _, a := range h.Accounts {
			add(a.Record, a.Says, a.Where, a.Who)
		}
	}
	for _, r := range p.v.Restrictions() {
		if r.Stands() {
			add(r.Record, r.Says, r.Where, r.Who)
		}
	}
	return said
}
