package scenario

import (
	"corridor.example/corridor"
	"corridor.example/corridor/record"
)

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
			r, err := c.ref()
			s.re = &r
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
			r, err := c.ref()
			s.twin = &r
			return err
		},
		"sealed": func(p *parser, s *step, c *cursor) (err error) {
			s.sealed, err = c.list("a part")
			return err
		},
		"silent": func(p *parser, s *step, c *cursor) error {
			if s.kind != corridor.KindLapse {
				return c.fail("only a lapse says who was silent")
			}
			of, err := c.word("who gave no answer")
			s.silent = &silence{of: of}
			return err
		},
		"asked": func(p *parser, s *step, c *cursor) (err error) {
			if s.silent == nil {
				return c.fail("a lapse reads: lapse re #x silent blue asked 10:00")
			}
			s.silent.asked, err = c.instant()
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
			r, err := c.ref()
			s.draft.without = append(s.draft.without, r)
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
