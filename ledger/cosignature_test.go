package ledger

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"math"
	"strings"
	"testing"
)

// at is 13 December 2016, 23:00 UTC.
const at = 1481670000

func TestCosign(t *testing.T) {
	signed := signedOf(t, treeOf(6), 6, "witness.example/w1@1481670000", "witness.example/w2@1481670030")
	golden(t, "cosigned.txt", signed)

	// The message is what c2sp.org/tlog-cosignature says, byte for byte.
	text, sigs, _ := strings.Cut(string(signed), "\n\n")
	line := strings.Split(sigs, "\n")[1]
	b64, ok := strings.CutPrefix(line, "— witness.example/w1 ")
	raw := must[[]byte](t)(base64.StdEncoding.DecodeString(b64))
	if !ok || len(raw) != 4+8+64 || binary.BigEndian.Uint64(raw[4:]) != at {
		t.Fatalf("cosignature line %q", line)
	}
	if !ed25519.Verify(publicOf("witness.example/w1"), []byte("cosignature/v1\ntime 1481670000\n"+text+"\n"), raw[12:]) {
		t.Error("the cosignature is not over header, time and text")
	}
	key := cosignerOf(t, "witness.example/w1").Key()
	if want := must[string](t)(WitnessKey("witness.example/w1", publicOf("witness.example/w1"))); key != want {
		t.Errorf("Key() = %s, want %s", key, want)
	}
	if got := cosignerOf(t, "witness.example/w1").Name(); got != "witness.example/w1" {
		t.Errorf("Name() = %s", got)
	}
}

func TestCosignRefuses(t *testing.T) {
	signed := signedOf(t, treeOf(6), 6)
	w := cosignerOf(t, "w")
	for _, when := range []int64{0, -1, math.MinInt64} {
		_, err := w.Cosign(signed, when)
		refused(t, "time", err, "is not a time after 1970")
	}
	_, err := w.Cosign([]byte(strings.Replace(string(signed), "\n6\n", "\n06\n", 1)), at)
	refused(t, "a malformed checkpoint", err, "is not a plain decimal number")
}

func TestAddCosignatures(t *testing.T) {
	bare := signedOf(t, treeOf(6), 6)
	line := func(name string, when int64) []byte {
		return must[[]byte](t)(cosignerOf(t, name).Cosign(bare, when))
	}
	add := func(signed []byte, lines ...[]byte) string {
		t.Helper()
		return string(must[[]byte](t)(AddCosignatures(signed, lines...)))
	}
	a1, a2, b1 := line("a", at), line("a", at+60), line("b", at+30)
	for _, c := range []struct{ what, got, want string }{
		{"none", add(bare), string(bare)},
		{"two", add(bare, a1, b1), string(bare) + string(a1) + string(b1)},
		{"two in one argument", add(bare, append(append([]byte{}, a1...), b1...)), string(bare) + string(a1) + string(b1)},
		{"the same again", add(bare, a1, a1), string(bare) + string(a1)},
		{"a later one", add([]byte(add(bare, a1, b1)), a2), string(bare) + string(a2) + string(b1)},
		{"an earlier one", add([]byte(add(bare, a2, b1)), a1), string(bare) + string(a2) + string(b1)},
		{"two in what is given", add(append(append(append([]byte{}, bare...), a1...), a2...), b1), string(bare) + string(a2) + string(b1)},
	} {
		if c.got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", c.what, c.got, c.want)
		}
	}

	// An ML-DSA-44 cosignature is carried as it is; of two the later stands as well.
	mldsa := func(when uint64) []byte {
		raw := binary.BigEndian.AppendUint64([]byte{1, 2, 3, 4}, when)
		raw = append(raw, make([]byte, 2420)...)
		return []byte("— a " + base64.StdEncoding.EncodeToString(raw) + "\n")
	}
	if got, want := add(bare, a1, mldsa(1), mldsa(0), mldsa(2)), string(bare)+string(a1)+string(mldsa(2)); got != want {
		t.Errorf("ML-DSA-44: got\n%s\nwant\n%s", got, want)
	}
}

func TestAddCosignaturesRefuses(t *testing.T) {
	bare := signedOf(t, treeOf(6), 6)
	good := string(must[[]byte](t)(cosignerOf(t, "a").Cosign(bare, at)))
	_, sig, _ := strings.Cut(string(bare), "\n\n")
	id := must[publicKey](t)(parseKey(logKeyOf(t, origin))).id
	like := func(name string, id uint32, n int, when uint64) string {
		raw := binary.BigEndian.AppendUint32(nil, id)
		raw = binary.BigEndian.AppendUint64(raw, when)
		raw = append(raw, make([]byte, n-8)...)
		return "— " + name + " " + base64.StdEncoding.EncodeToString(raw) + "\n"
	}
	for _, c := range []struct{ what, line, want string }{
		{"nothing", "", "no line"},
		{"a blank line", "\n", "a signature line is"},
		{"no newline", strings.TrimSuffix(good, "\n"), "ends in a newline"},
		{"two lines with a blank one", good + "\n" + good, "a signature line is"},
		{"a log's signature", sig, "is not a cosignature"},
		{"one byte short", like("a", 1, 71, at), "is not a cosignature"},
		{"one byte long", like("a", 1, 73, at), "is not a cosignature"},
		{"a time above 2^63 - 1", like("a", 1, 72, 1<<63), "has no possible time"},
		{"under the log's name and hash", like(origin, id, 72, at), "has signed already, in another way"},
		{"a whole checkpoint", string(bare), "a signature line is"},
		{"too long", strings.Repeat("a", MaxCheckpoint+1), "far too much"},
	} {
		_, err := AddCosignatures(bare, []byte(c.line))
		refused(t, c.what, err, c.want)
	}
	var many []byte
	for i := range uint32(100) {
		many = append(many, like("a", i, 72, at)...)
	}
	_, err := AddCosignatures(bare, many)
	refused(t, "a hundred", err, "cannot carry that many")
	_, err = AddCosignatures([]byte(string(bare) + like("a", 1, 72, at) + like("a", 1, mldsa44Len, at)))
	refused(t, "two sorts under one name and hash", err, "has signed already, in another way")
	_, err = AddCosignatures([]byte("no checkpoint"), []byte(good))
	refused(t, "no checkpoint", err, "no empty line")
}
