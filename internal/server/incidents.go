package server

import (
	"net/http"
	"slices"
	"unicode"
	"unicode/utf8"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/record"
	"corridor.example/corridor/web"
)

// incidentsPage lists every incident of the log, the sealed ones by number.
func (s *Server) incidentsPage(w http.ResponseWriter, r *http.Request, n *node.Node) error {
	return s.show(w, r, n, "incidents", func(p *page) (any, error) {
		all := p.v.Incidents()
		x := web.Incidents{Frame: p.frame(), Incidents: p.incidents(all)}
		x.Sealed = p.sealedIncidents()
		return x, nil
	})
}

// sealedIncidents counts the entries of class incident of which the reader may not read what
// happened.
func (p *page) sealedIncidents() (n int) {
	for i := range p.v.Size() {
		e := p.v.Entry(i)
		if e.Kind.Class() == corridor.ClassIncident && !p.may(e.Hash, "facts") {
			n++
		}
	}
	return n
}

// incidentPage is one incident with every account of it. Its address is the record hash of any
// of them.
func (s *Server) incidentPage(w http.ResponseWriter, r *http.Request, n *node.Node) error {
	h, err := record.ParseHash(r.PathValue("hash"))
	if err != nil {
		return errNotFound
	}
	return s.show(w, r, n, "incident", func(p *page) (any, error) {
		for _, i := range p.v.Incidents() {
			same := func(e *corridor.Event) bool { return e.Record == h }
			if i.ID == h || slices.ContainsFunc(i.Accounts, same) || slices.ContainsFunc(i.Past, same) {
				return p.incident(i)
			}
		}
		return nil, errNotFound
	})
}

func (p *page) incident(i corridor.Incidental) (any, error) {
	first := p.first(i)
	if first == nil {
		return nil, errNotReleased
	}
	x := web.Incident{Frame: p.frame(), Incident: p.incidence(i), Record: first.Record.String(), Index: int(first.Index)}
	for _, list := range [][]*corridor.Event{i.Accounts, i.Past} {
		for _, e := range list {
			if !p.may(e.Record, "facts") {
				continue
			}
			x.Accounts = append(x.Accounts, p.event(e))
			x.Exhibits = append(x.Exhibits, p.exhibits(e.Record)...)
			x.Disputes = append(x.Disputes, p.disputes(e.Record)...)
			x.Replies = append(x.Replies, p.replies(e.Record)...)
			x.Related = append(x.Related, p.related(e.Record)...)
		}
	}
	if e := p.located(i); p.hasPlace(e) {
		x.Coverage = p.coverage(&around{*e.Where.Place, e.Facts.When})
	}
	return x, nil
}

// first is the earliest account of an incident that the reader may read, one that stands if
// there is any; nil if there is none.
func (p *page) first(i corridor.Incidental) *corridor.Event {
	for _, list := range [][]*corridor.Event{i.Accounts, i.Past} {
		for _, e := range list {
			if p.may(e.Record, "facts") {
				return e
			}
		}
	}
	return nil
}

// located is the earliest account of an incident that says where it was, of those that the reader
// may read; the earliest of all where none says so. An author who names no place takes none
// from those who do.
func (p *page) located(i corridor.Incidental) *corridor.Event {
	for _, list := range [][]*corridor.Event{i.Accounts, i.Past} {
		for _, e := range list {
			if p.may(e.Record, "facts") && p.hasPlace(e) {
				return e
			}
		}
	}
	return p.first(i)
}

// hasPlace reports whether an account says where, to this reader.
func (p *page) hasPlace(e *corridor.Event) bool {
	return e.Where != nil && e.Where.Place != nil && p.may(e.Record, "where")
}

// incidents tells those that the reader may read, in short.
func (p *page) incidents(all []corridor.Incidental) []web.Incidence {
	var list []web.Incidence
	for _, i := range all {
		if p.first(i) != nil {
			list = append(list, p.incidence(i))
		}
	}
	return list
}

