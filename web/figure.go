package web

import (
	"strings"
	"time"
)

// A Value is a number as its author gave it: exact, a range, about, at least, or none. Its
// zero value is the number zero, which is not the same as "not counted".
type Value struct {
	Low, High int    // the least and the most; equal if one number was given (High may be left zero if Low is above it)
	Kind      string // "" or "exactly", "about", "at-least", "at-most", "withheld" (fewer than 10), "none" (not counted), "sealed" (not readable here), "words"
	About     bool   // one of several authors said about
	Open      bool   // High is the most that was named, not the most there can be
	Uncounted int    // accounts that gave no number and are not in Low and High
	Words     string // for the kind "words": "all who wish"
	Unit      string // "people", "bus", "ambulance", "private-vehicle", "vehicle", "patient"…, or "" where the heading says it
	Category  string // "wounded", "fighter"… or "" for the whole
}

// Number returns the Value of one exact number.
func Number(n int, unit string) Value { return Value{Low: n, High: n, Kind: "exactly", Unit: unit} }

// Given reports whether there is anything to print. A known zero has the kind "exactly".
func (v Value) Given() bool {
	return v.Low != 0 || v.High != 0 || v.Kind != "" || v.Words != "" || v.Uncounted != 0
}

// A Figure is a Value with everything that must stand beside it. It is the smallest unit of
// every page, the same everywhere.
type Figure struct {
	Value
	Tail      string       // what the number counts, after its unit: "left east Aleppo"
	By        string       // who gave it; several authors in one string
	Through   string       // who passed it on, or ""
	Basis     string       // "observed", "heard", "sensor", "document", "reported", or ""
	Method    string       // "tally", "estimate", "vehicle-load", "declared", "traced"…, or "" for not stated
	CutOff    Moment       // up to when it counts; not stated if zero
	Published Moment       // when its author published it, printed if CutOff is not stated
	Record    string       // the record hash it rests on, or ""
	Link      string       // where it is taken apart, if it rests on several records
	Rests     int          // on how many accounts it rests, if more than one
	Disputed  int          // how many disputes stand against it
	Adopted   string       // the author whose account the mission uses, or "" if it adopted none
	Others    []Attributed // what others say, beside an adopted figure
}

// An Attributed is a value with its author, where the rest stands elsewhere on the page.
type Attributed struct {
	Value
	By     string
	Record string
}

// value prints a Value without its unit.
func (c *catalogue) value(v Value) string {
	kind := strings.ReplaceAll(v.Kind, "_", "-")
	switch kind {
	case "none", "withheld", "sealed":
		return c.text("value." + kind)
	case "words":
		return v.Words
	}
	low, high := v.Low, v.High
	if high == 0 && low > 0 {
		high = low
	}
	s := c.number(low)
	switch {
	case low != high && v.Open:
		s = c.text("value.or-more", "value", c.text("value.range", "low", s, "high", c.number(high)))
	case low != high:
		s = c.text("value.range", "low", s, "high", c.number(high))
	case v.Open || kind == "at-least":
		s = c.text("value.at-least", "value", s)
	case kind == "at-most":
		s = c.text("value.at-most", "value", s)
	}
	if v.About || kind == "about" {
		s = c.text("value.about", "value", s)
	}
	return s
}

// amount prints a Value with its unit in words. The unit agrees with the last number read.
func (c *catalogue) amount(v Value) string {
	s := c.counted(v)
	if v.Category != "" && v.Category != "not-distinguished" {
		s += c.text("comma") + c.word("category", v.Category)
	}
	if v.Uncounted > 0 {
		s += " " + c.text("value.uncounted", "n", v.Uncounted)
	}
	return s
}

func (c *catalogue) counted(v Value) string {
	s := c.value(v)
	switch v.Kind {
	case "none", "withheld", "sealed", "words":
		return s
	}
	if v.Unit == "" {
		return s
	}
	n := v.High
	if n == 0 {
		n = v.Low
	}
	key := "unit." + v.Unit
	m, ok := c.messages[key]
	if !ok {
		return s + " " + c.word("unit", v.Unit)
	}
	if s != c.number(n) && !strings.Contains(m[plural(c.Code, n)], "{value}") {
		n = 100 // "one person" cannot say "about": take the form that names its number
	}
	return c.text(key, "n", n, "value", s)
}

// difference prints an open difference: what left and did not arrive, or below zero what
// arrived without having left.
func (c *catalogue) difference(v Value) string {
	if v.High == 0 && v.Low > 0 {
		v.High = v.Low
	}
	switch {
	case v.Kind == "none" || v.Kind == "withheld" || v.Kind == "sealed":
		return c.amount(v)
	case v.Low == 0 && v.High == 0:
		return c.text("difference.nothing")
	case v.Low < 0 && v.High > 0:
		more, open := v, v
		more.Low, more.High, more.About, more.Uncounted = -v.Low, -v.Low, false, 0
		open.Low = v.High
		return c.text("difference.either", "more", c.amount(more), "open", c.amount(open))
	case v.High <= 0:
		v.Low, v.High = -v.High, -v.Low
		return c.text("difference.more", "value", c.amount(v))
	}
	return c.text("difference.open", "value", c.amount(v))
}

// OpenText returns an open difference in words, for drawings: "160 people open", "100 people
// more arrived than left".
func OpenText(lang string, v Value) string { return speak(lang).difference(v) }

// Amount returns a Value with its unit in a language, for drawings, whose words the server
// must hand over: "36,086 people", "about 13,000 people".
func Amount(lang string, v Value) string { return speak(lang).amount(v) }

// Print returns a Value without its unit: "36,086", "30–47", "not counted".
func Print(lang string, v Value) string { return speak(lang).value(v) }

// When returns a Moment with its zone in a language, for drawings.
func When(lang string, m Moment) string { return speak(lang).moment(m) }

// Lasting returns a number of minutes as a length of time: "24 hours", "30 days".
func Lasting(lang string, minutes int) string {
	return speak(lang).lasting(time.Duration(minutes) * time.Minute)
}

// LineName returns the name of a figure's line in words: "Left, people, wounded, A-07". The
// scope is a call-sign, the label of a leg, or "" for the whole operation.
func LineName(lang, measure, unit, category, scope string) string {
	c := speak(lang)
	parts := []string{c.word("measure", measure), c.word("unit-name", unit)}
	if category != "" && category != "not-distinguished" {
		parts = append(parts, c.word("category", category))
	}
	if scope == "" {
		scope = c.text("scope.all")
	}
	return strings.Join(append(parts, scope), c.text("comma"))
}
