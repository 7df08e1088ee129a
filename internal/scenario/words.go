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

// count reads "people about 350 estimate", with what is known of the parts.
func (c *cursor) count(s *step) error {
	unit, _ := c.word("a unit")
	sum := map[string]any{"unit": unit}
	switch {
	case c.is("about"):
		sum["sharp"] = "about"
	case c.is("at", "least"):
		sum["sharp"] = "at-least"
	case c.is("at", "most"):
		sum["sharp"] = "at-most"
	}
	n, err := c.number("how many")
	if err != nil {
		return err
	}
	sum["total"] = n
	for !c.done() {
		switch {
		case c.is("tally"), c.is("estimate"):
			sum["method"] = c.tokens[c.i-1].s
		case c.is("load"):
			sum["method"] = "vehicle-load"
			sum["load"], err = c.number("people per vehicle")
		case c.is("declared", "by"):
			sum["method"] = "declared"
			sum["declared_by"], err = c.word("who declared it")
		case c.is("counted", "until"):
			var at record.Time
			if at, err = c.instant(); err == nil {
				sum["cut_off"] = at.String()
			}
		case c.is("made", "of"):
			sum["cells"], err = c.cells()
		case c.is("of", "which"):
			sum["of_which"], err = c.cells()
		default:
			sums, _ := s.part("count")["sums"].([]any)
			s.part("count")["sums"] = append(sums, sum)
			return nil
		}
		if err != nil {
			return err
		}
	}
	sums, _ := s.part("count")["sums"].([]any)
	s.part("count")["sums"] = append(sums, sum)
	return nil
}

// cells reads "infant 18, wounded 3".
func (c *cursor) cells() ([]any, error) {
	var all []any
	for {
		of, err := c.word("a category")
		if err != nil {
			return nil, err
		}
		n, err := c.number("how many")
		if err != nil {
			return nil, err
		}
		all = append(all, map[string]any{"of": of, "n": n})
		if c.peek().sort != comma || c.ahead(1).sort != word || !digits(c.ahead(2)) {
			return all, nil
		}
		if slices.Contains(units, c.ahead(1).s) {
			return all, nil // the next sum
		}
		c.i++
	}
}

func digits(t token) bool {
	return t.sort == word && t.s != "" && strings.Trim(t.s, "0123456789_") == ""
}

// A saying reads what follows one of the words that many kinds share.
type saying func(p *parser, s *step, c *cursor) error

var phrases map[string]saying

