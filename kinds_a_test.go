package corridor

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"corridor.example/corridor/record"
)

// facts is a telling's facts with a moment and a basis, and more.
func facts(when record.Time, more map[string]any) map[string]any {
	f := map[string]any{"when": when.String(), "basis": "reported"}
	for k, v := range more {
		f[k] = v
	}
	return f
}

func at(place string) map[string]any { return map[string]any{"place": place} }

func stated(pairs ...string) []any {
	list := []any{}
	for i := 0; i < len(pairs); i += 2 {
		r := map[string]any{"reason": pairs[i+1]}
		if pairs[i] != "" {
			r["by"] = pairs[i]
		}
		list = append(list, r)
	}
	return list
}

func (s *stage) hold(by string, when record.Time, more map[string]any) record.Record {
	s.t.Helper()
	return s.add(by, "hold", nil, map[string]map[string]any{"facts": facts(when, more), "where": at("gate")})
}

func (s *stage) resume(by string, re *record.Hash, when record.Time, more map[string]any) record.Record {
	s.t.Helper()
	return s.add(by, "resumption", re, map[string]map[string]any{"facts": facts(when, more), "where": at("gate")})
}

func (s *stage) same(by string, list ...record.Record) record.Record {
	s.t.Helper()
	var hashes []any
	for _, r := range list {
		hashes = append(hashes, r.Hash.String())
	}
	return s.add(by, "link", nil, map[string]map[string]any{"facts": {"as": "same", "records": hashes, "reason": "same-time-and-place"}})
}

// accepted fails the test unless no entry is refused or has findings.
func (s *stage) accepted() {
	s.t.Helper()
	for i := range s.m.Size() {
		if e := s.m.Now().Entry(i); e.Refused != nil || len(e.Findings) > 0 {
			s.t.Errorf("entry %d, %s: refused %v, findings %v", i, e.Kind, e.Refused, e.Findings)
		}
	}
}

// rule returns the rule the last record broke, "" if none.
func (s *stage) rule() string {
	if r := s.m.Now().Entry(s.m.Size() - 1).Refused; r != nil {
		return r.Rule
	}
	return ""
}

const morning = record.Time(1481868000) // 2016-12-16 06:00 UTC

// Domain acceptance 9: a hold with four stated reasons by four actors.
func TestAcceptance09HoldWithFourReasons(t *testing.T) {
	s := newStage(t)
	a := s.hold("office", morning, map[string]any{"legs": []any{"A"}, "stated": stated("red", "convoy-carries-forbidden", "blue", "other-side-not-fulfilled")})
	b := s.hold("red", morning+600, map[string]any{"legs": []any{"A"}, "stated": stated("office", "order-to-leave")})
	c := s.hold("blue", morning-600, map[string]any{"convoys": []any{"A-07"}, "stated": stated("", "protest")})
	s.same("office", a, b, c)
	s.accepted()
	holds := s.m.Now().Holds()
	if len(holds) != 1 {
		t.Fatalf("%d holds, want 1", len(holds))
	}
	h := holds[0]
	var got []string
	for _, r := range h.Stated {
		who := "nobody known"
		if r.By != nil {
			who = string(*r.By)
		}
		got = append(got, fmt.Sprint(who, " ", r.Reason, ", told by ", r.Says))
	}
	want := []string{"nobody known protest, told by blue", "red convoy-carries-forbidden, told by office", "blue other-side-not-fulfilled, told by office", "office order-to-leave, told by red"}
	if !slices.Equal(got, want) {
		t.Errorf("stated %q, want %q", got, want)
	}
	if h.Began != (Period{morning - 600, morning + 600}) || h.Ended != nil || h.All() || !slices.Equal(h.Legs, []string{"A"}) || !slices.Equal(h.Convoys, []ConvoyID{"A-07"}) {
		t.Errorf("began %v, ended %v, legs %v, convoys %v", h.Began, h.Ended, h.Legs, h.Convoys)
	}
	if got := h.Lasted(morning + 3600); got != (Range{Low: 3000, High: 4200, Known: true, Open: true}) {
		t.Errorf("Lasted() = %+v", got)
	}
	s.resume("office", &a.Hash, morning+7200, nil)
	s.resume("red", &b.Hash, morning+7800, nil)
	h = s.m.Now().Holds()[0]
	if h.Ended == nil || *h.Ended != (Period{morning + 7200, morning + 7800}) || len(h.Resumed) != 2 {
		t.Fatalf("ended %v by %d resumptions", h.Ended, len(h.Resumed))
	}
	if got := h.Lasted(0); got != (Range{Low: 6600, High: 8400, Known: true}) {
		t.Errorf("Lasted() = %+v", got)
	}
}

