package ledger

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// MaxCheckpoint is the size in bytes of the largest signed checkpoint that is read. It
// leaves room for the log's signature and some twenty cosignatures of any type.
const MaxCheckpoint = 64 << 10

// A Checkpoint is what a log signs: that its tree of this size has this root. It is written
// as three lines (c2sp.org/tlog-checkpoint):
//
//	corridor.invalid/9f86d081884c7d659a2feaa0c55ad015
//	20852163
//	CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
//
// Extension lines, which no reader of a log can audit, are refused.
type Checkpoint struct {
	Origin string // the log's name
	Size   int64  // number of entries
	Root   Hash
}

// Text returns the checkpoint's three lines, without signatures.
func (c Checkpoint) Text() string {
	return c.Origin + "\n" + strconv.FormatInt(c.Size, 10) + "\n" + c.Root.String() + "\n"
}

// check says what is wrong with a checkpoint's fields, if anything.
func (c Checkpoint) check() error {
	if err := checkName(c.Origin); err != nil {
		return err
	}
	if err := checkSize(c.Size); err != nil {
		return err
	}
	if c.Size == 0 && c.Root != emptyRoot {
		return errors.New("the root of no entries is not the SHA-256 of nothing")
	}
	return nil
}

// ParseCheckpoint reads a signed checkpoint and checks no signature: what it returns is
// what somebody claims. The text, every line and every number must have their one spelling.
func ParseCheckpoint(signed []byte) (Checkpoint, error) {
	c, _, err := openNote(signed)
	return c, err
}

// openNote reads a checkpoint and its signatures.
func openNote(signed []byte) (Checkpoint, []signature, error) {
	text, sigs, err := splitNote(signed)
	if err != nil {
		return Checkpoint{}, nil, fmt.Errorf("checkpoint: %w", err)
	}
	c, err := parseText(text)
	if err != nil {
		return Checkpoint{}, nil, fmt.Errorf("checkpoint: %w", err)
	}
	return c, sigs, nil
}

func parseText(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return Checkpoint{}, errors.New("the text is not three lines: origin, size, root")
	}
	size, err := parseNumber(lines[1])
	if err != nil {
		return Checkpoint{}, fmt.Errorf("size: %w", err)
	}
	root, err := parseHash(lines[2])
	if err != nil {
		return Checkpoint{}, fmt.Errorf("root: %w", err)
	}
	c := Checkpoint{Origin: lines[0], Size: size, Root: root}
	return c, c.check()
}

// parseNumber reads a decimal without sign or leading zeros.
func parseNumber(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || strconv.FormatInt(n, 10) != s {
		return 0, fmt.Errorf("%.40q is not a plain decimal number", s)
	}
	return n, nil
}

// parseHash reads a hash in the one spelling Hash.String writes.
func parseHash(s string) (Hash, error) {
	b, err := decode64(s)
	if err != nil {
		return Hash{}, err
	}
	if len(b) != len(Hash{}) {
		return Hash{}, fmt.Errorf("%.60q is not a hash of 32 bytes", s)
	}
	return Hash(b), nil
}

// SignCheckpoint signs a checkpoint with the log's key, whose name must be the origin. It
// cannot know what was signed before: a signer that has signed a tree asks CheckConsistency
// first, for two trees that do not continue each other end the log.
func SignCheckpoint(c Checkpoint, s note.Signer) ([]byte, error) {
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	if s.Name() != c.Origin {
		return nil, fmt.Errorf("checkpoint: the key of %q does not sign for the log %q", s.Name(), c.Origin)
	}
	sig, err := s.Sign([]byte(c.Text()))
	if err != nil {
		return nil, fmt.Errorf("checkpoint: signing for %s: %w", c.Origin, err)
	}
	return joinNote(c.Text(), []signature{{s.Name(), s.KeyHash(), sig}}), nil
}

// OpenCheckpoint reads a checkpoint that one log signed: the origin must be the log's name,
// and every signature under its key must hold. Signatures of other keys are passed over; it
// takes a Policy to weigh them.
func OpenCheckpoint(signed []byte, log note.Verifier) (Checkpoint, error) {
	c, sigs, err := openNote(signed)
	if err != nil {
		return Checkpoint{}, err
	}
	if c.Origin != log.Name() {
		return Checkpoint{}, fmt.Errorf("checkpoint: it is of the log %q, not of %q", c.Origin, log.Name())
	}
	found := false
	for _, s := range sigs {
		if s.name != log.Name() || s.id != log.KeyHash() {
			continue
		}
		if !log.Verify([]byte(c.Text()), s.sig) {
			return Checkpoint{}, fmt.Errorf("checkpoint: the signature of the log %s does not hold", c.Origin)
		}
		found = true
	}
	if !found {
		return Checkpoint{}, fmt.Errorf("checkpoint: the log %s did not sign it with the key given", c.Origin)
	}
	return c, nil
}
