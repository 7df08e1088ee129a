package corridor

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"corridor.example/corridor/record"
)

// sameWhereverLogged compares what views show of the same records logged in different orders:
// everything but the places in the log.
var sameWhereverLogged = cmp.Options{
	cmp.FilterPath(func(p cmp.Path) bool {
		f, ok := p.Last().(cmp.StructField)
		return ok && f.Name() == "Index"
	}, cmp.Ignore()),
}

func (s *stage) said(claims ...any) record.Record {
	s.t.Helper()
	return s.add("office", "statement", nil, said(claims...))
}

func (s *stage) join(by, as string, statement record.Record, n int, records ...record.Record) record.Record {
	s.t.Helper()
	var h []any
	for _, r := range records {
		h = append(h, r.Hash.String())
	}
	return s.add(by, "link", nil, drafted{"facts": {"as": as, "claim": map[string]any{"statement": statement.Hash.String(), "claim": n}, "records": h, "reason": "subject"}})
}

func hashes(list []Bearing) (h []record.Hash) {
	for _, b := range list {
		h = append(h, b.Record)
	}
	return h
}

func TestWhatTheLogHasBesideAClaim(t *testing.T) {
	s := newStage(t)
	d := s.move("office", "departure", "A-07", 122)
	a := s.move("red", "arrival", "A-07", 120)
	x := s.said(claim(1, "quoted", "fact"), claim(2, "paraphrased", "motive"), claim(3, "outlet", "fact"), claim(4, "unattributed", "fact"), claim(5, "quoted", "fact"))
	state := func(n int, want ClaimState) SaidClaim {
		t.Helper()
		got, ok := s.m.Now().Statement(x.Hash)
		if !ok {
			t.Fatal("the statement is not shown")
		}
		if c := got.Claims[n-1]; c.State != want || c.N != int64(n) {
			t.Errorf("claim %d is in state %q, want %q", n, c.State, want)
		}
		return got.Claims[n-1]
	}
	for n := range 5 {
		state(n+1, map[bool]ClaimState{true: NoRecordCould, false: HasNone}[n == 1])
	}
	l := s.join("red", "for", x, 1, a, d)
	s.join("blue", "for", x, 1, d)
	s.join("blue", "against", x, 1, a)
	s.join("blue", "for", x, 2, d)
	s.join("blue", "not-covered", x, 3)
	s.join("blue", "context", x, 4, d)
	s.join("blue", "context", x, 5, d)
	s.join("blue", "not-covered", x, 5)

	c := state(1, HasAccounts)
	if got := hashes(c.For); !slices.Equal(got, []record.Hash{d.Hash, a.Hash}) {
		t.Errorf("accounts for claim 1 = %v, want the departure, then the arrival", got)
	}
	if len(c.For[0].Joined) != 2 || len(c.For[1].Joined) != 1 {
		t.Errorf("the departure is joined by %d and the arrival by %d, want 2 and 1", len(c.For[0].Joined), len(c.For[1].Joined))
	}
	if got := hashes(c.Against); !slices.Equal(got, []record.Hash{a.Hash}) {
		t.Errorf("accounts against claim 1 = %v, want the arrival", got)
	}
	if c := state(2, NoRecordCould); len(c.For) != 1 {
		t.Errorf("of a motive %d accounts are shown, want 1: it is joined, and shows nothing", len(c.For))
	}
	if c := state(3, OutsideCoverage); len(c.Outside) != 1 {
		t.Errorf("claim 3 has %d links that nobody was there, want 1", len(c.Outside))
	}
	state(4, HasAccounts)
	state(5, OutsideCoverage)

	s.add("office", "dispute", re(l), drafted{"facts": {"what": "link", "basis": "document"}})
	if c := state(1, HasAccounts); len(c.For[1].Joined[0].Disputes) != 1 {
		t.Error("a disputed link is shown without its dispute")
	}
	s.withdraw("red", l)
	if got := hashes(state(1, HasAccounts).For); !slices.Equal(got, []record.Hash{d.Hash}) {
		t.Errorf("after red withdrew its link the accounts for claim 1 = %v, want the departure alone", got)
	}
	s.clean()
}

func TestALinkMayComeBeforeWhatItJoins(t *testing.T) {
	s := newStage(t)
	d := s.move("office", "departure", "A-07", 122)
	x := s.said(claim(1, "quoted", "fact"))
	s.join("red", "for", x, 1, d)
	m := s.in([]int{2, 1, 0}) // the link, the statement, the departure
	v := m.At(m.Size() - 1)
	got, ok := v.Statement(x.Hash)
	if !ok || got.Claims[0].State != HasNone {
		t.Errorf("before the account is here the claim is in state %q, want none", got.Claims[0].State)
	}
	if got, _ := m.Now().Statement(x.Hash); got.Claims[0].State != HasAccounts {
		t.Errorf("once the account is here the claim is in state %q, want accounts", got.Claims[0].State)
	}
}