func TestHoldPairs(t *testing.T) {
	s := newStage(t)
	a := s.hold("office", morning, map[string]any{"convoys": []any{"A-01", "A-02"}})
	s.resume("office", nil, morning+60, nil)
	s.resume("office", &a.Hash, morning+120, map[string]any{"convoys": []any{"A-01"}})
	holds := s.m.Now().Holds()
	if len(holds) != 1 || holds[0].Ended != nil || len(holds[0].Partly) != 1 || len(holds[0].Stated) != 0 {
		t.Fatalf("one of two convoys moves: %+v", holds)
	}
	if r := s.m.Now().Resumptions(); len(r) != 2 || r[0].Hold != nil || r[1].Hold == nil || *r[1].Hold != a.Hash {
		t.Errorf("one resumption is unpaired and one pairs: %+v", r)
	}
	all := s.resume("office", &a.Hash, morning+180, map[string]any{"legs": []any{"A"}})
	if h := s.m.Now().Holds()[0]; h.Ended == nil || h.Ended[0] != morning+180 {
		t.Errorf("the whole leg moves: %+v", h.Ended)
	}
	// The author corrects the time of the resumption: it still pairs, by what the first one answered.
	s.add("office", "correction", &all.Hash, map[string]map[string]any{"facts": {"kind": "resumption", "reason": "wrong-time", "facts": facts(morning+240, map[string]any{"legs": []any{"A"}})}, "where": at("gate")})
	if h := s.m.Now().Holds()[0]; h.Ended == nil || *h.Ended != (Period{morning + 240, morning + 240}) {
		t.Errorf("after the correction it ended %v", h.Ended)
	}
	// The author corrects the hold: the resumptions of the first account are still its.
	s.add("office", "correction", &a.Hash, map[string]map[string]any{"facts": {"kind": "hold", "reason": "later-information", "facts": facts(morning-60, map[string]any{"convoys": []any{"A-01", "A-02"}, "stated": stated("red", "shooting")})}, "where": at("gate")})
	holds = s.m.Now().Holds()
	if len(holds) != 1 || holds[0].ID != a.Hash || len(holds[0].Past) != 1 || holds[0].Began[0] != morning-60 || holds[0].Ended == nil {
		t.Errorf("after the correction: %+v", holds)
	}
	// Somebody else's correction is a dispute and no account of the hold.
	s.add("blue", "correction", &a.Hash, map[string]map[string]any{"facts": {"kind": "hold", "reason": "wrong-time", "facts": facts(morning+9000, nil)}, "where": at("gate")})
	if h := s.m.Now().Holds(); len(h) != 1 || len(h[0].Accounts) != 1 || h[0].Began[1] != morning-60 {
		t.Errorf("after somebody else's correction: %+v", h)
	}
	s.accepted()
}

func TestHoldThatEndsBeforeItBegins(t *testing.T) {
	s := newStage(t)
	a := s.hold("office", morning, nil)
	s.resume("red", &a.Hash, morning-60, nil)
	h := s.m.Now().Holds()[0]
	if r := h.Lasted(morning); r.Known || !h.All() {
		t.Errorf("Lasted() = %v, all %v", r, h.All())
	}
}

func TestHoldsDuring(t *testing.T) {
	s := newStage(t)
	a := s.hold("office", morning, nil)
	s.hold("office", morning+7200, nil)
	s.resume("office", &a.Hash, morning+3600, nil)
	for _, c := range []struct {
		from, to record.Time
		want     int
	}{{morning - 60, morning, 0}, {morning, morning + 1, 1}, {morning + 1800, morning + 1900, 1}, {morning + 3601, morning + 7200, 0}, {morning, morning + 7201, 2}, {morning + 90000, morning + 90001, 1}} {
		if got := s.m.Now().During(Period{c.from, c.to}).Holds(); len(got) != c.want {
			t.Errorf("during %s..%s: %d holds, want %d", c.from, c.to, len(got), c.want)
		}
	}
}

func TestHoldWithFindingsHasNoEffect(t *testing.T) {
	s := newStage(t)
	s.observer("mina") // whose role may not sign a hold in this mandate
	a := s.hold("office", morning, nil)
	b := s.hold("mina", morning-3600, nil)
	s.same("office", a, b)
	h := s.m.Now().Holds()
	if len(h) != 1 || len(h[0].Past) != 1 || !h[0].Past[0].Listed || h[0].Began[0] != morning {
		t.Errorf("%+v", h)
	}
}

func people(n int) map[string]any {
	return map[string]any{"sums": []any{map[string]any{"unit": "people", "total": n, "method": "tally"}}}
}

func (s *stage) explain(by, convoy, reason string, n int, rests ...record.Record) record.Record {
	s.t.Helper()
	var on []any
	for _, r := range rests {
		on = append(on, r.Hash.String())
	}
	return s.add(by, "explanation", nil, map[string]map[string]any{
		"facts": facts(morning, map[string]any{"convoy": convoy, "reason": reason, "rests_on": on}), "count": people(n), "where": at("gate")})
}

func TestExplainedIsNeverNetted(t *testing.T) {
	s := newStage(t)
	d := s.move("office", "departure", "A-07", 122)
	r := s.move("office", "arrival", "A-07", 117)
	x := s.explain("office", "A-07", "to-ambulance", 2, d, r)
	s.explain("office", "A-07", "to-ambulance", 1, d, r)
	y := s.explain("red", "A-07", "to-ambulance", 4, d)
	s.explain("red", "A-07", "dropped-off", 1, d, r)
	s.explain("office", "A-08", "dropped-off", 9)
	l, err := ParseLine("open.people A-07")
	if err != nil {
		t.Fatal(err)
	}
	text := func() (list []string) {
		for _, e := range s.m.Now().Explained(l) {
			list = append(list, fmt.Sprintf("%s %s", e.Reason, e.Range))
			for _, x := range e.Explanations {
				list = append(list, fmt.Sprintf("  %s, %d since", x.By, x.Since))
			}
		}
		return list
	}
	got := text()
	slices.Sort(got)
	want := []string{"  office, 0 since", "  office, 0 since", "  red, 0 since", "  red, 1 since", "dropped-off 1", "to-ambulance 3..4"}
	if !slices.Equal(got, want) {
		t.Errorf("explained %q, want %q", got, want)
	}
	s.figure("open.people A-07", "5")
	s.move("red", "arrival", "A-07", 118)
	if e := s.m.Now().Explained(l); e[0].Explanations[0].Since != 1 && e[0].Explanations[0].Since != 2 {
		t.Errorf("a later account prints as since: %d", e[0].Explanations[0].Since)
	}
	// A withdrawn explanation is shown and explains nothing.
	s.add("red", "correction", &y.Hash, map[string]map[string]any{"facts": {"reason": "entered-twice"}})
	for _, e := range s.m.Now().Explained(l) {
		if e.Reason == "to-ambulance" && (e.Range.String() != "3" || len(e.Explanations) != 3) {
			t.Errorf("after the withdrawal %s over %d", e.Range, len(e.Explanations))
		}
	}
	_ = x
	all, err := ParseLine("open.people all")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range s.m.Now().Explained(all) {
		if e.Reason == "dropped-off" && e.Range.String() != "1..9" {
			t.Errorf("over the whole mission %s", e.Range)
		}
	}
}

