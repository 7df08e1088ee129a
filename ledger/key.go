package ledger

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"filippo.io/edwards25519"
	"golang.org/x/mod/sumdb/note"
)

// The signature types of c2sp.org/signed-note that this package checks. Signatures of other
// types, such as ML-DSA-44 (0x06), are passed over.
const (
	typeLog      = 0x01 // Ed25519 over the text
	typeCosigner = 0x04 // Ed25519 over a time and the text
)

// maxName is the longest name of a key or log in bytes; some signature types of
// c2sp.org/tlog-cosignature can carry no longer one.
const maxName = 255

// NewSigner returns a signer for a log's key. The name is the log's origin.
func NewSigner(name string, key ed25519.PrivateKey) (note.Signer, error) {
	k, err := newPrivate(name, typeLog, key)
	if err != nil {
		return nil, err
	}
	return logSigner{k, key}, nil
}

// VerifierKey returns the verifier key of a log, "name+hash+base64", as it stands in
// policies (c2sp.org/signed-note).
func VerifierKey(name string, key ed25519.PublicKey) (string, error) {
	k, err := newPublic(name, typeLog, key)
	if err != nil {
		return "", err
	}
	return k.String(), nil
}

// WitnessKey returns the verifier key of a cosigner, "name+hash+base64", as it stands in
// policies (c2sp.org/tlog-cosignature).
func WitnessKey(name string, key ed25519.PublicKey) (string, error) {
	k, err := newPublic(name, typeCosigner, key)
	if err != nil {
		return "", err
	}
	return k.String(), nil
}

// NewVerifier returns the verifier of a log from its verifier key. It refuses every
// spelling but the one VerifierKey writes, and keys under which a signature proves nothing.
func NewVerifier(vkey string) (note.Verifier, error) {
	k, err := parseKey(vkey)
	if err != nil {
		return nil, err
	}
	if k.kind != typeLog {
		return nil, fmt.Errorf("the key of %s has type 0x%02x; a log's has 0x%02x", k.name, k.kind, typeLog)
	}
	return logVerifier{k}, nil
}

// publicKey is a parsed verifier key.
type publicKey struct {
	name string
	id   uint32
	kind byte
	key  []byte // 32 bytes for the types we check, anything for others
}

func newPublic(name string, kind byte, key []byte) (publicKey, error) {
	if err := checkName(name); err != nil {
		return publicKey{}, err
	}
	if err := checkKey(key); err != nil {
		return publicKey{}, fmt.Errorf("key of %s: %w", name, err)
	}
	k := publicKey{name: name, kind: kind, key: key}
	k.id = k.ownID()
	return k, nil
}

func newPrivate(name string, kind byte, key ed25519.PrivateKey) (publicKey, error) {
	if len(key) != ed25519.PrivateKeySize {
		return publicKey{}, fmt.Errorf("an Ed25519 private key has %d bytes, this one has %d", ed25519.PrivateKeySize, len(key))
	}
	return newPublic(name, kind, key.Public().(ed25519.PublicKey))
}

// ownID computes the key ID as signed-note recommends and the types we check demand.
func (k publicKey) ownID() uint32 {
	h := sha256.New()
	h.Write([]byte(k.name))
	h.Write([]byte{'\n', k.kind})
	h.Write(k.key)
	return binary.BigEndian.Uint32(h.Sum(nil))
}

func (k publicKey) String() string {
	return fmt.Sprintf("%s+%08x+%s", k.name, k.id, base64.StdEncoding.EncodeToString(append([]byte{k.kind}, k.key...)))
}

func (k publicKey) known() bool { return k.kind == typeLog || k.kind == typeCosigner }

// made reports whether s names this key. Whether s holds is another question.
func (k publicKey) made(s signature) bool { return s.id == k.id && s.name == k.name }

var errKeySyntax = errors.New("a verifier key is name+hash+base64, with eight lower-case hex digits and padded base64")

