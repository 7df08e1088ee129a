package record

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
)

// Parse reads a record from its line. It checks everything that can be checked without a
// key: one spelling, sizes, the parts against the header's hashes. Every error is a *Refusal.
func Parse(text []byte) (Record, error) {
	if len(text) > MaxLine {
		return Record{}, Refuse("record.size", "the record has %d bytes; at most %d are read", len(text), MaxLine)
	}
	e, parts, ok := scanLine(text)
	if !ok {
		var l line
		if err := Decode(text, &l); err != nil {
			return Record{}, &Refusal{Rule: "record.envelope", Reason: err.Error()}
		}
		var err error
		if e, err = l.Envelope.open(); err != nil {
			return Record{}, err
		}
		for _, s := range l.Parts {
			var b []byte
			if s != nil {
				b = append([]byte{}, *s...) // an empty part is carried, and refused below
			}
			parts = append(parts, b)
		}
	}
	r, err := e.record()
	if err != nil {
		return Record{}, err
	}
	if len(parts) != len(r.Parts) {
		return Record{}, Refuse("record.parts", "the header names %d parts and the record carries %d places for them", len(r.Parts), len(parts))
	}
	for i, b := range parts {
		if b == nil {
			continue
		}
		if r.Parts[i].Name == "media" {
			if b, err = strictBase64(b); err != nil {
				return Record{}, Refuse("record.base64", "the media part is not standard padded base64")
			}
		}
		if err := r.PutAt(i, b); err != nil {
			return Record{}, err
		}
	}
	return r, nil
}

// ParseEnvelope reads a record from its envelope alone; no part is carried. Every error is a
// *Refusal.
func ParseEnvelope(text []byte) (Record, error) {
	if len(text) > 2*MaxHeader+1<<10 {
		return Record{}, Refuse("record.size", "the envelope has %d bytes; a header of at most %d is read", len(text), MaxHeader)
	}
	e, ok := scanEnvelope(text)
	if !ok {
		var l envelope
		if err := Decode(text, &l); err != nil {
			return Record{}, &Refusal{Rule: "record.envelope", Reason: err.Error()}
		}
		var err error
		if e, err = l.open(); err != nil {
			return Record{}, err
		}
	}
	return e.record()
}

// An opened is what an envelope holds.
type opened struct {
	typ      string
	raw, sig []byte
}

// open checks an envelope that is in its one spelling and takes it apart.
func (e envelope) open() (opened, error) {
	if e.PayloadType != typeRecord && e.PayloadType != typeExercise {
		return opened{}, Refuse("record.type", "the payload type %.60q is not that of a record", e.PayloadType)
	}
	if len(e.Signatures) != 1 {
		return opened{}, Refuse("record.signatures", "a record has exactly one signature, this one has %d", len(e.Signatures))
	}
	raw, err := strictBase64([]byte(e.Payload))
	if err != nil {
		return opened{}, Refuse("record.base64", "the payload is not standard padded base64")
	}
	sig, err := strictBase64([]byte(e.Signatures[0].Sig))
	if err != nil {
		return opened{}, Refuse("record.base64", "the signature is not standard padded base64")
	}
	if len(sig) != ed25519.SignatureSize {
		return opened{}, Refuse("record.signature", "an Ed25519 signature has 64 bytes, this one has %d", len(sig))
	}
	return opened{typ: e.PayloadType, raw: raw, sig: sig}, nil
}

// record reads the header and makes the record, without any part.
func (e opened) record() (Record, error) {
	h, err := ParseHeader(e.raw)
	if err != nil {
		return Record{}, err
	}
	r := Record{Header: h, Raw: e.raw, Hash: sha256.Sum256(e.raw), Type: e.typ, Sig: e.sig}
	r.Parts = make([]Part, len(h.Parts))
	for i, p := range h.Parts {
		r.Parts[i].Name = p.Name
	}
	return r, nil
}

// ParseHeader reads the exact bytes of a header. Every error is a *Refusal.
func ParseHeader(raw []byte) (Header, error) {
	if len(raw) > MaxHeader {
		return Header{}, Refuse("record.size", "the header has %d bytes; at most %d are read", len(raw), MaxHeader)
	}
	h, ok := scanHeader(raw)
	if !ok {
		h = Header{}
		if err := Decode(raw, &h); err != nil {
			return Header{}, &Refusal{Rule: "record.header", Reason: err.Error()}
		}
	}
	if err := h.check(); err != nil {
		return Header{}, err
	}
	return h, nil
}

func (h Header) check() error {
	switch {
	case h.V != 1:
		return Refuse("record.version", "the header's version is %d; this program reads version 1", h.V)
	case !Name(h.Kind):
		return Refuse("record.kind", "the kind %.60q is not a name: lower-case letters, digits and hyphens", h.Kind)
	case !Name(h.By):
		return Refuse("record.by", "the author %.60q is not a name: lower-case letters, digits and hyphens", h.By)
	case h.Seq < 1:
		return Refuse("record.seq", "a key counts its records from 1, this header says %d", h.Seq)
	case h.Seq == 1 && h.Prev != nil:
		return Refuse("record.prev", "the first record of a key has no previous one")
	case h.Seq > 1 && h.Prev == nil:
		return Refuse("record.prev", "record %d of a key names the one before it", h.Seq)
	case len(h.Parts) == 0 || h.Parts[0].Name != "facts":
		return Refuse("record.parts", "a record's first part is its facts")
	}
	next := 0
	for _, p := range h.Parts {
		for next < len(PartNames) && PartNames[next] != p.Name {
			next++
		}
		if next == len(PartNames) {
			return Refuse("record.parts", "the part %.60q is unknown, repeated or out of order", p.Name)
		}
		next++
	}
	return nil
}

// Name reports whether s can name a kind, an actor, a place or a term: one to forty lower-case
// ASCII letters, digits and hyphens, beginning and ending with a letter or digit.
func Name(s string) bool {
	if len(s) == 0 || len(s) > 40 || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for _, c := range []byte(s) {
		if !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-') {
			return false
		}
	}
	return true
}

// strictBase64 reads standard base64 in its one spelling: padded, no line breaks, which the
// decoder would step over, and no bits left over after the last byte.
func strictBase64(text []byte) ([]byte, error) {
	if bytes.IndexByte(text, '\r') >= 0 || bytes.IndexByte(text, '\n') >= 0 {
		return nil, base64.CorruptInputError(0)
	}
	b := make([]byte, base64.StdEncoding.DecodedLen(len(text)))
	n, err := base64.StdEncoding.Strict().Decode(b, text)
	return b[:n], err
}
