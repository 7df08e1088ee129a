package corridor

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"corridor.example/corridor/record"
)

// villages is a text in which 2,500 leave in two batches against two batches of the other
// side, and 1,500 more once they are out.
func villages() drafted {
	clause := func(id, leg string, n any, instalments ...any) map[string]any {
		return map[string]any{"clause": id, "leg": leg, "from": "gate", "to": "town", "who": "not-distinguished", "unit": "people", "number": n, "sharp": "exactly", "instalments": instalments}
	}
	more := clause("villages-more", "B", 1500)
	more["depends_on"] = "villages"
	return drafted{"facts": {
		"basis": "document", "when": "2016-12-18T10:00:00Z", "parties": []any{"red", "blue"},
		"readings": []any{map[string]any{"id": "text", "obligations": []any{
			clause("city", "A", 2400, 1200, 1200), clause("villages", "B", 2500, 1250, 1250), more, clause("rest", "A", nil)}}},
		"next": []any{
			map[string]any{"clause": "city", "instalment": 1}, map[string]any{"clause": "villages", "instalment": 1},
			map[string]any{"clause": "city", "instalment": 2}, map[string]any{"clause": "villages", "instalment": 2},
			map[string]any{"clause": "rest", "instalment": 1}, map[string]any{"clause": "villages-more", "instalment": 1}},
	}}
}

// twoLegs is a stage whose mandate has a leg each way and lets accessions be recorded.
func twoLegs(t testing.TB) *stage {
	s := newStage(t)
	terms := s.terms()
	terms["legs"] = []any{map[string]any{"letter": "A", "from": "gate", "to": "town"}, map[string]any{"letter": "B", "from": "town", "to": "gate"}}
	terms["recorded"] = []any{map[string]any{"kind": "accession", "counts": true, "countersign": true}}
	s.actor(terms, "second", "office")
	return s.refound(terms)
}

func (s *stage) people(by, kind, convoy string, n int) record.Record {
	return s.move(by, kind, convoy, n)
}

func (s *stage) accede(by, of string, text record.Record, facts map[string]any) record.Record {
	s.t.Helper()
	f := map[string]any{"basis": "document"}
	if by != of {
		f["act"] = map[string]any{"of": of, "channel": "letter"}
	}
	for k, v := range facts {
		f[k] = v
	}
	return s.add(by, "accession", re(text), drafted{"facts": f})
}

func (s *stage) next(reading int) (clause ClauseID, instalment int64, state StepState) {
	s.t.Helper()
	r := s.m.Now().Balance().Agreements[0].Readings[reading]
	n, ok := r.Next()
	if !ok {
		return "", 0, ""
	}
	return n.Clause, n.Instalment, n.State
}

func (s *stage) wantNext(clause ClauseID, instalment int64, state StepState) {
	s.t.Helper()
	if c, i, st := s.next(0); c != clause || i != instalment || st != state {
		s.t.Errorf("next is batch %d of %q, %s; want batch %d of %q, %s", i, c, st, instalment, clause, state)
	}
}

func TestWhatTheTextSaysComesNext(t *testing.T) {
	s := twoLegs(t)
	s.add("office", "agreement", nil, villages())
	s.wantNext("city", 1, StepNotCounted)
	s.people("office", "departure", "A-01", 1199)
	s.wantNext("city", 1, StepNotCovered)
	s.people("red", "departure", "A-01", 1200)
	s.wantNext("villages", 1, StepNotCounted)
	s.people("office", "departure", "B-01", 1312)
	s.wantNext("city", 2, StepNotCovered)
	s.people("office", "departure", "A-02", 1201)
	s.wantNext("villages", 2, StepNotCovered)
	b := s.m.Now().Balance().Agreements[0].Readings[0]
	if got := b.Steps[0].State; got != StepCovered {
		t.Errorf("the first batch of the city, with 2,400 to 2,401 out, is %s, want covered", got)
	}
	if st := b.Steps[3]; *st.Amount != 1250 || *st.Through != 2500 || st.Moved.String() != "1312" {
		t.Errorf("batch 2 of the villages is %d, through %d, %s out; want 1250, 2500, 1312", *st.Amount, *st.Through, st.Moved)
	}
	if st := b.Steps[4]; st.State != StepNoNumber || st.Amount != nil {
		t.Errorf("all who wish is %s, want no-number", st.State)
	}
	if st := b.Steps[5]; *st.Through != 4000 || *st.Amount != 1500 {
		t.Errorf("the villages' second clause is through at %d, want 4000", *st.Through)
	}
	s.people("office", "departure", "B-02", 1188)
	s.wantNext("villages-more", 1, StepNotCovered)
	s.people("office", "departure", "B-03", 1500)
	if _, ok := s.m.Now().Balance().Agreements[0].Readings[0].Next(); ok {
		t.Error("something comes next although every numbered batch is covered")
	}
	s.clean()
}

