package record

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"math/big"
	"reflect"
	"strings"
	"testing"
)

// Every parser keeps two promises on any bytes: no panic, and what it reads is written back as
// the same bytes. The readers that only hasten a yes (scan.go) keep a third: they say yes to
// exactly what Decode does, with the same value.

// addEnvelopes seeds with the vectors of a form.
func addEnvelopes(f *testing.F, form string) {
	for _, c := range load[envelopeVector](f, "envelopes.json") {
		if text := bytesOf(f, c.Text, c.Base64); c.Form == form && len(text) < 16<<10 {
			f.Add(text)
		}
	}
}

func FuzzParse(f *testing.F) {
	addEnvelopes(f, "line")
	f.Fuzz(func(t *testing.T, text []byte) {
		e, parts, ok := scanLine(text)
		var l line
		if err := Decode(text, &l); err != nil {
			if ok {
				t.Fatalf("scanLine reads what Decode does not: %v", err)
			}
		} else {
			want, err := l.Envelope.open()
			if (err == nil) != ok || ok && !reflect.DeepEqual(e, want) {
				t.Fatalf("scanLine reads %v %+v, want %v %+v", ok, e, err, want)
			}
			for i := range parts {
				if (parts[i] == nil) != (l.Parts[i] == nil) || parts[i] != nil && string(parts[i]) != *l.Parts[i] {
					t.Fatalf("scanLine reads part %d as %q", i, parts[i])
				}
			}
			if ok && len(parts) != len(l.Parts) {
				t.Fatalf("scanLine reads %d parts, want %d", len(parts), len(l.Parts))
			}
		}
		r, err := Parse(text)
		if err != nil {
			ruleOf(t, err)
			return
		}
		if got := r.Line(); !bytes.Equal(got, text) {
			t.Fatalf("written again it is\n%s, want\n%s", got, text)
		}
		if _, err := ParseEnvelope(r.Envelope()); err != nil {
			t.Fatalf("its envelope is refused: %v", err)
		}
		if err := r.Verify(testKey("mina").Public().(ed25519.PublicKey)); err != nil {
			ruleOf(t, err)
		}
	})
}

func FuzzParseEnvelope(f *testing.F) {
	addEnvelopes(f, "envelope")
	for _, c := range load[envelopeVector](f, "envelopes.json") {
		if r, err := Parse(bytesOf(f, c.Text, c.Base64)); err == nil && len(r.Raw) < 4<<10 {
			f.Add(r.Envelope())
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		_, ok := scanEnvelope(text)
		var e envelope
		if err := Decode(text, &e); err != nil && ok {
			t.Fatalf("scanEnvelope reads what Decode does not: %v", err)
		}
		r, err := ParseEnvelope(text)
		if err != nil {
			ruleOf(t, err)
			return
		}
		if !ok {
			t.Fatal("scanEnvelope does not read it")
		}
		if got := r.Envelope(); !bytes.Equal(got, text) {
			t.Fatalf("written again it is\n%s, want\n%s", got, text)
		}
	})
}

func FuzzParseHeader(f *testing.F) {
	for _, c := range goodRecords() {
		if text := c.draft.headerText(); len(text) < 4<<10 {
			f.Add([]byte(text))
		}
	}
	for _, c := range badRecords() {
		if text := c.draft.headerText(); len(text) < 4<<10 {
			f.Add([]byte(text))
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		h, ok := scanHeader(raw)
		var want Header
		if err := Decode(raw, &want); (err == nil) != ok || ok && !reflect.DeepEqual(h, want) {
			t.Fatalf("scanHeader reads %v %+v, want %v %+v", ok, h, err, want)
		}
		got, err := ParseHeader(raw)
		if err != nil {
			ruleOf(t, err)
			return
		}
		if again, err := Encode(got); err != nil || !bytes.Equal(again, raw) {
			t.Fatalf("written again it is\n%s, %v, want\n%s", again, err, raw)
		}
	})
}

func FuzzTime(f *testing.F) {
	for _, c := range load[timeVector](f, "times.json") {
		f.Add([]byte(c.Text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var u Time
		if u.UnmarshalText(text) != nil {
			return
		}
		if b, err := u.MarshalText(); err != nil || !bytes.Equal(b, text) || u.String() != string(text) {
			t.Fatalf("%q is written again %q, %v", text, b, err)
		}
	})
}

// FuzzDecode holds Decode against encoding/json, which shares no code with it: what Decode
// reads the other reads too, to the same value, with no number that is not a small integer.
func FuzzDecode(f *testing.F) {
	for _, c := range load[jsonVector](f, "json.json") {
		if text := bytesOf(f, c.Text, c.Base64); len(text) < 4<<10 {
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var v, other specimen
		if Decode(text, &v) != nil {
			return
		}
		if got, err := Encode(v); err != nil || !bytes.Equal(got, text) {
			t.Fatalf("written again it is\n%s, %v, want\n%s", got, err, text)
		}
		d := json.NewDecoder(bytes.NewReader(text))
		d.DisallowUnknownFields()
		if err := d.Decode(&other); err != nil || !reflect.DeepEqual(v, other) {
			t.Fatalf("encoding/json reads %+v, %v, want %+v", other, err, v)
		}
		d = json.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		for {
			token, err := d.Token()
			if err != nil {
				break
			}
			if n, ok := token.(json.Number); ok {
				i, whole := new(big.Int).SetString(n.String(), 10)
				if !whole || i.CmpAbs(big.NewInt(MaxInt)) > 0 || strings.HasPrefix(n.String(), "-0") {
					t.Fatalf("the number %s was read", n)
				}
			}
		}
	})
}
