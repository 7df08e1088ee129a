package record

import (
	"crypto/ed25519"
	"encoding/base64"
)

// MaxLodging is the size in bytes of the largest lodging note that is read.
const MaxLodging = 2 << 10

// A Lodging is a witness's word that a record was handed to it at a time: what a lodging note
// says, under the type of that purpose. Its text is one DSSE envelope, as a record's is.
type Lodging struct {
	V       int64 `json:"v"`       // format version; 1
	Mission Hash  `json:"mission"` // record hash of the founding mandate
	Key     Hash  `json:"key"`     // fingerprint of the witness's key, the one its cosignatures are made with
	Record  Hash  `json:"record"`  // record hash of what was handed over
	At      Time  `json:"at"`      // by the witness's clock
}

// A LodgingNote is a lodging as signed. The zero value is none; use SignLodging or ParseLodging.
type LodgingNote struct {
	Lodging
	raw []byte
	typ string
	sig []byte
}

// SignLodging signs a lodging with a witness's key. Every error is a *Refusal.
func SignLodging(key ed25519.PrivateKey, exercise bool, mission, rec Hash, at Time) (LodgingNote, error) {
	n := LodgingNote{Lodging: Lodging{1, mission, Fingerprint(key.Public().(ed25519.PublicKey)), rec, at}, typ: Type(PurposeLodging, exercise)}
	raw, err := Encode(n.Lodging)
	if err != nil {
		return LodgingNote{}, Refuse("lodging.note", "%v", err)
	}
	n.raw, n.sig = raw, ed25519.Sign(key, PAE(n.typ, raw))
	return n, nil
}

// Text returns the note in its one spelling.
func (n LodgingNote) Text() []byte {
	b, err := Encode(envelope{
		Payload: base64.StdEncoding.EncodeToString(n.raw), PayloadType: n.typ,
		Signatures: []signature{{Sig: base64.StdEncoding.EncodeToString(n.sig)}},
	})
	if err != nil {
		panic("record: an envelope of strings does not encode: " + err.Error())
	}
	return b
}

// Exercise reports whether the note is of an exercise mission.
func (n LodgingNote) Exercise() bool { return n.typ == Type(PurposeLodging, true) }

// ParseLodging reads a note in the one spelling Text writes, and checks no signature. Every
// error is a *Refusal.
func ParseLodging(text []byte) (LodgingNote, error) {
	if len(text) > MaxLodging {
		return LodgingNote{}, Refuse("lodging.note", "the note has %d bytes; at most %d are read", len(text), MaxLodging)
	}
	var e envelope
	if err := Decode(text, &e); err != nil {
		return LodgingNote{}, Refuse("lodging.note", "%v", err)
	}
	if e.PayloadType != Type(PurposeLodging, false) && e.PayloadType != Type(PurposeLodging, true) || len(e.Signatures) != 1 {
		return LodgingNote{}, Refuse("lodging.note", "it is not the envelope of a lodging with one signature")
	}
	raw, err := strictBase64([]byte(e.Payload))
	if err != nil {
		return LodgingNote{}, Refuse("lodging.note", "the payload is not standard padded base64")
	}
	sig, err := strictBase64([]byte(e.Signatures[0].Sig))
	if err != nil || len(sig) != ed25519.SignatureSize {
		return LodgingNote{}, Refuse("lodging.note", "the signature is not 64 bytes in standard padded base64")
	}
	n := LodgingNote{raw: raw, typ: e.PayloadType, sig: sig}
	if err := Decode(raw, &n.Lodging); err != nil {
		return LodgingNote{}, Refuse("lodging.note", "%v", err)
	}
	if n.V != 1 {
		return LodgingNote{}, Refuse("lodging.note", "the note's version is %d; this program reads version 1", n.V)
	}
	return n, nil
}

// Verify checks the note's signature under key, whose fingerprint must be the one it names. The
// error is a *Refusal.
func (n LodgingNote) Verify(key ed25519.PublicKey) error {
	if len(key) != ed25519.PublicKeySize || Fingerprint(key) != n.Key {
		return Refuse("lodging.key", "the key given is not the one the note names")
	}
	if !ed25519.Verify(key, PAE(n.typ, n.raw), n.sig) {
		return Refuse("lodging.signature", "the signature does not belong to this note and key")
	}
	return nil
}