func TestBatchesCoveredByTheHighestAccountAreNotNext(t *testing.T) {
	s := twoLegs(t)
	s.add("office", "agreement", nil, villages())
	s.people("office", "departure", "A-01", 1100)
	s.people("red", "departure", "A-01", 1300)
	s.wantNext("villages", 1, StepNotCounted)
	if got := s.m.Now().Balance().Agreements[0].Readings[0].Steps[0]; got.State != StepBySome || got.Moved.String() != "1100..1300" {
		t.Errorf("the first batch is %s with %s out, want covered-by-some with 1100..1300", got.State, got.Moved)
	}
}

func TestWhatOfANumberHasNotLeft(t *testing.T) {
	number := int64(2500)
	for _, c := range []struct {
		left, want Range
		ok         bool
	}{
		{Range{Low: 1312, High: 1312, Known: true}, Range{Low: 1188, High: 1188, Known: true}, true},
		{Range{Low: 660, High: 1000, Known: true}, Range{Low: 1500, High: 1840, Known: true}, true},
		{Range{Low: 1000, High: 1000, Known: true, Open: true, Uncounted: 2}, Range{Low: 1500, High: 1500, Known: true, About: true}, true},
		{Range{Low: 2400, High: 2600, Known: true}, Range{Low: 0, High: 100, Known: true}, true},
		{Range{Low: 36086, High: 36086, Known: true}, Zero, true},
		{Range{}, Range{}, false},
	} {
		if got, ok := (Duty{Through: &number}).Remaining(c.left); got != c.want || ok != c.ok {
			t.Errorf("of 2500 with %v left %v, %v remain, want %v, %v", c.left, got, ok, c.want, c.ok)
		}
	}
	if got, ok := (Duty{}).Remaining(Zero); ok {
		t.Errorf("where no number was agreed %v remain", got)
	}
}

