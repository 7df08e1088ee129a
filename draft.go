package corridor

import (
	"encoding/base64"
	"errors"
	"fmt"
	"reflect"

	"github.com/go-json-experiment/json"

	"corridor.example/corridor/record"
)

// A Draft is a record as a person writes it, before it is encoded and signed: the kind, what
// it answers, and its parts by name, each with only the members that say something.
type Draft struct {
	Kind  Kind
	By    ActorID
	Re    *record.Hash
	Parts map[string]map[string]any
}

// Compose returns the parts of a draft in their one spelling. Members left out get their
// empty value where that says nothing; a time, a number or a word of a closed list must be given.
// A single moment stands for [moment, moment], an act is its author's own, a sum is exact unless
// it says otherwise. nonce is asked for 128 random bits for each part. The
// error is a *Refusal that names the part and member.
func Compose(d Draft, id record.ID, nonce func() record.ID) ([]record.Part, error) {
	s := kinds[d.Kind]
	if s == nil {
		return nil, Refuse("kind.unknown", "%q is not a kind of record that this program knows", d.Kind)
	}
	for name := range d.Parts {
		known := false
		for _, p := range s.parts {
			known = known || p.name == name
		}
		if !known {
			return nil, Refuse("record.parts", "a %s has no part %q; it has %s", s.name, name, s.partNames())
		}
	}
	var out []record.Part
	for _, p := range s.parts {
		given, ok := d.Parts[p.name]
		if !ok && p.optional {
			continue
		}
		if p.name == "media" {
			b, err := composeMedia(given, id, nonce())
			if err != nil {
				return nil, Refuse(string(s.name)+"."+p.name, "the part %q: %v", p.name, err)
			}
			out = append(out, record.Part{Name: p.name, Bytes: b})
			continue
		}
		typ := s.typ.Field(p.index).Type
		if p.pointer {
			typ = typ.Elem()
		}
		b, err := compose(d, typ, p.name, given, record.PartHead{ID: id, Part: p.name, Nonce: nonce()})
		if err != nil {
			return nil, Refuse(string(s.name)+"."+p.name, "the part %q: %v", p.name, err)
		}
		out = append(out, record.Part{Name: p.name, Bytes: b})
	}
	_, _, err := s.decode(out, true)
	return out, err
}

// composeMedia writes a media part of what a draft has: the bytes, in base64 where it is a text,
// and the type, if it says one.
func composeMedia(given map[string]any, id, nonce record.ID) ([]byte, error) {
	var b []byte
	switch x := given["bytes"].(type) {
	case []byte:
		b = x
	case string:
		var err error
		if b, err = base64.StdEncoding.DecodeString(x); err != nil {
			return nil, errors.New("bytes: not standard base64")
		}
	default:
		return nil, errors.New("bytes: the picture or document, in base64, is missing")
	}
	typ, said := given["type"].(string)
	for name := range given {
		if name != "bytes" && (name != "type" || !said) {
			return nil, fmt.Errorf("%s: a picture or document has bytes and perhaps type, a media type", name)
		}
	}
	if !said {
		typ = SniffFormat(b).MediaType()
	}
	if typ == "" {
		return nil, errors.New("bytes: they begin like none of jpeg, png, webp and pdf")
	}
	return append([]byte("corridor-media/v1 "+id.String()+" "+nonce.String()+" "+typ+"\n"), b...), nil
}

// CheckParts says whether parts are those of a kind, each in its one spelling, with none missing
// that the kind must have. It judges form alone; a mission judges the rest. The error is a
// *Refusal.
func CheckParts(k Kind, parts []record.Part) error {
	s := kinds[k]
	if s == nil {
		return Refuse("kind.unknown", "%q is not a kind of record that this program knows", k)
	}
	h := record.Header{Kind: string(k)}
	for _, p := range parts {
		h.Parts = append(h.Parts, record.PartRef{Name: p.Name})
	}
	if err := s.names(h); err != nil {
		return err
	}
	_, _, err := s.decode(parts, true)
	return err
}

func compose(d Draft, typ reflect.Type, part string, given map[string]any, head record.PartHead) ([]byte, error) {
	eased, err := ease(d, typ, part, given)
	if err != nil {
		return nil, err
	}
	may := blankOf{numbers: d.Kind == KindMandate || d.Kind == KindAmendment}
	if err := may.given(typ, eased, ""); err != nil {
		return nil, err
	}
	text, err := json.Marshal(eased)
	if err != nil {
		return nil, err
	}
	v := reflect.New(typ)
	if err := json.Unmarshal(text, v.Interface(), json.RejectUnknownMembers(true)); err != nil {
		return nil, misread(err)
	}
	v.Elem().FieldByName("PartHead").Set(reflect.ValueOf(head))
	return record.Encode(v.Interface())
}

// ease fills in what every reader of a draft would.
func ease(d Draft, typ reflect.Type, part string, given map[string]any) (map[string]any, error) {
	out := map[string]any{}
	for k, v := range given {
		if s, ok := v.(string); ok && k == "when" {
			v = []any{s, s}
		}
		if inner, ok := v.(map[string]any); ok && k == "facts" && d.Kind == KindCorrection {
			if of := kinds[Kind(text(given["kind"]))]; of != nil {
				typ := of.typ.Field(0).Type
				eased, err := ease(Draft{Kind: of.name, By: d.By}, typ, "facts", inner)
				if err == nil {
					err = blankOf{}.given(typ, eased, "facts")
				}
				if err != nil {
					return nil, err
				}
				if v, err = whole(eased, typ); err != nil {
					return nil, fmt.Errorf("in the facts of the %s: %w", of.name, err)
				}
			}
		}
		out[k] = v
	}
	if _, has := typ.FieldByName("Act"); has && part == "facts" && out["act"] == nil {
		out["act"] = map[string]any{"of": string(d.By), "channel": "own"}
	}
	if _, has := typ.FieldByName("Leg"); has && part == "facts" && out["leg"] == nil {
		if c := text(out["convoy"]); c != "" {
			out["leg"] = ConvoyID(c).Leg()
		}
	}
	if sums, ok := out["sums"].([]any); ok && part == "count" {
		var eased []any
		for _, s := range sums {
			m, ok := s.(map[string]any)
			if !ok {
				eased = append(eased, s) // refused where it is read
				continue
			}
			e := map[string]any{"sharp": "exactly", "method": "not-stated"}
			for k, v := range m {
				e[k] = v
			}
			eased = append(eased, e)
		}
		out["sums"] = eased
	}
	return out, nil
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

// whole spells out the facts of a restated record, without the part's head.
func whole(given map[string]any, typ reflect.Type) (any, error) {
	v := reflect.New(typ)
	b, err := json.Marshal(given)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(b, v.Interface(), json.RejectUnknownMembers(true)); err != nil {
		return nil, misread(err)
	}
	if b, err = record.Encode(v.Interface()); err != nil {
		return nil, err
	}
	head, err := record.Encode(record.PartHead{})
	if err != nil {
		return nil, err
	}
	if len(b) <= len(head) {
		return given, nil
	}
	var out rawObject = append([]byte("{"), b[len(head):]...)
	return out, nil
}

// A rawObject is JSON that is written as it stands.
type rawObject []byte

// MarshalJSON returns the bytes.
func (r rawObject) MarshalJSON() ([]byte, error) { return r, nil }
