package server

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"

	"corridor.example/corridor"
	"corridor.example/corridor/record"
	"corridor.example/corridor/web"
)

// A form draws the inputs of a kind from its schema, and reads them back into a draft. It knows
// types, never kinds: a kind that is added can be drafted the same day.
type form struct {
	p      *page
	typed  url.Values
	by     corridor.ActorID
	office bool // may record for somebody else
	wrong  map[string]string
}

var schemaTypes = sync.OnceValue(func() map[string]corridor.TypeSchema {
	m := map[string]corridor.TypeSchema{}
	for _, t := range corridor.Types() {
		m[t.Name] = t
	}
	return m
})

func schemaOf(k corridor.Kind) (corridor.KindSchema, bool) {
	for _, s := range corridor.Schema() {
		if s.Kind == k {
			return s, true
		}
	}
	return corridor.KindSchema{}, false
}

// mostItems bounds a list that is typed into a form.
const mostItems = 40

// fields are the inputs of a kind, filled with what was typed.
func (f *form) fields(s corridor.KindSchema) (list []web.Field) {
	for _, part := range s.Parts {
		if part.Name == "media" {
			continue
		}
		t := schemaTypes()[part.Type]
		group := f.object(part.Name, t, part.Optional)
		group.Label, group.Input, group.Name = f.p.word("part", part.Name), "group", part.Name
		group.Must = !part.Optional
		if len(group.Fields) > 0 {
			list = append(list, group)
		}
	}
	return list
}

func (f *form) object(name string, t corridor.TypeSchema, optional bool) web.Field {
	x := web.Field{Input: "group", Name: name, ID: idOf(name)}
	for _, m := range t.Members {
		if m.Type == "Act" && !f.office {
			continue // an act at one's own desk is one's own
		}
		x.Fields = append(x.Fields, f.member(name+"."+m.Name, m, optional))
	}
	return x
}

func (f *form) member(name string, m corridor.MemberSchema, optional bool) web.Field {
	t := schemaTypes()[m.Type]
	x := web.Field{
		Name: name, ID: idOf(name), Label: f.p.word("field", strings.ReplaceAll(m.Name, "_", "-")), Value: f.typed.Get(name),
		Wrong: f.wrong[name], Must: !m.Null && !m.List && !optional,
	}
	options := f.options(m.Name, t, f.typed[name])
	switch {
	case (m.List || t.Form == "list") && options != nil:
		x.Input, x.Options, x.Must = "checks", options, false
	case m.List && t.Form == "object" || t.Form == "list":
		of := t
		if t.Form == "list" {
			of = schemaTypes()[t.Of]
		}
		x.Input, x.Count = "many", f.count(name)
		x.Must = false
		for i := range x.Count {
			item := f.object(name+"."+strconv.Itoa(i), of, false)
			item.Label = f.p.t("desk.item", "n", i+1)
			x.Fields = append(x.Fields, item)
		}
	case m.List:
		x.Input, x.Hint = "lines", f.p.t("desk.one_a_line")
	case t.Form == "object":
		g := f.object(name, t, optional || m.Null)
		g.Label, g.Must = x.Label, !m.Null
		return g
	case options != nil:
		x.Input, x.Options = "choice", options
	default:
		f.plain(&x, m, t)
	}
	return x
}

// plain is an input in which something is written.
func (f *form) plain(x *web.Field, m corridor.MemberSchema, t corridor.TypeSchema) {
	switch {
	case t.Form == "pair":
		x.Input, x.Must = "group", false
		for i, end := range []string{f.p.t("desk.from"), f.p.t("desk.to")} {
			name := x.Name + "." + strconv.Itoa(i)
			x.Fields = append(x.Fields, web.Field{
				Name: name, ID: idOf(name), Label: end, Input: "moment", Value: f.typed.Get(name), Wrong: f.wrong[name], Must: i == 0 && !m.Null, Hint: f.zoned(),
			})
		}
	case t.Name == "Time":
		x.Input, x.Hint = "moment", f.zoned()
	case t.Name == "Date":
		x.Input, x.Hint = "text", f.p.t("desk.date")
	case t.Form == "integer":
		x.Input = "number"
	case t.Form == "value" || m.Name == "text":
		x.Input = "area"
	default:
		x.Input = "text"
	}
}

func (f *form) zoned() string {
	return f.p.t("desk.zoned", "zone", web.ZoneName(f.p.lang, f.p.zones[0]))
}

// options are the answers that a closed list has, nil where anything may be written.
func (f *form) options(name string, t corridor.TypeSchema, taken []string) (list []web.Option) {
	add := func(value, label string) {
		list = append(list, web.Option{Value: value, Name: label, Taken: slices.Contains(taken, value)})
	}
	switch {
	case t.Form == "word":
		for _, w := range t.Words {
			add(w, f.p.codeOf(t.Name, w))
		}
	case t.Name == "boolean":
		add("false", f.p.t("no"))
		add("true", f.p.t("yes"))
	case t.Name == "ActorID":
		for _, a := range f.p.terms.Actors {
			add(string(a.ID), f.p.label(a.ID))
		}
		for _, a := range f.p.now.Admissions() {
			if f.p.may(a.Record, "facts") && !slices.ContainsFunc(list, func(o web.Option) bool { return o.Value == string(a.Facts.Observer) }) {
				add(string(a.Facts.Observer), f.p.label(a.Facts.Observer))
			}
		}
	case t.Name == "PlaceID":
		for _, x := range f.p.terms.Places {
			add(string(x.ID), f.p.place(x.ID))
		}
	case t.Name == "Lang" || name == "lang" && t.Name == "text":
		if len(taken) == 0 {
			taken = []string{f.p.lang}
		}
		for _, l := range web.Languages() {
			add(l.Code, l.Name)
		}
	case t.Name == "Kind":
		for _, k := range corridor.Kinds() {
			add(string(k), f.p.word("kind", string(k)))
		}
	}
	return list
}

