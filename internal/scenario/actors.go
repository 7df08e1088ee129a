package scenario

import (
	"strings"

	"corridor.example/corridor"
)

// An actor of the mandate, with the uses of the keys it has.
type actor struct {
	id    string
	label []any
	roles []any
	side  any
	keys  []string
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
