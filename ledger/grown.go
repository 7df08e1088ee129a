package ledger

import "golang.org/x/mod/sumdb/tlog"

// A Grown is a tree with leaves behind it that are not the tree's own, such as those that
// somebody hands over as its next ones. The tree does not change by it, and may not change
// meanwhile.
type Grown struct {
	base  *Tree
	size  int64
	first int64  // index of the first stored hash that is not the tree's
	more  []Hash // those behind it
}

// Grow returns the tree with nothing behind it yet.
func (t *Tree) Grow() *Grown {
	return &Grown{base: t, size: t.size, first: tlog.StoredHashCount(t.size)}
}

// Size returns the number of leaves, the tree's own and those behind it.
func (g *Grown) Size() int64 { return g.size }

// Append adds a leaf and returns its stored hashes, one after the other, as a store keeps them.
func (g *Grown) Append(leaf []byte) (row []byte) {
	hashes, err := tlog.StoredHashes(g.size, leaf, g)
	if err != nil {
		panic("ledger: " + err.Error()) // every hash below its size is there
	}
	g.more = append(g.more, hashes...)
	g.size++
	for _, h := range hashes {
		row = append(row, h[:]...)
	}
	return row
}

// Root returns the root of all leaves.
func (g *Grown) Root() (Hash, error) { return tlog.TreeHash(g.size, g) }

// ReadHashes makes a Grown a tlog.HashReader.
func (g *Grown) ReadHashes(indexes []int64) ([]Hash, error) {
	list := make([]Hash, len(indexes))
	for i, x := range indexes {
		if k := x - g.first; k >= 0 && k < int64(len(g.more)) {
			list[i] = g.more[k]
			continue
		}
		h, err := g.base.ReadHashes([]int64{x})
		if err != nil {
			return nil, err
		}
		list[i] = h[0]
	}
	return list, nil
}