func TestStatementsAreShownWithdrawnAndDisputed(t *testing.T) {
	s := newStage(t)
	x := s.said(claim(1, "quoted", "fact"))
	y := s.add("red", "statement", nil, drafted{"facts": {"speaker": "red", "basis": "document", "lang": "en", "claims": []any{claim(1, "quoted", "fact")},
		"when": "2016-12-01T08:00:00Z"}})
	s.add("red", "dispute", re(x), drafted{"facts": {"what": "words", "basis": "document"}})
	s.add("red", "reply", re(x), drafted{"facts": {"basis": "document", "received": "2016-12-21T08:00:00Z"}})
	s.withdraw("office", x)
	s.withdraw("blue", y) // not blue's to take back
	got := s.m.Now().Statements()
	if len(got) != 2 || got[0].Record != y.Hash || got[1].Record != x.Hash {
		t.Fatalf("statements are not in the order in which they were said")
	}
	if got[0].Withdrawn || len(got[0].Disputes) != 1 {
		t.Errorf("a withdrawal by somebody else: withdrawn %v with %d disputes, want it to stand with one", got[0].Withdrawn, len(got[0].Disputes))
	}
	if !got[1].Withdrawn || len(got[1].Disputes) != 1 || len(got[1].Replies) != 1 {
		t.Errorf("withdrawn %v with %d disputes and %d replies, want it shown withdrawn with one of each", got[1].Withdrawn, len(got[1].Disputes), len(got[1].Replies))
	}
	if r := s.refusal("office", "correction", re(x), drafted{"facts": {"kind": "statement", "reason": "other", "facts": said(claim(1, "quoted", "fact"))["facts"]}}); r != "correction.kind" {
		t.Errorf("a restated statement is refused for %q, want correction.kind: links mean the claim they were signed over", r)
	}
}

// word draws one record of what was said, about those before it.
func (s *stage) word(t *rapid.T, i int) {
	by := rapid.SampledFrom([]string{"office", "red", "blue"}).Draw(t, "by")
	of := func(kinds ...string) (record.Record, bool) {
		var list []record.Record
		for _, r := range s.all {
			if slices.Contains(kinds, r.Header.Kind) {
				list = append(list, r)
			}
		}
		if len(list) == 0 {
			return record.Record{}, false
		}
		return rapid.SampledFrom(list).Draw(t, "of"), true
	}
	switch rapid.IntRange(0, 7).Draw(t, "kind") {
	case 0:
		s.add(by, "statement", nil, said(claim(1, "quoted", "fact"), claim(2, "outlet", "fact")))
	case 1, 2:
		s.add(by, "figure", nil, drafted{"facts": {"author": by, "measure": "left", "leg": "A", "basis": "reported", "published": rapid.SampledFrom([]any{nil, "2016-12-19", "2016-12-20"}).Draw(t, "day")},
			"count": {"sums": []any{map[string]any{"unit": "people", "total": rapid.IntRange(0, 500).Draw(t, "n")}}}})
	case 3:
		if x, ok := of("statement"); ok {
			if r, ok := of("departure", "figure"); ok {
				s.join(by, rapid.SampledFrom([]string{"for", "against", "context", "not-covered"}).Draw(t, "as"), x, rapid.IntRange(1, 2).Draw(t, "claim"), r)
			}
		}
	case 4:
		if r, ok := of("link", "statement", "figure"); ok {
			s.add(by, "dispute", re(r), drafted{"facts": {"what": "other", "basis": "document"}})
		}
	case 5:
		if r, ok := of("link", "statement", "figure", "dispute", "translation"); ok {
			s.withdraw(by, r)
		}
	case 6:
		if r, ok := of("figure"); ok {
			s.restate(by, "figure", r, map[string]any{"author": by, "measure": "left", "leg": "A", "basis": "reported"},
				map[string]any{"sums": []any{map[string]any{"unit": "people", "total": i}}})
		}
	case 7:
		if r, ok := of("statement", "departure"); ok {
			s.add(by, "translation", re(r), drafted{"facts": {"lang": "ar", "of_part": "narrative", "made": "by-person"}})
			s.add(by, "reservation", re(r), drafted{"facts": {"basis": "document"}})
		}
	}
}

// shownWords is everything these kinds show of a mission.
func shownWords(s *stage, m *Mission) map[string]any {
	v := m.Now()
	all := map[string]any{"said": v.Statements(), "totals": v.AllTotals(), "left": v.Totals(Left, People, "A")}
	for _, r := range s.all {
		all["translations "+r.Hash.String()] = v.Translations(r.Hash)
		all["reservations "+r.Hash.String()] = v.Beside(r.Hash, KindReservation)
	}
	return all
}

func TestAnyOrderOfWordsShowsTheSame(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := newStage(t)
		s.move("office", "departure", "A-07", 122)
		for i := range rapid.IntRange(2, 14).Draw(rt, "words") {
			s.word(rt, i)
		}
		n := s.fields()
		id := make([]int, n)
		for i := range id {
			id[i] = i
		}
		m := s.in(rapid.Permutation(id).Draw(rt, "order"))
		if diff := cmp.Diff(shownWords(s, s.m), shownWords(s, m), sameWhereverLogged); diff != "" {
			rt.Fatalf("the order of arrival changes what is shown (- in the order written, + in another):\n%s", diff)
		}
	})
}
