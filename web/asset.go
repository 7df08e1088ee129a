package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
)

// An Asset is one file that a browser loads beside a page. It never changes under its
// address, because the address holds the hash of all of them.
type Asset struct {
	Path  string // inside the tree: "app.css"
	MIME  string
	ETag  string // quoted, as the header wants it
	Bytes []byte // not to be written to

	Packed []byte // the same with gzip
}

// mimes is our own table, so that no machine's mime.types decides what a browser runs.
var mimes = map[string]string{
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".json": "application/json",
	".svg":  "image/svg+xml",
	".png":  "image/png",
	".ico":  "image/x-icon",
	".html": "text/html; charset=utf-8",
	".txt":  "text/plain; charset=utf-8",
}

type tree struct {
	hash   string
	assets []Asset
	byPath map[string]int
}

var theTree = sync.OnceValue(func() tree {
	t := tree{byPath: map[string]int{}}
	var names []string
	made := map[string][]byte{}
	phoneTree(func(name string, b []byte) { names, made[name] = append(names, name), b })
	for _, dir := range []string{"lib", "phone", "static"} { // modules import each other by where they lie, so lib and phone keep their names
		err := fs.WalkDir(files, dir, func(p string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && (dir != "lib" || path.Ext(p) == ".js") { // tables and what check.html is made of are for programs
				names = append(names, strings.TrimPrefix(p, "static/"))
			}
			return err
		})
		if err != nil {
			panic("web: " + err.Error()) // the files are in the binary
		}
	}
	slices.Sort(names)
	sum := sha256.New()
	for _, name := range names {
		b, ok := made[name]
		if !ok {
			var err error
			if b, err = files.ReadFile(name); err != nil {
				if b, err = files.ReadFile("static/" + name); err != nil {
					panic("web: " + err.Error())
				}
			}
		}
		own := sha256.Sum256(b)
		// Lengths before contents: no two trees give the same bytes to the hash.
		var n [16]byte
		binary.BigEndian.PutUint64(n[:8], uint64(len(name)))
		binary.BigEndian.PutUint64(n[8:], uint64(len(b)))
		sum.Write(n[:])
		sum.Write([]byte(name))
		sum.Write(b)
		t.byPath[name] = len(t.assets)
		t.assets = append(t.assets, Asset{
			Path:  name,
			MIME:  mimes[path.Ext(name)],
			ETag:  `"` + hex.EncodeToString(own[:]) + `"`,
			Bytes: b, Packed: pack(b),
		})
	}
	t.hash = hex.EncodeToString(sum.Sum(nil))
	return t
})

func pack(b []byte) []byte {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err == nil {
		_, err = z.Write(b)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		panic("web: " + err.Error()) // it is written to memory
	}
	return out.Bytes()
}

// Assets returns every asset, sorted by path.
func Assets() []Asset { return theTree().assets }

// TreeHash returns the SHA-256 over the names and bytes of all assets, in hex. Assets are
// served under /a/<TreeHash>/ and may be kept by a browser for ever.
func TreeHash() string { return theTree().hash }

// FindAsset returns the asset of a path inside the tree, such as "app.css".
func FindAsset(path string) (Asset, bool) {
	t := theTree()
	i, ok := t.byPath[path]
	if !ok {
		return Asset{}, false
	}
	return t.assets[i], true
}

// AssetPath returns the address of an asset: "/a/<TreeHash>/app.css". It panics if there is
// no such asset, because only a template of ours can ask for one.
func AssetPath(path string) string {
	if _, ok := FindAsset(path); !ok {
		panic("web: no asset " + path)
	}
	return "/a/" + TreeHash() + "/" + path
}
