package corridor

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/go-json-experiment/json"

	"corridor.example/corridor/record"
)

// aTime says how a time is written.
const aTime = "a time in UTC such as 2016-12-18T21:00:00Z"

var (
	timeType   = reflect.TypeFor[record.Time]()
	periodType = reflect.TypeFor[Period]()
	spanType   = reflect.TypeFor[Span]() // a range of nothing is no number
	headType   = reflect.TypeFor[record.PartHead]()
)

// A blankOf says what a draft may leave out.
type blankOf struct {
	numbers bool // numbers: terms have their defaults, and 0 is nothing counted there
}

// given refuses what a person drew up if something is left out whose empty value would be signed
// as if it had been said: a moment of 1970, nobody counted, a word that is none. at names where
// v stands, "" for a part.
func (o blankOf) given(typ reflect.Type, v any, at string) error {
	switch typ.Kind() {
	case reflect.Pointer:
		if v == nil {
			return nil
		}
		return o.given(typ.Elem(), v, at)
	case reflect.Slice, reflect.Array:
		list, _ := v.([]any)
		for i, x := range list {
			if x == nil && typ == periodType {
				return fmt.Errorf("give %s[%d], %s", at, i, aTime)
			}
			if err := o.given(typ.Elem(), x, fmt.Sprintf("%s[%d]", at, i)); err != nil {
				return err
			}
		}
		return nil
	case reflect.Struct:
	default:
		return nil
	}
	m, ok := v.(map[string]any)
	if !ok && v != nil {
		return nil // refused where it is read
	}
	for i := range typ.NumField() {
		f := typ.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Type == headType {
			continue
		}
		if f.Anonymous && name == "" {
			if err := o.given(f.Type, v, at); err != nil {
				return err
			}
			continue
		}
		where := strings.TrimPrefix(at+"."+name, ".")
		if m[name] == nil {
			if what := o.needs(f.Type); what != "" && typ != spanType {
				return fmt.Errorf("give %s, %s", where, what)
			}
		}
		if err := o.given(f.Type, m[name], where); err != nil {
			return err
		}
	}
	return nil
}

// needs says what a member of a type must be given as, "" where it may be left out.
func (o blankOf) needs(typ reflect.Type) string {
	switch {
	case typ == timeType:
		return aTime
	case typ == periodType:
		return aTime + ", or [from, to]"
	case typ.Kind() == reflect.Int64 && !o.numbers:
		return "a whole number"
	case typ.Kind() == reflect.String:
		word, ok := reflect.New(typ).Interface().(encoding.TextUnmarshaler)
		if !ok {
			return ""
		}
		if err := word.UnmarshalText(nil); err != nil {
			return strings.TrimPrefix(err.Error(), `"" is not `)
		}
	}
	return ""
}

// misread says in plain words what is wrong with a value that a person wrote.
func misread(err error) error {
	var e *json.SemanticError
	if !errors.As(err, &e) {
		return err
	}
	at := ""
	for token := range e.JSONPointer.Tokens() {
		if token != "" && strings.Trim(token, "0123456789") == "" {
			at += "[" + token + "]"
		} else {
			at = strings.TrimPrefix(at+"."+token, ".")
		}
	}
	switch {
	case errors.Is(e.Err, json.ErrUnknownName):
		return fmt.Errorf("there is no member %s; there are: %s", at, strings.Join(memberNames(e.GoType), ", "))
	case e.GoType == nil:
		return fmt.Errorf("%s cannot be read", at)
	case e.Err != nil && e.JSONKind == '"' && reflect.PointerTo(e.GoType).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()):
		return fmt.Errorf("%s: %w", at, e.Err)
	}
	return fmt.Errorf("%s: %s is wanted%s", at, wanted(e.GoType), found(e))
}

// found tells what stands there instead, if that helps.
func found(e *json.SemanticError) string {
	switch {
	case e.JSONKind == '0' && e.JSONValue != nil:
		return fmt.Sprintf(", not %s", e.JSONValue)
	case e.JSONKind == '0':
		return ", not a number"
	case e.JSONKind == '"' && e.GoType.Kind() == reflect.Int64:
		return ", in digits and without quotes"
	case e.JSONKind == 't', e.JSONKind == 'f':
		return ", not true or false"
	case e.JSONKind == '{':
		return ", not members"
	case e.JSONKind == '[':
		return ", not a list"
	case e.JSONKind == 'n':
		return ", and it may not be left open"
	case e.JSONKind == '"':
		return ", not a text"
	}
	return ""
}

// wanted says what a value of a type is, to a person.
func wanted(typ reflect.Type) string {
	switch {
	case typ == timeType:
		return aTime
	case typ == periodType:
		return aTime + ", or [from, to]"
	}
	switch typ.Kind() {
	case reflect.Pointer:
		return wanted(typ.Elem())
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int32, reflect.Int64:
		return "a whole number"
	case reflect.Slice:
		if typ.Elem().Kind() != reflect.Uint8 {
			return "a list"
		}
	case reflect.Struct:
		return "a group of members (" + strings.Join(memberNames(typ), ", ") + ")"
	}
	return "a text in quotes"
}

// memberNames returns the names of a struct's members as they are written, a part's head left out.
func memberNames(typ reflect.Type) []string {
	for typ != nil && typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	if typ == nil || typ.Kind() != reflect.Struct {
		return nil
	}
	var list []string
	for i := range typ.NumField() {
		f := typ.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Type == headType:
		case f.Anonymous && name == "":
			list = append(list, memberNames(f.Type)...)
		case name != "" && name != "-":
			list = append(list, name)
		}
	}
	return list
}
