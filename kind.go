package corridor

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"corridor.example/corridor/record"
)

// A Kind names what a record is: "departure", "consent", "incident". The set is closed: every
// kind is declared in one file of this package and nowhere else.
type Kind string

// A Class is what a leaf shows of a record's kind, so that anyone can count incidents and
// nobody can read a departure. Every kind is in exactly one class, for ever.
type Class string

// The classes there are (design: The record, Leaf).
const (
	ClassAuthority Class = "authority" // who may do what
	ClassMovement  Class = "movement"  // convoys, holds, coverage: what moved and where we were
	ClassIncident  Class = "incident"  // what happened that should not have
	ClassWord      Class = "word"      // what was said
	ClassReport    Class = "report"    // the mission's reports
	ClassOffice    Class = "office"    // the mission's own housekeeping
)

var classes = []Class{ClassAuthority, ClassMovement, ClassIncident, ClassWord, ClassReport, ClassOffice}

// A Header is a record's signed header with its name and its place in the log.
type Header struct {
	record.Header
	Hash  record.Hash // the record's name
	Index int64       // its place in the log, from 0
}

// A field kind is judged on itself alone, so that field records commute.
type field interface {
	refuse(h Header) error      // why not; changes nothing
	apply(m *Mission, h Header) // only after refuse returned nil; cannot fail; putting twice is putting once
}

// An authority kind may also ask what authority stood before it: mandate, keys, consents.
type authority interface {
	refuse(a Authority, h Header) error
	apply(m *Mission, h Header)
}

// A judged authority kind can break the mandate: it is then logged with the findings and has
// no effect.
type judged interface {
	finds(a Authority, h Header) []Finding
}

// A ranged kind states figures over a prefix of the log and is refused unless the mission at
// that prefix gives the same. The report alone is one.
type ranged interface {
	refuse(m *Mission, h Header) error
	apply(m *Mission, h Header)
}

// A spec is what the machine knows of a kind.
type spec struct {
	name   Kind
	number uint8 // in specs, from 1
	class  Class
	sort   string // "field", "authority" or "ranged"
	typ    reflect.Type
	parts  []partSpec
	act    []int // of the facts' member that says whose act it is; nil for what is no act
}

type partSpec struct {
	name     string
	index    int // of the struct's field
	pointer  bool
	optional bool         // narrative, identity and media may be left out by the author
	typ      reflect.Type // of the part, not of a pointer to it
	reader   *record.Reader
}

var kinds = map[Kind]*spec{}

// kind declares a kind of record. B is a struct with one field per part, tagged with the
// part's name; facts by value, the others as pointers, nil where sealed or left out.
func kind[B any](name Kind, class Class) Kind {
	s := &spec{name: name, class: class, typ: reflect.TypeFor[B]()}
	switch any(new(B)).(type) {
	case field:
		s.sort = "field"
	case authority:
		s.sort = "authority"
	case ranged:
		s.sort = "ranged"
	default:
		panic("corridor: kind " + string(name) + " is neither field, authority nor ranged")
	}
	for i := range s.typ.NumField() {
		f := s.typ.Field(i)
		p := partSpec{name: f.Tag.Get("part"), index: i, pointer: f.Type.Kind() == reflect.Pointer}
		p.optional = slices.Index(record.PartNames, p.name) >= slices.Index(record.PartNames, "narrative")
		if !slices.Contains(record.PartNames, p.name) || p.pointer == (p.name == "facts") {
			panic("corridor: kind " + string(name) + ": field " + f.Name + " is not a part")
		}
		if p.typ = f.Type; p.pointer {
			p.typ = f.Type.Elem()
		}
		p.reader = record.NewReader(p.typ)
		s.parts = append(s.parts, p)
	}
	if !record.Name(string(name)) || kinds[name] != nil || len(s.parts) == 0 || s.parts[0].name != "facts" {
		panic("corridor: kind " + string(name) + " is declared badly or twice")
	}
	if f, ok := s.parts[0].typ.FieldByName("Act"); ok && f.Type == reflect.TypeFor[Act]() {
		s.act = f.Index
	}
	specs = append(specs, s)
	if s.number = uint8(len(specs)); int(s.number) != len(specs) {
		panic("corridor: more kinds than an entry can number")
	}
	kinds[name] = s
	return name
}