func TestRestrictionWait(t *testing.T) {
	s := newStage(t)
	s.add("office", "restriction", nil, map[string]map[string]any{
		"facts": facts(morning, map[string]any{"what": "delayed", "released": (morning + 1800).String(), "stated": stated("red", "no-orders"), "outcome": "passed"}),
		"count": {"sums": []any{map[string]any{"unit": "vehicle", "total": 2}, map[string]any{"unit": "people", "total": 5, "cells": []any{map[string]any{"of": "staff", "n": 5}}}}},
		"where": at("gate"), "who": {"actors": []any{map[string]any{"actor": "red", "as": "stopped"}}}})
	s.add("office", "restriction", nil, map[string]map[string]any{
		"facts": facts(morning-60, map[string]any{"what": "denied", "outcome": "turned-back"}), "count": {}, "where": at("gate"), "who": {}})
	s.accepted()
	list := s.m.Now().Restrictions()
	if len(list) != 2 || list[0].Waited().Known || list[1].Waited() != (Range{Low: 1800, High: 1800, Known: true}) {
		t.Fatalf("%+v", list)
	}
	s.add("office", "restriction", nil, map[string]map[string]any{
		"facts": facts(morning, map[string]any{"what": "delayed", "released": (morning - 1).String(), "outcome": "passed"}), "count": {}, "where": at("gate"), "who": {}})
	if got := s.rule(); got != "restriction.released" {
		t.Errorf("released before it arrived: %q", got)
	}
}

func (s *stage) cover(by, post, place, as string, present bool, from, to record.Time, more map[string]any) record.Record {
	s.t.Helper()
	f := facts(from, more)
	f["when"] = []any{from.String(), to.String()}
	f["post"], f["as"], f["present"] = post, as, present
	return s.add(by, "coverage", nil, map[string]map[string]any{"facts": f, "where": at(place)})
}

func coverText(list []Watched, place PlaceID) (out []string) {
	for _, w := range list {
		if w.Place == place {
			for _, s := range w.Spells {
				out = append(out, fmt.Sprintf("%+d..%+d %s %v", int64(s.From-morning)/60, int64(s.To-morning)/60, s.Presence, s.Posts))
			}
		}
	}
	return out
}

func TestCoverage(t *testing.T) {
	s := newStage(t)
	s.now = morning - 86400
	s.cover("office", "office", "gate", "throughout", true, morning, morning+3600, nil)
	s.cover("red", "red", "gate", "throughout", false, morning+1800, morning+5400, map[string]any{"why": "denied"})
	s.cover("office", "office", "town", "throughout", false, morning, morning+600, nil)
	s.cover("blue", "office", "town", "throughout", true, morning, morning+300, nil)
	s.accepted()
	v := s.m.Now()
	list := v.Coverage(morning-600, morning+7200)
	if got, want := coverText(list, "gate"), []string{"-10..+0 not-known []", "+0..+30 present [office]", "+30..+60 present [office red]", "+60..+90 not-present [red]", "+90..+120 not-known []"}; !slices.Equal(got, want) {
		t.Errorf("gate %q, want %q", got, want)
	}
	if got, want := coverText(list, "town"), []string{"-10..+0 not-known []", "+0..+5 differs [office]", "+5..+10 not-present [office]", "+10..+120 not-known []"}; !slices.Equal(got, want) {
		t.Errorf("town %q, want %q", got, want)
	}
	for _, c := range []struct {
		at   record.Time
		want Presence
	}{{morning - 1, NotKnown}, {morning, PresentThere}, {morning + 3600, PresentThere}, {morning + 3601, AbsentThere}, {morning + 5401, NotKnown}} {
		if got := v.Watch("gate", Period{c.at, c.at}); got != c.want {
			t.Errorf("at %s: %s, want %s", c.at, got, c.want)
		}
	}
}

