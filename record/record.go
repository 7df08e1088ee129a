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

import "encoding/base64"

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
func (r Record) Exercise() bool { return r.Type == typeExercise }

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
	if r.Type != typeRecord && r.Type != typeExercise { // such as the zero Record's
		b, err := Encode(r.envelope())
		if err != nil {
			panic("record: envelope of strings does not encode: " + err.Error())
		}
		return b
	}
	b := make([]byte, 0, base64.StdEncoding.EncodedLen(len(r.Raw))+base64.StdEncoding.EncodedLen(len(r.Sig))+len(r.Type)+64)
	b = append(b, `{"payload":"`...)
	b = base64.StdEncoding.AppendEncode(b, r.Raw)
	b = append(b, `","payloadType":"`...)
	b = append(b, r.Type...)
	b = append(b, `","signatures":[{"sig":"`...)
	b = base64.StdEncoding.AppendEncode(b, r.Sig)
	return append(b, `"}]}`...)
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
