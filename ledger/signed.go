package ledger

import (
	"errors"
	"fmt"
	"strings"
)

// Signed is a checkpoint whose signatures were checked under a policy. That it is signed by
// the log is certain; whether enough witnesses cosigned it is asked with Quorum. The zero
// Signed has no quorum.
type Signed struct {
	Checkpoint
	LogKey   string        // verifier key of the log that signed it
	Cosigned []Cosignature // in the order of the policy's witnesses; each at most once

	policy *Policy
}

// Check opens a signed checkpoint. A log of the policy must have signed it, under its own
// name; every signature of a log or witness of the policy must hold. Lines of other keys,
// and of witnesses whose key type is not known here, are passed over. Of two cosignatures by
// one witness both must hold, and the later stands.
//
// It does not ask for the quorum: a checkpoint without one can still hold its receipt, on
// the log's word alone.
func (p *Policy) Check(signed []byte) (Signed, error) {
	c, sigs, err := openNote(signed)
	if err != nil {
		return Signed{}, err
	}
	out := Signed{Checkpoint: c, policy: p}
	if out.LogKey, err = p.checkLogs(c, sigs); err != nil {
		return Signed{}, fmt.Errorf("checkpoint: %w", err)
	}
	if out.Cosigned, err = p.checkWitnesses(c, sigs); err != nil {
		return Signed{}, fmt.Errorf("checkpoint of size %d: %w", c.Size, err)
	}
	return out, nil
}

// checkLogs returns the key of the first log of the policy that signed under its own name.
func (p *Policy) checkLogs(c Checkpoint, sigs []signature) (vkey string, err error) {
	if len(p.logs) == 0 {
		return "", errors.New("the policy names no log")
	}
	text := []byte(c.Text())
	named := false
	for _, k := range p.logs {
		named = named || k.name == c.Origin
		for _, s := range sigs {
			if !k.made(s) {
				continue
			}
			if !(logVerifier{k}).Verify(text, s.sig) {
				return "", fmt.Errorf("the signature of the log %s does not hold", k.name)
			}
			if vkey == "" && k.name == c.Origin {
				vkey = k.String()
			}
		}
	}
	switch {
	case !named:
		return "", fmt.Errorf("it is of the log %q, which the policy does not name", c.Origin)
	case vkey == "":
		return "", fmt.Errorf("the log %s did not sign it with a key of the policy", c.Origin)
	}
	return vkey, nil
}

func (p *Policy) checkWitnesses(c Checkpoint, sigs []signature) ([]Cosignature, error) {
	var list []Cosignature
	for _, w := range p.witnesses {
		if !w.key.known() {
			continue
		}
		found, last := false, int64(0)
		for _, s := range sigs {
			if !w.key.made(s) {
				continue
			}
			at, err := checkCosignature(w.key, s, c.Text())
			if err != nil {
				return nil, err
			}
			found, last = true, max(last, at)
		}
		if found {
			list = append(list, Cosignature{w.name, last})
		}
	}
	return list, nil
}

// Quorum reports whether the cosignatures satisfy the policy's quorum. They always do if
// the quorum is none: the log's word is then all that was asked for.
func (s Signed) Quorum() bool {
	if s.policy == nil {
		return false
	}
	return s.policy.quorum == nil || s.met(func(Cosignature) bool { return true })
}

// QuorumAt reports whether the cosignatures made at or after a time, in Unix seconds,
// satisfy the quorum: then the quorum had seen no larger tree at that time. It is false if
// the quorum is none, for the log's own word has no time.
func (s Signed) QuorumAt(at int64) bool {
	return s.met(func(c Cosignature) bool { return c.Time >= at })
}

// QuorumBy reports whether the cosignatures made at or before a time, in Unix seconds,
// satisfy the quorum: then everything in the tree was there by that time. It is false if
// the quorum is none, for the log's own word has no time.
func (s Signed) QuorumBy(at int64) bool {
	return s.met(func(c Cosignature) bool { return c.Time <= at })
}

func (s Signed) met(counts func(Cosignature) bool) bool {
	if s.policy == nil || s.policy.quorum == nil {
		return false
	}
	return s.policy.quorum.met(func(name string) bool {
		for _, c := range s.Cosigned {
			if c.Name == name {
				return counts(c)
			}
		}
		return false
	})
}

// Word says on whose word the checkpoint stands: "cosigned by a, b", or "on the log's word
// alone". It does not say whether those are enough.
func (s Signed) Word() string {
	if len(s.Cosigned) == 0 {
		return "on the log's word alone"
	}
	names := make([]string, len(s.Cosigned))
	for i, c := range s.Cosigned {
		names[i] = c.Name
	}
	return "cosigned by " + strings.Join(names, ", ")
}
