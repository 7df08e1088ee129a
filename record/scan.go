package record

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"unicode/utf8"
)

// A scan reads a text of a known shape from front to back, token by token, and fails at the
// first byte that is not the one spelling of that shape. Envelopes and headers are read this
// way because every record passes here and Decode, which reads by reflection and writes the
// value again to compare, costs five times as much.
//
// A scan only ever hastens a yes: what it accepts, Decode accepts with the same value
// (FuzzParse and FuzzParseHeader check that); what it does not, Decode judges and explains.
type scan struct {
	rest []byte
	bad  bool
}

// scanLine reads a record's line. The parts are as written on the wire, nil for null.
func scanLine(text []byte) (e opened, parts [][]byte, ok bool) {
	s := scan{rest: text}
	s.take(`{"envelope":`)
	e = s.envelope()
	s.take(`,"parts":[`)
	room := make([]byte, 0, len(s.rest)) // all parts lie here, one behind the other
	for !s.bad && !s.has("]") {
		if len(parts) > 0 {
			s.take(",")
		}
		if s.has("null") {
			parts = append(parts, nil)
			continue
		}
		from := len(room)
		room = s.text(room)
		parts = append(parts, room[from:len(room):len(room)])
	}
	s.take("}")
	if !s.end() {
		return opened{}, nil, false
	}
	return e, parts, true
}

// scanEnvelope reads an envelope that travels alone.
func scanEnvelope(text []byte) (opened, bool) {
	s := scan{rest: text}
	e := s.envelope()
	return e, s.end()
}

// scanHeader reads a header. Its rules, such as the order of its parts, are not checked here.
func scanHeader(raw []byte) (Header, bool) {
	var h Header
	var room [512]byte
	s := scan{rest: raw}
	s.take(`{"v":`)
	h.V = s.integer()
	s.take(`,"mission":`)
	h.Mission = s.hash()
	s.take(`,"kind":`)
	h.Kind = string(s.text(room[:0]))
	s.take(`,"id":"`)
	s.hex(h.ID[:])
	s.take(`","by":`)
	h.By = string(s.text(room[:0]))
	s.take(`,"key":"`)
	s.hex(h.Key[:])
	s.take(`","seq":`)
	h.Seq = s.integer()
	s.take(`,"prev":`)
	h.Prev = s.hash()
	s.take(`,"at":"`)
	h.At = s.time()
	s.take(`","seen":`)
	if !s.has("null") {
		seen := string(s.text(room[:0]))
		h.Seen = &seen
	}
	s.take(`,"app":`)
	h.App = s.hash()
	s.take(`,"re":`)
	h.Re = s.hash()
	s.take(`,"parts":[`)
	h.Parts = make([]PartRef, 0, 4)
	for !s.bad && !s.has("]") {
		if len(h.Parts) > 0 {
			s.take(",")
		}
		var p PartRef
		s.take(`{"name":`)
		p.Name = partName(s.text(room[:0]))
		s.take(`,"sha256":"`)
		s.hex(p.SHA256[:])
		s.take(`"}`)
		h.Parts = append(h.Parts, p)
	}
	s.take(`,"nonce":"`)
	s.hex(h.Nonce[:])
	s.take(`"}`)
	return h, s.end()
}

// envelope reads a DSSE envelope of a record with one signature.
func (s *scan) envelope() (e opened) {
	s.take(`{"payload":"`)
	e.raw = s.base64()
	s.take(`","payloadType":"`)
	if e.typ = typeRecord; !s.has(typeRecord) {
		e.typ = typeExercise
		s.take(typeExercise)
	}
	s.take(`","signatures":[{"sig":"`)
	e.sig = s.base64()
	s.take(`"}]}`)
	s.bad = s.bad || len(e.sig) != ed25519.SignatureSize
	return e
}

var typeRecord, typeExercise = Type(PurposeRecord, false), Type(PurposeRecord, true)

// end reports whether the whole text was read and was right.
func (s *scan) end() bool { return !s.bad && len(s.rest) == 0 }

// fail makes every further read fail too.
func (s *scan) fail() { s.rest, s.bad = nil, true }

// has steps over t if it comes next.
func (s *scan) has(t string) bool {
	if len(s.rest) < len(t) || string(s.rest[:len(t)]) != t {
		return false
	}
	s.rest = s.rest[len(t):]
	return true
}

// take steps over t, which must come next.
func (s *scan) take(t string) {
	if !s.has(t) {
		s.fail()
	}
}

