package corridor

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"corridor.example/corridor/record"
)

// The numbers are those of the acceptance tests that the domain gives for free.

// 7 died, 663 in hospital and 64 discharged are the 734; the 95 critical are among them.
func TestAcceptance02PartitionAndSubset(t *testing.T) {
	patients := func(cells, ofWhich []any) drafted {
		return drafted{"facts": {"author": "who", "measure": "left", "basis": "reported"},
			"count": {"sums": []any{map[string]any{"unit": "patient", "total": 734, "cells": cells, "of_which": ofWhich}}}}
	}
	cell := func(of string, n int) any { return map[string]any{"of": of, "n": n} }
	outcome := []any{cell("dead", 7), cell("in-hospital", 663), cell("discharged", 64)}
	s := newStage(t)
	if rule := s.refusal("office", "figure", nil, patients(outcome, []any{cell("critical", 95)})); rule != "" {
		t.Errorf("95 critical as a subset of 734 is refused for %s", rule)
	}
	if rule := s.refusal("office", "figure", nil, patients(append(outcome, cell("critical", 95)), nil)); rule != "count.partition" {
		t.Errorf("95 critical beside the 734 is refused for %q, want count.partition", rule)
	}
	if got := s.m.Now().Totals(Left, Patient, ""); len(got) != 1 || got[0].Sum.Total != 734 {
		t.Errorf("totals = %+v, want the one that adds up", got)
	}
}

// Two sources differ on how many buses burned: both live in one incident, and no average.
func TestAcceptance03TwoSourcesOneIncident(t *testing.T) {
	s := newStage(t)
	burned := func(by, from string, n int, sharp string) record.Record {
		return s.add(by, "incident", nil, drafted{
			"facts": {"what": "vehicle-burned", "when": "2016-12-18T10:00:00Z", "basis": "reported", "via": map[string]any{"channel": "press", "from": from}},
			"count": {"sums": []any{map[string]any{"unit": "bus", "total": n, "sharp": sharp, "cells": []any{map[string]any{"of": "burned", "n": n}}}}}})
	}
	a, b := burned("office", "agency", 5, "exactly"), burned("red", "observatory", 6, "at-least")
	s.add("blue", "link", nil, drafted{"facts": {"as": "same", "records": []any{a.Hash.String(), b.Hash.String()}, "reason": "same-time-and-place"}})
	list := s.m.Now().Incidents()
	if len(list) != 1 || len(list[0].Accounts) != 2 {
		t.Fatalf("incidents = %+v, want one with two accounts", list)
	}
	var said []string
	for _, e := range list[0].Accounts {
		sum, _ := e.Count.Sum(Bus)
		said = append(said, fmt.Sprintf("%s (%s)", sum.Range(), e.Says))
	}
	slices.Sort(said)
	if want := []string{"5 (agency)", "at least 6 (observatory)"}; !slices.Equal(said, want) {
		t.Errorf("buses burned: %v, want %v", said, want)
	}
	f, _, err := s.m.DraftReport("daily", s.m.Size(), s.now, "Asia/Damascus")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := f.Sections[0].Records, []record.Hash{a.Hash, b.Hash}; f.Sections[0].Name != "incidents" || !slices.Equal(got, want) {
		t.Errorf("the report lists %s %v, want both incidents %v", f.Sections[0].Name, got, want)
	}
	s.clean()
}

