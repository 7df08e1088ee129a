package record

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"

	"filippo.io/edwards25519"
)

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

// possession is what a new key signs to prove that somebody holds its private half.
type possession struct {
	V       int64  `json:"v"`
	Origin  string `json:"origin"`
	Mission *Hash  `json:"mission"`
	Key     string `json:"key"`
}

// possessionPAE returns what is signed, or an error for an origin that is not UTF-8.
func possessionPAE(key ed25519.PublicKey, exercise bool, origin string, mission *Hash) ([]byte, error) {
	b, err := Encode(possession{V: 1, Origin: origin, Mission: mission, Key: hex.EncodeToString(key)})
	return PAE(Type(PurposePossession, exercise), b), err
}

// Prove returns a proof of possession: 128 hex digits, the key's signature over the log's
// origin, the mission (nil in the mandate itself) and the public key. An origin that is not
// UTF-8 is no origin, and no proof for it passes CheckProof.
func Prove(key ed25519.PrivateKey, exercise bool, origin string, mission *Hash) string {
	m, _ := possessionPAE(key.Public().(ed25519.PublicKey), exercise, origin, mission)
	return hex.EncodeToString(ed25519.Sign(key, m))
}

// CheckProof checks a proof of possession made by Prove and the key itself (CheckKey). The
// error is a *Refusal.
func CheckProof(key ed25519.PublicKey, proof string, exercise bool, origin string, mission *Hash) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	var sig [ed25519.SignatureSize]byte
	m, err := possessionPAE(key, exercise, origin, mission)
	if err != nil || unhex(sig[:], []byte(proof)) != nil || !ed25519.Verify(key, m, sig[:]) {
		return Refuse("key.possession", "the proof of possession was not made by this key for this mission; make it again with corridor sign --new-key")
	}
	return nil
}
