package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"math"
	"math/bits"
	"slices"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

// mth is the Merkle tree hash as RFC 6962, 2.1 defines it, with nothing of ours.
func mth(leaves [][]byte) Hash {
	switch len(leaves) {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return sha256.Sum256(append([]byte{0}, leaves[0]...))
	}
	k := 1 << (bits.Len(uint(len(leaves)-1)) - 1)
	l, r := mth(leaves[:k]), mth(leaves[k:])
	return sha256.Sum256(slices.Concat([]byte{1}, l[:], r[:]))
}

// The roots of the test leaves of Certificate Transparency's reference code.
func TestReferenceRoots(t *testing.T) {
	leaves := []string{"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"}
	roots := []string{
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
	}
	var tree Tree
	for n, want := range roots {
		if n > 0 {
			leaf, _ := hex.DecodeString(leaves[n-1])
			tree.Append(leaf)
		}
		if got, err := tree.Root(int64(n)); err != nil || hex.EncodeToString(got[:]) != want {
			t.Errorf("Root(%d) = %x, %v, want %s", n, got, err, want)
		}
	}
}

// Every proof of every prefix of a small tree: it is what tlog gives, it holds, and it
// holds for nothing else.
func TestProofsOfSmallTrees(t *testing.T) {
	const top = 40
	tree := treeOf(top)
	var leaves [][]byte
	var stored []Hash // kept by tlog alone
	reader := tlog.HashReaderFunc(func(list []int64) ([]Hash, error) {
		out := make([]Hash, len(list))
		for i, x := range list {
			out[i] = stored[x]
		}
		return out, nil
	})
	for n := int64(0); n <= top; n++ {
		root := must[Hash](t)(tree.Root(n))
		if want := mth(leaves); root != want {
			t.Fatalf("Root(%d) = %v, want %v", n, root, want)
		}
		for i := range n {
			proof := must[[]Hash](t)(tree.Inclusion(i, n))
			want := must[tlog.RecordProof](t)(tlog.ProveRecord(n, i, reader))
			if !slices.Equal(proof, want) {
				t.Fatalf("Inclusion(%d, %d) = %v, want %v", i, n, proof, want)
			}
			check := func(p []Hash, n int64, root Hash, i int64, leaf Hash) bool {
				return CheckInclusion(p, n, root, i, leaf) == nil
			}
			leaf := LeafHash(leaves[i])
			if !check(proof, n, root, i, leaf) {
				t.Fatalf("the inclusion proof of %d in %d does not hold", i, n)
			}
			for j := range n {
				if j != i && (check(proof, n, root, j, leaf) || check(proof, n, root, i, LeafHash(leaves[j]))) {
					t.Fatalf("the inclusion proof of %d in %d holds for %d", i, n, j)
				}
			}
			for _, bad := range mutations(proof) {
				if check(bad, n, root, i, leaf) {
					t.Fatalf("an altered inclusion proof of %d in %d holds", i, n)
				}
			}
			if check(proof, n, flip(root), i, leaf) || check(proof, n, root, i, flip(leaf)) {
				t.Fatalf("the inclusion proof of %d in %d holds for another hash", i, n)
			}
		}
		for m := int64(0); m <= n; m++ {
			old := must[Hash](t)(tree.Root(m))
			proof := must[[]Hash](t)(tree.Consistency(m, n))
			if err := CheckConsistency(proof, n, root, m, old); err != nil {
				t.Fatalf("from %d to %d: %v", m, n, err)
			}
			for _, bad := range mutations(proof) {
				if CheckConsistency(bad, n, root, m, old) == nil {
					t.Fatalf("an altered consistency proof from %d to %d holds", m, n)
				}
			}
			if CheckConsistency(proof, n, root, m, flip(old)) == nil {
				t.Fatalf("the consistency proof from %d to %d holds for another old root", m, n)
			}
			if m > 0 && CheckConsistency(proof, n, flip(root), m, old) == nil {
				t.Fatalf("the consistency proof from %d to %d holds for another new root", m, n)
			}
		}
		if n < top {
			leaf := leafOf(n)
			hashes := must[[]Hash](t)(tlog.StoredHashes(n, leaf, reader))
			stored = append(stored, hashes...)
			leaves = append(leaves, leaf)
		}
	}
	if int64(len(stored)) != tree.count {
		t.Fatalf("the tree has %d stored hashes, want %d", tree.count, len(stored))
	}
	at := make([]int64, len(stored))
	for i := range at {
		at[i] = int64(i)
	}
	if !slices.Equal(stored, must[[]Hash](t)(tree.ReadHashes(at))) {
		t.Error("the tree's stored hashes are not those of tlog")
	}
}

