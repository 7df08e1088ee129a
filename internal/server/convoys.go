package server

import (
	"cmp"
	"net/http"
	"slices"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/draw"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/record"
	"corridor.example/corridor/web"
)

// convoysPage lists what moved, leg by leg.
func (s *Server) convoysPage(w http.ResponseWriter, r *http.Request, n *node.Node) error {
	return s.show(w, r, n, "convoys", func(p *page) (any, error) {
		x := web.Convoys{Frame: p.frame(), Flow: p.flow(nil), Sealed: p.sealedMovements()}
		for _, l := range p.terms.Legs {
			x.Legs = append(x.Legs, web.ConvoyLeg{Name: p.leg(l.Letter), Convoys: p.convoyLines(l.Letter)})
		}
		return x, nil
	})
}

// sealedMovements counts the entries of class movement of which the reader may not read what
// they tell. How many convoys they are of is not told.
func (p *page) sealedMovements() (n int) {
	for i := range p.v.Size() {
		if e := p.v.Entry(i); e.Kind.Class() == corridor.ClassMovement && !p.may(e.Hash, "facts") {
			n++
		}
	}
	return n
}

// readableAccounts are the movement accounts of a convoy that the reader may read.
func (p *page) readableAccounts(c corridor.ConvoyID) []*corridor.Account {
	return slices.DeleteFunc(p.v.Accounts(c), func(a *corridor.Account) bool { return !p.may(a.Record, "facts") })
}

func (p *page) convoyLines(leg string) []web.ConvoyLine {
	var list []web.ConvoyLine
	for _, names := range p.v.Convoys() {
		if names[0].Leg() != leg {
			continue
		}
		if accounts := p.readableAccounts(names[0]); len(accounts) > 0 {
			list = append(list, p.convoyLine(names, accounts))
		}
	}
	list = append(list, p.unlinked(leg)...)
	slices.SortStableFunc(list, func(a, b web.ConvoyLine) int { return a.When.From.Compare(b.When.From) })
	return list
}

func (p *page) convoyLine(names []corridor.ConvoyID, accounts []*corridor.Account) web.ConvoyLine {
	c := names[0]
	x := web.ConvoyLine{
		Name: p.callSigns(names), Link: p.past("/convoys/" + string(c)), When: p.moment(accounts[0].When),
		State: p.convoyState(c), Accounts: len(accounts),
	}
	x.Left, x.Arrived, x.Open = p.moving(c, p.unit(c))
	for _, a := range accounts {
		x.Disputed += len(p.v.Disputed(a.Record))
	}
	return x
}

// moving is what left, arrived and is open of a convoy. Nothing is open where an end was not
// counted.
func (p *page) moving(c corridor.ConvoyID, u corridor.Unit) (left, arrived, open web.Value) {
	of := func(m corridor.Measure) web.Value {
		return p.figure(p.v.Figure(corridor.Line{Measure: m, Unit: u, Scope: string(c)}), "").Value
	}
	left, arrived, open = of(corridor.Left), of(corridor.Arrived), of(corridor.Open)
	if left.Kind == "none" || arrived.Kind == "none" {
		open = web.Value{Kind: "none", Unit: string(u)}
	}
	open.Uncounted = 0 // said of the figures it is made of
	return left, arrived, open
}

func (p *page) callSigns(names []corridor.ConvoyID) string {
	var s []string
	for _, n := range names {
		s = append(s, string(n))
	}
	return joined(p.t("comma"), s...)
}

// unit is what a convoy is told in: people if anybody counted them, else what was counted.
func (p *page) unit(c corridor.ConvoyID) corridor.Unit {
	for _, m := range []corridor.Measure{corridor.Left, corridor.Arrived, corridor.Passed} {
		for _, u := range allUnits {
			if p.v.Figure(corridor.Line{Measure: m, Unit: u, Scope: string(c)}).Known {
				return u
			}
		}
	}
	return corridor.People
}

// convoyState says how far a convoy has come, as far as the log as shown tells.
func (p *page) convoyState(c corridor.ConvoyID) string {
	if p.v.Figure(corridor.Line{Measure: corridor.TurnedBack, Unit: p.unit(c), Scope: string(c)}).Known {
		return "returned"
	}
	planned := true
	for _, a := range p.v.Accounts(c) {
		planned = planned && a.Kind == "plan"
	}
	if _, ok := p.v.Closed(c); ok {
		return "closed"
	} else if planned {
		return "planned"
	}
	return "open"
}

