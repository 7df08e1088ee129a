package ledger

import (
	"fmt"
	"testing"
)

func TestPrefix(t *testing.T) {
	var tree Tree
	roots := []Hash{emptyRoot}
	for i := range 70 {
		tree.Append(fmt.Appendf(nil, "leaf %d", i))
		r, err := tree.Root(int64(i) + 1)
		if err != nil {
			t.Fatal(err)
		}
		roots = append(roots, r)
	}
	for n := int64(1); n <= 70; n++ {
		for m := int64(1); m <= n; m++ {
			list, err := tree.Prefix(m, n)
			if err != nil {
				t.Fatal(err)
			}
			first, all, err := RootsOf(list, m, n)
			if err != nil || first != roots[m] || all != roots[n] {
				t.Fatalf("RootsOf(Prefix(%d, %d)) = %v, %v, %v", m, n, first, all, err)
			}
			if _, _, err := RootsOf(list[:len(list)-1], m, n); err == nil {
				t.Errorf("%d of %d: one hash less was taken", m, n)
			}
			if _, _, err := RootsOf(append(list[:len(list):len(list)], list[0]), m, n); err == nil {
				t.Errorf("%d of %d: one hash more was taken", m, n)
			}
			changed := append([]Hash(nil), list...)
			changed[len(changed)-1][0] ^= 1
			if _, all, err := RootsOf(changed, m, n); err == nil && all == roots[n] {
				t.Errorf("%d of %d: a changed hash leads to the same root", m, n)
			}
		}
	}
	for _, bad := range [][2]int64{{0, 3}, {-1, 3}, {4, 3}, {1, 71}} {
		if _, err := tree.Prefix(bad[0], bad[1]); err == nil {
			t.Errorf("Prefix(%d, %d) is answered", bad[0], bad[1])
		}
	}
	for _, bad := range [][2]int64{{0, 3}, {4, 3}, {1, MaxSize + 1}} {
		if _, _, err := RootsOf([]Hash{{}}, bad[0], bad[1]); err == nil {
			t.Errorf("RootsOf of %d and %d is answered", bad[0], bad[1])
		}
	}
}

func TestGrown(t *testing.T) {
	for base := range 20 {
		var tree, whole Tree
		for i := range base {
			tree.Append(fmt.Append(nil, i))
		}
		before, err := tree.Root(int64(base))
		if err != nil {
			t.Fatal(err)
		}
		for i := range base {
			whole.Append(fmt.Append(nil, i))
		}
		g := tree.Grow()
		for i := base; i < 45; i++ {
			row := g.Append(fmt.Append(nil, i))
			whole.Append(fmt.Append(nil, i))
			if want := whole.AppendRow(nil, int64(i)); string(row) != string(want) {
				t.Fatalf("%d behind %d: other stored hashes", i, base)
			}
			want, err := whole.Root(int64(i) + 1)
			if got, e := g.Root(); err != nil || e != nil || got != want || g.Size() != int64(i)+1 {
				t.Fatalf("%d behind %d: another root", i, base)
			}
		}
		if after, err := tree.Root(int64(base)); err != nil || after != before || tree.Size() != int64(base) {
			t.Errorf("the tree of %d changed", base)
		}
	}
}

func FuzzAddCheckpoint(f *testing.F) {
	cp := Checkpoint{Origin: "log.test/1", Size: 3, Root: Hash{1}}
	f.Add(AddCheckpoint{Old: 2, Proof: []Hash{{1}, {2}}, Checkpoint: append([]byte(cp.Text()), "\n— log.test/1 AAAAAAAA\n"...)}.Text())
	f.Add([]byte("old 0\n\nx"))
	f.Fuzz(func(t *testing.T, text []byte) {
		a, err := ParseAddCheckpoint(text)
		if err == nil && string(a.Text()) != string(text) {
			t.Errorf("read as\n%s", a.Text())
		}
	})
}