func TestAnAdoptedFigureStandsBesideTheAccounts(t *testing.T) {
	s := twoLegs(t)
	s.add("office", "agreement", nil, villages())
	few := s.people("office", "departure", "B-01", 600)
	f := s.stated("ocha", "left", "B", 1312, nil, nil)
	traced := s.stated("iom", "arrived", "B", 1200, map[string]any{"sharp": "about"}, nil)
	adopt := func(by, line string, of record.Record, n int) record.Record {
		return s.add(by, "adoption", re(of), drafted{"facts": {"line": line, "value": n, "reason": "covers-the-whole-leg", "rests_on": []any{few.Hash.String()}}})
	}
	adopt("office", "left.people B", f, 1300) // corrected by the next one
	a := adopt("office", "left.people B", f, 1312)
	adopt("office", "arrived.people B", traced, 1200)
	s.add("blue", "dispute", re(a), drafted{"facts": {"what": "number", "basis": "document"}})
	late := s.people("red", "departure", "B-02", 300)
	other := s.stated("sohr", "left", "B", 1000, nil, nil)

	leg := s.m.Now().Balance().Legs[1]
	if leg.Left.Range.String() != "900" {
		t.Errorf("the accounts add up to %s, want 900 whatever was adopted", leg.Left.Range)
	}
	if len(leg.Adopted) != 2 {
		t.Fatalf("%d figures stand adopted, want left and arrived", len(leg.Adopted))
	}
	got := leg.Adopted[0]
	want := []record.Hash{late.Hash, other.Hash}
	slices.SortFunc(want, compareHashes)
	if got.Value != 1312 || got.By != "office" || got.Author != "ocha" || got.Kind != KindFigure || len(got.Disputes) != 1 || !slices.Equal(got.Since, want) || got.Differs() {
		t.Errorf("adopted %+v, want 1312 of ocha's figure, disputed once, with one account and one figure since", got)
	}
	if len(leg.Between) != 1 || leg.Between[0].Range.String() != "about 112" {
		t.Errorf("between the adopted figures = %+v, want about 112", leg.Between)
	}
	if d := s.m.Now().Balance().Agreements[0].Readings[0].Duties[1]; len(d.AdoptedLeft) != 1 || d.Left.Range.String() != "900" {
		t.Errorf("the clause shows %d adopted figures and %s, want one beside 900", len(d.AdoptedLeft), d.Left.Range)
	}
	s.wantNext("city", 1, StepNotCounted)
	wrong := adopt("red", "left.people B", f, 2500)
	for _, x := range s.m.Now().Balance().Legs[1].Adopted {
		if x.Record == wrong.Hash && !x.Differs() {
			t.Error("red adopts 2500 of a figure that says 1312 and it does not show")
		}
	}
	s.withdraw("red", wrong)
	if n := len(s.m.Now().Adopted(Line{Left, People, "", "B"})); n != 1 {
		t.Errorf("%d figures stand adopted after a withdrawal, want 1", n)
	}
}

func TestPercentagesOnlyOfWhatBothAccededTo(t *testing.T) {
	share := func(s *stage, clause int) string {
		d := s.m.Now().Balance().Agreements[0].Readings[0].Duties[clause]
		r, ok := d.Share(d.Left.Range)
		if !ok {
			return "none"
		}
		return r.String()
	}
	s := twoLegs(t)
	text := s.add("office", "agreement", nil, villages())
	s.people("office", "departure", "B-01", 1312)
	want := func(why, villages, more string) {
		t.Helper()
		if a, b := share(s, 1), share(s, 2); a != villages || b != more {
			t.Errorf("%s: %s of the first clause and %s of both, want %s and %s", why, a, b, villages, more)
		}
	}
	want("nobody acceded", "none", "none")
	s.accede("red", "red", text, nil)
	want("red acceded", "none", "none")
	x := s.accede("office", "blue", text, map[string]any{"clauses": []any{"villages"}})
	want("blue's accession waits for a second office", "none", "none")
	s.add("second", "countersignature", re(x), drafted{"facts": {"as": "countersigned"}})
	want("blue acceded to the first clause alone", "52", "none")
	s.accede("blue", "blue", text, nil)
	want("both acceded", "52", "33")
	if got := s.m.Now().Balance().Agreements[0].Readings[0].Duties[3]; got.Through != nil {
		t.Error("all who wish has a number")
	}
	r := s.add("red", "reservation", re(text), drafted{"facts": {"basis": "document", "clauses": []any{"villages-more"}}})
	want("red reserves the second clause", "52", "none")
	s.withdraw("red", r)
	d := s.add("blue", "dispute", re(text), drafted{"facts": {"what": "reading", "basis": "document"}})
	want("blue disputes the text", "none", "none")
	s.withdraw("blue", d)
	want("and takes that back", "52", "33")
	s.add("blue", "countersignature", re(x), drafted{"facts": {"as": "repudiated"}})
	want("blue repudiates what was recorded and has signed itself", "52", "33")
	s.clean()
}