func flip(h Hash) Hash {
	h[7] ^= 0x10
	return h
}

// mutations returns a proof with each hash altered, dropped and doubled, and one too many.
func mutations(proof []Hash) [][]Hash {
	list := [][]Hash{append(slices.Clone(proof), Hash{1})}
	for i := range proof {
		altered := slices.Clone(proof)
		altered[i] = flip(altered[i])
		list = append(list, altered,
			slices.Delete(slices.Clone(proof), i, i+1),
			slices.Insert(slices.Clone(proof), i, proof[i]))
	}
	return list
}

// Whatever is appended, loaded and truncated, the tree is that of the leaves that stand.
func TestTreeIsItsLeaves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var tree Tree
		var leaves [][]byte
		var rows [][]byte
		t.Repeat(map[string]func(*rapid.T){
			"append": func(t *rapid.T) {
				for range rapid.IntRange(1, 40).Draw(t, "n") {
					leaf := rapid.SliceOfN(rapid.Byte(), 0, 8).Draw(t, "leaf")
					tree.Append(leaf)
					rows = append(rows, tree.AppendRow(nil, tree.Size()-1))
					leaves = append(leaves, leaf)
				}
			},
			"truncate": func(t *rapid.T) {
				n := rapid.IntRange(0, len(leaves)).Draw(t, "n")
				tree.Truncate(int64(n))
				leaves, rows = leaves[:n:n], rows[:n:n]
			},
			"reload": func(t *rapid.T) {
				tree = Tree{}
				for i, row := range rows {
					if err := tree.Load(row); err != nil {
						t.Fatalf("row %d: %v", i, err)
					}
				}
			},
			"": func(t *rapid.T) {
				if tree.Size() != int64(len(leaves)) {
					t.Fatalf("Size() = %d, want %d", tree.Size(), len(leaves))
				}
				if got, err := tree.Root(tree.Size()); err != nil || got != mth(leaves) {
					t.Fatalf("Root(%d) = %v, %v, want %v", len(leaves), got, err, mth(leaves))
				}
			},
		})
	})
}

// What AppendRow returned stays as it was when the tree is cut and grown otherwise.
func TestRowsAreTheCallers(t *testing.T) {
	tree := treeOf(7)
	tree.Append([]byte("one"))
	row := tree.AppendRow(nil, 7)
	kept := slices.Clone(row)
	tree.Truncate(7)
	tree.Append([]byte("another"))
	if !slices.Equal(row, kept) {
		t.Error("hashes of a forgotten leaf changed under the caller")
	}
}

// A copy of a tree stays readable while the first one is cut back to it and grows over many
// pages, and gives what it gave.
func TestCopyOfATree(t *testing.T) {
	const size = 3*page/2 + 5
	tree := treeOf(size)
	copied := *tree
	want := must[Hash](t)(copied.Root(size))
	tree.Append([]byte("forgotten"))
	tree.Truncate(size)
	for i := range int64(2 * page) {
		tree.Append(leafOf(size + i))
	}
	if got, err := copied.Root(size); err != nil || got != want || copied.Size() != size {
		t.Errorf("Root(%d) of the copy = %v, %v, want %v", size, got, err, want)
	}
	if got, err := tree.Root(size); err != nil || got != want {
		t.Errorf("Root(%d) = %v, %v, want %v", size, got, err, want)
	}
}

// The hash of level l, position n stands in row (n+1)<<l - 1 at byte 32*l.
func TestRowOfAStoredHash(t *testing.T) {
	const size = 300
	var tree Tree
	var rows [][]byte
	var leaves [][]byte
	for i := range int64(size) {
		leaves = append(leaves, leafOf(i))
		tree.Append(leafOf(i))
		rows = append(rows, tree.AppendRow(nil, i))
	}
	for l := 0; l < 9; l++ {
		for n := 0; (n+1)<<l <= size; n++ {
			row := rows[(n+1)<<l-1]
			got, want := row[32*l:32*l+32], mth(leaves[n<<l:(n+1)<<l])
			if !bytes.Equal(got, want[:]) {
				t.Fatalf("level %d, position %d: row holds %x, want %x", l, n, got, want)
			}
		}
	}
}

