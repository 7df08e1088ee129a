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
const homeIncidents = 3

// homePage is the first screen: the whole mission without a click.
func (s *Server) homePage(w http.ResponseWriter, r *http.Request, n *node.Node) error {
	return s.show(w, r, n, "home", func(p *page) (any, error) {
		return web.Home{
			Frame: p.frame(), Balance: p.balance(), Holds: p.holds(p.v.Holds()), Totals: p.totals(),
			Incidents: p.askedAbout(), Coverage: p.coverage(nil), Clocks: p.clocks(),
		}, nil
	})
}

// askedAbout are the incidents that the first screen tells: those told in the most versions,
// which everybody asks about, then those disputed most, then the earliest.
func (p *page) askedAbout() []web.Incidence {
	all := p.incidents(p.v.Incidents())
	slices.SortStableFunc(all, func(a, b web.Incidence) int {
		return cmp.Or(cmp.Compare(len(b.Versions), len(a.Versions)), cmp.Compare(b.Disputed, a.Disputed), a.When.From.Compare(b.When.From))
	})
	return all[:min(homeIncidents, len(all))]
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
	x.Where = joined(p.t("sep"), append([]string{p.halted(h)}, places...)...)
	x.Link = link(h.ID)
	return x, ok
}

// halted says what stood still.
func (p *page) halted(h corridor.Standstill) string {
	if h.All() {
		return p.t("hold.everything")
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

// reasons are those one account of a hold gives, one line for each who stated any.
func (p *page) reasons(a corridor.Halted) []web.Reason {
	if len(a.Facts.Stated) == 0 {
		return []web.Reason{{By: p.label(a.Says), None: true, Record: a.Record.String()}}
	}
	var list []web.Reason
	at := map[string]int{}
	for _, s := range a.Facts.Stated {
		by := p.t("hold.by_nobody_known")
		if s.By != nil {
			by = p.label(*s.By)
		}
		if a.Says != a.By && s.By != nil && *s.By != a.Says {
			by = p.t("said_through", "by", by, "through", p.label(a.Says))
		}
		i, seen := at[by]
		if !seen {
			i = len(list)
			at[by] = i
			list = append(list, web.Reason{By: by, Record: a.Record.String()})
		}
		switch s.Reason {
		case corridor.NoneStated:
			list[i].None = list[i].Text == ""
		case "other":
			if n := p.narrative(a.Record); n != nil && list[i].Text == "" {
				list[i].Text, list[i].Lang = n.Text, n.Lang
				break
			}
			fallthrough
		default:
			list[i].None = false
			list[i].Text = joined(p.t("comma"), list[i].Text, p.word("holdreason", string(s.Reason)))
		}
	}
	return list
}