// A total goes up by correction; the report that gave the old one still holds as published.
func TestAcceptance05CorrectedTotalOldReportHolds(t *testing.T) {
	s := newStage(t)
	facts := map[string]any{"leg": "A", "when": []any{s.now.String(), s.now.String()}, "basis": "reported"}
	count := func(n int) map[string]any {
		return map[string]any{"sums": []any{map[string]any{"unit": "people", "total": n, "sharp": "about", "method": "estimate"}}}
	}
	d := s.add("office", "departure", nil, drafted{"facts": facts, "count": count(35000), "where": {"place": "gate"}})
	first := s.upTo("daily", s.now.String())
	s.restate("office", "departure", d, facts, count(36086))
	s.figure("left.people A", "about 36086")
	if f := s.m.At(s.m.Size() - 1).Figure(Line{Left, People, "", "A"}); f.Range.String() != "about 35000" {
		t.Errorf("before the correction the figure was %s, want about 35000", f.Range)
	}
	second := s.upTo("daily", s.now.String())
	s.clean()
	reports := s.m.Now().Reports()
	if len(reports) != 2 || reports[0].Record != first.Hash || reports[1].Record != second.Hash {
		t.Fatalf("%d reports stand, want both", len(reports))
	}
	for _, r := range reports {
		done, err := s.m.Recompute(r)
		if err != nil || done.Figures != done.Of || done.Of == 0 {
			t.Errorf("report %d: %d of %d figures recomputed: %v", r.Facts.Number, done.Figures, done.Of, err)
		}
	}
	if got := reports[0].Count.Figures[0].Total.Range().String(); got != "about 35000" {
		t.Errorf("the first report gives %s, want about 35000 as published", got)
	}
	late := reports[1].Count.Late
	if len(late) == 0 || late[0].Name != "left.people A" || late[0].Old.Range().String() != "about 35000" || late[0].New.Range().String() != "about 36086" {
		t.Errorf("the second report gives late figures %+v, want 35000 before and 36086 now", late)
	}
}

// The second version of the text has a clause that one side says is in it and the other denies:
// both readings stand, and nothing acts on either.
func TestAcceptance06DisputedClause(t *testing.T) {
	clause := func(id, leg string) map[string]any {
		return map[string]any{"clause": id, "leg": leg, "from": "gate", "to": "town", "who": "not-distinguished", "unit": "people", "sharp": "about", "number": 2500}
	}
	text := drafted{"facts": {
		"basis": "reported", "when": "2016-12-14T21:00:00Z", "parties": []any{"red", "blue"},
		"next": []any{map[string]any{"clause": "villages", "instalment": 1}, map[string]any{"clause": "city", "instalment": 1}},
		"readings": []any{
			map[string]any{"id": "with-villages", "held_by": []any{"red"}, "obligations": []any{clause("city", "A"), clause("villages", "B")}},
			map[string]any{"id": "without-villages", "held_by": []any{"blue"}, "obligations": []any{clause("city", "A")}},
		}}}
	s := twoLegs(t)
	v1 := s.add("office", "agreement", nil, villages())
	v2 := s.add("office", "agreement", re(v1), text)
	s.accede("red", "red", v2, map[string]any{"reading": "with-villages"})
	s.accede("blue", "blue", v2, nil)
	s.people("office", "departure", "B-01", 1312)
	s.people("office", "departure", "A-01", 350)

	b := s.m.Now().Balance()
	if len(b.Agreements) != 1 || b.Agreements[0].Record != v2.Hash || !b.Agreements[0].Disputed() {
		t.Fatalf("texts = %+v, want the second version alone, disputed", b.Agreements)
	}
	with, without := b.Agreements[0].Readings[0], b.Agreements[0].Readings[1]
	if len(with.Duties) != 2 || len(without.Duties) != 1 || !slices.Equal(with.HeldBy, []ActorID{"red"}) || !slices.Equal(without.HeldBy, []ActorID{"blue"}) {
		t.Errorf("readings = %+v and %+v, want both as they are held", with, without)
	}
	if got := with.Duties[1]; !slices.Equal(got.Bound, []ActorID{"red"}) {
		t.Errorf("the villages bind %v, want red, who acceded to that reading", got.Bound)
	}
	if got := without.Duties[0]; !slices.Equal(got.Bound, []ActorID{"blue"}) {
		t.Errorf("the city in blue's reading binds %v, want blue, who acceded to what stands in both", got.Bound)
	}
	if got := with.Duties[0]; !slices.Equal(got.Bound, []ActorID{"blue", "red"}) {
		t.Errorf("the city in red's reading binds %v, want both", got.Bound)
	}
	for _, r := range []AgreedReading{with, without} {
		for _, d := range r.Duties {
			if p, ok := d.Share(d.Left.Range); ok && d.Clause == "villages" {
				t.Errorf("a per cent of a clause that one side denies: %s", p)
			}
		}
	}
	if n, ok := with.Next(); !ok || n.Clause != "villages" {
		t.Errorf("with the villages, next is %q, want the villages", n.Clause)
	}
	if n, ok := without.Next(); !ok || n.Clause != "city" {
		t.Errorf("without the villages, next is %q, want the city", n.Clause)
	}
	s.figure("left.people B", "1312") // counted whichever reading is right
	s.clean()
}

