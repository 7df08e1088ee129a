package scenario

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"corridor.example/corridor/record"
)

// A cursor reads one statement word by word.
type cursor struct {
	statement
	i     int
	p     *parser
	today string // the day that times without a date belong to
}

func (c *cursor) line() int {
	if c.i < len(c.tokens) {
		return c.tokens[c.i].line
	}
	if len(c.tokens) > 0 {
		return c.tokens[len(c.tokens)-1].line
	}
	return c.statement.line
}

func (c *cursor) fail(format string, args ...any) error {
	return &located{c.file, c.line(), fmt.Errorf(format, args...)}
}

// peek returns the next token, a comma at the end of the statement.
func (c *cursor) peek() token { return c.ahead(0) }

func (c *cursor) ahead(n int) token {
	if c.i+n < len(c.tokens) {
		return c.tokens[c.i+n]
	}
	return token{sort: comma, s: "the end", line: c.line()}
}

func (c *cursor) done() bool { return c.i >= len(c.tokens) }

// is takes the next words if they are these.
func (c *cursor) is(words ...string) bool {
	for n, w := range words {
		if t := c.ahead(n); t.sort != word || t.s != w {
			return false
		}
	}
	c.i += len(words)
	return true
}

// take returns the next token, which must be of the sort.
func (c *cursor) take(s sort, what string) (string, error) {
	t := c.peek()
	if c.done() || t.sort != s {
		return "", c.fail("%s is missing before %s", what, t)
	}
	c.i++
	return t.s, nil
}

func (c *cursor) word(what string) (string, error) { return c.take(word, what) }

// list returns words between commas: "red, blue".
func (c *cursor) list(what string) ([]string, error) {
	var all []string
	for {
		w, err := c.word(what)
		if err != nil {
			return nil, err
		}
		all = append(all, w)
		if c.done() || c.peek().sort != comma {
			return all, nil
		}
		c.i++
	}
}

func (c *cursor) number(what string) (int64, error) {
	s, err := c.word(what)
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(strings.ReplaceAll(s, "_", ""), 10, 64)
	if err != nil || n > record.MaxInt || n < -record.MaxInt {
		c.i--
		return 0, c.fail("%q is not %s; write a whole number", s, what)
	}
	return n, nil
}

// minutes reads a span of time: 30m, 24h, 5d.
func (c *cursor) minutes() (int64, error) {
	s, err := c.word("a span of time")
	if err != nil {
		return 0, err
	}
	per := map[byte]int64{'m': 1, 'h': 60, 'd': 24 * 60}[s[len(s)-1]]
	n, err := strconv.ParseInt(s[:len(s)-1], 10, 32)
	if per == 0 || err != nil || n < 0 {
		c.i--
		return 0, c.fail("%q is not a span of time; write 30m, 24h or 5d", s)
	}
	return n * per, nil
}

// words reads a text in one or several languages: "Office" ar "المكتب".
func (c *cursor) words() []any {
	var all []any
	if c.peek().sort == text && !c.done() {
		all = append(all, map[string]any{"lang": "en", "text": c.peek().s})
		c.i++
	}
	for c.ahead(1).sort == text && c.peek().sort == word && language(c.peek().s) && c.i+1 < len(c.tokens) {
		all = append(all, map[string]any{"lang": c.peek().s, "text": c.ahead(1).s})
		c.i += 2
	}
	return all
}

func language(s string) bool {
	return slices.Contains([]string{"en", "ar", "fr", "ru", "es", "zh", "fa", "tr"}, s)
}

// Dates and times as they are written.
const (
	dateForm = "2006-01-02"
	minute   = "2006-01-02 15:04"
	second   = "2006-01-02 15:04:05"
)

func isDate(t token) bool {
	_, err := time.Parse(dateForm, t.s)
	return t.sort == word && err == nil
}

func isClock(t token) bool {
	return t.sort == word && (clock("2006-01-02", t.s) == nil)
}

func clock(day, s string) error {
	_, err := parseLocal(day + " " + s)
	return err
}

func parseLocal(s string) (time.Time, error) {
	if t, err := time.Parse(minute, s); err == nil {
		return t, nil
	}
	return time.Parse(second, s)
}

// timed reports whether the next token begins a moment.
func (c *cursor) timed() bool { return !c.done() && (isDate(c.peek()) || isClock(c.peek())) }

// moment reads "2016-12-18 23:00", "23:00" of the day, or "2016-12-18", which is the day
// whole; a zone of the mandate may follow, else it is in the zone of the operation day.
func (c *cursor) moment() (from, to record.Time, err error) {
	if !c.timed() {
		return 0, 0, c.fail("a time is missing before %s; write 23:00 or 2016-12-18 23:00", c.peek())
	}
	day, at := c.today, ""
	if isDate(c.peek()) {
		day = c.peek().s
		c.i++
	}
	if !c.done() && isClock(c.peek()) {
		at = c.peek().s
		c.i++
	}
	if day == "" {
		c.i--
		return 0, 0, c.fail("%s has no day; write a line such as day 2016-12-18 before it", at)
	}
	zone := c.p.zone
	if t := c.peek(); !c.done() && t.sort == word && strings.Contains(t.s, "/") {
		offset, ok := c.p.zones[t.s]
		if !ok {
			return 0, 0, c.fail("%s is not a zone of this mission", t)
		}
		zone = offset
		c.i++
	}
	if at == "" {
		t, _ := time.Parse(dateForm, day)
		from = record.At(t) - record.Time(zone*60)
		return from, from + 24*60*60 - 1, nil
	}
	t, err := parseLocal(day + " " + at)
	if err != nil {
		return 0, 0, c.fail("%s %s is not a time", day, at)
	}
	from = record.At(t) - record.Time(zone*60)
	return from, from, nil
}

// instant reads a moment that is one second, not a whole day.
func (c *cursor) instant() (record.Time, error) {
	from, to, err := c.moment()
	if err == nil && from != to {
		return 0, c.fail("a day is not a moment; add the hour")
	}
	return from, err
}

// period reads a moment, or two with "to" between them.
func (c *cursor) period() ([]any, error) {
	from, to, err := c.moment()
	if err != nil {
		return nil, err
	}
	if n := c.ahead(1); c.peek().sort == word && c.peek().s == "to" && c.i+1 < len(c.tokens) && (isDate(n) || isClock(n)) {
		c.i++
		if _, to, err = c.moment(); err != nil {
			return nil, err
		}
	}
	return []any{from.String(), to.String()}, nil
}

// A ref stands for the record hash of a label until the record is signed.
type ref struct {
	label string
	line  int
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
		c.i++
		return ref{t.s, t.line}, nil
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
		var l string
		l, err = c.take(label, "a label")
		v = number{ref{l, c.line()}}
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
