package server_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"corridor.example/corridor/internal/server"
)

// BenchmarkFirstScreen answers the first screen of the reconstruction: made anew from the
// fold, and kept from the request before.
func BenchmarkFirstScreen(b *testing.B) {
	p := play(b, "aleppo-2016", server.Config{})
	ask := func(b *testing.B, path string) {
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set("Accept-Encoding", "gzip")
		w := httptest.NewRecorder()
		p.s.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			b.Fatalf("%s: %d", path, w.Code)
		}
		b.SetBytes(int64(w.Body.Len()))
	}
	b.Run("made", func(b *testing.B) {
		for b.Loop() {
			p.now = p.now.Add(time.Minute) // a page is kept for the minute it was made in
			ask(b, "/")
		}
	})
	b.Run("kept", func(b *testing.B) {
		for b.Loop() {
			ask(b, "/")
		}
	})
}