// incidence is an incident with every version of it, short.
func (p *page) incidence(i corridor.Incidental) web.Incidence {
	first, there := p.first(i), p.located(i)
	x := web.Incidence{
		Title: p.title(i), Link: p.past("/incidents/" + i.ID.String()), Kind: string(first.Facts.What),
		When: p.moment(first.Facts.When), Place: p.where(there.Record, there.Where), Basis: p.best(i), Covered: p.covered(there),
	}
	when := first.Facts.When
	for _, e := range i.Accounts {
		if !p.may(e.Record, "facts") {
			continue
		}
		when = corridor.Period{min(when[0], e.Facts.When[0]), max(when[1], e.Facts.When[1])}
		x.Versions = append(x.Versions, p.version(e))
		x.Disputed += len(p.v.Disputed(e.Record))
		x.Replies += len(p.v.Beside(e.Record, corridor.KindReply))
	}
	slices.SortStableFunc(x.Versions, func(a, b web.Version) int { return numbered(a) - numbered(b) })
	if x.Title == capital(p.word("incident-of", x.Kind)) {
		x.Kind = "" // said already
	}
	x.When = p.moment(when)
	x.Reports = p.listedIn(i)
	return x
}

// numbered puts the versions that give a number before those that give none.
func numbered(v web.Version) int {
	if v.Value.Given() {
		return 0
	}
	return 1
}

// title names an incident by its kind, and by what the first account that counts anything
// counts.
func (p *page) title(i corridor.Incidental) string {
	first := p.first(i)
	for _, e := range i.Accounts {
		if _, ok := p.mainSum(e); ok && p.may(e.Record, "facts") && e.Facts.What == first.Facts.What {
			first = e
			break
		}
	}
	key := "incident-title." + string(first.Facts.What)
	if s, ok := p.mainSum(first); ok && web.Has(p.lang, key+"."+string(s.Unit)) {
		return p.t(key + "." + string(s.Unit))
	}
	if web.Has(p.lang, key) {
		return p.t(key)
	}
	return capital(p.word("incident-of", string(first.Facts.What)))
}

// capital begins a title with a capital letter, in scripts that have them.
func capital(s string) string {
	c, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(c)) + s[n:]
}

// mainSum is the number an account is about: the first that it gives.
func (p *page) mainSum(e *corridor.Event) (corridor.Sum, bool) {
	if e.Count == nil || len(e.Count.Sums) == 0 || !p.may(e.Record, "count") {
		return corridor.Sum{}, false
	}
	return e.Count.Sums[0], true
}

// version is what one author says of an incident.
func (p *page) version(e *corridor.Event) web.Version {
	x := web.Version{By: p.label(e.Says), Basis: string(e.Facts.Basis), Record: e.Record.String()}
	if via := p.outlet(e.Record, e.Says); via != "" {
		x.By = p.t("said_through", "by", x.By, "through", via)
	}
	if s, ok := p.mainSum(e); ok {
		public := p.published(e.Record)
		x.Value, x.Text = p.sum(s, public), p.cells(s, public)
		for _, other := range e.Count.Sums[1:] {
			x.Text = joined(p.t("comma"), x.Text, joined(" ", web.Amount(p.lang, p.sum(other, public)), p.cells(other, public)))
		}
	}
	if n := p.narrative(e.Record); n != nil && x.Text == "" {
		x.Words, x.Lang = n.Text, n.Lang
	}
	x.Blames = p.actorsAs(e, "alleged-author")
	return x
}

// actorsAs lists the actors that an account gives a part.
func (p *page) actorsAs(e *corridor.Event, as corridor.Part) string {
	if e.Who == nil || !p.may(e.Record, "who") {
		return ""
	}
	var list []corridor.ActorID
	for _, a := range e.Who.Actors {
		if a.As == as {
			list = append(list, a.Actor)
		}
	}
	return p.labels(list)
}

// rank orders the bases by how close they are to what happened.
var rank = map[corridor.Basis]int{corridor.Observed: 0, corridor.Heard: 1, corridor.Sensor: 2, corridor.Document: 3, corridor.Reported: 4}

// best is the closest basis of any standing account by somebody of the mission. What a party
// saw the mission did not see: to the mission it is reported.
func (p *page) best(i corridor.Incidental) string {
	best := corridor.Basis("")
	for _, e := range i.Accounts {
		if !p.may(e.Record, "facts") || len(p.v.Findings(e.Index)) > 0 {
			continue
		}
		b := e.Facts.Basis
		roles := p.now.Authority().Roles(e.Says)
		if !slices.Contains(roles, corridor.Observer) && !slices.Contains(roles, corridor.Office) && b != corridor.Document {
			b = corridor.Reported
		}
		if best == "" || rank[b] < rank[best] {
			best = b
		}
	}
	return string(best)
}

