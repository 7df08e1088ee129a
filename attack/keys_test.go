package attack

import (
	"errors"
	"net/http"
	"slices"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/record"
)

// stealing is what can be done with a key that is not one's own, or with an old copy of the log.
var stealing = []attack{
	{act: "steal an office's working key", note: "its recovery key replaces it; what the thief signs after that has a finding and does not count, and what he signed before is in the log", do: func(w *world) {
		n := w.nominated("omar", "omar")
		w.send(n, w.about("red", "consent", n, nil)) // the thief's
		stolen := record.Fingerprint(public("red"))
		founder := w.card.Mission
		fresh := func(name string) parts {
			return parts{"facts": {"key": proven(w.card.Origin(), &founder, "working", name), "replaces": stolen.String(), "reason": "stolen"}}
		}
		own := w.signedWith("red", "red", "key", nil, w.random(), fresh("the thief's"))
		w.send(own)
		w.finding(own, corridor.FindingKey) // a working key replaces nobody
		w.send(w.signedWith("red recovery", "red", "key", nil, w.random(), fresh("red again")))
		again := w.signed("red", "consent", &n.Hash, w.random(), nil)
		w.send(again)
		w.finding(again, corridor.FindingReplaced)
		w.round()
		w.round()
	}},
	{act: "restore an old backup and go on", note: "the witnesses, who know more: the server refuses to start, and where it is made to, they have two checkpoints", do: func(w *world) {
		old := w.site.history()
		w.busy()
		st := &store.Memory{}
		w.fill(st, old)
		again := &site{w: w, store: st, side: &store.MemorySide{}}
		_, err := again.open(nil)
		var ahead *node.Ahead
		if !errors.As(err, &ahead) || !ahead.Shown {
			w.t.Errorf("a server on an old backup starts: %v", err)
		}
		forced := w.serve(st, &store.MemorySide{}, func(cfg *node.Config) { cfg.Witnesses = nil })
		w.shows(forced, "red", "blue")
		w.round()
		for range 9 {
			forced.log(w.moves("office", "departure", "A-07", 3))
		}
		w.round()
	}, red: []string{"claim shrunk", "proof fork"}, blue: []string{"claim shrunk", "proof fork"}},
	{act: "sign two records under one number, with a copied phone", note: "both are in the log and marked; neither is in a figure", do: func(w *world) {
		seq, last := w.seq["mina"], w.last["mina"]
		a := w.moves("mina", "departure", "A-01", 700)
		w.seq["mina"], w.last["mina"] = seq, last
		b := w.moves("mina", "departure", "A-01", 70)
		w.send(a, b)
		w.finding(a, corridor.FindingEquivocates)
		w.finding(b, corridor.FindingEquivocates)
		w.round()
		w.round()
	}},
	{act: "write on with a phone after its revocation", note: "the records carry the finding and are in no figure", do: func(w *world) {
		w.send(w.sign("blue", "revocation", parts{"facts": {"observer": "mina"}}))
		r := w.moves("mina", "departure", "A-01", 70)
		w.send(r)
		w.finding(r, corridor.FindingRevoked)
		w.round()
		w.round()
	}},
}

// finding fails the test unless the log's fold has that against a record.
func (w *world) finding(r record.Record, rule string) {
	w.t.Helper()
	w.site.node.View(func(v corridor.View) {
		e, ok := v.Find(r.Hash)
		if !ok || !slices.ContainsFunc(e.Findings, func(f corridor.Finding) bool { return f.Rule == rule }) {
			w.t.Errorf("the %s of %s has the findings %v, want %s", r.Header.Kind, r.Header.By, e.Findings, rule)
		}
	})
}

// flooding is what somebody with a key can send.
var flooding = []attack{
	{act: "flood the log", note: "the mandate's quota: the surplus is answered later, and nobody else waits", do: func(w *world) {
		logged := w.flood(60)
		if logged != 40 {
			w.t.Errorf("%d records of a day are in the log, the quota is 40", logged)
		}
		w.send(w.moves("mina", "departure", "A-01", 700))
		w.round()
		w.round()
	}},
	{act: "flood the log, and lodge the surplus to have it look withheld", note: "the server's refusal in the log, which says that it was put off", do: func(w *world) {
		w.flood(40)
		over := w.moves("red", "departure", "A-01", 41)
		must(w.blue.Lodge(w.t.Context(), over.Line()))(w.t)
		w.hours(2)
		w.hours(6) // the next day
		if _, ok := w.site.node.Index(over.Hash); !ok {
			w.t.Error("what was put off is not in the log the next day")
		}
	}},
	{act: "lodge what no log may take", note: "the server's refusal in the log, by the name of the rule", do: func(w *world) {
		r := w.moves("red", "departure", "A-01", 41)
		for i := range r.Parts {
			r.Parts[i].Bytes = nil
		}
		if _, err := w.blue.Lodge(w.t.Context(), r.Line()); err != nil {
			w.t.Fatal(err)
		}
		w.hours(2)
	}},
	{act: "refuse a record without saying so in the log", note: "the witness's note, as if it had been withheld", do: func(w *world) {
		r := w.moves("red", "departure", "A-05", 3)
		must(w.blue.Lodge(w.t.Context(), r.Line()))(w.t)
		w.lie = func(rw http.ResponseWriter, r *http.Request, _ string) bool {
			if r.URL.Path == "/api/v1/records" {
				rw.WriteHeader(http.StatusUnprocessableEntity)
			}
			return r.URL.Path == "/api/v1/records"
		}
		w.hours(1.5)
	}, blue: []string{"proof lodged"}},
}

// flood sends accounts of red's, and returns how many are logged; the others are put off.
func (w *world) flood(n int) (logged int) {
	w.t.Helper()
	for i := range n {
		_, status := w.post(w.moves("red", "departure", "A-01", i))
		switch status {
		case http.StatusCreated:
			logged++
		case http.StatusAccepted:
		default:
			w.t.Fatalf("record %d is answered %d", i, status)
		}
	}
	return logged
}
