package server_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/server"
	"corridor.example/corridor/record"
)

func itoa(n int) string { return strconv.Itoa(n) }

// TestReportIsWhole: on the page of every report stands everything that the report lists, and
// that it was recomputed.
func TestReportIsWhole(t *testing.T) {
	for _, name := range []string{"gate-9", "aleppo-2016"} {
		p := play(t, "gate-9", server.Config{})
		if name == "aleppo-2016" {
			p = play(t, name, server.Config{})
		}
		var reports []corridor.Filed
		var last corridor.View
		p.node.View(func(v corridor.View) { reports, last = v.Reports(), v })
		index := p.wants("/reports", "en", "Reports in the log")
		if len(reports) < 5 {
			t.Fatalf("%s has %d reports", name, len(reports))
		}
		for _, f := range reports {
			path := "/reports/" + f.Record.String()
			if !strings.Contains(index, path) {
				t.Errorf("%s: %s is not listed", name, path)
			}
			body := p.wants(path, "en", "Nothing left out of a report", "lists made again from the log", "figures recomputed here", "Basis and coverage",
				"Movement", "Stops", "Incidents:", "Late accounts", "Posts not heard from", "Restrictions on the mission", "Statements received",
				"Figures that others stated", "Notifications", "Replies, word for word", "Reservations and dissenting views", "Corrections", "Disputes",
				"Erasures", "Records that break the mandate", "Logged after the range", "Annex: every record of the range")
			if strings.Contains(body, `class="state s-fails"`) {
				t.Errorf("%s: %s does not hold", name, path)
			}
			for _, s := range f.Facts.Sections {
				for _, h := range s.Records {
					if !strings.Contains(body, h.String()) {
						t.Errorf("%s: %s lists %s under %s and its page does not", name, path, h.Short(), s.Name)
					}
				}
			}
			for i := f.Facts.From; i < f.Facts.To; i++ {
				if h := last.Entry(i).Hash; !strings.Contains(body, h.String()) {
					t.Errorf("%s: entry %d is not in the annex of %s", name, i, path)
				}
			}
			for _, h := range f.Between {
				if !strings.Contains(body, h.String()) {
					t.Errorf("%s: %s came between and is not named on %s", name, h.Short(), path)
				}
			}
			p.figuresStand(body, f)
			if first := f.Facts.Number == 1 && len(f.Count.Figures) > 0; strings.Contains(body, "first report") != first {
				t.Errorf("%s: %s says first report, or does not, and is number %d", name, path, f.Facts.Number)
			}
		}
	}
}

// figuresStand fails unless the page has a line for each figure of the report.
func (p *played) figuresStand(body string, f corridor.Filed) {
	p.t.Helper()
	_, table, _ := strings.Cut(body, "<h2>Movement</h2>")
	table, _, _ = strings.Cut(table, "<h2>Stops</h2>")
	if n := strings.Count(table, `<th scope="row">`); n != len(f.Count.Figures) {
		p.t.Errorf("report %d of %s has %d figures and its page %d", f.Facts.Number, f.Facts.Series, len(f.Count.Figures), n)
	}
}

// TestReportsOfGate9 holds what one reads on the pages against what the case tells.
func TestReportsOfGate9(t *testing.T) {
	p := play(t, "gate-9", server.Config{})
	day := func(n int) string { return "/reports/" + p.labelled("day-"+itoa(n)).String() }
	p.wants(day(1), "en", "Daily report No. 1", "Three observers are deployed")
	p.wants(day(2), "en", "Daily report No. 2", "not counted", "Stops", "Replies, word for word", "Both counts stand; the observer has been asked.",
		"Disputes", "We counted 122 at the gate of the yard.")
	three := p.wants(day(3), "en", "Incidents: 1", "Buses burned", "No observer was at the place", "Late accounts", "Restrictions on the mission", "no orders",
		"Corrections", "miscounted", "danger to a person", "observer.revoked")
	if strings.Contains(three, "named the man who lit it") {
		t.Error("the narrative that was ordered erased stands in the report")
	}
	p.wants(day(4), "en", "A quiet period", "at the gate was present")
	p.wants(day(3), "ar", "التقرير اليومي", "دون المساس")
}

// TestEarlierStateOfReports: at an earlier size a later report is not there, nor is its page.
func TestEarlierStateOfReports(t *testing.T) {
	p := play(t, "gate-9", server.Config{})
	h := p.labelled("day-3")
	var e corridor.Entry
	p.node.View(func(v corridor.View) { e, _ = v.Find(h) })
	if w := p.get("/reports/"+h.String()+"?at="+itoa(int(e.Index)), "en"); w.Code != 404 {
		t.Errorf("the report is there before it was logged: %d", w.Code)
	}
	if w := p.get("/reports/"+h.String()+"?at="+itoa(int(e.Index+1)), "en"); w.Code != 200 {
		t.Errorf("the report is not there once it is logged: %d", w.Code)
	}
	if w := p.get("/records/"+h.String()+"?at="+itoa(int(e.Index)), "en"); w.Code != 404 {
		t.Errorf("the record is there before it was logged: %d", w.Code)
	}
	if w := p.get("/reports/"+record.Hash{}.String(), "en"); w.Code != 404 {
		t.Errorf("a report that is none: %d", w.Code)
	}
}

// TestSealedReports: a report that may not be read yet is counted, and neither listed nor shown.
func TestSealedReports(t *testing.T) {
	p := playText(t, "open.txt", openMission+"11:00  office report daily cut-off 10:45 #first  note \"rowanberry\"\n", time.Hour)
	body := p.wants("/reports", "en", "1 report is in the log and may not be read here yet.")
	h := p.labelled("first").String()
	if strings.Contains(body, h) || p.get("/reports/"+h, "en").Code != 404 {
		t.Error("a sealed report is listed or shown")
	}
}

// TestFinishedCaseShowsItsReports asks for every report of gate-9 as the public, when it is over.
// One convoy of it stays open for ever, and nothing of that is in them.
func TestFinishedCaseShowsItsReports(t *testing.T) {
	p := play(t, "gate-9", server.Config{})
	for _, lang := range []string{"en", "ar"} {
		list := p.get("/reports", lang).Body.String()
		for _, name := range []string{"day-1", "day-2", "day-3", "day-4", "day-5"} {
			path := "/reports/" + p.labelled(name).String()
			if !strings.Contains(list, path) {
				t.Errorf("the list of reports in %s has not %s", lang, name)
			}
			page := p.get(path, lang)
			if page.Code != 200 || strings.Contains(page.Body.String(), "A-05") {
				t.Errorf("%s in %s: %d, and A-05 in it: %t", name, lang, page.Code, strings.Contains(page.Body.String(), "A-05"))
			}
		}
	}
	p.now = p.now.AddDate(-1, 0, 0) // the evening of the last day
	if list := p.get("/reports", "en").Body.String(); strings.Contains(list, p.labelled("day-5").String()) {
		t.Error("the last report is shown on its evening, while a convoy of it is open")
	}
}
