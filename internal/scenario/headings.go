package scenario

import (
	"strconv"
	"strings"

	"corridor.example/corridor/record"
)

// A heading reads one line before the first step.
type heading func(p *parser, c *cursor) error

var headings map[string]heading

func init() {
	headings = map[string]heading{
		"mission": (*parser).mission, "zone": (*parser).zoned, "founded": (*parser).foundedAt,
		"parties": (*parser).parties, "office": (*parser).office, "voices": (*parser).voices, "actor": (*parser).actor,
		"place": (*parser).place, "leg": (*parser).leg, "mark": (*parser).mark, "may": (*parser).may,
		"consent": (*parser).consent, "amend": (*parser).amend, "recorded": (*parser).recorded,
		"disclose": (*parser).disclose, "release": (*parser).release, "due": (*parser).due, "quota": (*parser).quota,
		"retention": (*parser).retention, "tick": (*parser).ticking, "incidents": (*parser).incidents,
		"until": (*parser).until, "witnesses": (*parser).witnesses, "note": (*parser).foundingNote,
		"reply": (*parser).reply, "lodged": (*parser).lodged,
	}
}

func (p *parser) push(name string, v any) {
	list, _ := p.terms[name].([]any)
	p.terms[name] = append(list, v)
}

func (p *parser) mission(c *cursor) (err error) {
	if p.script.Name != "" {
		return c.fail("the mission is named twice")
	}
	p.script.Name, err = c.word("the mission's name")
	if err == nil && !record.Name(p.script.Name) {
		return c.fail("%q is no name for a mission: lower-case letters, digits and hyphens", p.script.Name)
	}
	return err
}

// zoned reads "zone Asia/Damascus +02:00 "Damascus" ar "دمشق"". The first is the zone of the
// operation day and of every time in the file.
func (p *parser) zoned(c *cursor) error {
	name, err := c.word("a zone's name")
	if err != nil {
		return err
	}
	off, err := c.word("an offset such as +02:00")
	if err != nil {
		return err
	}
	sign, rest := int64(1), off
	if strings.HasPrefix(off, "-") {
		sign = -1
	}
	rest = strings.TrimLeft(off, "+-")
	h, m, ok := strings.Cut(rest, ":")
	hours, err1 := strconv.ParseInt(h, 10, 8)
	minutes, err2 := strconv.ParseInt(m, 10, 8)
	if !ok || err1 != nil || err2 != nil || len(off) != 6 || hours > 14 || minutes > 59 {
		return c.fail("%q is not an offset such as +02:00", off)
	}
	at := sign * (hours*60 + minutes)
	if _, twice := p.zones[name]; twice {
		return c.fail("the zone %s is named twice", name)
	}
	zone := map[string]any{"name": name, "label": c.words(), "shifts": []any{map[string]any{"from": "2000-01-01T00:00:00Z", "minutes": at}}}
	if len(p.zones) == 0 {
		p.zone, p.terms["zone"] = at, zone
	} else {
		p.push("zones", zone)
	}
	p.zones[name] = at
	return nil
}

func (p *parser) foundedAt(c *cursor) (err error) {
	f := &p.script.founded
	if f.at, err = c.instant(); err != nil {
		return err
	}
	if c.is("by") {
		f.by, err = c.word("an actor")
	}
	return err
}

func (p *parser) mark(c *cursor) error {
	from, _, err := c.moment()
	p.push("marks", map[string]any{"at": from.String(), "label": c.words()})
	return err
}

func (p *parser) until(c *cursor) error {
	_, to, err := c.moment()
	p.terms["to"] = to.String()
	return err
}

// witnesses reads "witnesses none", or "witnesses red, blue": for whom the first and the second
// exercise witness stand. "nobody" stands for nobody.
func (p *parser) witnesses(c *cursor) error {
	if c.is("none") {
		p.script.founded.witnessed = false
		return nil
	}
	names, err := c.list("an actor, or nobody")
	if err != nil {
		return err
	}
	if len(names) > len(Witnesses) {
		return c.fail("a scenario is cosigned by its two exercise witnesses, or by none")
	}
	for i, n := range names {
		if n != "nobody" {
			p.push("witness_of", map[string]any{"witness": Witnesses[i], "actor": n})
		}
	}
	return nil
}

// reply reads "reply 24h": how long a party has to reply to what it may read.
func (p *parser) reply(c *cursor) (err error) {
	p.terms["reply"], err = c.minutes()
	return err
}

// lodged reads "lodged 60m": within which a lodged record is logged or refused.
func (p *parser) lodged(c *cursor) error {
	n, err := c.minutes()
	p.terms["lodged"] = n * 60
	return err
}

func (p *parser) foundingNote(c *cursor) error {
	if p.script.founded.narrative == nil {
		p.script.founded.narrative = map[string]any{}
	}
	return c.note(p.script.founded.narrative)
}
