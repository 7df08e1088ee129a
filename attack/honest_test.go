package attack

import (
	"net/http"
	"testing"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/record"
)

// TestHonest is the control: a mission of two days with late records, a witness that sleeps for
// an hour, restarts of everything, lodgings and refusals, an outage of an hour, a rotated key, an
// amendment, a revocation, an erasure and a report, and an honest server. Nobody raises anything.
func TestHonest(t *testing.T) {
	w := found(t)
	first := w.moves("mina", "departure", "A-01", 700)
	kept := w.send(first, w.moves("red", "departure", "A-01", 690), w.incident("blue", "Shots, east of the gate."))
	w.round()
	for _, r := range kept {
		for _, p := range []*party{w.red, w.blue} {
			if err := p.LodgeReceipt(t.Context(), r.lodged(t)); err != nil {
				t.Fatal(err)
			}
		}
	}
	late := w.moves("mina", "passage", "A-01", 700) // signed now, sent in the evening
	w.hours(1)

	// One side's witness sleeps for an hour, and both programs start again.
	w.blue.asleep = true
	w.send(w.moves("mina", "arrival", "A-01", 700))
	w.hours(1)
	w.blue.asleep = false
	w.red.restart()
	w.hours(0.5)
	w.blue.restart()
	w.send(late)
	w.hours(1)

	// What is lodged is logged, or a refusal of it is.
	good := w.moves("mina", "departure", "A-02", 40)
	bad := w.sign("mina", "arrival", parts{
		"facts": {"convoy": "A-02", "when": "2016-12-17T19:00:00Z", "basis": "observed"},
		"count": {"sums": []any{map[string]any{"unit": "people", "total": 5, "method": "tally", "cells": []any{map[string]any{"of": "woman", "n": 3}}}}}, "where": {"place": "gate"}})
	if _, status := w.post(bad); status != http.StatusUnprocessableEntity {
		t.Fatalf("a count that does not add up was answered %d", status)
	}
	for _, p := range []*party{w.red, w.blue} {
		must(p.Lodge(t.Context(), good.Line()))(t)
		if _, err := p.Lodge(t.Context(), bad.Line()); err == nil {
			t.Error("a witness took a record that no log may take")
		}
	}
	w.hours(2)

	w.site.restart()
	w.send(w.moves("mina", "arrival", "A-02", 40))

	// The server is out for an hour, while records are lodged, and for another hour one side's
	// witness does not see it.
	w.gone = true
	out := w.moves("red", "departure", "A-04", 7)
	must(w.blue.Lodge(t.Context(), out.Line()))(t)
	must(w.red.Lodge(t.Context(), out.Line()))(t)
	w.hours(1)
	w.gone = false
	w.hours(0.25)
	w.lie = func(rw http.ResponseWriter, _ *http.Request, who string) bool {
		if who == "red" {
			rw.WriteHeader(http.StatusBadGateway)
		}
		return who == "red"
	}
	w.hours(1)
	w.lie = nil
	w.hours(2)
	if _, ok := w.site.node.Index(out.Hash); !ok {
		t.Error("what was lodged while the server was out is not in the log")
	}

	// An office's key is rotated, the terms are amended, an observer comes and goes, a text is
	// erased, and the day's report is made.
	founder := w.card.Mission
	fresh := w.signedWith("red recovery", "red", "key", nil, w.random(), parts{"facts": {"key": proven(w.card.Origin(), &founder, "working", "red, rotated"),
		"replaces": record.Fingerprint(public("red")).String(), "reason": "rotation"}})
	w.send(fresh, w.signedWith("red, rotated", "red", "departure", nil, w.random(), account(w, "A-05", 4)))
	w.terms["reply"] = 120
	amended := w.sign("office", "amendment", parts{"facts": {"replaces": founder.String(), "terms": w.terms}})
	w.send(amended, w.signedWith("red, rotated", "red", "accession", &amended.Hash, w.random(), parts{"facts": {"basis": "document"}}), w.about("blue", "accession", amended, parts{"facts": {"basis": "document"}}))
	n := w.nominated("omar", "omar")
	w.send(n, w.signedWith("red, rotated", "red", "consent", &n.Hash, w.random(), nil), w.about("blue", "consent", n, nil), w.deploys(n, "omar"))
	told := w.incident("omar", "A name that must not be here.")
	w.send(told, w.moves("omar", "departure", "A-06", 9))
	w.round()
	w.send(w.about("office", "erasure", told, parts{"facts": {"parts": []any{"narrative"}, "reason": "danger-to-person"}}), w.sign("blue", "revocation", parts{"facts": {"observer": "omar"}}))
	w.send(w.moves("omar", "arrival", "A-06", 9)) // listed, and not summed
	w.hours(1)
	w.send(w.report(record.At(w.clock())-45*60, func(*corridor.ReportFacts, *corridor.ReportCount) {}))
	for range 3 {
		w.pass(7 * time.Hour)
		w.hours(1)
	}
	w.send(w.moves("blue", "departure", "A-03", 12))
	w.pass(time.Hour)
	w.round()
	w.round() // with the traces of what was fetched

	for _, p := range []*party{w.red, w.blue} {
		for _, a := range p.alarms {
			t.Errorf("%s raised against an honest server: %s: %s", p.name, a.Key, a.Say)
		}
		if p.Node().Size() != w.site.node.Size() || p.Trouble() != "" {
			t.Errorf("%s has %d entries of %d, %s", p.name, p.Node().Size(), w.site.node.Size(), p.Trouble())
		}
	}
	if r := w.reads(nil); r.Exit(nil) == 1 {
		t.Errorf("what a public reader makes of it: %+v", r.Claims)
	}
}
