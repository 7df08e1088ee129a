package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/template/parse"
)

var place = regexp.MustCompile(`\{[a-z]+\}`)

// places returns the {named} places that a message has in any of its forms.
func places(m message) []string {
	seen := map[string]bool{}
	for _, s := range m {
		for _, p := range place.FindAllString(s, -1) {
			seen[p] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// TestCataloguesAgree: every language has every message, in every plural category it needs,
// with the same places to fill.
func TestCataloguesAgree(t *testing.T) {
	base := catalogues()[Languages()[0].Code]
	for _, l := range Languages() {
		c := catalogues()[l.Code]
		for key := range base.messages {
			if _, ok := c.messages[key]; !ok {
				t.Errorf("%s has no %q", l.Code, key)
			}
		}
		for key, m := range c.messages {
			b, ok := base.messages[key]
			if !ok {
				t.Errorf("%s has %q, which %s has not", l.Code, key, base.Code)
				continue
			}
			if got, want := places(m), places(b); !slices.Equal(got, want) {
				t.Errorf("%s %q has the places %v, want %v", l.Code, key, got, want)
			}
			_, plain := m[""]
			if _, basePlain := b[""]; plain != basePlain {
				t.Errorf("%s %q: a plural in one language is a plural in all", l.Code, key)
			}
			if plain {
				if m[""] == "" {
					t.Errorf("%s %q is empty", l.Code, key)
				}
				continue
			}
			for _, cat := range categories[l.Code] {
				if _, ok := m[cat]; !ok {
					t.Errorf("%s %q has no plural category %q", l.Code, key, cat)
				}
			}
			for cat := range m {
				if !slices.Contains(categories[l.Code], cat) && !strings.HasPrefix(cat, "=") {
					t.Errorf("%s %q has the plural category %q, which the language has not", l.Code, key, cat)
				}
			}
		}
	}
}

// TestCataloguesAreTidy: keys stand once and in order, so that two translators do not
// overwrite each other in silence.
func TestCataloguesAreTidy(t *testing.T) {
	for _, l := range Languages() {
		b, err := files.ReadFile("locale/" + l.Code + ".json")
		if err != nil {
			t.Fatal(err)
		}
		dec := json.NewDecoder(bytes.NewReader(b))
		if _, err := dec.Token(); err != nil {
			t.Fatal(err)
		}
		last := ""
		for dec.More() {
			tok, err := dec.Token()
			if err != nil {
				t.Fatal(err)
			}
			key := tok.(string)
			if key <= last {
				t.Errorf("%s: %q stands after %q", l.Code, key, last)
			}
			last = key
			var skip json.RawMessage
			if err := dec.Decode(&skip); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestArabicIsArabic: a message left in Latin letters was forgotten.
func TestArabicIsArabic(t *testing.T) {
	arabic := regexp.MustCompile(`\p{Arabic}`)
	letters := regexp.MustCompile(`[A-Za-z]{2,}`)
	for key, m := range catalogues()["ar"].messages {
		for cat, s := range m {
			bare := place.ReplaceAllString(s, "")
			if letters.MatchString(bare) && !arabic.MatchString(bare) {
				t.Errorf("%q %s is not in Arabic: %q", key, cat, s)
			}
			if strings.ContainsAny(s, "?;,") && arabic.MatchString(bare) && !strings.Contains(s, "،") && !strings.Contains(s, "؛") {
				t.Errorf("%q %s has Latin punctuation: %q", key, cat, s)
			}
		}
	}
}

// TestWordsOfNoSide: the catalogue has no word that belongs to one side, calls no fact
// verified, no notification approved and no human a witness.
func TestWordsOfNoSide(t *testing.T) {
	bad := regexp.MustCompile(`(?i)\b(militants?|terrorists?|rebels?|regimes?|liberat\w*|fell|hostages?|verif(y|ied|ies)|approved?|witness\w*)\b`)
	for key, m := range catalogues()["en"].messages {
		for _, s := range m {
			if w := bad.FindString(s); w != "" {
				t.Errorf("%q says %q", key, w)
			}
		}
	}
	badArabic := []string{"إرهاب", "متمرد", "النظام", "تحرير", "رهائن", "رهينة", "شهيد", "شهداء", "مسلحين"}
	for key, m := range catalogues()["ar"].messages {
		for _, s := range m {
			for _, w := range badArabic {
				if strings.Contains(s, w) {
					t.Errorf("%q says %q", key, w)
				}
			}
		}
	}
}

// used are the message keys that templates and code name outright, and the beginnings of
// those that they put together.
func used(t *testing.T) (keys map[string]string, groups map[string]string) {
	t.Helper()
	keys, groups = map[string]string{}, map[string]string{}
	for _, l := range Languages()[:1] {
		for name, page := range templates()[l.Code] {
			for _, tpl := range page.Templates() {
				if tpl.Tree == nil {
					continue
				}
				walk(tpl.Tree.Root, func(n *parse.CommandNode) {
					id, ok := n.Args[0].(*parse.IdentifierNode)
					if !ok || len(n.Args) < 2 {
						return
					}
					switch arg := n.Args[1].(type) {
					case *parse.StringNode:
						if id.Ident == "t" {
							keys[arg.Text] = name
						}
						if id.Ident == "word" {
							groups[arg.Text+"."] = name
						}
					case *parse.PipeNode: // (print "problem." …)
						if p := arg.Cmds[0].Args; id.Ident == "t" && len(p) > 1 && p[0].String() == "print" {
							if s, ok := p[1].(*parse.StringNode); ok {
								groups[s.Text] = name
							}
						}
					}
				})
			}
		}
	}
	code, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	server, err := filepath.Glob("../internal/server/*.go")
	if err != nil {
		t.Fatal(err)
	}
	code = append(code, server...)
	call := regexp.MustCompile(`\.(text|word|t)\("([a-z_.-]+)"( ?\+|,)?`)
	for _, file := range code {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range call.FindAllStringSubmatch(string(b), -1) {
			switch {
			case m[1] == "word":
				groups[m[2]+"."] = file
			case strings.HasSuffix(m[3], "+"):
				groups[m[2]] = file
			default:
				keys[m[2]] = file
			}
		}
	}
	return keys, groups
}

func walk(n parse.Node, visit func(*parse.CommandNode)) {
	switch n := n.(type) {
	case *parse.ListNode:
		if n == nil {
			return
		}
		for _, c := range n.Nodes {
			walk(c, visit)
		}
	case *parse.ActionNode:
		walk(n.Pipe, visit)
	case *parse.TemplateNode:
		walk(n.Pipe, visit)
	case *parse.IfNode:
		walk(n.Pipe, visit)
		walk(n.List, visit)
		walk(n.ElseList, visit)
	case *parse.RangeNode:
		walk(n.Pipe, visit)
		walk(n.List, visit)
		walk(n.ElseList, visit)
	case *parse.WithNode:
		walk(n.Pipe, visit)
		walk(n.List, visit)
		walk(n.ElseList, visit)
	case *parse.PipeNode:
		if n == nil {
			return
		}
		for _, c := range n.Cmds {
			visit(c)
			for _, a := range c.Args {
				walk(a, visit)
			}
		}
	}
}

// TestEveryMessageIsThereAndUsed: no page names a message that there is not, and the
// catalogue holds none that no page can show.
func TestEveryMessageIsThereAndUsed(t *testing.T) {
	keys, groups := used(t)
	if len(keys) < 200 || len(groups) < 20 {
		t.Fatalf("found only %d keys and %d groups in the templates", len(keys), len(groups))
	}
	base := catalogues()[Languages()[0].Code].messages
	for key, where := range keys {
		if _, ok := base[key]; !ok {
			t.Errorf("%s asks for %q, which is not in the catalogue", where, key)
		}
	}
	for group, where := range groups {
		found := false
		for key := range base {
			found = found || strings.HasPrefix(key, group)
		}
		if !found {
			t.Errorf("%s asks for words of %q, and the catalogue has none", where, group)
		}
	}
	for key := range base {
		if _, ok := keys[key]; ok {
			continue
		}
		known := strings.HasPrefix(key, "month.") || strings.HasPrefix(key, "zone.") || strings.HasPrefix(key, "unit.")
		for group := range groups {
			known = known || strings.HasPrefix(key, group)
		}
		for _, group := range lists {
			known = known || strings.HasPrefix(key, group+".")
		}
		for _, group := range forServer {
			known = known || strings.HasPrefix(key, group+".")
		}
		if !known {
			t.Errorf("nothing shows the message %q", key)
		}
	}
}

// forServer are lists of words that the server asks for itself, for what no template prints, and
// those of the phone, which phone_test.go holds against its modules.
var forServer = []string{"checker", "here", "phone", "incident-title", "series", "phase", "place-role"}

// lists says under which name the catalogue holds the words of each closed list of package
// corridor. A list that is not here is read as it is written until it is translated.
var lists = map[string]string{
	"Basis": "basis", "Channel": "channel", "Unit": "unit-name", "Category": "category", "Method": "method",
	"AdoptionReason": "adoption-reason", "AssessmentOf": "assessment-of", "Confidence": "confidence",
	"ObjectionReason": "objection-reason", "CorrectionReason": "correction-reason", "Stand": "act",
	"CoverageAs": "coverage-as", "AbsenceReason": "absence-reason", "DisputeWhat": "dispute-what",
	"ErasureReason": "erasure-reason", "ExplanationReason": "explanation-reason", "Measure": "measure",
	"HoldReason": "hold-reason", "IncidentOf": "incident-of", "KeyReason": "key-reason", "LinkAs": "link-as",
	"LinkReason": "link-reason", "NotificationOf": "notification-of", "Level": "level", "RestrictionOf": "restriction-of",
	"RestrictionReason": "restriction-reason", "RestrictionOutcome": "restriction-outcome", "SituationOf": "situation-of",
	"Need": "need", "Role": "role", "KeyUse": "key-use", "TransferTarget": "transfer-target", "TranslatedPart": "part",
	"TranslationMade": "translation-made", "Part": "named-as", "ClaimVoice": "claim-voice", "ClaimBears": "claim-bears",
	"Presence": "presence", "ClaimState": "beside", "Sharpness": "sharp",
	"RequestFor": "request-for", "GrantAs": "grant-as", "MeetingOf": "meeting-of", "AttendingAs": "attending-as", "PointAs": "point-as",
	"ComplaintAbout": "complaint-about", "AnswerAs": "answer-as", "AnswerReason": "answer-reason",
	"OpenedAs": "opened-as", "Suspendable": "suspendable", "SuspensionReason": "suspension-reason", "SuccessionReason": "succession-reason", "Misconduct": "misconduct",
}

// TestWordsOfTheMission holds the closed lists of package corridor against the catalogue. It
// reads their source, because this package knows nothing of that one.
func TestWordsOfTheMission(t *testing.T) {
	words := vocabularies(t)
	if len(words["HoldReason"]) < 10 || len(words["Basis"]) != 5 {
		t.Fatalf("read %d reasons of a hold and %d bases from package corridor", len(words["HoldReason"]), len(words["Basis"]))
	}
	for name, list := range words {
		group, ok := lists[name]
		if !ok {
			continue
		}
		for _, w := range list {
			for _, l := range Languages() {
				if !Has(l.Code, group+"."+w) {
					t.Errorf("%s has no word for the %s %q: add %q", l.Code, name, w, group+"."+w)
				}
			}
		}
	}
}

// vocabularies reads the words of every vocabulary(…) call of package corridor, by type.
func vocabularies(t *testing.T) map[string][]string {
	t.Helper()
	fset := token.NewFileSet()
	consts := map[string]string{} // by name
	typed := map[string]string{}  // the type of a constant, by its name
	words := map[string][]string{}
	var calls []*ast.CallExpr
	sources, err := fs.Glob(os.DirFS(".."), "*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range sources {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, filepath.Join("..", name), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ValueSpec:
				for i, id := range n.Names {
					if i < len(n.Values) {
						if lit, ok := n.Values[i].(*ast.BasicLit); ok && lit.Kind == token.STRING {
							consts[id.Name], _ = strconv.Unquote(lit.Value)
							if tn, ok := n.Type.(*ast.Ident); ok {
								typed[id.Name] = tn.Name
							}
						}
					}
				}
			case *ast.CallExpr:
				fun := n.Fun
				if x, ok := fun.(*ast.IndexExpr); ok {
					fun = x.X
				}
				if id, ok := fun.(*ast.Ident); ok && id.Name == "vocabulary" {
					calls = append(calls, n)
				}
			}
			return true
		})
	}
	for _, call := range calls {
		name := ""
		if x, ok := call.Fun.(*ast.IndexExpr); ok {
			name = x.Index.(*ast.Ident).Name
		}
		var list []string
		for _, arg := range call.Args {
			switch arg := arg.(type) {
			case *ast.BasicLit:
				s, err := strconv.Unquote(arg.Value)
				if err != nil {
					t.Fatal(err)
				}
				list = append(list, s)
			case *ast.Ident:
				if name == "" {
					name = typed[arg.Name]
				}
				list = append(list, consts[arg.Name])
			}
		}
		words[name] = append(words[name], list...)
	}
	return words
}

func TestPlural(t *testing.T) {
	for _, c := range []struct {
		lang string
		n    int
		want string
	}{
		{"en", 0, "other"}, {"en", 1, "one"}, {"en", 2, "other"}, {"en", 101, "other"},
		{"ar", 0, "zero"}, {"ar", 1, "one"}, {"ar", 2, "two"}, {"ar", 3, "few"}, {"ar", 10, "few"}, {"ar", 11, "many"},
		{"ar", 13, "many"}, {"ar", 99, "many"}, {"ar", 100, "other"}, {"ar", 102, "other"}, {"ar", 103, "few"}, {"ar", 325, "many"}, {"ar", -3, "few"},
	} {
		if got := plural(c.lang, c.n); got != c.want {
			t.Errorf("%d is %s in %s, want %s", c.n, got, c.lang, c.want)
		}
	}
}

func TestText(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{Text("en", "records.count", "n", 1), "1 record"},
		{Text("en", "records.count", "n", 36086), "36,086 records"},
		{Text("ar", "records.count", "n", 2), "محضران"},
		{Text("ar", "records.count", "n", 11), "11 محضرًا"},
		{Text("en", "home.holds", "n", 2), "Stopped twice"},
		{Text("ar", "home.holds", "n", 2), "توقفت مرتين"},
		{Text("xx", "nav.log"), "Log"},
		{Text("en", "no.such.key"), "no.such.key"},
		{Word("en", "basis", "heard"), "heard"},
		{Word("en", "hold-reason", "a_new-reason"), "a new reason"},
		{Word("ar", "basis", ""), ""},
		{Text("en", "convoy.title", "name", "{name}"), "Convoy {name}"}, // what is filled in is not filled again
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
	if Has("en", "nav.log") == false || Has("en", "no.such.key") || Has("xx", "nav.log") {
		t.Error("Has tells of messages that are not there, or does not of those that are")
	}
}

func TestConsentLines(t *testing.T) {
	for _, l := range Languages() {
		for _, p := range []Consent{{Of: "x", Silence: "refuses", Object: "bars", Revoke: "any"}, {Of: "x", Silence: "accepts", Object: "counts", Revoke: "quorum", Lock: true}} {
			for _, line := range ConsentLines(l.Code, p) {
				if line.Name == "" || line.Text == "" || reflect.DeepEqual(line.Text, fmt.Sprint(p)) {
					t.Errorf("%s: the line %+v of %+v is not whole", l.Code, line, p)
				}
			}
		}
	}
	if got, want := Quorum("en", 2, []string{"Red", "Blue"}), "all of: Red, Blue"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := Quorum("en", 1, []string{"Red", "Blue"}), "1 of these 2: Red, Blue"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
