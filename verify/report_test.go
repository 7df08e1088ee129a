package verify

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"corridor.example/corridor"
	"corridor.example/corridor/record"
)

// TestReportAttacks has the office sign reports that are not what the log gives, and a server
// that logs them all the same.
func TestReportAttacks(t *testing.T) {
	section := func(f *corridor.ReportFacts, name string) *corridor.Section {
		i := slices.IndexFunc(f.Sections, func(s corridor.Section) bool { return s.Name == name })
		if i < 0 {
			t.Fatalf("a report has no list %q", name)
		}
		return &f.Sections[i]
	}
	for _, a := range []struct {
		what   string
		attack func(s *stage, f *corridor.ReportFacts, c *corridor.ReportCount)
		rule   string
		says   string
		claims []string // that do not hold
	}{
		{"an incident left out", func(s *stage, f *corridor.ReportFacts, c *corridor.ReportCount) {
			l := section(f, "incidents")
			l.Records = l.Records[1:]
		}, "report.omits", "leaves out entry", []string{ClaimReports}},
		{"an incident made up", func(s *stage, f *corridor.ReportFacts, c *corridor.ReportCount) {
			l := section(f, "incidents")
			l.Records = append(l.Records, record.Hash{7})
		}, "report.adds", "where the log has no such record", []string{ClaimReports}},
		{"a reply left out", func(s *stage, f *corridor.ReportFacts, c *corridor.ReportCount) {
			section(f, "reply").Records = []record.Hash{}
		}, "report.omits", "its list of reply", []string{ClaimReports}},
		{"a list left out", func(s *stage, f *corridor.ReportFacts, c *corridor.ReportCount) {
			f.Sections = f.Sections[1:]
		}, "report.section", "lists", []string{ClaimReports}},
		{"a list in another order", func(s *stage, f *corridor.ReportFacts, c *corridor.ReportCount) {
			slices.Reverse(section(f, "incidents").Records)
		}, "report.order", "not in the order of the log", []string{ClaimReports}},
		{"a figure changed", func(s *stage, f *corridor.ReportFacts, c *corridor.ReportCount) {
			i := slices.IndexFunc(c.Figures, func(x corridor.ReportFigure) bool { return x.Total.High != nil && *x.Total.High == 122 })
			n := int64(1812)
			c.Figures[i].Total.High, c.Figures[i].Total.Low = &n, &n
		}, "report.figure", "1812", []string{ClaimReports, ClaimFigures}},
		{"a figure left out", func(s *stage, f *corridor.ReportFacts, c *corridor.ReportCount) {
			c.Figures = c.Figures[1:]
		}, "report.figure", "", []string{ClaimReports, ClaimFigures}},
		{"an account behind a figure hidden", func(s *stage, f *corridor.ReportFacts, c *corridor.ReportCount) {
			i := slices.IndexFunc(c.Figures, func(x corridor.ReportFigure) bool { return len(x.From) > 1 })
			c.Figures[i].From = c.Figures[i].From[1:]
		}, "report.from", "rests on", []string{ClaimReports, ClaimFigures}},
		{"fewer incidents counted", func(s *stage, f *corridor.ReportFacts, c *corridor.ReportCount) {
			i := slices.IndexFunc(c.Logged, func(x corridor.ClassCount) bool { return x.Class == corridor.ClassIncident })
			c.Logged[i].N--
		}, "report.logged", "by class", []string{ClaimReports, ClaimFigures}},
		{"a gap", func(s *stage, f *corridor.ReportFacts, c *corridor.ReportCount) { f.From += 2 }, "report.gap", "are in neither", []string{ClaimReports}},
		{"an overlap", func(s *stage, f *corridor.ReportFacts, c *corridor.ReportCount) { f.From -= 2 }, "report.overlap", "overlap", []string{ClaimReports}},
		{"a number skipped", func(s *stage, f *corridor.ReportFacts, c *corridor.ReportCount) { f.Number++ }, "report.number", "not 3", []string{ClaimReports}},
		{"another root", func(s *stage, f *corridor.ReportFacts, c *corridor.ReportCount) { f.Root[3]++ }, "report.root", "another history", []string{ClaimReports}},
		{"an old prefix", func(s *stage, f *corridor.ReportFacts, c *corridor.ReportCount) {
			// Drafted on the log before the second incident, under today's cut-off.
			old := f.To - 3
			g, d, err := s.m.DraftReport(f.Series, old, f.CutOff, f.Zone)
			if err != nil {
				t.Fatal(err)
			}
			*f, *c = g, d
		}, "report.stale", "before the first checkpoint cosigned at or after the cut-off", []string{ClaimReports}},
	} {
		t.Run(a.what, func(t *testing.T) {
			s := newStage(t, nil)
			s.observer("mina")
			s.observer("omar")
			s.cosign()
			s.move("mina", "departure", "A-07", 122)
			s.move("omar", "departure", "A-07", 120)
			s.report()
			s.incident("mina", "vehicle-burned", "Five.")
			burned := s.incident("omar", "vehicle-burned", "Six.")
			s.add("blue", "reply", &burned.Hash, parts{"facts": {"basis": "reported", "received": s.now.String()}, "narrative": {"lang": "en", "text": "Not ours."}})
			f, c := s.draft()
			a.attack(s, &f, &c)
			bad := s.file(f, c)
			s.cosign()
			i, _ := s.m.Index(bad.Hash)
			r := caught(t, a.what, s.copy(), Options{Card: s.card()}, i)
			for _, name := range Claims() {
				got, _ := r.Claim(name)
				want := Holds
				if slices.Contains(a.claims, name) {
					want = DoesNotHold
				}
				if got.State != want {
					t.Errorf("%s %s, want %s: %s", name, got.State, want, got.Say)
				}
			}
			got, _ := r.Claim(ClaimReports)
			if got.Entries[0].Rule != a.rule || !strings.Contains(got.Entries[0].Sentence, a.says) {
				t.Errorf("%s: %q, want %s saying %q", got.Entries[0].Rule, got.Entries[0].Sentence, a.rule, a.says)
			}
		})
	}
}

