package scenario

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

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
