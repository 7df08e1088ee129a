package server

import (
	"slices"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/draw"
	"corridor.example/corridor/record"
	"corridor.example/corridor/web"
)

// balance is what was agreed, in each reading, beside what was done on each leg.
func (p *page) balance() web.Balance {
	b := p.v.Balance()
	var x web.Balance
	drawn := draw.Balance{
		Frame: p.drawn("balance", p.t("home.balance"), ""),
		Head:  []string{p.t("column.leg"), p.t("column.line"), p.t("column.figure"), p.t("column.who")},
	}
	for _, l := range b.Legs {
		if !p.counts(l) && len(p.agreed(b, l)) == 0 {
			continue
		}
		leg, bars, between := p.legBalance(b, l)
		x.Differences = append(x.Differences, between...)
		x.Legs = append(x.Legs, leg)
		drawn.Legs = append(drawn.Legs, draw.Leg{Name: leg.Name, Bars: bars})
		drawn.Desc = joined(" ", drawn.Desc, p.inWords(leg))
	}
	x.Drawing = drawing(drawn, "")
	x.Differences = append(x.Differences, p.differences()...)
	number := 0
	for _, a := range b.Agreements {
		if !p.may(a.Record, "facts") {
			continue
		}
		x.Next = append(x.Next, p.next(a, number)...)
		for _, r := range a.Readings {
			number++
			if text := p.held(a, r); text != "" {
				x.Readings = append(x.Readings, web.Line{Name: p.t("reading.number", "number", number), Text: text, Link: link(a.Record)})
			}
		}
	}
	return x
}

// counts reports whether anybody counted anything on a leg, or an office adopted a number.
func (p *page) counts(l corridor.LegBalance) bool {
	return l.Left.Known || l.Arrived.Known || len(l.Adopted) > 0
}

// inWords is a leg in one sentence, for who cannot see the drawing.
func (p *page) inWords(leg web.Leg) string {
	var parts []string
	for _, r := range leg.Readings {
		parts = append(parts, p.t("balance.reading", "number", r.Number)+" "+web.Amount(p.lang, r.Figure.Value))
	}
	for _, l := range leg.Lines {
		parts = append(parts, p.word("measure", l.Kind)+" "+web.Amount(p.lang, l.Figure.Value))
	}
	return leg.Name + p.t("colon") + joined(p.t("comma"), parts...) + "."
}

func (p *page) legBalance(b corridor.Balance, l corridor.LegBalance) (leg web.Leg, bars []draw.Bar, between []web.Difference) {
	leg.Name = p.leg(l.Leg)
	if l.Unit != corridor.People {
		leg.Name = joined(p.t("comma"), leg.Name, p.word("unit-name", string(l.Unit)))
	}
	for _, r := range p.agreed(b, l) {
		more := len(leg.Readings) > 0 && leg.Readings[len(leg.Readings)-1].Number == r.Number
		leg.Readings = append(leg.Readings, r)
		bars = append(bars, p.agreedBar(r, more))
	}
	left, leftAdopted := p.legLine(l.Left, l.Adopted, corridor.Left)
	arrived, arrivedAdopted := p.legLine(l.Arrived, l.Adopted, corridor.Arrived)
	leg.Lines = append(leg.Lines, web.LegLine{Kind: "left", Figure: left})
	bars = append(bars, p.bar("left", draw.Left, 0, left))
	kind := "arrived"
	if arrivedAdopted && p.stated(l.Adopted, corridor.Arrived) {
		kind = "traced"
	}
	leg.Lines = append(leg.Lines, web.LegLine{Kind: kind, Figure: arrived})
	bars = append(bars, p.bar(kind, draw.Arrived, 0, arrived))

	if back := p.v.Figure(corridor.Line{Measure: corridor.TurnedBack, Unit: l.Unit, Scope: l.Leg}); back.Known {
		leg.Lines = append(leg.Lines, web.LegLine{Kind: "turned-back", Figure: p.figure(back, "")})
	}
	open := p.figure(l.Open, "")
	start := 0
	if leftAdopted && arrivedAdopted && len(l.Between) > 0 && p.mayAdopted(l.Between[0].Left) && p.mayAdopted(l.Between[0].Arrived) {
		d := l.Between[0]
		open = web.Figure{
			Value: p.value(d.Range, l.Unit), By: p.t("balance.computed"), Tail: p.t("balance.between"),
			Method: "computed", Rests: 2, Link: link(d.Left.Of), Disputed: len(d.Left.Disputes) + len(d.Arrived.Disputes),
		}
		start = int(d.Arrived.Value)
		between = append(between, p.between(leg.Name, l, left, arrived, open.Value))
	}
	if arrived.Kind != "none" && open.Kind != "none" {
		leg.Lines = append(leg.Lines, web.LegLine{Kind: "open", Figure: open})
		bars = append(bars, p.bar("open", draw.Open, start, open))
	}
	for _, e := range p.v.Explained(corridor.Line{Measure: corridor.Open, Unit: l.Unit, Scope: l.Leg}) {
		for _, f := range p.explained(e, l.Unit) {
			leg.Lines = append(leg.Lines, web.LegLine{Kind: "explained", Figure: f})
		}
	}
	return leg, bars, between
}

