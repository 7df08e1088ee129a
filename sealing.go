package corridor

import (
	"bytes"
	"crypto/sha256"
	"slices"
	"strings"

	"corridor.example/corridor/record"
)

// A SealingKey is an age recipient to which phones seal what they carry to the server, with the
// stretch of the log for which it was the one.
type SealingKey struct {
	Recipient   string      // for example "age1…", native X25519
	Fingerprint record.Hash // SHA-256 of the recipient's text
	From        int64       // index of the record that gave it
	Until       int64       // index of the record that replaced it; -1 while it stands
	Reason      KeyReason   // why it was replaced; "" while it stands, or where an amendment did
}

// SealingKeys returns the recipients that the mission has had, the first one first. The last
// one stands: phones seal to it. What was sealed to one before it may still be on its way, so
// that a server keeps the private halves of all of them.
func (v View) SealingKeys() (list []SealingKey) {
	for _, s := range v.m.state.sealing {
		if s.index < v.n {
			list = append(list, SealingKey{Recipient: s.recipient, Fingerprint: sealingFingerprint(s.recipient), From: s.index, Until: -1})
		}
	}
	for i := range list[:max(0, len(list)-1)] {
		list[i].Until = list[i+1].From
		list[i].Reason = v.replacedFor(list[i].Until)
	}
	return list
}

// SealingKey returns the recipient that phones seal to, and whether the mission has one.
func (v View) SealingKey() (recipient string, ok bool) {
	list := v.SealingKeys()
	if len(list) == 0 {
		return "", false
	}
	return list[len(list)-1].Recipient, true
}

// A sealingAt is a recipient with the index of the record that gave it.
type sealingAt struct {
	index     int64
	recipient string
}

// seal makes a recipient the one to seal to. One that stood before does not come back: terms
// are restated whole, and may have been drafted before a key record replaced it.
func (s *authorities) seal(recipient string, index int64) {
	for _, x := range s.sealing {
		if x.recipient == recipient {
			return
		}
	}
	s.sealing = append(s.sealing, sealingAt{index, recipient})
}

// sealingFingerprint is the name under which a key record replaces a recipient.
func sealingFingerprint(recipient string) record.Hash { return sha256.Sum256([]byte(recipient)) }

const bech32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"

// ageRecipient reports whether a text is a native X25519 recipient of age in its one spelling
// here, lower case: "age1" and 58 characters of Bech32 (BIP 173) whose checksum fits, so that
// nothing is ever sealed to a slip of the pen.
func ageRecipient(s string) bool {
	data, ok := strings.CutPrefix(s, "age1")
	if !ok || len(data) != 52+6 { // 32 bytes in groups of five bits, and the checksum
		return false
	}
	sum := uint32(1)
	step := func(v int) {
		top := sum >> 25
		sum = sum&0x1ffffff<<5 ^ uint32(v)
		for i, g := range [...]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
			if top>>i&1 == 1 {
				sum ^= g
			}
		}
	}
	for _, c := range "age" {
		step(int(c >> 5))
	}
	step(0)
	for _, c := range "age" {
		step(int(c & 31))
	}
	for i := range len(data) {
		v := strings.IndexByte(bech32, data[i])
		if v < 0 || i == 51 && v&15 != 0 { // 52 groups hold four bits more than 32 bytes
			return false
		}
		step(v)
	}
	return sum == 1
}

// KeysBeginning returns the fingerprints, of the keys that the mission knows, which begin with
// some bytes: a packed record names its key so. Their order is that of the bytes.
func (v View) KeysBeginning(prefix []byte) (list []record.Hash) {
	for f, k := range v.m.state.keys {
		if k.from < v.n && bytes.HasPrefix(f[:], prefix) {
			list = append(list, f)
		}
	}
	slices.SortFunc(list, func(a, b record.Hash) int { return bytes.Compare(a[:], b[:]) })
	return list
}
