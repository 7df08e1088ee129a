package record

import (
	"encoding/hex"
	"fmt"
	"time"
)

// A Hash is a SHA-256, written as 64 lower-case hex digits. As a record hash it is a
// record's name; as a key's fingerprint it is the SHA-256 of the 32-byte public key.
type Hash [32]byte

// An ID is 128 random bits, written as 32 lower-case hex digits.
type ID [16]byte

// String returns the 64 hex digits.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// Short returns the first eight hex digits, enough to point at a record on a page, never
// enough to prove one.
func (h Hash) Short() string { return hex.EncodeToString(h[:4]) }

// MarshalText returns the 64 hex digits.
func (h Hash) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, h[:]), nil }

// UnmarshalText reads 64 lower-case hex digits.
func (h *Hash) UnmarshalText(b []byte) error { return unhex(h[:], b) }

// String returns the 32 hex digits.
func (id ID) String() string { return hex.EncodeToString(id[:]) }

// MarshalText returns the 32 hex digits.
func (id ID) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, id[:]), nil }

// UnmarshalText reads 32 lower-case hex digits.
func (id *ID) UnmarshalText(b []byte) error { return unhex(id[:], b) }

// ParseHash reads 64 lower-case hex digits.
func ParseHash(s string) (h Hash, err error) { return h, h.UnmarshalText([]byte(s)) }

func unhex(dst, b []byte) error {
	if !isHex(string(b), 2*len(dst)) {
		return fmt.Errorf("%q is not %d lower-case hex digits", b, 2*len(dst))
	}
	_, err := hex.Decode(dst, b)
	return err
}

func isHex(s string, n int) bool {
	for _, c := range []byte(s) {
		if !('0' <= c && c <= '9' || 'a' <= c && c <= 'f') {
			return false
		}
	}
	return len(s) == n
}

// A Time is a moment in whole seconds since 1970-01-01 00:00:00 UTC, written in RFC 3339
// with Z, for example "2016-12-18T21:00:00Z". Years 0001 to 9999.
type Time int64

const timeLayout = "2006-01-02T15:04:05Z"

// At returns t cut to the second.
func At(t time.Time) Time { return Time(t.Unix()) }

// Go returns t as a time.Time in UTC.
func (t Time) Go() time.Time { return time.Unix(int64(t), 0).UTC() }

// String returns the RFC 3339 form.
func (t Time) String() string { return t.Go().Format(timeLayout) }

// MarshalText returns the RFC 3339 form; a year outside 0001 to 9999 is an error.
func (t Time) MarshalText() ([]byte, error) {
	if g := t.Go(); g.Year() < 1 || g.Year() > 9999 {
		return nil, fmt.Errorf("the year %d cannot be written in RFC 3339", g.Year())
	}
	return []byte(t.String()), nil
}

// UnmarshalText reads the RFC 3339 form with Z and whole seconds, nothing else.
func (t *Time) UnmarshalText(b []byte) error {
	g, err := time.Parse(timeLayout, string(b))
	if err != nil || g.Format(timeLayout) != string(b) || g.Year() < 1 {
		return fmt.Errorf("%q is not a time in UTC to the second, such as 2016-12-18T21:00:00Z", b)
	}
	*t = At(g)
	return nil
}
