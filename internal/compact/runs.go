package compact

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"

	"corridor.example/corridor/record"
)

// The runs of a text with hex or base64 in it, such as a signed checkpoint: each is a uvarint of
// four times a length and the sort.
const (
	runPlain  = 0 // so many bytes of the text
	runBase64 = 1 // so many bytes, whose base64 stands there
	runHex    = 2 // so many bytes, whose hex stands there
	runFirst  = 3 // the text's first line once more, without its line feed; the length is 0
)

// Lengths from which something is worth a run of its own, in bytes of the text.
const (
	base64From = 24
	hexRunFrom = 16
	firstFrom  = 8
)

// packRuns packs a text as runs. From left to right, at each place the first of these is taken:
// the first line once more; where no sign of base64 stands before it, a whole run of such signs
// that is base64 in its one spelling; where no hex digit stands before it, hex digits in pairs.
func packRuns(t []byte) []byte {
	first, _, _ := bytes.Cut(t, []byte("\n"))
	var out []byte
	n, plain := uint64(0), 0
	run := func(to int, sort, size uint64, b []byte) {
		if to > plain {
			out = append(appendUint(out, uint64(to-plain)<<2|runPlain), t[plain:to]...)
			n++
		}
		if sort != runPlain {
			out = append(appendUint(out, size<<2|sort), b...)
			n++
		}
	}
	for i := 0; i < len(t); {
		fresh := i == plain // nothing plain stands before it
		if len(first) >= firstFrom && i >= len(first) && bytes.HasPrefix(t[i:], first) {
			run(i, runFirst, 0, nil)
			i += len(first)
			plain = i
			continue
		}
		if fresh || !base64Sign(t[i-1]) {
			size := base64Run(t[i:])
			if b := make([]byte, size/4*3); size >= base64From && size%4 == 0 {
				if k, err := base64.StdEncoding.Strict().Decode(b, t[i:i+size]); err == nil {
					run(i, runBase64, uint64(k), b[:k])
					i += size
					plain = i
					continue
				}
			}
		}
		if fresh || hexDigits(t[i-1:i]) == 0 {
			digits := hexDigits(t[i:])
			if size := digits &^ 1; size >= hexRunFrom {
				b, _ := hex.AppendDecode(nil, t[i:i+size]) // digits alone
				run(i, runHex, uint64(size/2), b)
				i += size
				plain = i
				continue
			}
			if digits > 1 {
				i += digits - 1
			}
		}
		i++
	}
	run(len(t), runPlain, 0, nil)
	return append(appendUint([]byte{opRuns}, n), out...)
}

func base64Sign(c byte) bool {
	return 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '+' || c == '/' || c == '='
}

// base64Run counts the signs of base64 that t begins with, its padding included.
func base64Run(t []byte) int {
	n := 0
	for n < len(t) && base64Sign(t[n]) && t[n] != '=' {
		n++
	}
	for pad := 0; pad < 2 && n < len(t) && t[n] == '='; pad++ {
		n++
	}
	return n
}

// runs restores a text.
func (u *unpacker) runs() []byte {
	var t []byte
	for n := u.uint(); n > 0 && !u.bad; n-- {
		if len(t) > record.MaxPart {
			u.bad = true
		}
		x := u.uint()
		size := int(min(x>>2, MaxBytes+1))
		switch x & 3 {
		case runPlain:
			t = append(t, u.take(size)...)
		case runBase64:
			t = base64.StdEncoding.AppendEncode(t, u.take(size))
		case runHex:
			t = hex.AppendEncode(t, u.take(size))
		case runFirst:
			first, _, _ := bytes.Cut(t, []byte("\n"))
			t = append(t, first...)
		}
	}
	return t
}
