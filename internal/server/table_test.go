package server_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"corridor.example/corridor/internal/server"
)

// TestTablesOfThePublic: a table is what is released; pieces of it, one leading to the next,
// have as many rows as the whole, and the same request gets the same bytes.
func TestTablesOfThePublic(t *testing.T) {
	p := play(t, "aleppo-2016", server.Config{})
	if err := p.node.Tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	get := func(path string, status int) *httptest.ResponseRecorder {
		t.Helper()
		w := httptest.NewRecorder()
		p.s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != status {
			t.Fatalf("%s: %d, want %d: %s", path, w.Code, status, w.Body)
		}
		return w
	}
	for path, kind := range map[string]string{
		"counts.csv": "text/csv", "incidents.xlsx": "application/vnd.openxmlformats", "records.jsonl": "application/x-ndjson", "map.geojson": "application/geo+json",
	} {
		one, two := get("/api/v1/export/"+path, 200), get("/api/v1/export/"+path, 200)
		if !strings.HasPrefix(one.Header().Get("Content-Type"), kind) || one.Body.Len() < 100 || one.Body.String() != two.Body.String() {
			t.Errorf("%s: %s, %d bytes", path, one.Header().Get("Content-Type"), one.Body.Len())
		}
	}
	size, _, err := p.node.Released(t.Context(), p.now)
	if err != nil {
		t.Fatal(err)
	}
	rows, pages := 0, 0
	for path := "/api/v1/export/records.jsonl?limit=50"; path != ""; pages++ {
		w := get(path, 200)
		rows += strings.Count(w.Body.String(), "\n") - 1
		path, _, _ = strings.Cut(strings.TrimPrefix(w.Header().Get("Link"), "<"), ">")
	}
	if int64(rows) != size || pages < 2 {
		t.Errorf("%d pages have %d rows, and %d entries are released", pages, rows, size)
	}
	get("/api/v1/export/people.csv", 404)
	get("/api/v1/export/counts.doc", 404)
	get("/api/v1/export/counts", 404)
	get("/api/v1/export/counts.csv?since=-1", 400)
	get("/api/v1/export/counts.csv?since=99999999", 400)
	get("/api/v1/export/counts.csv?limit=0", 400)
	get("/api/v1/export/counts.csv?limit=many", 400)
}
