package compact

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"testing"

	"corridor.example/corridor/record"
)

var testKey = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))

const checkpoint = "corridor.invalid/9f86d081884c7d659a2feaa0c55ad015\n6\n6YBx+UxE/6wZvpzhFHi+yDcTXGPMy4HPffqZrcR/IOA=\n\n" +
	"— corridor.invalid/9f86d081884c7d659a2feaa0c55ad015 LbLH+uqXW1GtjkBxrDc5/OHXCJym5K4LvGKGObyrmFsFq8Nc+6wNptVjFVmD4qF0lQnCwEL4he5xq52XEsWNYNmTbA0=\n" +
	"— witness.example/w1 kKiUQwAAAABYUH1w+sa/Nc+HHD2EB0iosEcSrYska0J0i8X1b/ZUZ4rA4tgkNBiB2qTICZMqzC1U5PYPezwJiV+aG5Zv8kXZjJGnCQ==\n"

// A told is what a test record is made of: the members of each part, "" for none.
type told struct {
	parts map[string]string
	seen  *string
}

var departure = told{parts: map[string]string{
	"facts": `,"convoy":"A-07","leg":"A","when":["2016-12-18T20:58:00Z","2016-12-18T20:58:00Z"],"basis":"observed","via":null`,
	"count": `,"sums":[{"unit":"people","total":122,"sharp":"exactly","cells":[{"of":"not-distinguished","n":122}],"of_which":[],"method":"tally","load":null,"declared_by":null,"cut_off":null},{"unit":"bus","total":3,"sharp":"exactly","cells":[],"of_which":[],"method":"tally","load":null,"declared_by":null,"cut_off":null}]`,
	"where": `,"place":"ramouseh-crossing","to":"rashidin","point":{"lat":361234567,"lon":371234567},"accuracy":12`,
}}

func nonce(s string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(s)))[:32] }

