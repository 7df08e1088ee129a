package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"html/template"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// phoneModule is the app's first module. What it imports, at once or when it is asked for, is the
// app: nothing else is kept, and nothing of it is missing in flight mode.
const phoneModule = "phone/app.js"

var phoneImports = regexp.MustCompile(`(?m)^(?:import|export) (?:[^"\n]* from )?"(\.[^"]+)";?$|=> import\("(\.[^"]+)"\)`)

// phoneGraph returns the modules of the app.
func phoneGraph() map[string]bool {
	found := map[string]bool{}
	var load func(name string)
	load = func(name string) {
		if found[name] {
			return
		}
		found[name] = true
		src, err := files.ReadFile(name)
		if err != nil {
			panic("web: " + err.Error()) // it is in the binary
		}
		for _, m := range phoneImports.FindAllStringSubmatch(string(src), -1) {
			load(path.Join(path.Dir(name), m[1]+m[2]))
		}
	}
	load(phoneModule)
	return found
}

// phoneWordGroups are the parts of the catalogue that the app prints.
var phoneWordGroups = []string{"phone.", "kind.", "field.", "part.", "basis.", "channel.", "unit-name.", "sharp.", "theme.",
	"absence-reason.", "assessment-of.", "claim-bears.", "claim-voice.", "confidence.", "correction-reason.", "coverage-as.", "dispute-what.", "explanation-reason.",
	"hold-reason.", "incident-of.", "link-as.", "link-reason.", "need.", "restriction-of.", "restriction-outcome.", "restriction-reason.", "situation-of.",
	"transfer-target.", "translation-made.", "yes", "no", "sep", "colon"}

// phoneWords returns a language's catalogue as far as the phone prints it, as JSON with sorted keys.
func phoneWords(lang string) []byte {
	schema, err := files.ReadFile("phone/kinds.js")
	if err != nil {
		panic("web: " + err.Error()) // it is in the binary
	}
	words := map[string]any{}
	for key, m := range speak(lang).messages {
		if !slices.ContainsFunc(phoneWordGroups, func(g string) bool { return key == g || strings.HasSuffix(g, ".") && strings.HasPrefix(key, g) }) || strings.HasPrefix(key, "basis.means.") {
			continue
		}
		if name, ok := strings.CutPrefix(key, "field."); ok && !bytes.Contains(schema, []byte(strings.ReplaceAll(name, "-", "_")+":")) {
			continue // no kind that is recorded here has it
		}
		if name, ok := strings.CutPrefix(key, "kind."); ok && !bytes.Contains(schema, []byte("\n  "+name+": ")) {
			continue
		}
		words[key] = m
		if plain, ok := m[""]; ok {
			words[key] = plain
		}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(words); err != nil {
		panic("web: " + err.Error()) // strings alone
	}
	return b.Bytes()
}

// PhoneAssets returns the assets that the phone keeps, so that it works without a network.
func PhoneAssets() (list []Asset) {
	modules := phoneGraph()
	for _, a := range Assets() {
		if modules[a.Path] || strings.HasPrefix(a.Path, "phone/") && path.Ext(a.Path) != ".js" {
			list = append(list, a)
		}
	}
	return list
}

// PhoneApp is the app of the phone as it is served: a page, what makes it installable, the list
// of its files, and the service worker as it stands in the repository.
type PhoneApp struct {
	Page     []byte // /phone/
	Manifest []byte // /phone/app.webmanifest
	List     []byte // /phone/files.json: every file with its SHA-256; the hash of these bytes names the version
	Worker   []byte // /phone/sw.js
}

// Phone returns the app.
func Phone() PhoneApp { return thePhone() }

var thePhone = sync.OnceValue(func() PhoneApp {
	worker, err := files.ReadFile("phone/sw.js")
	if err != nil {
		panic("web: " + err.Error()) // it is in the binary
	}
	list := struct {
		Files map[string]string `json:"files"`
	}{map[string]string{}}
	var modules []string
	sum := func(b []byte) string {
		h := sha256.Sum256(b)
		return hex.EncodeToString(h[:])
	}
	for _, a := range PhoneAssets() {
		list.Files[AssetPath(a.Path)] = sum(a.Bytes)
		if path.Ext(a.Path) == ".js" {
			modules = append(modules, AssetPath(a.Path))
		}
	}
	app := PhoneApp{Page: phonePage(modules), Manifest: phoneManifest(), Worker: worker}
	list.Files["/phone/"], list.Files["/phone/app.webmanifest"] = sum(app.Page), sum(app.Manifest)
	if app.List, err = json.Marshal(list); err != nil { // keys are sorted
		panic("web: " + err.Error())
	}
	return app
})

var phoneTemplate = template.Must(template.New("phone").Parse(`<!doctype html>
<html lang="en" dir="ltr" translate="no">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<meta name="languages" content="{{.Languages}}">
<title>{{.Title}}</title>
<link rel="manifest" href="/phone/app.webmanifest">
<link rel="icon" href="{{.Icon}}" type="image/svg+xml">
<link rel="stylesheet" href="{{.Sheet}}">
{{range .Modules}}<link rel="modulepreload" href="{{.}}">
{{end}}<script type="module" src="{{.Script}}"></script>
</head>
<body class="p-phone">
<main id="main">{{range .NoScript}}<noscript><p lang="{{.Lang}}" dir="{{.Dir}}">{{.Text}}</p></noscript>{{end}}</main>
</body>
</html>
`))

// phonePage is the page of the app. Its title names nothing: it stands in lists of open windows
// and in histories.
func phonePage(modules []string) []byte {
	type said struct{ Lang, Dir, Text string }
	var none []said
	var codes []string
	for _, l := range Languages() {
		none = append(none, said{l.Code, l.Dir, Text(l.Code, "phone.noscript")})
		codes = append(codes, l.Code+":"+l.Dir+":"+l.Name)
	}
	var b bytes.Buffer
	if err := phoneTemplate.Execute(&b, map[string]any{
		"Languages": strings.Join(codes, " "), "Title": Text("en", "phone.app"), "Icon": AssetPath("phone/icon.svg"), "Sheet": AssetPath("phone/phone.css"),
		"Modules": modules, "Script": AssetPath(phoneModule), "NoScript": none,
	}); err != nil {
		panic("web: " + err.Error()) // into memory
	}
	return b.Bytes()
}

func phoneManifest() []byte {
	b, err := json.Marshal(map[string]any{
		"name": Text("en", "phone.app"), "short_name": Text("en", "phone.app"), "start_url": "/phone/", "scope": "/phone/", "id": "/phone/", "display": "standalone",
		"background_color": "#000000", "theme_color": "#000000",
		"icons": []map[string]string{{"src": AssetPath("phone/icon.svg"), "sizes": "any", "type": "image/svg+xml"}},
	})
	if err != nil {
		panic("web: " + err.Error())
	}
	return b
}

// phoneTree adds what the phone loads and no file holds: its words in each language.
func phoneTree(add func(name string, b []byte)) {
	words := map[string][]byte{}
	for _, l := range Languages() {
		words["phone/words."+l.Code+".json"] = phoneWords(l.Code)
	}
	for _, name := range slices.Sorted(maps.Keys(words)) {
		add(name, words[name])
	}
}
