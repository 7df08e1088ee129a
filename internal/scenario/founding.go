package scenario

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"corridor.example/corridor"
	"corridor.example/corridor/record"
)

// A founding is a mandate as a scenario's first lines give it, before its keys are made.
type founding struct {
	by        string
	at        record.Time
	terms     map[string]any // without actors, origin, log_key, witnesses and node_key
	actors    []*actor
	witnessed bool
	narrative map[string]any
	line      int
}

// An actor of the mandate, with the uses of the keys it has.
type actor struct {
	id    string
	label []any
	roles []any
	side  any
	keys  []string
}

// A parser holds what the lines read so far have set.
type parser struct {
	file    string
	include func(string) (string, error)
	depth   int
	script  *Script
	terms   map[string]any
	places  corridor.Terms   // of which only the places are set
	zones   map[string]int64 // minutes east of UTC
	zone    int64
	sources map[string]map[string]any
	today   string
	lang    string
	basis   string
	channel string
	now     record.Time
	begun   bool // a step was read
	clocked bool // now is set
	labels  map[string]bool
	asked   []ref // labels used, to be found at the end
}

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

func (p *parser) add(a *actor, c *cursor) error {
	for _, b := range p.script.founded.actors {
		if a.id == b.id {
			return c.fail("the actor %s is named twice", a.id)
		}
	}
	if len(a.label) == 0 {
		a.label = []any{map[string]any{"lang": "en", "text": strings.ToUpper(a.id[:1]) + a.id[1:]}}
	}
	p.script.founded.actors = append(p.script.founded.actors, a)
	return nil
}

// parties reads "parties red, blue": the first side and the second, each with a working key.
func (p *parser) parties(c *cursor) error {
	names, err := c.list("a party")
	if err != nil {
		return err
	}
	for i, n := range names {
		var side any
		if i < 2 {
			side = [2]string{"first", "second"}[i]
		}
		if err := p.add(&actor{id: n, roles: []any{"party"}, side: side, keys: []string{"working"}}, c); err != nil {
			return err
		}
	}
	return nil
}

func (p *parser) office(c *cursor) error {
	names, err := c.list("an office")
	if err != nil {
		return err
	}
	for _, n := range names {
		if err := p.add(&actor{id: n, roles: []any{"office"}, keys: []string{"working"}}, c); err != nil {
			return err
		}
	}
	return nil
}

func (p *parser) voices(c *cursor) error {
	names, err := c.list("a voice")
	if err != nil {
		return err
	}
	for _, n := range names {
		if err := p.add(&actor{id: n, roles: []any{"voice"}}, c); err != nil {
			return err
		}
	}
	return nil
}

// actor reads "actor un-ocha operator, voice first keys working "UN OCHA" ar "…"".
func (p *parser) actor(c *cursor) error {
	id, err := c.word("an actor")
	if err != nil {
		return err
	}
	a := &actor{id: id}
	for !c.done() {
		switch {
		case c.is("first"), c.is("second"):
			a.side = c.tokens[c.i-1].s
		case c.is("keys"):
			if a.keys, err = c.list("the use of a key"); err != nil {
				return err
			}
		case c.peek().sort == text:
			a.label = c.words()
		case c.peek().sort == comma:
			c.i++
		default:
			role, err := c.word("a role")
			if err != nil {
				return err
			}
			if new(corridor.Role).UnmarshalText([]byte(role)) != nil {
				c.i--
				return c.fail("%q is not a role", role)
			}
			a.roles = append(a.roles, role)
		}
	}
	return p.add(a, c)
}

// place reads "place ramouseh crossing "Ramouseh" ar "…" aka "Ramoussah", "Ramousa" point 36.15 37.12".
func (p *parser) place(c *cursor) error {
	id, err := c.word("a place")
	if err != nil {
		return err
	}
	role, err := c.word("the place's role")
	if err != nil {
		return err
	}
	at := map[string]any{"id": id, "role": role, "label": c.words()}
	names := []string{id}
	for _, l := range at["label"].([]any) {
		names = append(names, l.(map[string]any)["text"].(string))
	}
	for !c.done() {
		switch {
		case c.is("aka"):
			aka := []any{}
			for c.peek().sort == text && !c.done() {
				aka = append(aka, c.peek().s)
				names = append(names, c.peek().s)
				if c.i++; c.peek().sort == comma && !c.done() {
					c.i++
				}
			}
			at["aliases"] = aka
		case c.is("point"):
			lat, err := c.degrees()
			if err != nil {
				return err
			}
			lon, err := c.degrees()
			if err != nil {
				return err
			}
			at["point"] = map[string]any{"lat": lat, "lon": lon}
		case c.is("pcode"):
			if at["pcode"], err = c.word("a place code"); err != nil {
				return err
			}
		default:
			return c.fail("%s does not belong to a place; it has a role, a name, aka, point and pcode", c.peek())
		}
	}
	spelt := corridor.Place{ID: corridor.PlaceID(id)}
	spelt.Aliases = names[1:]
	p.places.Places = append(p.places.Places, spelt)
	for _, n := range names {
		if of, ok := p.places.Resolve(n); !ok || of != spelt.ID {
			return c.fail("%q names another place already", n)
		}
	}
	p.push("places", at)
	return nil
}