// covered says whether somebody of the mission was at the place at the time.
func (p *page) covered(e *corridor.Event) string {
	if !p.hasPlace(e) {
		return ""
	}
	return string(p.v.Watch(*e.Where.Place, e.Facts.When))
}

// listedIn are the reports that list an account of an incident.
func (p *page) listedIn(i corridor.Incidental) []web.Line {
	var list []web.Line
	for _, r := range p.v.Reports() {
		if !p.may(r.Record, "facts") {
			continue
		}
		for _, s := range r.Facts.Sections {
			has := func(e *corridor.Event) bool { return slices.Contains(s.Records, e.Record) }
			if s.Name == "incidents" && (slices.ContainsFunc(i.Accounts, has) || slices.ContainsFunc(i.Past, has)) {
				list = append(list, web.Line{Name: p.reportName(r.Facts), Link: p.past("/reports/" + r.Record.String())})
			}
		}
	}
	return list
}

// reportName is what a report is called.
func (p *page) reportName(f corridor.ReportFacts) string {
	return p.t("report.name", "series", p.series(f.Series), "number", int(f.Number))
}

// series is the name of a series of reports.
func (p *page) series(name string) string {
	if key := "series." + name; web.Has(p.lang, key) {
		return p.t(key)
	}
	return p.t("series.other", "name", name)
}

// event is one account of an incident, as its author signed it.
func (p *page) event(e *corridor.Event) web.Account {
	x := web.Account{
		By: p.label(e.Says), Via: p.came(e.By, e.Says, e.Facts.Via), Basis: string(e.Facts.Basis), When: p.moment(e.Facts.When),
		Place: p.where(e.Record, e.Where),
	}
	x.Figures = p.counted(e.Record, e.Count, web.Figure{By: x.By, Basis: x.Basis, CutOff: x.When, Record: e.Record.String()})
	if e.Who != nil && p.may(e.Record, "who") {
		for _, a := range e.Who.Actors {
			if a.As == "alleged-author" {
				x.Says = append(x.Says, web.Attributed{Value: web.Value{Kind: "words", Words: p.label(a.Actor)}})
			}
		}
	}
	p.standing(&x, e.Record, e.Index)
	return x
}

// standing fills in what every account has: its words, source, findings, disputes and whether
// its author still stands by it.
func (p *page) standing(x *web.Account, h record.Hash, index int64) {
	x.Record, x.Index = h.String(), int(index)
	x.Findings, x.Disputed = p.findings(index), len(p.v.Disputed(h))
	switch erased, ok := p.v.Erased(h, "narrative"); {
	case ok:
		x.Text = web.Quote{Text: p.t("partstate.erased"), Hash: erased.String()}
	default:
		if n := p.narrative(h); n != nil {
			x.Text = web.Quote{Text: n.Text, Lang: n.Lang}
			x.Source = p.source(n.Sources)
		}
	}
	for _, c := range p.v.Corrections(h) {
		if !c.Own || c.Listed || !p.may(c.Record, "facts") {
			continue
		}
		if c.Kind == nil {
			x.Withdrawn = true
		} else {
			x.Corrected = c.Record.String()
		}
	}
}

// related are the words that stand beside a record and are neither disputes nor replies.
func (p *page) related(h record.Hash) []web.Related {
	var list []web.Related
	for _, k := range []corridor.Kind{corridor.KindReservation, corridor.KindDissent} {
		for _, q := range p.words(p.v.Beside(h, k)) {
			list = append(list, web.Related{Kind: string(k), Quote: q, Link: "/records/" + q.Hash})
		}
	}
	for _, c := range p.v.Corrections(h) {
		if c.Own && p.may(c.Record, "facts") {
			list = append(list, web.Related{Kind: string(corridor.KindCorrection), Link: link(c.Record), Quote: web.Quote{Text: p.word("correction-reason", string(c.Reason)), By: p.label(c.By), Hash: c.Record.String()}})
		}
	}
	return list
}
