package scenario

import (
	"slices"
	"strings"

	"corridor.example/corridor"
	"corridor.example/corridor/record"
)

// units and bases are the words that begin a count and that say what an account rests on.
var (
	units = []string{"people", "bus", "ambulance", "private-vehicle", "vehicle", "patient"}
	bases = []string{"observed", "heard", "sensor", "document", "reported"}
)

// body reads what a record says: the words that many kinds share, and "member: value" for
// everything else.
func (p *parser) body(s *step, c *cursor) error {
	if s.kind == corridor.KindReport {
		series, err := c.word("the report's series")
		if err != nil {
			return err
		}
		s.draft = &drafting{series: series}
	}
	for !c.done() {
		if err := p.phrase(s, c); err != nil {
			return err
		}
	}
	p.fill(s)
	return nil
}

// fill puts in what a line may leave out: when it happened, on what it rests, how it came.
func (p *parser) fill(s *step) {
	facts := s.part("facts")
	if _, ok := facts["when"]; !ok && has(s.kind, "facts", "when") {
		facts["when"] = []any{s.at.String(), s.at.String()}
	}
	if _, ok := facts["reason"]; !ok && s.kind == corridor.KindLink {
		facts["reason"] = "subject"
	}
	if _, ok := facts["basis"]; !ok && p.basis != "" && has(s.kind, "facts", "basis") {
		facts["basis"] = p.basis
	}
	if n := s.parts["narrative"]; n != nil && n["lang"] == nil && has(s.kind, "narrative", "lang") {
		n["lang"] = p.lang
	}
	if v, ok := facts["via"].(map[string]any); ok {
		if _, ok := v["channel"]; !ok && p.channel != "" {
			v["channel"] = p.channel
		}
		if _, ok := v["heard"]; !ok {
			v["heard"] = s.at.String()
		}
	}
}

func (s *step) part(name string) map[string]any {
	if s.parts[name] == nil {
		s.parts[name] = map[string]any{}
	}
	return s.parts[name]
}

// phrase reads one word and what belongs to it.
func (p *parser) phrase(s *step, c *cursor) error {
	t := c.peek()
	switch t.sort {
	case comma:
		c.i++
		return nil
	case label:
		c.i++
		return p.name(s, t.s, c)
	case text:
		return c.note(s.part("narrative"))
	case member:
		return p.value(s, c)
	case bracket:
		return c.fail("%s is not understood here", t)
	}
	if slices.Contains(units, t.s) {
		return c.count(s)
	}
	if slices.Contains(bases, t.s) && !(t.s == "heard" && (isClock(c.ahead(1)) || isDate(c.ahead(1)))) {
		c.i++
		s.part("facts")["basis"] = t.s
		return nil
	}
	if new(corridor.ConvoyID).UnmarshalText([]byte(t.s)) == nil {
		c.i++
		return s.set(c, "facts", "convoy", t.s)
	}
	if say := phrases[t.s]; say != nil {
		c.i++
		return say(p, s, c)
	}
	return c.fail("%q is not understood; a member of the record reads %s: value", t.s, t.s)
}

// note reads "text", or a language and "text".
func (c *cursor) note(into map[string]any) error {
	lang := c.p.lang
	if t := c.peek(); t.sort == word && language(t.s) {
		lang = t.s
		c.i++
	}
	words, err := c.take(text, "a text between quotes")
	if err != nil {
		return err
	}
	if before, ok := into["text"].(string); ok && before != "" {
		return c.fail("a record has one text; this is a second one")
	}
	into["lang"], into["text"] = lang, words
	return nil
}

func (s *step) set(c *cursor, part, name string, v any) error {
	m := s.part(part)
	if _, twice := m[name]; twice {
		c.i--
		return c.fail("%s is said twice", name)
	}
	m[name] = v
	return nil
}

// value reads "member: value", or "part.member: value" for another part than the facts.
func (p *parser) value(s *step, c *cursor) error {
	name := c.peek().s
	c.i++
	part := "facts"
	if before, after, ok := strings.Cut(name, "."); ok && slices.Contains(record.PartNames, before) {
		part, name = before, after
	}
	if part == "facts" && name == "when" && c.timed() {
		return p.whenever(s, c)
	}
	v, err := c.value()
	if err != nil {
		return err
	}
	return s.set(c, part, name, v)
}

func (p *parser) whenever(s *step, c *cursor) error {
	v, err := c.period()
	if err != nil {
		return err
	}
	return s.set(c, "facts", "when", v)
}
