package export

import (
	"slices"

	"corridor.example/corridor"
	"corridor.example/corridor/record"
)

// movements are the accounts of convoys in the order of the log, those that no longer stand and
// those that authority has something against among them.
func (x *Reading) movements() []*corridor.Account {
	var list []*corridor.Account
	for _, a := range x.View.AllAccounts() {
		if x.in(a.Index) && x.may(a.Record, "facts") {
			list = append(list, a)
		}
	}
	slices.SortFunc(list, func(a, b *corridor.Account) int { return int(a.Index - b.Index) })
	return list
}

// standing says whether an account is in the sums.
func (x *Reading) standing(a *corridor.Account) Cell {
	switch {
	case x.View.Summed(a):
		return text("summed")
	case x.View.Stands(a):
		return text("listed")
	}
	return text("restated")
}

var convoys = Table{"convoys", columns(
	"record", "#meta+id", "index", "#meta+log+index", "convoy", "#activity+id", "account", "#status+name",
	"departed", "#date+start", "arrived", "#date+end", "from", "#date+occurred+from", "to", "#date+occurred+to",
	"origin_pcode", "#loc+origin+code+v_pcodes", "origin", "#loc+origin+name", "dest_pcode", "#loc+dest+code+v_pcodes", "dest", "#loc+dest+name",
	"buses", "#item+vehicles+bus+num", "ambulances", "#item+vehicles+ambulance+num", "by", "#org+reporting+name", "basis", "#indicator+basis",
	"standing", "#status+standing", "disputes", "#status+dispute+num"), convoyRows}

// convoyRows are one row an account: several of one movement stand side by side.
func convoyRows(x *Reading, yield func([]Cell) bool) {
	for _, a := range x.movements() {
		var left, arrived Cell
		switch a.Kind {
		case corridor.KindDeparture:
			left = moment(a.When[0])
		case corridor.KindArrival:
			arrived = moment(a.When[1])
		}
		var from, fromCode, to, toCode Cell
		if l, ok := x.View.Terms().Leg(a.Leg); ok {
			_, from, fromCode, _ = x.place(l.From)
			_, to, toCode, _ = x.place(l.To)
		}
		if !yield([]Cell{text(a.Record.String()), number(a.Index), said(a.Convoy), text(a.Kind),
			left, arrived, moment(a.When[0]), moment(a.When[1]), fromCode, from, toCode, to,
			x.counted(a.Record, a.Count, corridor.Bus), x.counted(a.Record, a.Count, corridor.Ambulance),
			x.actor(a.Says), text(a.Basis), x.standing(a), x.disputed(a.Record)}) {
			return
		}
	}
}

var counts = Table{"counts", columns(
	"record", "#meta+id", "index", "#meta+log+index", "convoy", "#activity+id", "leg", "#activity+leg+id", "account", "#indicator+stage",
	"unit", "#indicator+unit", "category", "#affected+ind+type", "part", "#indicator+part", "people", "#affected+ind+num", "vehicles", "#item+vehicles+num",
	"meant", "#indicator+sharp", "method", "#indicator+method", "by", "#org+reporting+name", "occurred", "#date+occurred",
	"standing", "#status+standing"), countRows}

// countRows are one row for each total, cell and subset of each account.
func countRows(x *Reading, yield func([]Cell) bool) {
	for _, a := range x.movements() {
		row := func(u corridor.Unit, of, part Cell, n Cell, sharp corridor.Sharpness, m corridor.Method) bool {
			people, vehicles := n, Cell{}
			if u != "" && u != corridor.People && u != corridor.Patient {
				people, vehicles = Cell{}, n
			}
			return yield([]Cell{text(a.Record.String()), number(a.Index), said(a.Convoy), text(a.Leg), text(a.Kind), text(u), of, part,
				people, vehicles, text(sharp), text(m), x.actor(a.Says), moment(a.When[0]), x.standing(a)})
		}
		if why := x.sealed(a); why != "" {
			if !row("", Cell{}, Cell{}, withheld(why), "", "") {
				return
			}
			continue
		}
		for _, s := range a.Count.Sums {
			p := open(s)
			if x.public(s.Unit) {
				p = s.Public()
			}
			if !row(s.Unit, Cell{}, text("total"), shown(p.Total), p.Sharp, p.Method) {
				return
			}
			for _, c := range p.Cells {
				if !row(s.Unit, text(c.Of), text("cell"), shown(c), p.Sharp, p.Method) {
					return
				}
			}
			for _, c := range p.OfWhich {
				if !row(s.Unit, text(c.Of), text("of-which"), shown(c), p.Sharp, p.Method) {
					return
				}
			}
		}
	}
}

