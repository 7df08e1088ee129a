package scenario

import (
	"corridor.example/corridor"
)

// acceded reads "upper, river accede to the mandate", or "accede to #deal reading text".
func (p *parser) acceded(s *step, names []string, c *cursor) error {
	re := ref{"mandate", s.file, s.line}
	facts := map[string]any{"basis": "document"}
	if c.is("to") && !c.is("the", "mandate") {
		var err error
		if re, err = c.ref(); err != nil {
			return err
		}
		if c.is("reading") {
			if facts["reading"], err = c.word("a reading"); err != nil {
				return err
			}
		}
	}
	for _, n := range names {
		p.put(s, n, corridor.KindAccession, &re, facts)
	}
	return nil
}

// nominated reads "mina, omar are nominated, consented to by red, blue, deployed at gate".
func (p *parser) nominated(s *step, names []string, c *cursor) error {
	by := p.script.founded.by
	from := s.at.String()
	var voters []string
	var places []any
	deployed := false
	for c.peek().sort == comma && !c.done() {
		c.i++
		var err error
		switch {
		case c.is("consented", "to", "by"):
			for {
				v, err := c.word("a voter")
				if err != nil {
					return err
				}
				voters = append(voters, v)
				if n := c.ahead(1); c.peek().sort != comma || n.sort != word || n.s == "deployed" {
					break
				}
				c.i++
			}
		case c.is("deployed"):
			deployed = true
			for c.is("at") || len(places) > 0 && c.peek().sort == comma && !c.done() {
				if c.peek().sort == comma {
					c.i++
				}
				var at string
				if at, err = c.place(); err != nil {
					return err
				}
				places = append(places, at)
			}
		default:
			return c.fail("%s is not understood; nominated, consented to by red, blue, deployed at gate", c.peek())
		}
	}
	for _, n := range names {
		label := "nomination." + n
		if p.labels[label] {
			return c.fail("%s was nominated in this way before; write the nomination out", n)
		}
		p.labels[label] = true
		x := p.put(s, by, corridor.KindNomination, nil, map[string]any{"observer": n, "key": newKey{n, "device"}, "from": from})
		x.label = label
		for _, v := range voters {
			p.put(s, v, corridor.KindConsent, &ref{label, s.file, s.line}, map[string]any{})
		}
		if deployed {
			p.put(s, by, corridor.KindDeployment, &ref{label, s.file, s.line}, map[string]any{"observer": n, "from": from, "places": places})
		}
	}
	return nil
}

// newKey stands for a key of a name with its proof of possession.
type newKey struct{ name, use string }
