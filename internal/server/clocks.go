package server

import (
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/record"
	"corridor.example/corridor/web"
)

// clocks are the reports that the mandate's schedule asks for: of each series the last that
// was filed, and what is due next or overdue.
func (p *page) clocks() []web.Clock {
	var list []web.Clock
	filed := map[string]int{}
	for _, d := range p.v.DueReports(p.moved()) {
		c := p.dueClock(d)
		if i, ok := filed[d.Series]; ok && d.Record != nil {
			list[i] = c
			continue
		}
		if d.Record != nil {
			filed[d.Series] = len(list)
		}
		list = append(list, c)
	}
	return list
}

// moved is now on the server's clock or, where an earlier state is shown, when that was.
func (p *page) moved() record.Time {
	if m := p.asOf(); m.Stated() && p.shown < p.newest {
		return record.At(m.From)
	}
	return p.clock
}

// dueClock tells one report of the schedule.
func (p *page) dueClock(d corridor.DueReport) web.Clock {
	c := web.Clock{
		Name: p.t("report.name", "series", p.series(d.Series), "number", int(d.N)), Under: p.asked(d),
		Due: p.inZone(d.Issue, d.Zone), State: "due",
	}
	switch d.State {
	case corridor.DueOverdue:
		c.State, c.Days = "late", int((p.moved()-d.Issue)/day)
		if d.Of > 1 {
			c.Under = joined(p.t("sep"), c.Under, p.t("clock.of", "n", int(d.Of)))
		}
	case corridor.DueAwaited:
		c.Days = int((d.Issue - p.moved()) / day)
	default:
		c.State, c.Met = "met", p.inZone(d.Signed, d.Zone)
		if d.Record != nil && p.may(*d.Record, "facts") {
			c.Name = p.t("report.name", "series", p.series(d.Series), "number", int(d.Number))
			c.Link = p.past("/reports/" + d.Record.String())
		}
		if d.State == corridor.DueLate {
			c.Under = joined(p.t("sep"), c.Under, p.t("clock.filed_late"))
		}
	}
	return c
}

// asked says what the schedule asks for.
func (p *page) asked(d corridor.DueReport) string {
	for _, line := range p.terms.Schedule {
		if line.Series != d.Series {
			continue
		}
		from := p.inZone(line.From, line.Zone)
		if line.Every == 0 {
			return p.t("clock.once", "n", int(line.Days), "from", web.When(p.lang, from))
		}
		cut := p.inZone(d.CutOff, line.Zone)
		return p.t("clock.every", "n", int(line.Every), "cutoff", web.When(p.lang, cut))
	}
	return ""
}

// inZone is a moment that a text reckons in one of the mandate's zones; the others follow.
func (p *page) inZone(t record.Time, zone string) web.Moment {
	m := p.time(t)
	if z, ok := p.terms.ZoneNamed(zone); ok {
		m.Zones = append([]*time.Location{location(z, p.lang)}, p.zones...)
	}
	return m
}
