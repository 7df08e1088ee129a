package scenario

import (
	"slices"
	"strings"

	"corridor.example/corridor"
	"corridor.example/corridor/record"
)

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
