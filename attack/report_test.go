package attack

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/record"
)

// reporting is what an office does to a report, with the log's key beside it. The server as it is
// built refuses each of them; here it logs them all the same.
var reporting = []attack{
	{act: "leave a logged incident out of a report", note: "the classes of the leaves in its range: anyone, whatever is sealed", do: func(w *world) {
		w.reports("report.omits", func(f *corridor.ReportFacts, _ *corridor.ReportCount) {
			for i := range f.Sections {
				if s := &f.Sections[i]; s.Name == "incidents" {
					s.Records = s.Records[1:]
				}
			}
		})
	}, red: []string{"proof report.omits"}, blue: []string{"proof report.omits"}},
	{act: "change a figure of a report", note: "the accounts that it rests on", do: func(w *world) {
		w.reports("report.figure", func(_ *corridor.ReportFacts, c *corridor.ReportCount) {
			for i := range c.Figures {
				if low := c.Figures[i].Total.Low; low != nil && *low == 690 {
					*low += 500
				}
			}
		})
	}, red: []string{"proof report.figure"}, blue: []string{"proof report.figure"}},
	{act: "leave a gap between two reports", note: "the ranges, which do not adjoin", do: func(w *world) {
		w.reports("report.gap", func(f *corridor.ReportFacts, _ *corridor.ReportCount) { f.From += 2 })
	}, red: []string{"proof report.gap"}, blue: []string{"proof report.gap"}},
	{act: "leave a reply out of a report", note: "the reply, which stands in the log", do: func(w *world) {
		w.reports("report.omits", func(f *corridor.ReportFacts, _ *corridor.ReportCount) {
			for i := range f.Sections {
				if s := &f.Sections[i]; s.Name == "reply" {
					s.Records = nil
				}
			}
		})
	}, red: []string{"proof report.omits"}, blue: []string{"proof report.omits"}},
}

// worked has a day in the log with incidents, a reply and two accounts that differ, at its
// cut-off.
func (w *world) worked() {
	w.t.Helper()
	burned := w.incident("red", "")
	w.send(burned, w.incident("blue", ""), w.moves("mina", "departure", "A-01", 700), w.moves("red", "departure", "A-01", 690), w.moves("mina", "arrival", "A-01", 700))
	w.send(w.about("blue", "reply", burned, parts{"facts": {"basis": "document", "received": record.At(w.clock()).String()}, "narrative": {"lang": "en", "text": "We were not there."}}))
	w.pass(time.Hour)
	w.round()
	w.round()
}

// reports drafts a report of the day, changes it, sees it refused under a rule, and logs it.
func (w *world) reports(rule string, change func(*corridor.ReportFacts, *corridor.ReportCount)) {
	w.t.Helper()
	w.worked()
	r := w.report(record.At(w.clock())-45*60, change)
	if why := w.site.node.Mission().Judge(r); ruleOf(why) != rule {
		w.t.Fatalf("the server as it is built says %v of it, want %s", why, rule)
	}
	w.tells(append(w.site.history(), of(r)))
	w.round()
}

func ruleOf(err error) string {
	rule, _, _ := corridor.ReasonOf(err)
	return rule
}

// report signs the next report, as the office that changes it.
func (w *world) report(cutOff record.Time, change func(*corridor.ReportFacts, *corridor.ReportCount)) record.Record {
	w.t.Helper()
	m := w.site.node.Mission()
	size, live := w.site.node.Live()
	f, c, err := m.DraftReport("daily", size, cutOff, "Etc/UTC")
	if err != nil {
		w.t.Fatal(err)
	}
	change(&f, &c)
	r := w.sign("office", "report", parts{"facts": drawnUp(w.t, f), "count": drawnUp(w.t, c)})
	return w.seeing("office", r, live)
}

// drawnUp returns what a part says as a draft would, without its head.
func drawnUp(t testing.TB, v any) map[string]any {
	t.Helper()
	all := map[string]any{}
	if err := json.Unmarshal(must(record.Encode(v))(t), &all); err != nil {
		t.Fatal(err)
	}
	maps.DeleteFunc(all, func(name string, _ any) bool { return slices.Contains([]string{"id", "part", "nonce"}, name) })
	return all
}
