package web

import (
	"fmt"
	"html/template"
	"strings"
	"time"
)

// A Moment is when something happened, was said or falls due, as far as it is known. Its
// zero value is a time that nobody stated, and prints as such.
type Moment struct {
	From, To  time.Time        // To is From's equal, or zero, if the time is exact
	Precision string           // "minute" (also ""), "second", "day" or "month"
	Open      bool             // it began at From and has not ended, as far as the log says
	Zones     []*time.Location // the first is printed, the others on hover or tap; nil means UTC
}

// Stated reports whether any time is known.
func (m Moment) Stated() bool { return !m.From.IsZero() }

func (m Moment) zone() *time.Location {
	if len(m.Zones) == 0 || m.Zones[0] == nil {
		return time.UTC
	}
	return m.Zones[0]
}

// moment prints a Moment with its zone. Days and months need none.
func (c *catalogue) moment(m Moment) string {
	if !m.Stated() {
		return c.text("moment.none")
	}
	zone := m.zone()
	from := m.From.In(zone)
	switch {
	case m.Open:
		return c.text("moment.since", "when", c.point(from, m.Precision, true)+c.inZone(m))
	case m.To.IsZero() || m.To.Equal(m.From):
		return c.point(from, m.Precision, true) + c.inZone(m)
	}
	to := m.To.In(zone)
	y1, m1, d1 := from.Date()
	y2, m2, d2 := to.Date()
	sameDay := y1 == y2 && m1 == m2 && d1 == d2
	if m.Precision == "day" && sameDay {
		return c.point(from, "day", true)
	}
	if m.Precision == "day" && y1 == y2 && m1 == m2 {
		return c.text("moment.days", "from", fmt.Sprint(d1), "to", fmt.Sprint(d2),
			"month", c.text(fmt.Sprintf("month.%d", m1)), "year", fmt.Sprint(y1))
	}
	if sameDay {
		return c.text("moment.range", "from", c.point(from, m.Precision, true), "to", to.Format(clock(m.Precision))) + c.inZone(m)
	}
	return c.text("moment.range",
		"from", c.point(from, m.Precision, y1 != y2),
		"to", c.point(to, m.Precision, true)) + c.inZone(m)
}

func clock(precision string) string {
	if precision == "second" {
		return "15:04:05"
	}
	return "15:04"
}

// point prints one end of a Moment, already in the zone it is printed in.
func (c *catalogue) point(t time.Time, precision string, year bool) string {
	month := c.text(fmt.Sprintf("month.%d", t.Month()))
	y := ""
	if year {
		y = fmt.Sprint(t.Year())
	}
	switch precision {
	case "month":
		return strings.TrimSpace(c.text("moment.month", "month", month, "year", fmt.Sprint(t.Year())))
	case "day":
		return strings.TrimSpace(c.text("moment.day", "day", fmt.Sprint(t.Day()), "month", month, "year", y))
	}
	day := strings.TrimSpace(c.text("moment.day", "day", fmt.Sprint(t.Day()), "month", month, "year", y))
	return c.text("moment.minute", "day", day, "time", t.Format(clock(precision)))
}

func (c *catalogue) inZone(m Moment) string {
	if m.Precision == "day" || m.Precision == "month" {
		return ""
	}
	return " " + c.zoneName(m.zone())
}

// ZoneName is the place a zone is named for, in a language.
func ZoneName(lang string, z *time.Location) string { return speak(lang).zoneName(z) }

// zoneName is the place a zone is named for, in the reader's language.
func (c *catalogue) zoneName(z *time.Location) string {
	name := z.String()
	if _, ok := c.messages["zone."+name]; ok {
		return c.text("zone." + name)
	}
	name = name[strings.LastIndexByte(name, '/')+1:]
	return c.text("zone.other", "name", strings.ReplaceAll(name, "_", " "))
}

// elsewhere prints a Moment in each of the other zones, for hover and tap. Where it falls on
// the same days in all of them, the days are not said again.
func (c *catalogue) elsewhere(m Moment) []string {
	if !m.Stated() || m.Precision == "day" || m.Precision == "month" {
		return nil
	}
	one := !m.Open
	for i := range m.Zones {
		one = one && sameDays(m, Moment{From: m.From, To: m.To, Zones: m.Zones[i : i+1]})
	}
	var out []string
	for i := 1; i < len(m.Zones); i++ {
		other := m
		other.Zones = m.Zones[i : i+1]
		if !one {
			out = append(out, c.moment(other))
			continue
		}
		layout, zone := clock(m.Precision), other.zone()
		at := m.From.In(zone).Format(layout)
		if !m.To.IsZero() && !m.To.Equal(m.From) {
			at = c.text("moment.range", "from", at, "to", m.To.In(zone).Format(layout))
		}
		out = append(out, at+c.inZone(other))
	}
	return out
}

// sameDays reports whether a Moment falls on the same days of the calendar in two zones.
func sameDays(m, n Moment) bool {
	for _, t := range []time.Time{m.From, m.To} {
		if !t.IsZero() && t.In(m.zone()).Format(time.DateOnly) != t.In(n.zone()).Format(time.DateOnly) {
			return false
		}
	}
	return true
}

// when writes a Moment as a time element; what a machine reads is UTC.
func (c *catalogue) when(m Moment) template.HTML {
	words := template.HTMLEscapeString(c.moment(m))
	if !m.Stated() {
		return template.HTML(`<span class="none">` + words + `</span>`)
	}
	stamp := m.From.UTC().Format(time.RFC3339)
	switch m.Precision {
	case "day":
		stamp = m.From.In(m.zone()).Format("2006-01-02")
	case "month":
		stamp = m.From.In(m.zone()).Format("2006-01")
	}
	title := ""
	if other := c.elsewhere(m); len(other) > 0 {
		title = ` title="` + template.HTMLEscapeString(strings.Join(other, " · ")) + `"`
	}
	return template.HTML(`<time datetime="` + stamp + `"` + title + `>` + words + `</time>`)
}

// span prints how long a Moment lasted, in the largest unit that loses little.
func (c *catalogue) span(m Moment) string {
	if !m.Stated() || m.To.IsZero() || m.Open {
		return ""
	}
	return c.lasting(m.To.Sub(m.From))
}

func (c *catalogue) lasting(d time.Duration) string {
	switch {
	case d < 2*time.Hour:
		return c.text("span.minutes", "n", int(d.Round(time.Minute)/time.Minute))
	case d < 72*time.Hour:
		return c.text("span.hours", "n", int(d.Round(time.Hour)/time.Hour))
	}
	return c.text("span.days", "n", int(d.Round(24*time.Hour)/(24*time.Hour)))
}