// sealed says why the count of an account is not told, "" if it is.
func (x *Reading) sealed(a *corridor.Account) Reason {
	switch {
	case !x.may(a.Record, "count"):
		return Sealed
	case a.Count == nil:
		return NotHere
	}
	return ""
}

var incidents = Table{"incidents", columns(
	"record", "#meta+id", "index", "#meta+log+index", "type", "#event+type", "convoy", "#activity+id", "occurred", "#date+occurred", "until", "#date+occurred+end",
	"reported", "#date+reported", "pcode", "#loc+code+v_pcodes", "place", "#loc+name", "lat", "#geo+lat", "lon", "#geo+lon",
	"alleged", "#group+name+alleged", "killed", "#impact+killed+num", "injured", "#impact+injured+num", "basis", "#indicator+basis", "by", "#org+reporting+name",
	"disputes", "#status+dispute+num", "standing", "#status+standing", "description", "#description", "language", "#description+lang", "source", "#meta+source"), incidentRows}

func incidentRows(x *Reading, yield func([]Cell) bool) {
	events := slices.DeleteFunc(x.View.Events(), func(e *corridor.Event) bool { return !x.in(e.Index) || !x.may(e.Record, "facts") })
	slices.SortFunc(events, func(a, b *corridor.Event) int { return int(a.Index - b.Index) })
	for _, e := range events {
		_, name, code, _ := x.where(e.Record, e.Where)
		lat, lon := x.point(e.Record, e.Where)
		words, lang, source := x.narrative(e.Record)
		standing := text("restated")
		if !slices.ContainsFunc(x.View.Corrections(e.Record), func(c corridor.Correcting) bool { return c.Own && !c.Listed }) {
			standing = text("stands")
		}
		if !yield([]Cell{text(e.Record.String()), number(e.Index), text(e.Facts.What), said(e.Facts.Convoy), moment(e.Facts.When[0]), moment(e.Facts.When[1]),
			x.signed(e.Record, e.Index), code, name, lat, lon, x.alleged(e),
			x.counted(e.Record, e.Count, corridor.People, "killed", "dead"), x.counted(e.Record, e.Count, corridor.People, "injured", "wounded"),
			text(e.Facts.Basis), x.actor(e.Says), x.disputed(e.Record), standing, words, lang, source}) {
			return
		}
	}
}

// signed is when a record was signed, which its header says.
func (x *Reading) signed(h record.Hash, index int64) Cell {
	if !x.may(h, "header") {
		return withheld(Sealed)
	}
	return moment(x.View.Entry(index).At)
}

// alleged names whom an account of an incident says did it.
func (x *Reading) alleged(e *corridor.Event) Cell {
	switch {
	case !x.may(e.Record, "who"):
		return withheld(Sealed)
	case e.Who == nil:
		return withheld(NotHere)
	}
	var ids []corridor.ActorID
	for _, a := range e.Who.Actors {
		if a.As == "alleged-author" {
			ids = append(ids, a.Actor)
		}
	}
	return x.actors(ids)
}