// A beginning and its end belong together by the key's own numbering, and a number missing
// between them makes what lies between unknown, never an absence.
func TestCoverageHole(t *testing.T) {
	s := newStage(t)
	s.now = morning - 60
	s.cover("red", "red", "gate", "begins", true, morning, morning, nil) // signed at morning
	s.now = morning + 540
	s.move("red", "passage", "A-01", 10) // signed at morning + 10 min
	s.now = morning + 3540
	last := s.all[len(s.all)-1].Header.Seq
	if got, want := coverText(s.m.Now().Coverage(morning, morning+7200), "gate"), []string{"+0..+10 present [red]", "+10..+120 not-known []"}; !slices.Equal(got, want) {
		t.Errorf("before its end is told %q, want %q", got, want)
	}
	whole := s.m
	s.cover("red", "red", "gate", "ends", true, morning+3600, morning+3600, nil)
	if got, want := coverText(whole.Now().Coverage(morning, morning+7200), "gate"), []string{"+0..+60 present [red]", "+60..+120 not-known []"}; !slices.Equal(got, want) {
		t.Errorf("with its end %q, want %q", got, want)
	}
	m := &Mission{}
	for _, r := range s.all {
		if r.Header.By != "red" || r.Header.Seq != last {
			if err := m.Add(r); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got, want := coverText(m.Now().Coverage(morning, morning+7200), "gate"), []string{"+0..+60 not-known [red]", "+60..+120 not-known []"}; !slices.Equal(got, want) {
		t.Errorf("with a hole %q, want %q", got, want)
	}
	if got := m.Now().Coverage(morning+60, morning+120)[0].Spells[0]; len(got.Records) != 2 {
		t.Errorf("the unknown spell rests on %d records, want both", len(got.Records))
	}
}

func TestCoverageElsewhere(t *testing.T) {
	s := newStage(t)
	s.now = morning - 60
	s.cover("red", "red", "gate", "begins", true, morning, morning, nil)
	s.now = morning + 1740
	s.move("red", "passage", "A-01", 10) // still at the gate, as far as anybody was told
	s.now = morning + 3540
	s.cover("red", "red", "town", "begins", true, morning+3600, morning+3600, nil)
	s.now = morning + 5340
	s.cover("red", "red", "town", "begins", false, morning+5400, morning+5400, map[string]any{"why": "relief"})
	list := s.m.Now().Coverage(morning, morning+7200)
	if got, want := coverText(list, "gate"), []string{"+0..+30 present [red]", "+30..+60 not-known [red]", "+60..+120 not-known []"}; !slices.Equal(got, want) {
		t.Errorf("gate %q, want %q", got, want)
	}
	if got, want := coverText(list, "town"), []string{"+0..+60 not-known []", "+60..+90 present [red]", "+90..+120 not-known []"}; !slices.Equal(got, want) {
		t.Errorf("town %q, want %q", got, want)
	}
}

func TestGaps(t *testing.T) {
	s := newStage(t)
	s.now = morning - 60
	s.cover("office", "office", "gate", "throughout", true, morning, morning+3600, nil)
	s.cover("office", "office", "town", "throughout", false, morning, morning+3600, map[string]any{"why": "nobody-to-send"})
	seen := func(place any, when record.Time) record.Record {
		w := map[string]any{}
		if place != nil {
			w["place"] = place
		}
		return s.add("office", "incident", nil, map[string]map[string]any{"facts": facts(when, map[string]any{"what": "vehicle-burned"}), "count": {}, "where": w, "who": {}})
	}
	seen("gate", morning+60)
	want := []record.Record{seen("town", morning+60), seen(nil, morning+90), seen("gate", morning+3601)}
	withdrawn := seen("town", morning)
	s.add("office", "correction", &withdrawn.Hash, map[string]map[string]any{"facts": {"reason": "entered-twice"}})
	s.accepted()
	v := s.m.Now()
	var got, hashes []record.Hash
	for _, e := range v.Gaps() {
		got = append(got, e.Record)
		if !v.Gap(e) {
			t.Errorf("%s is listed and lies in no gap", e.Record.Short())
		}
	}
	for _, r := range want {
		hashes = append(hashes, r.Hash)
	}
	if !slices.Equal(got, hashes) {
		t.Errorf("gaps %v, want %v", got, hashes)
	}
}

func TestSilent(t *testing.T) {
	s := newStage(t)
	s.observer("mina")
	s.observer("omar")
	s.observer("lena")
	s.now = morning
	s.move("mina", "departure", "A-01", 10) // signed at morning + 60
	s.add("office", "departure", nil, map[string]map[string]any{
		"facts": facts(morning+3000, map[string]any{"convoy": "A-02", "via": map[string]any{"channel": "radio", "from": "omar", "heard": (morning + 3000).String()}}),
		"count": people(5), "where": at("gate")})
	v := s.m.Now()
	names := func(at record.Time, after int64) (list []string) {
		for _, x := range v.Silent(at, after) {
			last := "never"
			if x.Last != nil {
				last = fmt.Sprint(int64(*x.Last - morning))
			}
			list = append(list, fmt.Sprint(x.Observer, " ", last))
		}
		return list
	}
	if got, want := names(morning+3600, 30), []string{"mina 60", "lena never"}; !slices.Equal(got, want) {
		t.Errorf("after an hour %q, want %q", got, want)
	}
	if got, want := names(morning+3600, 60), []string{"lena never"}; !slices.Equal(got, want) {
		t.Errorf("within the hour %q, want %q", got, want)
	}
	if got, want := names(morning, 60), []string{"mina never", "omar never", "lena never"}; !slices.Equal(got, want) {
		t.Errorf("before anybody spoke %q, want %q", got, want)
	}
	if got := names(1480000000, 60); len(got) != 0 {
		t.Errorf("before the deployment %q", got)
	}
}

func TestAssessmentSince(t *testing.T) {
	s := newStage(t)
	a := s.hold("office", morning, nil)
	b := s.hold("red", morning, nil)
	d := s.move("office", "departure", "A-07", 122)
	assess := func(list ...record.Record) int {
		var on []any
		for _, r := range list {
			on = append(on, r.Hash.String())
		}
		x := s.add("office", "assessment", nil, map[string]map[string]any{"facts": {"what": "told-alike", "sure": "medium", "basis": "document", "rests_on": on}})
		for _, y := range s.m.Now().Assessments() {
			if y.Record == x.Hash {
				return y.Since
			}
		}
		return -1
	}
	if n := assess(a, d); n != 0 {
		t.Errorf("%d since, want 0", n)
	}
	s.same("office", a, b)
	if n := assess(a, d); n != 1 {
		t.Errorf("a linked account: %d since, want 1", n)
	}
	s.move("red", "arrival", "A-07", 100)
	if n := assess(a, d); n != 2 {
		t.Errorf("an account of the convoy: %d since, want 2", n)
	}
	s.add("red", "correction", &b.Hash, map[string]map[string]any{"facts": {"reason": "entered-twice"}})
	if n := assess(a, d); n != 1 {
		t.Errorf("withdrawn: %d since, want 1", n)
	}
	s.add("office", "assessment", nil, map[string]map[string]any{"facts": {"what": "plausible", "sure": "low", "basis": "document"}})
	if got := s.rule(); got != "assessment.rests-on" {
		t.Errorf("resting on nothing: %q", got)
	}
}

func TestNotification(t *testing.T) {
	s := newStage(t)
	sent := func(to []any, ack any) record.Record {
		f := map[string]any{"what": "movement", "basis": "document", "to": to, "by": "note-verbale", "sent": morning.String()}
		if ack != nil {
			f["acknowledged"] = ack.(record.Time).String()
		}
		return s.add("office", "notification", nil, map[string]map[string]any{"facts": f})
	}
	sent([]any{"red", "blue"}, nil)
	sent([]any{"red"}, morning+60)
	s.accepted()
	if n := s.m.Now().Notifications(); len(n) != 2 {
		t.Errorf("%d notifications", len(n))
	}
	sent([]any{}, nil)
	if got := s.rule(); got != "notification.to" {
		t.Errorf("to nobody: %q", got)
	}
	sent([]any{"red"}, morning-60)
	if got := s.rule(); got != "notification.acknowledged" {
		t.Errorf("acknowledged before it was sent: %q", got)
	}
}

func TestToldDiffers(t *testing.T) {
	s := newStage(t)
	s.move("office", "departure", "A-07", 122)
	size := s.m.Size()
	s.move("office", "departure", "A-08", 8)
	tell := func(n, size int64) ToldFigures {
		s.add("office", "told", nil, map[string]map[string]any{
			"facts": {"to": []any{"red"}, "by": "phone", "sent": morning.String(), "size": size},
			"count": {"figures": []any{map[string]any{"name": "left.people A", "told": map[string]any{"low": n, "high": n}}}}})
		list := s.m.Now().Tellings()
		for _, x := range list {
			if x.Index == s.m.Size()-1 {
				return x
			}
		}
		t.Fatal("not told")
		return ToldFigures{}
	}
	if d := s.m.Now().Differs(tell(122, size)); len(d) != 0 {
		t.Errorf("told as it was: %+v", d)
	}
	if d := s.m.Now().Differs(tell(122, size+1)); len(d) != 1 || d[0].New.Range().String() != "130" {
		t.Errorf("told late: %+v", d)
	}
	if d := s.m.Now().Differs(tell(122, 1000)); len(d) != 1 {
		t.Errorf("told of a log that did not exist: %+v", d)
	}
}

func TestRefusalIsTheNodes(t *testing.T) {
	s := newStage(t)
	s.add("office", "refusal", nil, map[string]map[string]any{"facts": {"record": s.all[0].Hash.String(), "rule": "count.partition"}})
	e := s.m.Now().Entry(s.m.Size() - 1)
	if len(e.Findings) != 1 || e.Findings[0].Rule != FindingNode {
		t.Errorf("findings %v", e.Findings)
	}
	if r := s.m.Now().Refusals(); len(r) != 1 || !r[0].Listed {
		t.Errorf("%+v", r)
	}
	s.add("office", "refusal", nil, map[string]map[string]any{"facts": {"record": s.all[0].Hash.String(), "rule": "because we say so"}})
	if got := s.rule(); got != "refusal.rule" {
		t.Errorf("a rule in prose: %q", got)
	}
}

func TestFormsRefused(t *testing.T) {
	s := newStage(t)
	some := s.all[0].Hash
	for _, c := range []struct {
		kind, rule string
		re         *record.Hash
		parts      map[string]map[string]any
	}{
		{"hold", "hold.re", &some, map[string]map[string]any{"facts": facts(morning, nil), "where": {}}},
		{"hold", "hold.leg", nil, map[string]map[string]any{"facts": facts(morning, map[string]any{"legs": []any{"east"}}), "where": {}}},
		{"hold", "hold.when", nil, map[string]map[string]any{"facts": facts(morning, map[string]any{"when": []any{(morning + 1).String(), morning.String()}}), "where": {}}},
		{"resumption", "resumption.leg", nil, map[string]map[string]any{"facts": facts(morning, map[string]any{"legs": []any{"a"}}), "where": {}}},
		{"explanation", "explanation.leg", nil, map[string]map[string]any{"facts": facts(morning, map[string]any{"leg": "", "reason": "born"}), "count": {}, "where": {}}},
		{"situation", "situation.re", &some, map[string]map[string]any{"facts": facts(morning, map[string]any{"what": "waiting"}), "count": {}, "where": {}}},
		{"coverage", "coverage.place", nil, map[string]map[string]any{"facts": facts(morning, map[string]any{"post": "office", "as": "begins", "present": true}), "where": {}}},
		{"coverage", "coverage.why", nil, map[string]map[string]any{"facts": facts(morning, map[string]any{"post": "office", "as": "begins", "present": true, "why": "weather"}), "where": at("gate")}},
		{"handover", "handover.to", nil, map[string]map[string]any{"facts": facts(morning, map[string]any{"to": "office"}), "where": {}}},
		{"told", "told.to", nil, map[string]map[string]any{"facts": {"by": "phone", "sent": morning.String(), "size": 1}, "count": {}}},
		{"told", "told.size", nil, map[string]map[string]any{"facts": {"by": "phone", "sent": morning.String(), "public": true, "size": 0}, "count": {}}},
		{"told", "figure.name", nil, map[string]map[string]any{"facts": {"by": "phone", "sent": morning.String(), "public": true, "size": 1}, "count": {"figures": []any{map[string]any{"name": "everybody", "told": map[string]any{}}}}}},
	} {
		s.add("office", c.kind, c.re, c.parts)
		if got := s.rule(); got != c.rule {
			t.Errorf("%s %v: refused by %q, want %q", c.kind, c.parts["facts"], got, c.rule)
		}
	}
}

// Domain acceptance 10: an observer revoked while on a convoy stays valid for it where the
// mandate locks and the revocation names it; what she signs of others is kept and flagged.
func TestAcceptance10RevokedOnAConvoy(t *testing.T) {
	s := newStage(t)
	s.observer("mina")
	s.move("mina", "departure", "A-07", 122)
	s.add("red", "revocation", nil, map[string]map[string]any{"facts": {"observer": "mina", "keeps": []any{"A-07"}}})
	kept := s.move("mina", "arrival", "A-07", 120)
	other := s.move("mina", "departure", "A-08", 50)
	v := s.m.Now()
	if e, _ := v.Find(kept.Hash); len(e.Findings) != 0 {
		t.Errorf("on the convoy she was left on: %v", e.Findings)
	}
	e, ok := v.Find(other.Hash)
	if !ok || len(e.Findings) != 1 || e.Findings[0].Rule != FindingRevoked {
		t.Errorf("on another convoy: kept %v, findings %v", ok, e.Findings)
	}
	s.figure("arrived.people A-07", "120")
	s.figure("left.people A-08", "not counted")
	if len(v.Accounts("A-08")) != 1 {
		t.Error("the flagged account is not kept")
	}
}

// Domain acceptance 13: the report of a quiet day is made, with coverage, and numbered.
func TestAcceptance13QuietDay(t *testing.T) {
	s := newStage(t)
	file := func(cutOff record.Time) Filed {
		t.Helper()
		f, c, err := s.m.DraftReport("daily", s.m.Size(), cutOff, "Asia/Damascus")
		if err != nil {
			t.Fatal(err)
		}
		s.report(f, c)
		all := s.m.Now().Reports()
		return all[len(all)-1]
	}
	s.move("office", "departure", "A-07", 122)
	s.add("office", "incident", nil, map[string]map[string]any{"facts": facts(morning, map[string]any{"what": "explosion"}), "count": {}, "where": at("gate"), "who": {}})
	file(morning + 12*3600)
	c := s.cover("office", "office", "gate", "throughout", true, morning+12*3600, morning+36*3600, nil)
	r := file(morning + 36*3600)
	if e := s.m.Now().Entry(r.Index); e.Refused != nil || r.Facts.Number != 2 {
		t.Fatalf("the quiet day's report: number %d, %v", r.Facts.Number, e.Refused)
	}
	for _, x := range r.Facts.Sections {
		switch x.Name {
		case "incidents":
			if len(x.Records) != 0 {
				t.Errorf("a quiet day lists incidents %v", x.Records)
			}
		case "coverage":
			if !slices.Equal(x.Records, []record.Hash{c.Hash}) {
				t.Errorf("coverage %v, want %v", x.Records, c.Hash)
			}
		}
	}
}

// Domain acceptance 14, and the rest of what people write.
func TestAcceptance14Places(t *testing.T) {
	terms := &Terms{Places: []Place{
		{ID: "fuah", Label: Label{{"en", "Fu'ah"}, {"ar", "الفوعة"}}, Aliases: []string{"Foua"}},
		{ID: "kafraya", Label: Label{{"en", "Kafraya"}, {"ar", "كفريا"}}, Aliases: []string{"Kefraya", "Kafriya"}},
		{ID: "rashidin", Label: Label{{"en", "ar-Rashidin"}, {"ar", "الراشدين"}}, Aliases: []string{"Rashideen"}},
		{ID: "ramouseh", Label: Label{{"en", "Ramouseh"}, {"ar", "الراموسة"}}},
		{ID: "idlib", Label: Label{{"en", "Idlib"}, {"ar", "إدلب"}}},
		{ID: "gate-9", Label: Label{{"en", "Gate 9"}}},
		{ID: "north", Label: Label{{"en", "Zahra"}, {"ar", "الزهراء"}}},
		{ID: "south", Label: Label{{"en", "al-Zahra'"}}},
	}}
	for name, want := range map[string]PlaceID{
		"Fu'ah": "fuah", "Foah": "fuah", "الفوعة": "fuah", "Fua": "fuah", "fuah": "fuah", "Foua": "fuah", "FOU’A": "fuah", "al-Fu‘ah": "fuah", "Al Fo'ah": "fuah",
		"Fūʿah": "fuah", "الفُوعَة": "fuah", "الفوعه": "fuah", "فوعة": "fuah", "الفـــوعة": "fuah", "Fouaa": "fuah", " Fu ah ": "fuah",
		"Kefraya": "kafraya", "کفریا": "kafraya", "كفريا": "kafraya", "KAFRAYA": "kafraya",
		"Rashidin": "rashidin", "al-Rashidin": "rashidin", "ar Rashidin": "rashidin", "Ar-Rāshidīn": "rashidin", "الراشدين": "rashidin",
		"Ramousah": "ramouseh", "Ramouseh": "ramouseh", "Ramusa": "ramouseh", "الراموسه": "ramouseh",
		"ادلب": "idlib", "أدلب": "idlib", "IDLIB": "idlib", "gate 9": "gate-9", "Gate-9": "gate-9", "gate9": "gate-9",
		"الزهراء": "north", "الزهرا": "north", "north": "north",
	} {
		if got, ok := terms.Resolve(name); !ok || got != want {
			t.Errorf("Resolve(%q) = %q, %v, want %q", name, got, ok, want)
		}
	}
	for _, name := range []string{"", "-", "Zahra", "al-Zahra", "Aleppo", "Fu", "حلب", "Al", "ال"} {
		if got, ok := terms.Resolve(name); ok {
			t.Errorf("Resolve(%q) = %q, want none", name, got)
		}
	}
}

// Everything that is shown of these kinds is the same in whatever order their records arrived
// between the same authority records.
func TestArrivalOrderChangesNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := newStage(t)
		s.observer("mina")
		first := len(s.all)
		grow(rt, s)
		want := groundShown(s.m.Now())
		order := rapid.Permutation(s.all[first:]).Draw(rt, "order")
		m := &Mission{}
		for _, r := range append(slices.Clone(s.all[:first]), order...) {
			if err := m.Add(r); err != nil {
				rt.Fatal(err)
			}
		}
		if d := cmp.Diff(want, groundShown(m.Now()), cmpopts.IgnoreFields(Telling{}, "Index"), cmpopts.IgnoreFields(Event{}, "Index"), cmpopts.EquateEmpty()); d != "" {
			rt.Fatal(d)
		}
	})
}