// codeOf is a code of one of the mission's closed lists in words.
func (p *page) codeOf(list, code string) string {
	var b strings.Builder
	for i, r := range list {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	for _, g := range []string{b.String(), map[string]string{"Part": "named-as", "Sharpness": "sharp", "Stand": "act", "TranslatedPart": "part"}[list]} {
		if web.Has(p.lang, g+"."+code) {
			return p.word(g, code)
		}
	}
	return code
}

func (f *form) count(name string) int {
	n, err := strconv.Atoi(f.typed.Get(name + ".n"))
	if err != nil || n < 0 {
		n = 0
	}
	if f.typed.Get("more") == name {
		n++
	}
	return min(n, mostItems)
}

// idOf is the id of an input on its page.
func idOf(name string) string { return "f-" + strings.ReplaceAll(name, ".", "-") }

// parts reads what was typed. What cannot be read is in f.wrong, by the input's name.
func (f *form) parts(s corridor.KindSchema) map[string]map[string]any {
	f.wrong = map[string]string{}
	out := map[string]map[string]any{}
	for _, part := range s.Parts {
		if part.Name == "media" {
			continue
		}
		v, said := f.read(part.Name, schemaTypes()[part.Type], part.Optional)
		if said || !part.Optional {
			out[part.Name] = v
		}
	}
	return out
}

// read reads an object. said is false if nothing of it was typed.
func (f *form) read(name string, t corridor.TypeSchema, optional bool) (out map[string]any, said bool) {
	out = map[string]any{}
	for _, m := range t.Members {
		if m.Type == "Act" && f.typed.Get(name+".act.of") == "" {
			continue
		}
		v, ok := f.value(name+"."+m.Name, m)
		if !ok {
			if !m.Null && !m.List && !optional && schemaTypes()[m.Type].Name == "Time" {
				f.wrong[name+"."+m.Name] = f.p.t("desk.wrong.empty")
			}
			continue
		}
		out[m.Name] = v
		tongue := m.Name == "lang" && len(t.Members) > 1
		said = said || !tongue && !(schemaTypes()[m.Type].Name == "boolean" && v == false)
	}
	return out, said
}

func (f *form) value(name string, m corridor.MemberSchema) (any, bool) {
	t := schemaTypes()[m.Type]
	of := t
	if t.Form == "list" {
		of = schemaTypes()[t.Of]
	}
	switch {
	case (m.List || t.Form == "list") && of.Form == "object":
		var list []any
		for i := range f.count(name) {
			if v, said := f.read(name+"."+strconv.Itoa(i), of, false); said {
				list = append(list, v)
			}
		}
		return list, len(list) > 0
	case m.List:
		var list []any
		for _, s := range f.typed[name] {
			for _, l := range strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == '\r' }) {
				if l = strings.TrimSpace(l); l != "" {
					list = append(list, f.scalar(name, t, l))
				}
			}
		}
		return list, len(list) > 0
	case t.Form == "object":
		v, said := f.read(name, t, m.Null)
		return v, said
	case t.Form == "pair":
		from, to := f.typed.Get(name+".0"), f.typed.Get(name+".1")
		if from == "" {
			if to != "" || !m.Null {
				f.wrong[name+".0"] = f.p.t("desk.wrong.empty")
			}
			return nil, false
		}
		if to == "" {
			to = from
		}
		return []any{f.moment(name+".0", from), f.moment(name+".1", to)}, true
	}
	s := strings.TrimSpace(strings.ReplaceAll(f.typed.Get(name), "\r\n", "\n"))
	if s == "" {
		return nil, false
	}
	return f.scalar(name, t, s), true
}

func (f *form) scalar(name string, t corridor.TypeSchema, s string) any {
	switch {
	case t.Name == "Time":
		return f.moment(name, s)
	case t.Form == "integer":
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			f.wrong[name] = f.p.t("desk.wrong.number")
		}
		return n
	case t.Form == "boolean":
		return s == "true"
	case t.Form == "value":
		return rawJSON(s)
	}
	return s
}

// rawJSON is a value that was typed as JSON, written as it stands.
type rawJSON string

// MarshalJSON returns the text.
func (r rawJSON) MarshalJSON() ([]byte, error) { return []byte(r), nil }

// moment reads a time that was typed in the mission's first zone, or in UTC with a Z.
func (f *form) moment(name, s string) string {
	var t record.Time
	if t.UnmarshalText([]byte(s)) == nil {
		return s
	}
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04"} {
		if at, err := time.ParseInLocation(layout, s, f.p.zones[0]); err == nil {
			return record.At(at).String()
		}
	}
	f.wrong[name] = f.p.t("desk.wrong.moment")
	return s
}
