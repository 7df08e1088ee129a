package record

import (
	"bytes"
	"errors"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"
)

// every has one of everything that a Reader reads itself.
type every struct {
	PartHead
	Text  string     `json:"text"`
	Word  word       `json:"word"`
	May   *word      `json:"may_be"`
	N     int64      `json:"n"`
	Yes   bool       `json:"yes"`
	At    Time       `json:"at"`
	Until *Time      `json:"until"`
	Days  [2]Time    `json:"days"`
	Of    *Hash      `json:"of"`
	Key   Hash       `json:"sha256"`
	Loads *int64     `json:"payloadType"`
	List  []twig     `json:"list"`
	Words []word     `json:"words"`
	More  *[2]string `json:"more"`
	Tree  *tree      `json:"tree"`
}

type twig struct {
	Name string  `json:"name"`
	Ns   []int64 `json:"ns"`
	ID   ID      `json:"id"`
	Any  []*twig `json:"any"`
}

// A tree holds itself.
type tree struct {
	Leaf *string `json:"leaf"`
	Of   []tree  `json:"of"`
}

// A word is one of two, and one that is not read as it is written.
type word string

func (w *word) UnmarshalText(b []byte) error {
	switch string(b) {
	case "yes", "no":
		*w = word(b)
	case "maybe":
		*w = "yes"
	default:
		return errors.New("not a word")
	}
	return nil
}

func full() every {
	n, s, t, of := int64(-9007199254740992), "a\"\\\b\f\n\r\t\u0001\u007fä𝄞", Time(1482094800), Fingerprint([]byte("of"))
	w := word("no")
	return every{
		PartHead: PartHead{ID{1}, "facts", ID{2}}, Text: s, Word: "yes", May: &w, N: MaxInt, Yes: true, At: t, Until: &t,
		Days: [2]Time{minTime, maxTime}, Of: &of, Key: Fingerprint([]byte("key")), Loads: &n,
		List:  []twig{{"", []int64{0, -1, 10}, ID{3}, []*twig{nil, {"x", []int64{}, ID{}, []*twig{}}}}, {"é", []int64{}, ID{}, []*twig{}}},
		Words: []word{"yes", "no"}, More: &[2]string{"1", "2"}, Tree: &tree{&s, []tree{{nil, []tree{}}}},
	}
}

// agrees holds a Reader against Decode: the same answer, the same value, the same words.
func agrees[T any](t *testing.T, r *Reader, text []byte) (read bool) {
	t.Helper()
	var got, want T
	err, wantErr := r.Decode(text, &got), Decode(text, &want)
	if (err == nil) != (wantErr == nil) || err != nil && err.Error() != wantErr.Error() {
		t.Fatalf("the reader answers %v, Decode %v:\n%s", err, wantErr, text)
	}
	if err == nil && !reflect.DeepEqual(got, want) {
		t.Fatalf("the reader reads %+v, Decode %+v:\n%s", got, want, text)
	}
	var v T
	s := scan{rest: text}
	if r.read(&s, reflect.ValueOf(&v).Elem()); s.end() != (wantErr == nil) {
		t.Fatalf("the reader itself reads it: %v, Decode answers %v:\n%s", s.end(), wantErr, text)
	}
	return err == nil
}

func TestReaderAgreesWithDecode(t *testing.T) {
	r := NewReader(reflect.TypeFor[every]())
	if !r.Scans() {
		t.Fatal("the reader leaves everything to Decode")
	}
	empty := every{List: []twig{}, Words: []word{}, Word: "no"}
	for _, v := range []every{full(), empty} {
		text, err := Encode(v)
		if err != nil || !agrees[every](t, r, text) {
			t.Fatalf("%s is not read: %v", text, err)
		}
		n := 0
		for changed := range changes(string(text)) {
			agrees[every](t, r, []byte(changed))
			n++
		}
		if n < 10000 {
			t.Errorf("only %d texts were tried", n)
		}
	}
	deep := []byte(`{"leaf":null,"of":[]}`)
	for range 500 {
		deep = append(append([]byte(`{"leaf":"x","of":[`), deep...), `]}`...)
	}
	if !agrees[tree](t, NewReader(reflect.TypeFor[tree]()), deep) {
		t.Error("a tree of 500 floors is not read")
	}
}

