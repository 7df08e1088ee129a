package ledger

import (
	"crypto/sha256"
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
// leaf. The zero Tree is empty. It is not safe for concurrent use while it changes; a copy of
// the struct is a tree of its own that may be read while the first one grows.
//
// The stored hashes of leaf i are its leaf hash and that of each perfect subtree it
// completes: 1 + t of them, where t counts the one bits at the low end of i. So a store
// needs one row per leaf: the hash of level l, position n stands in row (n+1)<<l - 1 at
// byte 32*l.
type Tree struct {
	size  int64
	count int64         // of hashes
	pages []*[page]Hash // in the order of tlog.StoredHashIndex
}

// page is how many hashes lie together. Pages never move and only the last one has room to
// spare, so a large tree has no second half kept free, and is never copied to grow.
const page = 1 << 10

// push adds the next stored hash.
func (t *Tree) push(h *Hash) {
	if t.count == int64(len(t.pages))*page {
		t.pages = append(t.pages, new([page]Hash))
	}
	*t.stored(t.count) = *h
	t.count++
}

// stored returns the stored hash at an index below count.
func (t *Tree) stored(x int64) *Hash { return &t.pages[x/page][x%page] }

// LeafHash returns the hash under which a leaf enters the tree.
func LeafHash(leaf []byte) Hash {
	var room [512]byte // its first byte, 0, tells a leaf from an inner node
	if len(leaf) >= len(room) {
		return tlog.RecordHash(leaf)
	}
	return sha256.Sum256(room[:1+copy(room[1:], leaf)])
}

// Size returns the number of leaves.
func (t *Tree) Size() int64 { return t.size }

// Append adds a leaf. It takes any bytes; a leaf above MaxLeaf can be proved but not served in
// a bundle.
func (t *Tree) Append(leaf []byte) {
	h := LeafHash(leaf)
	t.push(&h)
	for level, n := 0, t.size; n&1 == 1; level, n = level+1, n>>1 { // completes a subtree
		h = tlog.NodeHash(*t.stored(tlog.StoredHashIndex(level, n-1)), h)
		t.push(&h)
	}
	t.size++
}

// AppendRow appends to dst the stored hashes of leaf i, one after the other, as a store keeps
// them with it and Load reads them. It panics if there is no such leaf.
func (t *Tree) AppendRow(dst []byte, i int64) []byte {
	if i < 0 || i >= t.size {
		panic(fmt.Sprintf("ledger: AppendRow(%d) of a tree of %d", i, t.size))
	}
	first := tlog.StoredHashIndex(0, i)
	for x := range int64(1 + bits.TrailingZeros64(uint64(i+1))) {
		dst = append(dst, t.stored(first + x)[:]...)
	}
	return dst
}

// Load adds the next leaf by its stored hashes, as AppendRow wrote them. It checks their
// number and believes their values: a store that may have been altered is read with Append.
func (t *Tree) Load(hashes []byte) error {
	want := tlog.HashSize * (1 + bits.TrailingZeros64(uint64(t.size+1)))
	if len(hashes) != want {
		return fmt.Errorf("the stored hashes of leaf %d have %d bytes, not %d", t.size, len(hashes), want)
	}
	for ; len(hashes) > 0; hashes = hashes[tlog.HashSize:] {
		t.push((*Hash)(hashes))
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
		t.count = tlog.StoredHashCount(n)
		t.pages = t.pages[:(t.count+page-1)/page]
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
		if x < 0 || x >= t.count {
			return nil, fmt.Errorf("stored hash %d is not in a tree of %d", x, t.size)
		}
		list[i] = *t.stored(x)
	}
	return list, nil
}

func (t *Tree) holds(n int64) error {
	if n < 0 || n > t.size {
		return fmt.Errorf("a tree of %d is asked for, this one has %d", n, t.size)
	}
	return nil
}
