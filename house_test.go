package corridor_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

const module = "corridor.example/corridor"

// floors is the house: which of our packages each package may import. A package that is not
// in the table, or an import that is not in its row, is a change of the architecture and is
// argued for in the commit that makes it.
var floors = map[string][]string{
	"record":                   {},
	"ledger":                   {},
	"web":                      {},
	"internal/draw":            {},
	"internal/compact":         {"record"},
	"internal/seal":            {"internal/compact", "record"},
	"internal/need":            {},
	"internal/tally":           {},
	"internal/browser":         {},
	"internal/check":           {},
	"internal/cert":            {},
	".":                        {"record", "ledger"},
	"internal/store":           {"ledger"},
	"internal/store/sqlite":    {"internal/store", "ledger"},
	"internal/store/storetest": {"internal/store", "ledger"},
	"internal/scenario":        {".", "record", "ledger"},
	"verify":                   {".", "record", "ledger"},
	"internal/cheat":           {"verify", ".", "record", "ledger"},
	"internal/node":            {"internal/store", ".", "record", "ledger"},
	"internal/session":         {"internal/store", ".", "record"},
	"internal/sheet":           {"verify", ".", "record", "ledger"},
	"internal/export":          {".", "record"},
	"internal/witness":         {"internal/node", "internal/store", "ledger"},
	"internal/server":          {"internal/export", "internal/compact", "internal/seal", "internal/node", "internal/session", "internal/sheet", "internal/cheat", "internal/store", "internal/draw", "web", "verify", ".", "record", "ledger"},
	"internal/mirror":          {"internal/server", "internal/witness", "internal/node", "internal/store", "verify", ".", "record", "ledger"},
	"attack":                   {},
	"cmd/corridor":             {"internal/export", "internal/compact", "internal/seal", "internal/cert", "internal/mirror", "internal/witness", "internal/server", "internal/session", "internal/sheet", "internal/cheat", "internal/node", "internal/scenario", "internal/store", "internal/store/sqlite", "web", "verify", ".", "record", "ledger"},
}

// quiet packages decide and touch nothing: what they may not import, and why.
var quiet = map[string]string{
	"os": "no disk", "net": "no network", "net/http": "no network", "database/sql": "no database",
	"log": "no logger", "log/slog": "no logger", "context": "nothing to cancel", "sync": "no goroutine to share with",
	"sync/atomic": "no goroutine to share with", "math/rand": "no chance", "math/rand/v2": "no chance", "crypto/rand": "no chance",
	"io/fs": "no disk", "os/exec": "no processes", "embed": "no files",
}

var quietPackages = map[string]bool{".": true, "record": true, "ledger": true}

func sourceFiles(t *testing.T, yield func(dir, path string, f *ast.File, fset *token.FileSet)) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && path != "." || d.Name() == "testdata" || d.Name() == "node_modules" || path == "outside") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		yield(filepath.ToSlash(filepath.Dir(path)), filepath.ToSlash(path), f, fset)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestFloors(t *testing.T) {
	seen := map[string]bool{}
	sourceFiles(t, func(dir, path string, f *ast.File, _ *token.FileSet) {
		may, ok := floors[dir]
		if !ok {
			t.Errorf("%s: package %s has no floor in house_test.go", path, dir)
			return
		}
		seen[dir] = true
		test := strings.HasSuffix(path, "_test.go")
		for _, spec := range f.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if why := quiet[name]; why != "" && quietPackages[dir] && !test {
				t.Errorf("%s imports %q; package %s is quiet: %s", path, name, dir, why)
			}
			ours := strings.TrimPrefix(strings.TrimPrefix(name, module), "/")
			if test || !strings.HasPrefix(name, module) {
				continue
			}
			if ours == "" {
				ours = "."
			}
			climbs := true
			for _, m := range may {
				climbs = climbs && m != ours
			}
			if climbs {
				t.Errorf("%s imports %s, which is not below it", path, name)
			}
		}
	})
	for dir := range floors {
		if !seen[dir] {
			t.Errorf("the table names package %s, which does not exist", dir)
		}
	}
}