func sign(t testing.TB, x told) record.Record {
	t.Helper()
	h := record.Header{Kind: "departure", By: "mina", Seq: 12, At: 1482094800, Seen: x.seen, ID: record.ID{1, 2, 3}, Nonce: record.ID{9}}
	mission, prev := record.Hash(sha256.Sum256([]byte("mission"))), record.Hash(sha256.Sum256([]byte("prev")))
	app := record.Hash(sha256.Sum256([]byte("app")))
	h.Mission, h.Prev, h.App = &mission, &prev, &app
	var parts []record.Part
	for _, name := range record.PartNames {
		if s, ok := x.parts[name]; ok && name == "media" {
			parts = append(parts, record.Part{Name: name, Bytes: []byte("corridor-media/v1 " + h.ID.String() + " " + nonce(name) + " image/jpeg\n" + s)})
		} else if ok {
			parts = append(parts, record.Part{Name: name, Bytes: []byte(`{"id":"` + h.ID.String() + `","part":"` + name + `","nonce":"` + nonce(name) + `"` + s + "}")})
		}
	}
	r, err := record.Sign(testKey, true, h, parts)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// knowing knows the mission and the key of a record.
func knowing(r record.Record) Known {
	of := func(h record.Hash) func([]byte) []record.Hash {
		return func(prefix []byte) []record.Hash {
			if !bytes.HasPrefix(h[:], prefix) {
				return nil
			}
			return []record.Hash{h}
		}
	}
	k := Known{Key: of(r.Header.Key)}
	if r.Header.Mission != nil {
		k.Mission = of(*r.Header.Mission)
	}
	return k
}

func TestPackRestoresEveryByte(t *testing.T) {
	seen := checkpoint
	esc := `\u0001 \"quoted\" \\ \t\r\n` + "\x7f \u2028 سلام"
	for name, x := range map[string]told{
		"departure":               departure,
		"seen":                    {departure.parts, &seen},
		"odd text":                {map[string]string{"facts": "", "narrative": `,"text":"` + esc + `","n":-5,"m":9007199254740992,"k":-9007199254740992,"x":{},"y":[],"a\u0000b":1,"":{"":0}`}, nil},
		"not in its one spelling": {map[string]string{"facts": `, "a" : 1.5e3`, "count": `,"a":-0`, "where": `,`, "who": `x`, "narrative": `,"a":"\u0041"`, "identity": `,"a":9007199254740993`}, nil},
		"deep":                    {map[string]string{"facts": `,"a":` + strings.Repeat("[", 40) + strings.Repeat("]", 40)}, nil},
		"long list":               {map[string]string{"facts": `,"a":[` + strings.Repeat("1,", 20) + `31,32,33]`}, nil},
		"hex":                     {map[string]string{"facts": `,"a":"0123456789abcdef","b":"0123456789abcde","c":"0123ABCDEF","d":"2016-12-18T20:58:00Z","e":"2016-02-30T20:58:00Z"`}, nil},
		"media":                   {map[string]string{"facts": "", "media": "\xff\xd8\xff picture \x00"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			r := sign(t, x)
			for _, short := range []bool{false, true} {
				b := Pack(r, short)
				got, err := Unpack(b, knowing(r))
				if err != nil {
					t.Fatalf("short %v: %v", short, err)
				}
				if !bytes.Equal(got.Line(), r.Line()) {
					t.Errorf("short %v: restored as\n%s\nwas\n%s", short, got.Line(), r.Line())
				}
			}
			for i := range r.Parts {
				less := r
				less.Parts = append([]record.Part{}, r.Parts...)
				less.Parts[i].Bytes = nil
				got, err := Unpack(Pack(less, false), Known{})
				if err != nil || !bytes.Equal(got.Line(), less.Line()) {
					t.Errorf("without part %s: %v", less.Parts[i].Name, err)
				}
			}
		})
	}
}

// TestDepartureInFourMessages: what an observer writes most fits four text messages.
func TestDepartureInFourMessages(t *testing.T) {
	r := sign(t, departure)
	b := Pack(r, true)
	lines := Message.Lines(b)
	t.Logf("%d bytes on the line, %d packed, %d with whole names, %d messages", len(r.Line()), len(b), len(Pack(r, false)), len(lines))
	if len(b) > 4*134 || len(lines) > 4 || lines == nil {
		t.Errorf("a departure takes %d bytes and %d messages", len(b), len(lines))
	}
	for _, l := range lines {
		if len(l) > 160 {
			t.Errorf("a message of %d signs", len(l))
		}
	}
	if n := len(Code.Lines(b)); n != 1 {
		t.Errorf("a departure takes %d QR codes", n)
	}
}

func rule(err error) string {
	var r *record.Refusal
	if errors.As(err, &r) {
		return r.Rule
	}
	return fmt.Sprint(err)
}

func TestUnpackRefuses(t *testing.T) {
	r := sign(t, departure)
	short, full := Pack(r, true), Pack(r, false)
	with := func(b []byte, i int, c byte) []byte {
		b = bytes.Clone(b)
		b[i] = c
		return b
	}
	for name, x := range map[string]struct {
		b     []byte
		known Known
		rule  string
	}{
		"nothing":            {nil, Known{}, "compact.form"},
		"another form":       {with(full, 0, 2), Known{}, "compact.form"},
		"a later dictionary": {with(full, 1, 100), Known{}, "compact.dictionary"},
		"edition nought":     {with(full, 1, 0), Known{}, "compact.dictionary"},
		"an unknown flag":    {with(full, 2, full[2]|0x80), Known{}, "compact.form"},
		"one byte less":      {full[:len(full)-1], Known{}, "compact.form"},
		"one byte more":      {append(bytes.Clone(full), 0), Known{}, "compact.form"},
		"the check changed":  {with(full, 3, full[3]^1), Known{}, "compact.check"},
		"a part changed":     {with(full, len(full)-1, full[len(full)-1]^1), Known{}, "compact.check"},
		"nothing known":      {short, Known{}, "compact.unknown"},
		"another key known":  {short, Known{Mission: knowing(r).Mission, Key: func([]byte) []record.Hash { return []record.Hash{{}} }}, "compact.check"},
		"a uvarint in two":   {append([]byte{1, full[1] | 0x80, 0}, full[2:]...), Known{}, "compact.spelling"},
		"too large":          {make([]byte, MaxBytes+1), Known{}, "compact.size"},
	} {
		if _, err := Unpack(x.b, x.known); rule(err) != x.rule {
			t.Errorf("%s: %v, want %s", name, err, x.rule)
		}
	}
}

// TestEveryChangedByteIsNoticed: the check of four bytes and the one spelling leave no byte free,
// but those of the signature, which whoever knows the key checks, and the number of the
// dictionary's edition: an earlier one that has every word of the record says the same.
func TestEveryChangedByteIsNoticed(t *testing.T) {
	r := sign(t, departure)
	b := Pack(r, true)
	for i := range b {
		if i >= 7 && i < 7+64 {
			continue
		}
		for _, x := range []byte{1, 0x80, 0xff} {
			b[i] ^= x
			got, err := Unpack(b, knowing(r))
			if i == 1 && err == nil && got.Hash == r.Hash {
				b[i] ^= x
				continue
			}
			if err == nil && got.Verify(testKey.Public().(ed25519.PublicKey)) == nil {
				t.Errorf("byte %d changed and still the record is read", i)
			}
			b[i] ^= x
		}
	}
}

func TestLines(t *testing.T) {
	r := sign(t, departure)
	b, other := Pack(r, true), []byte("something else that is carried")
	for name, f := range map[string]Form{"message": Message, "code": Code} {
		f.Width = 60
		if f.max == 9 {
			f.Width = 160
		}
		lines := f.Lines(b)
		var text string
		for i := len(lines) - 1; i >= 0; i-- { // backwards, twice, with words around
			text += "Forwarded: " + lines[i] + " \r\n" + lines[i] + "\n"
		}
		text += strings.Join(f.Lines(other), "\n")
		got, err := Join(text)
		if err != nil || len(got) != 2 || !bytes.Equal(got[0].Bytes, b) || !bytes.Equal(got[1].Bytes, other) {
			t.Fatalf("%s: %v %v", name, got, err)
		}
		got, err = Join(strings.Join(lines[1:], "\n"))
		if err != nil || len(got) != 1 || rule(got[0].Err) != "compact.parts" || got[0].Bytes != nil {
			t.Errorf("%s with its first line missing: %v %v", name, got, err)
		}
		bad := []byte(strings.Join(lines, "\n"))
		at := len(lines[0]) - 2
		bad[at] = map[bool]byte{true: 'B', false: 'A'}[bad[at] == 'A']
		got, err = Join(string(bad))
		if err != nil || len(got) != 1 || rule(got[0].Err) != "compact.check" {
			t.Errorf("%s with a sign changed: %v %v", name, got, err)
		}
		got, err = Join(string(bad) + "\n" + lines[0])
		if err != nil || len(got) != 1 || rule(got[0].Err) != "compact.parts" {
			t.Errorf("%s with a line that contradicts itself: %v %v", name, got, err)
		}
	}
	if Message.Lines(make([]byte, 2000)) != nil {
		t.Error("2,000 bytes are cut into more messages than can be numbered")
	}
	if _, err := Join(strings.Repeat("x", MaxLines+1)); rule(err) != "compact.size" {
		t.Errorf("a text that is too long: %v", err)
	}
	if got, err := Join("c:31AAAAAAAA c:no C:9901AAAAAAAA"); err != nil || len(got) != 0 {
		t.Errorf("what are no lines: %v %v", got, err)
	}
}

func TestDictionary(t *testing.T) {
	if got := dictionary.With(nil, nil); len(got.Editions) != len(dictionary.Editions) {
		t.Error("nothing new makes an edition")
	}
	got := dictionary.With([]string{"people", "never-heard-of"}, [][]string{{"a", "b"}})
	n := len(got.Editions)
	if n != len(dictionary.Editions)+1 || got.Editions[n-1] != (Edition{len(dictionary.Words) + 1, len(dictionary.Shapes) + 1}) {
		t.Errorf("editions %v", got.Editions)
	}
	again, err := ParseDictionary(got.Text())
	if err != nil || !bytes.Equal(again.Text(), got.Text()) {
		t.Errorf("written and read: %v", err)
	}
	for i, e := range dictionary.Editions {
		if i > 0 && (e.Words < dictionary.Editions[i-1].Words || e.Shapes < dictionary.Editions[i-1].Shapes) || e.Words > len(dictionary.Words) || e.Shapes > len(dictionary.Shapes) {
			t.Errorf("edition %d is not the beginning of the next", i+1)
		}
	}
	if newest.n != len(dictionary.Editions) || len(words) != len(dictionary.Words) || len(shapes) != len(dictionary.Shapes) {
		t.Error("a word or a shape stands twice, or there is no edition")
	}
}

// TestOlderEdition: what was packed before a word was known is read afterwards, as it was
// packed then.
func TestOlderEdition(t *testing.T) {
	r := sign(t, departure)
	none := edition{1, Edition{}}
	if b := pack(r, true, none); len(b) <= len(Pack(r, true)) {
		t.Errorf("without a dictionary %d bytes, with it %d", len(b), len(Pack(r, true)))
	}
}

func FuzzUnpack(f *testing.F) {
	seen := checkpoint
	r := sign(f, told{departure.parts, &seen})
	f.Add(Pack(r, true))
	f.Add(Pack(r, false))
	f.Add(Pack(sign(f, told{map[string]string{"facts": `,"a":[null,true,false,-3,500,"x\ny"]`, "media": "abc"}, nil}), false))
	known := knowing(r)
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := Unpack(b, known)
		if err != nil {
			var refusal *record.Refusal
			if !errors.As(err, &refusal) {
				t.Fatalf("%T %v", err, err)
			}
			return
		}
		if _, err := record.Parse(got.Line()); err != nil {
			t.Fatalf("restored what is no record: %v", err)
		}
	})
}

