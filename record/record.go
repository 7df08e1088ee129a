// Package record is the signed envelope of Corridor: exact bytes, one spelling, Ed25519.
//
// A record is a header, the parts the header names by hash, and one signature over the
// header. The package knows bytes, not meaning: it can say that a record is well formed and
// who signed it, never whether a mission should believe it.
//
//	header    who, which kind, when, after what, and the SHA-256 of each part; signed
//	parts     facts, count, where, who, narrative, identity, media; each may be absent
//	envelope  DSSE v1 over the header (github.com/secure-systems-lab/dsse, protocol.md)
//
// Nothing received is ever written out again from its decoded form. A text is accepted only
// if it equals its own re-encoding, so that each record has one spelling and one name: the
// SHA-256 of its header, the record hash.
//
// A signature proves that a key signed these bytes. It does not prove when, nor that what
// they say is true.
package record

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

// Limits on sizes, in bytes. What is larger is refused before it is decoded.
const (
	MaxHeader = 8 << 10  // the signed header
	MaxPart   = 64 << 10 // a part that is JSON
	MaxMedia  = 8 << 20  // the media part, its first line included
	// MaxLine bounds a record on the wire: every JSON part at its limit, escaped at worst
	// two for one, and one media part in base64.
	MaxLine = 16<<10 + 12*MaxPart + MaxMedia/3*4 + 1<<10
)

// PartNames are the names a part can have, in the only order a header may list them.
var PartNames = []string{"facts", "count", "where", "who", "narrative", "identity", "media"}

// A Header is the signed bytes of a record. Its members are encoded in the order below,
// every one present, null only where the type is a pointer.
type Header struct {
	V       int64     `json:"v"`       // format version; 1
	Mission *Hash     `json:"mission"` // record hash of the founding mandate; null in the mandate itself
	Kind    string    `json:"kind"`    // for example "departure"
	ID      ID        `json:"id"`      // 128 random bits chosen by the author
	By      string    `json:"by"`      // actor or observer, for example "office" or "mina"
	Key     Hash      `json:"key"`     // SHA-256 of the author's 32-byte public key
	Seq     int64     `json:"seq"`     // this key's counter, from 1
	Prev    *Hash     `json:"prev"`    // record hash of this key's previous header; null in its first
	At      Time      `json:"at"`      // when signed, by the author's clock; UTC seconds
	Seen    *string   `json:"seen"`    // the exact signed checkpoint the device last knew, or null
	App     *Hash     `json:"app"`     // hash of the signing program's manifest, or null
	Re      *Hash     `json:"re"`      // what this corrects, answers, disputes or illustrates, or null
	Parts   []PartRef `json:"parts"`   // name and hash of each part, in the order of PartNames
	Nonce   ID        `json:"nonce"`   // 128 random bits, so that a header cannot be guessed from its parts
}

// A PartRef names a part of a record by its SHA-256.
type PartRef struct {
	Name   string `json:"name"`
	SHA256 Hash   `json:"sha256"`
}

// A PartHead is how every JSON part begins, so that a part belongs to one record and cannot
// be guessed from its hash. Embed it first in a part's type.
type PartHead struct {
	ID    ID     `json:"id"`    // the record's id
	Part  string `json:"part"`  // the part's name
	Nonce ID     `json:"nonce"` // 128 random bits
}

// A Part is a named part's bytes as they were hashed. Bytes is nil where the part is not
// carried: sealed, erased, or not for this reader.
type Part struct {
	Name  string
	Bytes []byte
}

// A Record is a parsed record. The zero value is no record; use Parse, ParseEnvelope or Sign.
type Record struct {
	Header Header
	Raw    []byte // the header's exact bytes, as signed
	Hash   Hash   // SHA-256 of Raw: the record's name everywhere
	Type   string // DSSE payload type
	Sig    []byte // 64 bytes
	Parts  []Part // one for each of Header.Parts, in that order
}

