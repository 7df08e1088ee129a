package record

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"testing"
)

func lodgingKey(name string) ed25519.PrivateKey {
	s := sha256.Sum256([]byte("lodging " + name))
	return ed25519.NewKeyFromSeed(s[:])
}

func TestLodging(t *testing.T) {
	key := lodgingKey("w")
	for _, exercise := range []bool{false, true} {
		n, err := SignLodging(key, exercise, Hash{1}, Hash{2}, 1482000000)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ParseLodging(n.Text())
		if err != nil || got.Lodging != n.Lodging || got.Exercise() != exercise || !bytes.Equal(got.Text(), n.Text()) {
			t.Fatalf("read as %+v, %v", got, err)
		}
		if err := got.Verify(key.Public().(ed25519.PublicKey)); err != nil {
			t.Error(err)
		}
		if err := got.Verify(lodgingKey("x").Public().(ed25519.PublicKey)); err == nil {
			t.Error("another key was taken")
		}
		for i := range n.Text() {
			b := bytes.Clone(n.Text())
			b[i] ^= 1
			if other, err := ParseLodging(b); err == nil && other.Verify(key.Public().(ed25519.PublicKey)) == nil {
				t.Errorf("byte %d changed and the note holds", i)
			}
		}
		if _, err := ParseEnvelope(n.Text()); err == nil {
			t.Error("a lodging passes for a record")
		}
	}
}

func FuzzLodging(f *testing.F) {
	n, err := SignLodging(lodgingKey("w"), false, Hash{1}, Hash{2}, 1482000000)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(n.Text())
	f.Fuzz(func(t *testing.T, text []byte) {
		if n, err := ParseLodging(text); err == nil && !bytes.Equal(n.Text(), text) {
			t.Errorf("read as %s", n.Text())
		}
	})
}
