package record

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"

	"github.com/go-json-experiment/json"
)

// A Reader reads the one spelling of a type, token by token as envelopes and headers are read
// (scan.go). It is built once from the type and answers as Decode does: it only hastens the
// yes, and what it does not read, Decode judges and explains. A type that has more in it than
// plain members, such as a map or a spelling of its own, is left to Decode altogether.
type Reader struct {
	typ  reflect.Type
	read readFunc // nil: Decode reads it
}

// A readFunc reads one value into v, which can be set.
type readFunc func(s *scan, v reflect.Value)

// NewReader returns the reader of a type.
func NewReader(t reflect.Type) *Reader {
	b := readers{made: map[reflect.Type]*readFunc{}}
	read := b.of(t)
	if b.beyond {
		read = nil
	}
	return &Reader{typ: t, read: read}
}

// Scans reports whether the reader reads texts itself and does not leave them all to Decode.
func (r *Reader) Scans() bool { return r.read != nil }

// Decode reads text into v, a pointer to a value of the reader's type, and answers as the
// function Decode does. It panics if v is anything else.
func (r *Reader) Decode(text []byte, v any) error {
	p := reflect.ValueOf(v)
	if p.Type() != reflect.PointerTo(r.typ) {
		panic(fmt.Sprintf("record: a reader of %v is given a %v", r.typ, p.Type()))
	}
	if r.read != nil {
		s := scan{rest: text}
		if r.read(&s, p.Elem()); s.end() {
			return nil
		}
		p.Elem().SetZero() // it may have read a piece
	}
	return Decode(text, v)
}

// readers builds the reader of one type and of what it is made of.
type readers struct {
	made   map[reflect.Type]*readFunc // a type may hold itself
	beyond bool                       // something in it cannot be read token by token
}

func (b *readers) of(t reflect.Type) readFunc {
	if f := b.made[t]; f != nil {
		return func(s *scan, v reflect.Value) { (*f)(s, v) } // it may not be there yet
	}
	f := new(readFunc)
	b.made[t] = f
	*f = b.build(t)
	return *f
}

var (
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
	// ownSpelling are the ways in which a type can tell the encoding how to spell it, but for
	// reading a text, which a word of a closed list does.
	ownSpelling = []reflect.Type{
		reflect.TypeFor[encoding.TextMarshaler](), reflect.TypeFor[encoding.TextAppender](),
		reflect.TypeFor[json.Marshaler](), reflect.TypeFor[json.MarshalerTo](),
		reflect.TypeFor[json.Unmarshaler](), reflect.TypeFor[json.UnmarshalerFrom](),
	}
)

func (b *readers) build(t reflect.Type) readFunc {
	switch t {
	case reflect.TypeFor[Hash](), reflect.TypeFor[ID]():
		return readHex
	case reflect.TypeFor[Time]():
		return readTime
	}
	p := reflect.PointerTo(t)
	switch {
	case t.PkgPath() == "time" || slices.ContainsFunc(ownSpelling, p.Implements):
		return b.leave()
	case p.Implements(textUnmarshaler) && t.Kind() == reflect.String:
		return readWord
	case p.Implements(textUnmarshaler):
		return b.leave()
	}
	switch t.Kind() {
	case reflect.String:
		return readString
	case reflect.Bool:
		return readBool
	case reflect.Int64:
		return func(s *scan, v reflect.Value) { v.SetInt(s.integer()) }
	case reflect.Pointer:
		return b.pointer(t.Elem())
	case reflect.Slice:
		return b.list(t)
	case reflect.Array:
		return b.array(t)
	case reflect.Struct:
		return b.object(t)
	}
	return b.leave()
}

// leave gives the whole type to Decode.
func (b *readers) leave() readFunc {
	b.beyond = true
	return nil
}

func readHex(s *scan, v reflect.Value) {
	s.take(`"`)
	s.hex(v.Bytes())
	s.take(`"`)
}

func readTime(s *scan, v reflect.Value) {
	s.take(`"`)
	v.SetInt(int64(s.time()))
	s.take(`"`)
}

