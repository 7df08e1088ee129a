package scenario

import (
	"strconv"
	"strings"
)

// A ref stands for the record hash of a label until the record is signed.
type ref struct {
	label string
	file  string
	line  int
}

// ref reads a label. That some record bears it is checked once all is read.
func (c *cursor) ref() (ref, error) {
	l, err := c.take(label, "a label")
	if err != nil {
		return ref{}, err
	}
	r := ref{l, c.file, c.tokens[c.i-1].line}
	c.p.asked = append(c.p.asked, r)
	return r, nil
}

// A print stands for the fingerprint of a named key.
type print struct{ key string }

// A number stands for the place of a record in its key's chain.
type number struct{ of ref }

// value reads what stands after "member:": a word, a number, a text, a label, a moment, true,
// false, null, key(name), seq(#label), [a list] or {name: value}.
func (c *cursor) value() (any, error) {
	t := c.peek()
	switch {
	case c.done():
		return nil, c.fail("a value is missing")
	case t.sort == text:
		c.i++
		return t.s, nil
	case t.sort == label:
		return c.ref()
	case t.sort == bracket && t.s == "[":
		return c.array()
	case t.sort == bracket && t.s == "{":
		return c.object()
	case t.sort != word:
		return nil, c.fail("a value is missing before %s", t)
	case c.timed():
		from, to, err := c.moment()
		if err != nil || from == to {
			return from.String(), err
		}
		return t.s, nil // a date as it is printed
	}
	c.i++
	switch t.s {
	case "null":
		return nil, nil
	case "true", "false":
		return t.s == "true", nil
	case "key", "seq":
		if n := c.peek(); n.sort == bracket && n.s == "(" && n.glue {
			return c.function(t.s)
		}
	}
	if n, err := strconv.ParseInt(strings.ReplaceAll(t.s, "_", ""), 10, 64); err == nil && (t.s == "0" || !strings.HasPrefix(t.s, "0")) {
		return n, nil
	}
	return t.s, nil
}

// function reads key(mina), the fingerprint of a key, or seq(#x), the number of a record in
// its key's chain.
func (c *cursor) function(name string) (v any, err error) {
	c.i++
	if name == "key" {
		var key string
		key, err = c.word("the name of a key")
		v = print{key}
	} else {
		var r ref
		r, err = c.ref()
		v = number{r}
	}
	if err != nil {
		return nil, err
	}
	_, err = c.take(bracket, ")")
	return v, err
}

func (c *cursor) array() (any, error) {
	c.i++
	list := []any{}
	for {
		switch t := c.peek(); {
		case c.done():
			return nil, c.fail("a list is not closed")
		case t.sort == bracket && t.s == "]":
			c.i++
			return list, nil
		case t.sort == comma:
			c.i++
		default:
			v, err := c.value()
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
	}
}

func (c *cursor) object() (any, error) {
	c.i++
	m := map[string]any{}
	for {
		switch t := c.peek(); {
		case c.done():
			return nil, c.fail("a { is not closed")
		case t.sort == bracket && t.s == "}":
			c.i++
			return m, nil
		case t.sort == comma:
			c.i++
		case t.sort == member:
			c.i++
			v, err := c.value()
			if err != nil {
				return nil, err
			}
			if _, twice := m[t.s]; twice {
				return nil, c.fail("%s stands twice", t)
			}
			m[t.s] = v
		default:
			return nil, c.fail("between { and } stand members with their values, such as by: red; not %s", t)
		}
	}
}