// TestReportsAfterABadOne says of a report that follows one which is not to be had why it has
// no place, and which the other is. Whether it holds is known where the other does not hold,
// and not where the other cannot be read.
func TestReportsAfterABadOne(t *testing.T) {
	for _, x := range []struct {
		what   string
		second func(f *corridor.ReportFacts) // what the office lies about in its second report
		copy   func(c *copied, second int64) // what is done to the copy
		state  State                         // of the third, which follows the second
		says   string
	}{
		{"the second leaves something out", func(f *corridor.ReportFacts) {
			for i := range f.Sections {
				if f.Sections[i].Name == "incidents" {
					f.Sections[i].Records = nil
				}
			}
		}, nil, DoesNotHold, "it follows a report that does not hold, entry %d, and so has no place in its series: this is report 2 of the series daily, not 3"},
		{"the second was altered in the copy", nil, func(c *copied, second int64) { flip(c.entries[second].Parts[0], 400) },
			CannotCheck, "it cannot be held against the report before it, entry %d, which cannot be read in this copy: "},
		{"the second is missing in a whole copy", nil, func(c *copied, second int64) { c.entries[second].Envelope, c.entries[second].Parts = nil, nil },
			CannotCheck, "it cannot be held against the report before it, entry %d, which cannot be read in this copy: "},
		{"the second is withheld", nil, func(c *copied, second int64) {
			c.head.Level = corridor.Public
			c.entries[second].Envelope, c.entries[second].Parts = nil, nil
		}, CannotCheck, "it cannot be held against the report before it, entry %d, which is sealed here: "},
		{"the second has another signature", nil, func(c *copied, second int64) {
			e := c.entries[second].Envelope
			flip(e, len(e)-40)
		},
			CannotCheck, "it cannot be held against the report before it, entry %d, which is not what its leaf or its key says: "},
	} {
		t.Run(x.what, func(t *testing.T) {
			s := newStage(t, nil)
			s.observer("mina")
			s.cosign()
			s.report()
			s.incident("mina", "vehicle-burned", "Five.")
			f, c := s.draft()
			if x.second != nil {
				x.second(&f)
			}
			bad := s.file(f, c)
			second, _ := s.m.Index(bad.Hash)
			g, d := s.draft()
			g.Number, g.From, g.Period[0] = 3, f.To, f.CutOff // as if the second stood
			third, _ := s.m.Index(s.file(g, d).Hash)
			s.cosign()
			whole := s.copy()
			if x.copy != nil {
				whole = whole.tampered(func(d *copied) { x.copy(d, second) })
			}
			r := run(t, whole, Options{Card: s.card()})
			reports, _ := r.Claim(ClaimReports)
			want := fmt.Sprintf(x.says, second)
			i := slices.IndexFunc(reports.Entries, func(p Problem) bool { return p.Index == third })
			if i < 0 || !strings.HasPrefix(reports.Entries[i].Sentence, want) {
				t.Errorf("the third report is not named with %q", want)
				show(t, r)
			}
			if reports.State != x.state {
				t.Errorf("reports %s, want %s", reports.State, x.state)
			}
			if got := r.Exit(nil); x.state == DoesNotHold && got != 1 {
				t.Errorf("exit %d, want 1", got)
			}
		})
	}
}

