package record

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// rulesInSource returns the rule of every refusal written in this package, sorted.
func rulesInSource(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	var rules []string
	literal := func(e ast.Expr) {
		l, ok := e.(*ast.BasicLit)
		if !ok {
			return
		}
		rule, err := strconv.Unquote(l.Value)
		if err != nil {
			t.Fatal(err)
		}
		rules = append(rules, rule)
	}
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if f, ok := n.Fun.(*ast.Ident); ok && f.Name == "Refuse" {
					literal(n.Args[0])
				}
			case *ast.CompositeLit:
				if f, ok := n.Type.(*ast.Ident); ok && f.Name == "Refusal" {
					for _, e := range n.Elts {
						if kv, ok := e.(*ast.KeyValueExpr); ok && kv.Key.(*ast.Ident).Name == "Rule" {
							literal(kv.Value)
						}
					}
				}
			}
			return true
		})
	}
	slices.Sort(rules)
	return slices.Compact(rules)
}
