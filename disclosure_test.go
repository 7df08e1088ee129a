package corridor

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"corridor.example/corridor/record"
)

// released is a stage with a disclosure table, a release delay in minutes, and an end.
func released(t testing.TB, whole bool, delay int, to any, rows ...map[string]any) *stage {
	s := newStage(t)
	terms := s.terms()
	terms["release"] = map[string]any{"delay": delay, "whole_mission": whole}
	terms["to"] = to
	var table []any
	for _, r := range rows {
		table = append(table, r)
	}
	terms["disclosure"] = table
	return s.refound(terms)
}

func row(kind, part string, open, closed, after Level) map[string]any {
	return map[string]any{"kind": kind, "part": part, "open": string(open), "closed": string(closed), "after": string(after)}
}

func (s *stage) wantPhase(r record.Record, at record.Time, want Phase) {
	s.t.Helper()
	if got := s.m.Now().Phase(r.Hash, at); got != want {
		s.t.Errorf("the %s is %s at %s, want %s", r.Header.Kind, got, at, want)
	}
}

const forever = record.Time(1 << 40)

func TestAConvoyClosesWithItsArrival(t *testing.T) {
	s := released(t, false, 60, nil)
	d := s.move("office", "departure", "A-07", 122)
	x := s.add("office", "incident", nil, drafted{"facts": {"what": "obstruction", "convoy": "A-07", "when": s.now.String(), "basis": "observed"}})
	w := s.add("blue", "dispute", re(d), drafted{"facts": {"what": "number", "basis": "document"}})
	tr := s.add("blue", "translation", re(w), drafted{"facts": {"lang": "ar", "of_part": "narrative", "made": "by-person"}})
	early := s.add("blue", "reply", &record.Hash{1}, drafted{"facts": {"basis": "document", "received": s.now.String()}})
	for _, r := range []record.Record{d, x, w, tr, early} {
		s.wantPhase(r, forever, PhaseOpen)
	}
	if _, ok := s.m.Now().Closed("A-07"); ok || !slices.Equal(s.m.Now().OpenConvoys(), []ConvoyID{"A-07"}) {
		t.Error("a convoy that nobody has seen arrive is closed")
	}
	s.move("red", "arrival", "A-07", 120)
	end := s.now // it was signed after what it tells
	if at, ok := s.m.Now().Closed("A-07"); !ok || at != end {
		t.Errorf("closed at %s, %v; want at %s, when the arrival was signed", at, ok, end)
	}
	s.move("office", "arrival", "A-07", 120) // a later account does not put it off
	for _, r := range []record.Record{d, x, w, tr} {
		s.wantPhase(r, end-1, PhaseOpen)
		s.wantPhase(r, end, PhaseClosed)
		s.wantPhase(r, end+60*60-1, PhaseClosed)
		s.wantPhase(r, end+60*60, PhaseAfter)
	}
	s.wantPhase(early, forever, PhaseOpen) // nobody can say what it answers
	s.clean()
}

func TestAnAccountInNoSumClosesNothing(t *testing.T) {
	s := released(t, false, 0, nil)
	s.observer("mina")
	d := s.move("office", "departure", "A-07", 122)
	a := s.move("office", "arrival", "A-07", 122)
	s.wantPhase(d, forever, PhaseAfter)
	s.withdraw("office", a)
	s.wantPhase(d, forever, PhaseOpen)
	s.add("red", "revocation", nil, drafted{"facts": {"observer": "mina"}})
	s.move("mina", "arrival", "A-07", 122)
	if f := s.m.Now().Findings(s.m.Size() - 1); len(f) == 0 {
		t.Fatal("an observer who was revoked has no finding")
	}
	s.wantPhase(d, forever, PhaseOpen)
	s.move("red", "turnback", "A-07", 122)
	s.wantPhase(d, forever, PhaseAfter)
}