func readString(s *scan, v reflect.Value) { v.SetString(partName(s.plain())) }

// partName returns what b says, without a copy if it is what a part's head says of the part.
func partName(b []byte) string {
	for _, n := range PartNames {
		if string(b) == n {
			return n
		}
	}
	return string(b)
}

// readWord reads a string whose type reads its own text, such as a word of a closed list.
func readWord(s *scan, v reflect.Value) {
	b := s.plain()
	if s.bad || v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText(b) != nil || v.String() != string(b) {
		s.fail()
	}
}

func readBool(s *scan, v reflect.Value) {
	yes := s.has("true")
	if !yes {
		s.take("false")
	}
	v.SetBool(yes)
}

func (b *readers) pointer(to reflect.Type) readFunc {
	if to.Kind() == reflect.Pointer || to.Kind() == reflect.Interface {
		return b.leave() // null could mean either
	}
	read := b.of(to)
	return func(s *scan, v reflect.Value) {
		if s.has("null") {
			v.SetZero()
			return
		}
		p := reflect.New(to)
		read(s, p.Elem())
		v.Set(p)
	}
}

func (b *readers) list(t reflect.Type) readFunc {
	if t.Elem().Kind() == reflect.Uint8 {
		return b.leave() // base64
	}
	read := b.of(t.Elem())
	return func(s *scan, v reflect.Value) {
		s.take("[")
		n := 0
		for !s.bad && !s.has("]") {
			if n > 0 {
				s.take(",")
			}
			if n == v.Cap() {
				v.Grow(1)
			}
			v.SetLen(n + 1)
			read(s, v.Index(n))
			n++
		}
		if n == 0 {
			v.Set(reflect.MakeSlice(t, 0, 0)) // a list of nothing is no nil
		}
	}
}

func (b *readers) array(t reflect.Type) readFunc {
	if t.Elem().Kind() == reflect.Uint8 {
		return b.leave() // base64
	}
	read := b.of(t.Elem())
	return func(s *scan, v reflect.Value) {
		s.take("[")
		for i := range t.Len() {
			if i > 0 {
				s.take(",")
			}
			read(s, v.Index(i))
		}
		s.take("]")
	}
}

// A fieldOf is a member of an object and its field, in the order in which they are written.
type fieldOf struct {
	before string // what stands before its value
	at     []int  // of the field
	read   readFunc
}

func (b *readers) object(t reflect.Type) readFunc {
	var members []fieldOf
	names := map[string]bool{}
	b.members(t, nil, func(name string, at []int, typ reflect.Type) {
		before, err := Encode(name)
		if err != nil || names[name] {
			b.leave()
		}
		names[name] = true
		sign := byte(',')
		if len(members) == 0 {
			sign = '{'
		}
		members = append(members, fieldOf{string(sign) + string(before) + ":", at, b.of(typ)})
	})
	if len(members) == 0 {
		return b.leave()
	}
	return func(s *scan, v reflect.Value) {
		for i := range members {
			m := &members[i]
			if s.take(m.before); s.bad {
				return
			}
			f := v.Field(m.at[0])
			for _, j := range m.at[1:] {
				f = f.Field(j)
			}
			m.read(s, f)
		}
		s.take("}")
	}
}

// members calls f with the members of a struct, those of what is embedded in it at its place.
func (b *readers) members(t reflect.Type, above []int, f func(name string, at []int, typ reflect.Type)) {
	for i := range t.NumField() {
		x := t.Field(i)
		at := append(slices.Clone(above), i)
		name, tagged := x.Tag.Lookup("json")
		switch {
		case x.Anonymous && !tagged && x.IsExported() && x.Type.Kind() == reflect.Struct:
			b.members(x.Type, at, f)
		case !x.Anonymous && x.IsExported() && plainName(name):
			f(name, at, x.Type)
		default:
			b.leave() // an option of the encoding, or a field that is not written
		}
	}
}

// plainName reports whether what a tag says is a name and nothing else.
func plainName(tag string) bool {
	for _, c := range []byte(tag) {
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_') {
			return false
		}
	}
	return tag != ""
}
