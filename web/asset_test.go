package web

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func TestAssets(t *testing.T) {
	if len(Assets()) == 0 || len(TreeHash()) != 64 {
		t.Fatalf("%d assets under %q", len(Assets()), TreeHash())
	}
	for _, a := range Assets() {
		sum := sha256.Sum256(a.Bytes)
		if a.ETag != `"`+hex.EncodeToString(sum[:])+`"` || a.MIME == "" || len(a.Bytes) == 0 {
			t.Errorf("asset %s: type %q, tag %s", a.Path, a.MIME, a.ETag)
		}
		if got, ok := FindAsset(a.Path); !ok || got.ETag != a.ETag {
			t.Errorf("asset %s is not found by its path", a.Path)
		}
		if got, want := AssetPath(a.Path), "/a/"+TreeHash()+"/"+a.Path; got != want {
			t.Errorf("asset %s is at %s, want %s", a.Path, got, want)
		}
	}
	if _, ok := FindAsset("../templates/home.html"); ok {
		t.Error("a template is served as an asset")
	}
}

var (
	colour = regexp.MustCompile(`--([a-z-]+): (#[0-9A-Fa-f]{6})`)
	themes = regexp.MustCompile(`(?s)(:root|\[data-theme="dark"\]|\[data-theme="night"\]) \{(.*?)\}`)
)

func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(hex[1:], 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	part := func(shift uint) float64 {
		c := float64(n>>shift&255) / 255
		if c <= 0.03928 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*part(16) + 0.7152*part(8) + 0.0722*part(0)
}

func contrast(t *testing.T, a, b string) float64 {
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// TestContrast: figures and states stand out at 7 to 1, other text at 4.5 to 1 (WCAG 2.2,
// 1.4.3 and 1.4.6), by day and in the dark. Night is kept dim on purpose: 4.5 to 1.
func TestContrast(t *testing.T) {
	css, ok := FindAsset("app.css")
	if !ok {
		t.Fatal("no style sheet")
	}
	seen := 0
	for _, m := range themes.FindAllStringSubmatch(string(css.Bytes), -1) {
		colours := map[string]string{}
		for _, c := range colour.FindAllStringSubmatch(m[2], -1) {
			colours[c[1]] = c[2]
		}
		if colours["paper"] == "" {
			continue // a rule that only prints
		}
		seen++
		strong := 7.0
		if strings.Contains(m[1], "night") {
			strong = 4.5
		}
		for name, least := range map[string]float64{"ink": strong, "fails": strong, "open": strong, "disputed": strong, "second": 4.5, "accent": 4.5} {
			for _, ground := range []string{"paper", "sheet"} {
				if got := contrast(t, colours[name], colours[ground]); got < least {
					t.Errorf("%s: %s on %s is %.2f to 1, want %v", m[1], name, ground, got, least)
				}
			}
		}
		if got := contrast(t, colours["on-accent"], colours["accent"]); got < 4.5 {
			t.Errorf("%s: a button's words are %.2f to 1", m[1], got)
		}
	}
	if seen != 3 {
		t.Errorf("found %d sets of colours, want light, dark and night", seen)
	}
}

// TestDarkIsDark: the colours for a device set to dark are those one can choose.
func TestDarkIsDark(t *testing.T) {
	css, _ := FindAsset("app.css")
	s := string(css.Bytes)
	device := s[strings.Index(s, ":root:not([data-theme])"):]
	chosen := s[strings.Index(s, `[data-theme="dark"]`):]
	a, b := colour.FindAllString(device[:strings.Index(device, "}")], -1), colour.FindAllString(chosen[:strings.Index(chosen, "}")], -1)
	if len(a) == 0 || strings.Join(a, ";") != strings.Join(b, ";") {
		t.Errorf("dark by the device is %v, dark by choice %v", a, b)
	}
}

// TestSheetIsOurs: the sheet loads nothing, names no side of the screen, and has colours in
// its tokens only, so that every theme changes all of them.
func TestSheetIsOurs(t *testing.T) {
	css, _ := FindAsset("app.css")
	s := regexp.MustCompile(`(?s)/\*.*?\*/`).ReplaceAllString(string(css.Bytes), "")
	for _, bad := range []string{"@import", "url(", "http:", "https:", "letter-spacing: 0.", "float:"} {
		if strings.Contains(s, bad) {
			t.Errorf("the sheet holds %q", bad)
		}
	}
	if m := regexp.MustCompile(`(?:margin|padding|border|inset)-(?:left|right)|[^-]\b(?:left|right):`).FindString(s); m != "" {
		t.Errorf("the sheet names a side of the screen: %q", m)
	}
	rules := regexp.MustCompile(`--[a-z0-9-]+: [^;]*;`).ReplaceAllString(s, "")
	if m := regexp.MustCompile(`#[0-9A-Fa-f]{3,8}\b`).FindString(rules); m != "" {
		t.Errorf("a rule has the colour %s of its own", m)
	}
}
