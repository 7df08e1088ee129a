package record

import (
	"encoding/hex"
	"fmt"
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
func ParseHash(s string) (Hash, error) {
	var h Hash
	err := h.UnmarshalText([]byte(s))
	return h, err
}

func unhex(dst, b []byte) error {
	if !isHex(b, 2*len(dst)) {
		return fmt.Errorf("%.80q is not %d lower-case hex digits", b, 2*len(dst))
	}
	_, err := hex.Decode(dst, b)
	return err
}

func isHex[Text string | []byte](s Text, n int) bool {
	if len(s) != n {
		return false
	}
	for i := range len(s) {
		if c := s[i]; !('0' <= c && c <= '9' || 'a' <= c && c <= 'f') {
			return false
		}
	}
	return true
}