var restrictions = Table{"restrictions", columns(
	"record", "#meta+id", "index", "#meta+log+index", "type", "#access+type", "arrived", "#date+start", "released", "#date+end",
	"wait_least", "#indicator+wait_minutes+min+num", "wait_most", "#indicator+wait_minutes+max+num", "stopped_by", "#group+name", "reason", "#cause+stated",
	"outcome", "#status+outcome", "pcode", "#loc+code+v_pcodes", "place", "#loc+name", "basis", "#indicator+basis", "by", "#org+reporting+name",
	"disputes", "#status+dispute+num"), restrictionRows}

func restrictionRows(x *Reading, yield func([]Cell) bool) {
	list := slices.DeleteFunc(x.View.Restrictions(), func(r corridor.Restricted) bool { return !x.in(r.Index) || !x.may(r.Record, "facts") })
	slices.SortFunc(list, func(a, b corridor.Restricted) int { return int(a.Index - b.Index) })
	for _, r := range list {
		f := r.Facts
		_, name, code, _ := x.where(r.Record, r.Where)
		var released, least, most, reason Cell
		if f.Released != nil {
			released = moment(*f.Released)
		}
		if w := r.Waited(); w.Known {
			least, most = number(w.Low/60), number((w.High+59)/60)
		}
		for _, s := range f.Stated {
			reason.text = joined(reason.text, string(s.Reason))
		}
		stopped := withheld(Sealed)
		if x.may(r.Record, "who") {
			stopped = withheld(NotHere)
			if r.Who != nil {
				var ids []corridor.ActorID
				for _, a := range r.Who.Actors {
					if a.As == "stopped" {
						ids = append(ids, a.Actor)
					}
				}
				stopped = x.actors(ids)
			}
		}
		if !yield([]Cell{text(r.Record.String()), number(r.Index), text(f.What), moment(f.When[0]), released, least, most, stopped, reason,
			text(f.Outcome), code, name, text(r.Basis), x.actor(r.Says), x.disputed(r.Record)}) {
			return
		}
	}
}

func joined(a, b string) string {
	if a == "" {
		return b
	}
	return a + ", " + b
}

var requests = Table{"requests", columns(
	"record", "#meta+id", "index", "#meta+log+index", "type", "#access+type", "by", "#org+requesting+name", "to", "#group+name", "sent", "#date+start",
	"state", "#status+name", "wait_seconds", "#indicator+wait_seconds+num", "answered", "#status+answered", "answers", "#indicator+answers+num"), requestRows}

// requestRows are one row a request. How long one waits that nobody has decided is not told, so
// that the same log gives the same file on every day.
func requestRows(x *Reading, yield func([]Cell) bool) {
	list := slices.DeleteFunc(x.View.Requests(), func(r corridor.Requested) bool { return !x.in(r.Index) || !x.may(r.Record, "facts") })
	slices.SortFunc(list, func(a, b corridor.Requested) int { return int(a.Index - b.Index) })
	for _, r := range list {
		r.Grants = slices.DeleteFunc(r.Grants, func(g corridor.Granted) bool { return !x.may(g.Record, "facts") })
		r.Answers = slices.DeleteFunc(r.Answers, func(a corridor.Answered) bool { return !x.may(a.Record, "facts") })
		wait, answered := Cell{}, text("no")
		if w := r.Waited(r.Facts.Sent); !w.Open {
			wait, answered = number(w.Low), text("yes")
		}
		if !yield([]Cell{text(r.Record.String()), number(r.Index), text(r.Facts.What), x.actor(r.Says), x.actors(r.Facts.To), moment(r.Facts.Sent),
			text(r.State()), wait, answered, number(int64(len(r.Grants) + len(r.Answers)))}) {
			return
		}
	}
}

var obligations = Table{"obligations", columns(
	"text", "#meta+id", "reading", "#meta+reading+id", "clause", "#activity+id", "held_by", "#group+name", "leg", "#activity+leg+id",
	"who", "#affected+ind+type", "unit", "#indicator+unit", "planned", "#affected+ind+planned+num", "all_who_wish", "#indicator+all_who_wish",
	"departed_least", "#affected+ind+departed+min+num", "departed_most", "#affected+ind+departed+max+num",
	"arrived_least", "#affected+ind+arrived+min+num", "arrived_most", "#affected+ind+arrived+max+num", "disputes", "#status+dispute+num"), obligationRows}