// unlinked are the movements of a leg for which nobody knows the call-sign, one line for each
// day and account: what several authors say is not added up here.
func (p *page) unlinked(leg string) []web.ConvoyLine {
	var list []web.ConvoyLine
	for _, a := range p.v.AllAccounts() {
		if a.Convoy != nil || a.Leg != leg || !p.may(a.Record, "facts") || !p.v.Stands(a) {
			continue
		}
		x := web.ConvoyLine{
			Name: joined(p.t("sep"), p.word("kind", string(a.Kind)), p.label(a.Says)), Link: link(a.Record), When: p.moment(a.When),
			Left: web.Value{Kind: "none"}, Arrived: web.Value{Kind: "none"}, Open: web.Value{Kind: "none"},
			State: "unlinked", Accounts: 1, Disputed: len(p.v.Disputed(a.Record)),
		}
		if a.Count != nil && len(a.Count.Sums) > 0 && p.may(a.Record, "count") {
			switch a.Kind {
			case corridor.KindDeparture:
				x.Left = p.sum(a.Count.Sums[0], p.published(a.Record))
			case corridor.KindArrival:
				x.Arrived = p.sum(a.Count.Sums[0], p.published(a.Record))
			}
		}
		list = append(list, x)
	}
	return list
}

// convoyPage is one convoy under any of its names.
func (s *Server) convoyPage(w http.ResponseWriter, r *http.Request, n *node.Node) error {
	var c corridor.ConvoyID
	if err := c.UnmarshalText([]byte(r.PathValue("id"))); err != nil {
		return errNotFound
	}
	return s.show(w, r, n, "convoy", func(p *page) (any, error) {
		i := slices.IndexFunc(p.v.Convoys(), func(names []corridor.ConvoyID) bool { return slices.Contains(names, c) })
		if i < 0 {
			return nil, errNotFound
		}
		names := p.v.Convoys()[i]
		accounts := p.readableAccounts(c)
		if len(accounts) == 0 {
			return nil, errNotFound // whether there is such a convoy is not told either
		}
		return p.convoy(names, accounts), nil
	})
}

func (p *page) convoy(names []corridor.ConvoyID, accounts []*corridor.Account) web.Convoy {
	c := names[0]
	x := web.Convoy{
		Frame: p.frame(), Name: p.callSigns(names), Leg: p.leg(c.Leg()), State: p.convoyState(c),
		Flow: p.flow(names), Differences: p.differencesOf(c),
	}
	if sealed := len(p.v.Accounts(c)) - len(accounts); sealed > 0 {
		x.Sealed = p.t("convoy.sealed", "n", sealed)
	}
	for _, m := range movements {
		if mv, ok := p.movement(m, c, accounts); ok {
			x.Movements = append(x.Movements, mv)
		}
	}
	for _, h := range p.v.Holds() {
		if slices.ContainsFunc(h.Convoys, func(n corridor.ConvoyID) bool { return slices.Contains(names, n) }) {
			x.Holds = append(x.Holds, p.holds([]corridor.Standstill{h})...)
		}
	}
	for _, i := range p.v.Incidents() {
		if e := p.first(i); e != nil && e.Facts.Convoy != nil && slices.Contains(names, *e.Facts.Convoy) {
			x.Incidents = append(x.Incidents, p.incidence(i))
		}
	}
	for _, l := range p.v.ConvoyLinks(names) {
		if p.may(l.Record, "facts") {
			x.Links = append(x.Links, p.tie(l))
		}
	}
	for _, a := range accounts {
		for _, q := range p.disputes(a.Record) {
			x.Disputes = append(x.Disputes, web.Related{Kind: "dispute", Quote: q, Link: "/records/" + q.Hash})
		}
	}
	return x
}

// tie is a record that says that convoys belong together.
func (p *page) tie(l corridor.Tie) web.Related {
	from, into := p.callSigns(l.Facts.Convoys), p.callSigns(l.Facts.Into)
	text := p.t("tie."+string(l.Facts.As), "convoys", from, "into", into)
	return web.Related{Kind: string(corridor.KindLink), Link: link(l.Record), Quote: web.Quote{
		Text: joined(p.t("comma"), text, p.word("link-reason", string(l.Facts.Reason))), By: p.label(l.By), Hash: l.Record.String(),
	}}
}

// movements are the kinds of what a convoy does, in the order in which it does them.
var movements = []struct {
	kind    corridor.Kind
	measure corridor.Measure
}{
	{"plan", corridor.Planned}, {"departure", corridor.Left}, {"passage", corridor.Passed},
	{"transfer", corridor.Transferred}, {"arrival", corridor.Arrived}, {"turnback", corridor.TurnedBack},
}

