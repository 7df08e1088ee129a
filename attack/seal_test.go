package attack

import (
	"encoding/json"
	"net/http"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/server"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

// sealing is what an operator does with what is not open yet, or is to be open.
var sealing = []attack{
	{act: "hide something behind a seal", note: "the table's latest release, and the part that is not there", do: func(w *world) {
		w.send(w.incident("mina", "Five buses stood burning at the gate."))
		w.round()
		w.round()
		w.lie = keepsShut(w)
		w.pass(20 * time.Hour)
		w.hours(5)
	}, red: []string{"claim part.overdue"}, blue: []string{"claim part.overdue"}},
	{act: "hide something behind a seal until its latest release", note: "nothing, until then", do: func(w *world) {
		w.send(w.incident("mina", "Five buses stood burning at the gate."))
		w.round()
		w.round()
		w.lie = keepsShut(w)
		w.pass(20 * time.Hour)
		w.hours(2)
	}},
	{act: "release to the public too early", note: "the public view, which each side's witness reads as anybody", do: func(w *world) {
		w.hours(2)
		w.send(w.moves("mina", "departure", "A-06", 3))
		w.round()
		w.lie = func(rw http.ResponseWriter, r *http.Request, who string) bool {
			if r.URL.Path != "/checkpoint" || who != "" {
				return false
			}
			_, head := w.site.node.Newest()
			_, _ = rw.Write(head)
			return true
		}
		w.round()
	}, red: []string{"claim early"}, blue: []string{"claim early"}},
	{act: "release to the public too late", note: "the same, and the cosignature times", do: func(w *world) {
		w.hours(2)
		_, old, err := w.site.node.Released(w.t.Context(), w.clock())
		if err != nil || old == nil {
			w.t.Fatalf("nothing is released: %v", err)
		}
		w.send(w.moves("mina", "departure", "A-06", 3))
		w.lie = func(rw http.ResponseWriter, r *http.Request, who string) bool {
			if r.URL.Path != "/checkpoint" || who != "" {
				return false
			}
			_, _ = rw.Write(old)
			return true
		}
		w.hours(2)
	}, red: []string{"claim late"}, blue: []string{"claim late"}},
	{act: "open a sealed record to the public", note: "the same", do: func(w *world) {
		w.send(w.moves("mina", "departure", "A-06", 3))
		w.hours(2)
		w.lie = func(rw http.ResponseWriter, r *http.Request, who string) bool {
			if r.URL.Path != "/api/v1/bundle" || who != "" {
				return false
			}
			size, signed, err := w.site.node.Released(r.Context(), w.clock())
			if err != nil {
				return false
			}
			src := server.Source(w.site.store, w.site.side)
			h := verify.BundleHead{Level: corridor.Public, Origin: w.card.Origin(), Size: size}
			entries := func(yield func(verify.Entry, error) bool) {
				for e, err := range src.Entries(r.Context()) {
					e.Hashes, e.Name = nil, nil
					if e.Index < size && !yield(e, err) {
						return
					}
				}
			}
			_ = verify.WriteBundle(rw, h, entries, signed, w.site.node.Marks(r.Context(), size))
			return true
		}
		w.hours(1)
	}, red: []string{"claim opened"}, blue: []string{"claim opened"}},
}

// keepsShut answers that nothing has opened.
func keepsShut(w *world) lie {
	return func(rw http.ResponseWriter, r *http.Request, who string) bool {
		if r.URL.Path != "/live/opened" {
			return false
		}
		size, _ := w.site.node.Live()
		_ = json.NewEncoder(rw).Encode(map[string]any{"size": size, "at": record.At(w.clock()).String(), "more": nil})
		return true
	}
}