func init() {
	phrases = map[string]saying{
		"at": func(p *parser, s *step, c *cursor) error {
			at, err := c.place()
			if err != nil {
				return err
			}
			return s.set(c, "where", "place", at)
		},
		"to": func(p *parser, s *step, c *cursor) error {
			if t := c.peek(); new(corridor.ConvoyID).UnmarshalText([]byte(t.s)) == nil {
				c.i++
				return s.set(c, "facts", "to", t.s)
			}
			at, err := c.place()
			if err != nil {
				return err
			}
			return s.set(c, "where", "to", at)
		},
		"leg": func(p *parser, s *step, c *cursor) error {
			w, err := c.word("a leg")
			if err != nil {
				return err
			}
			return s.set(c, "facts", "leg", w)
		},
		"when": (*parser).whenever,
		"by": func(p *parser, s *step, c *cursor) error {
			w, err := c.word("whose account it is")
			s.via()["from"] = w
			return err
		},
		"via": func(p *parser, s *step, c *cursor) error {
			w, err := c.word("a channel")
			s.via()["channel"] = w
			return err
		},
		"heard": func(p *parser, s *step, c *cursor) error {
			at, err := c.instant()
			s.via()["heard"] = at.String()
			return err
		},
		"for": func(p *parser, s *step, c *cursor) error {
			act := map[string]any{}
			var err error
			if act["of"], err = c.word("whose act it is"); err != nil {
				return err
			}
			act["channel"] = p.channel
			for err == nil {
				switch {
				case c.is("through"):
					act["channel"], err = c.word("a channel")
				case c.is("dated"):
					var at record.Time
					if at, _, err = c.moment(); err == nil {
						act["dated"] = at.String()
					}
				default:
					return s.set(c, "facts", "act", act)
				}
			}
			return err
		},
		"re": func(p *parser, s *step, c *cursor) error {
			l, err := c.take(label, "a label")
			if err == nil {
				s.re = p.ask(l, c.tokens[c.i-1].line)
			}
			return err
		},
		"note": func(p *parser, s *step, c *cursor) error { return c.note(s.part("narrative")) },
		"source": func(p *parser, s *step, c *cursor) error {
			names, err := c.list("a source")
			if err != nil {
				return err
			}
			n := s.part("narrative")
			list, _ := n["sources"].([]any)
			for _, name := range names {
				if p.sources[name] == nil {
					return c.fail("there is no source %s", name)
				}
				list = append(list, p.sources[name])
			}
			n["sources"] = list
			return nil
		},
		"who": func(p *parser, s *step, c *cursor) error {
			w, err := c.word("an actor")
			if err != nil {
				return err
			}
			if !c.is("as") {
				return c.fail("who reads: who red as alleged-author")
			}
			as, err := c.word("what it did or was")
			list, _ := s.part("who")["actors"].([]any)
			s.part("who")["actors"] = append(list, map[string]any{"actor": w, "as": as})
			return err
		},
		"person": func(p *parser, s *step, c *cursor) error {
			role, err := c.word("a role")
			if err != nil {
				return err
			}
			name, err := c.take(text, "a name")
			if err != nil {
				return err
			}
			person := map[string]any{"role": role, "name": name, "note": ""}
			if c.peek().sort == text && !c.done() {
				person["note"], _ = c.take(text, "a note")
			}
			list, _ := s.part("identity")["persons"].([]any)
			s.part("identity")["persons"] = append(list, person)
			return nil
		},
		"stated": (*parser).stated,
		"claim":  (*parser).claim,
		"joins":  (*parser).joins,
		"bears":  (*parser).bears,
		"with": func(p *parser, s *step, c *cursor) (err error) {
			s.signs, err = c.word("the name of a key")
			return err
		},
		"new-key": func(p *parser, s *step, c *cursor) error {
			name, err := c.word("the name of the key")
			if err != nil {
				return err
			}
			use, err := c.word("its use")
			if err != nil {
				return err
			}
			return s.set(c, "facts", "key", newKey{name, use})
		},
		"arrives": func(p *parser, s *step, c *cursor) (err error) {
			s.arrives, err = c.instant()
			return err
		},
		"unsent": func(p *parser, s *step, c *cursor) error { s.unsent = true; return nil },
		"equivocates": func(p *parser, s *step, c *cursor) error {
			l, err := c.take(label, "a label")
			if err == nil {
				s.twin = p.ask(l, c.tokens[c.i-1].line)
			}
			return err
		},
		"sealed": func(p *parser, s *step, c *cursor) (err error) {
			s.sealed, err = c.list("a part")
			return err
		},
		"cut-off": func(p *parser, s *step, c *cursor) error {
			at, err := c.instant()
			if s.draft != nil {
				s.draft.cutOff = at
				return err
			}
			if err != nil {
				return err
			}
			return s.set(c, "facts", "cut_off", at.String())
		},
		"zone": func(p *parser, s *step, c *cursor) (err error) {
			if s.draft == nil {
				return c.fail("only a report names its zone")
			}
			s.draft.zone, err = c.word("a zone")
			return err
		},
		"without": func(p *parser, s *step, c *cursor) error {
			if s.draft == nil {
				return c.fail("only a report leaves something out")
			}
			l, err := c.take(label, "a label")
			if err == nil {
				s.draft.without = append(s.draft.without, *p.ask(l, s.line))
			}
			return err
		},
		"saying": func(p *parser, s *step, c *cursor) error {
			if s.draft == nil {
				return c.fail("only a report says figures")
			}
			line, err := c.figure()
			if err != nil {
				return err
			}
			n, err := c.number("how many")
			s.draft.saying, s.draft.value = line.String(), n
			return err
		},
		"on": func(p *parser, s *step, c *cursor) (err error) {
			if s.draft == nil {
				return c.fail("only a report is drafted on a prefix")
			}
			s.draft.on, err = c.number("how many records")
			s.draft.onSet = true
			return err
		},
	}
}

