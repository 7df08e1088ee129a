package corridor

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"corridor.example/corridor/record"
)

func clock(t testing.TB, s string) record.Time {
	t.Helper()
	var x record.Time
	if err := x.UnmarshalText([]byte(s)); err != nil {
		t.Fatal(err)
	}
	return x
}

// berlin is a zone that puts its clocks forward on 26 March 2017.
var berlin = Zone{Name: "Europe/Berlin", Shifts: []Shift{{From: 1477789200, Minutes: 60}, {From: 1490490000, Minutes: 120}}}

func TestDueMomentsAreReckonedInTheZone(t *testing.T) {
	daily := Due{Series: "daily", Every: 1, CutOff: 19*60 + 30, Issue: 90, From: clock(t, "2017-03-24T20:00:00Z")}
	for n, want := range []string{"2017-03-25T18:30:00Z", "2017-03-26T17:30:00Z", "2017-03-27T17:30:00Z"} {
		got := daily.At(berlin, int64(n)+1)
		if got.CutOff.String() != want || got.Issue != got.CutOff+90*60 || got.Zone != "Europe/Berlin" {
			t.Errorf("daily %d is cut off at %s and issued by %s, want %s and 90 minutes more", n+1, got.CutOff, got.Issue, want)
		}
	}
	same := daily
	same.From = clock(t, "2017-03-24T12:00:00Z") // before the day's cut-off
	if got := same.At(berlin, 1).CutOff.String(); got != "2017-03-24T18:30:00Z" {
		t.Errorf("the first daily is cut off at %s, want the same evening", got)
	}
	monthly := Due{Series: "monthly", Every: 30, From: clock(t, "2016-12-19T14:49:00Z"), CutOff: 23 * 60}
	a, b := monthly.At(berlin, 1), monthly.At(berlin, 2)
	if a.CutOff-monthly.From > 30*day || b.CutOff-a.CutOff != 30*day {
		t.Errorf("cut off at %s and %s; no report takes in more than 30 days", a.CutOff, b.CutOff)
	}
	night := Due{Series: "night", Every: 1, CutOff: 2*60 + 30, From: clock(t, "2017-03-25T10:00:00Z")}
	if got := night.At(berlin, 1).CutOff.String(); got != "2017-03-26T01:30:00Z" && got != "2017-03-26T00:30:00Z" {
		t.Errorf("half past two on the day that has none is %s", got)
	}
}

// until counts what At names, for any line in any zone.
func TestCountingDueMomentsAgreesWithNamingThem(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := Due{Every: rapid.Int64Range(1, 40).Draw(rt, "every"), CutOff: rapid.Int64Range(0, 1439).Draw(rt, "cut-off"), From: record.Time(rapid.Int64Range(-1e9, 2e9).Draw(rt, "from"))}
		n := rapid.Int64Range(1, 400).Draw(rt, "n")
		x := d.At(berlin, n)
		if got := d.until(berlin, x.CutOff); got != n {
			rt.Fatalf("%d are cut off by the %dth cut-off", got, n)
		}
		if got := d.until(berlin, x.CutOff-1); got != n-1 {
			rt.Fatalf("%d are cut off a second before the %dth cut-off", got, n)
		}
		if next := d.At(berlin, n+1); next.CutOff <= x.CutOff || next.CutOff-x.CutOff > record.Time(d.Every*day+2*3600) {
			rt.Fatalf("from the %dth to the next are %d seconds", n, next.CutOff-x.CutOff)
		}
		if first := d.At(berlin, 1); first.CutOff <= d.From || first.CutOff-d.From > record.Time(d.Every*day+2*3600) {
			rt.Fatalf("the first is cut off %d seconds after the line begins", first.CutOff-d.From)
		}
	})
}

func scheduled(t testing.TB, to any, due ...map[string]any) *stage {
	s := newStage(t)
	terms := s.terms()
	terms["to"] = to
	var lines []any
	for _, d := range due {
		d["zone"] = "Asia/Damascus"
		lines = append(lines, d)
	}
	terms["schedule"] = lines
	return s.refound(terms)
}

