package server

import (
	"fmt"
	"slices"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/draw"
	"corridor.example/corridor/record"
	"corridor.example/corridor/web"
)

// coverage is where the mission was and where it was not, with the incidents pinned on it. If
// only is given, it is of that place alone, around that time.
func (p *page) coverage(only *around) web.Coverage {
	from, to, ok := p.watched(only)
	if !ok {
		return web.Coverage{}
	}
	var x web.Coverage
	d := draw.Coverage{
		From: from.Go(), To: to.Go(), Days: p.ticks(from.Go(), to.Go(), 9),
		Head: []string{p.t("column.place"), p.t("column.what"), p.t("column.when")},
	}
	pins := p.pins(only)
	var quiet []string // places where nobody ever was and nothing is known to have happened
	for _, w := range p.v.Coverage(from, to) {
		here := pins[w.Place]
		if only != nil && only.place != w.Place {
			continue
		}
		stays, ever := p.stays(w)
		if only == nil && len(w.Spells) == 1 && len(w.Spells[0].Records) == 0 && len(here) == 0 && !p.onALeg(w.Place) {
			continue // a town that the mandate only names
		}
		d.Places = append(d.Places, draw.Post{Place: p.place(w.Place), Stays: stays, Pins: here})
		if !ever && only != nil {
			x.Text = p.t("coverage.not_here")
		} else if !ever {
			if len(here) == 0 {
				quiet = append(quiet, p.place(w.Place))
				continue
			}
			line := web.Line{Name: p.place(w.Place), Text: here[0].Text, Link: here[0].Link}
			if len(here) > 1 {
				line.Text = p.t("count.of_incidents", "n", len(here))
			}
			x.Nowhere = append(x.Nowhere, line)
		} else {
			x.Text = joined(" ", x.Text, p.attended(w))
		}
	}
	if len(quiet) > 0 {
		x.Nowhere = append(x.Nowhere, web.Line{Name: joined(p.t("comma"), quiet...), Text: p.t("coverage.no_incident")})
	}
	if x.Text == "" {
		x.Text = p.t("coverage.nowhere")
	}
	p.gaps(&x, only)
	d.Frame = p.drawn("coverage", p.t("home.coverage"), x.Text)
	x.Drawing = drawing(d, "")
	return x
}

// An around is a place and a time that a drawing of coverage is of.
type around struct {
	place corridor.PlaceID
	when  corridor.Period
}

const day = 24 * 60 * 60

// watched returns the time that a drawing of coverage takes in: whole days, from the first to
// the last that a readable record of presence or an incident tells of.
func (p *page) watched(only *around) (from, to record.Time, ok bool) {
	add := func(when corridor.Period) {
		if !ok {
			from, to, ok = when[0], when[1], true
		}
		from, to = min(from, when[0]), max(to, when[1])
	}
	if only != nil {
		add(corridor.Period{only.when[0] - day, only.when[1] + day})
	} else {
		for _, c := range p.v.Coverages() {
			if c.Stands() && p.may(c.Record, "facts") && p.may(c.Record, "where") {
				add(c.When)
			}
		}
		for _, e := range p.v.Events() {
			if p.may(e.Record, "facts") && p.may(e.Record, "where") {
				add(e.Facts.When)
			}
		}
	}
	if !ok {
		return 0, 0, false
	}
	return p.midnight(from), p.midnight(to + day), true
}

// midnight is the beginning of the day a moment falls on, in the mission's zone.
func (p *page) midnight(t record.Time) record.Time {
	y, m, d := t.Go().In(p.zones[0]).Date()
	return record.At(time.Date(y, m, d, 0, 0, 0, 0, p.zones[0]))
}

// stays are what the log says of a place; ever says whether the mission was there at any time.
// Of silence nothing is made: that time cannot be told. What rests on records the reader may
// not read says so.
func (p *page) stays(w corridor.Watched) (list []draw.Stay, ever bool) {
	for _, s := range w.Spells {
		x := draw.Stay{From: s.From.Go(), To: s.To.Go(), Presence: draw.Unknown, Text: p.t("coverage.silent"), When: web.When(p.lang, p.moment(corridor.Period{s.From, s.To}))}
		if len(s.Records) == 0 {
			if len(w.Spells) > 1 {
				x.Text = "" // what is said of the place says enough of the rest
			}
			list = append(list, x)
			continue
		}
		x.Link = link(s.Records[0])
		sealed := slices.ContainsFunc(s.Records, func(h record.Hash) bool { return !p.may(h, "facts") || !p.may(h, "where") })
		switch {
		case sealed:
			x.Text = p.t("partstate.sealed")
		case s.Presence == corridor.PresentThere:
			x.Presence, x.Text, ever = draw.Present, joined(p.t("colon"), p.t("coverage.present"), p.labels(s.Posts)), true
		case s.Presence == corridor.AbsentThere:
			x.Presence, x.Text = draw.Absent, p.t("coverage.absent")
			for _, why := range s.Why {
				x.Text = joined(p.t("comma"), x.Text, p.word("absence-reason", string(why)))
			}
		case s.Presence == corridor.Differing:
			x.Text, ever = p.t("coverage.differs"), true
		default:
			x.Text = p.t("coverage.unknown")
		}
		list = append(list, x)
	}
	return list, ever
}

// attended says in one sentence when the mission was at a place.
func (p *page) attended(w corridor.Watched) string {
	var from, to record.Time
	for _, s := range w.Spells {
		if s.Presence == corridor.PresentThere || s.Presence == corridor.Differing {
			if from == 0 {
				from = s.From
			}
			to = s.To
		}
	}
	return p.t("coverage.attended", "place", p.place(w.Place), "when", p.moment(corridor.Period{from, to}))
}

func (p *page) onALeg(id corridor.PlaceID) bool {
	for _, l := range p.terms.Legs {
		if l.From == id || l.To == id || slices.Contains(l.By, id) {
			return true
		}
	}
	return false
}

// pins are the incidents by their place, numbered in the order of their time.
func (p *page) pins(only *around) map[corridor.PlaceID][]draw.Pin {
	at := map[corridor.PlaceID][]draw.Pin{}
	n := 0
	for _, i := range p.v.Incidents() {
		e := p.located(i)
		if e == nil || !p.hasPlace(e) {
			continue
		}
		n++
		if only != nil && (*e.Where.Place != only.place || !e.Facts.When.Overlaps(corridor.Period{only.when[0] - day, only.when[1] + day})) {
			continue
		}
		x := p.incidence(i)
		at[*e.Where.Place] = append(at[*e.Where.Place], draw.Pin{
			At: e.Facts.When[0].Go(), Mark: fmt.Sprint(n), Text: x.Title, When: web.When(p.lang, p.moment(e.Facts.When)), Link: x.Link,
		})
	}
	return at
}

// gaps counts the incidents that happened where and when somebody of the mission was, those
// that happened where nobody was, and those of which that cannot be told.
func (p *page) gaps(x *web.Coverage, only *around) {
	if only != nil {
		return
	}
	for _, i := range p.v.Incidents() {
		switch e := p.located(i); {
		case e == nil || e.Where != nil && !p.may(e.Record, "where"):
		case p.covered(e) == string(corridor.AbsentThere):
			x.Outside++
		case p.covered(e) == string(corridor.PresentThere):
			x.Within++
		default:
			x.Untold++
		}
	}
}
