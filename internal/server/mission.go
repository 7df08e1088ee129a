package server

import (
	"net/http"
	"slices"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/record"
	"corridor.example/corridor/web"
)

// missionPage is the mandate in plain words.
func (s *Server) missionPage(w http.ResponseWriter, r *http.Request, n *node.Node) error {
	return s.show(w, r, n, "mission", func(p *page) (any, error) {
		founder := p.v.Founder()
		x := web.Mission{
			Frame: p.frame(), Origin: p.terms.Origin, Key: p.terms.LogKey, Card: p.s.cfg.Card, Record: founder.String(),
			Consent: p.consent(), Schedule: p.clocks(),
		}
		if !p.may(founder, "facts") {
			return x, nil // who founded a mission that nobody may know of says so in its table
		}
		x.Purpose = p.quote(founder, p.by(founder), p.time(p.v.Entry(0).At))
		x.Clauses, x.Agreements = p.clauses(), p.agreements()
		x.Actors, x.Voices = p.actors()
		x.Disclosure, x.Places, x.Rules, x.Amendments = p.disclosure(), p.allPlaces(), p.rules(), p.amendments()
		return x, nil
	})
}

// clauses are what the mandate watches and who may sign what.
func (p *page) clauses() []web.Line {
	t := p.terms
	days := p.t("mission.days_open", "from", p.day(t.From))
	if t.To != nil {
		days = p.t("mission.days", "from", p.day(t.From), "to", p.day(*t.To))
	}
	list := []web.Line{{Name: p.t("mission.when"), Text: days}}
	for _, l := range t.Legs {
		by := ""
		if len(l.By) > 0 {
			by = p.t("mission.by", "places", p.places(l.By))
		}
		list = append(list, web.Line{Name: l.Label.In(p.lang), Text: joined(p.t("comma"), p.t("place.to", "from", p.place(l.From), "to", p.place(l.To)), by)})
	}
	kinds := p.t("mission.every_incident")
	if len(t.Incidents) > 0 {
		var words []string
		for _, i := range t.Incidents {
			words = append(words, p.word("incident-of", string(i)))
		}
		kinds = joined(p.t("comma"), words...)
	}
	list = append(list, web.Line{Name: p.t("mission.watched"), Text: kinds})
	for _, m := range t.May {
		list = append(list, web.Line{Name: p.t("mission.may", "role", p.word("role", string(m.Role))), Text: p.kindNames(m.Kinds)})
	}
	return append(list, p.recordable()...)
}

// kindNames names kinds of record.
func (p *page) kindNames(kinds []corridor.Kind) string {
	if len(kinds) == len(corridor.Kinds()) {
		return p.t("mission.every_kind")
	}
	var words []string
	for _, k := range kinds {
		words = append(words, p.word("kind", string(k)))
	}
	return joined(p.t("comma"), words...)
}

// recordable says which acts the office may enter for somebody else, and what they then count
// for.
func (p *page) recordable() []web.Line {
	var list []web.Line
	kinds := map[string][]corridor.Kind{}
	for _, r := range p.terms.Recorded {
		text := p.t("mission.recorded_only")
		switch {
		case r.Counts && r.Countersign:
			text = p.t("mission.recorded_countersigned")
		case r.Counts:
			text = p.t("mission.recorded_counts")
		}
		if kinds[text] == nil {
			list = append(list, web.Line{Text: text})
		}
		kinds[text] = append(kinds[text], r.Kind)
	}
	for i := range list {
		list[i].Name = p.t("mission.recorded", "kind", p.kindNames(kinds[list[i].Text]))
	}
	return list
}

// actors are those the mandate names, and how each came under it.
func (p *page) actors() (list []web.Actor, voices []string) {
	acceded := p.v.Acceded(p.v.Founder())
	for _, a := range p.terms.Actors {
		if slices.Equal(a.Roles, []corridor.Role{corridor.Voice}) {
			voices = append(voices, a.Label.In(p.lang))
			continue
		}
		x := web.Actor{Label: a.Label.In(p.lang), State: "none"}
		for _, r := range a.Roles {
			x.Roles = append(x.Roles, string(r))
		}
		if len(a.Keys) > 0 && a.Keys[0].Public() != nil {
			x.Key = a.Keys[0].Fingerprint().String()
		}
		for _, c := range acceded {
			if c.Act.Of != a.ID || !p.may(c.Record, "facts") {
				continue
			}
			x.State, x.Record = "acceded", c.Record.String()
			if c.Recorded {
				x.State, x.On = "recorded", p.label(c.By)
			}
		}
		list = append(list, x)
	}
	return list, voices
}

