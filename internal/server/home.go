package server

import (
	"cmp"
	"net/http"
	"slices"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/web"
)

// homeIncidents is how many incidents the first screen tells whole; the others are a click away.
const homeIncidents = 1

// homePage is the first screen: the whole mission without a click.
func (s *Server) homePage(w http.ResponseWriter, r *http.Request, n *node.Node) error {
	return s.show(w, r, n, "home", func(p *page) (any, error) {
		x := web.Home{
			Frame: p.frame(), Balance: p.balance(), Holds: p.holds(p.v.Holds()), Totals: p.totals(),
			Coverage: p.coverage(nil), Clocks: p.clocks(),
		}
		x.Incidents, x.More = p.askedAbout()
		return x, nil
	})
}

// askedAbout are the incidents that the first screen tells, and how many others there are:
// those told in the most versions, which everybody asks about, then those disputed most, then
// the earliest.
func (p *page) askedAbout() (told []web.Incidence, more int) {
	all := p.incidents(p.v.Incidents())
	slices.SortStableFunc(all, func(a, b web.Incidence) int {
		return cmp.Or(cmp.Compare(len(b.Versions), len(a.Versions)), cmp.Compare(b.Disputed, a.Disputed), a.When.From.Compare(b.When.From))
	})
	told = all[:min(homeIncidents, len(all))]
	return told, len(all) - len(told)
}

// holds tells times in which nothing moved, each with every reason that anybody gave.
func (p *page) holds(all []corridor.Standstill) []web.Hold {
	var list []web.Hold
	for _, h := range all {
		if x, ok := p.hold(h); ok {
			list = append(list, x)
		}
	}
	return list
}

// hold tells one hold by the accounts of it that the reader may read; ok is false if there is
// none that stands.
func (p *page) hold(h corridor.Standstill) (x web.Hold, ok bool) {
	var places []string
	for _, a := range h.Accounts {
		if !p.may(a.Record, "facts") {
			continue
		}
		x.Reasons = append(x.Reasons, p.reasons(a)...)
		if place := p.where(a.Record, a.Where); place != "" && !slices.Contains(places, place) {
			places = append(places, place)
		}
		ok = true
	}
	when := corridor.Period{h.Began[0], h.Began[0]}
	if h.Ended != nil {
		when[1] = h.Ended[1]
	}
	x.When = p.moment(when)
	x.When.Open = h.Ended == nil
	if d := h.Lasted(p.clock); h.Ended != nil && d.Known && p.lasting(d.Low) != p.lasting(d.High) {
		x.Least, x.Most = int(d.Low/60), int(d.High/60)
	}
	x.Where = joined(p.t("sep"), append([]string{p.halted(h)}, places...)...)
	x.Link = link(h.ID)
	return x, ok
}

// lasting is a length of time in words, cut to what is worth telling apart.
func (p *page) lasting(seconds int64) string { return web.Lasting(p.lang, int(seconds/60)) }

// halted says what stood still.
func (p *page) halted(h corridor.Standstill) string {
	if h.All() {
		return p.t("scope.all")
	}
	var names []string
	for _, l := range h.Legs {
		names = append(names, p.leg(l))
	}
	for _, c := range h.Convoys {
		names = append(names, string(c))
	}
	return joined(p.t("comma"), names...)
}

// reasons are those one account of a hold gives, each with who gave it.
func (p *page) reasons(a corridor.Halted) []web.Reason {
	if len(a.Facts.Stated) == 0 {
		return []web.Reason{{By: p.label(a.Says), None: true, Record: a.Record.String()}}
	}
	var list []web.Reason
	for _, s := range a.Facts.Stated {
		x := web.Reason{Code: string(s.Reason), None: s.Reason == corridor.NoneStated, Record: a.Record.String()}
		if s.By != nil {
			x.By = p.label(*s.By)
		}
		if s.By == nil || *s.By != a.Says {
			x.Told = p.label(a.Says)
		}
		if n := len(list); n > 0 && !x.None && !list[n-1].None && s.Reason != "other" && list[n-1].Text == "" && list[n-1].By == x.By {
			list[n-1].Also = append(list[n-1].Also, x.Code)
			continue
		}
		if n := p.narrative(a.Record); s.Reason == "other" && n != nil {
			x.Text, x.Lang = n.Text, n.Lang
		}
		list = append(list, x)
	}
	return list
}
