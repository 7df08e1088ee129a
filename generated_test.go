package corridor

import (
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"corridor.example/corridor/internal/compact"
)

var update = flag.Bool("update", false, "write the generated files anew")

// TestGenerated compares the files that are made from the kinds and their comments with what
// they would be made of now. go generate writes them.
func TestGenerated(t *testing.T) {
	src := readSource(t, ".", "record", "internal/node", "internal/server", "internal/compact", "verify")
	kinds, types := documented(t, src)
	dictionary := grownDictionary(t, kinds, types)
	for path, want := range map[string][]byte{
		"testdata/kinds.golden":  goldenKinds(kinds),
		"doc/records.md":         recordsPage(kinds, types),
		"web/lib/kinds.json":     kindsJSON(t, kinds, types),
		"web/lib/check/kinds.js": classesJS(kinds),
		"web/phone/kinds.js":     phoneKinds(kinds, types),
		"doc/rules.md":           rulesPage(t, src),

		"internal/compact/dictionary.json": dictionary.Text(),
		"web/lib/phone/dictionary.js":      dictionaryJS(dictionary),
	} {
		if *update {
			if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, want, 0o666); err != nil {
				t.Fatal(err)
			}
			continue
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Errorf("%v; go generate writes it", err)
		} else if !bytes.Equal(got, want) {
			t.Errorf("%s is stale from byte %d on; go generate writes it anew", path, differ(got, want))
		}
	}
}

