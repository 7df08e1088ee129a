package corridor

import (
	"encoding"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"corridor.example/corridor/record"
)

// partTypes lists every part of every kind once by its type.
func partTypes() (all []partSpec) {
	seen := map[reflect.Type]bool{}
	for _, k := range Kinds() {
		for _, p := range kinds[k].parts {
			if !seen[p.typ] {
				seen[p.typ] = true
				all = append(all, p)
			}
		}
	}
	return all
}

// sampleTexts are what types that read their own text accept, beside the words of closed lists.
var sampleTexts = []string{"mina", "A-07", "2016-12-18", "en", "departure", "", "x"}

// imagine fills a value with something its type can hold, down to some floors.
func imagine(t *testing.T, r *rand.Rand, v reflect.Value, floors int) {
	t.Helper()
	switch u, own := v.Addr().Interface().(encoding.TextUnmarshaler); {
	case v.Type() == reflect.TypeFor[record.Time]():
		v.SetInt(r.Int64N(253402300800+62135596800) - 62135596800)
		return
	case v.Kind() == reflect.Array && v.Type().Elem().Kind() == reflect.Uint8:
		for i := range v.Len() {
			v.Index(i).SetUint(r.Uint64N(256))
		}
		return
	case own:
		words := append(slices.Clone(vocabularies[v.Type()]), sampleTexts...)
		for _, i := range r.Perm(len(words)) {
			if u.UnmarshalText([]byte(words[i])) == nil {
				return
			}
		}
		t.Fatalf("no sample of a %v", v.Type())
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString([]string{"", "plain", "two \"words\"", "ä\n\u0001\u2028𝄞", "facts"}[r.IntN(5)])
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.Int64:
		v.SetInt([]int64{0, -1, 7, 122, record.MaxInt, -record.MaxInt, r.Int64N(1e9)}[r.IntN(7)])
	case reflect.Pointer:
		if r.IntN(3) > 0 && floors > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			imagine(t, r, v.Elem(), floors-1)
		}
	case reflect.Slice:
		n := 0
		if floors > 0 {
			n = r.IntN(3)
		}
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			imagine(t, r, v.Index(i), floors-1)
		}
	case reflect.Array:
		for i := range v.Len() {
			imagine(t, r, v.Index(i), floors)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			imagine(t, r, v.Field(i), floors)
		}
	default:
		t.Fatalf("a part holds a %v, which this test cannot imagine", v.Type())
	}
}

// readAlike holds the reader of a part against record.Decode, which knows nothing of it: the
// same answer, the same value, the same words. It reports whether the text is read.
func readAlike(t *testing.T, p partSpec, text []byte) bool {
	t.Helper()
	got, want := reflect.New(p.typ), reflect.New(p.typ)
	err, wantErr := p.reader.Decode(text, got.Interface()), record.Decode(text, want.Interface())
	if fmt.Sprint(err) != fmt.Sprint(wantErr) {
		t.Fatalf("%v: the reader answers %v, Decode %v:\n%s", p.typ, err, wantErr, text)
	}
	if err == nil && !reflect.DeepEqual(got.Interface(), want.Interface()) {
		t.Fatalf("%v: the reader reads %+v, Decode %+v:\n%s", p.typ, got.Elem(), want.Elem(), text)
	}
	return err == nil
}

// TestPartReaders holds the readers of all parts against Decode, on values that nobody thought
// of and on texts that differ from theirs by a byte.
func TestPartReaders(t *testing.T) {
	const signs = "\"\\{}[],:-+.0189aenul/ \n\x80"
	r := rand.New(rand.NewPCG(1, 2))
	for _, p := range partTypes() {
		if !p.reader.Scans() {
			if p.typ != reflect.TypeFor[CorrectionFacts]() && p.name != "media" { // facts of any kind; bytes that are no JSON
				t.Errorf("%v is left to Decode; see record.Reader for what it can scan", p.typ)
			}
			continue
		}
		read := 0
		for range 40 {
			v := reflect.New(p.typ)
			imagine(t, r, v.Elem(), 6)
			text, err := record.Encode(v.Interface())
			if err != nil || !readAlike(t, p, text) {
				t.Fatalf("%v is not read again: %v\n%s", p.typ, err, text)
			}
			for range 40 {
				i := r.IntN(len(text))
				b := slices.Clone(text)
				switch c := signs[r.IntN(len(signs))]; r.IntN(3) {
				case 0:
					b = slices.Delete(b, i, i+1)
				case 1:
					b[i] = c
				default:
					b = slices.Insert(b, i, c)
				}
				if readAlike(t, p, b) {
					read++
				}
			}
		}
		if read == 0 {
			t.Errorf("%v: no changed text was read; only refusals were compared", p.typ)
		}
	}
}

// FuzzPartReaders does the same with any bytes.
func FuzzPartReaders(f *testing.F) {
	parts := partTypes()
	r := rand.New(rand.NewPCG(3, 4))
	for i, p := range parts {
		if p.reader.Scans() {
			v := reflect.New(p.typ)
			imagine(&testing.T{}, r, v.Elem(), 4)
			text, err := record.Encode(v.Interface())
			if err != nil {
				f.Fatal(err)
			}
			f.Add(uint(i), text)
		}
	}
	f.Fuzz(func(t *testing.T, i uint, text []byte) { readAlike(t, parts[i%uint(len(parts))], text) })
}
