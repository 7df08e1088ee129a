package corridor

import (
	"cmp"
	"encoding"
	"reflect"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"corridor.example/corridor/record"
)

// A KindSchema describes a kind of record as its Go type has it, for documents and for forms
// that are drawn from it. A kind is described nowhere else.
type KindSchema struct {
	Kind  Kind         `json:"kind"`
	Class Class        `json:"class"`
	Sort  string       `json:"sort"` // field, authority or ranged
	Type  string       `json:"type"` // the kind's Go type
	Doc   string       `json:"doc"`  // filled by whoever has the source
	Parts []PartSchema `json:"parts"`
}

// A PartSchema describes one part of a kind. The part's own head, id, part and nonce, stands
// before the members of its type and is left out here.
type PartSchema struct {
	Name     string `json:"name"`
	Optional bool   `json:"optional"` // may be left out by the author; it can be erased
	Type     string `json:"type"`     // a TypeSchema's name
}

// A TypeSchema describes a type that occurs in some part.
type TypeSchema struct {
	Name    string         `json:"name"`
	Form    string         `json:"form"`    // object, text, word, integer, boolean, list, pair or value
	Of      string         `json:"of"`      // list, pair: of which type
	Words   []string       `json:"words"`   // word: the closed list
	Members []MemberSchema `json:"members"` // object: in the order they are written
	Doc     string         `json:"doc"`     // filled by whoever has the source
}

// A MemberSchema describes one member of an object.
type MemberSchema struct {
	Name string `json:"name"`
	Type string `json:"type"` // a TypeSchema's name
	List bool   `json:"list"` // a list of them
	Null bool   `json:"null"` // may be null
	Doc  string `json:"doc"`  // filled by whoever has the source
	In   string `json:"-"`    // the Go struct and field that declare it, for example "Where.Place"
}

// Schema describes every kind, in alphabetical order.
func Schema() []KindSchema {
	var all []KindSchema
	for _, k := range Kinds() {
		s := kinds[k]
		x := KindSchema{Kind: k, Class: s.class, Sort: s.sort, Type: s.typ.Name()}
		for _, p := range s.parts {
			x.Parts = append(x.Parts, PartSchema{p.name, p.optional, bare(s.typ.Field(p.index).Type).Name()})
		}
		all = append(all, x)
	}
	return all
}

// Types describes every type that occurs in a part of some kind, in alphabetical order.
func Types() []TypeSchema {
	seen := map[reflect.Type]bool{}
	var all []TypeSchema
	var visit func(t reflect.Type)
	visit = func(t reflect.Type) {
		t = element(t)
		if seen[t] {
			return
		}
		seen[t] = true
		x := TypeSchema{Name: typeName(t), Form: form(t), Words: vocabularies[t]}
		switch x.Form {
		case "list", "pair":
			x.Of = typeName(element(t.Elem()))
			visit(t.Elem())
		case "object":
			x.Members = members(t, visit)
		}
		all = append(all, x)
	}
	for _, s := range kinds {
		for _, p := range s.parts {
			visit(s.typ.Field(p.index).Type)
		}
	}
	slices.SortFunc(all, func(a, b TypeSchema) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// members describes a struct's members, those of embedded structs in their place and a part's
// head left out.
func members(t reflect.Type, visit func(reflect.Type)) (list []MemberSchema) {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Type == reflect.TypeFor[record.PartHead]() {
			continue
		}
		if f.Anonymous {
			list = append(list, members(f.Type, visit)...)
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		list = append(list, MemberSchema{
			Name: name, Type: typeName(element(f.Type)), In: t.Name() + "." + f.Name,
			List: f.Type.Kind() == reflect.Slice && f.Type.Name() == "", Null: f.Type.Kind() == reflect.Pointer,
		})
		visit(f.Type)
	}
	return list
}

// bare returns the type a pointer points to.
func bare(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// element returns what a pointer points to or an unnamed list lists.
func element(t reflect.Type) reflect.Type {
	for t = bare(t); t.Kind() == reflect.Slice && t.Name() == ""; {
		t = bare(t.Elem())
	}
	return t
}

// typeName returns the name documents use: the Go type's own, and plain words for Go's.
func typeName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String, reflect.Int64, reflect.Bool:
		if t.PkgPath() == "" {
			return form(t)
		}
	}
	if t == reflect.TypeFor[jsontext.Value]() {
		return "value"
	}
	return t.Name()
}

// form returns how a type is written in JSON.
func form(t reflect.Type) string {
	text := reflect.TypeFor[encoding.TextUnmarshaler]()
	switch {
	case t == reflect.TypeFor[jsontext.Value]():
		return "value"
	case vocabularies[t] != nil:
		return "word"
	case t.Kind() == reflect.String || t.Implements(text) || reflect.PointerTo(t).Implements(text):
		return "text"
	case t.Kind() == reflect.Struct:
		return "object"
	case t.Kind() == reflect.Slice:
		return "list"
	case t.Kind() == reflect.Array:
		return "pair"
	case t.Kind() == reflect.Bool:
		return "boolean"
	case t.Kind() == reflect.Int64:
		return "integer"
	}
	panic("corridor: no JSON form for " + t.String())
}
