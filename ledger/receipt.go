package ledger

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// The limits of a receipt that is read.
const (
	maxExtra  = 8 << 10                // bytes of extra data
	maxHashes = 60                     // as many as a tree of MaxSize is high
	maxProof  = MaxCheckpoint + 16<<10 // bytes of the whole text
)

const proofHeader = "c2sp.org/tlog-proof@v1\n"

// A Proof is a receipt: that an entry is in the tree of a checkpoint. It can be checked
// with no network by anybody who has the entry and a policy (c2sp.org/tlog-proof). Its file
// extension is .tlog-proof.
type Proof struct {
	Extra      []byte // what the application adds, up to 8 KiB; nobody vouches for it. nil: no such line
	Index      int64  // of the entry
	Hashes     []Hash // inclusion proof, from the entry's neighbour up
	Checkpoint []byte // signed, with as many cosignatures as there were
}

// Text returns the receipt as it is handed over:
//
//	c2sp.org/tlog-proof@v1
//	extra <base64>
//	index 73894
//	gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=
//	…
//
//	<signed checkpoint>
func (p Proof) Text() []byte {
	b := []byte(proofHeader)
	if p.Extra != nil {
		b = append(b, "extra "+base64.StdEncoding.EncodeToString(p.Extra)+"\n"...)
	}
	b = append(b, "index "+strconv.FormatInt(p.Index, 10)+"\n"...)
	for _, h := range p.Hashes {
		b = append(b, h.String()+"\n"...)
	}
	b = append(b, '\n')
	return append(b, p.Checkpoint...)
}

// ParseProof reads a receipt, in the one spelling Text writes. It checks the form of
// everything in it and neither proof nor signatures.
func ParseProof(text []byte) (Proof, error) {
	p, err := parseProof(text)
	if err != nil {
		return Proof{}, fmt.Errorf("receipt: %w", err)
	}
	return p, nil
}

func parseProof(text []byte) (p Proof, err error) {
	if len(text) > maxProof {
		return p, fmt.Errorf("%d bytes, more than %d", len(text), maxProof)
	}
	head, checkpoint, ok := strings.Cut(string(text), "\n\n")
	if !ok {
		return p, errors.New("no empty line before the checkpoint")
	}
	head, ok = strings.CutPrefix(head+"\n", proofHeader)
	if !ok {
		return p, fmt.Errorf("the first line is not %q", strings.TrimSuffix(proofHeader, "\n"))
	}
	lines := strings.Split(strings.TrimSuffix(head, "\n"), "\n")
	if b64, ok := strings.CutPrefix(lines[0], "extra "); ok {
		if p.Extra, err = decode64(b64); err != nil {
			return p, fmt.Errorf("extra: %w", err)
		}
		if len(p.Extra) > maxExtra {
			return p, fmt.Errorf("extra: %d bytes, more than %d", len(p.Extra), maxExtra)
		}
		lines = lines[1:]
	}
	if len(lines) == 0 || !strings.HasPrefix(lines[0], "index ") {
		return p, errors.New("no index line")
	}
	if p.Index, err = parseNumber(strings.TrimPrefix(lines[0], "index ")); err != nil {
		return p, fmt.Errorf("index: %w", err)
	}
	if len(lines)-1 > maxHashes {
		return p, fmt.Errorf("%d hashes, more than any tree asks for", len(lines)-1)
	}
	for _, line := range lines[1:] {
		h, err := parseHash(line)
		if err != nil {
			return p, err
		}
		p.Hashes = append(p.Hashes, h)
	}
	p.Checkpoint = []byte(checkpoint)
	c, err := ParseCheckpoint(p.Checkpoint)
	if err != nil {
		return p, err
	}
	if p.Index >= c.Size {
		return p, fmt.Errorf("there is no entry %d in a tree of %d", p.Index, c.Size)
	}
	return p, nil
}

// Check checks the receipt of an entry under a policy: the checkpoint's signatures as
// Policy.Check does, then the proof. It does not ask for the quorum; Signed answers that.
func (p Proof) Check(leaf []byte, policy *Policy) (Signed, error) {
	s, err := policy.Check(p.Checkpoint)
	if err != nil {
		return Signed{}, fmt.Errorf("receipt: %w", err)
	}
	if err := p.check(leaf, s.Checkpoint); err != nil {
		return Signed{}, err
	}
	return s, nil
}

// CheckLog checks the receipt of an entry on the word of one log, whoever cosigned.
func (p Proof) CheckLog(leaf []byte, log note.Verifier) (Checkpoint, error) {
	c, err := OpenCheckpoint(p.Checkpoint, log)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("receipt: %w", err)
	}
	if err := p.check(leaf, c); err != nil {
		return Checkpoint{}, err
	}
	return c, nil
}

func (p Proof) check(leaf []byte, c Checkpoint) error {
	if err := CheckInclusion(p.Hashes, c.Size, c.Root, p.Index, LeafHash(leaf)); err != nil {
		return fmt.Errorf("receipt: %w", err)
	}
	return nil
}
