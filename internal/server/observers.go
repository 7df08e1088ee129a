package server

import (
	"cmp"
	"net/http"
	"slices"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/record"
	"corridor.example/corridor/web"
)

// observersPage shows who admitted whom, what each recorded, and where nobody was.
func (s *Server) observersPage(w http.ResponseWriter, r *http.Request, n *node.Node) error {
	return s.show(w, r, n, "observers", func(p *page) (any, error) {
		x := web.Observers{Frame: p.frame(), Policy: p.consent(), Coverage: p.coverage(nil)}
		wrote := p.wrote()
		devices := map[record.Hash]bool{}
		for _, a := range p.v.Admissions() {
			if !p.may(a.Record, "header") {
				continue // that it is a nomination is not told either
			}
			key := a.Facts.Key.Fingerprint()
			devices[key] = true
			x.Observers = append(x.Observers, p.observer(a, wrote[key]))
		}
		x.Others = p.others(wrote, devices)
		return x, nil
	})
}

// consent is the mandate's rule for admitting observers, in words.
func (p *page) consent() []web.Line {
	c := p.terms.Consent
	of := p.t("consent.nobody")
	if len(c.Quorum.Of) > 0 {
		of = p.quorum(c.Quorum)
	}
	return web.ConsentLines(p.lang, web.Consent{
		Of: of, Window: int(c.Window), Silence: c.Silence, Object: c.Object, Revoke: c.Revoke, Lock: c.Lock,
	})
}

// quorum is k of several voters in words.
func (p *page) quorum(q corridor.Quorum) string {
	var of []string
	for _, v := range q.Of {
		if v.Group != nil {
			of = append(of, "("+p.quorum(*v.Group)+")")
		} else if v.Actor != nil {
			of = append(of, p.label(*v.Actor))
		}
	}
	return web.Quorum(p.lang, int(q.K), of)
}

// A writer is what one key has signed, as far as the reader may know.
type writer struct {
	by       corridor.ActorID
	kinds    map[corridor.Kind]int
	findings []web.Finding // one for each rule, at the first record that breaks it
}

// wrote returns what every key of the view has signed.
func (p *page) wrote() map[record.Hash]*writer {
	all := map[record.Hash]*writer{}
	for i := range p.v.Size() {
		e := p.v.Entry(i)
		if !p.may(e.Hash, "header") {
			continue
		}
		w := all[e.Key]
		if w == nil {
			w = &writer{by: e.By, kinds: map[corridor.Kind]int{}}
			all[e.Key] = w
		}
		w.kinds[e.Kind]++
		for _, f := range p.broken(e) {
			if !slices.ContainsFunc(w.findings, func(g web.Finding) bool { return g.Code == f.Code }) {
				f.Text, f.Link = p.entry(e.Hash), link(e.Hash)
				w.findings = append(w.findings, f)
			}
		}
	}
	return all
}

// observer is one nomination and what became of it.
func (p *page) observer(a corridor.Admission, w *writer) web.Observer {
	if !p.may(a.Record, "facts") {
		return web.Observer{Label: p.entry(a.Record), Note: p.t("partstate.sealed")}
	}
	x := web.Observer{
		Label: a.Facts.Label.In(p.lang), Role: string(corridor.Observer), State: string(a.State),
		Device: a.Facts.Key.Fingerprint().String(), Needed: int(a.Needed), Given: int(a.Given), Where: p.places(a.Facts.Places),
		Nominated: web.Act{By: p.label(a.By), State: "nominated", When: p.time(a.At), Record: a.Record.String()},
	}
	if x.Label == "" {
		x.Label = string(a.Facts.Observer)
	}
	if a.Facts.Of != nil {
		x.Note = p.t("observers.proposed_by", "by", p.label(*a.Facts.Of))
	}
	x.Findings = p.actFindings(a.Record, a.Findings)
	x.Acts = append(p.votes(a, &x), p.deployed(a, &x)...)
	if !p.whole(a) {
		x.State, x.Needed, x.Note = "", 0, joined(" ", x.Note, p.t("observers.not_whole"))
	}
	if w != nil {
		x.Records = p.kinds(w.kinds)
		x.Findings = append(x.Findings, w.findings...)
	}
	return x
}

