package server

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/record"
	"corridor.example/corridor/web"
)

func at(t *testing.T, s string) record.Time {
	t.Helper()
	var x record.Time
	if err := x.UnmarshalText([]byte(s)); err != nil {
		t.Fatal(err)
	}
	return x
}

// The mandate's zones are data; no machine's zone tables have a say.
func TestLocation(t *testing.T) {
	z := corridor.Zone{Name: "Asia/Damascus", Shifts: []corridor.Shift{
		{From: at(t, "2016-03-24T22:00:00Z"), Minutes: 180}, {From: at(t, "2016-10-27T21:00:00Z"), Minutes: 120},
	}}
	l := location(z, "en")
	for when, want := range map[string]string{
		"2016-12-18T21:00:00Z": "2016-12-18 23:00",
		"2016-10-27T20:59:59Z": "2016-10-27 23:59",
		"2016-10-27T21:00:00Z": "2016-10-27 23:00",
		"1999-01-01T00:00:00Z": "1999-01-01 03:00", // the first shift holds before its moment too
		"2300-01-01T00:00:00Z": "2300-01-01 02:00",
	} {
		if got := at(t, when).Go().In(l).Format("2006-01-02 15:04"); got != want || !strings.HasPrefix(z.Local(at(t, when)), want) {
			t.Errorf("%s is %s there, want %s as the mandate reckons (%s)", when, got, want, z.Local(at(t, when)))
		}
	}
	// A zone the catalogue has no word for goes by the mandate's.
	own := corridor.Zone{Name: "Etc/GMT-3", Label: corridor.Label{{Lang: "en", Text: "Valley time"}}, Shifts: []corridor.Shift{{Minutes: 180}}}
	if got := web.When("en", web.Moment{From: at(t, "2021-03-04T06:10:00Z").Go(), Zones: []*time.Location{location(own, "en")}}); got != "4 Mar 2021, 09:10 Valley time" {
		t.Errorf("%q", got)
	}
	west := corridor.Zone{Name: "America/New_York", Shifts: []corridor.Shift{{Minutes: -300}}}
	if got := at(t, "2016-12-24T04:00:00Z").Go().In(location(west, "en")).Format("02 15:04"); got != "23 23:00" {
		t.Errorf("west of Greenwich it is %s", got)
	}
}

func TestMoment(t *testing.T) {
	terms := &corridor.Terms{Zone: corridor.Zone{Name: "Asia/Damascus", Shifts: []corridor.Shift{{Minutes: 120}}}}
	p := &page{lang: "en", terms: terms, zones: zones(terms, "en")}
	for _, c := range []struct{ from, to, want string }{
		{"2016-12-18T21:00:00Z", "2016-12-18T21:00:00Z", "18 Dec 2016, 23:00 Damascus"},
		{"2016-12-17T22:00:00Z", "2016-12-18T21:59:59Z", "18 Dec 2016"},
		{"2016-12-17T22:00:00Z", "2016-12-18T22:00:00Z", "18 Dec 2016"},
		{"2016-12-17T22:00:00Z", "2016-12-19T21:59:59Z", "18–19 Dec 2016"},
		{"2016-12-16T06:00:00Z", "2016-12-18T21:00:00Z", "16 Dec, 08:00 – 18 Dec 2016, 23:00 Damascus"},
	} {
		if got := web.When("en", p.moment(corridor.Period{at(t, c.from), at(t, c.to)})); got != c.want {
			t.Errorf("[%s, %s] is %q, want %q", c.from, c.to, got, c.want)
		}
	}
	if p.moment(corridor.Period{}).Stated() {
		t.Error("no time is a time")
	}
	d := corridor.Date("2016-12-20")
	if got := web.When("en", p.date(&d)); got != "20 Dec 2016" {
		t.Errorf("a date on a text is %q", got)
	}
}

func TestValue(t *testing.T) {
	p := &page{lang: "en", audience: corridor.Public}
	for _, c := range []struct {
		sum       corridor.Sum
		published bool
		want      string
	}{
		{corridor.Sum{Unit: corridor.People, Total: 122, Sharp: corridor.Exactly}, false, "122 people"},
		{corridor.Sum{Unit: corridor.People, Total: 0, Sharp: corridor.Exactly}, false, "0 people"},
		{corridor.Sum{Unit: corridor.People, Total: 9, Sharp: corridor.Exactly}, false, "withheld (fewer than 10)"},
		{corridor.Sum{Unit: corridor.People, Total: 9, Sharp: corridor.Exactly}, true, "9 people"},
		{corridor.Sum{Unit: corridor.Bus, Total: 4, Sharp: corridor.Exactly}, false, "4 buses"},
		{corridor.Sum{Unit: corridor.Bus, Total: 6, Sharp: corridor.AtLeast}, false, "at least 6 buses"},
		{corridor.Sum{Unit: corridor.People, Total: 800, Sharp: corridor.AtMost}, false, "at most 800 people"},
		{corridor.Sum{Unit: corridor.People, Total: 13000, Sharp: corridor.About}, false, "about 13,000 people"},
	} {
		if got := web.Amount("en", p.sum(c.sum, c.published)); got != c.want {
			t.Errorf("%+v is %q, want %q", c.sum, got, c.want)
		}
	}
	if got := web.Amount("en", p.value(corridor.Range{}, corridor.People)); got != "not counted" {
		t.Errorf("what nobody counted is %q", got)
	}
	inside := &page{lang: "en", audience: corridor.MissionLevel}
	if got := web.Amount("en", inside.sum(corridor.Sum{Unit: corridor.People, Total: 3}, false)); got != "3 people" {
		t.Errorf("the mission itself reads %q", got)
	}
}

