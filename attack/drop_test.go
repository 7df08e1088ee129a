package attack

import (
	"net/http"

	"corridor.example/corridor/record"
)

// dropping is what an operator does to what was handed in.
var dropping = []attack{
	{act: "drop after the receipt", note: "the observer's receipt, handed to a witness", do: func(w *world) {
		kept := w.dropped()
		if err := w.blue.LodgeReceipt(w.t.Context(), kept.lodged(w.t)); err != nil {
			w.t.Fatal(err)
		}
	}, blue: []string{"proof receipt"}},
	{act: "drop after the receipt, which meets no witness", note: "nothing: receipt and log never meet", do: func(w *world) {
		w.dropped()
		w.round()
	}},
	{act: "withhold what was lodged with the other side", note: "the witness's note, and the log that both sides cosigned after the mandate's bound", do: func(w *world) {
		r := w.moves("red", "departure", "A-05", 3)
		must(w.blue.Lodge(w.t.Context(), r.Line()))(w.t)
		w.lie = swallow
		w.hours(1.5)
	}, blue: []string{"proof lodged"}},
	{act: "withhold what was lodged with its author's own side", note: "the same, on the word of one side alone", do: func(w *world) {
		r := w.moves("red", "departure", "A-05", 3)
		must(w.red.Lodge(w.t.Context(), r.Line()))(w.t)
		w.lie = swallow
		w.hours(1.5)
	}, red: []string{"claim lodged"}},
	{act: "acknowledge what a witness hands on, and drop it", note: "the receipt that the witness got for it", do: func(w *world) {
		r := w.moves("red", "departure", "A-05", 3)
		must(w.blue.Lodge(w.t.Context(), r.Line()))(w.t)
		hidden := w.retell(w.site.history())
		hidden.idle = true
		w.lie = func(rw http.ResponseWriter, r *http.Request, _ string) bool {
			if r.URL.Path == "/api/v1/records" {
				hidden.server.ServeHTTP(rw, r)
			}
			return r.URL.Path == "/api/v1/records"
		}
		w.round()
		w.site.log(w.moves("office", "departure", "A-09", 1))
		w.round()
		w.round()
	}, blue: []string{"proof receipt"}},
	{act: "withhold what was lodged, and seal a record of the class that a refusal has", note: "the same, but what is sealed might be the refusal: a claim until it opens, where the mandate's table seals such a record to the parties", do: func(w *world) {
		w.send(w.sign("office", "told", parts{"facts": {"to": []any{"red"}, "by": "phone", "sent": record.At(w.clock()).String(), "size": 1}, "count": {"figures": []any{}}}))
		r := w.moves("red", "departure", "A-05", 3)
		must(w.blue.Lodge(w.t.Context(), r.Line()))(w.t)
		w.lie = swallow
		w.hours(1.5)
	}, blue: []string{"claim lodged"}},
	{act: "withhold what nobody lodged", note: "nothing: its author alone knows", do: func(w *world) {
		w.lie = swallow
		w.post(w.moves("red", "departure", "A-05", 3))
		w.hours(1.5)
	}},
}

// dropped has the operator give a receipt and go on with another record in that place, before
// anybody but the sender has seen the first.
func (w *world) dropped() receipt {
	w.t.Helper()
	kept := w.send(w.moves("mina", "departure", "A-01", 700))[0]
	h := w.site.history()
	h[len(h)-1] = of(w.moves("office", "departure", "A-09", 1))
	w.site.idle = true
	w.shows(w.retell(h), "red", "blue")
	w.round()
	return kept
}
