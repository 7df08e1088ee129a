package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
)

func TestTilePath(t *testing.T) {
	for _, c := range []struct {
		text string
		path TilePath
	}{
		{"tile/0/000", TilePath{0, 0, 256}},
		{"tile/0/000.p/1", TilePath{0, 0, 1}},
		{"tile/0/x001/067", TilePath{0, 1067, 256}},
		{"tile/0/x001/067.p/8", TilePath{0, 1067, 8}},
		{"tile/1/x001/x234/067.p/255", TilePath{1, 1234067, 255}},
		{"tile/7/999", TilePath{7, 999, 256}},
		{"tile/63/000", TilePath{63, 0, 256}},
		{"tile/entries/000", TilePath{-1, 0, 256}},
		{"tile/entries/000.p/112", TilePath{-1, 0, 112}},
		{"tile/entries/x001/000", TilePath{-1, 1000, 256}},
		{"tile/0/x004/x503/x599/x627/x370/496", TilePath{0, maxTile, 256}},
		{"tile/entries/x004/x503/x599/x627/x370/495.p/255", TilePath{-1, maxTile - 1, 255}},
	} {
		got, err := ParseTilePath(c.text)
		if err != nil || got != c.path {
			t.Errorf("ParseTilePath(%q) = %v, %v, want %v", c.text, got, err, c.path)
		}
		if got := c.path.String(); got != c.text {
			t.Errorf("String() = %q, want %q", got, c.text)
		}
		if got := c.path.Entries(); got != strings.Contains(c.text, "entries") {
			t.Errorf("%s: Entries() = %v", c.text, got)
		}
	}
}

func TestTilePathRefusals(t *testing.T) {
	for _, s := range []string{
		"", "/", "tile", "tile/", "tile/0", "tile/0/", "/tile/0/000", "tile/0/000/", "tile//000", "tiles/0/000",
		"tile/00/000", "tile/+1/000", "tile/-1/000", "tile/64/000", "tile/256/000", "tile/a/000", "tile/٠/000",
		"tile/data/000", "tile/8/0/000", "tile/Entries/000", "tile/entries", "tile/entries/", "tile/0/entries/000",
		"tile/0/0", "tile/0/00", "tile/0/0000", "tile/0/x000/000", "tile/0/000/000", "tile/0/x000", "tile/0/x001",
		"tile/0/001/067", "tile/0/x001/x067", "tile/0/x1/067", "tile/0/x001/67", "tile/0/X001/067", "tile/0/-01", "tile/0/+01",
		"tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/08", "tile/0/000.p/-1", "tile/0/000.p/", "tile/0/000.p", "tile/0/000.p/8/", "tile/0/000.P/8", "tile/0/000.p/8.p/8",
		"tile/0/.p/8", "tile/0/x001/067.p/1/2", "tile/0/000\n", " tile/0/000", "tile/0/%30%30%30", "tile/../0/000", "tile/0/../000", `tile\0\000`,
		"tile/0/x004/x503/x599/x627/x370/497", "tile/0/x999/x999/x999/x999/x999/x999/999", "tile/0/x009/x223/x372/x036/x854/x775/807",
		"tile/0/x018/x446/x744/x073/x709/x551/616", "tile/0/" + strings.Repeat("x001/", 1000) + "000",
	} {
		if p, err := ParseTilePath(s); err == nil {
			t.Errorf("ParseTilePath(%.80q) = %v, want a refusal", s, p)
		} else if !strings.Contains(err.Error(), "is not the path of a tile") {
			t.Errorf("ParseTilePath(%.80q): %v", s, err)
		}
	}
}