type envelope struct {
	Payload     string      `json:"payload"`
	PayloadType string      `json:"payloadType"`
	Signatures  []signature `json:"signatures"`
}

type signature struct {
	Sig string `json:"sig"`
}

type line struct {
	Envelope envelope  `json:"envelope"`
	Parts    []*string `json:"parts"`
}

// Exercise reports whether the record was signed under the exercise type, which no real
// mission accepts.
func (r Record) Exercise() bool { return r.Type == Type(PurposeRecord, true) }

// Part returns the bytes of the named part, or nil if the header does not name it or it is
// not carried.
func (r Record) Part(name string) []byte {
	for _, p := range r.Parts {
		if p.Name == name {
			return p.Bytes
		}
	}
	return nil
}

// Envelope returns the DSSE envelope in its one spelling, without the parts.
func (r Record) Envelope() []byte {
	b, err := Encode(r.envelope())
	if err != nil {
		panic("record: envelope of strings does not encode: " + err.Error())
	}
	return b
}

func (r Record) envelope() envelope {
	return envelope{
		Payload:     base64.StdEncoding.EncodeToString(r.Raw),
		PayloadType: r.Type,
		Signatures:  []signature{{Sig: base64.StdEncoding.EncodeToString(r.Sig)}},
	}
}

// Line returns the record as it travels: one JSON line without its line feed, parts as
// strings in the header's order, media in base64, null where a part is not carried.
func (r Record) Line() []byte {
	l := line{Envelope: r.envelope(), Parts: make([]*string, len(r.Parts))}
	for i, p := range r.Parts {
		if p.Bytes == nil {
			continue
		}
		s := string(p.Bytes)
		if p.Name == "media" {
			s = base64.StdEncoding.EncodeToString(p.Bytes)
		}
		l.Parts[i] = &s
	}
	b, err := Encode(l)
	if err != nil {
		panic("record: a parsed record does not encode: " + err.Error())
	}
	return b
}

