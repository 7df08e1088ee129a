package compact

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"strconv"

	"corridor.example/corridor/record"
)

// What a packed value begins with. Small ones are one byte altogether.
const (
	opWord    = 0x00 // to 0x7f: a word of the dictionary
	opString  = 0x80 // to 0x9f: a string of so many bytes
	opInt     = 0xa0 // to 0xbf: an integer from 0 to 31
	opList    = 0xc0 // to 0xcf: a list of so many values
	opNull    = 0xd0
	opFalse   = 0xd1
	opTrue    = 0xd2
	opWords   = 0xd3 // uvarint: a word from 128 on
	opStrings = 0xd4 // uvarint n: a string of 32 + n bytes
	opInts    = 0xd5 // uvarint n: 32 + n
	opMinus   = 0xd6 // uvarint n: -1 - n
	opLists   = 0xd7 // uvarint n: a list of 16 + n values
	opShape   = 0xd8 // uvarint: an object with the members of a shape of the dictionary
	opObject  = 0xd9 // uvarint n: an object; n times its member's name and value
	opHex     = 0xda // uvarint n: a string of 2n lower-case hex digits, as n bytes
	opTime    = 0xdb // signed: a time as seconds after the record's own
	opRuns    = 0xdc // uvarint n, n runs: a text with hex or base64 in it (runs.go)
	opRaw     = 0xdd // uvarint n: the rest of a part, as it stands
)

const (
	maxDepth = 32 // of lists and objects in each other
	maxInt   = record.MaxInt
	hexFrom  = 8 // digits from which a string is packed as hex
)

func appendUint(b []byte, n uint64) []byte { return binary.AppendUvarint(b, n) }

func appendInt(b []byte, n int64) []byte { return binary.AppendVarint(b, n) }

// A packer packs values with one edition of the dictionary.
type packer struct {
	edition edition
	at      record.Time // the record's, from which times are counted
}

// A source is JSON text being read. Whatever it cannot read is carried as it stands.
type source struct {
	text []byte
	at   int
}

func (s *source) has(c byte) bool {
	if s.at < len(s.text) && s.text[s.at] == c {
		s.at++
		return true
	}
	return false
}

func (s *source) word(w string) bool {
	if bytes.HasPrefix(s.text[s.at:], []byte(w)) {
		s.at += len(w)
		return true
	}
	return false
}

// value packs the JSON value at the source; false if it is none in its one spelling.
func (p packer) value(b []byte, s *source, depth int) ([]byte, bool) {
	if s.at == len(s.text) || depth > maxDepth {
		return nil, false
	}
	switch c := s.text[s.at]; {
	case c == '"':
		t, ok := s.string()
		return p.text(b, t), ok
	case c == '{':
		return p.object(b, s, depth)
	case c == '[':
		return p.list(b, s, depth)
	case c == '-' || '0' <= c && c <= '9':
		return p.number(b, s)
	case s.word("null"):
		return append(b, opNull), true
	case s.word("false"):
		return append(b, opFalse), true
	case s.word("true"):
		return append(b, opTrue), true
	}
	return nil, false
}

func (p packer) object(b []byte, s *source, depth int) ([]byte, bool) {
	s.at++
	var names [][]byte
	var values []int // where each ends in all
	var all []byte
	for !s.has('}') {
		if len(names) > 0 && !s.has(',') || s.at == len(s.text) || s.text[s.at] != '"' {
			return nil, false
		}
		name, ok := s.string()
		if !ok || !s.has(':') {
			return nil, false
		}
		if all, ok = p.value(all, s, depth+1); !ok {
			return nil, false
		}
		names, values = append(names, name), append(values, len(all))
	}
	if n, ok := p.edition.shape(names); ok {
		return append(appendUint(append(b, opShape), n), all...), true
	}
	b = appendUint(append(b, opObject), uint64(len(names)))
	from := 0
	for i, name := range names {
		b = append(p.text(b, name), all[from:values[i]]...)
		from = values[i]
	}
	return b, true
}

