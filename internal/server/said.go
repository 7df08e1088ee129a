package server

import (
	"net/http"
	"slices"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/record"
	"corridor.example/corridor/web"
)

// saidPage lists the statements that are held against the record, in equal form.
func (s *Server) saidPage(w http.ResponseWriter, r *http.Request, n *node.Node) error {
	return s.show(w, r, n, "said", func(p *page) (any, error) {
		x := web.Said{Frame: p.frame()}
		for _, said := range p.v.Statements() {
			if p.may(said.Record, "facts") {
				x.Statements = append(x.Statements, p.statementLine(said))
			}
		}
		return x, nil
	})
}

// statementPage is one statement, claim by claim, with what the log has beside each.
func (s *Server) statementPage(w http.ResponseWriter, r *http.Request, n *node.Node) error {
	h, err := record.ParseHash(r.PathValue("hash"))
	if err != nil {
		return errNotFound
	}
	return s.show(w, r, n, "statement", func(p *page) (any, error) {
		said, ok := p.v.Statement(h)
		if !ok {
			return nil, errNotFound
		}
		if !p.may(h, "facts") {
			return nil, errNotReleased
		}
		return p.statement(said), nil
	})
}

func (p *page) statement(said corridor.Said) web.Statement {
	x := web.Statement{
		Frame: p.frame(), Statement: p.statementLine(said), Record: said.Record.String(),
		Replies: p.quotes(said.Replies), Disputes: p.quotes(said.Disputes),
	}
	texts := p.texts(said.Record)
	if texts != nil {
		if s := p.source(texts.Sources); s != nil {
			x.Source = *s
		}
	}
	if f := said.Facts; f.SHA256 != nil && x.Source.SHA256 == "" {
		x.Source.SHA256 = f.SHA256.String()
	}
	if v := said.Facts.Via; v != nil {
		x.Occasion = p.via(said.By, v)
	}
	if said.Withdrawn {
		x.Occasion = joined(p.t("sep"), x.Occasion, p.t("account.withdrawn"))
	}
	for _, c := range said.Claims {
		x.Claims = append(x.Claims, p.claim(said, c, texts))
	}
	return x
}

// quotes are words that stand beside a record.
func (p *page) quotes(list []corridor.Word) []web.Quote { return p.words(list) }

// texts are the words of a statement's claims, nil if they may not be read here.
func (p *page) texts(h record.Hash) *corridor.StatementNarrative {
	var n corridor.StatementNarrative
	if !p.part(h, "narrative", &n) {
		return nil
	}
	return &n
}

// statementTitle is what a statement is called: the title of the text it stands in.
func (p *page) statementTitle(h record.Hash) string {
	if n := p.texts(h); n != nil && len(n.Sources) > 0 && n.Sources[0].Title != "" {
		return n.Sources[0].Title
	}
	return p.entry(h)
}

func (p *page) statementLine(said corridor.Said) web.StatementLine {
	f := said.Facts
	x := web.StatementLine{
		Title: p.statementTitle(said.Record), Link: p.past("/said/" + said.Record.String()), Speaker: p.speakers(said),
		When: p.moment(said.When), Inferred: f.Inferred, Claims: len(f.Claims),
	}
	if f.When == nil {
		x.When = p.date(f.Published)
	}
	if f.Outlet != nil {
		x.Outlet = p.label(*f.Outlet)
	}
	n := map[corridor.ClaimState]int{}
	for _, c := range said.Claims {
		n[p.readableOf(c).State]++
	}
	for _, state := range []corridor.ClaimState{corridor.HasAccounts, corridor.HasNone, noneReadable, corridor.OutsideCoverage, corridor.NoRecordCould} {
		if n[state] > 0 {
			x.Held = append(x.Held, web.Tally{Relation: string(state), N: n[state]})
		}
	}
	return x
}

// speakers names who made a statement; where several are named for its claims, all of them.
func (p *page) speakers(said corridor.Said) string {
	if s := said.Facts.Speaker; s != nil {
		return p.label(*s)
	}
	var list []corridor.ActorID
	for _, c := range said.Facts.Claims {
		if c.Speaker != nil && !slices.Contains(list, *c.Speaker) {
			list = append(list, *c.Speaker)
		}
	}
	if len(list) == 0 {
		return p.t("said.nobody_named")
	}
	return p.labels(list)
}

// noneReadable is the state of a claim where whatever the log has may not be read here.
const noneReadable corridor.ClaimState = "none-readable"

// readableOf is a claim with the ties that the reader may read, and the state they give.
func (p *page) readableOf(c corridor.SaidClaim) corridor.SaidClaim {
	sealed := func(j corridor.Joining) bool { return !p.may(j.Link, "facts") }
	had := len(c.For) + len(c.Against) + len(c.Context) + len(c.Outside)
	for _, list := range []*[]corridor.Bearing{&c.For, &c.Against, &c.Context} {
		var kept []corridor.Bearing
		for _, b := range *list {
			if b.Joined = slices.DeleteFunc(slices.Clone(b.Joined), sealed); len(b.Joined) > 0 {
				kept = append(kept, b)
			}
		}
		*list = kept
	}
	c.Outside = slices.DeleteFunc(slices.Clone(c.Outside), sealed)
	if c.State == corridor.NoRecordCould || len(c.For)+len(c.Against)+len(c.Context)+len(c.Outside) == had {
		return c
	}
	switch {
	case len(c.For)+len(c.Against)+len(c.Context) > 0:
		c.State = corridor.HasAccounts
	case len(c.Outside) > 0:
		c.State = corridor.OutsideCoverage
	default:
		c.State = noneReadable
	}
	return c
}

