package attack

import (
	"bytes"
	"net/http"
	"net/http/httptest"

	"corridor.example/corridor"
)

// reading is what an operator opens to somebody, and does not tell of.
var reading = []attack{
	{act: "open restricted data without a trace", note: "the reader's own program, at once: what it is handed comes with no disclosure. An answer is not signed, so this is its word", do: func(w *world) {
		w.lie = func(rw http.ResponseWriter, r *http.Request, who string) bool {
			if r.URL.Path != "/live/entries" || who != "blue" {
				return false
			}
			got := w.site.would(r)
			b := got.Body.Bytes()
			if line, rest, ok := bytes.Cut(b, []byte("\n")); ok && bytes.HasPrefix(line, []byte(`{"disclosures":`)) {
				b = rest
			}
			rw.WriteHeader(got.Code)
			_, _ = rw.Write(b)
			return true
		}
		w.send(w.incident("red", ""))
		w.round()
		w.round()
	}, blue: []string{"claim untraced"}},
	{act: "hand out a trace that is not in the log", note: "the checkpoint under which the trace was promised, which is of another history", do: func(w *world) {
		w.send(w.incident("red", ""))
		hidden := w.retell(w.site.history())
		w.lie = func(rw http.ResponseWriter, r *http.Request, who string) bool {
			if r.URL.Path == "/live/entries" && who == "blue" {
				hidden.server.ServeHTTP(rw, r)
				return true
			}
			return false
		}
		w.round()
		w.lie, hidden.idle = nil, true
		w.send(w.moves("red", "departure", "A-01", 5))
		w.round()
		w.round()
	}, blue: []string{"proof fork"}},
	{act: "read its own disk", note: "nothing: whoever runs the server has what reaches it", do: func(w *world) {
		w.send(w.incident("red", "Five buses stood burning at the gate."))
		for i := range w.site.node.Size() {
			if r := must(w.site.node.Record(w.t.Context(), i))(w.t); r.Header.Kind == string(corridor.KindIncident) && r.Part("narrative") == nil {
				w.t.Error("the operator does not have it")
			}
		}
		w.round()
		w.round()
	}},
}

// would is what the server answers, for an operator to falsify.
func (s *site) would(r *http.Request) *httptest.ResponseRecorder {
	rec := httptest.NewRecorder()
	s.server.ServeHTTP(rec, r)
	return rec
}