// Kinds returns every kind's name in alphabetical order.
func Kinds() []Kind {
	all := make([]Kind, 0, len(kinds))
	for k := range kinds {
		all = append(all, k)
	}
	slices.Sort(all)
	return all
}

// Class returns the kind's class, or "" for a kind that does not exist.
func (k Kind) Class() Class {
	if s := kinds[k]; s != nil {
		return s.class
	}
	return ""
}

// Sort returns how the kind is judged: "field" on itself alone, "authority" by log index,
// "ranged" over a range of the log; "" for a kind that does not exist.
func (k Kind) Sort() string {
	if s := kinds[k]; s != nil {
		return s.sort
	}
	return ""
}

// UnmarshalText reads the name of a kind that exists.
func (k *Kind) UnmarshalText(b []byte) error {
	if kinds[Kind(b)] == nil {
		return fmt.Errorf("%q is not a kind of record", b)
	}
	*k = Kind(b)
	return nil
}

// names checks that a header lists the parts of its kind: every figure part, and of the
// erasable ones those there are.
func (s *spec) names(h record.Header) error {
	i := 0
	for _, p := range s.parts {
		if i < len(h.Parts) && h.Parts[i].Name == p.name {
			i++
		} else if !p.optional {
			return Refuse("record.parts", "a %s has the part %q, and this one's header does not name it", s.name, p.name)
		}
	}
	if i != len(h.Parts) {
		return Refuse("record.parts", "a %s has no part %q", s.name, h.Parts[i].Name)
	}
	return nil
}

// decode reads the carried parts of a record into its kind's struct and returns a pointer to
// it. carried is false if the facts are not among them. A part that can be erased is read only
// at the door: what an erasure may take away must not decide what a log says. Every error is a
// *Refusal.
func (s *spec) decode(parts []record.Part, door bool) (body any, carried bool, err error) {
	v := reflect.New(s.typ)
	for _, p := range s.parts {
		i := slices.IndexFunc(parts, func(q record.Part) bool { return q.Name == p.name })
		if i < 0 || parts[i].Bytes == nil || p.name == "media" {
			continue
		}
		f := v.Elem().Field(p.index)
		into := f.Addr()
		if p.pointer {
			into = reflect.New(p.typ)
		}
		switch err := p.reader.Decode(parts[i].Bytes, into.Interface()); {
		case err == nil && p.pointer:
			f.Set(into)
		case err != nil && !door && p.optional:
			continue
		case err != nil:
			return nil, false, Refuse(string(s.name)+"."+p.name, "the part %q cannot be read: %v", p.name, err)
		}
		carried = carried || p.name == "facts"
	}
	return v.Interface(), carried, nil
}

// partNames lists the parts of a kind that a draft must give, for messages.
func (s *spec) partNames() string {
	var n []string
	for _, p := range s.parts {
		n = append(n, p.name)
	}
	return strings.Join(n, ", ")
}

// A set holds values keyed by record hash, so that adding twice is adding once and order of
// arrival changes nothing.
type set[T any] struct {
	at   map[record.Hash]int
	list []T
}

func (s *set[T]) put(h record.Hash, v T) {
	if i, ok := s.at[h]; ok {
		s.list[i] = v
		return
	}
	if s.at == nil {
		s.at = map[record.Hash]int{}
	}
	s.at[h] = len(s.list)
	s.list = append(s.list, v)
}

func (s *set[T]) get(h record.Hash) (v T, ok bool) {
	i, ok := s.at[h]
	if ok {
		v = s.list[i]
	}
	return v, ok
}

// byWhen orders records for display: by when they happened, then by hash; never by index.
func byWhen(aw, bw Period, ah, bh record.Hash) int {
	return cmp.Or(cmp.Compare(aw[0], bw[0]), cmp.Compare(aw[1], bw[1]), slices.Compare(ah[:], bh[:]))
}
