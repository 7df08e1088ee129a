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
		text, err := p.valueOf(d, key, 0)
		if err != nil {
			return list
		}
		if key == "id" || key == "part" || key == "nonce" || text == "" {
			continue
		}
		x := web.Line{Name: p.word("field", strings.ReplaceAll(key, "_", "-")), Text: text}
		if h, err := record.ParseHash(text); err == nil {
			if _, ok := p.v.Find(h); ok {
				x.Text, x.Link = p.entry(h), link(h)
			}
		}
		list = append(list, x)
	}
	return list
}

// valueOf writes the next JSON value in one line: members as "name: value", items between
// commas; "" for null and for what is empty. key is the member it is the value of.
func (p *page) valueOf(d *stdjson.Decoder, key string, depth int) (string, error) {
	t, err := d.Token()
	if err != nil {
		return "", err
	}
	switch t := t.(type) {
	case stdjson.Delim:
		return p.members(d, t == '{', key, depth)
	case string:
		return p.term(key, t), nil
	case stdjson.Number:
		if n, err := strconv.ParseInt(t.String(), 10, 64); err == nil {
			return p.number(n), nil
		}
		return t.String(), nil
	case bool:
		if t {
			return p.t("yes"), nil
		}
		return p.t("no"), nil
	}
	return "", nil // null
}

func (p *page) members(d *stdjson.Decoder, named bool, key string, depth int) (string, error) {
	var list []string
	for d.More() {
		name := ""
		if named {
			t, err := d.Token()
			if err != nil {
				return "", err
			}
			key = t.(string)
			name = p.word("field", strings.ReplaceAll(key, "_", "-"))
		}
		text, err := p.valueOf(d, key, depth+1)
		if err != nil {
			return "", err
		}
		if text != "" {
			list = append(list, joined(p.t("colon"), name, text))
		}
	}
	if _, err := d.Token(); err != nil {
		return "", err
	}
	if !named && len(list) == 2 && (key == "when" || key == "period") {
		if list[0] == list[1] {
			return list[0], nil
		}
		return p.t("moment.range", "from", list[0], "to", list[1]), nil
	}
	s := joined(p.t("comma"), list...)
	if named && depth > 0 && len(list) > 1 {
		s = "(" + s + ")"
	}
	return s, nil
}

// groups says in which lists of words the catalogue may have the codes of a member.
var groups = map[string][]string{
	"as":      {"link-as", "coverage-as", "act", "named-as"},
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
		"adoption-reason", "erasure-reason", "key-reason"},
	"receiver": {"transfer-target"},
	"role":     {"role", "place-role"},
	"roles":    {"role"},
	"sharp":    {"sharp"},
	"sure":     {"confidence"},
	"unit":     {"unit-name"},
	"use":      {"key-use"},
	"voice":    {"claim-voice"},
	"what":     {"incident-of", "situation-of", "restriction-of", "notification-of", "assessment-of", "dispute-what"},
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
