package ledger

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxSignatures is the most signature lines a checkpoint may carry, as in
// golang.org/x/mod/sumdb/note.
const maxSignatures = 100

// A signature is one signature line of a signed note (c2sp.org/signed-note).
type signature struct {
	name string
	id   uint32 // of the key
	sig  []byte
}

// newSignature is the line a key makes of the bytes it signed with.
func newSignature(k publicKey, sig []byte) signature { return signature{k.name, k.id, sig} }

func (s signature) String() string {
	raw := binary.BigEndian.AppendUint32(nil, s.id)
	return "— " + s.name + " " + base64.StdEncoding.EncodeToString(append(raw, s.sig...)) + "\n"
}

// parseSignature reads one signature line, with its newline.
func parseSignature(line string) (signature, error) {
	rest, ok := strings.CutPrefix(line, "— ")
	name, b64, ok2 := strings.Cut(strings.TrimSuffix(rest, "\n"), " ")
	if !ok || !ok2 || !strings.HasSuffix(line, "\n") {
		return signature{}, errors.New(`a signature line is "— name base64" and ends in a newline`)
	}
	if err := checkName(name); err != nil {
		return signature{}, err
	}
	raw, err := decode64(b64)
	if err != nil {
		return signature{}, fmt.Errorf("the signature of %s: %w", name, err)
	}
	if len(raw) < 5 {
		return signature{}, fmt.Errorf("the signature of %s is too short", name)
	}
	return signature{name, binary.BigEndian.Uint32(raw), raw[4:]}, nil
}

// splitNote takes a signed note apart without checking a signature. Its text holds no empty
// line here, so the first one ends it.
func splitNote(signed []byte) (text string, sigs []signature, err error) {
	if len(signed) > MaxCheckpoint {
		return "", nil, fmt.Errorf("%d bytes, more than %d", len(signed), MaxCheckpoint)
	}
	if !utf8.Valid(signed) {
		return "", nil, errors.New("not UTF-8")
	}
	text, rest, ok := strings.Cut(string(signed), "\n\n")
	if !ok {
		return "", nil, errors.New("no empty line between the text and its signatures")
	}
	for line := range strings.Lines(rest) {
		s, err := parseSignature(line)
		if err != nil {
			return "", nil, err
		}
		if sigs = append(sigs, s); len(sigs) > maxSignatures {
			return "", nil, fmt.Errorf("more than %d signatures", maxSignatures)
		}
	}
	if len(sigs) == 0 {
		return "", nil, errors.New("no signature")
	}
	return text + "\n", sigs, nil
}

// joinNote puts a signed note together.
func joinNote(text string, sigs []signature) []byte {
	b := []byte(text + "\n")
	for _, s := range sigs {
		b = append(b, s.String()...)
	}
	return b
}