func (s *stage) upTo(series, cutOff string) record.Record {
	s.t.Helper()
	f, c, err := s.m.DraftReport(series, s.m.Size(), clock(s.t, cutOff), "Asia/Damascus")
	if err != nil {
		s.t.Fatal(err)
	}
	return s.report(f, c)
}

func (s *stage) wantDue(at string, want ...string) []DueReport {
	s.t.Helper()
	list := s.m.Now().DueReports(clock(s.t, at))
	var got []string
	for _, d := range list {
		got = append(got, d.Series+" "+d.CutOff.String()+" "+string(d.State)+map[bool]string{true: " of several"}[d.Of > 1])
	}
	if !slices.Equal(got, want) {
		s.t.Errorf("at %s due are\n%q, want\n%q", at, got, want)
	}
	return list
}

func TestReportsAreDueFiledLateAndOverdue(t *testing.T) {
	s := scheduled(t, "2016-12-21T00:00:00Z", map[string]any{"series": "daily", "every": 1, "from": "2016-12-17T00:00:00Z", "cut_off": 19*60 + 30, "issue": 120})
	s.wantDue("2016-12-17T18:00:00Z", "daily 2016-12-17T17:30:00Z awaited")
	s.wantDue("2016-12-17T19:30:00Z", "daily 2016-12-17T17:30:00Z awaited")
	s.wantDue("2016-12-17T19:30:01Z", "daily 2016-12-17T17:30:00Z overdue")
	list := s.wantDue("2016-12-20T00:00:00Z", "daily 2016-12-17T17:30:00Z overdue of several")
	if list[0].Of != 3 {
		t.Errorf("%d are overdue, want 3", list[0].Of)
	}
	s.now = clock(t, "2016-12-17T18:00:00Z")
	r := s.upTo("daily", "2016-12-17T17:30:00Z")
	list = s.wantDue("2016-12-17T19:00:00Z", "daily 2016-12-17T17:30:00Z filed", "daily 2016-12-18T17:30:00Z awaited")
	if list[0].Record == nil || *list[0].Record != r.Hash || list[0].Number != 1 || list[0].Zone != "Asia/Damascus" {
		t.Errorf("filed = %+v, want the report, its number and the zone", list[0])
	}
	s.now = clock(t, "2016-12-19T18:00:00Z")
	s.upTo("daily", "2016-12-19T17:30:00Z") // makes good for the day before
	list = s.wantDue("2016-12-19T19:00:00Z", "daily 2016-12-17T17:30:00Z filed", "daily 2016-12-18T17:30:00Z late of several", "daily 2016-12-20T17:30:00Z awaited")
	if list[1].Of != 2 {
		t.Errorf("the late one stands for %d, want 2", list[1].Of)
	}
	s.upTo("daily", "2016-12-19T17:40:00Z") // one more than is asked for
	s.now = clock(t, "2016-12-20T17:30:00Z")
	s.upTo("daily", "2016-12-20T17:30:00Z")
	s.now = clock(t, "2016-12-21T17:30:00Z")
	if got := s.wantDue("2017-06-01T00:00:00Z", "daily 2016-12-17T17:30:00Z filed", "daily 2016-12-18T17:30:00Z late of several", "daily 2016-12-20T17:30:00Z filed", "daily 2016-12-21T17:30:00Z overdue"); got[3].Of != 1 {
		t.Errorf("%d are overdue after the end of the mandate, want 1", got[3].Of)
	}
	s.upTo("daily", "2016-12-21T17:30:00Z")
	s.wantDue("2017-06-01T00:00:00Z", "daily 2016-12-17T17:30:00Z filed", "daily 2016-12-18T17:30:00Z late of several", "daily 2016-12-20T17:30:00Z filed", "daily 2016-12-21T17:30:00Z filed")
	s.clean()
}
