package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write check.html anew")

// modules are the files that check.html is made of, each after those it imports.
var modules = []string{"bytes", "sha256", "ed25519", "tree", "note", "policy", "receipt", "json", "record", "kinds", "leaf", "words", "card", "mandate", "bundle", "proof", "file", "page"}

const checkDir = "lib/check/"

func readFile(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.FromSlash(name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

var (
	comment    = regexp.MustCompile(`(?s)/\*\*.*?\*/ ?`)
	lineNote   = regexp.MustCompile(`(?m)^\s*//.*\n`)
	endNote    = regexp.MustCompile(`(?m); // .*$`)
	importing  = regexp.MustCompile(`(?m)^import \{ (.*) \} from "\./(\w+)\.js";\n`)
	importAll  = regexp.MustCompile(`(?m)^import \* as (\w+) from "\./(\w+)\.js";\n`)
	exporting  = regexp.MustCompile(`(?m)^export ((?:async )?function\*?|const|class) (\w+)`)
	indenting  = regexp.MustCompile(`(?m)^ +`)
	emptyLines = regexp.MustCompile(`\n{2,}`)
)

// module makes a module into a statement that other modules' statements can stand beside.
// Comments are left out: they are for whoever reads the source.
func module(t *testing.T, name string) string {
	t.Helper()
	src := readFile(t, checkDir+name+".js")
	src = endNote.ReplaceAllString(lineNote.ReplaceAllString(comment.ReplaceAllString(src, ""), ""), ";")
	src = importing.ReplaceAllString(src, "const { $1 } = $$$2;\n")
	src = importAll.ReplaceAllString(src, "const $1 = $$$2;\n")
	var names []string
	for _, m := range exporting.FindAllStringSubmatch(src, -1) {
		names = append(names, m[2])
	}
	src = exporting.ReplaceAllString(src, "$1 $2")
	src = emptyLines.ReplaceAllString(indenting.ReplaceAllString(src, ""), "\n")
	if strings.Contains(src, "import ") || strings.Contains(src, "export ") {
		t.Fatalf("%s.js imports or exports in a way that is not known here", name)
	}
	return fmt.Sprintf("const $%s = (() => {\n%s\nreturn { %s };\n})();\n", name, strings.TrimSpace(src), strings.Join(names, ", "))
}

func code(t *testing.T, without ...string) string {
	t.Helper()
	s := "\"use strict\";\n"
	for _, m := range modules {
		if !slices.Contains(without, m) {
			s += module(t, m)
		}
	}
	return s
}

// checkWords are the sentences of check.html in a language, by the names its script uses.
func checkWords(t *testing.T, lang string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for key, m := range catalogues()[lang].messages {
		if name, ok := strings.CutPrefix(key, "checker."); ok {
			all[name] = m[""]
		}
	}
	for name, key := range map[string]string{
		"prejudice": "foot.prejudice", "state.h": "state.holds", "state.x": "state.fails", "state.c": "state.unknown",
		"claim.log": "claim.log", "claim.authority": "claim.authority", "claim.reports": "claim.reports", "claim.figures": "claim.figures",
	} {
		all[name] = catalogues()[lang].messages[key][""]
	}
	for name, s := range all {
		if s == "" || strings.ContainsAny(s, "<&") {
			t.Errorf("the sentence %s in %s is %q", name, lang, s)
		}
	}
	return all
}

func hashOf(s string) string {
	sum := sha256.Sum256([]byte(s))
	return "&#39;sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "&#39;"
}

func makeCheckPage(t *testing.T) []byte {
	t.Helper()
	words := map[string]map[string]string{}
	for _, l := range Languages() {
		words[l.Code] = checkWords(t, l.Code)
	}
	inline, err := json.Marshal(words) // escapes <, so that no sentence ends the script
	if err != nil {
		t.Fatal(err)
	}
	style, script := readFile(t, checkDir+"page.css"), code(t)
	if strings.Contains(script, "</script") || strings.Contains(style, "</style") {
		t.Fatal("the page would end inside its script or style")
	}
	page := readFile(t, checkDir+"page.html")
	return regexp.MustCompile(`\{\{([\w.]+)\}\}`).ReplaceAllFunc([]byte(page), func(m []byte) []byte {
		switch name := string(m[2 : len(m)-2]); name {
		case "policy":
			return []byte("default-src &#39;none&#39;; script-src " + hashOf(script) + "; style-src " + hashOf(style) + "; base-uri &#39;none&#39;; form-action &#39;none&#39;")
		case "style":
			return []byte(style)
		case "code":
			return []byte(script)
		case "words":
			return inline
		default:
			s, ok := words["en"][name]
			if !ok {
				t.Errorf("page.html asks for the sentence %q, which is not in the catalogue", name)
			}
			return []byte(s)
		}
	})
}

// TestGeneratedCheckPage compares check.html with what its modules and words make now.
func TestGeneratedCheckPage(t *testing.T) {
	want := makeCheckPage(t)
	if *update {
		if err := os.WriteFile("check.html", want, 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(checkPage, want) {
		t.Error("check.html is stale; go generate writes it anew")
	}
	if !strings.HasPrefix(CheckPolicy(), "default-src 'none'; script-src 'sha256-") {
		t.Errorf("its policy is %q", CheckPolicy())
	}
}

// TestCheckOrder holds the list of modules to what they import.
func TestCheckOrder(t *testing.T) {
	for i, name := range modules {
		src := readFile(t, checkDir+name+".js")
		for _, m := range slices.Concat(importing.FindAllStringSubmatch(src, -1), importAll.FindAllStringSubmatch(src, -1)) {
			if at := slices.Index(modules, m[2]); at < 0 || at >= i {
				t.Errorf("%s.js imports %s.js, which does not stand before it", name, m[2])
			}
		}
	}
}

// packed is how many bytes travel.
func packed(t *testing.T, s string) int {
	t.Helper()
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := z.Write([]byte(s)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Len()
}

// TestCheckSize holds the checks to what a slow network carries. What puts them on the page is
// counted apart. Words do not count: neither the sentences nor the 256 that cards are spelt with.
func TestCheckSize(t *testing.T) {
	const most, face = 15_200, 17_200 // every kind there is takes five bytes of it
	n, all := packed(t, code(t, "words", "page")), packed(t, code(t, "words"))
	t.Logf("%d bytes packed, %d with the page", n, all)
	if n > most || all > face {
		t.Errorf("the checks have %d bytes packed and %d with the page, more than %d and %d", n, all, most, face)
	}
}

// TestCheckMeanings asks that every rule the checks name has a sentence, its own or its noun's.
func TestCheckMeanings(t *testing.T) {
	rule := regexp.MustCompile(`"([a-z0-9]+(?:-[a-z]+)*)\.([a-z0-9]+(?:-[a-z]+)*)"`)
	for _, lang := range Languages() {
		words := checkWords(t, lang.Code)
		found := 0
		for _, name := range modules {
			if name == "page" {
				continue
			}
			for _, m := range rule.FindAllStringSubmatch(readFile(t, checkDir+name+".js"), -1) {
				found++
				if words["rule."+m[1]] == "" && words["rule."+m[1]+"."+m[2]] == "" {
					t.Errorf("%s: %s.js names the rule %s.%s, which has no sentence", lang.Code, name, m[1], m[2])
				}
			}
		}
		if found < 60 {
			t.Errorf("found only %d rules", found)
		}
	}
}
