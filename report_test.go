package corridor

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// A reporting is a mission with two observers, an incident and a quorum of two cosigners,
// ready to be reported on.
type reporting struct {
	*stage
	burned record.Record
}

func newReporting(t *testing.T) *reporting {
	s := newCosigned(t)
	r := &reporting{stage: s}
	s.observer("mina")
	s.move("mina", "departure", "A-07", 122)
	r.burned = s.add("mina", "incident", nil, map[string]map[string]any{
		"facts": {"what": "vehicle-burned", "when": s.now.String(), "basis": "observed"},
		"count": {"sums": []any{map[string]any{"unit": "bus", "total": 1}}}, "where": {"place": "gate"}, "who": {}})
	reply := s.add("red", "reply", &r.burned.Hash, map[string]map[string]any{"facts": {"basis": "document", "received": s.now.String()}, "narrative": {"lang": "en", "text": "We were not there."}})
	_ = reply
	s.move("mina", "arrival", "A-07", 120)
	return r
}

// newCosigned is a mission whose mandate asks for both exercise cosigners.
func newCosigned(t testing.TB) *stage {
	var b strings.Builder
	for _, name := range []string{"w1", "w2"} {
		vkey, err := ledger.WitnessKey(name, testKey("cosigner "+name).Public().(ed25519.PublicKey))
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString("witness " + name + " " + vkey + "\n")
	}
	return newStageWith(t, func(facts map[string]any) { facts["witnesses"] = b.String() + "group both all w1 w2\nquorum both\n" })
}

// cosign returns the log's checkpoint of its first n records, cosigned now.
func (s *stage) cosign(n int64, names ...string) string {
	s.t.Helper()
	origin := s.m.Now().Terms().Origin
	signer, err := ledger.NewSigner(origin, testKey("log"))
	if err != nil {
		s.t.Fatal(err)
	}
	root, err := s.m.Tree().Root(n)
	if err != nil {
		s.t.Fatal(err)
	}
	signed, err := ledger.SignCheckpoint(ledger.Checkpoint{Origin: origin, Size: n, Root: root}, signer)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, name := range names {
		c, err := ledger.NewCosigner(name, testKey("cosigner "+name))
		if err != nil {
			s.t.Fatal(err)
		}
		line, err := c.Cosign(signed, int64(s.now))
		if err != nil {
			s.t.Fatal(err)
		}
		if signed, err = ledger.AddCosignatures(signed, line); err != nil {
			s.t.Fatal(err)
		}
	}
	return string(signed)
}

// drawnUp returns what a part says as a draft would, without its head.
func drawnUp(t testing.TB, v any) map[string]any {
	t.Helper()
	b, err := record.Encode(v)
	if err != nil {
		t.Fatal(err)
	}
	m := map[string]any{}
	if err := json.Unmarshal(b, &m); err != nil {
		t.Fatal(err)
	}
	for _, head := range []string{"id", "part", "nonce"} {
		delete(m, head)
	}
	return m
}

// file drafts a report on the first to records, changes the draft, signs it and offers it. It
// returns the rule that refuses it, "" if it stands.
func (s *stage) file(to int64, cutOff record.Time, seen string, change func(f *ReportFacts, c *ReportCount)) string {
	s.t.Helper()
	f, c, err := s.m.DraftReport("daily", to, cutOff, "Asia/Damascus")
	var refusal *Refusal
	if errors.As(err, &refusal) {
		return refusal.Rule
	}
	change(&f, &c)
	id := s.random()
	parts, err := Compose(Draft{Kind: KindReport, By: "office", Parts: map[string]map[string]any{"facts": drawnUp(s.t, f), "count": drawnUp(s.t, c)}}, id, s.random)
	if err != nil {
		s.t.Fatal(err)
	}
	s.now += 60
	founder := s.m.Founder()
	h := record.Header{Mission: &founder, Kind: "report", ID: id, By: "office", Seq: s.seq["office"] + 1, Prev: s.last["office"], At: s.now, Nonce: s.random()}
	if seen != "" {
		h.Seen = &seen
	}
	r, err := record.Sign(s.keys["office"], true, h, parts)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.m.Judge(r); errors.As(err, &refusal) {
		return refusal.Rule
	} else if err != nil {
		s.t.Fatal(err)
	}
	s.seq["office"]++
	s.last["office"] = &r.Hash
	s.all = append(s.all, r)
	if err := s.m.Add(r); err != nil {
		s.t.Fatal(err)
	}
	return ""
}

func asDrafted(*ReportFacts, *ReportCount) {}