// A party says in public that the operation is complete, with a number of its own. It stands
// as what was said, and no counter moves.
func TestAcceptance08StatementsMoveNoCounter(t *testing.T) {
	s := newStage(t)
	s.move("office", "departure", "A-07", 122)
	s.move("red", "arrival", "A-07", 120)
	before := figuresOf(s.m.Now())
	s.add("red", "statement", nil, said(claim(1, "quoted", "fact"), claim(2, "quoted", "forecast")))
	s.stated("red", "left", "A", 9500, nil, nil)
	s.stated("red", "arrived", "", 9500, nil, nil)
	if after := figuresOf(s.m.Now()); after != before {
		t.Errorf("figures moved from\n%s to\n%s", before, after)
	}
	if got := s.m.Now().Statements(); len(got) != 1 || got[0].Claims[0].State != HasNone {
		t.Errorf("what was said is not shown as such: %+v", got)
	}
	if len(s.m.Now().OpenConvoys()) != 0 || len(s.m.Now().Balance().Agreements) != 0 {
		t.Error("what was said opened a convoy or an agreement")
	}
	s.clean()
}

func figuresOf(v View) string {
	var all strings.Builder
	for _, l := range v.Lines() {
		f := v.Figure(l)
		b, _ := json.Marshal(f.From)
		fmt.Fprintf(&all, "%s = %s from %s\n", l, f.Range, b)
	}
	return all.String()
}

// Adopted on 19 December 2016 in the morning in New York: due within five days, on the 24th by
// the clock of the seat, which is named.
func TestAcceptance12FiveDayClock(t *testing.T) {
	s := newStage(t)
	terms := s.terms()
	terms["zones"] = []any{map[string]any{"name": "America/New_York", "shifts": []any{map[string]any{"from": "2016-11-06T06:00:00Z", "minutes": -300}}}}
	terms["schedule"] = []any{map[string]any{"series": "five-day", "every": 0, "days": 5, "from": "2016-12-19T14:49:00Z", "cut_off": 23*60 + 59, "zone": "America/New_York"}}
	s.refound(terms)
	want := func(at string, state DueState) DueReport {
		t.Helper()
		list := s.m.Now().DueReports(clock(t, at))
		if len(list) != 1 || list[0].State != state {
			t.Fatalf("at %s due are %+v, want one, %s", at, list, state)
		}
		return list[0]
	}
	got := want("2016-12-20T00:00:00Z", DueAwaited)
	if got.Day != "2016-12-24" || got.Zone != "America/New_York" || got.Issue.String() != "2016-12-25T04:59:00Z" {
		t.Errorf("due on %s in %s, at %s; want on 24 December in New York, which ends at five in the morning UTC", got.Day, got.Zone, got.Issue)
	}
	want("2016-12-25T04:59:00Z", DueAwaited)
	want("2016-12-25T04:59:01Z", DueOverdue)
	s.now = clock(t, "2016-12-23T20:00:00Z")
	s.upTo("five-day", "2016-12-23T18:00:00Z") // before its time, with a cut-off of its own
	if got := want("2017-01-05T00:00:00Z", DueFiled); got.Number != 1 {
		t.Errorf("filed as number %d, want 1", got.Number)
	}
}

func TestAcceptance12FiledLate(t *testing.T) {
	s := scheduled(t, nil, map[string]any{"series": "five-day", "every": 0, "days": 5, "from": "2016-12-19T14:49:00Z", "cut_off": 12 * 60})
	s.now = clock(t, "2016-12-24T10:00:00Z")
	s.upTo("five-day", "2016-12-24T10:00:00Z")
	if got := s.m.Now().DueReports(s.now); len(got) != 1 || got[0].State != DueLate || got[0].Day != "2016-12-24" {
		t.Errorf("due = %+v, want filed a minute late", got)
	}
}
