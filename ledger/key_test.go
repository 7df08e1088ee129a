package ledger

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
)

// A key made here is a key for golang.org/x/mod/sumdb/note, and the other way round.
func TestKeysAreThoseOfNote(t *testing.T) {
	vkey := logKeyOf(t, origin)
	if want := must[string](t)(note.NewEd25519VerifierKey(origin, publicOf(origin))); vkey != want {
		t.Errorf("VerifierKey() = %s, want %s", vkey, want)
	}
	theirs := must[note.Verifier](t)(note.NewVerifier(vkey))
	ours := must[note.Verifier](t)(NewVerifier(vkey))
	signer := logSignerOf(t, origin)
	if ours.Name() != theirs.Name() || ours.KeyHash() != theirs.KeyHash() || signer.KeyHash() != theirs.KeyHash() || signer.Name() != origin {
		t.Errorf("name and hash are %s %08x, want %s %08x", ours.Name(), ours.KeyHash(), theirs.Name(), theirs.KeyHash())
	}
	sig := must[[]byte](t)(signer.Sign([]byte("text\n")))
	for _, v := range []note.Verifier{ours, theirs} {
		if !v.Verify([]byte("text\n"), sig) || v.Verify([]byte("test\n"), sig) {
			t.Error("a signature holds for the wrong text or not for the right one")
		}
	}
}

// A log and a cosigner of one name and key have different key hashes.
func TestKeyTypesAreApart(t *testing.T) {
	a, b := logKeyOf(t, origin), must[string](t)(WitnessKey(origin, publicOf(origin)))
	if a[:len(origin)+9] == b[:len(origin)+9] {
		t.Errorf("%s and %s have one hash", a, b)
	}
	_, err := NewVerifier(b)
	refused(t, "a cosigner's key as a log's", err, "has type 0x04; a log's has 0x01")
}

func TestVerifierKeyRefusals(t *testing.T) {
	good := logKeyOf(t, "example.com/log")
	name, rest, _ := strings.Cut(good, "+")
	hash, b64, _ := strings.Cut(rest, "+")
	raw := must[[]byte](t)(base64.StdEncoding.DecodeString(b64))
	other := logKeyOf(t, "example.com/other")
	with := func(key []byte) string {
		k := publicKey{name: name, kind: key[0], key: key[1:]}
		k.id = k.ownID()
		return k.String()
	}
	if with(raw) != good {
		t.Fatal("with does not make keys")
	}
	noncanonical := make([]byte, 33)
	must[int](t)(hex.Decode(noncanonical[1:], []byte("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")))
	noncanonical[0] = typeLog
	identity := append([]byte{typeLog, 1}, make([]byte, 31)...)
	for _, c := range []struct{ what, vkey, want string }{
		{"nothing", "", "a verifier key is"},
		{"no plus", name, "a verifier key is"},
		{"no key", name + "+" + hash + "+", "a verifier key is"},
		{"type only", name + "+" + hash + "+AQ==", "a verifier key is"},
		{"upper-case hash", name + "+" + strings.ToUpper(hash) + "+" + b64, "lower-case hex"},
		{"short hash", name + "+" + hash[1:] + "+" + b64, "a verifier key is"},
		{"signed hash", name + "++" + hash[1:] + "+" + b64, "a verifier key is"},
		{"wrong hash", name + "+00000000+" + b64, "the hash 00000000 does not belong"},
		{"another's name", strings.Replace(good, "example.com/log", "example.com/other", 1), "does not belong"},
		{"another's key", name + "+" + hash + other[strings.LastIndex(other, "+"):], "does not belong"},
		{"one sign short", good[:len(good)-1], "a verifier key is"},
		{"a bit behind the key", good[:len(good)-2] + "B=", "a verifier key is"},
		{"url base64", name + "+" + hash + "+" + strings.NewReplacer("+", "-", "/", "_").Replace(b64) + "_", "a verifier key is"},
		{"newline", good + "\n", "a verifier key is"},
		{"space in the name", with(raw)[:7] + " " + good[7:], "holds a space, a plus or a control character"},
		{"no name", good[len(name):], "has no name"},
		{"name that is not UTF-8", "\xff" + good[len(name):], "is not UTF-8"},
		{"tab in the name", "a\tb" + good[len(name):], "holds a space"},
		{"delete in the name", "a\x7fb" + good[len(name):], "control character"},
		{"no-break space in the name", "a\u00a0b" + good[len(name):], "holds a space"},
		{"long name", strings.Repeat("a", 256) + good[len(name):], "has 256 bytes, more than 255"},
		{"long everything", strings.Repeat("a", 70000), "a verifier key is"},
		{"short key", with(raw[:32]), "has 32 bytes, this one has 31"},
		{"long key", with(append(raw, 0)), "has 32 bytes, this one has 33"},
		{"unknown type", with(append([]byte{0x02}, raw[1:]...)), "has type 0x02"},
		{"identity", with(identity), "low order"},
		{"zero", with(append([]byte{typeLog}, make([]byte, 32)...)), "low order"},
		{"y = p + 1", with(noncanonical), "canonical encoding"},
		{"no point", with(append([]byte{typeLog, 2}, make([]byte, 31)...)), "canonical encoding"},
	} {
		_, err := NewVerifier(c.vkey)
		refused(t, c.what, err, c.want)
	}
}

// Under a key of low order a signature that says nothing fits everything: this is why such
// keys are refused.
func TestLowOrderKeySignsEverything(t *testing.T) {
	key := ed25519.PublicKey(append([]byte{1}, make([]byte, 31)...))
	sig := append([]byte{1}, make([]byte, 63)...)
	if !ed25519.Verify(key, []byte("anything"), sig) {
		t.Error("crypto/ed25519 refuses such keys by now; say so where we refuse them")
	}
	_, err := VerifierKey("example.com/log", key)
	refused(t, "VerifierKey", err, "low order")
	_, err = WitnessKey("example.com/log", key)
	refused(t, "WitnessKey", err, "low order")
}

func TestMakingKeysRefuses(t *testing.T) {
	_, err := NewSigner("a+b", seedKey("a"))
	refused(t, "plus in a name", err, "holds a space, a plus")
	_, err = NewSigner("a", seedKey("a")[:32])
	refused(t, "half a key", err, "private key has 64 bytes, this one has 32")
	_, err = NewCosigner("", seedKey("a"))
	refused(t, "no name", err, "has no name")
	_, err = NewCosigner("a", nil)
	refused(t, "no key", err, "this one has 0")
	_, err = WitnessKey("a", publicOf("a")[:31])
	refused(t, "short public key", err, "this one has 31")
}
