package browser_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"corridor.example/corridor/internal/server"
	"corridor.example/corridor/web"
)

// trust looks at the pages that tell a device how to take the mission's authority, as they stand
// in the clear beside TLS: in each language, narrow and wide, in every theme.
func (r *room) trust(t *testing.T) {
	s := server.New(server.Config{Now: time.Now, Trust: &server.Trust{
		DER: []byte("a certificate"), Fingerprint: [32]byte{0xab, 0xcd, 0xef, 1, 2, 3, 4, 5, 6, 7}, Names: []string{"gate.mission.internal", "192.168.4.1"},
		Until: time.Date(2028, 12, 1, 0, 0, 0, 0, time.UTC), Address: "http://gate.mission.internal/trust", Secure: "https://gate.mission.internal",
	}})
	plain := s.Plain("https://gate.mission.internal", nil)
	hs := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" { // where a tab begins: the way to https leads out of this room
			r.URL.Path = "/trust"
		}
		plain.ServeHTTP(w, r)
	}))
	defer hs.Close()
	wanted, err := regexp.Compile(*only)
	if err != nil {
		t.Fatal(err)
	}
	src := r.axeSource(t)
	for _, lang := range languages {
		b := r.open(t, hs.URL, lang, widths[0])
		for _, p := range append([]string{""}, web.Platforms()...) {
			path := strings.TrimSuffix("/trust/"+p, "/")
			for _, width := range widths {
				b.width(width)
				if status := b.visit(path); status != http.StatusOK {
					t.Errorf("%s: status %d", path, status)
				}
				b.flawless(fmt.Sprintf("%s, %d wide", path, width), lang, true)
			}
			b.axe(src, "axe.version")
			for _, theme := range []string{"light", "dark", "night"} {
				b.run(fmt.Sprintf(`document.documentElement.dataset.theme = %q`, theme))
				for _, v := range b.violations(theme != "light") {
					for _, n := range v.Nodes {
						t.Errorf("%s, %s, %s: %s (%s): %s\n%.200s", path, lang, theme, v.Help, v.ID, n.FailureSummary, n.HTML)
					}
				}
			}
			for _, width := range widths {
				for _, scheme := range []string{"light", "dark"} {
					file := fmt.Sprintf("trust.%s.%s.%d.%s", strings.TrimPrefix(strings.ReplaceAll(path, "/", "-"), "-"), lang, width, scheme)
					if *pictures == "" || !wanted.MatchString(file) {
						continue
					}
					b.width(width)
					b.prefers(scheme)
					b.visit(path)
					png := ask(b, "a picture", chromedp.FullScreenshot(100))
					if err := os.WriteFile(filepath.Join(*pictures, file+".png"), png, 0o644); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
	}
}