// TestReportAttacks attacks promise 5: a report that omits a logged incident, changes a
// figure, drops a reply, leaves a gap, overlaps, or was drafted early does not stand.
func TestReportAttacks(t *testing.T) {
	without := func(f *ReportFacts, list string) {
		for i := range f.Sections {
			if f.Sections[i].Name == list {
				f.Sections[i].Records = f.Sections[i].Records[:len(f.Sections[i].Records)-1]
			}
		}
	}
	for _, c := range []struct {
		name, rule string
		change     func(f *ReportFacts, c *ReportCount)
	}{
		{"as drafted", "", asDrafted},
		{"an incident removed", "report.omits", func(f *ReportFacts, _ *ReportCount) { without(f, "incidents") }},
		{"a reply removed", "report.omits", func(f *ReportFacts, _ *ReportCount) { without(f, "reply") }},
		{"an incident put in", "report.adds", func(f *ReportFacts, _ *ReportCount) {
			f.Sections[0].Records = append(f.Sections[0].Records, f.Sections[0].Records[0])
			f.Sections[0].Records[0][0] ^= 1
		}},
		{"an incident twice", "report.order", func(f *ReportFacts, _ *ReportCount) {
			f.Sections[0].Records = append(f.Sections[0].Records, f.Sections[0].Records[0])
		}},
		{"a list renamed", "report.section", func(f *ReportFacts, _ *ReportCount) { f.Sections[0].Name = "occurrences" }},
		{"a list dropped", "report.section", func(f *ReportFacts, _ *ReportCount) { f.Sections = f.Sections[1:] }},
		{"a figure changed", "report.figure", func(_ *ReportFacts, c *ReportCount) { *c.Figures[0].Total.Low++ }},
		{"a figure of the period changed", "report.figure", func(_ *ReportFacts, c *ReportCount) { *c.Figures[0].Period.High++ }},
		{"a figure left out", "report.figure", func(_ *ReportFacts, c *ReportCount) { c.Figures = c.Figures[:len(c.Figures)-1] }},
		{"a figure invented", "report.figure", func(_ *ReportFacts, c *ReportCount) { c.Figures = append(c.Figures, c.Figures[0]) }},
		{"a figure's accounts changed", "report.from", func(_ *ReportFacts, c *ReportCount) { c.Figures[0].From = nil }},
		{"the count by class changed", "report.logged", func(_ *ReportFacts, c *ReportCount) { c.Logged[2].N-- }},
		{"a late figure invented", "report.late", func(_ *ReportFacts, c *ReportCount) {
			c.Late = append(c.Late, LateFigure{Number: 1, Name: "left.people A"})
		}},
		{"another number", "report.number", func(f *ReportFacts, _ *ReportCount) { f.Number++ }},
		{"a gap", "report.gap", func(f *ReportFacts, _ *ReportCount) { f.From = 3 }},
		{"another root", "report.root", func(f *ReportFacts, _ *ReportCount) { f.Root[0] ^= 1 }},
		{"a period that begins later", "report.period", func(f *ReportFacts, _ *ReportCount) { f.Period[0]++ }},
		{"a period that ends apart from the cut-off", "report.period", func(f *ReportFacts, _ *ReportCount) { f.Period[1]-- }},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newReporting(t)
			n := s.m.Size()
			if got := s.file(n, s.now-30, s.cosign(n, "w1", "w2"), c.change); got != c.rule {
				t.Errorf("refused by %q, want %q", got, c.rule)
			}
		})
	}
}

// TestReportSeries asks that the ranges of a series tile the log.
func TestReportSeries(t *testing.T) {
	s := newReporting(t)
	n := s.m.Size()
	if got := s.file(n, s.now-30, s.cosign(n, "w1", "w2"), asDrafted); got != "" {
		t.Fatalf("the first report is refused by %s", got)
	}
	late := s.add("mina", "incident", nil, map[string]map[string]any{"facts": {"what": "obstruction", "when": "2016-12-17T18:41:00Z", "basis": "heard"}, "count": {}, "where": {}, "who": {}})
	m := s.m.Size()
	seen, cut := s.cosign(m, "w1", "w2"), s.now
	if got := s.file(m, cut, seen, func(f *ReportFacts, _ *ReportCount) { f.From-- }); got != "report.overlap" {
		t.Errorf("an overlap is refused by %q", got)
	}
	if got := s.file(m, cut, seen, func(f *ReportFacts, _ *ReportCount) { f.From++ }); got != "report.gap" {
		t.Errorf("a gap is refused by %q", got)
	}
	if got := s.file(n-1, cut, seen, asDrafted); got != "report.range" {
		t.Errorf("a range that goes back is refused by %q", got)
	}
	if got := s.file(m, cut, seen, asDrafted); got != "" {
		t.Fatalf("the second report is refused by %s", got)
	}
	reports := s.m.Now().Reports()
	if len(reports) != 2 || reports[1].Facts.From != reports[0].Facts.To || reports[1].Facts.Number != 2 {
		t.Fatalf("the ranges do not tile: %+v", reports)
	}
	for _, x := range reports[1].Facts.Sections {
		if x.Name == "late" && !slices.Contains(x.Records, late.Hash) {
			t.Errorf("an incident of the earlier period is not among the late accounts %v", x.Records)
		}
		if x.Name == "incidents" && !slices.Contains(x.Records, late.Hash) {
			t.Errorf("a late incident is not among the incidents")
		}
	}
}