// obligationRows are one row for each clause in each reading. They are of the whole prefix, and
// their figures are of the accounts that the audience may read.
func obligationRows(x *Reading, yield func([]Cell) bool) {
	if x.From > 0 {
		return
	}
	v := x.View.Without(func(h record.Hash) bool { return !x.may(h, "facts") || !x.may(h, "count") })
	for _, a := range v.Balance().Agreements {
		if !x.may(a.Record, "facts") {
			continue
		}
		for _, r := range a.Readings {
			for _, d := range r.Duties {
				planned, all := Cell{}, text("yes")
				if d.Number != nil {
					planned, all = number(*d.Number), text("no")
				}
				leftLow, leftHigh := x.ends(d.Left.Range, d.Unit)
				low, high := x.ends(d.Arrived.Range, d.Unit)
				if !yield([]Cell{text(a.Record.String()), text(r.ID), text(d.Clause), x.actors(r.HeldBy), text(d.Leg), text(d.Who), text(d.Unit), planned, all,
					leftLow, leftHigh, low, high, x.disputed(a.Record)}) {
					return
				}
			}
		}
	}
}

// ends are the ends of a figure.
func (x *Reading) ends(r corridor.Range, u corridor.Unit) (low, high Cell) {
	switch {
	case !r.Known:
		return Cell{}, Cell{}
	case x.public(u) && corridor.Withheld(r):
		return withheld(Small), withheld(Small)
	}
	return number(r.Low), number(r.High)
}

var places = Table{"places", columns(
	"place", "#loc+id", "pcode", "#loc+code+v_pcodes", "name_en", "#loc+name+i_en", "name_ar", "#loc+name+i_ar", "type", "#loc+type", "lat", "#geo+lat", "lon", "#geo+lon"), placeRows}

func placeRows(x *Reading, yield func([]Cell) bool) {
	if x.From > 0 || x.View.Size() == 0 || !x.may(x.View.Founder(), "facts") {
		return
	}
	for _, p := range x.View.Terms().Places {
		lat, lon := x.degrees(p.Point)
		if !yield([]Cell{text(p.ID), said(p.PCode), text(in(p.Label, "en")), text(in(p.Label, "ar")), text(p.Role), lat, lon}) {
			return
		}
	}
}

// in is a label in one language and no other.
func in(l corridor.Label, lang string) string {
	for _, w := range l {
		if w.Lang == lang {
			return w.Text
		}
	}
	return ""
}

var records = Table{"records", columns(
	"index", "#meta+log+index", "record", "#meta+id", "class", "#meta+class", "kind", "#meta+type", "by", "#org+reporting+code", "signed", "#date+reported",
	"answers", "#meta+re+id", "findings", "#indicator+findings+num"), recordRows}

// recordRows are one row for every entry of the log, whatever the reader may read of it: as
// many as the log has.
func recordRows(x *Reading, yield func([]Cell) bool) {
	for i := x.From; i < x.end(); i++ {
		e := x.View.Entry(i)
		kind, by, at, found := text(e.Kind), text(e.By), moment(e.At), number(int64(len(e.Findings)))
		switch {
		case !x.may(e.Hash, "header"):
			kind, by, at, found = withheld(Sealed), withheld(Sealed), withheld(Sealed), withheld(Sealed)
		case e.Kind == "":
			kind, by, at, found = withheld(NotHere), withheld(NotHere), withheld(NotHere), withheld(NotHere)
		}
		re := Cell{}
		if e.Re != nil {
			re = text(e.Re.String())
		}
		if !yield([]Cell{number(i), text(e.Hash.String()), text(x.View.Class(i)), kind, by, at, re, found}) {
			return
		}
	}
}