// A part that becomes known later leaves what knowing it from the start would have given.
func TestOpenedLaterChangesNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := newStage(t)
		s.observer("mina")
		first := len(s.all)
		grow(rt, s)
		type sealed struct {
			record record.Hash
			part   record.Part
		}
		var later []sealed
		m := &Mission{}
		for i, r := range s.all {
			r.Parts = slices.Clone(r.Parts)
			for j, p := range r.Parts {
				if i >= first && rapid.Bool().Draw(rt, "sealed") {
					later = append(later, sealed{r.Hash, p})
					r.Parts[j].Bytes = nil
				}
			}
			if err := m.Add(r); err != nil {
				rt.Fatal(err)
			}
		}
		groundShown(m.Now()) // what is sealed is no fault
		if len(later) > 0 {
			for _, x := range rapid.Permutation(later).Draw(rt, "order") {
				if err := m.Open(x.record, x.part.Name, x.part.Bytes); err != nil {
					rt.Fatal(err)
				}
			}
		}
		if d := cmp.Diff(groundShown(s.m.Now()), groundShown(m.Now()), cmpopts.EquateEmpty()); d != "" {
			rt.Fatal(d)
		}
	})
}

// groundShown is what a view gives of these kinds.
func groundShown(v View) []any {
	var explained []any
	for _, name := range []string{"open.people A-01", "open.people A", "open.people all"} {
		l, _ := ParseLine(name)
		explained = append(explained, v.Explained(l))
	}
	in := v.During(Period{morning, morning + 1800})
	return []any{v.Holds(), v.Resumptions(), explained, v.Situations(), v.Restrictions(), v.Coverages(), v.Coverage(morning-3600, morning+7200),
		v.Gaps(), v.Silent(morning+7200, 30), v.Handovers(), v.Assessments(), v.Notifications(), in.Holds(), in.Situations(), in.Assessments()}
}