// TestReportDodge attacks the cut-off: a report drafted on an old prefix, so that an incident
// falls out of its range, is refused; what is logged between its prefix and the report itself
// is named beside it.
func TestReportDodge(t *testing.T) {
	s := newReporting(t)
	before, _ := s.m.Index(s.burned.Hash)
	old := s.cosign(before, "w1", "w2") // cosigned before the cut-off
	s.now += 3600
	n := s.m.Size()
	for name, seen := range map[string]string{
		"without a checkpoint":                 "",
		"with one cosigned before the cut-off": old,
		"with one that a single side cosigned": s.cosign(before, "w1"),
		"with one that nobody cosigned":        s.cosign(before),
		"with one of a larger log":             s.cosign(n, "w1", "w2"),
		"with what is no checkpoint":           "checkpoint\n",
	} {
		if got := s.file(before, s.now-60, seen, asDrafted); got != "report.stale" {
			t.Errorf("drafted before the incident %s, refused by %q, want report.stale", name, got)
		}
	}
	if got := s.file(n, s.now-60, s.cosign(n, "w1", "w2"), asDrafted); got != "" {
		t.Errorf("drafted on the log as it stood, refused by %q", got)
	}
	// An incident that arrives while the report is being signed does not break it and is
	// named beside it.
	n = s.m.Size()
	seen := s.cosign(n, "w1", "w2")
	between := s.add("mina", "incident", nil, map[string]map[string]any{"facts": {"what": "threat", "when": s.now.String(), "basis": "heard"}, "count": {}, "where": {}, "who": {}})
	if got := s.file(n, s.now-120, seen, asDrafted); got != "" {
		t.Fatalf("with an incident since its draft, refused by %q", got)
	}
	last := s.m.Now().Reports()[1]
	if !slices.Contains(last.Between, between.Hash) {
		t.Errorf("the incident logged between is not named beside the report: %v", last.Between)
	}
}

// TestReportListsWhatIsFound asks that a report lists every record that the view of its prefix
// has something against, and a record in whose number another was signed since its own report.
func TestReportListsWhatIsFound(t *testing.T) {
	s := newReporting(t)
	twin := func(of record.Record) record.Record {
		seq, last := s.seq["mina"], s.last["mina"]
		s.seq["mina"], s.last["mina"] = of.Header.Seq-1, of.Header.Prev
		r := s.move("mina", "departure", "A-09", 9)
		s.seq["mina"], s.last["mina"] = seq, last
		return r
	}
	listed := func() []record.Hash {
		n := s.m.Size()
		if got := s.file(n, s.now-30, s.cosign(n, "w1", "w2"), asDrafted); got != "" {
			t.Fatalf("the report is refused by %s", got)
		}
		all := s.m.Now().Reports()
		sections := all[len(all)-1].Facts.Sections
		return sections[slices.IndexFunc(sections, func(x Section) bool { return x.Name == "findings" })].Records
	}
	a := s.move("mina", "departure", "A-08", 30)
	a2 := twin(a)
	b := s.move("mina", "departure", "A-10", 40)
	if got, want := listed(), []record.Hash{a.Hash, a2.Hash}; !slices.Equal(got, want) {
		t.Errorf("the first report lists %v, want %v", got, want)
	}
	b2 := twin(b)
	a3 := twin(a)
	if got, want := listed(), []record.Hash{b.Hash, b2.Hash, a3.Hash}; !slices.Equal(got, want) {
		t.Errorf("the second report lists %v, want %v", got, want)
	}
	if got := listed(); len(got) != 0 {
		t.Errorf("a report of a quiet range lists %v", got)
	}
	for _, r := range s.m.Now().Reports() {
		if _, err := s.m.Recompute(r); err != nil {
			t.Errorf("report %d does not recompute: %v", r.Facts.Number, err)
		}
	}
}