// whole reports whether the reader may read every act of an admission.
func (p *page) whole(a corridor.Admission) bool {
	var acts []record.Hash
	for _, v := range a.Votes {
		acts = append(acts, v.Record)
	}
	for _, d := range a.Deployments {
		acts = append(acts, d.Record)
	}
	for _, r := range a.Revocations {
		acts = append(acts, r.Record)
	}
	for _, c := range a.Standdowns {
		acts = append(acts, c.Record)
	}
	for _, u := range a.Suspensions {
		acts = append(acts, u.Record)
	}
	return !slices.ContainsFunc(acts, func(h record.Hash) bool { return !p.may(h, "facts") })
}

// broken are the findings of a record whose facts the reader may read: they tell of these.
func (p *page) broken(e corridor.Entry) []web.Finding {
	if !p.may(e.Hash, "facts") {
		return nil
	}
	return p.findings(e.Index)
}

// votes are the answers to a nomination, and whoever was asked and gave none.
func (p *page) votes(a corridor.Admission, x *web.Observer) []web.Act {
	var list []web.Act
	silent := "silent"
	answered := map[corridor.ActorID]bool{}
	for _, v := range a.Votes {
		if !p.may(v.Record, "facts") {
			silent = "sealed" // whose answer it is is not told
			continue
		}
		answered[v.Act.Of] = true
		state := "objected"
		switch {
		case v.Silence:
			state = "lapsed"
		case v.Yes:
			state = "consented"
		}
		act := p.act(v.Act, v.By, v.Record, state, v.At)
		act.Reason = p.reason(v.Record, p.word("objection-reason", string(v.Reason)))
		list = append(list, p.answeredFor(act, v.Answered)...)
		x.Findings = append(x.Findings, p.actFindings(v.Record, v.Findings)...)
	}
	for _, voter := range a.Asked {
		if !answered[voter] {
			list = append(list, web.Act{By: p.label(voter), State: silent})
		}
	}
	return list
}

// deployed are the deployments, revocations and stand-downs of an observer in the order of the
// log.
func (p *page) deployed(a corridor.Admission, x *web.Observer) []web.Act {
	type at struct {
		index int64
		acts  []web.Act
	}
	var list []at
	for _, d := range a.Deployments {
		if p.may(d.Record, "facts") {
			x.Where = p.places(d.Facts.Places)
			x.Findings = append(x.Findings, p.actFindings(d.Record, d.Findings)...)
			list = append(list, at{d.Index, []web.Act{{By: p.label(d.By), State: "deployed", When: p.time(d.At), Record: d.Record.String(), Reason: p.reason(d.Record, "")}}})
		}
	}
	for _, r := range a.Revocations {
		if p.may(r.Record, "facts") {
			x.Findings = append(x.Findings, p.actFindings(r.Record, r.Findings)...)
			list = append(list, at{r.Index, p.answeredFor(p.revoked(r), r.Answered)})
		}
	}
	for _, u := range a.Suspensions {
		if p.may(u.Record, "facts") {
			state := "suspended"
			if u.Facts.Lifts {
				state = "lifted"
			}
			act := p.act(u.Facts.Act, u.By, u.Record, state, u.At)
			act.Reason = p.reason(u.Record, p.word("suspension-reason", string(u.Facts.Reason)))
			x.Findings = append(x.Findings, p.actFindings(u.Record, u.Findings)...)
			list = append(list, at{u.Index, []web.Act{act}})
		}
	}
	for _, c := range a.Standdowns {
		if p.may(c.Record, "facts") {
			x.Findings = append(x.Findings, p.actFindings(c.Record, c.Findings)...)
			list = append(list, at{c.Index, []web.Act{{By: p.label(c.By), State: "stood-down", When: p.time(c.At), Record: c.Record.String()}}})
		}
	}
	slices.SortFunc(list, func(a, b at) int { return cmp.Compare(a.index, b.index) })
	var acts []web.Act
	for _, one := range list {
		acts = append(acts, one.acts...)
	}
	return acts
}