// hex reads as many lower-case hex digits as fill dst.
func (s *scan) hex(dst []byte) {
	n := 2 * len(dst)
	if len(s.rest) < n {
		s.fail()
		return
	}
	text, bad := s.rest[:n], byte(0)
	for i := range dst {
		high, low := hexDigits[text[2*i]], hexDigits[text[2*i+1]]
		bad |= high | low
		dst[i] = high<<4 | low&15
	}
	if s.rest = s.rest[n:]; bad > 15 {
		s.fail()
	}
}

// hexDigits is what each lower-case hex digit means, 255 for every other byte.
var hexDigits = func() (of [256]byte) {
	for c := range of {
		of[c] = 255
	}
	for i, c := range []byte("0123456789abcdef") {
		of[c] = byte(i)
	}
	return of
}()

// hash reads a hash in quotes, or null.
func (s *scan) hash() *Hash {
	if s.has("null") {
		return nil
	}
	h := new(Hash)
	s.take(`"`)
	s.hex(h[:])
	s.take(`"`)
	return h
}

// integer reads an integer within ±MaxInt.
func (s *scan) integer() int64 {
	minus := s.has("-")
	n, i := int64(0), 0
	for i < len(s.rest) && '0' <= s.rest[i] && s.rest[i] <= '9' && n <= MaxInt {
		n = n*10 + int64(s.rest[i]-'0')
		i++
	}
	if i == 0 || n > MaxInt || s.rest[0] == '0' && (i > 1 || minus) {
		s.fail()
		return 0
	}
	s.rest = s.rest[i:]
	if minus {
		return -n
	}
	return n
}

// time reads a Time without its quotes.
func (s *scan) time() (t Time) {
	const n = len("2016-12-18T21:00:00Z")
	if len(s.rest) < n || t.UnmarshalText(s.rest[:n]) != nil {
		s.fail()
		return 0
	}
	s.rest = s.rest[n:]
	return t
}

// base64 reads standard base64 up to the quote that ends it.
func (s *scan) base64() []byte {
	n := bytes.IndexByte(s.rest, '"')
	if n < 0 {
		s.fail()
		return nil
	}
	b, err := strictBase64(s.rest[:n])
	if err != nil {
		s.fail()
		return nil
	}
	s.rest = s.rest[n:]
	return b
}

// plain reads a string with its quotes and returns what it says, as a piece of the text where
// nothing in it is escaped.
func (s *scan) plain() []byte {
	if len(s.rest) == 0 || s.rest[0] != '"' {
		s.fail()
		return nil
	}
	b := s.rest[1:]
	ascii := byte(0)
	for i, c := range b {
		switch {
		case c == '"':
			if ascii >= utf8.RuneSelf && !utf8.Valid(b[:i]) {
				s.fail()
				return nil
			}
			s.rest = b[i+1:]
			return b[:i:i]
		case c == '\\' || c < ' ':
			return s.text(nil)
		}
		ascii |= c
	}
	s.fail()
	return nil
}

// text reads a string with its quotes and appends what it says to dst. Its one spelling is
// UTF-8 in which only the quote, the backslash and the control characters are escaped, those
// that have a short escape by it and the rest as \u00 and two lower-case hex digits.
func (s *scan) text(dst []byte) []byte {
	s.take(`"`)
	from := len(dst)
	b, i := s.rest, 0
	for {
		j := i
		for j < len(b) && b[j] >= ' ' && b[j] != '"' && b[j] != '\\' {
			j++
		}
		dst = append(dst, b[i:j]...)
		if j == len(b) || b[j] < ' ' {
			s.fail()
			return dst
		}
		if b[j] == '"' {
			if !utf8.Valid(dst[from:]) {
				s.fail()
				return dst
			}
			s.rest = b[j+1:]
			return dst
		}
		c, n := unescape(b[j+1:])
		if n == 0 {
			s.fail()
			return dst
		}
		dst = append(dst, c)
		i = j + 1 + n
	}
}

// unescape reads what follows a backslash: the character meant and the number of bytes read,
// 0 if it is not the one escape of that character.
func unescape(b []byte) (c byte, n int) {
	if len(b) == 0 {
		return 0, 0
	}
	switch b[0] {
	case '"', '\\':
		return b[0], 1
	case 'b':
		return '\b', 1
	case 'f':
		return '\f', 1
	case 'n':
		return '\n', 1
	case 'r':
		return '\r', 1
	case 't':
		return '\t', 1
	}
	var v [1]byte
	if len(b) < 5 || string(b[:3]) != "u00" || !isHex(b[3:5], 2) {
		return 0, 0
	}
	hex.Decode(v[:], b[3:5])
	if v[0] >= ' ' || bytes.IndexByte([]byte("\b\f\n\r\t"), v[0]) >= 0 {
		return 0, 0
	}
	return v[0], 5
}