// grow signs random records of these kinds, links between them and corrections of them by
// their authors and by others, in a mission.
func grow(rt *rapid.T, s *stage) {
	var kinds []string
	var made []record.Record
	pick := func(name string, list ...string) string { return rapid.SampledFrom(list).Draw(rt, name) }
	moment := func() record.Time { return morning + record.Time(rapid.IntRange(0, 120).Draw(rt, "minute")*60) }
	convoys := func() []any {
		var list []any
		for _, c := range []string{"A-01", "A-02"} {
			if rapid.Bool().Draw(rt, c) {
				list = append(list, c)
			}
		}
		return list
	}
	some := func() []any {
		var list []any
		for _, r := range made {
			if rapid.IntRange(0, 2).Draw(rt, "rests") == 0 {
				list = append(list, r.Hash.String())
			}
		}
		return list
	}
	parts := func(kind string) map[string]map[string]any {
		p := map[string]map[string]any{"where": at(pick("place", "gate", "town"))}
		f := facts(moment(), nil)
		p["facts"] = f
		switch kind {
		case "hold":
			f["convoys"], f["stated"] = convoys(), stated(pick("who", "red", "blue", ""), pick("reason", "shooting", "protest", "none-stated"))
		case "resumption":
			f["convoys"] = convoys()
		case "explanation":
			f["convoy"], f["leg"], f["reason"], f["rests_on"], p["count"] = "A-01", "A", pick("reason", "born", "dropped-off"), some(), people(rapid.IntRange(0, 9).Draw(rt, "n"))
		case "situation":
			f["what"], p["count"] = pick("what", "waiting", "staying"), people(rapid.IntRange(0, 9).Draw(rt, "n"))
		case "restriction":
			f["what"], f["outcome"], p["count"], p["who"] = "denied", "turned-back", map[string]any{}, map[string]any{}
		case "coverage":
			f["post"], f["as"], f["present"] = pick("post", "red", "office"), pick("as", "begins", "ends", "throughout"), rapid.Bool().Draw(rt, "present")
			f["when"] = []any{f["when"], (morning + 7200).String()}
		case "handover":
			f["to"] = "omar"
		case "incident":
			f["what"], p["count"], p["who"] = "explosion", map[string]any{}, map[string]any{}
		case "departure", "arrival":
			f["convoy"], f["leg"], p["count"] = pick("convoy", "A-01", "A-02"), "A", people(rapid.IntRange(0, 9).Draw(rt, "n"))
		case "assessment":
			f["what"], f["sure"], f["rests_on"] = "pattern", "low", some()
			delete(f, "when")
			delete(p, "where")
		case "notification":
			f["what"], f["to"], f["by"], f["sent"] = "hold", []any{"red"}, "phone", moment().String()
			delete(f, "when")
			delete(p, "where")
		}
		return p
	}
	s.now = morning
	for range rapid.IntRange(2, 14).Draw(rt, "records") {
		by := pick("by", "office", "red", "blue", "mina")
		kind := pick("kind", "hold", "hold", "resumption", "resumption", "explanation", "situation", "restriction", "coverage", "coverage", "handover", "assessment", "notification", "incident", "departure", "arrival", "link", "correction", "correction")
		var re *record.Hash
		var p map[string]map[string]any
		target := 0
		if len(made) > 0 {
			target = rapid.IntRange(0, len(made)-1).Draw(rt, "target")
		}
		switch {
		case kind == "link" || kind == "correction":
			if len(made) < 2 {
				continue
			}
			re = &made[target].Hash
			if kind == "link" {
				other := made[(target+1)%len(made)]
				re, p = nil, map[string]map[string]any{"facts": {"as": "same", "reason": "other", "records": []any{made[target].Hash.String(), other.Hash.String()}}}
				break
			}
			if rapid.IntRange(0, 2).Draw(rt, "own") > 0 {
				by = made[target].Header.By
			}
			of := kinds[target]
			if of == "link" || of == "correction" || of == "assessment" && len(made) < 3 || rapid.IntRange(0, 3).Draw(rt, "withdraws") == 0 {
				p = map[string]map[string]any{"facts": {"reason": "other"}}
				break
			}
			p = parts(of)
			restated := p["facts"]
			p["facts"] = map[string]any{"reason": "other", "kind": of, "facts": restated}
		case kind == "assessment" && len(made) == 0:
			continue
		case kind == "resumption":
			p = parts(kind)
			if len(made) > 0 && rapid.IntRange(0, 3).Draw(rt, "paired") > 0 {
				re = &made[target].Hash
			}
		default:
			p = parts(kind)
		}
		if kind == "assessment" && len(p["facts"]["rests_on"].([]any)) == 0 {
			p["facts"]["rests_on"] = []any{made[0].Hash.String()}
		}
		if c, ok := p["facts"]["facts"].(map[string]any); ok && p["facts"]["kind"] == "assessment" && len(c["rests_on"].([]any)) == 0 {
			c["rests_on"] = []any{made[0].Hash.String()}
		}
		r := s.add(by, kind, re, p)
		if x := s.m.Now().Entry(s.m.Size() - 1).Refused; x != nil {
			rt.Fatalf("%s %v: %v", kind, p, x)
		}
		kinds, made = append(kinds, kind), append(made, r)
	}
}

