package server

import (
	"encoding/binary"
	"strings"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/record"
	"corridor.example/corridor/web"
)

// t is a message of the catalogue in the reader's language.
func (p *page) t(key string, args ...any) string { return web.Text(p.lang, key, args...) }

// word is the word for a code of one of the mission's closed vocabularies.
func (p *page) word(group, code string) string { return web.Word(p.lang, group, code) }

// label names an actor, observer or voice as the mandate or the nomination does.
func (p *page) label(id corridor.ActorID) string {
	if l := p.now.LabelOf(id).In(p.lang); l != "" {
		return l
	}
	if id == "node" {
		return p.t("actor.node")
	}
	return string(id)
}

// labels names several.
func (p *page) labels(ids []corridor.ActorID) string {
	var names []string
	for _, id := range ids {
		names = append(names, p.label(id))
	}
	return strings.Join(names, p.t("comma"))
}

// place names a place of the mandate.
func (p *page) place(id corridor.PlaceID) string {
	if x, ok := p.terms.Place(id); ok {
		return x.Label.In(p.lang)
	}
	return string(id)
}

// leg names a leg of the mandate.
func (p *page) leg(letter string) string {
	if l, ok := p.terms.Leg(letter); ok {
		return l.Label.In(p.lang)
	}
	return letter
}

// time is a moment by the minute, day the calendar day it fell on in the mission's zone.
func (p *page) time(t record.Time) web.Moment {
	return web.Moment{From: t.Go(), Zones: p.zones}
}

func (p *page) day(t record.Time) web.Moment {
	return web.Moment{From: t.Go(), Precision: "day", Zones: p.zones}
}

// second is a moment to the second, for what is about signing.
func (p *page) second(t record.Time) web.Moment {
	return web.Moment{From: t.Go(), Precision: "second", Zones: p.zones}
}

// moment is when something happened. Whole days of the mission's zone print as days.
func (p *page) moment(when corridor.Period) web.Moment {
	m := web.Moment{From: when[0].Go(), To: when[1].Go(), Zones: p.zones}
	if when == (corridor.Period{}) {
		return web.Moment{}
	}
	from := p.terms.Zone.Local(when[0])
	if strings.HasSuffix(from, "00:00:00") && when[1] > when[0] {
		switch last := p.terms.Zone.Local(when[1]); {
		case strings.HasSuffix(last, "23:59:59"), strings.HasSuffix(last, "23:59:00"):
			m.Precision = "day"
		case strings.HasSuffix(last, "00:00:00"):
			m.Precision, m.To = "day", m.To.Add(-time.Second)
		}
	}
	return m
}

// date is a day as printed on a text, which has no zone.
func (p *page) date(d *corridor.Date) web.Moment {
	if d == nil {
		return web.Moment{}
	}
	t, err := time.Parse(time.DateOnly, string(*d))
	if err != nil {
		return web.Moment{} // refused when it was logged
	}
	return web.Moment{From: t.Add(12 * time.Hour), Precision: "day", Zones: []*time.Location{time.UTC}}
}

// value is a figure's range with its unit in words.
func (p *page) value(r corridor.Range, u corridor.Unit) web.Value {
	if !r.Known {
		return web.Value{Kind: "none", Unit: string(u), Uncounted: r.Uncounted}
	}
	return web.Value{Low: int(r.Low), High: int(r.High), Kind: "exactly", About: r.About, Open: r.Open, Uncounted: r.Uncounted, Unit: string(u)}
}

// told is a count of people who can be told apart by it: the public is not told a small one.
// A number that its author published is public already, and a difference counts nobody.
func (p *page) told(r corridor.Range, u corridor.Unit) web.Value {
	if p.withheld(r, u) {
		return web.Value{Kind: "withheld", Unit: string(u)}
	}
	return p.value(r, u)
}

// sum is one counted number as its author meant it.
func (p *page) sum(s corridor.Sum, published bool) web.Value {
	if !published && p.withheld(s.Range(), s.Unit) {
		return web.Value{Kind: "withheld", Unit: string(s.Unit)}
	}
	if s.Sharp == corridor.AtMost {
		return web.Value{Kind: "at-most", Low: int(s.Total), Unit: string(s.Unit)}
	}
	return p.value(s.Range(), s.Unit)
}

// number prints a whole number.
func (p *page) number(n int64) string { return web.Print(p.lang, web.Value{Low: int(n)}) }

// withheld reports whether a count is too small to be told this reader.
func (p *page) withheld(r corridor.Range, u corridor.Unit) bool {
	return p.public(u) && corridor.Withheld(r)
}

// public reports whether the reader is the public, which is not told small counts, and the unit
// one of people.
func (p *page) public(u corridor.Unit) bool {
	return p.audience == corridor.Public && (u == corridor.People || u == corridor.Patient)
}

// zones are the mandate's zones under its own names for them, that of the operation day first,
// UTC last.
func zones(t *corridor.Terms, lang string) []*time.Location {
	var list []*time.Location
	if t != nil {
		for _, z := range append([]corridor.Zone{t.Zone}, t.Zones...) {
			list = append(list, location(z, lang))
		}
	}
	return append(list, time.UTC)
}

// location makes a zone of the mandate into one that Go can reckon with. The catalogue's name
// for it wins over the mandate's.
func location(z corridor.Zone, lang string) *time.Location {
	name := z.Name
	if l := z.Label.In(lang); l != "" && !web.Has(lang, "zone."+name) {
		name = strings.ReplaceAll(l, "/", " ")
	}
	l, err := time.LoadLocationFromTZData(name, tzif(z))
	if err != nil {
		off := 0
		if len(z.Shifts) > 0 {
			off = int(z.Shifts[0].Minutes) * 60
		}
		return time.FixedZone(name, off)
	}
	return l
}

// tzif writes a zone's shifts as RFC 9636 does, version 2: an empty first block, then one with
// 64-bit times. The first shift holds before its moment too.
func tzif(z corridor.Zone) []byte {
	shifts := z.Shifts
	if len(shifts) == 0 {
		shifts = []corridor.Shift{{}}
	}
	header := func(b []byte, times, types, chars int) []byte {
		b = append(b, "TZif2"...)
		b = append(b, make([]byte, 15)...)
		for _, n := range []int{0, 0, 0, times, types, chars} {
			b = binary.BigEndian.AppendUint32(b, uint32(n))
		}
		return b
	}
	b := header(nil, 0, 0, 0)
	b = header(b, len(shifts)-1, len(shifts), 1)
	for _, s := range shifts[1:] {
		b = binary.BigEndian.AppendUint64(b, uint64(s.From))
	}
	for i := range shifts[1:] {
		b = append(b, byte(i+1))
	}
	for _, s := range shifts {
		b = binary.BigEndian.AppendUint32(b, uint32(int32(s.Minutes*60)))
		b = append(b, 0, 0)
	}
	return append(b, 0, '\n', '\n')
}