// What was in the value before is gone, whichever way the text was read.
func TestReaderReadsOver(t *testing.T) {
	r := NewReader(reflect.TypeFor[every]())
	want := every{List: []twig{}, Words: []word{}, Word: "no"}
	text, err := Encode(want)
	if err != nil {
		t.Fatal(err)
	}
	v := full()
	if err := r.Decode(text, &v); err != nil || !reflect.DeepEqual(v, want) {
		t.Errorf("read over another value it is %+v, %v", v, err)
	}
}

// What a Reader does not know how to scan, Decode reads.
func TestReaderLeavesToDecode(t *testing.T) {
	type optional struct {
		A string `json:"a,omitempty"`
	}
	type embedded struct {
		*twig
	}
	type nested struct {
		Of []map[string]int64 `json:"of"`
	}
	for _, v := range []any{
		map[string]int64{"a": 1}, 1.5, optional{"x"}, embedded{&twig{Ns: []int64{}, Any: []*twig{}}}, []byte("bytes"), [3]byte{1},
		time.Second, struct{}{}, nested{[]map[string]int64{{"a": 1}}}, struct{ A string }{"x"}, int32(3), struct {
			A string `json:"-"`
			B string `json:"b"`
		}{"", "b"}, struct {
			A **string `json:"a"`
		}{},
	} {
		typ := reflect.TypeOf(v)
		r := NewReader(typ)
		if r.Scans() {
			t.Errorf("%v is scanned", typ)
		}
		text, err := Encode(v)
		got, want := reflect.New(typ), reflect.New(typ)
		if err != nil {
			continue // a float
		}
		if a, b := r.Decode(text, got.Interface()), Decode(text, want.Interface()); (a == nil) != (b == nil) || !reflect.DeepEqual(got.Interface(), want.Interface()) {
			t.Errorf("%v: the reader answers %v, Decode %v", typ, a, b)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("a reader takes a value of another type")
		}
	}()
	NewReader(reflect.TypeFor[twig]()).Decode([]byte(`{}`), &every{})
}

func FuzzReader(f *testing.F) {
	r := NewReader(reflect.TypeFor[every]())
	for _, v := range []every{full(), {List: []twig{}, Words: []word{}, Word: "no"}} {
		text, err := Encode(v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
		f.Add(bytes.Replace(text, []byte(`"yes"`), []byte(`"maybe"`), 1))
		f.Add(bytes.Replace(text, []byte(`"yes"`), []byte(`"\u0079es"`), 1))
	}
	f.Fuzz(func(t *testing.T, text []byte) { agrees[every](t, r, text) })
}

// parseTime reads what package time reads, if it is written again as the same text.
func TestParseTimeAgreesWithTime(t *testing.T) {
	good := 0
	try := func(text string) {
		g, err := time.Parse(time.RFC3339, text)
		want := At(g)
		ok := err == nil && want >= minTime && want <= maxTime && want.String() == text
		if got, is := parseTime([]byte(text)); is != ok || ok && got != want {
			t.Fatalf("%q is read %v %d, want %v %d", text, is, got, ok, want)
		}
		if ok {
			good++
		}
	}
	for _, text := range []string{"0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2016-12-18T21:00:00Z", "2000-02-29T12:30:30Z"} {
		for changed := range changes(text) {
			try(changed)
		}
	}
	for year := range 10000 {
		for _, rest := range []string{"01-01T00:00:00Z", "02-28T23:59:59Z", "02-29T00:00:00Z", "03-01T10:20:30Z", "04-31T00:00:00Z", "12-31T23:59:60Z", "00-01T00:00:00Z", "13-01T00:00:00Z"} {
			try(strings.Repeat("0", 4-len(strconv.Itoa(year))) + strconv.Itoa(year) + "-" + rest)
		}
	}
	for month := 1; month <= 12; month++ {
		for day := range 33 {
			for _, year := range []string{"1900", "2000", "2023", "2024"} {
				try(year + "-" + strconv.Itoa(100 + month)[1:] + "-" + strconv.Itoa(100 + day)[1:] + "T24:00:00Z")
				try(year + "-" + strconv.Itoa(100 + month)[1:] + "-" + strconv.Itoa(100 + day)[1:] + "T07:08:09Z")
			}
		}
	}
	if good < 30000 {
		t.Errorf("only %d texts were times", good)
	}
}
