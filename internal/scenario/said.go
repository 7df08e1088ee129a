package scenario

import (
	"corridor.example/corridor"
)

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
		r, err := c.ref()
		if err != nil {
			return nil, err
		}
		all = append(all, r)
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
	of, err := c.ref()
	if err != nil {
		return err
	}
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
	f["as"], f["claim"], f["records"] = as, map[string]any{"statement": of, "claim": n}, list
	return nil
}