// TestReportInPlaceOfABadOne files the report again as it should be. It holds, and so does the
// next, though the bad one stands between them for ever.
func TestReportInPlaceOfABadOne(t *testing.T) {
	s := newStage(t, nil)
	s.observer("mina")
	s.cosign()
	s.report()
	s.incident("mina", "vehicle-burned", "Five.")
	f, c := s.draft()
	f.Sections[0].Records = nil
	bad, _ := s.m.Index(s.file(f, c).Hash)
	s.report()
	s.report()
	s.cosign()
	r := run(t, s.copy(), Options{Card: s.card()})
	reports, _ := r.Claim(ClaimReports)
	if reports.State != DoesNotHold || reports.Total != 1 || reports.Entries[0].Index != bad {
		show(t, r)
		t.Errorf("reports: %+v, want entry %d alone", reports, bad)
	}
}

// TestReplyShortened cuts the text of a reply in the copy, where no figure would miss it.
func TestReplyShortened(t *testing.T) {
	s := standard(t)
	c := s.copy()
	for i, r := range s.all {
		if r.Header.Kind != "reply" {
			continue
		}
		r := caught(t, "a reply shortened", c.tampered(func(c *copied) {
			p := &c.entries[i].Parts[1]
			*p = []byte(strings.Replace(string(*p), "None of ours was there.", "None.", 1))
		}), Options{Card: s.card()}, int64(i))
		if got, _ := r.Claim(ClaimLog); got.Entries[0].Rule != "record.part-hash" {
			t.Errorf("%v", got)
		}
		return
	}
	t.Fatal("no reply")
}

// TestBackdated has an author sign with an earlier hour than the checkpoint she carries.
func TestBackdated(t *testing.T) {
	s := standard(t)
	s.now -= 7200
	s.move("mina", "departure", "A-09", 12)
	s.now += 7200
	s.cosign()
	r := run(t, s.copy(), Options{Card: s.card()})
	if r.Exit(nil) != 0 || r.Outside.Total != 1 || r.Outside.Entries[0].Index != 20 || r.Outside.Entries[0].Rule != RuleSignedEarly {
		t.Errorf("exit %d, outside %v", r.Exit(nil), r.Outside)
	}
	s.now += 7200 * 4
	s.move("mina", "arrival", "A-09", 12)
	s.now -= 7200 * 4
	s.cosign()
	r = run(t, s.copy(), Options{Card: s.card()})
	if r.Outside.Total != 2 || r.Outside.Entries[1].Rule != RuleSignedLate {
		t.Errorf("outside %v", r.Outside)
	}
}
