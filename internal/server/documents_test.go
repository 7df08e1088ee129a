package server_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/goccy/go-yaml"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/sheet"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

const root = "../.."

// documents are the pages that people read, by path from the root.
func documents(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, pattern := range []string{"*.md", "doc/*.md", "testdata/vectors/*.md"} {
		paths, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			name, err := filepath.Rel(root, path)
			if err != nil {
				t.Fatal(err)
			}
			all[filepath.ToSlash(name)] = string(b)
		}
	}
	return all
}

var fenced = regexp.MustCompile("(?m)^```([a-z ]*)\n((?:.*\n)*?)```$")

// TestExamplesOfTheFormats reads every example of doc/formats.md with the program it speaks of.
func TestExamplesOfTheFormats(t *testing.T) {
	readers := map[string]func(text []byte) error{
		"json record": func(b []byte) error {
			r, err := record.Parse(bytes.TrimSuffix(b, []byte("\n")))
			if err == nil && string(append(r.Line(), '\n')) != string(b) {
				t.Error("the record is written another way than it stands there")
			}
			return err
		},
		"json header": func(b []byte) error { _, err := record.ParseHeader(bytes.TrimSuffix(b, []byte("\n"))); return err },
		"json part": func(b []byte) error {
			var head struct {
				record.PartHead
				People int64 `json:"people"`
			}
			return record.Decode(bytes.TrimSuffix(b, []byte("\n")), &head)
		},
		"json possession": func(b []byte) error {
			var p struct {
				V       int64        `json:"v"`
				Origin  string       `json:"origin"`
				Mission *record.Hash `json:"mission"`
				Key     string       `json:"key"`
			}
			return record.Decode(bytes.TrimSuffix(b, []byte("\n")), &p)
		},
		"json lodging": func(b []byte) error {
			var l record.Lodging
			return record.Decode(bytes.TrimSuffix(b, []byte("\n")), &l)
		},
		"json problem": func(b []byte) error {
			var p struct {
				Type   string `json:"type"`
				Title  string `json:"title"`
				Status int64  `json:"status"`
				Detail string `json:"detail"`
				Rule   string `json:"rule"`
			}
			return record.Decode(bytes.TrimSuffix(b, []byte("\n")), &p)
		},
		"leaf":       func(b []byte) error { _, _, _, _, err := corridor.ParseLeaf(b); return err },
		"checkpoint": func(b []byte) error { _, err := ledger.ParseCheckpoint(b); return err },
		"policy":     func(b []byte) error { _, err := ledger.ParsePolicy(string(b)); return err },
		"receipt":    func(b []byte) error { _, err := ledger.ParseProof(b); return err },
		"card":       func(b []byte) error { _, err := verify.ParseCard(b); return err },
		"yaml draft": readDraft,
		"draft":      func(b []byte) error { _, err := sheet.Parse(b); return err },
	}
	read := map[string]bool{}
	for _, block := range fenced.FindAllStringSubmatch(documents(t)["doc/formats.md"], -1) {
		if block[1] == "text" {
			continue // a form, not an example
		}
		reader := readers[block[1]]
		if reader == nil {
			t.Errorf("nobody here reads an example of %q", block[1])
			continue
		}
		read[block[1]] = true
		if err := reader([]byte(block[2])); err != nil {
			t.Errorf("the %s: %v", block[1], err)
		}
	}
	for name := range readers {
		if !read[name] {
			t.Errorf("there is no example of a %s", name)
		}
	}
}

// readDraft composes a draft as corridor record would.
func readDraft(text []byte) error {
	var m map[string]any
	if err := yaml.Unmarshal(text, &m); err != nil {
		return err
	}
	d := corridor.Draft{Parts: map[string]map[string]any{}}
	for k, v := range m {
		switch v := v.(type) {
		case string:
			if k == "kind" {
				d.Kind = corridor.Kind(v)
			} else {
				d.By = corridor.ActorID(v)
			}
		case map[string]any:
			d.Parts[k] = v
		}
	}
	_, err := corridor.Compose(d, record.ID{1}, func() record.ID { return record.ID{2} })
	return err
}

var link = regexp.MustCompile(`!?\[[^\]\n]*\]\(([^)\s]+)\)`)

// TestLinksOfTheDocuments follows every link from one document to another file or heading.
func TestLinksOfTheDocuments(t *testing.T) {
	all := documents(t)
	for name, text := range all {
		for _, l := range link.FindAllStringSubmatch(fenced.ReplaceAllString(text, ""), -1) {
			to, anchor, _ := strings.Cut(l[1], "#")
			if strings.Contains(to, "://") || strings.HasPrefix(to, "/") {
				continue // another site, or a page of the demo, which TestOrigin opens
			}
			path := name
			if to != "" {
				path = filepath.ToSlash(filepath.Join(filepath.Dir(name), to))
			}
			if _, err := os.Stat(filepath.Join(root, path)); err != nil {
				t.Errorf("%s: the link to %s leads nowhere", name, l[1])
				continue
			}
			if anchor != "" && !anchors(all[path])[anchor] {
				t.Errorf("%s: %s has no heading %q", name, path, anchor)
			}
		}
	}
}

var (
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	named   = regexp.MustCompile(`<a (?:id|name)="([^"]+)">`)
)

// anchors are the places of a document that a link can lead to.
func anchors(text string) map[string]bool {
	all := map[string]bool{}
	for _, h := range heading.FindAllStringSubmatch(fenced.ReplaceAllString(text, ""), -1) {
		slug := strings.Map(func(r rune) rune {
			switch r = unicode.ToLower(r); {
			case r == ' ':
				return '-'
			case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
				return r
			}
			return -1
		}, h[1])
		all[slug] = true
	}
	for _, n := range named.FindAllStringSubmatch(text, -1) {
		all[n[1]] = true
	}
	return all
}

// TestTestsOfTheDocuments looks for every test that a document names.
func TestTestsOfTheDocuments(t *testing.T) {
	functions := map[string]bool{}
	declared := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark|Example)\w*)\(`)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		b, err := os.ReadFile(path)
		for _, f := range declared.FindAllStringSubmatch(string(b), -1) {
			functions[f[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	mentioned := regexp.MustCompile("`((?:Test|Fuzz|Benchmark)[A-Z]\\w*)`")
	for name, text := range documents(t) {
		for _, m := range mentioned.FindAllStringSubmatch(text, -1) {
			if !functions[m[1]] {
				t.Errorf("%s names %s, and there is no such test", name, m[1])
			}
		}
	}
}

// TestRoomsOfTheLayout asks doc/layout.md for every package there is.
func TestRoomsOfTheLayout(t *testing.T) {
	text := documents(t)["doc/layout.md"]
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil || name == "." {
			return err
		}
		if strings.HasPrefix(name, ".") || d.Name() == "testdata" || name == "outside" || d.Name() == "node_modules" {
			return filepath.SkipDir
		}
		files, err := filepath.Glob(filepath.Join(path, "*.go"))
		if len(files) > 0 && !strings.Contains(text, "`"+filepath.ToSlash(name)+"`") && !strings.Contains(text, "`"+d.Name()+"`") {
			t.Errorf("doc/layout.md does not name the package %s", name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