func (p packer) list(b []byte, s *source, depth int) ([]byte, bool) {
	s.at++
	n := uint64(0)
	var all []byte
	for ok := true; !s.has(']'); n++ {
		if n > 0 && !s.has(',') {
			return nil, false
		}
		if all, ok = p.value(all, s, depth+1); !ok {
			return nil, false
		}
	}
	return append(appendSmall(b, opList, 16, opLists, n), all...), true
}

func (p packer) number(b []byte, s *source) ([]byte, bool) {
	from, minus := s.at, s.has('-')
	digits := s.at
	n := uint64(0)
	for ; s.at < len(s.text) && '0' <= s.text[s.at] && s.text[s.at] <= '9'; s.at++ {
		if n = n*10 + uint64(s.text[s.at]-'0'); n > maxInt {
			return nil, false
		}
	}
	if strconv.FormatUint(n, 10) != string(s.text[digits:s.at]) || minus && n == 0 || s.at == from {
		return nil, false
	}
	if minus {
		return appendUint(append(b, opMinus), n-1), true
	}
	return appendSmall(b, opInt, 32, opInts, n), true
}

// appendSmall writes a number below n into the operation itself.
func appendSmall(b []byte, op byte, n uint64, beyond byte, v uint64) []byte {
	if v < n {
		return append(b, op+byte(v))
	}
	return appendUint(append(b, beyond), v-n)
}

var escapes = map[byte]byte{'"': '"', '\\': '\\', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// string reads a JSON string with no escape but those that must be.
func (s *source) string() ([]byte, bool) {
	b := []byte{}
	for s.at++; s.at < len(s.text); s.at++ {
		switch c := s.text[s.at]; {
		case c == '"':
			s.at++
			return b, true
		case c < ' ':
			return nil, false
		case c != '\\':
			b = append(b, c)
		default:
			x, n := unescape(s.text[s.at:])
			if n == 0 {
				return nil, false
			}
			b = append(b, x)
			s.at += n - 1
		}
	}
	return nil, false
}

// unescape reads one escape and returns how long it is, 0 if it is none that must be.
func unescape(t []byte) (c byte, n int) {
	if len(t) < 2 {
		return 0, 0
	}
	if c := escapes[t[1]]; c != 0 {
		return c, 2
	}
	if len(t) < 6 || string(t[1:4]) != "u00" {
		return 0, 0
	}
	v, err := hex.DecodeString(string(t[4:6]))
	if err != nil || string(appendEscape(nil, v[0])) != string(t[:6]) {
		return 0, 0
	}
	return v[0], 6
}

// appendEscape writes one byte of a string as JSON has it.
func appendEscape(b []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\b':
		return append(b, `\b`...)
	case '\f':
		return append(b, `\f`...)
	case '\n':
		return append(b, `\n`...)
	case '\r':
		return append(b, `\r`...)
	case '\t':
		return append(b, `\t`...)
	}
	if c < ' ' {
		return hex.AppendEncode(append(b, `\u00`...), []byte{c})
	}
	return append(b, c)
}

// text packs a string in the first way that fits it.
func (p packer) text(b, t []byte) []byte {
	if n, ok := p.edition.word(t); ok {
		return appendSmall(b, opWord, 128, opWords, n)
	}
	if len(t) >= hexFrom && len(t)%2 == 0 && hexDigits(t) == len(t) {
		b = appendUint(append(b, opHex), uint64(len(t)/2))
		b, _ = hex.AppendDecode(b, t) // digits alone
		return b
	}
	var at record.Time
	if at.UnmarshalText(t) == nil {
		return appendInt(append(b, opTime), int64(at-p.at))
	}
	plain := append(appendSmall(nil, opString, 32, opStrings, uint64(len(t))), t...)
	if packed := packRuns(t); len(packed) < len(plain) {
		return append(b, packed...)
	}
	return append(b, plain...)
}

// hexDigits counts the lower-case hex digits that t begins with.
func hexDigits(t []byte) int {
	for i, c := range t {
		if !('0' <= c && c <= '9' || 'a' <= c && c <= 'f') {
			return i
		}
	}
	return len(t)
}

