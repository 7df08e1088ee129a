package scenario

import (
	"fmt"
	"strconv"

	"corridor.example/corridor"
	"corridor.example/corridor/record"
)

// may reads "may party consent, objection, dispute" or "may office *".
func (p *parser) may(c *cursor) error {
	role, err := c.word("a role")
	if err != nil {
		return err
	}
	names, err := c.list("a kind")
	if err != nil {
		return err
	}
	kinds, err := kindList(names)
	if err != nil {
		return c.fail("%v", err)
	}
	p.push("may", map[string]any{"role": role, "kinds": kinds})
	return nil
}

// kindList spells out "*", and "field" for every field kind.
func kindList(names []string) ([]any, error) {
	var all []any
	for _, n := range names {
		k := corridor.Kind(n)
		switch {
		case n == "*" || n == "field":
			for _, k := range corridor.Kinds() {
				if n == "*" || k.Sort() == "field" {
					all = append(all, string(k))
				}
			}
		case k.Sort() == "":
			return nil, fmt.Errorf("%q is not a kind of record", n)
		default:
			all = append(all, n)
		}
	}
	return all, nil
}

// quorum reads "2 of red, blue" or "2 of (1 of a, b), c".
func (c *cursor) quorum() (map[string]any, error) {
	if c.is("nobody") {
		return map[string]any{"k": int64(0)}, nil
	}
	k, err := c.number("how many")
	if err != nil {
		return nil, err
	}
	if !c.is("of") {
		return nil, c.fail("a quorum reads 2 of red, blue")
	}
	of := []any{}
	for {
		if t := c.peek(); t.sort == bracket && t.s == "(" {
			c.i++
			g, err := c.quorum()
			if err != nil {
				return nil, err
			}
			if _, err := c.take(bracket, ")"); err != nil {
				return nil, err
			}
			of = append(of, map[string]any{"group": g})
		} else {
			v, err := c.word("a voter")
			if err != nil {
				return nil, err
			}
			of = append(of, map[string]any{"actor": v})
		}
		if c.done() || c.peek().sort != comma {
			return map[string]any{"k": k, "of": of}, nil
		}
		c.i++
	}
}

// consent reads "consent 2 of red, blue window 24h silence refuses objection bars revoked by any lock".
func (p *parser) consent(c *cursor) error {
	q, err := c.quorum()
	if err != nil {
		return err
	}
	rule := map[string]any{"quorum": q, "silence": "refuses", "object": "bars", "revoke": "any"}
	for !c.done() {
		switch {
		case c.is("window"):
			rule["window"], err = c.minutes()
		case c.is("silence"):
			rule["silence"], err = c.word("refuses or accepts")
		case c.is("objection"):
			rule["object"], err = c.word("bars or counts")
		case c.is("revoked", "by"):
			rule["revoke"], err = c.word("any or quorum")
		case c.is("lock"):
			rule["lock"] = true
		case c.is("shown", "by"):
			rule["guarantors"], err = c.quorum()
		default:
			return c.fail("%s does not belong to the consent rule; it has window, silence, shown by, objection, revoked by, lock", c.peek())
		}
		if err != nil {
			return err
		}
	}
	p.terms["consent"] = rule
	return nil
}

func (p *parser) amend(c *cursor) (err error) {
	p.terms["amend"], err = c.quorum()
	return err
}

// recorded reads "recorded consent, accession count", with "once countersigned" if they must be.
func (p *parser) recorded(c *cursor) error {
	names, err := c.list("a kind")
	if err != nil {
		return err
	}
	counts := c.is("count")
	counter := c.is("once", "countersigned")
	for _, n := range names {
		p.push("recorded", map[string]any{"kind": n, "counts": counts, "countersign": counter})
	}
	return nil
}

// disclose reads "disclose departure count mission closed parties after public latest 24h":
// who reads while open, once closed, and after the delay.
func (p *parser) disclose(c *cursor) error {
	row := map[string]any{}
	for _, name := range []string{"kind", "part", "open"} {
		w, err := c.word("a kind, a part and three levels")
		if err != nil {
			return err
		}
		row[name], row["closed"], row["after"] = w, w, w
	}
	for !c.done() {
		var err error
		switch {
		case c.is("closed"):
			row["closed"], err = c.word("a level")
			row["after"] = row["closed"]
		case c.is("after"):
			row["after"], err = c.word("a level")
		case c.is("latest"):
			row["latest"], err = c.minutes()
		default:
			return c.fail("%s does not belong to a row of the disclosure table", c.peek())
		}
		if err != nil {
			return err
		}
	}
	p.push("disclosure", row)
	return nil
}

func (p *parser) release(c *cursor) (err error) {
	r := map[string]any{}
	for !c.done() && err == nil {
		switch {
		case c.is("delay"):
			r["delay"], err = c.minutes()
		case c.is("every"):
			r["clock"], err = c.minutes()
		case c.is("whole", "mission"):
			r["whole_mission"] = true
		default:
			return c.fail("%s does not belong to the release; it has delay, every, whole mission", c.peek())
		}
	}
	p.terms["release"] = r
	return err
}

// due reads "due daily every 1d cut-off 19:30 issued within 13h", or
// "due five-day once within 5d of 2016-12-19 10:00 America/New_York zone America/New_York".
func (p *parser) due(c *cursor) error {
	series, err := c.word("a series of reports")
	if err != nil {
		return err
	}
	zone, ok := p.terms["zone"].(map[string]any)
	if !ok {
		return c.fail("the zone stands before the schedule")
	}
	d := map[string]any{"series": series, "zone": zone["name"]}
	for !c.done() && err == nil {
		var n int64
		var at record.Time
		switch {
		case c.is("every"):
			n, err = c.minutes()
			d["every"] = n / (24 * 60)
		case c.is("once", "within"):
			n, err = c.minutes()
			d["days"] = n / (24 * 60)
		case c.is("of"), c.is("from"):
			at, err = c.instant()
			d["from"] = at.String()
		case c.is("cut-off"):
			s := c.peek().s
			if !isClock(c.peek()) || len(s) != 5 {
				return c.fail("%s is not an hour of the day", c.peek())
			}
			c.i++
			h, _ := strconv.ParseInt(s[:2], 10, 64)
			m, _ := strconv.ParseInt(s[3:], 10, 64)
			d["cut_off"] = h*60 + m
		case c.is("issued", "within"):
			d["issue"], err = c.minutes()
		case c.is("zone"):
			d["zone"], err = c.word("a zone")
		default:
			return c.fail("%s does not belong to the schedule", c.peek())
		}
	}
	p.push("schedule", d)
	return err
}

func (p *parser) quota(c *cursor) error {
	class, err := c.word("a class")
	if err != nil {
		return err
	}
	n, err := c.number("how many a day")
	p.push("quotas", map[string]any{"class": class, "per_day": n})
	return err
}

func (p *parser) retention(c *cursor) error {
	n, err := c.minutes()
	if err != nil {
		return err
	}
	r := map[string]any{"days": n / (24 * 60)}
	if c.is("archive") {
		r["archive"], err = c.word("an actor")
	}
	p.terms["retention"] = r
	return err
}

func (p *parser) ticking(c *cursor) (err error) {
	p.terms["tick"], err = c.number("seconds")
	return err
}

func (p *parser) incidents(c *cursor) error {
	names, err := c.list("a category")
	for _, n := range names {
		p.push("incidents", n)
	}
	return err
}