func differ(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// A source is the parsed files of some packages, tests left out.
type source struct {
	fset  *token.FileSet
	files []*ast.File
}

func readSource(t *testing.T, dirs ...string) (s source) {
	t.Helper()
	s.fset = token.NewFileSet()
	for _, dir := range dirs {
		names, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range names {
			if strings.HasSuffix(n, "_test.go") {
				continue
			}
			f, err := parser.ParseFile(s.fset, n, nil, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			s.files = append(s.files, f)
		}
	}
	return s
}

// comments returns the comments of types by name, and of fields by "Type.Field".
func (s source) comments() map[string]string {
	all := map[string]string{}
	for _, f := range s.files {
		if f.Name.Name != "corridor" && f.Name.Name != "record" {
			continue
		}
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.TYPE {
				continue
			}
			for _, spec := range g.Specs {
				ts := spec.(*ast.TypeSpec)
				all[ts.Name.Name] = oneLine(g.Doc.Text() + ts.Doc.Text())
				if st, ok := ts.Type.(*ast.StructType); ok {
					for _, field := range st.Fields.List {
						for _, n := range field.Names {
							all[ts.Name.Name+"."+n.Name] = oneLine(field.Doc.Text() + field.Comment.Text())
						}
					}
				}
			}
		}
	}
	return all
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// documented returns the schema with the comments of the source. A kind or type without one
// fails the test.
func documented(t *testing.T, src source) ([]KindSchema, []TypeSchema) {
	t.Helper()
	doc := src.comments()
	kinds, types := Schema(), Types()
	for i := range kinds {
		kinds[i].Doc = doc[kinds[i].Type]
		if kinds[i].Doc == "" {
			t.Errorf("the kind %s has no comment", kinds[i].Kind)
		}
	}
	for i := range types {
		x := &types[i]
		x.Doc = doc[x.Name]
		if x.Doc == "" && !slices.Contains([]string{"text", "integer", "boolean", "value"}, x.Name) {
			t.Errorf("the type %s has no comment", x.Name)
		}
		for j := range x.Members {
			x.Members[j].Doc = doc[x.Members[j].In]
		}
	}
	return kinds, types
}

func goldenKinds(kinds []KindSchema) []byte {
	var b bytes.Buffer
	for _, k := range kinds {
		fmt.Fprintf(&b, "%s %s %s\n", k.Kind, k.Class, k.Sort)
	}
	return b.Bytes()
}

// classesJS is the table of classes for the checks in the browser, which need no more of a kind.
func classesJS(kinds []KindSchema) []byte {
	var b bytes.Buffer
	b.WriteString("// Generated from the kinds of the root package; go generate writes it anew.\n\n/** The kinds of each class. @type {Record<string, string>} */\nexport const CLASSES = {\n")
	for _, c := range classes {
		var of []string
		for _, k := range kinds {
			if k.Class == c {
				of = append(of, string(k.Kind))
			}
		}
		fmt.Fprintf(&b, "  %s: %q,\n", c, strings.Join(of, " "))
	}
	b.WriteString("};\n")
	return b.Bytes()
}

// grownDictionary is the dictionary of packed records with the words and objects of the kinds
// that it lacks, those first that observers write most.
func grownDictionary(t *testing.T, kinds []KindSchema, types []TypeSchema) compact.Dictionary {
	t.Helper()
	text, err := os.ReadFile("internal/compact/dictionary.json")
	if err != nil {
		t.Fatal(err)
	}
	d, err := compact.ParseDictionary(text)
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]TypeSchema{}
	for _, x := range types {
		byName[x.Name] = x
	}
	var words []string
	var shapes [][]string
	seen := map[string]bool{}
	var walk func(name string)
	walk = func(name string) {
		x := byName[name]
		if seen[name] {
			return
		}
		seen[name] = true
		words = append(words, x.Words...)
		var names []string
		for _, m := range x.Members {
			names = append(names, m.Name)
		}
		if len(names) > 0 {
			shapes = append(shapes, names)
		}
		for _, m := range x.Members {
			walk(m.Type)
		}
		walk(x.Of)
	}
	order := slices.Clone(kinds)
	slices.SortStableFunc(order, func(a, b KindSchema) int {
		return cmp.Or(cmp.Compare(a.Sort, b.Sort)*-1, cmp.Compare(slices.Index(observed, a.Class), slices.Index(observed, b.Class)))
	})
	for _, k := range order {
		words = append(words, string(k.Kind))
	}
	for _, k := range order {
		for _, p := range k.Parts {
			walk(p.Type)
		}
	}
	return d.With(words, shapes)
}

// observed are the classes, those first that observers write most.
var observed = []Class{ClassMovement, ClassIncident, ClassWord, ClassOffice, ClassAuthority, ClassReport}

// dictionaryJS is the dictionary of packed records for the phone.
func dictionaryJS(d compact.Dictionary) []byte {
	var b bytes.Buffer
	b.WriteString("// Generated from the kinds of the root package; go generate writes it anew.\n\n/** How many words and shapes each edition has, from 1 on. @type {[number, number][]} */\nexport const EDITIONS = [\n")
	for _, e := range d.Editions {
		fmt.Fprintf(&b, "  [%d, %d],\n", e.Words, e.Shapes)
	}
	b.WriteString("];\n\nexport const WORDS = (\n")
	b.WriteString(inLines(strings.Join(d.Words, " ")))
	b.WriteString(").split(\" \");\n\n/** The members of objects. */\nexport const SHAPES = (\n")
	var all []string
	for _, s := range d.Shapes {
		all = append(all, strings.Join(s, " "))
	}
	b.WriteString(inLines(strings.Join(all, ",")))
	b.WriteString(").split(\",\").map((s) => s.split(\" \"));\n")
	return b.Bytes()
}

// inLines is a text as a JavaScript sum of strings, each of about 120 characters.
func inLines(s string) string {
	var b strings.Builder
	for len(s) > 120 {
		n := 120 + strings.IndexAny(s[120:]+" ", " ,") + 1
		n = min(n, len(s))
		fmt.Fprintf(&b, "  %q +\n", s[:n])
		s = s[n:]
	}
	fmt.Fprintf(&b, "  %q\n", s)
	return b.String()
}

func kindsJSON(t *testing.T, kinds []KindSchema, types []TypeSchema) []byte {
	t.Helper()
	for i := range types {
		types[i].Words, types[i].Members = slices.Concat([]string{}, types[i].Words), slices.Concat([]MemberSchema{}, types[i].Members)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "\t")
	if err := e.Encode(struct {
		Kinds []KindSchema `json:"kinds"`
		Types []TypeSchema `json:"types"`
	}{kinds, types}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// phoneKinds are the field kinds without what only the mission's own offices and server sign, in
// few bytes: a kind's parts and a type's members as "name:type", ? for what may be null, ?: for a
// part that may be left out, [] for lists; "=" before the words of a closed list.
func phoneKinds(kinds []KindSchema, types []TypeSchema) []byte {
	byName := map[string]TypeSchema{}
	for _, t := range types {
		byName[t.Name] = t
	}
	var b bytes.Buffer
	used := map[string]bool{}
	var use func(name string)
	use = func(name string) {
		t := byName[name]
		if used[name] || t.Name == "" {
			return
		}
		used[name] = true
		if t.Of != "" {
			use(t.Of)
		}
		for _, m := range t.Members {
			use(m.Type)
		}
	}
	b.WriteString("// Generated from the kinds of the root package; go generate writes it anew.\n\n/** The kinds that an observer may sign, with their parts. @type {Record<string, string>} */\nexport const KINDS = {\n")
	for _, k := range kinds {
		if k.Sort != "field" || k.Class == ClassOffice || slices.ContainsFunc(k.Parts, func(p PartSchema) bool { return p.Name == "media" }) {
			continue // pictures need a page of their own
		}
		var parts []string
		for _, p := range k.Parts {
			use(p.Type)
			parts = append(parts, p.Name+map[bool]string{true: "?:", false: ":"}[p.Optional]+p.Type)
		}
		fmt.Fprintf(&b, "  %s: %q,\n", k.Kind, strings.Join(parts, " "))
	}
	b.WriteString("};\n\n/** What the parts are made of. @type {Record<string, string>} */\nexport const TYPES = {\n")
	for _, t := range types {
		if !used[t.Name] {
			continue
		}
		var says string
		switch t.Form {
		case "object":
			var members []string
			for _, m := range t.Members {
				members = append(members, m.Name+":"+map[bool]string{true: "[]"}[m.List]+m.Type+map[bool]string{true: "?"}[m.Null])
			}
			says = "{" + strings.Join(members, " ")
		case "word":
			says = "=" + strings.Join(t.Words, " ")
		default:
			says = strings.TrimSpace(t.Form + " " + t.Of)
		}
		fmt.Fprintf(&b, "  %s: %q,\n", t.Name, says)
	}
	b.WriteString("};\n")
	return b.Bytes()
}

var sorts = map[string]string{
	"field":     "judged on itself alone, in any order",
	"authority": "judged by its place in the log",
	"ranged":    "judged against a prefix of the log",
}

func recordsPage(kinds []KindSchema, types []TypeSchema) []byte {
	var b bytes.Buffer
	b.WriteString(`# The kinds of record

Generated from the types in the root package and their comments; ` + "`go generate`" + ` writes it anew.

A record is a signed header and the parts that the header names by hash. What follows are the parts, kind by
kind. Every part is one JSON object that begins with three members which are left out below: ` + "`id`" + ` (the record's),
` + "`part`" + ` (the part's name) and ` + "`nonce`" + ` (128 random bits, hexadecimal). Every member is written, in the order given,
without spaces; only where a table says *or null* may it be null. An empty list is ` + "`[]`" + `. Integers lie within
±2^53; there are no floats. Who writes a draft for ` + "`corridor record`" + ` or ` + "`corridor sign`" + ` may leave out what says
nothing: it gets its empty value.

The parts *facts*, *count*, *where* and *who* feed figures and lists: they hold no free text and no personal data,
and stay for ever. The parts *narrative*, *identity* and *media* may be left out, feed nothing, and can be erased.

| kind | class | how it is judged |
|---|---|---|
`)
	for _, k := range kinds {
		fmt.Fprintf(&b, "| [%s](#%s) | %s | %s |\n", k.Kind, k.Kind, k.Class, sorts[k.Sort])
	}
	byName, used := map[string]TypeSchema{}, map[string]int{}
	for _, x := range types {
		byName[x.Name] = x
	}
	for _, k := range kinds {
		for _, p := range k.Parts {
			used[p.Type]++
		}
	}
	shown := map[string]bool{}
	for _, k := range kinds {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\nClass %s; %s.\n", k.Kind, k.Doc, k.Class, sorts[k.Sort])
		for _, p := range k.Parts {
			may := ""
			if p.Optional {
				may = ", if there is one"
			}
			if used[p.Type] > 1 {
				fmt.Fprintf(&b, "\n**%s**%s: %s.\n", p.Name, may, typeLink(p.Type, byName))
				continue
			}
			shown[p.Type] = true
			fmt.Fprintf(&b, "\n**%s**%s: %s\n\n", p.Name, may, byName[p.Type].Doc)
			memberTable(&b, byName[p.Type], byName)
		}
	}
	b.WriteString("\n# Types\n\nThe closed lists and the objects that several kinds share, by name.\n")
	for _, x := range types {
		if shown[x.Name] || x.Doc == "" {
			continue
		}
		fmt.Fprintf(&b, "\n## type %s\n\n%s\n", x.Name, x.Doc)
		switch x.Form {
		case "word":
			fmt.Fprintf(&b, "\nOne of: `%s`.\n", strings.Join(x.Words, "`, `"))
		case "list":
			fmt.Fprintf(&b, "\nA list of %s.\n", typeLink(x.Of, byName))
		case "pair":
			fmt.Fprintf(&b, "\nA pair of %s.\n", typeLink(x.Of, byName))
		case "object":
			b.WriteString("\n")
			memberTable(&b, x, byName)
		}
	}
	return b.Bytes()
}

func memberTable(b *bytes.Buffer, x TypeSchema, byName map[string]TypeSchema) {
	if len(x.Members) == 0 {
		b.WriteString("No member beside the part's head.\n")
		return
	}
	b.WriteString("| member | form | |\n|---|---|---|\n")
	for _, m := range x.Members {
		form := typeLink(m.Type, byName)
		if m.List {
			form = "list of " + form
		}
		if m.Null {
			form += " or null"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", m.Name, form, strings.ReplaceAll(m.Doc, "|", "\\|"))
	}
}

func typeLink(name string, byName map[string]TypeSchema) string {
	if byName[name].Doc == "" {
		return name
	}
	return fmt.Sprintf("[%s](#type-%s)", name, strings.ToLower(name))
}

// A broken rule as the source states it.
type broken struct {
	rule, text string
}

var ruleName = regexp.MustCompile(`^(‹kind›|[a-z][a-z-]*)\.(‹part›|[a-z][a-z0-9-]*)$`)

// rules finds every refusal and every "later" that the source can answer with.
func (s source) rules(t *testing.T) (refusals, later []broken) {
	t.Helper()
	consts := s.constants()
	for _, f := range s.files {
		ast.Inspect(f, func(n ast.Node) bool {
			var rule, text ast.Expr
			list := &refusals
			switch n := n.(type) {
			case *ast.CallExpr:
				if calls(n.Fun) == "Refuse" && len(n.Args) > 1 {
					rule, text = n.Args[0], n.Args[1]
				}
			case *ast.CompositeLit:
				name := calls(n.Type)
				if name == "Later" {
					list = &later
				}
				if name == "Refusal" || name == "Later" {
					rule, text = elementOf(n, 0, "Rule"), elementOf(n, 1, "Reason")
				}
			}
			if rule == nil {
				return true
			}
			if name, ok := ruleText(rule, consts); ok {
				if !ruleName.MatchString(name) {
					t.Errorf("%s: %q is not the name of a rule, noun.rule", s.fset.Position(n.Pos()), name)
				}
				*list = append(*list, broken{name, sentence(text)})
			}
			return true
		})
	}
	return refusals, later
}

// calls returns the last name of a function or type expression.
func calls(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

func elementOf(l *ast.CompositeLit, i int, key string) ast.Expr {
	for _, e := range l.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if calls(kv.Key) == key {
				return kv.Value
			}
		}
	}
	if i < len(l.Elts) {
		if _, ok := l.Elts[i].(*ast.KeyValueExpr); !ok {
			return l.Elts[i]
		}
	}
	return nil
}

// ruleText returns a rule's name as its expression spells it. Where a kind's or a part's name
// goes in, a placeholder stands. It is false for a rule that is passed on.
func ruleText(e ast.Expr, consts map[string]string) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		return s, err == nil
	case *ast.Ident:
		s, ok := consts[e.Name]
		return s, ok
	case *ast.BinaryExpr:
		a, ok := ruleText(e.X, consts)
		b, ok2 := ruleText(e.Y, consts)
		return a + b, ok && ok2
	case *ast.CallExpr:
		if calls(e.Fun) == "string" {
			return "‹kind›", true
		}
	case *ast.SelectorExpr:
		if e.Sel.Name == "name" {
			return "‹part›", true
		}
	}
	return "", false
}

var verb = regexp.MustCompile(`%[-+#.\d]*[a-zA-Z]`)

// sentence returns the reason as its author will read it, with … for what goes in.
func sentence(e ast.Expr) string {
	if c, ok := e.(*ast.CallExpr); ok && calls(c.Fun) == "Sprintf" && len(c.Args) > 0 {
		e = c.Args[0]
	}
	switch e := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		if err == nil {
			return verb.ReplaceAllString(s, "…")
		}
	case *ast.BinaryExpr:
		return sentence(e.X) + sentence(e.Y)
	}
	return "…"
}

