package record

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"unicode/utf8"
)

// Put gives a parsed record the bytes of one of its parts, after checking them against the
// header's hash, the size limits and the part's own head. It keeps b; copies of the record
// made before do not change. Every error is a *Refusal.
func (r *Record) Put(name string, b []byte) error {
	i := slices.IndexFunc(r.Parts, func(p Part) bool { return p.Name == name })
	if i < 0 {
		return Refuse("record.parts", "the header names no part %.60q", name)
	}
	r.Parts = slices.Clone(r.Parts)
	return r.PutAt(i, b)
}

// PutAt is Put for the part at a place, in the record itself: whoever makes a record out of what
// was kept gives it its parts without a copy of their list for each. Copies of the record made
// before have the part too. It panics if the header names no part at i.
func (r *Record) PutAt(i int, b []byte) error {
	p := r.Header.Parts[i]
	if err := checkPart(r.Header.ID, p.Name, b); err != nil {
		return err
	}
	if sha256.Sum256(b) != p.SHA256 {
		return Refuse("record.part-hash", "the part %q is not the one the header was signed over", p.Name)
	}
	r.Parts[i].Bytes = b
	return nil
}

// checkPart checks what can be checked of a part without knowing its kind.
func checkPart(id ID, name string, b []byte) error {
	if name == "media" {
		return checkMedia(id, b)
	}
	if len(b) > MaxPart {
		return Refuse("record.size", "the part %.60q has %d bytes; at most %d are read", name, len(b), MaxPart)
	}
	var room [96]byte
	head := append(room[:0], `{"id":"`...)
	head = hex.AppendEncode(head, id[:])
	head = append(head, `","part":"`...)
	head = append(head, name...)
	head = append(head, `","nonce":"`...)
	rest, ok := bytes.CutPrefix(b, head)
	if !ok || len(rest) < 33 || !isHex(rest[:32], 32) || rest[32] != '"' {
		return Refuse("record.part-head", "the part %.60q does not begin with the record's id, its own name and a nonce", name)
	}
	if !isText(rest) {
		return Refuse("record.part-text", "the part %.60q has bytes that are not UTF-8 or a control character, such as a line break, that JSON writes as an escape", name)
	}
	return nil
}

// isText reports whether b can be JSON without spaces between its tokens: UTF-8 with no
// control characters. Only then does a part fit the line it travels in.
func isText(b []byte) bool {
	for _, c := range b {
		if c < ' ' {
			return false
		}
	}
	return utf8.Valid(b)
}

// checkMedia checks the first line of a media part: corridor-media/v1, the record's id, a
// nonce and a media type, between single spaces and ended by a line feed.
func checkMedia(id ID, b []byte) error {
	if len(b) > MaxMedia {
		return Refuse("record.size", "the media part has %d bytes; at most %d are read", len(b), MaxMedia)
	}
	first, _, ok := bytes.Cut(b[:min(len(b), 257)], []byte("\n"))
	f := strings.Split(string(first), " ")
	if !ok || len(f) != 4 || f[0] != "corridor-media/v1" || f[1] != id.String() || !isHex(f[2], 32) || !mediaType(f[3]) {
		return Refuse("record.media", "the media part begins with the line: corridor-media/v1, the record's id, a nonce, a media type")
	}
	return nil
}

func mediaType(s string) bool {
	major, minor, ok := strings.Cut(s, "/")
	ok = ok && major != "" && minor != ""
	for _, c := range []byte(major + minor) {
		ok = ok && ('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '+' || c == '.')
	}
	return ok
}