// report signs a drafted report.
func (s *stage) report(f ReportFacts, c ReportCount) record.Record {
	s.t.Helper()
	id := s.random()
	f.PartHead = record.PartHead{ID: id, Part: "facts", Nonce: s.random()}
	c.PartHead = record.PartHead{ID: id, Part: "count", Nonce: s.random()}
	var parts []record.Part
	for name, v := range map[string]any{"facts": f, "count": c} {
		b, err := record.Encode(v)
		if err != nil {
			s.t.Fatal(err)
		}
		parts = append(parts, record.Part{Name: name, Bytes: b})
	}
	slices.SortFunc(parts, func(a, b record.Part) int { return -cmpNames(a.Name, b.Name) })
	return s.seal("office", "report", id, parts)
}

func cmpNames(a, b string) int {
	if a < b {
		return -1
	}
	return 1
}

// seal signs a record of finished parts and adds it.
func (s *stage) seal(by, kind string, id record.ID, parts []record.Part) record.Record {
	s.t.Helper()
	s.seq[by]++
	s.now += 60
	f := s.m.Founder()
	h := record.Header{Mission: &f, Kind: kind, ID: id, By: by, Seq: s.seq[by], Prev: s.last[by], At: s.now, Nonce: s.random()}
	r, err := record.Sign(s.keys[by], true, h, parts)
	if err != nil {
		s.t.Fatal(err)
	}
	s.last[by] = &r.Hash
	s.all = append(s.all, r)
	if err := s.m.Add(r); err != nil {
		s.t.Errorf("entry %d %s: %v", s.m.Size()-1, kind, err)
	}
	return r
}
