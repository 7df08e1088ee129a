package ledger

import (
	"crypto/ed25519"
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const origin = "corridor.invalid/9f86d081884c7d659a2feaa0c55ad015"

// seedKey returns the key that belongs to a name, the same in every run.
func seedKey(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("ledger test key of " + name))
	return ed25519.NewKeyFromSeed(seed[:])
}

func publicOf(name string) ed25519.PublicKey {
	return seedKey(name).Public().(ed25519.PublicKey)
}

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func logSignerOf(t testing.TB, name string) note.Signer {
	return must[note.Signer](t)(NewSigner(name, seedKey(name)))
}

func logKeyOf(t testing.TB, name string) string {
	return must[string](t)(VerifierKey(name, publicOf(name)))
}

func cosignerOf(t testing.TB, name string) *Cosigner {
	return must[*Cosigner](t)(NewCosigner(name, seedKey(name)))
}

// leafOf returns leaf i of the test log.
func leafOf(i int64) []byte {
	return fmt.Appendf(nil, "corridor-leaf/v1\nmovement\n-\nsha256 %x\n", sha256.Sum256(fmt.Append(nil, i)))
}

// treeOf returns the test log's tree of n leaves.
func treeOf(n int64) *Tree {
	t := new(Tree)
	for i := range n {
		t.Append(leafOf(i))
	}
	return t
}

// signedOf returns the test log's checkpoint of n leaves, cosigned at a time by each of the
// named, "w1@1481670000".
func signedOf(t testing.TB, tree *Tree, n int64, cosigned ...string) []byte {
	t.Helper()
	c := Checkpoint{Origin: origin, Size: n, Root: must[Hash](t)(tree.Root(n))}
	signed := must[[]byte](t)(SignCheckpoint(c, logSignerOf(t, origin)))
	for _, s := range cosigned {
		name, when, _ := strings.Cut(s, "@")
		var at int64
		fmt.Sscan(when, &at)
		line := must[[]byte](t)(cosignerOf(t, name).Cosign(signed, at))
		signed = must[[]byte](t)(AddCosignatures(signed, line))
	}
	return signed
}

// golden compares got with a file of testdata, or rewrites it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s differs; got\n%s\nwant\n%s", path, got, want)
	}
}

// refused fails unless err says want.
func refused(t *testing.T, what string, err error, want string) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: accepted, want a refusal saying %q", what, want)
	} else if !strings.Contains(err.Error(), want) {
		t.Errorf("%s: error %q, want it to say %q", what, err, want)
	}
}