func FuzzPack(f *testing.F) {
	f.Add(`,"a":{"b":[1,"2016-12-18T20:58:00Z",null]}`)
	f.Add(`,"text":"corridor.invalid\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA 0123456789abcdef0123 corridor.invalid"`)
	f.Fuzz(func(t *testing.T, members string) {
		text := []byte(`{"id":"` + record.ID{1, 2, 3}.String() + `","part":"facts","nonce":"` + nonce("facts") + `"` + members + "}")
		var r record.Record
		var err error
		if r, err = record.Sign(testKey, true, record.Header{Kind: "x", By: "x", Seq: 1, ID: record.ID{1, 2, 3}}, []record.Part{{Name: "facts", Bytes: text}}); err != nil {
			return // no record
		}
		got, err := Unpack(Pack(r, false), Known{})
		if err != nil || !bytes.Equal(got.Line(), r.Line()) {
			t.Fatalf("%v\n%s", err, text)
		}
	})
}

func FuzzJoin(f *testing.F) {
	f.Add(strings.Join(Message.Lines([]byte("hello")), " ") + strings.Join(Code.Lines(make([]byte, 1500)), "\n"))
	f.Fuzz(func(t *testing.T, text string) {
		got, err := Join(text)
		for _, j := range got {
			if (j.Bytes == nil) == (j.Err == nil) && err == nil && len(j.Bytes) > 0 {
				t.Fatal("neither joined nor refused")
			}
		}
	})
}