func TestAConvoyIsOpenWhileAPartOfItIs(t *testing.T) {
	link := func(s *stage, as string, from, into []any) {
		s.add("office", "link", nil, drafted{"facts": {"as": as, "convoys": from, "into": into, "reason": "seen"}})
	}
	t.Run("split, going on", func(t *testing.T) {
		s := released(t, false, 0, nil)
		d := s.move("office", "departure", "A-07", 122)
		link(s, "split-from", []any{"A-07"}, []any{"A-08"})
		s.move("office", "arrival", "A-08", 22)
		s.wantPhase(d, forever, PhaseOpen)
		a := s.move("office", "arrival", "A-07", 90)
		s.wantPhase(d, forever, PhaseAfter)
		s.wantPhase(a, s.now-1, PhaseOpen)
	})
	t.Run("split whole", func(t *testing.T) {
		s := released(t, false, 0, nil)
		d := s.move("office", "departure", "A-07", 122)
		link(s, "split-from", []any{"A-07"}, []any{"A-08", "A-09"})
		s.move("office", "arrival", "A-08", 22)
		s.move("office", "arrival", "A-09", 99)
		s.wantPhase(d, forever, PhaseOpen) // one is missing: he may be on the road
		s.move("red", "arrival", "A-09", 100)
		s.wantPhase(d, forever, PhaseOpen) // by one account he still is
		s.withdraw("office", s.all[len(s.all)-2])
		s.wantPhase(d, forever, PhaseAfter)
	})
	t.Run("merged", func(t *testing.T) {
		s := released(t, false, 0, nil)
		d := s.move("office", "departure", "A-07", 122)
		e := s.move("office", "departure", "A-08", 50)
		link(s, "merged-into", []any{"A-07", "A-08"}, []any{"A-09"})
		s.wantPhase(d, forever, PhaseOpen)
		s.move("office", "arrival", "A-09", 100)
		s.wantPhase(d, forever, PhaseAfter)
		s.wantPhase(e, forever, PhaseAfter)
	})
	t.Run("two names", func(t *testing.T) {
		s := released(t, false, 0, nil)
		d := s.move("office", "departure", "A-07", 122)
		s.move("office", "arrival", "A-70", 122)
		s.wantPhase(d, forever, PhaseOpen)
		link(s, "same", []any{"A-07", "A-70"}, nil)
		s.wantPhase(d, forever, PhaseAfter)
	})
	t.Run("a record of two convoys", func(t *testing.T) {
		s := released(t, false, 0, nil)
		s.move("office", "arrival", "A-07", 122)
		s.move("office", "departure", "A-08", 122)
		l := s.add("office", "link", nil, drafted{"facts": {"as": "same", "records": []any{s.all[len(s.all)-1].Hash.String(), s.all[len(s.all)-2].Hash.String()}, "reason": "seen"}})
		s.wantPhase(l, forever, PhaseOpen)
		s.move("office", "arrival", "A-08", 122)
		s.wantPhase(l, forever, PhaseAfter)
	})
}

func TestWhatNamesNoConvoyIsOpenUntilTheMissionEnds(t *testing.T) {
	s := released(t, false, 10, "2016-12-31T00:00:00Z")
	x := s.add("office", "incident", nil, drafted{"facts": {"what": "obstruction", "when": s.now.String(), "basis": "observed"}})
	s.move("office", "arrival", "A-07", 122)
	end := *s.m.Now().Terms().To
	s.wantPhase(x, end-1, PhaseOpen)
	s.wantPhase(x, end, PhaseClosed)
	s.wantPhase(x, end+600, PhaseAfter)
	d := s.move("office", "departure", "A-08", 122)
	s.wantPhase(d, forever, PhaseOpen) // on the road, whatever the mandate says
}

func TestTheWholeMissionClosesWithItsLastConvoy(t *testing.T) {
	s := released(t, true, 0, nil, row("*", "*", Strict, Strict, Public))
	d := s.move("office", "departure", "A-07", 122)
	s.move("office", "arrival", "A-07", 122)
	s.wantPhase(d, forever, PhaseAfter)
	e := s.move("office", "departure", "A-08", 122)
	x := s.add("office", "incident", nil, drafted{"facts": {"what": "obstruction", "when": s.now.String(), "basis": "observed"}})
	for _, r := range []record.Record{d, e, x} {
		s.wantPhase(r, forever, PhaseOpen)
	}
	s.move("office", "arrival", "A-08", 122)
	for _, r := range s.all {
		for _, p := range r.Parts {
			if !s.m.Now().MayRead(Public, r.Hash, p.Name, forever) {
				t.Errorf("the public may not read the part %s of a %s once the last convoy has closed", p.Name, r.Header.Kind)
			}
			if s.m.Now().MayRead(Public, r.Hash, p.Name, s.now-1) {
				t.Errorf("the public reads the part %s of a %s before the last convoy closed", p.Name, r.Header.Kind)
			}
		}
	}
}

func TestAReportIsAsFarAsTheConvoysItTellsOf(t *testing.T) {
	s := released(t, false, 0, nil)
	report := func() record.Record {
		f, c, err := s.m.DraftReport("daily", s.m.Size(), s.now, "Asia/Damascus")
		if err != nil {
			t.Fatal(err)
		}
		return s.report(f, c)
	}
	quiet := report()
	s.wantPhase(quiet, s.now-1, PhaseOpen)
	s.wantPhase(quiet, s.now, PhaseAfter)
	s.move("office", "departure", "A-07", 122)
	r := report()
	s.wantPhase(r, forever, PhaseOpen)
	s.move("office", "departure", "A-08", 122)
	s.move("office", "arrival", "A-07", 122)
	s.wantPhase(r, forever, PhaseAfter)
	s.wantPhase(report(), forever, PhaseOpen)
}

func TestTheLatestReleaseHoldsWhateverIsOpen(t *testing.T) {
	latest := row("departure", "count", Strict, MissionLevel, Parties)
	latest["latest"] = 30
	s := released(t, false, 0, nil, latest)
	d := s.move("office", "departure", "A-07", 122)
	v := s.m.Now()
	if got := v.LevelOf(d.Hash, "count", s.now+30*60-1); got != Strict {
		t.Errorf("before its latest release the count is for %s, want strict", got)
	}
	if got := v.LevelOf(d.Hash, "count", s.now+30*60); got != Parties {
		t.Errorf("after its latest release the count is for %s, want parties", got)
	}
	if got := v.LevelOf(d.Hash, "where", forever); got != Strict {
		t.Errorf("a part that no row names is for %s, want strict", got)
	}
}