// Parse reads a record from its line. It checks everything that can be checked without a
// key: one spelling, sizes, the parts against the header's hashes. Every error is a *Refusal.
func Parse(text []byte) (Record, error) {
	if len(text) > MaxLine {
		return Record{}, Refuse("record.size", "the record has %d bytes; at most %d are read", len(text), MaxLine)
	}
	var l line
	if err := Decode(text, &l); err != nil {
		return Record{}, &Refusal{Rule: "record.envelope", Reason: err.Error()}
	}
	r, err := open(l.Envelope)
	if err != nil {
		return Record{}, err
	}
	if len(l.Parts) != len(r.Parts) {
		return Record{}, Refuse("record.parts", "the header names %d parts and the record carries %d places for them", len(r.Parts), len(l.Parts))
	}
	for i, s := range l.Parts {
		if s == nil {
			continue
		}
		b := []byte(*s)
		if r.Parts[i].Name == "media" {
			if b, err = strictBase64(*s); err != nil {
				return Record{}, Refuse("record.base64", "the media part is not standard padded base64")
			}
		}
		if err := r.Put(r.Parts[i].Name, b); err != nil {
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
	var e envelope
	if err := Decode(text, &e); err != nil {
		return Record{}, &Refusal{Rule: "record.envelope", Reason: err.Error()}
	}
	return open(e)
}

// Put gives a parsed record the bytes of one of its parts, after checking them against the
// header's hash, the size limits and the part's own head. Every error is a *Refusal.
func (r *Record) Put(name string, b []byte) error {
	for i, p := range r.Header.Parts {
		if p.Name != name {
			continue
		}
		if err := checkPart(r.Header.ID, name, b); err != nil {
			return err
		}
		if sha256.Sum256(b) != [32]byte(p.SHA256) {
			return Refuse("record.part-hash", "the part %q is not the one the header was signed over", name)
		}
		r.Parts[i].Bytes = b
		return nil
	}
	return Refuse("record.parts", "the header names no part %q", name)
}

func open(e envelope) (Record, error) {
	var r Record
	if e.PayloadType != Type(PurposeRecord, false) && e.PayloadType != Type(PurposeRecord, true) {
		return r, Refuse("record.type", "the payload type %q is not that of a record", e.PayloadType)
	}
	if len(e.Signatures) != 1 {
		return r, Refuse("record.signatures", "a record has exactly one signature, this one has %d", len(e.Signatures))
	}
	raw, err := strictBase64(e.Payload)
	if err != nil {
		return r, Refuse("record.base64", "the payload is not standard padded base64")
	}
	sig, err := strictBase64(e.Signatures[0].Sig)
	if err != nil {
		return r, Refuse("record.base64", "the signature is not standard padded base64")
	}
	if len(sig) != 64 {
		return r, Refuse("record.signature", "an Ed25519 signature has 64 bytes, this one has %d", len(sig))
	}
	h, err := ParseHeader(raw)
	if err != nil {
		return r, err
	}
	r = Record{Header: h, Raw: raw, Hash: Hash(sha256.Sum256(raw)), Type: e.PayloadType, Sig: sig}
	r.Parts = make([]Part, len(h.Parts))
	for i, p := range h.Parts {
		r.Parts[i].Name = p.Name
	}
	return r, nil
}

// ParseHeader reads the exact bytes of a header. Every error is a *Refusal.
func ParseHeader(raw []byte) (Header, error) {
	var h Header
	if len(raw) > MaxHeader {
		return h, Refuse("record.size", "the header has %d bytes; at most %d are read", len(raw), MaxHeader)
	}
	if err := Decode(raw, &h); err != nil {
		return h, &Refusal{Rule: "record.header", Reason: err.Error()}
	}
	return h, h.check()
}

func (h Header) check() error {
	switch {
	case h.V != 1:
		return Refuse("record.version", "the header's version is %d; this program reads version 1", h.V)
	case !Name(h.Kind):
		return Refuse("record.kind", "the kind %q is not a name: lower-case letters, digits and hyphens", h.Kind)
	case !Name(h.By):
		return Refuse("record.by", "the author %q is not a name: lower-case letters, digits and hyphens", h.By)
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
			return Refuse("record.parts", "the part %q is unknown, repeated or out of order", p.Name)
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

// checkPart checks what can be checked of a part without knowing its kind.
func checkPart(id ID, name string, b []byte) error {
	if name == "media" {
		if len(b) > MaxMedia {
			return Refuse("record.size", "the media part has %d bytes; at most %d are read", len(b), MaxMedia)
		}
		first, _, ok := bytes.Cut(b, []byte("\n"))
		f := strings.Split(string(first), " ")
		if !ok || len(first) > 256 || len(f) != 4 || f[0] != "corridor-media/v1" || f[1] != id.String() || !isHex(f[2], 32) || !mediaType(f[3]) {
			return Refuse("record.media", "the media part begins with the line: corridor-media/v1, the record's id, a nonce, a media type")
		}
		return nil
	}
	if len(b) > MaxPart {
		return Refuse("record.size", "the part %q has %d bytes; at most %d are read", name, len(b), MaxPart)
	}
	head := `{"id":"` + id.String() + `","part":"` + name + `","nonce":"`
	rest, ok := bytes.CutPrefix(b, []byte(head))
	if !ok || len(rest) < 33 || !isHex(string(rest[:32]), 32) || rest[32] != '"' {
		return Refuse("record.part-head", "the part %q does not begin with the record's id, its own name and a nonce", name)
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

func strictBase64(s string) ([]byte, error) {
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil {
		return nil, err
	}
	if base64.StdEncoding.EncodeToString(b) != s { // line breaks are skipped by the decoder
		return nil, base64.CorruptInputError(0)
	}
	return b, nil
}