// parseKey reads a verifier key of any type; of the types we check it also checks the ID
// and the key.
func parseKey(vkey string) (publicKey, error) {
	if len(vkey) > maxPolicy {
		return publicKey{}, errKeySyntax
	}
	name, rest, _ := strings.Cut(vkey, "+")
	hex, b64, _ := strings.Cut(rest, "+")
	raw, err := decode64(b64)
	if err != nil || len(raw) < 2 {
		return publicKey{}, errKeySyntax
	}
	id, err := strconv.ParseUint(hex, 16, 32)
	if err != nil || hex != fmt.Sprintf("%08x", id) {
		return publicKey{}, errKeySyntax
	}
	if err := checkName(name); err != nil {
		return publicKey{}, err
	}
	k := publicKey{name: name, id: uint32(id), kind: raw[0], key: raw[1:]}
	if !k.known() {
		return k, nil
	}
	if err := checkKey(k.key); err != nil {
		return publicKey{}, fmt.Errorf("key of %s: %w", name, err)
	}
	if k.id != k.ownID() {
		return publicKey{}, fmt.Errorf("key of %s: the hash %s does not belong to this name and key", name, hex)
	}
	return k, nil
}

// checkKey refuses keys that are not canonical points and keys of low order, under which
// one signature fits every text.
func checkKey(key []byte) error {
	if len(key) != ed25519.PublicKeySize {
		return fmt.Errorf("an Ed25519 public key has %d bytes, this one has %d", ed25519.PublicKeySize, len(key))
	}
	p, err := new(edwards25519.Point).SetBytes(key)
	if err != nil || string(p.Bytes()) != string(key) {
		return errors.New("the public key is not a point in its canonical encoding")
	}
	if new(edwards25519.Point).MultByCofactor(p).Equal(edwards25519.NewIdentityPoint()) == 1 {
		return errors.New("the public key has low order: one signature under it fits every text")
	}
	return nil
}

// checkName checks the name of a key, which is also a log's origin: what signed-note
// allows, without control characters, and not too long.
func checkName(name string) error {
	switch {
	case name == "":
		return errors.New("a log or key has no name")
	case len(name) > maxName:
		return fmt.Errorf("the name of a log or key has %d bytes, more than %d", len(name), maxName)
	case !utf8.ValidString(name):
		return fmt.Errorf("the name %q is not UTF-8", name)
	case strings.ContainsFunc(name, func(r rune) bool { return r == '+' || unicode.IsSpace(r) || unicode.IsControl(r) }):
		return fmt.Errorf("the name %q holds a space, a plus or a control character", name)
	}
	return nil
}

// decode64 reads standard padded base64 in its one spelling.
func decode64(s string) ([]byte, error) {
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil || base64.StdEncoding.EncodeToString(b) != s {
		return nil, fmt.Errorf("%.40q is not standard padded base64", s)
	}
	return b, nil
}

// logVerifier is a note.Verifier of the log's own signature type.
type logVerifier struct{ k publicKey }

func (v logVerifier) Name() string                 { return v.k.name }
func (v logVerifier) KeyHash() uint32              { return v.k.id }
func (v logVerifier) Verify(text, sig []byte) bool { return ed25519.Verify(v.k.key, text, sig) }

// logSigner is the matching note.Signer.
type logSigner struct {
	k   publicKey
	key ed25519.PrivateKey
}

func (s logSigner) Name() string                     { return s.k.name }
func (s logSigner) KeyHash() uint32                  { return s.k.id }
func (s logSigner) Sign(text []byte) ([]byte, error) { return ed25519.Sign(s.key, text), nil }

// PublicKey returns the 32 bytes of the Ed25519 key that a verifier key names, so that nobody
// uses one key in two places. A key of a type not known here has none, and no error.
func PublicKey(vkey string) (ed25519.PublicKey, error) {
	k, err := parseKey(vkey)
	if err != nil || !k.known() {
		return nil, err
	}
	return k.key, nil
}
