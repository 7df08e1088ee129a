package corridor

import (
	"slices"
	"strings"
	"testing"

	"corridor.example/corridor/record"
)

func (s *stage) ask(by string, to ...any) record.Record {
	return s.add(by, "request", nil, map[string]map[string]any{
		"facts": {"what": "movement", "basis": "document", "to": to, "by": "phone", "sent": morning.String()}, "count": {}, "where": at("gate")})
}

func (s *stage) grant(by string, re record.Hash, as string, received record.Time) record.Record {
	return s.add(by, "grant", &re, map[string]map[string]any{
		"facts": {"as": as, "basis": "document", "received": received.String()}, "count": {}, "where": {}})
}

// Silence is no record: a request waits for as long as nobody decided, and a deferral decides
// nothing.
func TestRequestWaits(t *testing.T) {
	s := newStage(t)
	r := s.ask("office", "red", "blue")
	s.accepted()
	waited := func(at record.Time) Range {
		t.Helper()
		list := s.m.Now().Requests()
		if len(list) != 1 {
			t.Fatalf("%d requests", len(list))
		}
		return list[0].Waited(at)
	}
	if w := waited(morning + 3600); w.Low != 3600 || !w.Open {
		t.Errorf("unanswered after an hour: %+v", w)
	}
	if w := waited(morning - 60); w.Known {
		t.Errorf("before it was asked: %+v", w)
	}
	s.grant("red", r.Hash, "deferred", morning+600)
	if w := waited(morning + 3600); w.Low != 3600 || !w.Open {
		t.Errorf("put off: %+v", w)
	}
	no := s.grant("red", r.Hash, "denied", morning+1800)
	s.accepted()
	if w := waited(morning + 3600); w != exactly(1800) {
		t.Errorf("answered: %+v", w)
	}
	if st := s.m.Now().Requests()[0].State(); st != RequestDiffering {
		t.Errorf("put off and denied by the same party is %q; neither is chosen until it corrects one", st)
	}
	s.add("red", "correction", &no.Hash, map[string]map[string]any{"facts": {"reason": "other", "kind": "grant", "facts": map[string]any{"as": "granted", "basis": "document", "received": (morning + 1800).String()}}, "count": {}, "where": {}})
	s.accepted()
	if g := s.m.Now().Requests()[0].Grants; len(g) != 3 || g[1].Stands() && g[2].Stands() {
		t.Errorf("a restated answer stands beside what it restates: %+v", g)
	}
}

// Everything an author tells about complaints is for the mission alone, whatever the table says.
func TestComplaintIsNeverPublic(t *testing.T) {
	s := newStage(t)
	terms := *s.m.Now().Terms()
	terms.Disclosure = []Row{{Kind: "*", Part: "*", Open: Public, Closed: Public, After: Public},
		{Kind: "complaint", Part: "narrative", Open: Public, Closed: Public, After: Public}}
	for part, want := range map[string]Level{"leaf": Public, "header": Parties, "facts": MissionLevel, "narrative": MissionLevel, "identity": MissionLevel} {
		for _, p := range []Phase{PhaseOpen, PhaseClosed, PhaseAfter} {
			if got := terms.Level(KindComplaint, part, p); got != want {
				t.Errorf("the %s of a complaint, %s: %s, want %s", part, p, got, want)
			}
		}
	}
	for part, want := range map[string]Level{"leaf": Public, "header": Parties, "facts": Parties, "narrative": Parties} {
		if got := terms.Level(KindAnswer, part, PhaseAfter); got != want {
			t.Errorf("the %s of an answer: %s, want %s", part, got, want)
		}
	}
	terms.Disclosure = []Row{{Kind: "*", Part: "*", Open: Strict, Closed: Strict, After: Strict}}
	if got := terms.Level(KindComplaint, "facts", PhaseAfter); got != Strict {
		t.Errorf("a stricter table: %s", got)
	}
}

// An answer is restated by nobody: its correction would be read more widely than it.
func TestAnswerIsNotRestated(t *testing.T) {
	s := newStage(t)
	c := s.add("office", "complaint", nil, map[string]map[string]any{"facts": {"about": "delay", "by": "paper", "received": morning.String()}})
	f := map[string]any{"to": c.Hash.String(), "as": "declined", "reason": "other", "answered": morning.String()}
	a := s.add("office", "answer", nil, map[string]map[string]any{"facts": f})
	s.accepted()
	s.add("office", "correction", &a.Hash, map[string]map[string]any{"facts": {"reason": "other", "kind": "answer", "facts": f}})
	if got := s.rule(); got != "correction.kind" {
		t.Errorf("an answer restated: %q", got)
	}
	if n := s.m.Now().CountComplaints(); n != (ComplaintCount{Received: 1, Answered: 1, Declined: 1}) {
		t.Errorf("%+v", n)
	}
}

// A report of a range without the later kinds is what it was before there were any; with them
// it lists each. Complaints are in none.
func TestLaterKindsInReports(t *testing.T) {
	s := newStage(t)
	names := func() (list []string) {
		f, _, err := s.m.DraftReport("daily", s.m.Size(), morning+12*3600, "Asia/Damascus")
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range f.Sections {
			list = append(list, x.Name)
		}
		return list
	}
	s.add("office", "complaint", nil, map[string]map[string]any{"facts": {"about": "delay", "by": "paper", "received": morning.String()}})
	before := names()
	if before[len(before)-1] != "silent" || len(before) != 22 {
		t.Errorf("the lists of edition 1 are %v", before)
	}
	r := s.ask("office", "red")
	s.grant("red", r.Hash, "granted", morning+60)
	if after := names(); !slices.Equal(after, append(before, "request", "grant")) {
		t.Errorf("with a request and its answer: %v", after)
	}
}

// Who has only the leaf of an entry can still tell which lists it cannot be of.
func TestListsWhereOnlyLeavesAreKnown(t *testing.T) {
	s := newStage(t)
	s.move("office", "departure", "A-07", 122)
	h := s.ask("office", "red")
	s.add("office", "complaint", nil, map[string]map[string]any{"facts": {"about": "delay", "by": "paper", "received": morning.String()}})
	f, c, err := s.m.DraftReport("daily", s.m.Size(), morning+12*3600, "Asia/Damascus")
	if err != nil {
		t.Fatal(err)
	}
	s.report(f, c)
	blind := func(hide ...string) error {
		var m Mission
		for _, r := range s.all {
			if slices.Contains(hide, r.Header.Kind) {
				if err := m.AddBlank(Leaf(r)); err != nil {
					t.Fatal(err)
				}
			} else if err := m.Add(r); err != nil {
				return err
			}
		}
		filed := m.Now().Reports()
		done, err := m.Recompute(filed[0])
		if err == nil && len(hide) > 0 && done.Lists == done.OfLists {
			t.Errorf("without %v every list is said to be recomputed", hide)
		}
		return err
	}
	for _, hide := range [][]string{nil, {"complaint"}, {"request"}, {"request", "complaint"}} {
		if err := blind(hide...); err != nil {
			t.Errorf("without %v: %v", hide, err)
		}
	}
	f.Sections = slices.DeleteFunc(f.Sections, func(x Section) bool { return x.Name == "request" })
	err = Report{Facts: f, Count: &c}.refuse(s.m, Header{Header: record.Header{}, Index: s.m.Size() - 1})
	if err == nil || !strings.Contains(err.Error(), h.Hash.Short()) {
		t.Errorf("a report without its list of requests: %v", err)
	}
}