// between tells why what left a leg is not what arrived, where an office uses a number for
// each: whose they are, up to when, and what was offered to explain it.
func (p *page) between(name string, l corridor.LegBalance, left, arrived web.Figure, open web.Value) web.Difference {
	left.Tail, arrived.Tail = p.t("tail.left"), p.t("tail.arrived")
	left.Adopted, arrived.Adopted = "", "" // that, and what the accounts add up to, stands with the sources
	d := web.Difference{Name: name, Left: left, Arrived: arrived, Open: open}
	if left.By != arrived.By && !left.CutOff.From.Equal(arrived.CutOff.From) {
		d.Note = p.t("difference.two_figures")
	}
	for _, e := range p.v.Explained(corridor.Line{Measure: corridor.Open, Unit: l.Unit, Scope: l.Leg}) {
		d.Reasons = append(d.Reasons, p.offered(p.explained(e, l.Unit))...)
	}
	return d
}

// offered are explanations in words, each with its author.
func (p *page) offered(figures []web.Figure) []web.Quote {
	var list []web.Quote
	for _, f := range figures {
		text := f.Tail
		if f.Kind != "none" {
			text = web.Amount(p.lang, f.Value) + p.t("colon") + f.Tail
		}
		list = append(list, web.Quote{Text: text, By: f.By, Hash: f.Record})
	}
	return list
}

// legLine is one line of a leg: the number an office adopted under its author, beside it what
// the accounts add up to; or the latter alone.
func (p *page) legLine(sum corridor.Figure, adopted []corridor.Adopted, m corridor.Measure) (f web.Figure, ok bool) {
	f = p.figure(sum, "")
	for _, a := range adopted {
		if a.Line.Measure != m || !p.mayAdopted(a) {
			continue
		}
		if ok { // a second office uses another number
			f.Others = append(f.Others, web.Attributed{Value: p.value(a.Range(), a.Line.Unit), By: p.t("adopted_by", "by", p.label(a.By), "author", p.label(a.Author)), Record: a.Record.String()})
			continue
		}
		ok = true
		sums := f
		f = p.adoptedFigure(a)
		if sums.Kind != "none" {
			f.Tail = joined(" ", f.Tail, p.t("figure.accounts", "value", web.Amount(p.lang, sums.Value)))
		}
		if len(a.Since) > 0 {
			f.Tail = joined(" ", f.Tail, p.t("figure.since", "n", len(a.Since)))
		}
	}
	return f, ok
}

// adoptedFigure is the number an office uses, under its author.
func (p *page) adoptedFigure(a corridor.Adopted) web.Figure {
	f := web.Figure{
		Value: p.value(a.Range(), a.Line.Unit), By: p.label(a.Author), Adopted: p.label(a.By), Record: a.Of.String(),
		Disputed: len(a.Disputes) + len(p.v.Disputed(a.Of)),
	}
	for _, t := range p.v.AllTotals() {
		if t.Record == a.Of && t.Unit == a.Line.Unit {
			from := p.total(t)
			f.Through, f.Basis, f.Method, f.CutOff, f.Published = from.Through, from.Basis, from.Method, from.CutOff, from.Published
		}
	}
	if of, ok := p.v.Account(a.Of); ok {
		f.Basis, f.Through = string(of.Basis), p.outlet(of.Record, of.Says)
		f.CutOff = p.moment(of.When)
	}
	if a.Author == "" {
		f.By = p.label(a.By)
	}
	return f
}

