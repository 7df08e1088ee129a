package ledger

import (
	"crypto/sha256"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// CheckInclusion checks that leaf i of the tree of size n under root has the given leaf
// hash. The proof must be exactly as long as it needs to be.
func CheckInclusion(proof []Hash, n int64, root Hash, i int64, leaf Hash) error {
	if err := checkSize(n); err != nil {
		return err
	}
	if i < 0 || i >= n {
		return fmt.Errorf("there is no leaf %d in a tree of %d", i, n)
	}
	if tlog.CheckRecord(proof, n, root, i, leaf) != nil {
		return fmt.Errorf("the inclusion proof does not lead from this leaf at index %d to the root of %d", i, n)
	}
	return nil
}

// CheckConsistency checks that the tree of size n under root begins with the tree of size m
// under old: that nothing of it was removed or changed. Every tree begins with the empty
// one.
func CheckConsistency(proof []Hash, n int64, root Hash, m int64, old Hash) error {
	if err := checkSize(n); err != nil {
		return err
	}
	if m < 0 || m > n {
		return fmt.Errorf("a tree of %d does not begin with one of %d", n, m)
	}
	var err error
	switch {
	case n == 0:
		err = emptyProof(proof, root == emptyRoot && old == emptyRoot)
	case m == 0:
		err = emptyProof(proof, old == emptyRoot)
	default:
		err = tlog.CheckTree(proof, n, root, m, old)
	}
	if err != nil {
		return fmt.Errorf("the consistency proof does not lead from the root of %d to the root of %d", m, n)
	}
	return nil
}

// emptyRoot is the root of the tree without leaves.
var emptyRoot = Hash(sha256.Sum256(nil))

func emptyProof(proof []Hash, same bool) error {
	if len(proof) != 0 || !same {
		return fmt.Errorf("not the empty tree")
	}
	return nil
}

func checkSize(n int64) error {
	if n < 0 || n > MaxSize {
		return fmt.Errorf("%d is not the size of a tree", n)
	}
	return nil
}