// A part of a number is never read as the whole, and no small one is betrayed by subtraction.
func TestCells(t *testing.T) {
	p := &page{lang: "en", audience: corridor.Public}
	for _, c := range []struct {
		sum       corridor.Sum
		published bool
		want      string
	}{
		{corridor.Sum{Unit: corridor.Bus, Total: 5, OfWhich: []corridor.Cell{{Of: "burned", N: 5}}}, false, "burned"},
		{corridor.Sum{Unit: corridor.Bus, Total: 20, OfWhich: []corridor.Cell{{Of: "attacked", N: 20}, {Of: "burned", N: 6}}}, false, "attacked; of them burned: 6"},
		{corridor.Sum{Unit: corridor.People, Total: 800, OfWhich: []corridor.Cell{{Of: "killed", N: 4}}}, true, "of them killed: 4"},
		{corridor.Sum{Unit: corridor.People, Total: 122, Cells: []corridor.Cell{{Of: "child", N: 40}, {Of: "adult", N: 78}, {Of: "elderly", N: 4}}}, false,
			"of them children: withheld (a part of this sum is fewer than 10), adults: withheld (a part of this sum is fewer than 10), elderly: withheld (a part of this sum is fewer than 10)"},
		{corridor.Sum{Unit: corridor.People, Total: 122, Cells: []corridor.Cell{{Of: corridor.NotDistinguished, N: 122}}}, false, ""},
	} {
		got := p.cells(c.sum, c.published)
		if got != c.want {
			t.Errorf("%+v is %q, want %q", c.sum, got, c.want)
		}
	}
}

func TestAccepted(t *testing.T) {
	for header, want := range map[string][]string{
		"":                       {""},
		"ar":                     {"ar"},
		"en-GB,en;q=0.8,ar;q=.9": {"en", "ar", "en"},
		"en;q=0,ar;q=x,fr":       {"fr"},
	} {
		if got := accepted(header); !slices.Equal(got, want) {
			t.Errorf("%q asks for %q, want %q", header, got, want)
		}
	}
}

// A page is made once however many ask for it, a failure is not kept, and the shelf stays
// within its bound.
func TestShelf(t *testing.T) {
	var s shelf
	var times atomic.Int64
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			m, err := s.get("a", func() (made, error) { times.Add(1); return made{body: []byte("page")}, nil })
			if err != nil || string(m.body) != "page" {
				t.Errorf("%q, %v", m.body, err)
			}
		})
	}
	wg.Wait()
	if times.Load() != 1 {
		t.Errorf("it was made %d times", times.Load())
	}
	broken := errors.New("broken")
	if _, err := s.get("b", func() (made, error) { return made{}, broken }); err != broken {
		t.Errorf("%v, want what went wrong", err)
	}
	if m, err := s.get("b", func() (made, error) { return made{body: []byte("mended")}, nil }); err != nil || string(m.body) != "mended" {
		t.Errorf("after a failure: %q, %v", m.body, err)
	}
	func() {
		defer func() { _ = recover() }()
		_, _ = s.get("c", func() (made, error) { panic("in the making") })
	}()
	if m, err := s.get("c", func() (made, error) { return made{body: []byte("mended")}, nil }); err != nil || string(m.body) != "mended" {
		t.Errorf("after a panic: %q, %v", m.body, err)
	}
	big := make([]byte, madeMax/4)
	for _, key := range []string{"1", "2", "3", "4", "5", "6", "7", "8"} {
		if _, err := s.get(key, func() (made, error) { return made{body: big}, nil }); err != nil {
			t.Fatal(err)
		}
	}
	if s.size > madeMax || len(s.items) != len(s.order) {
		t.Errorf("the shelf holds %d bytes in %d pages, listed %d", s.size, len(s.items), len(s.order))
	}
	if _, err := s.get("", func() (made, error) { return made{}, broken }); err != broken || s.items[""] != nil {
		t.Error("a page without a key was kept")
	}
}

// The totals set side by side are those furthest apart within a day, each once.
func TestFurthestApart(t *testing.T) {
	of := func(hours int, n int64, author corridor.ActorID) corridor.Total {
		when := record.Time(hours * 3600)
		return corridor.Total{When: corridor.Period{when, when}, Author: author, Unit: corridor.People, Sum: corridor.Sum{Total: n}}
	}
	all := []corridor.Total{of(0, 6000, "a"), of(3, 9000, "b"), of(80, 10300, "c"), of(80, 15000, "d"), of(90, 15000, "d"), of(104, 25000, "d"), of(105, 26000, "e"), of(200, 34000, "d")}
	var got []int64
	for _, x := range furthestApart(all) {
		got = append(got, x.Sum.Total)
	}
	if !slices.Equal(got, []int64{10300, 15000, 25000}) {
		t.Errorf("%v", got)
	}
	if furthestApart(nil) != nil {
		t.Error("none are apart")
	}
}