// mayAdopted reports whether the reader may read an adoption and the number it takes.
func (p *page) mayAdopted(a corridor.Adopted) bool {
	return p.may(a.Record, "facts") && p.may(a.Of, "facts") && p.may(a.Of, "count")
}

// stated reports whether the number adopted for a measure is somebody's figure and no account.
func (p *page) stated(adopted []corridor.Adopted, m corridor.Measure) bool {
	for _, a := range adopted {
		if a.Line.Measure == m {
			return a.Kind == corridor.KindFigure
		}
	}
	return false
}

// agreed lists what was agreed for a leg: one line for each text, reading and clause. A reading
// has the same number on every leg.
func (p *page) agreed(b corridor.Balance, l corridor.LegBalance) []web.Reading {
	var list []web.Reading
	number := 0
	for _, a := range b.Agreements {
		if !p.may(a.Record, "facts") {
			continue
		}
		for _, r := range a.Readings {
			found := false
			number++
			for _, d := range r.Duties {
				if d.Leg == l.Leg && d.Unit == l.Unit {
					x := p.duty(a, d)
					x.Number = number
					if rest, ok := d.Remaining(p.hasLeft(l)); ok && rest.High > 0 {
						x.Rest = p.value(rest, l.Unit)
					}
					list = append(list, x)
					found = true
				}
			}
			if !found && len(a.Readings) > 1 && p.elsewhere(a, l) {
				list = append(list, web.Reading{
					Number: number, Link: link(a.Record),
					Figure: web.Figure{Value: web.Value{Kind: "words", Words: p.t("balance.not_part")}, By: p.label(a.Act.Of), Basis: string(a.Basis), Published: p.moment(a.When), Record: a.Record.String()},
				})
			}
		}
	}
	return list
}

// hasLeft is the figure for who left on a leg that the page shows: an office's, else the sum.
func (p *page) hasLeft(l corridor.LegBalance) corridor.Range {
	for _, a := range l.Adopted {
		if a.Line.Measure == corridor.Left && p.mayAdopted(a) {
			return a.Range()
		}
	}
	return l.Left.Range
}

// elsewhere reports whether another reading of a text has a clause on the leg.
func (p *page) elsewhere(a corridor.Agreed, l corridor.LegBalance) bool {
	for _, r := range a.Readings {
		for _, d := range r.Duties {
			if d.Leg == l.Leg && d.Unit == l.Unit {
				return true
			}
		}
	}
	return false
}

// duty is one clause in one reading: the number agreed up to and with it.
func (p *page) duty(a corridor.Agreed, d corridor.Duty) web.Reading {
	v := web.Value{Kind: "words", Words: p.t("value.all-who-wish")}
	number := d.Through
	if number == nil {
		number = d.Number
	}
	if number != nil {
		v = p.sum(corridor.Sum{Unit: d.Unit, Total: *number, Sharp: d.Sharp}, true)
	}
	f := web.Figure{Value: v, By: p.label(a.Act.Of), Basis: string(a.Basis), Published: p.moment(a.When), Record: a.Record.String(), Disputed: len(a.Disputes)}
	f.Through = p.outlet(a.Record, a.Act.Of)
	f.Tail = p.bound(d)
	return web.Reading{Figure: f, Text: p.clause(d), Link: link(a.Record)}
}

// held says which reading it is and who holds it, where a text is read in several ways.
func (p *page) held(a corridor.Agreed, r corridor.AgreedReading) string {
	s := r.Label.In(p.lang)
	if len(r.HeldBy) > 0 {
		s = joined(p.t("sep"), s, p.t("reading.held_by", "by", p.labels(r.HeldBy)))
	}
	return s
}