// The examples of c2sp.org/tlog-tiles, and the edges around them.
func TestTileExists(t *testing.T) {
	for _, c := range []struct {
		size int64
		path string
		want bool
	}{
		{70000, "tile/0/272", true}, {70000, "tile/0/273", false}, {70000, "tile/0/273.p/112", true}, {70000, "tile/0/273.p/113", false},
		{70000, "tile/0/273.p/1", true}, {70000, "tile/0/000.p/255", true}, {70000, "tile/0/274.p/1", false},
		{70000, "tile/1/000", true}, {70000, "tile/1/001.p/17", true}, {70000, "tile/1/001.p/18", false}, {70000, "tile/1/001", false},
		{70000, "tile/2/000.p/1", true}, {70000, "tile/2/000.p/2", false}, {70000, "tile/3/000.p/1", false}, {70000, "tile/63/000.p/1", false},
		{70000, "tile/entries/272", true}, {70000, "tile/entries/273", false}, {70000, "tile/entries/273.p/112", true}, {70000, "tile/entries/273.p/113", false},
		{256, "tile/0/000", true}, {256, "tile/1/000.p/1", true}, {256, "tile/1/000.p/2", false}, {256, "tile/0/001.p/1", false},
		{255, "tile/0/000", false}, {255, "tile/1/000.p/1", false}, {255, "tile/entries/000.p/255", true},
		{1, "tile/0/000.p/1", true}, {0, "tile/0/000.p/1", false}, {0, "tile/entries/000.p/1", false}, {-1, "tile/0/000.p/1", false},
		{MaxSize, "tile/0/x004/x503/x599/x627/x370/495", true}, {MaxSize, "tile/0/x004/x503/x599/x627/x370/496.p/1", false},
		{MaxSize, "tile/7/000.p/16", true}, {MaxSize, "tile/7/000.p/17", false}, {MaxSize + 1, "tile/0/000", false}, {math.MaxInt64, "tile/0/000", false},
	} {
		p := must[TilePath](t)(ParseTilePath(c.path))
		if got := p.Exists(c.size); got != c.want {
			t.Errorf("%s exists in a tree of %d: %v, want %v", c.path, c.size, got, c.want)
		}
	}
	for _, p := range []TilePath{{-2, 0, 1}, {0, -1, 1}, {0, 0, 0}, {0, 0, -1}, {0, 0, 257}, {0, math.MaxInt64, 256}, {0, math.MinInt64, 1}, {math.MaxInt, 0, 1}, {-1, 1 << 56, 1}} {
		if p.Exists(MaxSize) {
			t.Errorf("%v exists", p)
		}
	}
}

// Every tile of every size, full, partial and narrower, against RFC 6962's definition.
func TestTilesAgainstTheDefinition(t *testing.T) {
	tree := treeOf(600)
	for _, c := range []struct {
		path string
		step int
	}{
		{"tile/0/000", 1}, {"tile/0/001", 1}, {"tile/0/002.p/88", 1}, {"tile/0/002.p/1", 1}, {"tile/0/000.p/7", 1}, {"tile/1/000.p/2", 256}, {"tile/1/000.p/1", 256},
	} {
		p := must[TilePath](t)(ParseTilePath(c.path))
		var want []byte
		for i := int(p.N * 256); i < int(p.N*256)+p.Width; i++ {
			var leaves [][]byte
			for j := i * c.step; j < (i+1)*c.step; j++ {
				leaves = append(leaves, leafOf(int64(j)))
			}
			h := mth(leaves)
			want = append(want, h[:]...)
		}
		if got, err := Tile(p, tree); err != nil || !bytes.Equal(got, want) {
			t.Errorf("Tile(%s) differs, %v", c.path, err)
		}
	}
	// No more and no less than exists can be had.
	for _, level := range []int{0, 1, 2} {
		for n := range int64(4) {
			for width := 1; width <= 256; width++ {
				p := TilePath{level, n, width}
				data, err := Tile(p, tree)
				if (err == nil) != p.Exists(600) {
					t.Errorf("Tile(%s) of 600: %v, exists %v", p, err, p.Exists(600))
				}
				if err == nil && len(data) != 32*width {
					t.Errorf("Tile(%s) has %d bytes", p, len(data))
				}
			}
		}
	}
}

func TestTileRefuses(t *testing.T) {
	tree := treeOf(3)
	_, err := Tile(TilePath{-1, 0, 3}, tree)
	refused(t, "entries", err, "tile/entries/000.p/3 holds entries, not hashes")
	for _, p := range []TilePath{{0, -1, 1}, {8, 0, 1}, {0, 0, 0}, {0, 0, 257}, {0, math.MaxInt64 / 256, 256}, {7, 1, 1}, {-3, 0, 1}} {
		_, err = Tile(p, tree)
		refused(t, fmt.Sprint(p), err, "is in no tree")
	}
	_, err = Tile(TilePath{0, 0, 4}, tree)
	refused(t, "one hash too many", err, "tile/0/000.p/4: stored hash 4 is not in a tree of 3")
	_, err = Tile(TilePath{0, 0, 3}, tlog.HashReaderFunc(func([]int64) ([]Hash, error) { return nil, errors.New("the disk is gone") }))
	refused(t, "a reader that fails", err, "the disk is gone")
}

