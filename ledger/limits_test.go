package ledger

import (
	"encoding/base64"
	"encoding/binary"
	"math"
	"strings"
	"testing"
)

// What is exactly as large as allowed is taken; a byte more is refused in the tests beside
// each parser.
func TestLimitsCanBeReached(t *testing.T) {
	bare := signedOf(t, treeOf(6), 6)

	long := strings.Repeat("a", maxName)
	vkey := must[string](t)(VerifierKey(long, publicOf("a")))
	if _, err := NewVerifier(vkey); err != nil {
		t.Errorf("a name of %d bytes: %v", maxName, err)
	}

	pad := func(signed []byte, size int) []byte {
		const frame = len("— a \n")
		n := size - len(signed) - frame
		return append(signed[:len(signed):len(signed)], "— a "+strings.Repeat("A", n)+"\n"...)
	}
	full := pad(bare, MaxCheckpoint)
	for len(full) > len(bare) { // base64 comes in fours
		if _, err := ParseCheckpoint(full); err == nil {
			break
		}
		full = pad(bare, len(full)-1)
	}
	if len(full) <= MaxCheckpoint-4 {
		t.Errorf("the largest checkpoint taken has %d bytes", len(full))
	}

	line := func(id uint32, when uint64, sig byte) []byte {
		raw := binary.BigEndian.AppendUint32(nil, id)
		raw = binary.BigEndian.AppendUint64(raw, when)
		raw = append(raw, make([]byte, 64)...)
		raw[len(raw)-1] = sig
		return []byte("— a " + base64.StdEncoding.EncodeToString(raw) + "\n")
	}
	var many []byte
	for i := range uint32(maxSignatures - 1) {
		many = append(many, line(i, at, 0)...)
	}
	if _, err := AddCosignatures(bare, many); err != nil {
		t.Errorf("%d signatures: %v", maxSignatures, err)
	}
	if got, err := AddCosignatures(bare, line(1, math.MaxInt64, 0)); err != nil || string(got) != string(bare)+string(line(1, math.MaxInt64, 0)) {
		t.Errorf("a cosignature at the end of time: %v", err)
	}
	if got, err := AddCosignatures(bare, line(1, at, 1), line(1, at, 2)); err != nil || string(got) != string(bare)+string(line(1, at, 1)) {
		t.Errorf("of two of one time the first does not stay: %v", err)
	}

	quorum := "quorum none\n"
	if _, err := ParsePolicy(strings.Repeat("\n", maxPolicy-len(quorum)) + quorum); err != nil {
		t.Errorf("a policy of %d bytes: %v", maxPolicy, err)
	}
	_, err := ParsePolicy("\u00a0" + quorum)
	refused(t, "an odd sign at the front", err, `the sign '\u00a0'`)

	c := Checkpoint{Origin: origin, Size: MaxSize}
	p := Proof{Extra: make([]byte, maxExtra), Index: MaxSize - 1, Hashes: make([]Hash, maxHashes), Checkpoint: must[[]byte](t)(SignCheckpoint(c, logSignerOf(t, origin)))}
	if _, err := ParseProof(p.Text()); err != nil {
		t.Errorf("the largest proof: %v", err)
	}
	p.Checkpoint = full
	p.Index, p.Hashes = 5, p.Hashes[:3]
	if _, err := ParseProof(p.Text()); err != nil {
		t.Errorf("a receipt with the largest checkpoint: %v", err)
	}
}
