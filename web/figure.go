package web

import "strings"

// A Value is a number as its author gave it: exact, a range, about, at least, or none. Its
// zero value is the number zero, which is not the same as "not counted".
type Value struct {
	Low, High int    // equal, or High zero, if one number was given
	Kind      string // "" (exact, or a range), "about", "at_least", "at_most", "withheld" (fewer than 10), "none" (not counted), "words"
	Words     string // for the kind "words": "all who wish"
	Unit      string // "people", "buses", "ambulances", "vehicles", "patients", "days", "incidents"…, or "" where the heading says it
}

// A Figure is a Value with everything that must stand beside it. It is the smallest unit of
// every page, the same everywhere.
type Figure struct {
	Value
	Tail      string       // what the number counts, after its unit: "left east Aleppo"
	By        string       // who gave it; several authors in one string
	Through   string       // who passed it on, or ""
	Basis     string       // "observed", "heard", "sensor", "document", "reported", or ""
	Method    string       // "tally", "estimate", "load", "declared", "traced", or "" for not stated
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
	low, high := v.Low, v.High
	if high == 0 {
		high = low
	}
	switch v.Kind {
	case "none", "withheld":
		return c.text("value." + v.Kind)
	case "words":
		return v.Words
	case "about", "at_least", "at_most":
		return c.text("value."+v.Kind, "value", c.number(low))
	}
	if low != high {
		return c.text("value.range", "low", c.number(low), "high", c.number(high))
	}
	return c.number(low)
}

// amount prints a Value with its unit in words. The unit agrees with the last number read.
func (c *catalogue) amount(v Value) string {
	s := c.value(v)
	if v.Unit == "" || v.Kind == "words" || v.Kind == "none" || v.Kind == "withheld" {
		return s
	}
	n := v.High
	if n == 0 {
		n = v.Low
	}
	key := "unit." + v.Unit
	if _, ok := c.messages[key]; !ok {
		return s + " " + c.word("unit", v.Unit)
	}
	if (n == 1 || n == 2) && s != c.number(n) && !strings.Contains(c.messages[key][plural(c.Code, n)], "{value}") {
		n = 100 // "one person" cannot say "about": take the form that names its number
	}
	return c.text(key, "n", n, "value", s)
}

// Amount returns a Value with its unit in a language, for drawings, whose words the server
// must hand over: "36,086 people", "about 13,000 people".
func Amount(lang string, v Value) string { return speak(lang).amount(v) }

// Print returns a Value without its unit: "36,086", "30–47", "not counted".
func Print(lang string, v Value) string { return speak(lang).value(v) }

// When returns a Moment with its zone in a language, for drawings.
func When(lang string, m Moment) string { return speak(lang).moment(m) }
