package compact

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"corridor.example/corridor/record"
)

var update = flag.Bool("update", false, "write testdata/vectors/compact.json anew")

const vectorsPath = "../../testdata/vectors/compact.json"

// A vector is a packed record, read by somebody who knows the missions and keys it lists.
type vector struct {
	Name     string   `json:"name"`
	Edition  int      `json:"edition"`
	Short    bool     `json:"short"`
	Line     *string  `json:"line"` // null where the packed bytes are refused
	Packed   string   `json:"packed"`
	Missions []string `json:"missions"`
	Keys     []string `json:"keys"`
	Messages []string `json:"messages"` // null if they are too many
	Codes    []string `json:"codes"`
	Rule     *string  `json:"rule"`
}

// TestVectors packs the same as the first edition did, whatever the dictionary has learnt since.
func TestVectors(t *testing.T) {
	first, _ := editionOf(1)
	seen := checkpoint
	var all []vector
	add := func(name string, r record.Record, short bool, packed []byte, rule string) {
		v := vector{Name: name, Edition: 1, Short: short, Packed: base64.StdEncoding.EncodeToString(packed), Messages: Message.Lines(packed), Codes: Code.Lines(packed)}
		v.Missions, v.Keys = []string{r.Header.Mission.String()}, []string{r.Header.Key.String()}
		if rule != "" {
			v.Rule = &rule
		} else {
			line := string(r.Line())
			v.Line = &line
		}
		all = append(all, v)
	}
	for _, x := range []struct {
		name string
		told
	}{
		{"departure", departure},
		{"departure with a checkpoint seen", told{departure.parts, &seen}},
		{"text in Arabic with every escape", told{map[string]string{"facts": "", "narrative": `,"text":"سلام \u0001 \"q\" \\ \b\f\n\r\t` + "\x7f\u2028" + `","lang":"ar"`}, nil}},
		{"numbers at their limits", told{map[string]string{"facts": `,"a":[0,31,32,-1,-33,9007199254740992,-9007199254740992]`}, nil}},
		{"members of no known object", told{map[string]string{"facts": `,"a":{"b":{},"c":[],"":true},"a\u0000b":false,"d":null`}, nil}},
		{"texts that are nearly something", told{map[string]string{"facts": `,"a":["0123456","01234567","ABCDEF0123","2016-02-29T00:00:00Z","2017-02-29T00:00:00Z","0000-01-01T00:00:00Z","0001-01-01T00:00:00Z"]`}, nil}},
		{"runs", told{map[string]string{"facts": `,"a":"first line\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nxAAAAAAAAAAAAAAAAAAAAAAAAA== 0123456789abcdef01 first line, first line"`}, nil}},
		{"parts that are not in one spelling", told{map[string]string{"facts": `, "a" : 1.5`, "count": `,"a":-0`, "where": `,`, "narrative": `,"a":"\u0041"`, "identity": `,"a":9007199254740993`}, nil}},
		{"media", told{map[string]string{"facts": "", "media": "\xff\xd8\xff picture \x00"}, nil}},
	} {
		r := sign(t, x.told)
		add(x.name, r, true, pack(r, true, first), "")
		add(x.name+", whole names", r, false, pack(r, false, first), "")
	}
	r := sign(t, departure)
	b := pack(r, false, first)
	change := func(i int, x byte) []byte {
		c := bytes.Clone(b)
		c[i] ^= x
		return c
	}
	add("another form", r, false, change(0, 3), "compact.form")
	add("an edition that nobody has", r, false, change(1, 0x7e), "compact.dictionary")
	add("an unknown flag", r, false, change(2, 0x80), "compact.form")
	add("another check", r, false, change(3, 1), "compact.check")
	add("another place", r, false, change(len(b)-20, 1), "compact.check")
	add("one byte less", r, false, b[:len(b)-1], "compact.form")
	add("one byte more", r, false, append(bytes.Clone(b), 0), "compact.form")
	add("the edition in two bytes", r, false, append([]byte{1, 0x81, 0}, b[2:]...), "compact.spelling")

	var want bytes.Buffer
	want.WriteString(`{"about":"Packed records: each is restored to its line, and packed again to the same bytes and lines of text.","cases":[` + "\n")
	for i, v := range all {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		want.Write(text)
		if i < len(all)-1 {
			want.WriteString(",")
		}
		want.WriteString("\n")
	}
	want.WriteString("]}\n")
	if *update {
		if err := os.WriteFile(vectorsPath, want.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(vectorsPath)
	if err != nil || !bytes.Equal(got, want.Bytes()) {
		t.Errorf("%s is not what this packs; no packing of an edition may ever change (%v)", vectorsPath, err)
	}
	for _, v := range all {
		packed, err := base64.StdEncoding.DecodeString(v.Packed)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Unpack(packed, knowing(r))
		switch {
		case v.Rule != nil && rule(err) != *v.Rule:
			t.Errorf("%s: %v, want %s", v.Name, err, *v.Rule)
		case v.Rule == nil && (err != nil || string(got.Line()) != *v.Line):
			t.Errorf("%s: %v", v.Name, err)
		}
	}
}
