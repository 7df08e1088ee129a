package record

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"filippo.io/edwards25519"
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
	b := make([]byte, 0, len(payload)+len(payloadType)+32)
	b = append(b, "DSSEv1 "...)
	b = strconv.AppendInt(b, int64(len(payloadType)), 10)
	b = append(b, ' ')
	b = append(b, payloadType...)
	b = append(b, ' ')
	b = strconv.AppendInt(b, int64(len(payload)), 10)
	b = append(b, ' ')
	return append(b, payload...)
}

// Fingerprint returns the SHA-256 of a 32-byte public key, by which headers name it.
func Fingerprint(key ed25519.PublicKey) Hash { return sha256.Sum256(key) }

// CheckKey refuses public keys under which a signature proves nothing: of the wrong length,
// not in canonical encoding (RFC 8032, section 5.1.3), or of low order, under which one
// signature fits every message.
func CheckKey(key ed25519.PublicKey) error {
	if len(key) != ed25519.PublicKeySize {
		return Refuse("key.length", "an Ed25519 public key has 32 bytes, this one has %d", len(key))
	}
	p, err := new(edwards25519.Point).SetBytes(key)
	if err != nil || string(p.Bytes()) != string(key) {
		return Refuse("key.encoding", "the public key is not a point in its canonical encoding; make a new key")
	}
	if new(edwards25519.Point).MultByCofactor(p).Equal(edwards25519.NewIdentityPoint()) == 1 {
		return Refuse("key.low-order", "the public key has low order: one signature under it fits every message; make a new key")
	}
	return nil
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
		Sig: ed25519.Sign(key, PAE(typ, raw)), Parts: parts,
	}, nil
}

// Verify checks the record's one signature under key, whose fingerprint must be the header's.
// The error is a *Refusal.
func (r Record) Verify(key ed25519.PublicKey) error {
	if len(key) != ed25519.PublicKeySize || Fingerprint(key) != r.Header.Key {
		return Refuse("record.key", "the key given is not the one the header names")
	}
	if !ed25519.Verify(key, PAE(r.Type, r.Raw), r.Sig) {
		return Refuse("record.signature", "the signature does not belong to this header and key")
	}
	return nil
}

// possession is what a new key signs to prove that somebody holds its private half.
type possession struct {
	V       int64  `json:"v"`
	Origin  string `json:"origin"`
	Mission *Hash  `json:"mission"`
	Key     string `json:"key"`
}

func possessionPAE(key ed25519.PublicKey, exercise bool, origin string, mission *Hash) []byte {
	b, err := Encode(possession{V: 1, Origin: origin, Mission: mission, Key: hex.EncodeToString(key)})
	if err != nil {
		b = nil // an origin that is not UTF-8: the signature will not fit any that is
	}
	return PAE(Type(PurposePossession, exercise), b)
}

// Prove returns a proof of possession: 128 hex digits, the key's signature over the log's
// origin, the mission (nil in the mandate itself) and the public key.
func Prove(key ed25519.PrivateKey, exercise bool, origin string, mission *Hash) string {
	return hex.EncodeToString(ed25519.Sign(key, possessionPAE(key.Public().(ed25519.PublicKey), exercise, origin, mission)))
}

// CheckProof checks a proof of possession made by Prove and the key itself (CheckKey). The
// error is a *Refusal.
func CheckProof(key ed25519.PublicKey, proof string, exercise bool, origin string, mission *Hash) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	sig, err := hex.DecodeString(proof)
	if err != nil || !isHex(proof, 128) || !ed25519.Verify(key, possessionPAE(key, exercise, origin, mission), sig) {
		return Refuse("key.possession", "the proof of possession was not made by this key for this mission; make it again with corridor sign --new-key")
	}
	return nil
}
