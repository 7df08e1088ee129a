package record

import (
	"math"
	"strings"
	"testing"
)

func TestEncodeWritesOneSpelling(t *testing.T) {
	type pair struct {
		List []int64          `json:"list"`
		Map  map[string]int64 `json:"map"`
	}
	v := pair{Map: map[string]int64{"e": 5, "b": 2, "a": 1, "d": 4, "c": 3}}
	for range 20 {
		got, err := Encode(v)
		if want := `{"list":[],"map":{"a":1,"b":2,"c":3,"d":4,"e":5}}`; err != nil || string(got) != want {
			t.Fatalf("Encode() = %s, %v, want %s", got, err, want)
		}
	}
}

func TestEncodeRefusesWhatDecodeWould(t *testing.T) {
	for name, v := range map[string]any{
		"an integer beyond 2^53":  []int64{1, MaxInt + 1},
		"an integer below -2^53":  []int64{-MaxInt - 1},
		"the largest uint64":      uint64(math.MaxUint64),
		"a float":                 1.5,
		"a large float":           1e30,
		"NaN":                     math.NaN(),
		"infinity":                math.Inf(1),
		"a string not in UTF-8":   "a\xff",
		"a key not in UTF-8":      map[string]int64{"\xff": 1},
		"a time beyond year 9999": maxTime + 1,
		"a channel":               make(chan int),
	} {
		if got, err := Encode(v); err == nil || got != nil {
			t.Errorf("%s: Encode() = %s, want an error", name, got)
		}
	}
	for _, v := range []int64{0, 1, -1, MaxInt, -MaxInt} {
		if _, err := Encode(v); err != nil {
			t.Errorf("Encode(%d): %v", v, err)
		}
	}
}

// The sentences reach people and are compared between programs: no Go types, no wording that
// changes from run to run, never longer because the text is.
func TestDecodeSaysWhatIsWrong(t *testing.T) {
	good, err := Encode(specimen{Text: "A", List: []int64{1}, Inner: inner{At: 1482094800}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, new, want string }{
		{`"n":0`, `"n":0.5`, "a number is not an integer within ±2^53"},
		{`"n":0`, `"n":"0"`, "not the expected JSON: a string stands where something else is expected, at /n"},
		{`"n":0`, `"n":{}`, "not the expected JSON: an object stands where something else is expected, at /n"},
		{`"n":0`, `"n":0,"n":0`, "not the expected JSON: a member is repeated, at /n"},
		{`"n":0`, `"m":0`, "not the expected JSON: a member is unknown, at /m"},
		{`"n":0`, `"n":null`, "not in its one spelling: differs from byte 5 on (a member missing, out of order or null, a space, or a second way to write a value)"},
		{`"n":0`, `"n":00`, "not the expected JSON: invalid character '0' after object value (expecting ',' or '}')"},
		{`"A"`, `"\ud800"`, "not the expected JSON: invalid surrogate pair"},
		{`"A"`, "\"\xff\"", "not the expected JSON: invalid UTF-8"},
		{`2016-12-18T21:00:00Z`, `yesterday`, `not the expected JSON: "yesterday" is not a time in UTC to the second, such as 2016-12-18T21:00:00Z, at /inner/at`},
		{strings.Repeat("0", 64), "00", `not the expected JSON: "00" is not 64 lower-case hex digits, at /inner/hash`},
		{`}}`, `}`, "not the expected JSON: the text ends too early"},
	} {
		var v specimen
		err := Decode([]byte(swap(string(good), c.old, c.new)), &v)
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s for %s: Decode says %v, want %s…", c.new, c.old, err, c.want)
		}
	}

	long := strings.Repeat("é", 1<<20)
	for _, text := range []string{
		swap(string(good), `"n":0`, `"n":"`+long+`"`),
		swap(string(good), `"n":0`, `"`+long+`":0`),
		swap(string(good), `2016-12-18T21:00:00Z`, long),
		swap(string(good), strings.Repeat("0", 64), long),
		swap(string(good), `[1]`, `[`+strings.Repeat("1,", 1<<20)+`"`+long+`"]`),
	} {
		var v specimen
		if err := Decode([]byte(text), &v); err == nil || len(err.Error()) > 500 {
			t.Errorf("for a text of %d bytes Decode says nothing, or more than 500 bytes: %.100v", len(text), err)
		}
	}
}

// Even a type that could hold a float gets none.
func TestDecodeReadsNoFloats(t *testing.T) {
	for _, text := range []string{"1.5", "1e+30", "1E30", "1e-7", "-0", "-1.5", "[1.5]", `{"a":1.5}`} {
		var f any
		if err := Decode([]byte(text), &f); err == nil {
			t.Errorf("%s is read as %v", text, f)
		}
	}
	var f float64
	if err := Decode([]byte("7"), &f); err != nil || f != 7 {
		t.Errorf("7 is read as %v, %v", f, err)
	}
}

// A value left over from before must not make up for a missing member.
func TestDecodeIntoAUsedValue(t *testing.T) {
	v := specimen{N: 7, Text: "A"}
	if err := Decode([]byte(`{"n":7}`), &v); err == nil {
		t.Error("Decode reads a text with members missing into a value that has them")
	}
	m := map[string]int64{"a": 1}
	if err := Decode([]byte(`{"b":2}`), &m); err == nil {
		t.Error("Decode adds to a map that is not empty")
	}
}

func TestRefusalError(t *testing.T) {
	var err error = Refuse("record.kind", "the kind %.3q is not a name", "A B C D")
	if got, want := err.Error(), `record.kind: the kind "A B" is not a name`; got != want {
		t.Errorf("Error() = %s, want %s", got, want)
	}
}
