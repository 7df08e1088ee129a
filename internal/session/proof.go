package session

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"math/big"
	"strings"
	"sync"
)

// nonceFor is how long a nonce can be signed, in seconds.
const nonceFor = 120

// nonces are made and recognised by their own MAC: none is kept.
type nonces struct{ key [32]byte }

func newNonces() (n nonces) {
	rand.Read(n.key[:]) // a restart forgets all nonces that were given out
	return n
}

// at returns the nonce of a moment.
func (n nonces) at(now int64) string {
	b := binary.BigEndian.AppendUint64(nil, uint64(now))
	return base64.RawURLEncoding.EncodeToString(append(b, n.mac(b)...))
}

func (n nonces) mac(b []byte) []byte {
	m := hmac.New(sha256.New, n.key[:])
	m.Write(b)
	return m.Sum(nil)[:16]
}

// good reports whether a nonce is ours and can still be signed.
func (n nonces) good(text string, now int64) bool {
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(b) != 24 || !hmac.Equal(n.mac(b[:8]), b[8:]) {
		return false
	}
	at := int64(binary.BigEndian.Uint64(b))
	return at <= now && now-at < nonceFor
}

// Nonce returns a nonce to be signed in a proof or a session request within two minutes.
func (d *Door) Nonce() string { return d.nonces.at(d.now()) }

// maxProof bounds a proof, in bytes: a nonce, 128 random bits and a signature as base64url.
const maxProof = 200

// ProofText is what a browser signs to prove one use of its key (ECDSA P-256 over SHA-256).
func ProofText(host, nonce, once string) string {
	return "corridor-proof/v1\n" + host + "\n" + nonce + "\n" + once + "\n"
}

// proof is a proof taken apart.
type proof struct{ nonce, once, sig string }

func parseProof(text string) (p proof, ok bool) {
	if len(text) > maxProof {
		return p, false
	}
	list := strings.Split(text, ".")
	if len(list) != 3 || len(list[1]) != 22 {
		return p, false
	}
	return proof{list[0], list[1], list[2]}, true
}

// signed reports whether a key made a proof for a host.
func (p proof) signed(bind []byte, host string) bool {
	key, ok := publicKey(bind)
	sig, err := base64.RawURLEncoding.Strict().DecodeString(p.sig)
	if !ok || err != nil || len(sig) != 64 {
		return false
	}
	sum := sha256.Sum256([]byte(ProofText(host, p.nonce, p.once)))
	return ecdsa.Verify(key, sum[:], new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:]))
}

// publicKey reads the raw form of a P-256 point.
func publicKey(bind []byte) (*ecdsa.PublicKey, bool) {
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), bind)
	return key, err == nil
}

// bound returns the key a session is to be bound to, which the knock proves to hold.
func (d *Door) bound(k Knock) ([]byte, error) {
	bind, err := base64.RawURLEncoding.Strict().DecodeString(k.Bind)
	if err != nil || len(k.Bind) > 200 {
		return nil, errBind
	}
	if _, ok := publicKey(bind); !ok {
		return nil, errBind
	}
	p, ok := parseProof(k.Proof)
	if !ok || !d.nonces.good(p.nonce, d.now()) || !p.signed(bind, k.Host) {
		return nil, errDevice
	}
	return bind, nil
}

// spent remembers what was used, for as long as the nonce in it could be used again: the proofs
// of a session, or the requests that were signed for one. The zero value is empty.
type spent struct {
	mu   sync.Mutex
	used map[string]int64 // when, in Unix seconds
}

// spentMax bounds the proofs of one session: one that proves more often within two minutes waits.
const spentMax = 2048

// first reports whether this is the first use, and false if as many as most are remembered.
func (s *spent) first(once string, most int, now int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.used == nil {
		s.used = map[string]int64{}
	}
	if _, again := s.used[once]; again {
		return false
	}
	if len(s.used) >= most {
		for o, at := range s.used {
			if now-at > nonceFor {
				delete(s.used, o)
			}
		}
		if len(s.used) >= most {
			return false
		}
	}
	s.used[once] = now
	return true
}
