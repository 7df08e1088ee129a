// Package storetest is the suite that every store passes. A test of an implementation is a
// few lines: it says how to open one, and calls Run.
//
// The suite knows the interface only. What is particular to files, such as whether erased
// bytes can still be found in one, an implementation tests itself; [Log] makes the rows.
package storetest

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"

	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/ledger"
)

// A Log makes rows as a node would: with true tree hashes, and checkpoints that are signed.
// Its zero value is an empty log. The same calls make the same bytes.
type Log struct {
	// Parts makes the parts of an entry. If it is nil, an entry at i has i%4 parts, some
	// empty and some not carried.
	Parts func(index int64) [][]byte

	tree ledger.Tree
	rows []store.Row
}

// Grow adds n entries and returns them with the checkpoint that then holds.
func (l *Log) Grow(n int) (rows []store.Row, checkpoint []byte) {
	for range n {
		i := l.tree.Size()
		name := sha256.Sum256(fmt.Appendf(nil, "record %d", i))
		leaf := fmt.Appendf(nil, "leaf/v1\nclass\n-\nsha256 %x\n", name)
		parts := l.Parts
		if parts == nil {
			parts = someParts
		}
		l.tree.Append(leaf)
		rows = append(rows, store.Row{
			Hash:     name,
			Leaf:     leaf,
			Hashes:   l.tree.AppendRow(nil, i),
			Envelope: fmt.Appendf(nil, `{"envelope":%d,"payload":"%0400d"}`, i, i),
			Parts:    parts(i),
		})
	}
	l.rows = append(l.rows, rows...)
	return rows, l.Checkpoint(l.tree.Size())
}

// Row returns the row made for an index.
func (l *Log) Row(index int64) store.Row { return l.rows[index] }

// Size returns how many rows were made.
func (l *Log) Size() int64 { return l.tree.Size() }

// Checkpoint returns the signed checkpoint of a size up to Size.
func (l *Log) Checkpoint(size int64) []byte {
	root, err := l.tree.Root(size)
	if err != nil {
		panic(err) // the caller asked for more than was made
	}
	signer, err := ledger.NewSigner("storetest.example/log", key("log"))
	if err != nil {
		panic(err)
	}
	signed, err := ledger.SignCheckpoint(ledger.Checkpoint{Origin: signer.Name(), Size: size, Root: root}, signer)
	if err != nil {
		panic(err)
	}
	return signed
}

// Cosigned returns the checkpoint of a size with a cosignature of that time.
func (l *Log) Cosigned(size, at int64) []byte {
	signed := l.Checkpoint(size)
	c, err := ledger.NewCosigner("storetest.example/witness", key("witness"))
	if err != nil {
		panic(err)
	}
	line, err := c.Cosign(signed, at)
	if err != nil {
		panic(err)
	}
	cosigned, err := ledger.AddCosignatures(signed, line)
	if err != nil {
		panic(err)
	}
	return cosigned
}

func key(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte(name))
	return ed25519.NewKeyFromSeed(seed[:])
}

func someParts(i int64) [][]byte {
	var parts [][]byte
	for n := range i % 4 {
		switch p := fmt.Appendf(nil, `{"id":"%032x","part":"%d","facts":"%d"}`, i, n, i*n); {
		case i%11 == 10 && n == 1:
			parts = append(parts, nil) // not carried
		case i%13 == 12 && n == 0:
			parts = append(parts, []byte{}) // carried, and empty
		default:
			parts = append(parts, p)
		}
	}
	return parts
}

// Same says how two rows differ, or returns "". A part that is not carried differs from an
// empty one.
func Same(got, want store.Row) string {
	switch {
	case got.Hash != want.Hash:
		return fmt.Sprintf("Hash = %x, want %x", got.Hash, want.Hash)
	case !bytes.Equal(got.Leaf, want.Leaf):
		return fmt.Sprintf("Leaf = %q, want %q", got.Leaf, want.Leaf)
	case !bytes.Equal(got.Hashes, want.Hashes):
		return fmt.Sprintf("Hashes = %x, want %x", got.Hashes, want.Hashes)
	case !bytes.Equal(got.Envelope, want.Envelope):
		return fmt.Sprintf("Envelope = %q, want %q", got.Envelope, want.Envelope)
	case len(got.Parts) != len(want.Parts):
		return fmt.Sprintf("%d parts, want %d", len(got.Parts), len(want.Parts))
	}
	for n := range want.Parts {
		g, w := got.Parts[n], want.Parts[n]
		if !bytes.Equal(g, w) || (g == nil) != (w == nil) {
			return fmt.Sprintf("part %d = %q (carried %v), want %q (carried %v)", n, g, g != nil, w, w != nil)
		}
	}
	return ""
}
