package corridor

import (
	"testing"

	"corridor.example/corridor/record"
)

// re returns a pointer to a record's hash.
func re(r record.Record) *record.Hash { return &r.Hash }

type drafted = map[string]map[string]any

func said(claims ...any) drafted {
	return drafted{"facts": {"speaker": "red", "outlet": "paper", "published": "2016-12-20", "inferred": true, "basis": "document", "lang": "fa", "claims": claims},
		"narrative": {"sources": []any{map[string]any{"title": "A briefing", "outlet": "Paper", "dated": ""}},
			"texts": []any{map[string]any{"n": 1, "lang": "en", "text": "The operation is complete."}, map[string]any{"n": 1, "lang": "ar", "text": "انتهت العملية."}}}}
}

func claim(n int, voice, bears string) map[string]any {
	c := map[string]any{"n": n, "voice": voice, "bears": bears}
	if voice == "quoted" || voice == "paraphrased" {
		c["speaker"] = "red"
	}
	return c
}

// refusal adds a record and returns the rule it breaks, "" if none.
func (s *stage) refusal(by, kind string, re *record.Hash, p drafted) string {
	s.t.Helper()
	s.add(by, kind, re, p)
	if x := s.m.Now().Entry(s.m.Size() - 1).Refused; x != nil {
		return x.Rule
	}
	return ""
}

func TestWordsAreRefusedForTheirForm(t *testing.T) {
	s := newStage(t)
	d := s.move("office", "departure", "A-07", 122)
	count := func(n int) map[string]any {
		return map[string]any{"sums": []any{map[string]any{"unit": "people", "total": n, "cut_off": "2016-12-20T12:00:00Z"}}}
	}
	fig := func(change map[string]any) drafted {
		f := map[string]any{"author": "red", "measure": "left", "leg": "A", "basis": "reported"}
		for k, v := range change {
			f[k] = v
		}
		return drafted{"facts": f, "count": count(100)}
	}
	bad := func(p drafted, member string, v any) drafted {
		p["facts"][member] = v
		return p
	}
	for _, c := range []struct {
		name, kind string
		re         *record.Hash
		p          drafted
		rule       string
	}{
		{"statement", "statement", nil, said(claim(1, "quoted", "fact"), claim(2, "outlet", "forecast")), ""},
		{"statement with re", "statement", re(d), said(claim(1, "quoted", "fact")), "statement.re"},
		{"statement without claims", "statement", nil, said(), "statement.claims"},
		{"claims out of order", "statement", nil, said(claim(2, "quoted", "fact"), claim(1, "quoted", "fact")), "statement.claims"},
		{"claims with a gap", "statement", nil, said(claim(1, "quoted", "fact"), claim(3, "quoted", "fact")), "statement.claims"},
		{"the outlet's own voice with a speaker", "statement", nil, said(map[string]any{"n": 1, "voice": "outlet", "bears": "fact", "speaker": "red"}), "statement.speaker"},
		{"unattributed with a speaker", "statement", nil, said(map[string]any{"n": 1, "voice": "unattributed", "bears": "fact", "speaker": "red"}), "statement.speaker"},
		{"quoted without a speaker", "statement", nil, said(map[string]any{"n": 1, "voice": "quoted", "bears": "fact"}), "statement.speaker"},
		{"inferred without a date", "statement", nil, bad(said(claim(1, "quoted", "fact")), "published", nil), "statement.published"},
		{"said backwards", "statement", nil, bad(said(claim(1, "quoted", "fact")), "when", []any{"2016-12-20T12:00:00Z", "2016-12-20T11:00:00Z"}), "statement.when"},
		{"figure", "figure", nil, fig(nil), ""},
		{"figure for the whole operation", "figure", nil, fig(map[string]any{"leg": ""}), ""},
		{"figure with re", "figure", re(d), fig(nil), "figure.re"},
		{"figure of a convoy", "figure", nil, fig(map[string]any{"leg": "A-07"}), "figure.leg"},
		{"figure without a number", "figure", nil, drafted{"facts": fig(nil)["facts"]}, "figure.count"},
		{"figure below zero", "figure", nil, drafted{"facts": fig(nil)["facts"], "count": count(-1)}, "count.negative"},
		{"figure that ends before it begins", "figure", nil, fig(map[string]any{"since": "2016-12-20T12:00:01Z"}), "figure.since"},
		{"reservation", "reservation", re(d), drafted{"facts": {"basis": "document", "clauses": []any{"villages"}}}, ""},
		{"reservation to nothing", "reservation", nil, drafted{"facts": {"basis": "document"}}, "reservation.re"},
		{"recorded reservation without a channel", "reservation", re(d), drafted{"facts": {"basis": "document", "act": map[string]any{"of": "blue", "channel": "own"}}}, "act.channel"},
		{"dissent", "dissent", re(d), drafted{"facts": {"basis": "observed", "what": "number"}}, ""},
		{"dissent from nothing", "dissent", nil, drafted{"facts": {"basis": "observed", "what": "number"}}, "dissent.re"},
		{"translation", "translation", re(d), drafted{"facts": {"lang": "ar", "of_part": "narrative", "made": "by-person"}}, ""},
		{"translation of nothing", "translation", nil, drafted{"facts": {"lang": "ar", "of_part": "narrative", "made": "by-person"}}, "translation.re"},
	} {
		if got := s.refusal("office", c.kind, c.re, c.p); got != c.rule {
			t.Errorf("%s: refused for %q, want %q", c.name, got, c.rule)
		}
	}
	if got := len(s.m.field.statements.list); got != 1 {
		t.Errorf("%d statements had an effect, want 1", got)
	}
}