// constants returns the string constants of the source by name.
func (s source) constants() map[string]string {
	all := map[string]string{}
	s.eachConstant(func(name, value, _ string) { all[name] = value })
	return all
}

func (s source) eachConstant(yield func(name, value, comment string)) {
	for _, f := range s.files {
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST {
				continue
			}
			for _, spec := range g.Specs {
				v := spec.(*ast.ValueSpec)
				for i, n := range v.Names {
					if i >= len(v.Values) {
						continue
					}
					if l, ok := v.Values[i].(*ast.BasicLit); ok && l.Kind == token.STRING {
						value, err := strconv.Unquote(l.Value)
						if err == nil {
							yield(n.Name, value, oneLine(cmp.Or(v.Comment.Text(), v.Doc.Text(), g.Doc.Text())))
						}
					}
				}
			}
		}
	}
}

func rulesPage(t *testing.T, src source) []byte {
	t.Helper()
	refusals, later := src.rules(t)
	var findings []broken
	src.eachConstant(func(name, value, comment string) {
		if strings.HasPrefix(name, "Finding") {
			findings = append(findings, broken{value, comment})
		}
	})
	if len(refusals) < 50 || len(findings) < 10 || len(later) < 2 {
		t.Errorf("%d refusals, %d findings and %d answers of later were found in the source; there are more", len(refusals), len(findings), len(later))
	}
	var b bytes.Buffer
	b.WriteString(`# The rules

Generated from the source; ` + "`go generate`" + ` writes it anew.

A rule has a stable name, ` + "`noun.rule`" + `, which is the same on the phone, the server, in ` + "`corridor verify`" + `, in tests and in
translations. A rule is never tightened in place: the mandate names its edition, so that yesterday's honest log still
holds tomorrow.

## Refused: the record is not logged

A record is refused only for its form, or because it is not authentic. The sentence is the one its author reads; …
stands for what it names. The same record is refused for ever. ‹kind› and ‹part› stand for the names of the record's
kind and part.

`)
	ruleTable(&b, "rule | what its author reads", refusals)
	b.WriteString(`
## Later: nothing is wrong, the sender keeps the record and sends it again

`)
	ruleTable(&b, "rule | what its author reads", later)
	b.WriteString(`
## Findings: the record is logged, and shown with what was found

An authentic record that breaks the mandate is logged all the same. Its account is listed and not summed; an act has
no effect. A finding may change as the mission learns more; the record does not.

`)
	ruleTable(&b, "finding | what was found", findings)
	return b.Bytes()
}

func ruleTable(b *bytes.Buffer, head string, list []broken) {
	texts := map[string][]string{}
	var rules []string
	for _, r := range list {
		if texts[r.rule] == nil {
			rules = append(rules, r.rule)
		}
		texts[r.rule] = append(texts[r.rule], strings.ReplaceAll(r.text, "|", "\\|"))
	}
	slices.Sort(rules)
	fmt.Fprintf(b, "| %s |\n|---|---|\n", head)
	for _, r := range rules {
		slices.Sort(texts[r])
		fmt.Fprintf(b, "| `%s` | %s |\n", r, strings.Join(slices.Compact(texts[r]), "<br>"))
	}
}
