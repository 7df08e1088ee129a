package server

import (
	"bytes"
	stdjson "encoding/json"
	"strconv"
	"strings"

	"corridor.example/corridor"
	"corridor.example/corridor/record"
	"corridor.example/corridor/web"
)

// A common is what the facts of many kinds share.
type common struct {
	When  *corridor.Period
	Basis corridor.Basis
	Via   *corridor.Via
	Act   *corridor.Act
}

// common reads of a record's facts what many kinds share, whatever the kind.
func (p *page) common(h record.Hash) (c common) {
	r, ok := p.stored(h)
	if !ok || !p.may(h, "facts") {
		return c
	}
	var members map[string]stdjson.RawMessage
	if stdjson.Unmarshal(r.Part("facts"), &members) != nil {
		return c // refused when it was logged
	}
	read := func(name string, v any) bool {
		raw, ok := members[name]
		return ok && string(raw) != "null" && record.Decode(raw, v) == nil
	}
	var when corridor.Period
	var moment record.Time
	switch {
	case read("when", &when):
		c.When = &when
	case read("sent", &moment), read("received", &moment), read("from", &moment):
		c.When = &corridor.Period{moment, moment}
	}
	read("basis", &c.Basis)
	c.Via, c.Act = new(corridor.Via), new(corridor.Act)
	if !read("via", c.Via) {
		c.Via = nil
	}
	if !read("act", c.Act) {
		c.Act = nil
	}
	return c
}

// fields are the members of a part, in the order in which it has them, in words where there
// are any. What belongs to the envelope and says nothing of its own is left out.
func (p *page) fields(part []byte) []web.Line {
	d := stdjson.NewDecoder(bytes.NewReader(part))
	d.UseNumber()
	if t, err := d.Token(); err != nil || t != stdjson.Delim('{') {
		return nil // refused when it was logged
	}
	var list []web.Line
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return list
		}
		key := name.(string)
		x, err := p.valueOf(d, key)
		if err != nil {
			return list
		}
		if key == "id" || key == "part" || key == "nonce" || x.Text == "" && x.Lines == nil {
			continue
		}
		x.Name = p.fieldName(key)
		if h, err := record.ParseHash(x.Text); err == nil {
			if _, ok := p.v.Find(h); ok {
				x.Text, x.Link = p.entry(h), link(h)
			}
		}
		list = append(list, x)
	}
	return list
}

func (p *page) fieldName(key string) string {
	return p.word("field", strings.ReplaceAll(key, "_", "-"))
}

// valueOf reads the next JSON value: a text, or lines where it has members of its own. It has
// neither for null and for what is empty. key is the member it is the value of.
func (p *page) valueOf(d *stdjson.Decoder, key string) (x web.Line, err error) {
	t, err := d.Token()
	if err != nil {
		return x, err
	}
	switch t := t.(type) {
	case stdjson.Delim:
		if t == '{' {
			return p.members(d)
		}
		return p.items(d, key)
	case string:
		x.Text = p.term(key, t)
	case stdjson.Number:
		x.Text = t.String()
		if n, err := strconv.ParseInt(x.Text, 10, 64); err == nil {
			x.Text = p.number(n)
		}
	case bool:
		x.Text = p.t("no")
		if t {
			x.Text = p.t("yes")
		}
	}
	return x, nil
}

// members reads the members of an object that has begun; a single one is told in one line.
func (p *page) members(d *stdjson.Decoder) (x web.Line, err error) {
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return x, err
		}
		key := t.(string)
		m, err := p.valueOf(d, key)
		if err != nil {
			return x, err
		}
		if m.Text == "" && m.Lines == nil {
			continue
		}
		m.Name = p.fieldName(key)
		x.Lines = append(x.Lines, m)
	}
	if len(x.Lines) == 1 && x.Lines[0].Lines == nil {
		x = web.Line{Text: joined(p.t("colon"), x.Lines[0].Name, x.Lines[0].Text)}
	}
	_, err = d.Token()
	return x, err
}

// items reads the items of a list that has begun: between commas if each is a text, else one
// below the other with their numbers.
func (p *page) items(d *stdjson.Decoder, key string) (x web.Line, err error) {
	var texts []string
	deep := false
	for d.More() {
		m, err := p.valueOf(d, key)
		if err != nil {
			return x, err
		}
		if m.Text == "" && m.Lines == nil {
			continue
		}
		deep = deep || m.Lines != nil
		m.Name = p.number(int64(len(x.Lines) + 1))
		x.Lines, texts = append(x.Lines, m), append(texts, m.Text)
	}
	_, err = d.Token()
	switch {
	case deep && len(x.Lines) == 1:
		x.Lines = x.Lines[0].Lines
	case deep:
	case len(texts) == 2 && (key == "when" || key == "period"):
		x = web.Line{Text: texts[0]}
		if texts[0] != texts[1] {
			x.Text = p.t("moment.range", "from", texts[0], "to", texts[1])
		}
	default:
		x = web.Line{Text: joined(p.t("comma"), texts...)}
	}
	return x, err
}

// groups says in which lists of words the catalogue may have the codes of a member.
var groups = map[string][]string{
	"about":   {"complaint-about"},
	"as":      {"link-as", "coverage-as", "act", "named-as", "grant-as", "attending-as", "point-as", "answer-as", "opened-as"},
	"basis":   {"basis"},
	"bears":   {"claim-bears"},
	"by":      {"channel"},
	"channel": {"channel"},
	"lacking": {"need"},
	"made":    {"translation-made"},
	"measure": {"measure"},
	"method":  {"method"},
	"of":      {"category"},
	"outcome": {"restriction-outcome"},
	"reason": {"hold-reason", "explanation-reason", "restriction-reason", "link-reason", "correction-reason", "objection-reason",
		"adoption-reason", "erasure-reason", "key-reason", "answer-reason"},
	"receiver": {"transfer-target"},
	"role":     {"role", "place-role"},
	"roles":    {"role"},
	"sharp":    {"sharp"},
	"stated":   {"restriction-reason"},
	"sure":     {"confidence"},
	"unit":     {"unit-name"},
	"use":      {"key-use"},
	"voice":    {"claim-voice"},
	"format":   {"format"},
	"what":     {"incident-of", "situation-of", "restriction-of", "notification-of", "assessment-of", "dispute-what", "request-for", "meeting-of"},
	"who":      {"category"},
	"why":      {"absence-reason"},
}

// term is a text as a reader reads it: a moment in the mission's zone, a place or an actor
// under its label, a code of the mission's lists in words, else as it stands.
func (p *page) term(key, s string) string {
	var t record.Time
	if t.UnmarshalText([]byte(s)) == nil {
		return web.When(p.lang, p.second(t))
	}
	for _, g := range groups[key] {
		if web.Has(p.lang, g+"."+s) {
			return p.word(g, s)
		}
	}
	if x, ok := p.terms.Place(corridor.PlaceID(s)); ok {
		return x.Label.In(p.lang)
	}
	if l := p.now.LabelOf(corridor.ActorID(s)).In(p.lang); l != "" {
		return l
	}
	return s
}
