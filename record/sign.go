package record

import (
	"crypto/ed25519"
	"crypto/sha256"
	"slices"
	"strconv"
)

// A Purpose says what a signature is for. A key signs one type string per purpose, so that
// bytes signed for one can never be shown as another.
type Purpose string

// The purposes there are.
const (
	PurposeRecord     Purpose = "record"     // a record's header
	PurposePossession Purpose = "possession" // a new key proves that somebody holds it
	PurposeSession    Purpose = "session"    // a device opens a reading session
	PurposeLodging    Purpose = "lodging"    // a witness notes that a record was handed to it
)

// Type returns the DSSE payload type of a purpose. Exercise missions have types of their own,
// so that no exercise byte can pass for a real one.
func Type(p Purpose, exercise bool) string {
	if exercise {
		return "application/vnd.corridor.exercise." + string(p) + ".v1+json"
	}
	return "application/vnd.corridor." + string(p) + ".v1+json"
}

// PAE returns the bytes a DSSE signature is made over: the pre-authentication encoding of a
// payload and its type (DSSE v1.0.2, protocol.md).
func PAE(payloadType string, payload []byte) []byte {
	return appendPAE(make([]byte, 0, len(payload)+len(payloadType)+32), payloadType, payload)
}

func appendPAE(b []byte, payloadType string, payload []byte) []byte {
	b = append(b, "DSSEv1 "...)
	b = strconv.AppendInt(b, int64(len(payloadType)), 10)
	b = append(b, ' ')
	b = append(b, payloadType...)
	b = append(b, ' ')
	b = strconv.AppendInt(b, int64(len(payload)), 10)
	b = append(b, ' ')
	return append(b, payload...)
}

// Sign makes a record: it fills the header's key and part hashes, encodes the header and signs
// it. The parts must be in the order of PartNames and begin as their PartHead says. Every
// error is a *Refusal.
func Sign(key ed25519.PrivateKey, exercise bool, h Header, parts []Part) (Record, error) {
	pub := key.Public().(ed25519.PublicKey)
	h.V = 1
	h.Key = Fingerprint(pub)
	h.Parts = make([]PartRef, len(parts))
	for i, p := range parts {
		if err := checkPart(h.ID, p.Name, p.Bytes); err != nil {
			return Record{}, err
		}
		h.Parts[i] = PartRef{Name: p.Name, SHA256: sha256.Sum256(p.Bytes)}
	}
	raw, err := Encode(h)
	if err != nil {
		return Record{}, &Refusal{Rule: "record.header", Reason: err.Error()}
	}
	if _, err := ParseHeader(raw); err != nil {
		return Record{}, err
	}
	typ := Type(PurposeRecord, exercise)
	return Record{
		Header: h, Raw: raw, Hash: sha256.Sum256(raw), Type: typ,
		Sig: ed25519.Sign(key, PAE(typ, raw)), Parts: slices.Clone(parts),
	}, nil
}

// Verify checks the record's one signature under key, whose fingerprint must be the header's.
// The error is a *Refusal.
func (r Record) Verify(key ed25519.PublicKey) error {
	if len(key) != ed25519.PublicKeySize || Fingerprint(key) != r.Header.Key {
		return Refuse("record.key", "the key given is not the one the header names")
	}
	var room [1536]byte // most headers fit
	if !ed25519.Verify(key, appendPAE(room[:0], r.Type, r.Raw), r.Sig) {
		return Refuse("record.signature", "the signature does not belong to this header and key")
	}
	return nil
}