func (s *step) via() map[string]any {
	f := s.part("facts")
	v, ok := f["via"].(map[string]any)
	if !ok {
		v = map[string]any{}
		f["via"] = v
	}
	return v
}

// figure reads the name of a figure: "open.people A-07".
func (c *cursor) figure() (corridor.Line, error) {
	name, err := c.word("a figure such as open.people")
	if err != nil {
		return corridor.Line{}, err
	}
	scope, err := c.word("a call-sign, a leg or all")
	if err != nil {
		return corridor.Line{}, err
	}
	l, err := corridor.ParseLine(name + " " + scope)
	if err != nil {
		return l, c.fail("%v", err)
	}
	return l, nil
}

// stated reads "stated red weather", a reason and who gave it; nobody if that is not known.
func (p *parser) stated(s *step, c *cursor) error {
	who, err := c.word("who stated it")
	if err != nil {
		return err
	}
	reason, err := c.word("a reason")
	if err != nil {
		return err
	}
	one := map[string]any{"by": who, "reason": reason}
	if who == "nobody" {
		one["by"] = nil
	}
	list, _ := s.part("facts")["stated"].([]any)
	s.part("facts")["stated"] = append(list, one)
	return nil
}

// claim reads "claim 3 minister quoted judgement "…" ar "…"": its number, who says so if the
// text names somebody, in whose voice it stands, of what sort it is, and its words.
func (p *parser) claim(s *step, c *cursor) error {
	n, err := c.number("the claim's number")
	if err != nil {
		return err
	}
	one := map[string]any{"n": n}
	voice, err := c.word("a speaker or voice")
	if err != nil {
		return err
	}
	if new(corridor.ClaimVoice).UnmarshalText([]byte(voice)) != nil {
		one["speaker"] = voice
		if voice, err = c.word("a voice: quoted, paraphrased, outlet or unattributed"); err != nil {
			return err
		}
	}
	one["voice"] = voice
	if one["bears"], err = c.word("fact, motive, judgement or forecast"); err != nil {
		return err
	}
	claims, _ := s.part("facts")["claims"].([]any)
	s.part("facts")["claims"] = append(claims, one)
	texts, _ := s.part("narrative")["texts"].([]any)
	for _, t := range c.words() {
		t := t.(map[string]any)
		texts = append(texts, map[string]any{"n": n, "lang": t["lang"], "text": t["text"]})
	}
	s.part("narrative")["texts"] = texts
	return nil
}

// refs reads one label or more.
func (c *cursor) refs() ([]any, error) {
	var all []any
	for {
		l, err := c.take(label, "a label")
		if err != nil {
			return nil, err
		}
		all = append(all, ref{l, c.tokens[c.i-1].line})
		if c.done() || c.peek().sort != label {
			return all, nil
		}
	}
}

// joins reads "joins #a #b": accounts of one thing.
func (p *parser) joins(s *step, c *cursor) error {
	list, err := c.refs()
	if err != nil {
		return err
	}
	f := s.part("facts")
	f["as"], f["records"] = "same", list
	return nil
}

// bears reads "bears against #briefing 3 #a #b": what the log has beside a claim.
func (p *parser) bears(s *step, c *cursor) error {
	as, err := c.word("for, against, context or not-covered")
	if err != nil {
		return err
	}
	of, err := c.take(label, "the label of a statement")
	if err != nil {
		return err
	}
	at := c.tokens[c.i-1].line
	n, err := c.number("the claim's number")
	if err != nil {
		return err
	}
	list := []any{}
	if c.peek().sort == label && !c.done() {
		if list, err = c.refs(); err != nil {
			return err
		}
	}
	f := s.part("facts")
	f["as"], f["claim"], f["records"] = as, map[string]any{"statement": ref{of, at}, "claim": n}, list
	return nil
}
