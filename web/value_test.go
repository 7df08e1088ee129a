package web

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata"
)

func TestAmount(t *testing.T) {
	for _, c := range []struct {
		v      Value
		en, ar string
	}{
		{Value{Low: 36086, Unit: "people"}, "36,086 people", "36,086 شخصًا"},
		{Value{Low: 1, Unit: "people"}, "1 person", "شخص واحد"},
		{Value{Low: 2, High: 2, Unit: "bus"}, "2 buses", "حافلتان"},
		{Value{Kind: "exactly", Unit: "bus"}, "0 buses", "0 حافلة"},
		{Value{Low: 30, High: 47, Unit: "people"}, "30–47 people", "30 إلى 47 شخصًا"},
		{Value{Low: 13000, Kind: "about", Unit: "people"}, "about 13,000 people", "نحو 13,000 شخص"},
		{Value{Low: 1, Kind: "about", Unit: "people"}, "about 1 person", "نحو 1 شخص"},
		{Value{Low: 6, Kind: "at-least", Unit: "bus"}, "at least 6 buses", "ما لا يقل عن 6 حافلات"},
		{Value{Low: 6, Kind: "at_most"}, "at most 6", "ما لا يزيد على 6"},
		{Value{Low: 750, High: 1000, About: true, Open: true, Unit: "people"}, "about 750–1,000 or more people", "نحو ما لا يقل عن 750 إلى 1,000 شخص"},
		{Value{Low: -100, High: 0}, "−100–0", "\u200e−100 إلى 0"},
		{Value{Low: 734, Unit: "people", Category: "wounded"}, "734 people, wounded", "734 شخصًا، جرحى"},
		{Value{Low: 350, Unit: "people", Uncounted: 2}, "350 people (and 2 accounts without a number)", "350 شخصًا (وروايتان بلا رقم)"},
		{Value{Kind: "withheld", Low: 4, Unit: "people"}, "withheld (fewer than 10)", "محجوب (أقل من 10)"},
		{Value{Kind: "none", Unit: "people"}, "not counted", "لم يُحصَ"},
		{Value{Kind: "sealed"}, "not readable here yet", "غير متاح للقراءة هنا بعد"},
		{Value{Kind: "words", Words: "all who wish"}, "all who wish", "all who wish"},
		{Value{Low: 7, Unit: "sledges"}, "7 sledges", "7 sledges"},
	} {
		if got := Amount("en", c.v); got != c.en {
			t.Errorf("%+v is %q, want %q", c.v, got, c.en)
		}
		if got := Amount("ar", c.v); got != c.ar {
			t.Errorf("%+v is %q in Arabic, want %q", c.v, got, c.ar)
		}
	}
}

func TestOpenText(t *testing.T) {
	for _, c := range []struct {
		v    Value
		want string
	}{
		{Number(160, "people"), "160 people open"},
		{Value{Low: 160, Unit: "people"}, "160 people open"},
		{Number(-100, "people"), "100 people more arrived than left"},
		{Value{Low: -100, High: -20, Unit: "people"}, "20–100 people more arrived than left"},
		{Value{Low: -3, High: 2, Unit: "people"}, "3 people more on arrival to 2 people open"},
		{Number(0, "people"), "nothing open"},
		{Value{Kind: "none"}, "not counted"},
	} {
		if got := OpenText("en", c.v); got != c.want {
			t.Errorf("%+v is %q, want %q", c.v, got, c.want)
		}
	}
}

// TestWithheldStaysWithheld: no way of printing a withheld number shows it.
func TestWithheldStaysWithheld(t *testing.T) {
	v := Value{Low: 4, High: 7, Kind: "withheld", Unit: "people", Open: true, About: true}
	for _, s := range []string{Amount("en", v), Print("en", v), Amount("ar", v), Text("en", "figure.other", "by", "A", "value", v)} {
		if strings.ContainsAny(s, "47") {
			t.Errorf("a withheld number is printed: %q", s)
		}
	}
}

func zones(t *testing.T, names ...string) []*time.Location {
	t.Helper()
	var out []*time.Location
	for _, n := range names {
		l, err := time.LoadLocation(n)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, l)
	}
	return out
}

