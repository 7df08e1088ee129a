package server

import (
	"slices"

	"corridor.example/corridor"
	"corridor.example/corridor/record"
	"corridor.example/corridor/web"
)

// movementTable are the figures of a report: of the legs, and convoy by convoy.
func (p *page) movementTable(f corridor.Filed) (legs, convoys []web.ReportFigure) {
	first := f.Facts.Number == 1
	for _, f := range f.Count.Figures {
		l, err := corridor.ParseLine(f.Name)
		if err != nil {
			continue // refused when it was logged
		}
		value := func(s corridor.Span) web.Value {
			return p.figure(corridor.Figure{Line: l, Range: s.Range(), From: f.From}, "").Value
		}
		x := web.ReportFigure{Name: p.line(f.Name), Open: l.Measure == corridor.Open, Figure: p.figure(corridor.Figure{Line: l, Range: f.Total.Range(), From: f.From}, "")}
		if f.Period.Range() != f.Total.Range() {
			v := value(f.Period)
			x.Period = &v
		}
		if f.Previous != nil {
			v := value(*f.Previous)
			x.Previous = &v
		} else if !first {
			x.Previous = &web.Value{Kind: "none"}
		}
		if _, leg := p.terms.Leg(l.Scope); leg {
			legs = append(legs, x)
		} else {
			convoys = append(convoys, x)
		}
	}
	return legs, convoys
}

// late are the figures of earlier periods that have changed since they were reported.
func (p *page) late(figures []corridor.LateFigure) []web.Late {
	var list []web.Late
	for _, f := range figures {
		l, err := corridor.ParseLine(f.Name)
		if err != nil {
			continue // refused when it was logged
		}
		now := p.v.Figure(l)
		value := func(s corridor.Span) web.Value {
			return p.figure(corridor.Figure{Line: l, Range: s.Range(), From: now.From}, "").Value
		}
		list = append(list, web.Late{Number: int(f.Number), Name: p.line(f.Name), Old: value(f.Old), New: value(f.New), By: p.figure(now, "").By})
	}
	return list
}

// holdsOf are the holds that the listed records tell of.
func (p *page) holdsOf(listed []record.Hash) []web.Hold {
	var all []corridor.Standstill
	for _, h := range p.v.Holds() {
		has := func(r record.Hash) bool { return slices.Contains(listed, r) }
		told := has(h.ID)
		for _, a := range slices.Concat(h.Accounts, h.Past) {
			told = told || has(a.Record)
		}
		for _, a := range slices.Concat(h.Resumed, h.Partly) {
			told = told || has(a.Record)
		}
		if told {
			all = append(all, h)
		}
	}
	return p.holds(all)
}

// incidentsOf are the incidents that the listed records tell of, each once with every version
// it had, and how many of the records may not be read here.
func (p *page) incidentsOf(listed []record.Hash) (list []web.Incidence, sealed int) {
	for _, h := range listed {
		if !p.may(h, "facts") {
			sealed++
		}
	}
	var all []corridor.Incidental
	for _, i := range p.v.Incidents() {
		has := func(e *corridor.Event) bool { return slices.Contains(listed, e.Record) }
		if slices.ContainsFunc(i.Accounts, has) || slices.ContainsFunc(i.Past, has) {
			all = append(all, i)
		}
	}
	return p.incidents(all), sealed
}

// silent is a post that was not heard from.
func (p *page) silent(s corridor.Silence) web.Line {
	text := p.t("silent.never")
	if s.Last != nil {
		text = p.t("silent.last", "when", p.time(*s.Last))
	}
	return web.Line{Name: p.label(s.Observer), Text: joined(p.t("sep"), p.places(s.Places), text), Link: link(s.Deployment)}
}

// restriction is one of the mission's own movement.
func (p *page) restriction(r corridor.Restricted) web.Restriction {
	x := web.Restriction{
		Kind: string(r.Facts.What), When: p.moment(r.Facts.When), Place: p.where(r.Record, r.Where), Outcome: string(r.Facts.Outcome),
		Reporter: p.label(r.Says), Record: r.Record.String(),
	}
	if r.Facts.Released != nil {
		x.When = p.moment(corridor.Period{r.Facts.When[0], *r.Facts.Released})
	}
	if r.Who != nil && p.may(r.Record, "who") {
		var by []corridor.ActorID
		for _, a := range r.Who.Actors {
			if a.As == "stopped" {
				by = append(by, a.Actor)
			}
		}
		x.By = p.labels(by)
	}
	for i, s := range r.Facts.Stated {
		if i == 0 {
			x.Code = string(s.Reason)
			continue
		}
		x.Reason = joined(p.t("sep"), x.Reason, p.word("restriction-reason", string(s.Reason)))
	}
	if n := p.narrative(r.Record); n != nil {
		x.Reason, x.Lang = joined(p.t("sep"), x.Reason, n.Text), n.Lang
	}
	return x
}