// revoked is a revocation, with the convoys that keep their observer.
func (p *page) revoked(r corridor.Revoking) web.Act {
	act := p.act(r.Facts.Act, r.By, r.Record, "revoked", r.At)
	why := ""
	if r.Facts.Reason != nil {
		why = p.word("objection-reason", string(*r.Facts.Reason))
	}
	act.Reason = p.reason(r.Record, why)
	if len(r.Facts.Keeps) > 0 {
		act.Reason = joined(p.t("sep"), act.Reason, p.t("act.keeps", "convoys", p.callSigns(r.Facts.Keeps)))
	}
	return act
}

// act is what an office did, or what was recorded for it and on whose word.
func (p *page) act(a corridor.Act, by corridor.ActorID, h record.Hash, state string, at record.Time) web.Act {
	x := web.Act{By: p.label(a.Of), State: state, When: p.time(at), Record: h.String(), Signed: a.Of == by}
	if a.Of != by {
		x.On = p.label(by)
	}
	return x
}

// answeredFor is an act with who answered for it since, in its own line and in lines of theirs.
func (p *page) answeredFor(act web.Act, list []corridor.Standing) []web.Act {
	since := p.standings(list)
	for _, s := range since {
		act.Later = append(act.Later, web.Line{Name: p.word("act", s.State), Text: s.By})
	}
	return append([]web.Act{act}, since...)
}

// standings are who answered for a recorded act since.
func (p *page) standings(list []corridor.Standing) []web.Act {
	var acts []web.Act
	for _, s := range list {
		e := p.v.Entry(s.Index)
		acts = append(acts, web.Act{By: p.label(s.By), State: string(s.As), When: p.time(e.At), Record: e.Hash.String()})
	}
	return acts
}

// reason is why somebody did something: the code of the mission's list, and their words.
func (p *page) reason(h record.Hash, code string) string {
	if n := p.narrative(h); n != nil {
		return joined(p.t("sep"), code, n.Text)
	}
	return code
}

// actFindings are in what an authority record departs from the mandate.
func (p *page) actFindings(h record.Hash, found []corridor.Finding) []web.Finding {
	var list []web.Finding
	for _, f := range found {
		list = append(list, web.Finding{Code: f.Rule, Text: p.entry(h), Link: link(h)})
	}
	return list
}

// kinds counts records by kind, in words.
func (p *page) kinds(n map[corridor.Kind]int) []web.Line {
	var list []web.Line
	for _, k := range corridor.Kinds() {
		if n[k] > 0 {
			list = append(list, web.Line{Name: p.word("kind", string(k)), Text: p.number(int64(n[k]))})
		}
	}
	return list
}

// others are the actors of the mandate that signed records, in its order.
func (p *page) others(wrote map[record.Hash]*writer, devices map[record.Hash]bool) []web.Line {
	n := map[corridor.ActorID]int{}
	for key, w := range wrote {
		if !devices[key] {
			for _, k := range w.kinds {
				n[w.by] += k
			}
		}
	}
	var list []web.Line
	for _, a := range p.terms.Actors {
		if n[a.ID] == 0 {
			continue
		}
		list = append(list, web.Line{Name: p.label(a.ID), Text: joined(p.t("sep"), p.roles(a.Roles), p.t("records.count", "n", n[a.ID]))})
	}
	if n["node"] > 0 {
		list = append(list, web.Line{Name: p.label("node"), Text: p.t("records.count", "n", n["node"])})
	}
	return list
}

// roles are what an actor is in the mission, in words.
func (p *page) roles(list []corridor.Role) string {
	var words []string
	for _, r := range list {
		words = append(words, p.word("role", string(r)))
	}
	return joined(p.t("comma"), words...)
}
