package server

import (
	"net/http"
	"slices"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/record"
	"corridor.example/corridor/web"
)

// reportsPage lists the mission's reports, the newest first, and what falls due.
func (s *Server) reportsPage(w http.ResponseWriter, r *http.Request, n *node.Node) error {
	return s.show(w, r, n, "reports", func(p *page) (any, error) {
		x := web.Reports{Frame: p.frame(), Clocks: p.clocks()}
		for _, f := range slices.Backward(p.v.Reports()) {
			if !p.may(f.Record, "facts") {
				x.Sealed++ // its class, which is public, says that it is a report
				continue
			}
			line, _ := p.reportLine(f)
			x.Reports = append(x.Reports, line)
		}
		return x, nil
	})
}

// reportPage is one report, section by section, recomputed while it is made.
func (s *Server) reportPage(w http.ResponseWriter, r *http.Request, n *node.Node) error {
	h, err := record.ParseHash(r.PathValue("hash"))
	if err != nil {
		return errNotFound
	}
	return s.show(w, r, n, "report", func(p *page) (any, error) {
		reports := p.v.Reports()
		i := slices.IndexFunc(reports, func(f corridor.Filed) bool { return f.Record == h })
		if i < 0 {
			return nil, errNotFound
		}
		if !p.may(h, "facts") {
			return nil, errNotReleased
		}
		return p.report(reports[i]), nil
	})
}

// reportLine is one report in short, with what recomputing it found.
func (p *page) reportLine(f corridor.Filed) (web.ReportLine, []web.Claim) {
	checks := p.recomputed(f)
	x := web.ReportLine{
		Series: p.series(f.Facts.Series), Number: int(f.Facts.Number), Link: p.past("/reports/" + f.Record.String()),
		Period: p.moment(f.Facts.Period), CutOff: p.inZone(f.Facts.CutOff, f.Facts.Zone), From: int(f.Facts.From), To: int(f.Facts.To),
		Incidents: len(section(f, "incidents")), Nil: quiet(f), State: "holds",
	}
	for _, state := range []string{"unknown", "fails"} {
		if slices.ContainsFunc(checks, func(c web.Claim) bool { return c.State == state }) {
			x.State = state
		}
	}
	return x, checks
}

// section returns what a report lists under a name.
func section(f corridor.Filed, name string) []record.Hash {
	for _, s := range f.Facts.Sections {
		if s.Name == name {
			return s.Records
		}
	}
	return nil
}

// events are the sections that tell of what happened; the others tell of where the mission was
// and of what was said.
var events = []string{"incidents", "hold", "resumption", "explanation", "situation", "restriction", "late", "findings"}

// quiet reports whether nothing that happened was recorded in a report's range.
func quiet(f corridor.Filed) bool {
	for _, name := range events {
		if len(section(f, name)) > 0 {
			return false
		}
	}
	return f.Count != nil && !slices.ContainsFunc(f.Count.Figures, func(x corridor.ReportFigure) bool { return x.Period.Low != nil })
}

// recomputed checks a report again and says how much of it could be.
func (p *page) recomputed(f corridor.Filed) []web.Claim {
	done, err := p.read.Recompute(f)
	if err != nil {
		return []web.Claim{{Name: "reports", State: "fails", Text: err.Error()}}
	}
	state := func(n, of int) string {
		if n < of {
			return "unknown"
		}
		return "holds"
	}
	return []web.Claim{
		{Name: "reports", State: state(done.Lists, done.OfLists), Text: p.t("report.lists", "n", done.Lists, "of", done.OfLists)},
		{Name: "figures", State: state(done.Figures, done.Of), Text: p.t("report.recomputed", "n", done.Figures, "of", done.Of)},
	}
}

// report tells a report as it stood on the prefix it was drafted on. What it names is printed
// from the records' own parts, as far as the reader may read them now.
func (p *page) report(f corridor.Filed) web.Report {
	line, checks := p.reportLine(f)
	e := p.v.Entry(f.Index)
	x := web.Report{
		Frame: p.frame(), Report: line, Checks: checks, Issued: p.inZone(e.At, f.Facts.Zone), Root: f.Facts.Root.String(),
		By: p.label(f.By), Record: f.Record.String(), Text: p.quote(f.Record, f.By, web.Moment{}), Since: p.since(f),
	}
	q := *p
	q.v = p.v.Prefix(f.Facts.To)
	q.ground(f, &x)
	q.heard(f, &x)
	x.Annex = q.annex(f)
	p.fault = q.fault
	return x
}

// ground fills in the sections on what happened.
func (p *page) ground(f corridor.Filed, x *web.Report) {
	x.Basis, x.Coverage = p.bases(f.Facts.From), p.coverage(nil)
	if f.Count != nil && p.may(f.Record, "count") {
		x.Movement, x.Convoys = p.movementTable(f)
		x.Late = p.late(f.Count.Late)
	}
	x.Holds = p.holdsOf(append(section(f, "hold"), section(f, "resumption")...))
	x.Incidents, x.Sealed = p.incidentsOf(section(f, "incidents"))
	x.LateAccounts = p.lines(section(f, "late"))
	for _, s := range p.v.Silent(f.Facts.CutOff, corridor.SilentAfter) {
		if slices.Contains(section(f, "silent"), s.Deployment) {
			x.Silent = append(x.Silent, p.silent(s))
		}
	}
	limits := section(f, "restriction")
	for _, r := range p.v.Restrictions() {
		if slices.Contains(limits, r.Record) && p.may(r.Record, "facts") {
			x.Limits = append(x.Limits, p.restriction(r))
		}
	}
	for _, name := range []string{"situation", "explanation", "handover", "assessment"} {
		x.Accounts = append(x.Accounts, p.lines(section(f, name))...)
	}
}

// bases counts the accounts logged from an index on by what they rest on.
func (p *page) bases(from int64) []web.Line {
	n := map[corridor.Basis]int{}
	add := func(index int64, b corridor.Basis, h record.Hash) {
		if index >= from && p.may(h, "facts") {
			n[b]++
		}
	}
	for _, a := range p.v.AllAccounts() {
		add(a.Index, a.Basis, a.Record)
	}
	for _, e := range p.v.Events() {
		add(e.Index, e.Facts.Basis, e.Record)
	}
	for _, h := range p.v.Holds() {
		for _, a := range h.Accounts {
			add(a.Index, a.Basis, a.Record)
		}
	}
	for _, r := range p.v.Resumptions() {
		add(r.Index, r.Basis, r.Record)
	}
	for _, s := range p.v.Situations() {
		add(s.Index, s.Basis, s.Record)
	}
	for _, r := range p.v.Restrictions() {
		add(r.Index, r.Basis, r.Record)
	}
	var list []web.Line
	for _, b := range []corridor.Basis{corridor.Observed, corridor.Heard, corridor.Sensor, corridor.Document, corridor.Reported} {
		list = append(list, web.Line{Name: p.word("basis", string(b)), Text: p.number(int64(n[b]))})
	}
	return list
}