// An unpacker reads packed bytes. After the first fault it is bad and reads zeros.
type unpacker struct {
	edition edition
	at      record.Time
	rest    []byte
	bad     bool
}

func (u *unpacker) take(n int) []byte {
	if u.bad || n < 0 || n > len(u.rest) {
		u.bad = true
		return make([]byte, min(max(n, 0), 64))
	}
	b := u.rest[:n]
	u.rest = u.rest[n:]
	return b
}

func (u *unpacker) byte() byte { return u.take(1)[0] }

// uint reads a uvarint of at most MaxInt.
func (u *unpacker) uint() uint64 {
	n, size := binary.Uvarint(u.rest)
	if size <= 0 || n > maxInt {
		u.bad = true
		return 0
	}
	u.take(size)
	return n
}

func (u *unpacker) int() int64 {
	n := u.uint()
	return int64(n>>1) ^ -int64(n&1)
}

// size reads the number of bytes that follow.
func (u *unpacker) size() int { return int(min(u.uint(), MaxBytes+1)) }

// text reads a packed string.
func (u *unpacker) text() []byte {
	switch op := u.byte(); {
	case op < opString:
		return u.word(uint64(op))
	case op < opInt:
		return u.take(int(op - opString))
	case op == opWords:
		return u.word(u.uint() + 128)
	case op == opStrings:
		return u.take(u.size() + 32)
	case op == opHex:
		return hex.AppendEncode(nil, u.take(u.size()))
	case op == opTime:
		t, err := (u.at + record.Time(u.int())).MarshalText()
		u.bad = u.bad || err != nil
		return t
	case op == opRuns:
		return u.runs()
	}
	u.bad = true
	return nil
}

func (u *unpacker) word(n uint64) []byte {
	w, ok := u.edition.wordAt(n)
	u.bad = u.bad || !ok
	return []byte(w)
}

// value restores the JSON text of a packed value.
func (u *unpacker) value(b []byte, depth int) []byte {
	if u.bad || depth > maxDepth || len(b) > record.MaxPart || len(u.rest) == 0 {
		u.bad = true
		return b
	}
	switch op := u.rest[0]; {
	case op < opInt, op == opWords, op == opStrings, op == opHex, op == opTime, op == opRuns:
		return quote(b, u.text())
	case op < opList:
		u.byte()
		return strconv.AppendUint(b, uint64(op-opInt), 10)
	case op < opNull:
		u.byte()
		return u.list(b, uint64(op-opList), depth)
	}
	switch u.byte() {
	case opNull:
		return append(b, "null"...)
	case opFalse:
		return append(b, "false"...)
	case opTrue:
		return append(b, "true"...)
	case opInts:
		return strconv.AppendUint(b, u.uint()+32, 10)
	case opMinus:
		return strconv.AppendInt(b, -1-int64(u.uint()), 10)
	case opLists:
		return u.list(b, u.uint()+16, depth)
	case opShape:
		names, ok := u.edition.shapeAt(u.uint())
		u.bad = u.bad || !ok
		return u.object(b, uint64(len(names)), func(i uint64) []byte { return []byte(names[i]) }, depth)
	case opObject:
		return u.object(b, u.uint(), func(uint64) []byte { return u.text() }, depth)
	}
	u.bad = true
	return b
}

func (u *unpacker) list(b []byte, n uint64, depth int) []byte {
	b = append(b, '[')
	for i := uint64(0); i < n && !u.bad; i++ {
		if i > 0 {
			b = append(b, ',')
		}
		b = u.value(b, depth+1)
	}
	return append(b, ']')
}

func (u *unpacker) object(b []byte, n uint64, name func(uint64) []byte, depth int) []byte {
	b = append(b, '{')
	for i := uint64(0); i < n && !u.bad; i++ {
		if i > 0 {
			b = append(b, ',')
		}
		b = u.value(append(quote(b, name(i)), ':'), depth+1)
	}
	return append(b, '}')
}

// quote writes a string as JSON has it.
func quote(b, t []byte) []byte {
	b = append(b, '"')
	for _, c := range t {
		b = appendEscape(b, c)
	}
	return append(b, '"')
}