// clause says how a number is to be fulfilled.
func (p *page) clause(d corridor.Duty) string {
	var parts []string
	if len(d.Instalments) > 1 {
		var of []string
		for _, n := range d.Instalments {
			of = append(of, p.number(n))
		}
		parts = append(parts, p.t("clause.instalments", "n", len(of), "of", joined(" + ", of...)))
	}
	if d.Through != nil && d.Number != nil && *d.Through != *d.Number {
		parts = append(parts, p.t("clause.with", "value", p.number(*d.Number)))
	}
	if d.Counterpart != nil {
		parts = append(parts, p.t("clause.against", "clause", string(*d.Counterpart)))
	}
	return joined(p.t("comma"), parts...)
}

// bound says who acceded to a clause in an act that counts.
func (p *page) bound(d corridor.Duty) string {
	if len(d.Bound) == 0 {
		return p.t("clause.binds_nobody")
	}
	return p.t("clause.binds", "by", p.labels(d.Bound))
}

// next is what a text says comes next, in each of its readings, which are numbered after
// those of the texts before it.
func (p *page) next(a corridor.Agreed, number int) []web.Quote {
	var list []web.Quote
	for _, r := range a.Readings {
		number++
		s, ok := r.Next()
		if !ok {
			continue
		}
		text := p.t("next.whole")
		if len(s.Duty.Instalments) > 1 {
			text = p.t("next.batch", "number", int(s.Instalment), "of", len(s.Duty.Instalments))
		}
		amount := p.t("value.all-who-wish")
		if s.Amount != nil {
			amount = web.Amount(p.lang, p.sum(corridor.Sum{Unit: s.Duty.Unit, Total: *s.Amount, Sharp: s.Duty.Sharp}, true))
		}
		from := p.place(s.Duty.From)
		if s.Duty.Leg != "" {
			from = p.leg(s.Duty.Leg)
		}
		q := web.Quote{
			Text:  p.t("next.text", "what", text, "amount", amount, "from", from),
			Voice: "paraphrased", By: p.label(a.Act.Of), When: p.moment(a.When), Hash: a.Record.String(),
		}
		if len(a.Readings) > 1 {
			q.To = p.t("reading.number", "number", number)
		}
		if a.Act.Of != a.By {
			q.On = p.label(a.By)
		}
		if n := len(list); n > 0 && list[n-1].Text == q.Text { // two readings, one order
			list[n-1].To = joined(p.t("sep"), list[n-1].To, q.To)
			continue
		}
		list = append(list, q)
	}
	return list
}

// bar draws one figure of a leg.
func (p *page) bar(kind string, style draw.Style, start int, f web.Figure) draw.Bar {
	b := draw.Bar{Label: p.word("measure", kind), Style: style, Start: start, Text: web.Print(p.lang, f.Value), Note: f.By, Link: f.Link}
	if b.Link == "" && f.Record != "" {
		b.Link = "/records/" + f.Record
	}
	switch f.Kind {
	case "none", "withheld", "words":
		b.NoFigure, b.Start = true, 0
		return b
	}
	low, high := ends(f.Value)
	b.Low, b.High = start+max(0, low), start+max(0, high)
	if f.Kind == "at-most" {
		b.Low = start
	}
	return b
}

// agreedBar draws what was agreed; more says that it takes in a further clause of the reading
// before it.
func (p *page) agreedBar(r web.Reading, more bool) draw.Bar {
	b := p.bar("agreed", draw.Agreed, 0, r.Figure)
	b.Label = p.t("balance.reading", "number", r.Number)
	if more {
		b.Label = p.t("balance.reading_more", "number", r.Number)
	}
	if r.Rest.Given() {
		rest := r.Rest
		rest.Unit = ""
		b.Under = p.t("balance.rest", "value", web.Print(p.lang, rest))
		b.Note = joined(p.t("sep"), b.Note, b.Under) // in the table
	}
	if r.Figure.Kind == "words" && r.Figure.Words == p.t("value.all-who-wish") {
		b.NoFigure, b.Boundless = false, true
	}
	return b
}

// ends are both ends of a value that has a number.
func ends(v web.Value) (low, high int) {
	if v.High == 0 {
		return v.Low, v.Low
	}
	return v.Low, v.High
}

