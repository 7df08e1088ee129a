package server_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"corridor.example/corridor/internal/server"
	"corridor.example/corridor/web"
)

var look = flag.String("look", "", "write the pages of the case -case into this directory, to be looked at")
var lookCase = flag.String("case", "gate-9", "which case -look is of")

// TestLook writes every page that can be reached into files, with the assets beside them.
// Without -look it does nothing that the other tests do not.
func TestLook(t *testing.T) {
	if *look == "" {
		return
	}
	p := play(t, *lookCase, server.Config{Reconstruction: *lookCase == "aleppo-2016"})
	for _, lang := range []string{"en", "ar"} {
		for path, w := range p.crawl(lang) {
			name := strings.Trim(strings.NewReplacer("/", "_", "?", "_", "=", "-").Replace(path), "_")
			if name == "" {
				name = "home"
			}
			page := strings.ReplaceAll(w.Body.String(), `="/a/`, `="a/`)
			if err := os.WriteFile(filepath.Join(*look, name+"."+lang+".html"), []byte(page), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	dir := filepath.Join(*look, "a", web.TreeHash())
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, a := range web.Assets() {
		if err := os.WriteFile(filepath.Join(dir, a.Path), a.Bytes, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
