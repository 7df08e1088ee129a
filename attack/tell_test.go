package attack

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

// telling is what somebody does with what is said, and when.
var telling = []attack{
	{act: "back-date a record beyond the cosignatures", note: "the checkpoint that its author had seen: `corridor verify` lists it, to anyone. It alarms nobody, for a wrong clock looks the same", do: func(w *world) {
		w.busy()
		r := w.dated("red", w.incident("red", ""), record.At(w.clock())-2*24*3600, w.site.node.Cosigned())
		w.send(r)
		w.round()
		w.round()
		w.outside(r, verify.RuleSignedEarly)
	}},
	{act: "post-date a record beyond the cosignatures", note: "the first cosignature over it, likewise", do: func(w *world) {
		r := w.dated("red", w.incident("red", ""), record.At(w.clock())+2*3600, nil)
		w.send(r)
		w.round()
		w.round()
		w.outside(r, verify.RuleSignedLate)
	}},
	{act: "back-date a record within its bracket", note: "nothing: neither cosignature says otherwise", do: func(w *world) {
		r := w.dated("red", w.incident("red", ""), record.At(w.clock())-240, w.site.node.Cosigned())
		w.send(r)
		w.round()
		w.round()
		w.outside(r, "")
	}},
	{act: "hold an incident back past the cut-off", note: "the next report, which lists it as late", do: func(w *world) {
		w.worked()
		held := w.incident("mina", "")
		cutOff := record.At(w.clock()) + 60
		w.pass(time.Hour)
		w.round()
		w.round()
		w.send(w.report(cutOff, func(*corridor.ReportFacts, *corridor.ReportCount) {}))
		w.send(held)
		w.hours(1)
		f, _, err := w.site.node.Draft("daily", w.size(), cutOff+3600, "Etc/UTC")
		if err != nil {
			w.t.Fatal(err)
		}
		if !lists(f, "late", held) || !lists(f, "incidents", held) {
			w.t.Errorf("the next report does not list it as late: %+v", f.Sections)
		}
	}},
	{act: "file an incident under another class", note: "nothing: the class is all that a leaf shows, and its author gave it", do: func(w *world) {
		r := w.sign("mina", "coverage", parts{"facts": {"post": "mina", "as": "throughout", "present": true, "when": record.At(w.clock()).String(), "basis": "observed"}, "where": {"place": "gate"}, "narrative": {"lang": "en", "text": "Five buses were burned."}})
		w.send(r)
		w.round()
		w.round()
		f, _, err := w.site.node.Draft("daily", w.size(), record.At(w.clock())-60, "Etc/UTC")
		if err != nil {
			w.t.Fatal(err)
		}
		if lists(f, "incidents", r) {
			w.t.Error("a report lists it as an incident")
		}
	}},
	{act: "agree on a false account, the office and one party", note: "nothing shows that it is false; the account of whoever was there stands beside it, and no figure leaves it out", do: func(w *world) {
		w.send(w.moves("office", "departure", "A-01", 500), w.moves("red", "departure", "A-01", 500), w.moves("mina", "departure", "A-01", 700))
		w.round()
		w.round()
		_, c, err := w.site.node.Draft("daily", w.size(), record.At(w.clock()), "Etc/UTC")
		if err != nil {
			w.t.Fatal(err)
		}
		if !slices.ContainsFunc(c.Figures, func(f corridor.ReportFigure) bool {
			return f.Total.Low != nil && *f.Total.Low == 500 && *f.Total.High == 700
		}) {
			w.t.Errorf("no figure says 500 to 700: %+v", c.Figures)
		}
	}},
	{act: "show a first-time reader another history", note: "the cosignatures that it lacks: with the card it does not hold", do: func(w *world) {
		w.deceives(verify.DoesNotHold)
	}},
	{act: "show a first-time reader another history, where the mandate asks for no witness", note: "nothing: she has the log's own signature alone. A reader who remembers a checkpoint sees that it does not hold", terms: func(terms map[string]any) {
		terms["witnesses"] = strings.Replace(terms["witnesses"].(string), "quorum sides", "quorum none", 1)
	}, do: func(w *world) {
		w.deceives(verify.CannotCheck)
	}},
}

// deceives shows a stranger another history, whose check then says so of the log, and that it does
// not hold where she had read it before.
func (w *world) deceives(first verify.State) {
	w.t.Helper()
	w.busy()
	w.hours(2)
	known := verify.FileKnown(filepath.Join(w.t.TempDir(), "known"))
	if r := w.reads(known); r.Exit(nil) == 1 {
		w.t.Fatalf("the honest log: %+v", r.Claims)
	}
	w.other[stranger] = w.rewrite(slices.Delete(w.site.history(), 6, 7))
	for _, x := range []struct {
		known verify.Known
		want  verify.State
	}{{nil, first}, {known, verify.DoesNotHold}} {
		if c, _ := w.readsAs(stranger, x.known).Claim(verify.ClaimLog); c.State != x.want {
			w.t.Errorf("a reader who knows %v is told %s of another history, want %s: %s", x.known, c.State, x.want, c.Say)
		}
	}
	w.round()
}

// dated signs a record again with another time, and the checkpoint that its author had seen.
func (w *world) dated(by string, r record.Record, at record.Time, seen []byte) record.Record {
	w.t.Helper()
	h := r.Header
	if h.At = at; seen != nil {
		text := string(seen)
		h.Seen = &text
	}
	r = must(record.Sign(key(by), false, h, r.Parts))(w.t)
	w.last[by] = &r.Hash
	return r
}

// outside fails the test unless a replay of each party's copy lists a record as signed outside its
// bracket by that rule, "" for not at all.
func (w *world) outside(r record.Record, rule string) {
	w.t.Helper()
	for _, p := range []*party{w.red, w.blue} {
		got := ""
		for _, x := range p.replays(w.t).Outside.Entries {
			if x.Hash == r.Hash {
				got = x.Rule
			}
		}
		if got != rule {
			w.t.Errorf("the copy of %s lists it under %q, want %q", p.name, got, rule)
		}
	}
}

// replays is what corridor verify says of a party's copy.
func (p *party) replays(t testing.TB) verify.Result {
	t.Helper()
	card := p.w.card
	card.Level = corridor.Parties
	return must(verify.Run(t.Context(), must(p.source(t.Context()))(t), verify.Options{Card: &card, Now: record.At(p.w.clock())}))(t)
}

// size is how many entries both sides are shown.
func (w *world) size() int64 {
	n, _ := w.site.node.Live()
	return n
}

// lists reports whether a section of a report lists a record.
func lists(f corridor.ReportFacts, section string, r record.Record) bool {
	return slices.ContainsFunc(f.Sections, func(s corridor.Section) bool { return s.Name == section && slices.Contains(s.Records, r.Hash) })
}