// figure is a figure of the view, with the authors of the accounts it rests on.
func (p *page) figure(x corridor.Figure, tail string) web.Figure {
	f := web.Figure{Value: p.value(x.Range, x.Unit), Tail: tail, Rests: len(x.From)}
	if !x.Known {
		f.Rests = 0
		return f
	}
	if x.Measure != corridor.Open && !slices.ContainsFunc(x.From, func(h record.Hash) bool { return p.published(h) }) {
		f.Value = p.told(x.Range, x.Unit)
	}
	var by []corridor.ActorID
	var cut record.Time
	basis, method := "", ""
	for i, h := range x.From {
		a, ok := p.v.Account(h)
		if !ok {
			continue
		}
		if !slices.Contains(by, a.Says) {
			by = append(by, a.Says)
		}
		f.Disputed += len(p.v.Disputed(h))
		cut = max(cut, a.When[1])
		s, _ := a.Count.Sum(x.Unit)
		if i == 0 {
			basis, method = string(a.Basis), string(s.Method)
		}
		if basis != string(a.Basis) {
			basis = ""
		}
		if method != string(s.Method) {
			method = ""
		}
	}
	f.By, f.Basis = p.labels(by), basis
	if method != "" && method != string(corridor.NotStated) {
		f.Method = method
	}
	f.CutOff = p.time(cut)
	switch {
	case len(x.From) == 1:
		f.Record = x.From[0].String()
	case len(x.Scope) > 1 && x.Scope != "all":
		f.Link = p.past("/convoys/" + x.Scope)
	default:
		f.Link = p.past("/convoys")
	}
	return f
}

// explained are what was offered to explain an open difference; it is never taken off.
func (p *page) explained(e corridor.Explained, u corridor.Unit) []web.Figure {
	var list []web.Figure
	for _, x := range e.Explanations {
		if !x.Stands() || !p.may(x.Record, "facts") || !p.may(x.Record, "count") {
			continue
		}
		f := web.Figure{By: p.label(x.Says), Basis: string(x.Basis), Record: x.Record.String(), Tail: p.word("explanation-reason", string(e.Reason)), CutOff: p.moment(x.When), Disputed: len(p.v.Disputed(x.Record))}
		if s, ok := x.Count.Sum(u); ok {
			f = p.summed(s, f, p.published(x.Record))
		} else {
			f.Value = web.Value{Kind: "none"}
		}
		if x.Since > 0 {
			f.Tail = joined(" ", f.Tail, p.t("figure.since", "n", x.Since))
		}
		list = append(list, f)
	}
	return list
}

// differences are the convoys of which both ends were counted and by no account are the same.
// Those on which some accounts agree stand on the convoy's own page.
func (p *page) differences() []web.Difference {
	var list []web.Difference
	for _, names := range p.v.Convoys() {
		for _, d := range p.differencesOf(names[0]) {
			if apart(d.Open) && d.Arrived.Kind != "none" {
				list = append(list, d)
			}
		}
	}
	return list
}

// allUnits are the units in the order in which pages tell them.
var allUnits = []corridor.Unit{corridor.People, corridor.Bus, corridor.Ambulance, corridor.PrivateVehicle, corridor.Vehicle, corridor.Patient}

func (p *page) differencesOf(c corridor.ConvoyID) []web.Difference {
	var list []web.Difference
	for _, u := range allUnits {
		line := func(m corridor.Measure) corridor.Figure {
			return p.v.Figure(corridor.Line{Measure: m, Unit: u, Scope: string(c)})
		}
		left, arrived, open := line(corridor.Left), line(corridor.Arrived), line(corridor.Open)
		explained := p.v.Explained(corridor.Line{Measure: corridor.Open, Unit: u, Scope: string(c)})
		if !left.Known || !arrived.Known && len(explained) == 0 || open.Low == 0 && open.High == 0 {
			continue
		}
		d := web.Difference{
			Name: p.t("convoy.title", "name", string(c)), Link: p.past("/convoys/" + string(c)),
			Left: p.figure(left, p.t("tail.left")), Arrived: p.figure(arrived, p.t("tail.arrived")), Open: p.value(open.Range, u),
		}
		if back := line(corridor.TurnedBack); !arrived.Known && back.Known {
			d.Arrived = p.figure(back, p.t("tail.back"))
		}
		for _, e := range explained {
			d.Reasons = append(d.Reasons, p.offered(p.explained(e, u))...)
		}
		list = append(list, d)
	}
	return list
}
