package ledger

import (
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// The shape of c2sp.org/tlog-tiles: 256 hashes to a tile, eight levels of the tree.
const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
	maxLevel   = 63                    // of a tile, as the format has it
	maxTile    = MaxSize >> tileHeight // number of a tile at level 0
	maxPath    = len("tile/entries/x004/x503/x599/x627/x370/496.p/255")
)

// entries is the level of a TilePath that names entries instead of hashes.
const entries = -1

// A TilePath names 256 neighbouring hashes of a tree, or as many entries, or the first few
// of them: the path under which a log serves them (c2sp.org/tlog-tiles).
//
//	tile/0/x001/067         hashes 273,152 to 273,407 of the leaves
//	tile/1/000.p/4          the first four hashes of full tiles of level 0
//	tile/entries/000.p/112  the first 112 entries
type TilePath struct {
	Level int   // 0 and up for hashes, -1 for entries
	N     int64 // number within the level
	Width int   // 1 to 256
}

// Entries reports whether the path names a bundle of entries, and not a tile of hashes.
func (p TilePath) Entries() bool { return p.Level == entries }

// Range returns the first and the end of what the path names: entries, or hashes of
// its level.
func (p TilePath) Range() (from, to int64) {
	return p.N * tileWidth, p.N*tileWidth + int64(p.Width)
}

// String returns the path, as ParseTilePath reads it.
func (p TilePath) String() string {
	t := tlog.Tile{H: tileHeight, L: p.Level, N: p.N, W: p.Width}
	if p.Entries() {
		return "tile/entries/" + strings.TrimPrefix(t.Path(), "tile/8/data/")
	}
	return "tile/" + strings.TrimPrefix(t.Path(), "tile/8/")
}

// ParseTilePath reads the path of a tile or bundle, with no slash before it. It has one
// spelling.
func ParseTilePath(s string) (TilePath, error) {
	bad := fmt.Errorf("%.80q is not the path of a tile", s)
	rest, ok := strings.CutPrefix(s, "tile/")
	if !ok || len(s) > maxPath {
		return TilePath{}, bad
	}
	if bundle, ok := strings.CutPrefix(rest, "entries/"); ok {
		rest = "data/" + bundle
	}
	t, err := tlog.ParseTilePath("tile/8/" + rest)
	if err != nil {
		return TilePath{}, bad
	}
	p := TilePath{Level: t.L, N: t.N, Width: t.W}
	if p.String() != s || p.Level > maxLevel || p.N < 0 || p.N > maxTile {
		return TilePath{}, bad
	}
	return p, nil
}

// Exists reports whether a tree of a size has all that the path names. A partial tile
// exists for as long as the log does, also when the full one is there.
func (p TilePath) Exists(size int64) bool {
	if size < 0 || size > MaxSize || p.Level < entries || p.Level > maxLevel || p.N < 0 || p.Width < 1 || p.Width > tileWidth {
		return false
	}
	have := size >> (tileHeight * max(p.Level, 0))
	return p.N <= have/tileWidth && have-p.N*tileWidth >= int64(p.Width)
}

// Tile returns the hashes of a tile one after the other, as they are served. Entries are
// no hashes: see Bundle.
func Tile(p TilePath, r tlog.HashReader) ([]byte, error) {
	if p.Entries() {
		return nil, fmt.Errorf("%s holds entries, not hashes", p)
	}
	if !p.Exists(MaxSize) {
		return nil, fmt.Errorf("%s is in no tree", p)
	}
	data, err := tlog.ReadTileData(tlog.Tile{H: tileHeight, L: p.Level, N: p.N, W: p.Width}, r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p, err)
	}
	return data, nil
}