// tiles serves a tree to tlog's own reader, by path.
type tiles struct {
	t    *testing.T
	tree *Tree
}

func (tiles) Height() int                     { return tileHeight }
func (tiles) SaveTiles([]tlog.Tile, [][]byte) {}
func (s tiles) ReadTiles(list []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, want := range list {
		path := TilePath{want.L, want.N, want.W}
		back := must[TilePath](s.t)(ParseTilePath(path.String()))
		if back != path || !path.Exists(s.tree.Size()) {
			s.t.Errorf("%s asked for in a tree of %d", path, s.tree.Size())
		}
		out = append(out, must[[]byte](s.t)(Tile(path, s.tree)))
	}
	return out, nil
}

// tlog's reader of tiles finds every leaf in ours.
func TestTilesSatisfyTlog(t *testing.T) {
	const size = 70003
	tree := treeOf(size)
	root := must[Hash](t)(tree.Root(size))
	reader := tlog.TileHashReader(tlog.Tree{N: size, Hash: root}, tiles{t, tree})
	for _, i := range []int64{0, 1, 255, 256, 65535, 65536, 69999, size - 1} {
		proof := must[tlog.RecordProof](t)(tlog.ProveRecord(size, i, reader))
		if err := CheckInclusion(proof, size, root, i, LeafHash(leafOf(i))); err != nil {
			t.Error(err)
		}
		if want := must[[]Hash](t)(tree.Inclusion(i, size)); !slices.Equal(proof, want) {
			t.Errorf("the proof of %d from tiles differs", i)
		}
	}
}

func TestTileRange(t *testing.T) {
	from, to := TilePath{-1, 273, 112}.Range()
	if from != 69888 || to != 70000 {
		t.Errorf("Range() = %d, %d, want 69888, 70000", from, to)
	}
}

func TestBundle(t *testing.T) {
	for _, leaves := range [][][]byte{
		{[]byte("a")},
		{{}},
		{[]byte("ab"), {}, []byte("c")},
		{make([]byte, MaxLeaf), []byte("b")},
		slices.Repeat([][]byte{[]byte("leaf\n")}, 256),
	} {
		b := must[[]byte](t)(Bundle(leaves))
		back := must[[][]byte](t)(ParseBundle(b))
		if !slices.EqualFunc(leaves, back, bytes.Equal) {
			t.Errorf("%d leaves come back as %d, or others", len(leaves), len(back))
		}
	}
	if got, want := must[[]byte](t)(Bundle([][]byte{[]byte("ab"), {}, []byte("c")})), "\x00\x02ab\x00\x00\x00\x01c"; string(got) != want {
		t.Errorf("Bundle() = %q, want %q", got, want)
	}
}

func TestBundleRefuses(t *testing.T) {
	_, err := Bundle(nil)
	refused(t, "no entry", err, "1 to 256 entries, not 0")
	_, err = Bundle(make([][]byte, 257))
	refused(t, "257 entries", err, "1 to 256 entries, not 257")
	_, err = Bundle([][]byte{{}, make([]byte, MaxLeaf+1)})
	refused(t, "a large entry", err, "entry 1 of the bundle has 65536 bytes")
	for _, c := range []struct{ what, bundle, want string }{
		{"nothing", "", "is empty"},
		{"half a length", "\x00", "within the length of entry 0"},
		{"no entry behind a length", "\x00\x01", "within entry 0"},
		{"half an entry", "\x00\x01a\x00\x03bc", "within entry 1"},
		{"a byte behind", "\x00\x01a\x00", "within the length of entry 1"},
		{"257 entries", strings.Repeat("\x00\x00", 257), "more than 256 entries"},
	} {
		_, err := ParseBundle([]byte(c.bundle))
		refused(t, c.what, err, c.want)
	}
	// Appending to one entry cannot reach into the next.
	leaves := must[[][]byte](t)(ParseBundle([]byte("\x00\x01a\x00\x01b")))
	_ = append(leaves[0], 'X', 'X', 'X')
	if string(leaves[1]) != "b" {
		t.Error("an entry was written over")
	}
}