// claim is one claim with what the log has beside it.
func (p *page) claim(said corridor.Said, c corridor.SaidClaim, texts *corridor.StatementNarrative) web.SaidClaim {
	c = p.readableOf(c)
	x := web.SaidClaim{Number: int(c.N), Bears: string(c.Bears), Record: said.Record.String()}
	x.Text = web.Quote{Voice: string(c.Voice), Text: p.t("partstate.sealed")}
	if _, erased := p.v.Erased(said.Record, "narrative"); erased {
		x.Text.Text = p.t("partstate.erased")
	}
	if texts != nil {
		x.Text.Text, x.Text.Lang = texts.In(c.N, p.lang)
	}
	switch {
	case c.Speaker != nil:
		x.Text.By = p.label(*c.Speaker)
	case c.Voice == corridor.OutletsOwn && said.Facts.Outlet != nil:
		x.Text.By = p.label(*said.Facts.Outlet)
	}
	for _, list := range []struct {
		as corridor.LinkAs
		of []corridor.Bearing
	}{{corridor.BearsFor, c.For}, {corridor.Against, c.Against}, {corridor.Context, c.Context}} {
		for _, b := range list.of {
			x.Has = append(x.Has, p.bearing(string(list.as), b))
		}
	}
	for _, j := range c.Outside {
		x.Has = append(x.Has, p.outside(j))
	}
	if c.State != corridor.HasAccounts {
		x.Nothing = string(c.State)
	}
	return x
}

// bearing is an account that somebody ties to a claim. It is the tie that can be disputed.
func (p *page) bearing(relation string, b corridor.Bearing) web.Bearing {
	x := web.Bearing{Relation: relation, Link: p.pageOf(b.Record), Text: joined(p.t("colon"), p.word("kind", string(b.Kind)), p.gist(b.Record)), By: p.author(b.Record, b.By)}
	if !p.may(b.Record, "facts") {
		x.Text, x.By = p.t("partstate.sealed"), ""
	}
	var by []corridor.ActorID
	for i, j := range b.Joined {
		if !slices.Contains(by, j.By) {
			by = append(by, j.By)
		}
		x.Disputed += len(j.Disputes)
		if i == 0 {
			x.Record, x.Reason = j.Link.String(), string(j.Reason)
		}
	}
	x.Tied = p.labels(by)
	return x
}

// outside is a record that says that nobody of the mission was there.
func (p *page) outside(j corridor.Joining) web.Bearing {
	x := web.Bearing{Relation: string(corridor.NotCovered), Tied: p.label(j.By), Reason: string(j.Reason), Record: j.Link.String(), Disputed: len(j.Disputes), Text: p.t("coverage.absent")}
	for i, h := range j.Records {
		if i == 0 {
			x.Link = p.pageOf(h)
			x.Text = joined(p.t("colon"), p.entry(h), p.gist(h))
		}
	}
	return x
}

// author is whose account a record is: of whoever signed it, or from whom they had it.
func (p *page) author(h record.Hash, by corridor.ActorID) string {
	e, _ := p.now.Find(h)
	switch e.Kind {
	case corridor.KindFigure:
		if f, ok := facts[corridor.FigureFacts](p, h); ok {
			by = f.Author
		}
	case corridor.KindStatement:
		if said, ok := p.v.Statement(h); ok && p.may(h, "facts") {
			return p.speakers(said)
		}
	default:
		c := p.common(h)
		if c.Act != nil {
			by = c.Act.Of
		}
		if c.Via != nil && c.Via.From != nil {
			by = *c.Via.From
		}
	}
	return p.label(by)
}

// pageOf is where a record is told: a page of its own for some kinds, else the record's.
func (p *page) pageOf(h record.Hash) string {
	if s, ok := p.shownOn(h); ok {
		return s.Link
	}
	return link(h)
}

// shownOn is the page that tells what a record is about, if there is one beside the record's.
func (p *page) shownOn(h record.Hash) (web.Line, bool) {
	e, ok := p.v.Find(h)
	if !ok || !p.may(h, "facts") {
		return web.Line{}, false
	}
	switch e.Kind {
	case corridor.KindIncident:
		return web.Line{Name: p.t("nav.incidents"), Link: p.past("/incidents/" + h.String())}, true
	case corridor.KindStatement:
		return web.Line{Name: p.t("nav.said"), Link: p.past("/said/" + h.String())}, true
	case corridor.KindReport:
		return web.Line{Name: p.t("nav.reports"), Link: p.past("/reports/" + h.String())}, true
	}
	if a, ok := p.v.Account(h); ok && a.Convoy != nil {
		return web.Line{Name: p.t("convoy.title", "name", string(*a.Convoy)), Link: p.past("/convoys/" + string(*a.Convoy))}, true
	}
	return web.Line{}, false
}
