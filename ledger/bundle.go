package ledger

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// MaxLeaf is the largest entry a bundle can carry, so the largest worth appending.
const MaxLeaf = math.MaxUint16

// Bundle returns entries as they are served, each after its length in two bytes
// (c2sp.org/tlog-tiles). A bundle has 1 to 256 entries of at most MaxLeaf bytes.
func Bundle(leaves [][]byte) ([]byte, error) {
	if len(leaves) < 1 || len(leaves) > tileWidth {
		return nil, fmt.Errorf("a bundle has 1 to %d entries, not %d", tileWidth, len(leaves))
	}
	var b []byte
	for i, leaf := range leaves {
		if len(leaf) > MaxLeaf {
			return nil, fmt.Errorf("entry %d of the bundle has %d bytes, more than %d", i, len(leaf), MaxLeaf)
		}
		b = binary.BigEndian.AppendUint16(b, uint16(len(leaf)))
		b = append(b, leaf...)
	}
	return b, nil
}

// ParseBundle returns the entries of a bundle, which share its memory.
func ParseBundle(bundle []byte) ([][]byte, error) {
	if len(bundle) == 0 {
		return nil, errors.New("the bundle is empty")
	}
	var leaves [][]byte
	for len(bundle) > 0 {
		if len(leaves) == tileWidth {
			return nil, fmt.Errorf("the bundle has more than %d entries", tileWidth)
		}
		if len(bundle) < 2 {
			return nil, fmt.Errorf("the bundle ends within the length of entry %d", len(leaves))
		}
		n := int(binary.BigEndian.Uint16(bundle))
		if bundle = bundle[2:]; len(bundle) < n {
			return nil, fmt.Errorf("the bundle ends within entry %d", len(leaves))
		}
		leaves = append(leaves, bundle[:n:n])
		bundle = bundle[n:]
	}
	return leaves, nil
}
