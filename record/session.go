package record

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
)

// MaxSession bounds a signed session request on the wire, in bytes.
const MaxSession = 4 << 10

// A Session is what a device key signs to open a reading session. The signer builds it
// itself; what the server gave, its nonce, is one member of it beside those that say where and
// for how long it is good, so that a signature made for one server opens nothing elsewhere.
type Session struct {
	V       int64  `json:"v"`       // 1
	Web     string `json:"web"`     // where it is opened: https://mission.example, as the signer sees it
	Mission Hash   `json:"mission"` // record hash of the founding mandate
	Key     Hash   `json:"key"`     // fingerprint of the signing key
	Nonce   string `json:"nonce"`   // the server's, at most 128 characters
	At      Time   `json:"at"`      // when signed, by the signer's clock
	Until   Time   `json:"until"`   // good for opening a session before then
	Bind    string `json:"bind"`    // the key that each use of the session is proved with, as base64url; "" for none
}

// SignSession returns a session request signed by a device key, in its one spelling: a DSSE
// envelope of the purpose session. It fills V and Key.
func SignSession(key ed25519.PrivateKey, exercise bool, s Session) ([]byte, error) {
	s.V, s.Key = 1, Fingerprint(key.Public().(ed25519.PublicKey))
	raw, err := Encode(s)
	if err != nil {
		return nil, err
	}
	typ := Type(PurposeSession, exercise)
	return Encode(envelope{
		Payload: base64.StdEncoding.EncodeToString(raw), PayloadType: typ,
		Signatures: []signature{{Sig: base64.StdEncoding.EncodeToString(ed25519.Sign(key, PAE(typ, raw)))}},
	})
}

// A SessionRequest is a parsed session request, whose signature is not checked yet.
type SessionRequest struct {
	Session
	exercise bool
	raw, sig []byte
}

// ParseSession reads a session request. Every text has one spelling, as a record has.
func ParseSession(text []byte) (r SessionRequest, err error) {
	if len(text) > MaxSession {
		return r, fmt.Errorf("a session request has at most %d bytes", MaxSession)
	}
	var e envelope
	if err := Decode(text, &e); err != nil {
		return r, err
	}
	switch e.PayloadType {
	case Type(PurposeSession, false):
	case Type(PurposeSession, true):
		r.exercise = true
	default:
		return r, errors.New("it is not signed as a session request")
	}
	if len(e.Signatures) != 1 {
		return r, errors.New("it carries one signature, no more and no fewer")
	}
	if r.raw, err = unbase64(e.Payload); err != nil {
		return r, err
	}
	if r.sig, err = unbase64(e.Signatures[0].Sig); err != nil {
		return r, err
	}
	if err := Decode(r.raw, &r.Session); err != nil {
		return r, err
	}
	if r.V != 1 || len(r.Nonce) > 128 || len(r.Web) > 300 || len(r.Bind) > 200 || len(r.sig) != ed25519.SignatureSize {
		return r, errors.New("a member has a value that no session request has")
	}
	return r, nil
}

// Exercise reports whether it was signed under the exercise type.
func (r SessionRequest) Exercise() bool { return r.exercise }

// Verify reports whether the key signed the request; its fingerprint must be the one named.
func (r SessionRequest) Verify(key ed25519.PublicKey) bool {
	return len(key) == ed25519.PublicKeySize && Fingerprint(key) == r.Key &&
		ed25519.Verify(key, PAE(Type(PurposeSession, r.exercise), r.raw), r.sig)
}

// unbase64 reads padded standard base64 in its one spelling.
func unbase64(s string) ([]byte, error) {
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil || base64.StdEncoding.EncodeToString(b) != s {
		return nil, errors.New("a member is not base64 in its one spelling")
	}
	return b, nil
}
