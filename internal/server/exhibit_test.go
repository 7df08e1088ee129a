package server_test

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"corridor.example/corridor/internal/server"
	"corridor.example/corridor/record"
)

const onePixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="

func exhibitOf(b []byte, format, text string) parts {
	return parts{
		"facts":     {"format": format, "bytes": len(b), "covered": true, "when": "2031-03-04T09:00:00Z", "basis": "observed"},
		"narrative": {"lang": "en", "text": text},
		"media":     {"bytes": b},
	}
}

// TestExhibits shows pictures to whoever may see them, as they were signed and as nothing that
// runs, and to nobody else.
func TestExhibits(t *testing.T) {
	text := strings.Replace(intakeMission, "disclose * * public closed public after public", "disclose * * public closed public after public\ndisclose * media mission closed mission after mission", 1)
	p := playText(t, "intake.txt", text, time.Hour, func(cfg *server.Config) { cfg.Readers = badges{} })
	png, err := base64.StdEncoding.DecodeString(onePixel)
	if err != nil {
		t.Fatal(err)
	}
	mina := p.pen("mina")
	h, list := mina.draft("incident", parts{
		"facts": {"what": "vehicle-burned", "when": "2031-03-04T09:00:00Z", "basis": "observed"}, "count": {"sums": []any{}}, "where": {"place": "gate"}, "who": {},
	})
	incident := mina.sign(true, h, list)
	var shown []record.Record
	for _, x := range []parts{exhibitOf(png, "png", `a burned "bus" <script>`), exhibitOf([]byte("%PDF-1.4 x"), "pdf", "the paper tally")} {
		h, list := mina.draft("exhibit", x)
		h.Re = &incident.Hash
		shown = append(shown, mina.sign(true, h, list))
	}
	for _, r := range append([]record.Record{incident}, shown...) {
		if _, err := p.node.Submit(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	p.cosign()
	p.now = p.now.AddDate(1, 0, 0)
	if err := p.node.Tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	media := func(r record.Record) string { return "/api/v1/records/" + r.Hash.String() + "/media" }
	for _, r := range shown {
		if w := p.as("", media(r)); w.Code != http.StatusNotFound || strings.Contains(w.Body.String(), "PNG") {
			t.Errorf("the public is given a picture that the mandate seals: %d", w.Code)
		}
	}
	w := p.as("mission office", media(shown[0]))
	if w.Code != http.StatusOK || w.Body.String() != string(png) || w.Header().Get("Content-Type") != "image/png" {
		t.Fatalf("the picture: %d %v", w.Code, w.Header())
	}
	told := false
	for _, f := range p.tracesOf("mission office", w, true) {
		for _, x := range f.Reads {
			told = told || x.Reader == "office" && x.Part == "media" && slices.Contains(x.Records, shown[0].Hash)
		}
	}
	if !told {
		t.Error("no record in the log tells who was shown the picture")
	}
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "Content-Disposition": `inline; filename="` + shown[0].Hash.Short() + `.png"`,
		"Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if w := p.as("mission office", media(shown[1])); w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/pdf" || !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment") {
		t.Errorf("the document: %d %v", w.Code, w.Header())
	}
	if w := p.as("mission office", media(incident)); w.Code != http.StatusNotFound {
		t.Errorf("of a record without one: %d", w.Code)
	}
	for _, path := range []string{"/records/" + shown[0].Hash.String(), "/records/" + incident.Hash.String(), "/incidents/" + incident.Hash.String()} {
		page := p.as("mission office", path).Body.String()
		if !strings.Contains(page, `src="`+media(shown[0])+`" alt="a burned &#34;bus&#34; &lt;script&gt;"`) {
			t.Errorf("%s does not show the picture with its author's words", path)
		}
		public := p.as("", path).Body.String()
		if strings.Contains(public, "/media") || !strings.Contains(public, "Sealed to you") {
			t.Errorf("%s shows the public a sealed picture, or does not say that there is one", path)
		}
	}
	if page := p.as("mission office", "/incidents/"+incident.Hash.String()).Body.String(); !strings.Contains(page, `href="`+media(shown[1])+`" download`) {
		t.Error("the incident has no link to the document")
	}
}
