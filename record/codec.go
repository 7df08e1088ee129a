package record

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"
)

// MaxInt is the largest magnitude of an integer in a record, 2^53, so that every language
// reads the same number (RFC 8259, section 6).
const MaxInt = 1 << 53

// Encode returns the one spelling of v: members in the order of the type, no spaces, no
// escapes beyond what RFC 8259, section 7, demands.
func Encode(v any) ([]byte, error) {
	return json.Marshal(v, json.FormatNilSliceAsNull(false))
}

// Decode reads text into v and refuses every text that is not the one spelling of what was
// read: unknown, missing, repeated or reordered members, spaces, floats, null where the type
// has no null, integers beyond MaxInt, invalid UTF-8 and lone surrogates.
func Decode(text []byte, v any) error {
	if err := integers(text); err != nil {
		return err
	}
	if err := json.Unmarshal(text, v, json.RejectUnknownMembers(true)); err != nil {
		return fmt.Errorf("not the expected JSON: %v", err)
	}
	again, err := Encode(v)
	if err != nil {
		return fmt.Errorf("not a value that can be written: %v", err)
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

var errInteger = errors.New("a number is not an integer within ±2^53")

// integers refuses numbers outside ±2^53 and floats; strings are stepped over.
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
			n := int64(0)
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
			i--
		}
	}
	return nil
}

// A Refusal says which rule a record breaks and what its author can do about it. It is an
// answer, not a fault: the same bytes will be refused for ever.
type Refusal struct {
	Rule   string `json:"rule"`   // stable name, noun.rule, the same in every program and translation
	Reason string `json:"reason"` // one sentence for the author
}

// Error returns the rule and the reason.
func (r *Refusal) Error() string { return r.Rule + ": " + r.Reason }

// Refuse returns a Refusal with a formatted reason.
func Refuse(rule, format string, args ...any) *Refusal {
	return &Refusal{Rule: rule, Reason: fmt.Sprintf(format, args...)}
}
