package sheet

import (
	"bytes"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// A Line is one member of a text as a person reads it: its name, such as act.of or
// claims[2].text, and its value.
type Line struct{ Name, Value string }

// Read returns the reading of one JSON object, in its order. What is no JSON reads as one line
// that says so.
func Read(object []byte) []Line {
	d := jsontext.NewDecoder(bytes.NewReader(object))
	var list []Line
	if !read(d, "", &list) || d.InputOffset() != int64(len(object)) {
		return []Line{{"not JSON", strconv.QuoteToASCII(string(object[:min(len(object), 200)]))}}
	}
	return list
}

// read reads the next value, whose name is given.
func read(d *jsontext.Decoder, name string, list *[]Line) bool {
	t, err := d.ReadToken()
	if err != nil {
		return false
	}
	say := func(value string) bool {
		*list = append(*list, Line{name, value})
		return true
	}
	switch t.Kind() {
	case 'n':
		return say("not said")
	case 't':
		return say("yes")
	case 'f':
		return say("no")
	case '0':
		return say(t.String())
	case '"':
		return say(plain(t.String()))
	case '{':
		return members(d, name, list)
	case '[':
		return items(d, name, list)
	}
	return false
}

func members(d *jsontext.Decoder, name string, list *[]Line) bool {
	if d.PeekKind() == '}' {
		*list = append(*list, Line{name, "nothing"})
	}
	for d.PeekKind() != '}' {
		t, err := d.ReadToken()
		if err != nil {
			return false
		}
		inner := plain(t.String())
		if name != "" {
			inner = name + "." + inner
		}
		if !read(d, inner, list) {
			return false
		}
	}
	_, err := d.ReadToken()
	return err == nil
}

func items(d *jsontext.Decoder, name string, list *[]Line) bool {
	if d.PeekKind() == ']' {
		*list = append(*list, Line{name, "none"})
	}
	for i := 1; d.PeekKind() != ']'; i++ {
		if !read(d, name+"["+strconv.Itoa(i)+"]", list) {
			return false
		}
	}
	_, err := d.ReadToken()
	return err == nil
}

// plain writes text as it stands where nothing in it could be taken for something else, and in
// quotes with escapes where it could: line ends, characters that are not seen or that turn the
// direction of writing, spaces at an end, and texts that read like a number or an absence.
func plain(s string) string {
	switch s {
	case "", "not said", "none", "nothing", "yes", "no":
		return strconv.Quote(s)
	}
	if _, err := strconv.ParseFloat(s, 64); err == nil || strings.TrimSpace(s) != s || s[0] == '"' || !utf8.ValidString(s) {
		return strconv.Quote(s)
	}
	for _, r := range s {
		if !unicode.IsPrint(r) && r != '\u200c' && r != '\u200d' { // the joiners belong to how words are written
			return strconv.Quote(s)
		}
	}
	return s
}
