package web

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	phoneImport = regexp.MustCompile(`(?m)^(?:import|export) (?:[^"\n]* from )?"([^"]+)";?$`)
	phoneLater  = regexp.MustCompile(`=> import\("([^"]+)"\)`)
)

// phoneModules returns the modules that the app loads from its first one on, at once or, if
// asked for, later too.
func phoneModules(t *testing.T, later bool) map[string]string {
	t.Helper()
	found := map[string]string{}
	var load func(name string)
	load = func(name string) {
		if _, ok := found[name]; ok {
			return
		}
		src := readFile(t, name)
		found[name] = src
		all := phoneImport.FindAllStringSubmatch(src, -1)
		if later {
			all = append(all, phoneLater.FindAllStringSubmatch(src, -1)...)
		}
		for _, m := range all {
			if !strings.HasPrefix(m[1], ".") {
				t.Errorf("%s imports %q, which is not relative", name, m[1])
				continue
			}
			load(filepath.ToSlash(filepath.Join(filepath.Dir(name), m[1])))
		}
	}
	load("phone/app.js")
	return found
}

// TestPhoneKeepsWhatItLoads: whatever a module of the app imports is in the list of files that
// the service worker keeps, and nothing else is: a file that is missing fails in flight mode.
func TestPhoneKeepsWhatItLoads(t *testing.T) {
	want := phoneModules(t, true)
	var have []string
	for _, a := range PhoneAssets() {
		if strings.HasSuffix(a.Path, ".js") {
			have = append(have, a.Path)
			if _, ok := want[a.Path]; !ok {
				t.Errorf("the list has %s, which the app does not load", a.Path)
			}
		}
	}
	for name := range want {
		if !slices.Contains(have, name) {
			t.Errorf("the app loads %s, which is not in the list", name)
		}
	}
	var list struct{ Files map[string]string }
	if err := json.Unmarshal(Phone().List, &list); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/phone/", "/phone/app.webmanifest", AssetPath("phone/words.ar.json"), AssetPath("phone/words.en.json"), AssetPath("phone/phone.css"), AssetPath("phone/icon.svg")} {
		if len(list.Files[path]) != 64 {
			t.Errorf("the list of files has %q for %s", list.Files[path], path)
		}
	}
}

// TestPhoneIsSmall: what a phone loads before anything can be recorded is at most 60 kB packed: the
// page, its style, the modules of the lock, the five buttons and the queue, and the words of the
// language that has the longest.
func TestPhoneIsSmall(t *testing.T) {
	const most = 60_000
	core := phoneModules(t, false)
	total, words, all := len(pack(Phone().Page)), 0, 0
	for _, a := range PhoneAssets() {
		all += len(a.Packed)
		if strings.HasPrefix(a.Path, "phone/words.") {
			words = max(words, len(a.Packed))
		} else if _, ok := core[a.Path]; ok || !strings.HasSuffix(a.Path, ".js") {
			total += len(a.Packed)
		}
	}
	total += words
	t.Logf("%d bytes packed, of which %d are words; %d with what is loaded later and every language", total, words, all)
	if total > most {
		t.Errorf("the app is %d bytes packed, want at most %d", total, most)
	}
}

// TestPhoneTokens: the phone has the colours of every other page.
func TestPhoneTokens(t *testing.T) {
	tokens := func(name string) string {
		a, ok := FindAsset(name)
		if !ok {
			t.Fatalf("no %s", name)
		}
		s := string(a.Bytes)
		return s[strings.Index(s, ":root {"):strings.Index(s, "*, *::before")]
	}
	if got, want := tokens("phone/phone.css"), tokens("app.css"); got != want || len(want) < 500 {
		t.Errorf("the phone has other tokens than app.css:\n%s", got)
	}
}

// TestPhoneWorker: the service worker is the file of the repository, so that whoever reads the
// repository reads what runs.
func TestPhoneWorker(t *testing.T) {
	want, err := os.ReadFile("phone/sw.js")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(Phone().Worker, want) {
		t.Error("the service worker is not served as it stands in the repository")
	}
	if bytes.Contains(want, []byte("import ")) || bytes.Contains(want, []byte("importScripts")) {
		t.Error("the service worker is more than its one file")
	}
}

// TestPhoneNamesNothing: neither title nor icon label of the app says what it is for.
func TestPhoneNamesNothing(t *testing.T) {
	for _, l := range Languages() {
		name := strings.ToLower(Text(l.Code, "phone.app"))
		for _, bad := range []string{"corridor", "observ", "mission", "convoy", "record", "مراقب", "بعثة", "قافلة"} {
			if strings.Contains(name, bad) {
				t.Errorf("%s: the app is called %q", l.Code, name)
			}
		}
	}
	for _, b := range [][]byte{Phone().Manifest, Phone().Page} {
		if bytes.Contains(bytes.ToLower(b), []byte("corridor")) {
			t.Errorf("the app names the mission's software:\n%s", b)
		}
	}
}

var (
	phoneKey   = regexp.MustCompile(`"(phone\.[a-z_.-]*[a-z])"`)
	phoneGroup = regexp.MustCompile(`"(phone\.[a-z_.-]*\.)"|t\("(phone\.)" \+`)
)

// TestPhoneWords: the modules ask for no message that is not in the catalogue, and the catalogue
// has none that they do not show.
func TestPhoneWords(t *testing.T) {
	base := catalogues()[Languages()[0].Code].messages
	shown, groups := map[string]bool{"phone.app": true, "phone.noscript": true}, []string{}
	for name, src := range phoneModules(t, true) {
		for _, m := range phoneKey.FindAllStringSubmatch(src, -1) {
			shown[m[1]] = true
			if _, ok := base[m[1]]; !ok {
				t.Errorf("%s asks for %q, which is not in the catalogue", name, m[1])
			}
		}
		for _, m := range phoneGroup.FindAllStringSubmatch(src, -1) {
			if m[1] != "" {
				groups = append(groups, m[1])
			}
		}
	}
	for _, home := range []string{"left", "arrived", "stopped", "happened", "here"} {
		shown["phone."+home] = true // the home buttons
	}
	for key := range base {
		if !strings.HasPrefix(key, "phone.") || shown[key] || slices.ContainsFunc(groups, func(g string) bool { return g != "phone." && strings.HasPrefix(key, g) }) {
			continue
		}
		t.Errorf("no module of the phone shows %q", key)
	}
}