// movement is one thing that a convoy did, by every account of it.
func (p *page) movement(m struct {
	kind    corridor.Kind
	measure corridor.Measure
}, c corridor.ConvoyID, accounts []*corridor.Account) (x web.Movement, ok bool) {
	x = web.Movement{Kind: string(m.kind)}
	var places []string
	for _, a := range accounts {
		if a.Kind != m.kind {
			continue
		}
		x.Accounts = append(x.Accounts, p.account(a))
		if place := p.where(a.Record, a.Where); place != "" && !slices.Contains(places, place) {
			places = append(places, place)
		}
	}
	x.Place = joined(p.t("comma"), places...)
	x.Figure = web.Figure{Value: web.Value{Kind: "none"}}
	for _, u := range allUnits {
		if f := p.v.Figure(corridor.Line{Measure: m.measure, Unit: u, Scope: string(c)}); f.Known {
			x.Figure = p.figure(f, "")
			break
		}
	}
	return x, len(x.Accounts) > 0
}

// account is one account of a movement, as its author signed it.
func (p *page) account(a *corridor.Account) web.Account {
	x := web.Account{
		By: p.label(a.Says), Via: p.came(a.By, a.Says, a.Via), Basis: string(a.Basis), When: p.moment(a.When), Place: p.where(a.Record, a.Where),
	}
	x.Figures = p.counted(a.Record, a.Count, web.Figure{By: x.By, Basis: x.Basis, CutOff: x.When, Record: a.Record.String()})
	for _, u := range allUnits {
		for _, m := range movements {
			if m.kind != a.Kind || a.Convoy == nil {
				continue
			}
			for _, ad := range p.v.Adopted(corridor.Line{Measure: m.measure, Unit: u, Scope: string(*a.Convoy)}) {
				x.Adopted = x.Adopted || ad.Of == a.Record && p.mayAdopted(ad)
			}
		}
	}
	p.standing(&x, a.Record, a.Index)
	return x
}

// flow draws what left against what arrived, convoy by convoy; of all of them, or of one.
func (p *page) flow(only []corridor.ConvoyID) web.Drawing {
	var bands []draw.Band
	when := map[string]record.Time{}
	for _, names := range p.v.Convoys() {
		if only != nil && names[0] != only[0] {
			continue
		}
		accounts := p.readableAccounts(names[0])
		if len(accounts) == 0 {
			continue
		}
		b := p.band(names, accounts)
		when[b.Link] = accounts[0].When[0]
		bands = append(bands, b)
	}
	if len(bands) == 0 {
		return web.Drawing{}
	}
	slices.SortStableFunc(bands, func(a, b draw.Band) int { return cmp.Compare(when[a.Link], when[b.Link]) })
	return drawing(draw.Flow{
		Frame: p.drawn("flow", p.t("board.flow"), p.t("board.flow.sub")), Convoys: bands,
		Ends: [2]string{p.word("measure", "left"), p.word("measure", "arrived")},
		Head: []string{p.t("convoys.convoy"), p.word("measure", "left"), p.word("measure", "arrived"), p.word("measure", "open")},
	}, "")
}

// band draws one convoy. Only people have thickness: buses are not people.
func (p *page) band(names []corridor.ConvoyID, accounts []*corridor.Account) draw.Band {
	c, u := names[0], p.unit(names[0])
	left, arrived, open := p.moving(c, u)
	b := draw.Band{
		Name: p.callSigns(names), When: web.When(p.lang, p.moment(accounts[0].When)), Link: p.past("/convoys/" + string(c)),
		Left: thick(left, u), Arrived: thick(arrived, u), LeftText: p.ended(left, u), ArrivedText: p.ended(arrived, u),
	}
	if b.Left >= 0 && b.Arrived >= 0 && open.Kind != "none" {
		// What was handed over on the way neither arrived nor is open: only the latter is hatched.
		b.Left = max(0, b.Arrived+max(0, open.High))
		b.Arrived = max(b.Arrived, b.Left-min(0, open.High))
	}
	if open.Kind != "none" && apart(open) {
		b.OpenText = web.OpenText(p.lang, open)
	}
	return b
}

// ended is what stands at an end of a band: a number of people, or of what, where it is not
// people.
func (p *page) ended(v web.Value, u corridor.Unit) string {
	if u == corridor.People {
		return web.Print(p.lang, v)
	}
	v.Uncounted = 0
	return web.Amount(p.lang, v)
}

// apart reports whether a difference is one by every account: where the range takes in zero
// some accounts of both ends agree.
func apart(open web.Value) bool { return open.Low > 0 || open.High < 0 }

func thick(v web.Value, u corridor.Unit) int {
	if v.Kind == "none" || v.Kind == "withheld" || u != corridor.People {
		return -1
	}
	return max(0, v.Low)
}
