package ledger

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// MaxAddCheckpoint is the size in bytes of the largest request to a witness that is read.
const MaxAddCheckpoint = MaxCheckpoint + 8<<10

// An AddCheckpoint is what a log sends to a witness that is to cosign (c2sp.org/tlog-witness):
// a signed checkpoint, and the proof that it continues the one of the size Old, the newest that
// the witness has seen.
type AddCheckpoint struct {
	Old        int64 // 0: the witness has seen none
	Proof      []Hash
	Checkpoint []byte // signed
}

// Text returns the request's body:
//
//	old 20852014
//	<hash in base64>
//	…
//
//	<signed checkpoint>
func (a AddCheckpoint) Text() []byte {
	b := []byte("old " + strconv.FormatInt(a.Old, 10) + "\n")
	for _, h := range a.Proof {
		b = append(b, h.String()+"\n"...)
	}
	b = append(b, '\n')
	return append(b, a.Checkpoint...)
}

// ParseAddCheckpoint reads a request in the one spelling Text writes. It checks the form of
// everything in it and neither proof nor signatures.
func ParseAddCheckpoint(text []byte) (AddCheckpoint, error) {
	a, err := parseAddCheckpoint(text)
	if err != nil {
		return AddCheckpoint{}, fmt.Errorf("add-checkpoint: %w", err)
	}
	return a, nil
}

func parseAddCheckpoint(text []byte) (a AddCheckpoint, err error) {
	if len(text) > MaxAddCheckpoint {
		return a, fmt.Errorf("%d bytes, more than %d", len(text), MaxAddCheckpoint)
	}
	head, checkpoint, ok := strings.Cut(string(text), "\n\n")
	if !ok {
		return a, errors.New("no empty line before the checkpoint")
	}
	lines := strings.Split(head, "\n")
	old, ok := strings.CutPrefix(lines[0], "old ")
	if !ok {
		return a, errors.New("the first line is not: old <size>")
	}
	if a.Old, err = parseNumber(old); err != nil {
		return a, fmt.Errorf("old: %w", err)
	}
	if len(lines)-1 > maxHashes {
		return a, fmt.Errorf("%d hashes, more than any tree asks for", len(lines)-1)
	}
	for _, line := range lines[1:] {
		h, err := parseHash(line)
		if err != nil {
			return a, err
		}
		a.Proof = append(a.Proof, h)
	}
	a.Checkpoint = []byte(checkpoint)
	_, err = ParseCheckpoint(a.Checkpoint)
	return a, err
}
