package web

import "strconv"

// A Consent is the mandate's rule for admitting observers, as plain values.
type Consent struct {
	Of      string // whose: see Quorum
	Window  int    // minutes a voter has to answer
	Silence string // "refuses" or "accepts"
	Object  string // "bars" or "counts"
	Revoke  string // "any" or "quorum"
	Lock    bool   // an observer on an open convoy may stay until it closes
}

// Quorum returns k of several voters in words. A voter may itself be such a phrase.
func Quorum(lang string, k int, of []string) string {
	c := speak(lang)
	names := ""
	for i, name := range of {
		if i > 0 {
			names += c.text("comma")
		}
		names += name
	}
	if k >= len(of) {
		return c.text("consent.all", "names", names)
	}
	return c.text("consent.some", "k", strconv.Itoa(k), "of", strconv.Itoa(len(of)), "names", names)
}

// ConsentLines returns the rule for admitting observers, clause by clause, in a language.
func ConsentLines(lang string, p Consent) []Line {
	c := speak(lang)
	lock := "no"
	if p.Lock {
		lock = "yes"
	}
	return []Line{
		{Name: c.text("consent.of"), Text: p.Of},
		{Name: c.text("consent.window"), Text: Lasting(lang, p.Window)},
		{Name: c.text("consent.silence"), Text: c.word("consent-silence", p.Silence)},
		{Name: c.text("consent.object"), Text: c.word("consent-object", p.Object)},
		{Name: c.text("consent.revoke"), Text: c.word("consent-revoke", p.Revoke)},
		{Name: c.text("consent.lock"), Text: c.word("consent-lock", lock)},
	}
}