// TestOneMomentManyDays: an event at 23:00 in Damascus is of the next day in Istanbul,
// Moscow and Tehran, and every one of them is named.
func TestOneMomentManyDays(t *testing.T) {
	z := zones(t, "Asia/Damascus", "Europe/Istanbul", "Europe/Moscow", "Asia/Tehran", "UTC")
	m := Moment{From: time.Date(2016, 12, 18, 21, 0, 0, 0, time.UTC), Zones: z}
	if got, want := When("en", m), "18 Dec 2016, 23:00 Damascus"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := When("ar", m), "18 كانون الأول/ديسمبر 2016، 23:00 بتوقيت دمشق"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	got := strings.Join(speak("en").elsewhere(m), " · ")
	want := "19 Dec 2016, 00:00 Istanbul · 19 Dec 2016, 00:00 Moscow · 19 Dec 2016, 00:30 Tehran · 18 Dec 2016, 21:00 UTC"
	if got != want {
		t.Errorf("elsewhere it is %q, want %q", got, want)
	}
	if got := string(speak("en").when(m)); !strings.HasPrefix(got, `<time datetime="2016-12-18T21:00:00Z" title="19 Dec 2016, 00:00 Istanbul`) {
		t.Errorf("the element is %s", got)
	}
}

func TestMoment(t *testing.T) {
	z := zones(t, "Asia/Damascus")
	at := func(day, hour, minute int) time.Time { return time.Date(2016, 12, day, hour, minute, 0, 0, z[0]) }
	for _, c := range []struct {
		m    Moment
		want string
	}{
		{Moment{}, "time not stated"},
		{Moment{From: at(16, 7, 0), To: at(18, 23, 0), Zones: z}, "16 Dec, 07:00 – 18 Dec 2016, 23:00 Damascus"},
		{Moment{From: at(18, 22, 50), To: at(18, 23, 10), Zones: z}, "18 Dec 2016, 22:50 – 23:10 Damascus"},
		{Moment{From: at(18, 23, 0), To: at(18, 23, 0), Zones: z}, "18 Dec 2016, 23:00 Damascus"},
		{Moment{From: at(20, 14, 0), Open: true, Zones: z}, "since 20 Dec 2016, 14:00 Damascus"},
		{Moment{From: at(18, 0, 0), To: at(18, 23, 59), Precision: "day", Zones: z}, "18 Dec 2016"},
		{Moment{From: at(16, 12, 0), To: at(19, 12, 0), Precision: "day", Zones: z}, "16–19 Dec 2016"},
		{Moment{From: at(30, 12, 0), To: at(33, 12, 0), Precision: "day", Zones: z}, "30 Dec 2016 – 2 Jan 2017"},
		{Moment{From: at(33, 12, 0), Precision: "month", Zones: z}, "Jan 2017"},
		{Moment{From: at(18, 23, 0), Precision: "second"}, "18 Dec 2016, 21:00:00 UTC"},
		{Moment{From: at(18, 23, 0), Zones: []*time.Location{time.FixedZone("Gate 9", 3*3600)}}, "19 Dec 2016, 00:00 Gate 9"},
	} {
		if got := When("en", c.m); got != c.want {
			t.Errorf("%+v is %q, want %q", c.m, got, c.want)
		}
	}
}

func TestLasting(t *testing.T) {
	for _, c := range []struct {
		minutes int
		want    string
	}{{0, "0 minutes"}, {1, "1 minute"}, {119, "119 minutes"}, {120, "2 hours"}, {3840, "64 hours"}, {30 * 24 * 60, "30 days"}} {
		if got := Lasting("en", c.minutes); got != c.want {
			t.Errorf("%d minutes are %q, want %q", c.minutes, got, c.want)
		}
	}
}

func TestLineName(t *testing.T) {
	if got, want := LineName("en", "left", "people", "wounded", "A-07"), "Left, people, wounded, A-07"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := LineName("en", "turned-back", "private-vehicle", "", ""), "Turned back, private vehicles, the whole operation"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