func TestTreeRefuses(t *testing.T) {
	tree := treeOf(5)
	_, err := tree.Root(6)
	refused(t, "Root(6)", err, "a tree of 6 is asked for, this one has 5")
	_, err = tree.Root(-1)
	refused(t, "Root(-1)", err, "a tree of -1")
	_, err = tree.Inclusion(5, 5)
	refused(t, "Inclusion(5, 5)", err, "no leaf 5 in a tree of 5")
	_, err = tree.Inclusion(-1, 5)
	refused(t, "Inclusion(-1, 5)", err, "no leaf -1")
	_, err = tree.Inclusion(0, 0)
	refused(t, "Inclusion(0, 0)", err, "no leaf 0")
	_, err = tree.Inclusion(0, math.MaxInt64)
	refused(t, "Inclusion(0, max)", err, "is asked for")
	_, err = tree.Consistency(4, 3)
	refused(t, "Consistency(4, 3)", err, "a tree of 3 does not begin with one of 4")
	_, err = tree.Consistency(4, 6)
	refused(t, "Consistency(4, 6)", err, "a tree of 6 is asked for")
	_, err = tree.Consistency(-1, 3)
	refused(t, "Consistency(-1, 3)", err, "does not begin with one of -1")
	_, err = tree.ReadHashes([]int64{0, 8})
	refused(t, "ReadHashes(8)", err, "stored hash 8 is not in a tree of 5")
	_, err = tree.ReadHashes([]int64{-1})
	refused(t, "ReadHashes(-1)", err, "stored hash -1")
	for _, n := range []int{0, 31, 32, 33, 96} {
		refused(t, "Load", tree.Load(make([]byte, n)), "the stored hashes of leaf 5 have")
	}
	if tree.Size() != 5 {
		t.Errorf("Size() = %d after refusals, want 5", tree.Size())
	}
	tree.Truncate(9)
	if tree.Size() != 5 {
		t.Errorf("Size() = %d after Truncate(9), want 5", tree.Size())
	}
	defer func() {
		if recover() == nil {
			t.Error("Truncate(-1) did not panic")
		}
	}()
	tree.Truncate(-1)
}

// Sizes on which tlog's own arithmetic would never end.
func TestProofsOfImpossibleSizes(t *testing.T) {
	for _, n := range []int64{-1, math.MinInt64, MaxSize + 1, 1<<62 + 1, math.MaxInt64} {
		refused(t, "CheckInclusion", CheckInclusion(nil, n, Hash{}, 0, Hash{}), "is not the size of a tree")
		refused(t, "CheckConsistency", CheckConsistency(nil, n, Hash{}, 1, Hash{}), "is not the size of a tree")
	}
	for _, i := range []int64{-1, math.MinInt64, MaxSize, math.MaxInt64} {
		refused(t, "CheckInclusion", CheckInclusion(nil, MaxSize, Hash{}, i, Hash{}), "there is no leaf")
	}
	for _, m := range []int64{-1, math.MinInt64, MaxSize + 1, math.MaxInt64} {
		refused(t, "CheckConsistency", CheckConsistency(nil, MaxSize, Hash{}, m, Hash{}), "does not begin with")
	}
	// The largest tree there can be is no trouble: a proof of 60 hashes runs to its end.
	proof := make([]Hash, maxHashes)
	refused(t, "CheckInclusion", CheckInclusion(proof, MaxSize, Hash{}, MaxSize-1, Hash{}), "does not lead from")
	root := LeafHash(nil)
	for range maxHashes {
		root = tlog.NodeHash(Hash{}, root)
	}
	if err := CheckInclusion(proof, MaxSize, root, MaxSize-1, LeafHash(nil)); err != nil {
		t.Error(err)
	}
}

func TestConsistencyWithNothing(t *testing.T) {
	root := must[Hash](t)(treeOf(3).Root(3))
	if err := CheckConsistency(nil, 3, root, 0, emptyRoot); err != nil {
		t.Error(err)
	}
	if err := CheckConsistency(nil, 0, emptyRoot, 0, emptyRoot); err != nil {
		t.Error(err)
	}
	refused(t, "a wrong root of nothing", CheckConsistency(nil, 3, root, 0, root), "does not lead")
	refused(t, "a wrong root of nothing", CheckConsistency(nil, 0, root, 0, root), "does not lead")
	refused(t, "a proof from nothing", CheckConsistency([]Hash{root}, 3, root, 0, emptyRoot), "does not lead")
}
