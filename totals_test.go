package corridor

import (
	"fmt"
	"slices"
	"testing"

	"corridor.example/corridor/record"
)

func (s *stage) stated(author, measure, leg string, n int, sum map[string]any, facts map[string]any) record.Record {
	s.t.Helper()
	f := map[string]any{"author": author, "measure": measure, "leg": leg, "basis": "reported"}
	for k, v := range facts {
		f[k] = v
	}
	x := map[string]any{"unit": "people", "total": n}
	for k, v := range sum {
		x[k] = v
	}
	return s.add("office", "figure", nil, drafted{"facts": f, "count": {"sums": []any{x}}})
}

func lines(list []Total) (all []string) {
	for _, t := range list {
		all = append(all, fmt.Sprintf("%s (%s)", t.Range(), t.Author))
	}
	return all
}

// Four totals within a day: each is shown under its author, in the order of what it covers.
func TestConflictingTotalsStandSideBySide(t *testing.T) {
	s := newStage(t)
	s.stated("icrc", "left", "A", 25000, nil, map[string]any{"published": "2016-12-20"})
	s.stated("dpa", "left", "A", 15000, map[string]any{"sharp": "about"}, map[string]any{"published": "2016-12-19"})
	s.stated("unhcr", "left", "A", 10300, map[string]any{"cut_off": "2016-12-19T10:00:00Z", "method": "estimate"}, nil)
	s.stated("sohr", "left", "A", 13000, map[string]any{"sharp": "about", "cut_off": "2016-12-19T18:00:00Z"}, nil)
	s.stated("icrc", "left", "B", 750, nil, nil)
	s.stated("who", "arrived", "A", 194, map[string]any{"unit": "patient"}, nil)
	got, want := lines(s.m.Now().Totals(Left, People, "A")), []string{"about 15000 (dpa)", "10300 (unhcr)", "about 13000 (sohr)", "25000 (icrc)"}
	if !slices.Equal(got, want) {
		t.Errorf("totals = %v, want %v", got, want)
	}
	if got := s.m.Now().Figure(Line{Left, People, "", "A"}).Range; got.Known {
		t.Errorf("the figure of the leg is %s; a number that others state is in no sum", got)
	}
	if got := len(s.m.Now().AllTotals()); got != 6 {
		t.Errorf("%d totals in all, want 6", got)
	}
	s.clean()
}

func TestACorrectedTotalIsShownBesideItsCorrection(t *testing.T) {
	s := newStage(t)
	f := s.stated("ocha", "left", "A", 35000, nil, nil)
	facts := map[string]any{"author": "ocha", "measure": "left", "leg": "A", "basis": "reported"}
	s.restate("office", "figure", f, facts, map[string]any{"sums": []any{map[string]any{"unit": "people", "total": 36086}}})
	s.restate("blue", "figure", f, facts, map[string]any{"sums": []any{map[string]any{"unit": "people", "total": 99}}})
	got := s.m.Now().Totals(Left, People, "A")
	if len(got) != 2 || !got[0].Corrected || got[1].Corrected || got[1].Sum.Total != 36086 {
		t.Errorf("totals = %+v, want 35000 corrected, then 36086", got)
	}
	if len(got[0].Disputes) != 1 {
		t.Errorf("blue's correction of the office's record stands as %d disputes, want 1", len(got[0].Disputes))
	}
}

func TestASealedTotalHasNoNumber(t *testing.T) {
	s := newStage(t)
	f := s.stated("ocha", "left", "A", 35000, nil, map[string]any{"published": "2016-12-23"})
	m := &Mission{}
	var count []byte
	for _, r := range s.all {
		if r.Hash == f.Hash {
			for i := range r.Parts {
				if r.Parts[i].Name == "count" {
					count = r.Parts[i].Bytes
					r.Parts = slices.Clone(r.Parts)
					r.Parts[i].Bytes = nil
				}
			}
		}
		if err := m.Add(r); err != nil {
			t.Fatal(err)
		}
	}
	got := m.Now().Totals(Left, Bus, "A")
	if len(got) != 1 || !got[0].Sealed || got[0].Range().Known {
		t.Fatalf("totals = %+v, want one whose number is sealed", got)
	}
	if err := m.Open(f.Hash, "count", count); err != nil {
		t.Fatal(err)
	}
	if got := m.Now().Totals(Left, People, "A"); len(got) != 1 || got[0].Sealed || got[0].Sum.Total != 35000 {
		t.Errorf("opened, totals = %+v, want 35000", got)
	}
}