func TestDisclosureDeniesByDefaultAndOnlyWidens(t *testing.T) {
	partsAsked := append([]string{"header", "leaf"}, record.PartNames...)
	rapid.Check(t, func(rt *rapid.T) {
		level := rapid.SampledFrom(levels)
		var rows []map[string]any
		named := rapid.SliceOfN(rapid.SampledFrom([]string{"*", "departure", "incident", "mandate", "dispute"}), 0, 4).Draw(rt, "kinds")
		for _, k := range named {
			l := []Level{level.Draw(rt, "open"), level.Draw(rt, "closed"), level.Draw(rt, "after")}
			slices.SortFunc(l, func(a, b Level) int { return slices.Index(levels, b) - slices.Index(levels, a) })
			r := row(k, rapid.SampledFrom(append([]string{"*"}, partsAsked...)).Draw(rt, "part"), l[0], l[1], l[2])
			if rapid.Bool().Draw(rt, "has latest") {
				r["latest"] = rapid.IntRange(0, 10).Draw(rt, "latest")
			}
			rows = append(rows, r)
		}
		s := released(t, rapid.Bool().Draw(rt, "whole"), rapid.IntRange(0, 5).Draw(rt, "delay"), rapid.SampledFrom([]any{nil, "2016-12-17T18:50:00Z"}).Draw(rt, "to"), rows...)
		d := s.move("office", "departure", "A-07", 122)
		s.add("office", "incident", nil, drafted{"facts": {"what": "obstruction", "when": s.now.String(), "basis": "observed"}})
		s.add("blue", "dispute", re(d), drafted{"facts": {"what": "number", "basis": "document"}})
		if rapid.Bool().Draw(rt, "arrived") {
			s.move("office", "arrival", "A-07", 122)
		}
		v, t0 := s.m.Now(), s.now
		for _, r := range s.all {
			for _, part := range partsAsked {
				before := Strict
				for at := t0 - 600; at <= t0+1200; at += 150 {
					l := v.LevelOf(r.Hash, part, at)
					if !before.Reads(l) {
						rt.Fatalf("the part %s of a %s is for %s at %s, and was for %s before", part, r.Header.Kind, l, at, before)
					}
					before = l
					for i, a := range levels {
						if v.MayRead(a, r.Hash, part, at) && i+1 < len(levels) && !v.MayRead(levels[i+1], r.Hash, part, at) {
							rt.Fatalf("%s reads the part %s of a %s and %s does not", a, part, r.Header.Kind, levels[i+1])
						}
					}
				}
				k := Kind(r.Header.Kind)
				if _, ok := v.Terms().row(k, part); !ok {
					want := Strict
					if part == "leaf" || k.Class() == ClassAuthority && part != "identity" {
						want = Parties
					}
					if before != want {
						rt.Fatalf("no row names the part %s of a %s and it is for %s, want %s", part, k, before, want)
					}
				}
			}
		}
		if l := v.LevelOf(record.Hash{1}, "facts", forever); l != Strict {
			rt.Fatalf("a record that is not here is for %s", l)
		}
	})
}

func TestAnyOrderOfAccountsClosesTheSame(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := released(t, rapid.Bool().Draw(rt, "whole"), 1, nil)
		convoy := rapid.SampledFrom([]string{"A-01", "A-02", "A-03"})
		s.move("office", "departure", "A-01", 10)
		for range rapid.IntRange(2, 10).Draw(rt, "records") {
			switch rapid.IntRange(0, 4).Draw(rt, "kind") {
			case 0, 1:
				s.move("office", "departure", convoy.Draw(rt, "convoy"), 10)
			case 2:
				s.move("red", rapid.SampledFrom([]string{"arrival", "turnback"}).Draw(rt, "end"), convoy.Draw(rt, "convoy"), 10)
			case 3:
				a, b := convoy.Draw(rt, "a"), convoy.Draw(rt, "b")
				if a != b {
					s.add("office", "link", nil, drafted{"facts": {"as": rapid.SampledFrom([]string{"split-from", "merged-into"}).Draw(rt, "as"), "convoys": []any{a}, "into": []any{b}, "reason": "seen"}})
				}
			case 4:
				r := rapid.SampledFrom(s.all[1:]).Draw(rt, "of")
				s.withdraw(r.Header.By, r)
			}
		}
		id := make([]int, s.fields())
		for i := range id {
			id[i] = i
		}
		v, w := s.m.Now(), s.in(rapid.Permutation(id).Draw(rt, "order")).Now()
		for _, r := range s.all {
			for _, at := range []record.Time{s.now - 120, s.now, s.now + 60, forever} {
				if a, b := v.Phase(r.Hash, at), w.Phase(r.Hash, at); a != b {
					rt.Fatalf("the %s is %s at %s, and %s where the records came in another order", r.Header.Kind, a, at, b)
				}
			}
		}
	})
}
