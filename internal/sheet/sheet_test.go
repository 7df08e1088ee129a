package sheet_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"slices"
	"strings"
	"testing"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/sheet"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

func key(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("sheet " + name))
	return ed25519.NewKeyFromSeed(seed[:])
}

// nonces returns ids that follow from nothing but their number.
func nonces() func() record.ID {
	n := byte(0)
	return func() (id record.ID) {
		n++
		id[15] = n
		return id
	}
}

// nominated is a record that a draft answers.
func nominated(t testing.TB) record.Record {
	t.Helper()
	nonce := nonces()
	id := nonce()
	parts, err := corridor.Compose(corridor.Draft{Kind: corridor.KindNomination, By: "office", Parts: map[string]map[string]any{
		"facts": {
			"observer": "mina", "from": "2026-12-01T00:00:00Z", "label": []any{map[string]any{"lang": "en", "text": "Observer at the gate"}},
			"key": map[string]any{"use": "device", "key": strings.Repeat("ab", 32), "proof": strings.Repeat("cd", 64)},
		},
		"identity": {"persons": []any{map[string]any{"role": "observer", "name": "Omar Haddad", "note": ""}}},
	}}, id, nonce)
	if err != nil {
		t.Fatal(err)
	}
	mission := record.Hash(sha256.Sum256([]byte("a mission")))
	r, err := record.Sign(key("office"), false, record.Header{Mission: &mission, Kind: "nomination", ID: id, By: "office", Seq: 1, At: 1764576000, Nonce: nonce()}, parts)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func consent(t testing.TB, text string) sheet.Sheet {
	t.Helper()
	n := nominated(t)
	s, err := sheet.Of(corridor.Draft{Kind: corridor.KindConsent, By: "first", Re: &n.Hash, Parts: map[string]map[string]any{
		"narrative": {"lang": "en", "text": text},
	}}, false, *n.Header.Mission, verify.Words(make([]byte, 10)), &n, "corridor.invalid/x\n3\nAAAA\n\n— corridor.invalid/x AAAA\n", nonces())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSheetIsWhatIsSigned signs what a sheet says and finds its bytes in the record.
func TestSheetIsWhatIsSigned(t *testing.T) {
	s, err := sheet.Parse(consent(t, "He may come.").Text())
	if err != nil {
		t.Fatal(err)
	}
	h := s.Header(record.ID{1})
	h.Seq, h.At = 1, 1764576000
	r, err := record.Sign(key("first"), false, h, s.Parts)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range r.Parts {
		if !bytes.Contains(s.Text(), append(p.Bytes, '\n')) {
			t.Errorf("the part %s that was signed does not stand in the sheet", p.Name)
		}
	}
	if r.Header.Kind != "consent" || r.Header.By != "first" || *r.Header.Re != s.Answers.Hash || *r.Header.Seen != s.Seen || r.Header.ID != s.ID {
		t.Errorf("signed %+v, which is not what the sheet says", r.Header)
	}
	if bytes.Contains(s.Text(), []byte("Haddad")) || s.Answers.Part("facts") == nil {
		t.Errorf("the sheet carries whom the nomination names in confidence, or not what it says:\n%s", s.Text())
	}
}

// TestSheetChanged changes every line of a sheet: none of the changed sheets is read.
func TestSheetChanged(t *testing.T) {
	text := string(consent(t, "He may come.").Text())
	lines := strings.Split(text, "\n")
	for i, line := range lines[:len(lines)-1] {
		for what, changed := range map[string]string{
			"a letter": strings.Replace(line, lastLetter(line), "#", 1), "a space behind": line + " ", "twice": line + "\n" + line,
		} {
			if changed == line {
				continue
			}
			in := strings.Join(append(append(slices.Clone(lines[:i]), changed), lines[i+1:]...), "\n")
			if _, err := sheet.Parse([]byte(in)); err == nil {
				t.Errorf("line %d, %s: read, and it was %q", i+1, what, line)
			}
		}
		if _, err := sheet.Parse([]byte(strings.Join(append(slices.Clone(lines[:i]), lines[i+1:]...), "\n"))); err == nil {
			t.Errorf("read without line %d, %q", i+1, line)
		}
	}
	if _, err := sheet.Parse([]byte(text)); err != nil {
		t.Errorf("unchanged: %v", err)
	}
}

func lastLetter(s string) string {
	if s == "" {
		return "\x00"
	}
	return s[len(s)-1:]
}

// TestReading holds the reading of texts that could be taken for something else.
func TestReading(t *testing.T) {
	for object, want := range map[string]string{
		`{"a":"none"}`:                 `a: "none"`,
		`{"a":"12"}`:                   `a: "12"`,
		`{"a":12}`:                     `a: 12`,
		`{"a":null,"b":[]}`:            "a: not said\nb: none",
		`{"a":{"b":[true,{"c":"x"}]}}`: "a.b[1]: yes\na.b[2].c: x",
		`{"a":"one\n  b: two"}`:        `a: "one\n  b: two"`,
		"{\"a\":\"\u202eevil\"}":       `a: "\u202eevil"`,
		`{"a":" x"}`:                   `a: " x"`,
		`{"a":"نعم، نقبل"}`:            `a: نعم، نقبل`,
		`{"a":1}{"b":2}`:               `not JSON: "{\"a\":1}{\"b\":2}"`,
		`{"a":1} `:                     `not JSON: "{\"a\":1} "`,
		`{"a":1,"a":2}`:                `not JSON: "{\"a\":1,\"a\":2}"`,
		"{\"a\":\"\u001b[2J\"}":        "not JSON: \"{\\\"a\\\":\\\"\\x1b[2J\\\"}\"",
		"{\"a\":\"\u009b2J\"}":         `a: "\u009b2J"`,
	} {
		var got []string
		for _, l := range sheet.Read([]byte(object)) {
			got = append(got, l.Name+": "+l.Value)
		}
		if g := strings.Join(got, "\n"); g != want {
			t.Errorf("Read(%s) = %s, want %s", object, g, want)
		}
	}
}

// TestNoSheet lists what a sheet cannot be made of.
func TestNoSheet(t *testing.T) {
	s := consent(t, "x")
	for name, change := range map[string]func(*sheet.Sheet){
		"nine words of a card":   func(s *sheet.Sheet) { s.Card = s.Card[:9] },
		"a word that is none":    func(s *sheet.Sheet) { s.Card = append(slices.Clone(s.Card[:9]), "walnuts") },
		"a part of another kind": func(s *sheet.Sheet) { s.Parts = []record.Part{{Name: "count", Bytes: []byte("{}")}} },
		"no facts":               func(s *sheet.Sheet) { s.Parts = s.Parts[1:] },
		"parts the other way":    func(s *sheet.Sheet) { s.Parts = []record.Part{s.Parts[1], s.Parts[0]} },
		"a kind that is none":    func(s *sheet.Sheet) { s.Kind = "consents" },
		"an answer to nothing":   func(s *sheet.Sheet) { s.Re = nil },
		"more after a part's text": func(s *sheet.Sheet) {
			s.Parts = slices.Clone(s.Parts)
			s.Parts[0].Bytes = append(slices.Clone(s.Parts[0].Bytes), ' ')
		},
	} {
		x := s
		change(&x)
		if _, err := sheet.Parse(x.Text()); err == nil {
			t.Errorf("%s is read", name)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(consent(f, "He may come.").Text())
	f.Add([]byte(sheet.First + "\nmission x\n\nwords a\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		s, err := sheet.Parse(in)
		if err == nil && !bytes.Equal(s.Text(), in) {
			t.Errorf("read, and printed otherwise:\n%q\n%q", in, s.Text())
		}
	})
}
