package ledger

import (
	"fmt"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"
)

// A Hash is the SHA-256 of a leaf, of an inner node or of a whole tree (RFC 6962, 2.1).
type Hash = tlog.Hash

// MaxSize is the largest tree this package speaks of, 2^60 entries. The arithmetic of
// golang.org/x/mod/sumdb/tlog overflows, and then never ends, above 2^62; a checkpoint that
// claims more is refused before it gets there.
const MaxSize = 1 << 60

// A Tree is an append-only Merkle tree held in memory as its stored hashes, some 64 bytes a
// leaf. The zero Tree is empty. It is not safe for concurrent use while it changes.
//
// The stored hashes of leaf i are its leaf hash and that of each perfect subtree it
// completes: 1 + t of them, where t counts the one bits at the low end of i. So a store
// needs one row per leaf: the hash of level l, position n stands in row (n+1)<<l - 1 at
// byte 32*l.
type Tree struct {
	size   int64
	hashes []Hash // in the order of tlog.StoredHashIndex
}

// LeafHash returns the hash under which a leaf enters the tree.
func LeafHash(leaf []byte) Hash { return tlog.RecordHash(leaf) }

// Size returns the number of leaves.
func (t *Tree) Size() int64 { return t.size }

// Append adds a leaf and returns the new stored hashes, to be kept with it (JoinHashes). It
// takes any bytes; a leaf above MaxLeaf can be proved but not served in a bundle.
func (t *Tree) Append(leaf []byte) []Hash {
	hashes, err := tlog.StoredHashes(t.size, leaf, t)
	if err != nil {
		panic("ledger: " + err.Error()) // the tree holds every hash below its size
	}
	t.hashes = append(t.hashes, hashes...)
	t.size++
	return hashes
}

// Load adds the next leaf by its stored hashes, as JoinHashes wrote them. It checks their
// number and believes their values: a store that may have been altered is read with Append.
func (t *Tree) Load(hashes []byte) error {
	want := tlog.HashSize * (1 + bits.TrailingZeros64(uint64(t.size+1)))
	if len(hashes) != want {
		return fmt.Errorf("the stored hashes of leaf %d have %d bytes, not %d", t.size, len(hashes), want)
	}
	for ; len(hashes) > 0; hashes = hashes[tlog.HashSize:] {
		t.hashes = append(t.hashes, Hash(hashes[:tlog.HashSize]))
	}
	t.size++
	return nil
}

// Truncate forgets the leaves from n on: an uncommitted tail. It does nothing if there are
// none, and panics if n is negative.
func (t *Tree) Truncate(n int64) {
	if n < 0 {
		panic(fmt.Sprintf("ledger: Truncate(%d)", n))
	}
	if n < t.size {
		t.size = n
		t.hashes = t.hashes[:tlog.StoredHashCount(n)]
	}
}

// Root returns the root of the first n leaves. That of none is the SHA-256 of nothing.
func (t *Tree) Root(n int64) (Hash, error) {
	if err := t.holds(n); err != nil {
		return Hash{}, err
	}
	return tlog.TreeHash(n, t)
}

// Inclusion returns the proof that leaf i is in the tree of the first n leaves, from the
// leaf's neighbour up (RFC 6962, 2.1.1). It is empty for a tree of one.
func (t *Tree) Inclusion(i, n int64) ([]Hash, error) {
	if err := t.holds(n); err != nil {
		return nil, err
	}
	if i < 0 || i >= n {
		return nil, fmt.Errorf("there is no leaf %d in a tree of %d", i, n)
	}
	return tlog.ProveRecord(n, i, t)
}

// Consistency returns the proof that the tree of the first n leaves begins with the tree of
// the first m (RFC 6962, 2.1.2). It is empty if m is 0 or n.
func (t *Tree) Consistency(m, n int64) ([]Hash, error) {
	if err := t.holds(n); err != nil {
		return nil, err
	}
	if m < 0 || m > n {
		return nil, fmt.Errorf("a tree of %d does not begin with one of %d", n, m)
	}
	if m == 0 {
		return []Hash{}, nil
	}
	return tlog.ProveTree(n, m, t)
}

// ReadHashes returns stored hashes by tlog.StoredHashIndex, which makes a Tree a
// tlog.HashReader.
func (t *Tree) ReadHashes(indexes []int64) ([]Hash, error) {
	list := make([]Hash, len(indexes))
	for i, x := range indexes {
		if x < 0 || x >= int64(len(t.hashes)) {
			return nil, fmt.Errorf("stored hash %d is not in a tree of %d", x, t.size)
		}
		list[i] = t.hashes[x]
	}
	return list, nil
}

func (t *Tree) holds(n int64) error {
	if n < 0 || n > t.size {
		return fmt.Errorf("a tree of %d is asked for, this one has %d", n, t.size)
	}
	return nil
}

// JoinHashes returns hashes one after the other, as a store keeps them.
func JoinHashes(hashes []Hash) []byte {
	b := make([]byte, 0, len(hashes)*tlog.HashSize)
	for _, h := range hashes {
		b = append(b, h[:]...)
	}
	return b
}