// lines are records in one line each: what it is, what it says, and where to read it.
func (p *page) lines(listed []record.Hash) []web.Line {
	var list []web.Line
	for _, h := range listed {
		list = append(list, web.Line{Name: p.entry(h), Text: p.oneLine(h), Link: p.pageOf(h)})
	}
	return list
}

// oneLine is what a record says in one line, or why the reader does not see it.
func (p *page) oneLine(h record.Hash) string {
	if !p.may(h, "facts") {
		return p.t("partstate.sealed")
	}
	return joined(p.t("colon"), p.author(h, p.by(h)), p.gist(h))
}

// by is who signed a record.
func (p *page) by(h record.Hash) corridor.ActorID {
	e, _ := p.now.Find(h)
	return e.By
}

// heard fills in the sections on what others said, and were told.
func (p *page) heard(f corridor.Filed, x *web.Report) {
	x.Statements = p.lines(section(f, "statement"))
	figures := section(f, "figure")
	for _, t := range p.v.AllTotals() {
		if slices.Contains(figures, t.Record) && p.may(t.Record, "facts") {
			x.Figures = append(x.Figures, p.total(t))
		}
	}
	x.Told = p.lines(append(section(f, "notification"), section(f, "told")...))
	x.Asked = p.lines(slices.Concat(section(f, "request"), section(f, "grant"), section(f, "meeting")))
	n := p.v.CountComplaints()
	x.Complaints = p.t("report.complaints.count", "received", n.Received, "answered", n.Answered, "declined", n.Declined, "open", n.Open)
	x.Replies = p.wordsOf(section(f, "reply"))
	x.Reserved = p.wordsOf(append(section(f, "reservation"), section(f, "dissent")...))
	x.Corrections = p.wordsOf(section(f, "correction"))
	x.Disputes = p.wordsOf(section(f, "dispute"))
	x.Erasures = p.lines(section(f, "erasure"))
	for _, h := range section(f, "findings") {
		if e, ok := p.v.Find(h); ok {
			for _, g := range p.broken(e) {
				g.Text, g.Link = p.entry(h), link(h)
				x.Findings = append(x.Findings, g)
			}
		}
	}
}

// wordsOf are the words that the listed records say of others, each with what it speaks of.
func (p *page) wordsOf(listed []record.Hash) []web.Quote {
	var list []web.Quote
	for _, h := range listed {
		e, ok := p.now.Find(h)
		if !ok {
			continue // a report that lists what is not in the log is refused
		}
		q := p.words([]corridor.Word{p.wordOf(e)})[0]
		if p.may(h, "facts") {
			q.To = joined(p.t("sep"), q.To, p.answered(e))
			if p.narrative(h) == nil {
				q.Text = p.gist(h)
			}
		}
		list = append(list, q)
	}
	return list
}

// wordOf is a record as the word that stands beside what it answers.
func (p *page) wordOf(e corridor.Entry) corridor.Word {
	w := corridor.Word{Record: e.Hash, Index: e.Index, Kind: e.Kind, By: e.By, Of: e.By, When: e.At}
	if f, ok := facts[corridor.ReplyFacts](p, e.Hash); ok {
		w.Of, w.When = f.Act.Of, f.Received
	} else if f, ok := facts[corridor.ReservationFacts](p, e.Hash); ok {
		w.Of = f.Act.Of
	} else if f, ok := facts[corridor.DisputeFacts](p, e.Hash); ok { // a dissent's are alike
		w.Of, w.What = f.Act.Of, f.What
	}
	return w
}

// since are the incidents that came between a report's range and its own entry, and how many
// accounts of its period came after it.
func (p *page) since(f corridor.Filed) []web.Line {
	list := p.lines(f.Between)
	if f.Since > 0 {
		list = append(list, web.Line{Name: p.t("report.period"), Text: p.t("report.accounts_since", "n", f.Since)})
	}
	return list
}

// annexMost is how many records of a class the annex names; the report's own facts and the log
// name them all.
const annexMost = 1000

// annex are the records of a report's range by class.
func (p *page) annex(f corridor.Filed) []web.AnnexLine {
	var list []web.AnnexLine
	for _, c := range p.v.Logged() {
		all := p.v.Of(c.Class, f.Facts.From, f.Facts.To)
		x := web.AnnexLine{Class: string(c.Class), N: len(all), More: max(0, len(all)-annexMost)}
		for _, h := range all[:min(len(all), annexMost)] {
			x.Records = append(x.Records, h.String())
		}
		list = append(list, x)
	}
	return list
}