func TestDatesAndLanguagesHaveOneSpelling(t *testing.T) {
	for text, want := range map[string]bool{
		"2016-12-20": true, "2016-02-29": true, "2015-02-29": false, "2016-2-1": false, "2016-12-20T00:00:00Z": false, "20 Dec 2016": false, "": false, "0000-01-01": false,
	} {
		var d Date
		if got := d.UnmarshalText([]byte(text)) == nil; got != want {
			t.Errorf("date %q is read: %v, want %v", text, got, want)
		}
	}
	for text, want := range map[string]bool{
		"en": true, "zh-Hans": true, "es-419": true, "fa": true, "e": false, "": false, "en_GB": false, "en-": false, "verylongtag": false, "عربي": false,
	} {
		var l Lang
		if got := l.UnmarshalText([]byte(text)) == nil; got != want {
			t.Errorf("language %q is read: %v, want %v", text, got, want)
		}
	}
}

func TestReservationsAndDissentsStandBeside(t *testing.T) {
	s := newStage(t)
	d := s.move("office", "departure", "A-07", 122)
	s.add("red", "reservation", re(d), drafted{"facts": {"basis": "document", "dated": "2016-12-10T00:00:00Z"}})
	w := s.add("blue", "dissent", re(d), drafted{"facts": {"basis": "observed", "what": "number"}})
	v := s.m.Now()
	r := v.Beside(d.Hash, KindReservation)
	if len(r) != 1 || r[0].Of != "red" || r[0].When.String() != "2016-12-10T00:00:00Z" {
		t.Errorf("reservations beside = %v, want red's, dated 10 December", r)
	}
	if n := v.Beside(d.Hash, KindDissent); len(n) != 1 || n[0].What != "number" {
		t.Errorf("dissents beside = %v, want blue's about the number", n)
	}
	s.add("blue", "correction", re(w), drafted{"facts": {"reason": "other"}})
	if n := s.m.Now().Beside(d.Hash, KindDissent); len(n) != 0 {
		t.Errorf("a withdrawn dissent still stands: %v", n)
	}
	s.figure("left.people A-07", "122")
}

func TestTranslationsStandUnderTheirAuthors(t *testing.T) {
	s := newStage(t)
	d := s.move("office", "departure", "A-07", 122)
	tr := func(lang, made string) record.Record {
		return s.add("office", "translation", re(d), drafted{"facts": {"lang": lang, "of_part": "narrative", "made": made}, "narrative": {"lang": lang, "text": "x"}})
	}
	a := tr("ar", "by-person")
	b := tr("ar", "by-machine")
	c := tr("fr", "by-person")
	got := s.m.Now().Translations(d.Hash)
	if len(got) != 3 || got[0].Record != a.Hash || got[1].Record != b.Hash || got[2].Record != c.Hash {
		t.Fatalf("translations = %v, want two Arabic ones by time, then the French", got)
	}
	s.add("office", "correction", re(a), drafted{"facts": {"reason": "other"}})
	if got := s.m.Now().Translations(d.Hash); len(got) != 2 || got[0].Record != b.Hash {
		t.Errorf("translations after a withdrawal = %v", got)
	}
}

func TestClaimTextsFallBackToTheFirstLanguage(t *testing.T) {
	n := StatementNarrative{Texts: []ClaimText{{1, "en", "one"}, {1, "ar", "واحد"}, {2, "en", "two"}}}
	for _, c := range []struct {
		n        int64
		lang     string
		text, in string
	}{{1, "ar", "واحد", "ar"}, {1, "ru", "one", "en"}, {2, "ar", "two", "en"}, {3, "en", "", ""}} {
		if text, in := n.In(c.n, c.lang); text != c.text || in != c.in {
			t.Errorf("In(%d, %s) = %q in %q, want %q in %q", c.n, c.lang, text, in, c.text, c.in)
		}
	}
}