func TestARepudiatedAccessionIsShownAndDoesNotCount(t *testing.T) {
	s := twoLegs(t)
	text := s.add("office", "agreement", nil, villages())
	x := s.accede("office", "blue", text, nil)
	s.add("second", "countersignature", re(x), drafted{"facts": {"as": "countersigned"}})
	got := s.m.Now().Balance().Agreements[0]
	if a := got.Accessions; len(a) != 1 || !a[0].Recorded || !a[0].Counts || !slices.Equal(got.Readings[0].Duties[0].Bound, []ActorID{"blue"}) {
		t.Errorf("accessions = %+v, want blue's, recorded and counting", a)
	}
	s.add("blue", "countersignature", re(x), drafted{"facts": {"as": "repudiated"}})
	got = s.m.Now().Balance().Agreements[0]
	if a := got.Accessions; len(a) != 1 || a[0].Counts || len(a[0].Answered) != 2 || len(got.Readings[0].Duties[0].Bound) != 0 {
		t.Errorf("accessions = %+v, want blue's shown, repudiated, binding nobody", a)
	}
}

func TestLaterTextsStandBesideWhoAccededToEarlierOnes(t *testing.T) {
	s := twoLegs(t)
	v1 := s.add("office", "agreement", nil, villages())
	s.accede("red", "red", v1, nil)
	v2 := s.add("office", "agreement", re(v1), villages())
	other := s.add("blue", "agreement", re(v1), villages())
	apart := s.add("red", "agreement", nil, villages())
	var got []record.Hash
	for _, a := range s.m.Now().Balance().Agreements {
		got = append(got, a.Record)
		if a.Record == v2.Hash && (len(a.Earlier) != 1 || len(a.Earlier[0].Accessions) != 1 || len(a.Accessions) != 0) {
			t.Errorf("the second version follows %+v, want the first, with red's accession to that one", a.Earlier)
		}
	}
	slices.SortFunc(got, compareHashes)
	want := []record.Hash{v2.Hash, other.Hash, apart.Hash}
	slices.SortFunc(want, compareHashes)
	if !slices.Equal(got, want) {
		t.Errorf("texts in force = %v, want both that follow the first, and the one apart", got)
	}
	s.withdraw("office", v2)
	if n := len(s.m.Now().Balance().Agreements); n != 2 {
		t.Errorf("%d texts stand after one was withdrawn, want 2", n)
	}
}

func TestAnyOrderOfAccountsGivesTheSameBalance(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := twoLegs(t)
		text := s.add("office", "agreement", nil, villages())
		s.accede("red", "red", text, nil)
		s.accede("blue", "blue", text, nil)
		for range rapid.IntRange(2, 10).Draw(rt, "records") {
			by := rapid.SampledFrom([]string{"office", "red", "blue"}).Draw(rt, "by")
			switch rapid.IntRange(0, 4).Draw(rt, "kind") {
			case 0, 1:
				s.people(by, rapid.SampledFrom([]string{"departure", "arrival"}).Draw(rt, "move"), rapid.SampledFrom([]string{"A-01", "A-02", "B-01"}).Draw(rt, "convoy"), rapid.IntRange(0, 3000).Draw(rt, "n"))
			case 2:
				f := s.stated(by, "left", "B", rapid.IntRange(0, 3000).Draw(rt, "n"), nil, nil)
				s.add(by, "adoption", re(f), drafted{"facts": {"line": "left.people B", "value": rapid.IntRange(0, 3000).Draw(rt, "value"), "reason": "other"}})
			case 3:
				s.add(by, "dispute", re(text), drafted{"facts": {"what": "reading", "basis": "document"}})
			case 4:
				s.add(by, "reservation", re(text), drafted{"facts": {"basis": "document", "clauses": []any{"villages"}}})
			}
		}
		id := make([]int, s.fields())
		for i := range id {
			id[i] = i
		}
		m := s.in(rapid.Permutation(id).Draw(rt, "order"))
		opts := cmp.Options{sameWhereverLogged, cmp.AllowUnexported(Duty{})}
		if diff := cmp.Diff(s.m.Now().Balance(), m.Now().Balance(), opts); diff != "" {
			rt.Fatalf("the order of arrival changes the balance:\n%s", diff)
		}
	})
}
