package scenario

import (
	"strconv"
	"strings"

	"corridor.example/corridor"
)

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
	if _, twice := p.places.Place(corridor.PlaceID(id)); twice {
		return c.fail("the place %s is named twice", id)
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
