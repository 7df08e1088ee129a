package ledger

import (
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// A Cosignature is a cosigner's word that at Time, in Unix seconds, a checkpoint was of the
// largest tree of its log the cosigner had seen, continuing every earlier one.
type Cosignature struct {
	Name string // as the policy calls the cosigner
	Time int64
}

// The lengths of the signatures of c2sp.org/tlog-cosignature: eight bytes of time, then an
// Ed25519 or an ML-DSA-44 signature. The second kind is carried, never checked.
const (
	cosignatureLen = 8 + ed25519.SignatureSize
	mldsa44Len     = 8 + 2420
)

// A Cosigner cosigns checkpoints with an Ed25519 key (cosignature/v1). A key serves one
// name only: the text that is signed does not hold it.
type Cosigner struct {
	k   publicKey
	key ed25519.PrivateKey
}

// NewCosigner returns a cosigner under its own name, such as "witness.example/w1".
func NewCosigner(name string, key ed25519.PrivateKey) (*Cosigner, error) {
	k, err := newPrivate(name, typeCosigner, key)
	if err != nil {
		return nil, err
	}
	return &Cosigner{k, key}, nil
}

// Name returns the cosigner's name.
func (c *Cosigner) Name() string { return c.k.name }

// Key returns the cosigner's verifier key, as it stands in policies.
func (c *Cosigner) Key() string { return c.k.String() }

// Cosign returns one signature line over a signed checkpoint, for AddCosignatures. The time
// is in Unix seconds, after 1970. It checks the checkpoint's form only: that the log signed
// it and that it continues every tree cosigned before is for the caller to know.
func (c *Cosigner) Cosign(signed []byte, at int64) (line []byte, err error) {
	cp, err := ParseCheckpoint(signed)
	if err != nil {
		return nil, err
	}
	if at <= 0 {
		return nil, fmt.Errorf("cosignature: %d is not a time after 1970", at)
	}
	sig := binary.BigEndian.AppendUint64(nil, uint64(at))
	sig = append(sig, ed25519.Sign(c.key, cosigned(at, cp.Text()))...)
	return []byte(newSignature(c.k, sig).String()), nil
}

// cosigned is the message a cosigner signs.
func cosigned(at int64, text string) []byte {
	return []byte("cosignature/v1\ntime " + strconv.FormatInt(at, 10) + "\n" + text)
}

// checkCosignature returns the time of a signature made by k over text.
func checkCosignature(k publicKey, s signature, text string) (at int64, err error) {
	if len(s.sig) != cosignatureLen {
		return 0, fmt.Errorf("the cosignature of %s has %d bytes, not %d", k.name, len(s.sig), cosignatureLen)
	}
	at, err = s.time()
	if err != nil {
		return 0, err
	}
	if !ed25519.Verify(k.key, cosigned(at, text), s.sig[8:]) {
		return 0, fmt.Errorf("the cosignature of %s does not hold", k.name)
	}
	return at, nil
}

// time returns the time a cosignature claims, whoever made it.
func (s signature) time() (int64, error) {
	if len(s.sig) != cosignatureLen && len(s.sig) != mldsa44Len {
		return 0, fmt.Errorf("the line of %s is not a cosignature", s.name)
	}
	t := binary.BigEndian.Uint64(s.sig)
	if t > math.MaxInt64 {
		return 0, fmt.Errorf("the cosignature of %s has no possible time", s.name)
	}
	return int64(t), nil
}

// ClaimedTimes returns the times of the cosignature lines under a signed checkpoint, in Unix
// seconds, by the name and id of their keys as a verifier key begins: "witness.example/w1+0a1b2c3d".
// It has no keys, so it says what is claimed: it is for checkpoints that were checked before.
func ClaimedTimes(signed []byte) (map[string]int64, error) {
	_, sigs, err := openNote(signed)
	if err != nil {
		return nil, err
	}
	times := map[string]int64{}
	for _, s := range sigs {
		at, err := s.time()
		if err != nil {
			continue // the log's own, or of a type not known here
		}
		key := fmt.Sprintf("%s+%08x", s.name, s.id)
		times[key] = max(times[key], at)
	}
	return times, nil
}

// AddCosignatures returns a signed checkpoint with more cosignature lines; each argument is
// one line or several, as Cosign or a witness returns them. Of two by the same key it keeps
// the one with the later time. It checks their form, not that they hold: it has no keys, so
// Policy.Check the result before keeping it. It refuses lines that would stand in for a
// signature of another sort.
func AddCosignatures(signed []byte, lines ...[]byte) ([]byte, error) {
	c, have, err := openNote(signed)
	if err != nil {
		return nil, err
	}
	var sigs []signature
	for _, s := range have {
		if _, err := s.time(); err != nil {
			sigs = append(sigs, s) // the log's own, or of a type not known here
		} else if sigs, err = addCosignature(sigs, s); err != nil {
			return nil, fmt.Errorf("cosignature: %w", err)
		}
	}
	for _, block := range lines {
		if len(block) == 0 || len(block) > MaxCheckpoint {
			return nil, errors.New("cosignature: no line, or far too much of one")
		}
		for line := range strings.Lines(string(block)) {
			s, err := parseSignature(line)
			if err != nil {
				return nil, fmt.Errorf("cosignature: %w", err)
			}
			if sigs, err = addCosignature(sigs, s); err != nil {
				return nil, fmt.Errorf("cosignature: %w", err)
			}
		}
	}
	out := joinNote(c.Text(), sigs)
	if len(sigs) > maxSignatures || len(out) > MaxCheckpoint {
		return nil, errors.New("cosignature: a checkpoint cannot carry that many")
	}
	return out, nil
}

func addCosignature(sigs []signature, s signature) ([]signature, error) {
	at, err := s.time()
	if err != nil {
		return nil, err
	}
	for i, have := range sigs {
		if have.name != s.name || have.id != s.id {
			continue
		}
		before, err := have.time()
		if err != nil || len(have.sig) != len(s.sig) {
			return nil, fmt.Errorf("%s has signed already, in another way", s.name)
		}
		if at > before {
			sigs[i] = s
		}
		return sigs, nil
	}
	return append(sigs, s), nil
}