// agreements are the texts, what they oblige to, and whom they bind.
func (p *page) agreements() []web.Agreement {
	var list []web.Agreement
	number := 0 // as on the balance
	for _, a := range p.v.Balance().Agreements {
		if !p.may(a.Record, "facts") {
			continue
		}
		x := web.Agreement{Title: p.textTitle(a.Record), When: p.moment(a.When), Link: link(a.Record)}
		if x.Title == "" {
			x.Title = p.entry(a.Record)
		}
		var bound []corridor.ActorID
		for _, c := range a.Accessions {
			if c.Counts && !slices.Contains(bound, c.Act.Of) {
				bound = append(bound, c.Act.Of)
			}
		}
		for _, id := range bound {
			x.Bound = append(x.Bound, p.label(id))
		}
		alike := map[[2]string]int{} // in how many readings a clause reads so
		for _, r := range a.Readings {
			for _, d := range r.Duties {
				alike[[2]string{string(d.Clause), p.obligation(d)}]++
			}
		}
		for _, r := range a.Readings {
			number++
			for i, d := range r.Duties {
				clause := web.Line{Name: string(d.Clause), Text: p.obligation(d)}
				same := func(l web.Line) bool { return l.Name == clause.Name && l.Text == clause.Text }
				switch n := alike[[2]string{clause.Name, clause.Text}]; {
				case n < len(a.Readings):
					clause.Name = p.t("mission.clause_in", "clause", clause.Name, "number", number)
					x.Clauses = append(x.Clauses, clause)
				case !slices.ContainsFunc(x.Clauses, same):
					x.Clauses = append(x.Clauses, clause)
				}
				y := p.duty(a, d)
				y.Number = number
				if i == 0 {
					y.Text = joined(p.t("sep"), p.held(a, r), y.Text)
				}
				x.Reading = append(x.Reading, y)
			}
		}
		list = append(list, x)
	}
	return list
}

// obligation is who leaves from where to where, by one clause.
func (p *page) obligation(d corridor.Duty) string {
	where := p.place(d.From)
	if d.To != nil {
		where = p.t("place.to", "from", p.place(d.From), "to", p.place(*d.To))
	}
	who := ""
	if d.Who != corridor.NotDistinguished {
		who = p.word("category", string(d.Who))
	}
	return joined(p.t("comma"), where, who, p.clause(d))
}

// disclosure is the table of who may read what, when.
func (p *page) disclosure() []web.DisclosureRow {
	any := func(name string) string {
		if name == "*" {
			return "any"
		}
		return name
	}
	var list []web.DisclosureRow
	for _, r := range p.terms.Disclosure {
		x := web.DisclosureRow{Kind: any(r.Kind), Part: any(r.Part), Open: string(r.Open), Closed: string(r.Closed), Later: string(r.After)}
		if r.Latest != nil {
			x.Latest = web.Lasting(p.lang, int(*r.Latest))
		}
		list = append(list, x)
	}
	return list
}

// allPlaces are the places of the mandate with all their spellings.
func (p *page) allPlaces() []web.Place {
	var list []web.Place
	for _, x := range p.terms.Places {
		list = append(list, web.Place{Name: x.Label.In(p.lang), Aliases: x.Aliases, Role: p.word("place-role", x.Role)})
	}
	return list
}

// rules are the mandate's other terms.
func (p *page) rules() []web.Line {
	t := p.terms
	minutes := func(n int64) string { return web.Lasting(p.lang, int(n)) }
	phase := p.t("rule.each_convoy")
	if t.Release.WholeMission {
		phase = p.t("rule.whole_mission")
	}
	list := []web.Line{
		{Name: p.t("rule.day"), Text: p.t("rule.day_text", "zone", zoneLabel(p, t.Zone))},
		{Name: p.t("rule.release"), Text: joined(p.t("comma"), minutes(t.Release.Delay), phase)},
		{Name: p.t("rule.tick"), Text: p.t("rule.seconds", "n", int(t.Tick))},
		{Name: p.t("rule.lodged"), Text: minutes(t.Lodged / 60)},
	}
	if policy, err := t.Policy(); err == nil {
		list = append(list, web.Line{Name: p.t("rule.quorum"), Text: policy.Rule()})
	}
	if len(t.Amend.Of) > 0 {
		list = append(list, web.Line{Name: p.t("rule.amend"), Text: p.quorum(t.Amend)})
	}
	for _, q := range t.Quotas {
		list = append(list, web.Line{Name: p.t("rule.quota", "class", p.word("class", string(q.Class))), Text: p.t("records.count", "n", int(q.PerDay))})
	}
	if t.Retention.Days > 0 {
		list = append(list, web.Line{Name: p.t("rule.retention"), Text: p.t("span.days", "n", int(t.Retention.Days))})
	}
	if t.Retention.Archive != nil {
		list = append(list, web.Line{Name: p.t("rule.archive"), Text: p.label(*t.Retention.Archive)})
	}
	if s := t.Succeeds; s != nil {
		list = append(list, web.Line{Name: p.t("rule.succeeds"), Text: joined(p.t("comma"), s.Origin, p.t("records.count", "n", int(s.Size)))})
	}
	return append(list, web.Line{Name: p.t("rule.edition"), Text: p.number(t.Edition)})
}

// zoneLabel is what a zone of the mandate is called.
func zoneLabel(p *page, z corridor.Zone) string {
	if web.Has(p.lang, "zone."+z.Name) {
		return p.t("zone." + z.Name)
	}
	if l := z.Label.In(p.lang); l != "" {
		return l
	}
	return z.Name
}

// amendments are the records that restate the mandate's terms.
func (p *page) amendments() []web.Line {
	var hashes []record.Hash
	for _, h := range p.v.Of(corridor.ClassAuthority, 0, p.v.Size()) {
		if e, ok := p.v.Find(h); ok && e.Kind == corridor.KindAmendment && p.may(h, "header") {
			hashes = append(hashes, h)
		}
	}
	return p.lines(hashes)
}
