package check_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"unicode/utf8"

	"corridor.example/corridor/record"
)

var update = flag.Bool("update", false, "write those of testdata/vectors that are made here anew")

// compare holds a vector file to the table it is made from, or writes it.
func compare[V any](t *testing.T, name, about string, cases []V) {
	t.Helper()
	var b bytes.Buffer
	b.WriteString(`{"about":"` + about + `","cases":[` + "\n")
	for i, c := range cases {
		text, err := record.Encode(c)
		if err != nil {
			t.Fatalf("case %d: %v", i, err)
		}
		b.Write(text)
		if i < len(cases)-1 {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
	}
	b.WriteString("]}\n")
	path := filepath.Join(vectors, name)
	if *update {
		if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, b.Bytes()) {
		t.Errorf("%s is stale; go test ./internal/check -update writes it", name)
	}
}

// key is the private key of a name, as testdata/vectors/README.md has it.
func key(name string) ed25519.PrivateKey {
	s := sha256.Sum256([]byte("corridor vector " + name))
	return ed25519.NewKeyFromSeed(s[:])
}

func public(name string) ed25519.PublicKey { return key(name).Public().(ed25519.PublicKey) }

// textOrBase64 gives a text as it is if a JSON file can hold it, else in base64.
func textOrBase64(s string) (asText, asBase64 *string) {
	if utf8.ValidString(s) {
		return &s, nil
	}
	b := b64([]byte(s))
	return nil, &b
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
