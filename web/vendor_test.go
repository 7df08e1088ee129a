package web

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"strings"
	"testing"
)

// vendored are the files that others wrote, as they wrote them. The modules are those of the npm
// package @noble/ciphers 1.3.0, folder esm.
var vendored = map[string]string{
	"noble-ciphers/LICENSE":      "f36671a5487c9c5050efacb58011c37c24c55a889803cb036cf9d9a6347c1e2d",
	"noble-ciphers/_arx.js":      "d4c0112267f8b6f7d4de238edf87b19e60e373aa438c5400ebf189ed1e42f95c",
	"noble-ciphers/_poly1305.js": "9c7e5aaa972f03d8ca7fe3aa41340b6d4d1ee1228d414634e25e1beb539ac69f",
	"noble-ciphers/chacha.d.ts":  "6489d0a07730723c8ffa786be12d107e7732f648ae8ef2ab782d013bf4574428",
	"noble-ciphers/chacha.js":    "ad0a9595ab6c083500fbb81c5ea14af4b79f57aa9b1a56b2d3ad738918865a9e",
	"noble-ciphers/utils.d.ts":   "0f0e56648176047efdb39206722810c57dde89264f5e2ce8558e052fdff87a2b",
	"noble-ciphers/utils.js":     "306e36d8c59519a289756f5775e2fc2faed9b02b6b60029a7c8e3e943522e441",
}

// TestVendoredIsUnchanged holds what others wrote to its hashes, in the program as it is built.
func TestVendoredIsUnchanged(t *testing.T) {
	seen := 0
	err := fs.WalkDir(files, "lib/vendor", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := files.ReadFile(p)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(b)
		if want := vendored[strings.TrimPrefix(p, "lib/vendor/")]; want != hex.EncodeToString(sum[:]) {
			t.Errorf("%s has the SHA-256 %x, not %q", p, sum, want)
		}
		seen++
		return nil
	})
	if err != nil || seen != len(vendored) {
		t.Errorf("%d of %d files are there: %v", seen, len(vendored), err)
	}
	for _, name := range []string{"lib/vendor/noble-ciphers/_arx.js", "lib/phone/seal.js"} {
		if _, ok := FindAsset(name); !ok {
			t.Errorf("a browser cannot load %s", name)
		}
	}
}
