package scenario

import (
	"strconv"
	"strings"
	"time"

	"corridor.example/corridor/record"
)

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