// degrees reads a number of degrees with a point into ten-millionths, without floats.
func (c *cursor) degrees() (int64, error) {
	s, err := c.word("degrees")
	if err != nil {
		return 0, err
	}
	sign, t := int64(1), s
	if strings.HasPrefix(t, "-") {
		sign, t = -1, t[1:]
	}
	whole, part, _ := strings.Cut(t, ".")
	if len(part) > 7 {
		part = part[:7]
	}
	n, err := strconv.ParseUint(whole+part+strings.Repeat("0", 7-len(part)), 10, 34)
	if err != nil {
		c.i--
		return 0, c.fail("%q is not a number of degrees", s)
	}
	return sign * int64(n), nil
}

// leg reads "leg A from gate by bridge to town "North to town"".
func (p *parser) leg(c *cursor) error {
	letter, err := c.word("a leg's letter")
	if err != nil {
		return err
	}
	leg := map[string]any{"letter": letter}
	by := []any{}
	for !c.done() {
		switch {
		case c.is("from"):
			leg["from"], err = c.place()
		case c.is("to"):
			leg["to"], err = c.place()
		case c.is("by"):
			var at string
			if at, err = c.place(); err == nil {
				by = append(by, at)
			}
		case c.peek().sort == text:
			leg["label"] = c.words()
		default:
			return c.fail("%s does not belong to a leg; it runs from, by and to places", c.peek())
		}
		if err != nil {
			return err
		}
	}
	leg["by"] = by
	p.push("legs", leg)
	return nil
}

// place reads a place under any of its names.
func (c *cursor) place() (string, error) {
	t := c.peek()
	id, ok := c.p.places.Resolve(t.s)
	if c.done() || t.sort != word && t.sort != text || !ok {
		return "", c.fail("%s is not a place of this mission", t)
	}
	c.i++
	return string(id), nil
}

func (p *parser) mark(c *cursor) error {
	from, _, err := c.moment()
	p.push("marks", map[string]any{"at": from.String(), "label": c.words()})
	return err
}

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
		default:
			return c.fail("%s does not belong to the consent rule; it has window, silence, objection, revoked by, lock", c.peek())
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
	d := map[string]any{"series": series, "zone": p.terms["zone"].(map[string]any)["name"]}
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

func (p *parser) until(c *cursor) error {
	_, to, err := c.moment()
	p.terms["to"] = to.String()
	return err
}

func (p *parser) witnesses(c *cursor) error {
	if !c.is("none") {
		return c.fail("a scenario is cosigned by its two exercise witnesses, or by none")
	}
	p.script.founded.witnessed = false
	return nil
}

func (p *parser) foundingNote(c *cursor) error {
	if p.script.founded.narrative == nil {
		p.script.founded.narrative = map[string]any{}
	}
	return c.note(p.script.founded.narrative)
}

// complete gives the founding what its lines left out.
func (p *parser) complete() error {
	f := &p.script.founded
	fail := func(format string, args ...any) error {
		return &located{p.file, 1, fmt.Errorf(format, args...)}
	}
	if p.script.Name == "" {
		return fail("a scenario begins with a line such as: mission gate-9")
	}
	if len(p.zones) == 0 {
		return fail("a scenario names its zone, with a line such as: zone Asia/Damascus +02:00")
	}
	if f.by == "" {
		for _, a := range f.actors {
			if f.by == "" && slices.Contains(a.roles, any("office")) {
				f.by = a.id
			}
		}
	}
	if f.by == "" {
		return fail("nobody founds the mission; name an office")
	}
	if f.at == 0 {
		return fail("the mission has no day; write a line such as: day 2016-12-18")
	}
	if _, ok := p.terms["may"]; !ok {
		for _, r := range []string{"office *", "party *", "guarantor *", "observer field"} {
			role, set, _ := strings.Cut(r, " ")
			kinds, err := kindList([]string{set})
			if err != nil {
				return err
			}
			p.push("may", map[string]any{"role": role, "kinds": kinds})
		}
	}
	if _, ok := p.terms["disclosure"]; !ok {
		for _, r := range [][5]string{
			{"*", "*", "mission", "parties", "public"}, {"*", "leaf", "public", "public", "public"},
			{"*", "identity", "strict", "strict", "strict"}} {
			p.push("disclosure", map[string]any{"kind": r[0], "part": r[1], "open": r[2], "closed": r[3], "after": r[4]})
		}
	}
	for name, v := range map[string]any{
		"consent": map[string]any{"quorum": map[string]any{"k": int64(0)}, "silence": "refuses", "object": "bars", "revoke": "any"},
		"edition": int64(1), "tick": int64(30), "lodged": int64(3600), "from": f.at.String()} {
		if _, ok := p.terms[name]; !ok {
			p.terms[name] = v
		}
	}
	f.terms = p.terms
	return nil
}
