package compact

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"corridor.example/corridor/record"
)

// A few bytes travel as lines of text that may arrive in any order, twice, and with other text
// around them. A line is a head and a piece; the pieces of all lines in their order are the
// armour of the bytes.
//
//	message  c:<n><of><check><piece>   n and of are one digit, the check four signs of base64url;
//	         the pieces are base64url without padding. All signs are of the GSM 7-bit alphabet
//	code     C:<n><of><check><piece>   n and of are two digits, the check six of hexadecimal;
//	         the pieces are base32 without padding. All signs are of a QR code's alphanumeric mode
//
// The check is the first three bytes of the SHA-256 of all the bytes. It tells messages apart
// and shows that something was changed on the way; it proves nothing.
type Form struct {
	head   string
	digits int // of n and of
	max    int // lines
	check  func([]byte) string
	armour func([]byte) string
	open   func(string) ([]byte, error)
	Width  int // signs of one line, as it is made here
}

// The forms there are.
var (
	// Message is for text messages of 160 signs.
	Message = Form{
		head: "c:", digits: 1, max: 9, Width: 160,
		check:  base64.RawURLEncoding.EncodeToString,
		armour: base64.RawURLEncoding.EncodeToString,
		open:   base64.RawURLEncoding.Strict().DecodeString,
	}
	// Code is for QR codes in their alphanumeric mode; 1,000 signs make one that a telephone
	// reads from a screen (version 22 at correction level L).
	Code = Form{
		head: "C:", digits: 2, max: 99, Width: 1000,
		check:  func(b []byte) string { return strings.ToUpper(hex.EncodeToString(b)) },
		armour: base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString,
		open:   base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString,
	}
)

// MaxLines bounds the bytes that a text of lines is read from.
const MaxLines = 1 << 20

func (f Form) headLen() int { return len(f.head) + 2*f.digits + len(f.check(make([]byte, 3))) }

// Lines cuts bytes into lines of the form; nil if they are too many for it.
func (f Form) Lines(b []byte) []string {
	sum := sha256.Sum256(b)
	text, size := f.armour(b), f.Width-f.headLen()
	of := max(1, (len(text)+size-1)/size)
	if of > f.max {
		return nil
	}
	lines := make([]string, 0, of)
	for i := range of {
		lines = append(lines, fmt.Sprintf("%s%0*d%0*d%s%s", f.head, f.digits, i+1, f.digits, of, f.check(sum[:3]), text[i*size:min((i+1)*size, len(text))]))
	}
	return lines
}

var (
	messageLine = regexp.MustCompile(`\bc:([1-9])([1-9])([A-Za-z0-9_-]{4})([A-Za-z0-9_-]+)`)
	codeLine    = regexp.MustCompile(`\bC:([0-9]{2})([0-9]{2})([0-9A-F]{6})([A-Z2-7]+)`)
)

// Joined is what lines of one check gave.
type Joined struct {
	Check string // as it stands in the lines
	Bytes []byte // nil if they are not whole
	Err   error  // a *record.Refusal: what is missing or does not fit
}

// Join finds the lines in a text, of both forms, and joins what belongs together, in the order
// in which the first line of each stands there. The text is at most MaxLines bytes.
func Join(text string) ([]Joined, error) {
	if len(text) > MaxLines {
		return nil, record.Refuse("compact.size", "the text has %d bytes; at most %d are read", len(text), MaxLines)
	}
	type message struct {
		form   Form
		check  string
		of     int
		pieces map[int]string
		clash  bool
	}
	var all []*message
	for _, form := range []struct {
		Form
		line *regexp.Regexp
	}{{Message, messageLine}, {Code, codeLine}} {
		for _, m := range form.line.FindAllStringSubmatch(text, -1) {
			n, _ := strconv.Atoi(m[1]) // digits alone
			of, _ := strconv.Atoi(m[2])
			if n < 1 || n > of {
				continue // no line of ours
			}
			i := slices.IndexFunc(all, func(x *message) bool { return x.form.head == form.head && x.check == m[3] && x.of == of })
			if i < 0 {
				i = len(all)
				all = append(all, &message{form: form.Form, check: m[3], of: of, pieces: map[int]string{}})
			}
			if had, ok := all[i].pieces[n]; ok && had != m[4] {
				all[i].clash = true
			}
			all[i].pieces[n] = m[4]
		}
	}
	joined := make([]Joined, 0, len(all))
	for _, x := range all {
		j := Joined{Check: x.check}
		var pieces, missing []string
		for n := 1; n <= x.of; n++ {
			if p, ok := x.pieces[n]; ok {
				pieces = append(pieces, p)
			} else {
				missing = append(missing, strconv.Itoa(n))
			}
		}
		b, err := x.form.open(strings.Join(pieces, ""))
		sum := sha256.Sum256(b)
		switch {
		case x.clash:
			j.Err = record.Refuse("compact.parts", "one of the lines with the check %s is here twice and differently; send them again", x.check)
		case len(missing) > 0:
			j.Err = record.Refuse("compact.parts", "of %d lines with the check %s these are missing: %s", x.of, x.check, strings.Join(missing, ", "))
		case err != nil || x.form.check(sum[:3]) != x.check:
			j.Err = record.Refuse("compact.check", "the lines with the check %s were changed on the way", x.check)
		default:
			j.Bytes = b
		}
		joined = append(joined, j)
	}
	return joined, nil
}
