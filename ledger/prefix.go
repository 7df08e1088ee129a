package ledger

import (
	"fmt"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"
)

// Prefix returns the hashes from which RootsOf works out the roots of the first m and of the
// first n leaves, 0 < m <= n: the consistency proof of RFC 6962, 2.1.2 in its longest form, in
// which the hash of the old tree stands also where m is a power of two (SUBPROOF with b false).
// A reader thereby learns what the tree of n leaves says of its first m, and can hold it
// against what the log signed of m.
func (t *Tree) Prefix(m, n int64) ([]Hash, error) {
	if err := t.holds(n); err != nil {
		return nil, err
	}
	if m < 1 || m > n {
		return nil, fmt.Errorf("a tree of %d has no first %d leaves", n, m)
	}
	return PrefixOf(t, m, n)
}

// PrefixOf is Tree.Prefix of a tree that r reads the stored hashes of, 0 < m <= n.
func PrefixOf(r tlog.HashReader, m, n int64) ([]Hash, error) { return prefix(r, m, 0, n) }

// prefix is SUBPROOF(m, D[lo:hi], false), with m counted from lo.
func prefix(r tlog.HashReader, m, lo, hi int64) ([]Hash, error) {
	if m == hi-lo {
		h, err := span(r, lo, hi)
		return []Hash{h}, err
	}
	k := split(hi - lo)
	if m <= k {
		list, err := prefix(r, m, lo, lo+k)
		if err != nil {
			return nil, err
		}
		h, err := span(r, lo+k, hi)
		return append(list, h), err
	}
	list, err := prefix(r, m-k, lo+k, hi)
	if err != nil {
		return nil, err
	}
	h, err := span(r, lo, lo+k)
	return append(list, h), err
}

// span returns the hash of the subtree over leaves lo to hi, as RFC 6962 divides a tree.
func span(r tlog.HashReader, lo, hi int64) (Hash, error) {
	if n := hi - lo; n&(n-1) == 0 {
		level := bits.TrailingZeros64(uint64(n))
		h, err := r.ReadHashes([]int64{tlog.StoredHashIndex(level, lo>>level)})
		if err != nil {
			return Hash{}, err
		}
		return h[0], nil
	}
	k := split(hi - lo)
	left, err := span(r, lo, lo+k)
	if err != nil {
		return Hash{}, err
	}
	right, err := span(r, lo+k, hi)
	return tlog.NodeHash(left, right), err
}

// split returns the largest power of two below n, for n > 1.
func split(n int64) int64 { return 1 << (bits.Len64(uint64(n-1)) - 1) }

// RootsOf returns the roots of the first m and of all n leaves of one tree, as the hashes that
// Prefix gives lead to them, 0 < m <= n. That the second is a root which somebody signed is for
// the caller to compare; if it is, the first is what that tree says of its first m leaves.
func RootsOf(hashes []Hash, m, n int64) (first, all Hash, err error) {
	if err := checkSize(n); err != nil {
		return first, all, err
	}
	if m < 1 || m > n {
		return first, all, fmt.Errorf("a tree of %d has no first %d leaves", n, m)
	}
	if len(hashes) == 0 || len(hashes) > maxHashes+1 {
		return first, all, fmt.Errorf("%d hashes lead from the first %d leaves to no root of %d", len(hashes), m, n)
	}
	rest := hashes
	first, all, ok := rootsOf(&rest, m, n)
	if !ok || len(rest) != 0 {
		return Hash{}, Hash{}, fmt.Errorf("%d hashes do not lead from the first %d leaves to the root of %d", len(hashes), m, n)
	}
	return first, all, nil
}

func rootsOf(rest *[]Hash, m, n int64) (first, all Hash, ok bool) {
	take := func() (h Hash, ok bool) {
		if len(*rest) == 0 {
			return h, false
		}
		h, *rest = (*rest)[0], (*rest)[1:]
		return h, true
	}
	if m == n {
		h, ok := take()
		return h, h, ok
	}
	k := split(n)
	if m <= k {
		first, all, ok = rootsOf(rest, m, k)
		right, more := take()
		return first, tlog.NodeHash(all, right), ok && more
	}
	first, all, ok = rootsOf(rest, m-k, n-k)
	left, more := take()
	return tlog.NodeHash(left, first), tlog.NodeHash(left, all), ok && more
}
