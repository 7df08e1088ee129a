package record

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// MaxInt is the largest magnitude of an integer in a record, 2^53, so that every language
// reads the same number (RFC 8259, section 6).
const MaxInt = 1 << 53

var (
	errInteger = errors.New("a number is not an integer within ±2^53")

	writing = json.JoinOptions(json.FormatNilSliceAsNull(false), json.Deterministic(true))
	reading = json.RejectUnknownMembers(true)
)

// Encode returns the one spelling of v: members in the order of the type, no spaces, no
// escapes beyond what RFC 8259, section 7, demands. A value that Decode could not read back,
// with a float or an integer beyond MaxInt in it or a string that is not UTF-8, is an error.
func Encode(v any) ([]byte, error) {
	text, err := json.Marshal(v, writing)
	if err != nil {
		return nil, fmt.Errorf("not a value that can be written: %s", explain(err))
	}
	if err := integers(text); err != nil {
		return nil, err
	}
	return text, nil
}

// Decode reads text into v and refuses every text that is not the one spelling of what was
// read: unknown, missing, repeated or reordered members, spaces, floats, null where the type
// has no null, integers beyond MaxInt, invalid UTF-8 and lone surrogates.
func Decode(text []byte, v any) error {
	if err := integers(text); err != nil {
		return err
	}
	if err := json.Unmarshal(text, v, reading); err != nil {
		return fmt.Errorf("not the expected JSON: %s", explain(err))
	}
	again, err := json.Marshal(v, writing)
	if err != nil {
		return fmt.Errorf("not a value that can be written: %s", explain(err))
	}
	if !bytes.Equal(again, text) {
		i := 0
		for i < len(again) && i < len(text) && again[i] == text[i] {
			i++
		}
		return fmt.Errorf("not in its one spelling: differs from byte %d on (a member missing, out of order or null, a space, or a second way to write a value)", i)
	}
	return nil
}

// integers refuses numbers outside ±2^53, floats and -0; strings are stepped over.
func integers(text []byte) error {
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			for i++; i < len(text) && text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
		case '0' <= c && c <= '9':
			n, minus := int64(0), i > 0 && text[i-1] == '-'
			for ; i < len(text); i++ {
				d := text[i]
				if d == '.' || d == 'e' || d == 'E' {
					return errInteger
				}
				if d < '0' || d > '9' {
					break
				}
				if n = n*10 + int64(d-'0'); n > MaxInt {
					return errInteger
				}
			}
			if n == 0 && minus {
				return errInteger
			}
			i--
		}
	}
	return nil
}

// explain says what the JSON package found wrong, in words that do not change from run to run
// (the package's own do, on purpose), without Go types, and never longer than a few lines.
func explain(err error) string {
	what, at := "it cannot be read", jsontext.Pointer("")
	var semantic *json.SemanticError
	var syntactic *jsontext.SyntacticError
	switch {
	case errors.As(err, &syntactic):
		at = syntactic.JSONPointer
		switch syntactic.Err {
		case nil:
		case jsontext.ErrDuplicateName:
			what = "a member is repeated"
		case io.ErrUnexpectedEOF:
			what = "the text ends too early"
		default:
			what = syntactic.Err.Error()
		}
	case errors.As(err, &semantic):
		at = semantic.JSONPointer
		switch {
		case semantic.Err == json.ErrUnknownName:
			what = "a member is unknown"
		case semantic.Err != nil:
			what = semantic.Err.Error()
		case kindNames[semantic.JSONKind] != "":
			what = kindNames[semantic.JSONKind] + " stands where something else is expected"
		}
	}
	if at != "" {
		what = short(what, 250) + ", at " + short(string(at), 100)
	}
	return short(what, 400)
}

var kindNames = map[jsontext.Kind]string{
	'n': "null", 't': "a boolean", 'f': "a boolean", '"': "a string", '0': "a number",
	'{': "an object", '[': "a list",
}

// short cuts s to at most n bytes of valid UTF-8 and says so with an ellipsis.
func short(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}