// TestVerifyStandsAlone holds the checker apart from what it checks, tests included where
// they are part of the verdict.
func TestVerifyStandsAlone(t *testing.T) {
	sourceFiles(t, func(dir, path string, f *ast.File, _ *token.FileSet) {
		for _, spec := range f.Imports {
			if dir == "verify" && strings.Contains(spec.Path.Value, "/internal/") {
				t.Errorf("%s imports %s: the checker's verdict must not depend on the code it judges", path, spec.Path.Value)
			}
		}
	})
}

// rooms holds words and calls to the packages they belong in.
func TestRooms(t *testing.T) {
	calls := map[string]string{ // selector: the only files it may stand in
		"os.Exit":      `^cmd/corridor/|^internal/tally/`,
		"time.Now":     `^internal/node/node\.go$|^cmd/corridor/`,
		"log.Fatal":    `^$`,
		"time.Sleep":   `^$`,
		"t.Skip":       `^internal/need/`,
		"t.Skipf":      `^internal/need/`,
		"t.SkipNow":    `^internal/need/`,
		"b.Skip":       `^internal/need/`,
		"flag.Parse":   `^cmd/corridor/|^internal/tally/`,
		"os.Getenv":    `^cmd/corridor/|^internal/need/`,
		"os.LookupEnv": `^cmd/corridor/|^internal/need/`,
	}
	sourceFiles(t, func(dir, path string, f *ast.File, fset *token.FileSet) {
		test := strings.HasSuffix(path, "_test.go")
		ast.Inspect(f, func(n ast.Node) bool {
			s, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			x, ok := s.X.(*ast.Ident)
			if !ok {
				return true
			}
			name := x.Name + "." + s.Sel.Name
			only, ok := calls[name]
			if !ok || test && !strings.Contains(name, ".Skip") {
				return true
			}
			if !regexp.MustCompile(only).MatchString(path) {
				t.Errorf("%s: %s does not belong here", fset.Position(s.Pos()), name)
			}
			return true
		})
	})
}

// TestSQL keeps SQL under internal/store, and the mission's words out of it.
func TestSQL(t *testing.T) {
	domain := regexp.MustCompile(`(?i)\b(convoy|incident|consent|observer|mandate|departure|arrival)s?\b`)
	sourceFiles(t, func(dir, path string, f *ast.File, fset *token.FileSet) {
		store := strings.HasPrefix(dir, "internal/store")
		for _, spec := range f.Imports {
			if spec.Path.Value == `"database/sql"` && !store && !strings.HasSuffix(path, "_test.go") {
				t.Errorf("%s imports database/sql; SQL lives under internal/store", path)
			}
		}
		if !store {
			return
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if w := domain.Find(b); w != nil {
			t.Errorf("%s says %q; a store knows positions, hashes and bytes", path, w)
		}
	})
}

// TestDocumented asks a comment of every exported name outside tests, beginning with the name
// or an article, as go doc prints it.
func TestDocumented(t *testing.T) {
	sourceFiles(t, func(dir, path string, f *ast.File, fset *token.FileSet) {
		if strings.HasSuffix(path, "_test.go") || f.Name.Name == "main" {
			return
		}
		for _, decl := range f.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && d.Name.Name != "Error" && d.Doc.Text() == "" && exportedReceiver(d) {
					t.Errorf("%s: %s has no comment", fset.Position(d.Pos()), d.Name.Name)
				}
			case *ast.GenDecl:
				for _, s := range d.Specs {
					switch s := s.(type) {
					case *ast.TypeSpec:
						if s.Name.IsExported() && d.Doc.Text() == "" && s.Doc.Text() == "" {
							t.Errorf("%s: %s has no comment", fset.Position(s.Pos()), s.Name.Name)
						}
					case *ast.ValueSpec:
						if s.Names[0].IsExported() && d.Doc.Text() == "" && s.Doc.Text() == "" {
							t.Errorf("%s: %s has no comment", fset.Position(s.Pos()), s.Names[0].Name)
						}
					}
				}
			}
		}
	})
}

func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	typ := d.Recv.List[0].Type
	if s, ok := typ.(*ast.StarExpr); ok {
		typ = s.X
	}
	id, ok := typ.(*ast.Ident)
	return ok && id.IsExported()
}

// TestGoMod refuses what would make the build depend on this machine.
func TestGoMod(t *testing.T) {
	b, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(b), "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "replace ") {
			t.Errorf("go.mod: %s", line)
		}
	}
}
