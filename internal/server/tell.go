package server

import (
	"html/template"
	"slices"
	"strings"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/draw"
	"corridor.example/corridor/record"
	"corridor.example/corridor/web"
)

// may reports whether the reader may read a part of a record now. It is asked before anything
// is shown, of the mission as it is now, whatever earlier state the page shows.
func (p *page) may(h record.Hash, part string) bool {
	at := partOf{h, part}
	ok, known := p.readable[at]
	if !known {
		ok = p.now.MayReadAs(p.reader.Actor, p.audience, h, part, p.clock)
		p.readable[at] = ok
	}
	return ok
}

// link is the permanent address of a record.
func link(h record.Hash) string { return "/records/" + h.String() }

// stored returns a record of the log as it is stored. A fault makes the whole page fail.
func (p *page) stored(h record.Hash) (record.Record, bool) {
	e, ok := p.now.Find(h)
	if !ok {
		return record.Record{}, false
	}
	if r, ok := p.records[e.Index]; ok {
		return r, true
	}
	r, err := p.read.Record(e.Index)
	if err != nil {
		p.fault = err
		return record.Record{}, false
	}
	p.records[e.Index] = r
	return r, true
}

// part reads a part of a record into v, if the record has it, it is not erased, and the reader
// may read it.
func (p *page) part(h record.Hash, name string, v any) bool {
	if !p.may(h, name) {
		return false
	}
	r, ok := p.stored(h)
	if !ok || r.Part(name) == nil {
		return false
	}
	return record.Decode(r.Part(name), v) == nil // refused when it was logged
}

// narrative is the free text of a record, nil if there is none to be read here. A statement's
// is of another form.
func (p *page) narrative(h record.Hash) *corridor.Narrative {
	var n corridor.Narrative
	if e, ok := p.now.Find(h); !ok || e.Kind == corridor.KindStatement || !p.part(h, "narrative", &n) {
		return nil
	}
	return &n
}

// quote is a record's free text with its author.
func (p *page) quote(h record.Hash, by corridor.ActorID, when web.Moment) web.Quote {
	q := web.Quote{By: p.label(by), When: when, Hash: h.String()}
	if n := p.narrative(h); n != nil {
		q.Text, q.Lang = n.Text, n.Lang
		if s := p.source(n.Sources); s != nil {
			q.From = s.Outlet
		}
	}
	return q
}

// source is the first published source of a narrative, nil if it names none.
func (p *page) source(list []corridor.Source) *web.Source {
	if len(list) == 0 {
		return nil
	}
	s := list[0]
	x := &web.Source{Title: s.Title, Outlet: s.Outlet, Locator: s.Locator}
	if s.Dated != "" {
		d := corridor.Date(s.Dated)
		dated := s.Dated
		if m := p.date(&d); m.Stated() {
			dated = web.When(p.lang, m)
		}
		x.Dated = dated
	}
	if s.SHA256 != nil {
		x.SHA256 = s.SHA256.String()
	}
	return x
}

// outlet is who published what an account rests on, "" if that is not said or is its author,
// in whatever language the author is named.
func (p *page) outlet(h record.Hash, author corridor.ActorID) string {
	n := p.narrative(h)
	if n == nil || len(n.Sources) == 0 {
		return ""
	}
	outlet := n.Sources[0].Outlet
	for _, w := range p.now.LabelOf(author) {
		if strings.EqualFold(w.Text, outlet) {
			return ""
		}
	}
	return outlet
}

// joined puts a separator between the texts that are not empty.
func joined(sep string, texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(s string) bool { return s == "" }), sep)
}

// findings are in what a record departs from the mandate.
func (p *page) findings(i int64) []web.Finding {
	var list []web.Finding
	for _, f := range p.v.Entry(i).Findings {
		list = append(list, web.Finding{Code: f.Rule, Text: f.Reason})
	}
	return list
}

// disputes are what was said against a record, replies what was answered to it; both as far as
// they may be read, and named even where not.
func (p *page) disputes(h record.Hash) []web.Quote { return p.words(p.v.Disputed(h)) }

func (p *page) replies(h record.Hash) []web.Quote {
	return p.words(p.v.Beside(h, corridor.KindReply))
}

func (p *page) words(list []corridor.Word) []web.Quote {
	var out []web.Quote
	for _, w := range list {
		if !p.may(w.Record, "facts") {
			out = append(out, web.Quote{Text: p.t("partstate.sealed"), Hash: w.Record.String()})
			continue
		}
		q := p.quote(w.Record, w.Of, p.time(w.When))
		if w.Of != w.By {
			q.On = p.label(w.By)
		}
		if w.What != "" {
			q.To = p.word("dispute-what", string(w.What))
		}
		if q.Text == "" {
			q.Text = p.word("kind", string(w.Kind))
		}
		out = append(out, q)
	}
	return out
}

// via is how an account came to who signed it.
func (p *page) via(by corridor.ActorID, via *corridor.Via) string { return p.came(by, by, via) }

// came is via, where whose account it is stands beside it and is not said again.
func (p *page) came(by, author corridor.ActorID, via *corridor.Via) string {
	if via == nil || via.Channel == "own" {
		return ""
	}
	s := p.word("channel", string(via.Channel))
	if via.From != nil && *via.From != author {
		s = joined(p.t("comma"), s, p.t("via.from", "by", p.label(*via.From)))
	}
	if via.Heard != nil {
		s = joined(p.t("comma"), s, web.When(p.lang, p.time(*via.Heard)))
	}
	return joined(p.t("comma"), s, p.t("via.taken_down", "by", p.label(by)))
}

// where is the place of an account, as far as the reader may know it.
func (p *page) where(h record.Hash, w *corridor.Where) string {
	if w == nil || !p.may(h, "where") {
		return ""
	}
	var from, to string
	if w.Place != nil {
		from = p.place(*w.Place)
	}
	if w.To != nil {
		to = p.place(*w.To)
	}
	if from != "" && to != "" {
		return p.t("place.to", "from", from, "to", to)
	}
	return joined("", from, to)
}

// counted are the numbers of an account, each with who gave it, how and up to when.
func (p *page) counted(h record.Hash, c *corridor.Count, who web.Figure) []web.Figure {
	if c == nil || !p.may(h, "count") {
		return nil
	}
	var list []web.Figure
	for _, s := range c.Sums {
		list = append(list, p.summed(s, who, p.published(h)))
	}
	return list
}

// published reports whether what a record tells can be read in a published source, so that
// nothing of it is the mission's to withhold.
func (p *page) published(h record.Hash) bool {
	n := p.narrative(h)
	return n != nil && len(n.Sources) > 0
}

// summed is one counted number. who holds what does not depend on the number.
func (p *page) summed(s corridor.Sum, who web.Figure, published bool) web.Figure {
	f := who
	f.Value = p.sum(s, published)
	if s.Method != corridor.NotStated {
		f.Method = string(s.Method)
	}
	if s.DeclaredBy != nil {
		if by := p.label(*s.DeclaredBy); by != f.By {
			f.By, f.Through = by, f.By
		}
	}
	if s.CutOff != nil {
		f.CutOff = p.time(*s.CutOff)
	}
	f.Tail = joined(" ", f.Tail, p.cells(s, published))
	return f
}

// cells are the parts of a sum in words: "burned", "attacked; of them burned: 6". Where one is small all are
// withheld, so that nothing betrays it.
func (p *page) cells(s corridor.Sum, published bool) string {
	var all, some []string
	for _, list := range [][]corridor.Cell{s.Cells, s.OfWhich} {
		hide := p.hidden(s, list, published)
		for i, c := range list {
			of := p.word("category", string(c.Of))
			switch {
			case c.Of == corridor.NotDistinguished:
			case c.N == s.Total:
				all = append(all, of)
			case hide[i]:
				some = append(some, p.t("cell", "of", of, "value", p.t("value.withheld.part")))
			default:
				some = append(some, p.t("cell", "of", of, "value", p.number(c.N)))
			}
		}
	}
	text := strings.Join(all, p.t("comma"))
	if len(some) > 0 {
		text = joined(p.t("semicolon"), text, p.t("cells", "of", strings.Join(some, p.t("comma"))))
	}
	return text
}

// hidden says which cells of a sum the reader is not told.
func (p *page) hidden(s corridor.Sum, cells []corridor.Cell, published bool) []bool {
	if published || !p.public(s.Unit) {
		return make([]bool, len(cells))
	}
	var list []corridor.Range
	for _, c := range cells {
		list = append(list, corridor.Range{Low: c.N, High: c.N, Known: true})
	}
	_, hide := corridor.Withhold(s.Range(), list)
	return hide
}

// drawing is a drawing with the table of its own figures.
func drawing(d interface {
	SVG() string
	Table() draw.Table
}, note string) web.Drawing {
	table := d.Table()
	x := web.Drawing{SVG: template.HTML(d.SVG()), Note: note, Head: table.Head}
	for _, r := range table.Rows {
		x.Rows = append(x.Rows, web.DrawingRow{Cells: r.Cells, Link: r.Link})
	}
	return x
}

// drawn is the frame of a drawing in the reader's language.
func (p *page) drawn(id, title, desc string) draw.Frame {
	return draw.Frame{ID: id, Title: title, Desc: desc, RTL: p.rtl()}
}

func (p *page) rtl() bool {
	for _, l := range web.Languages() {
		if l.Code == p.lang {
			return l.Dir == "rtl"
		}
	}
	return false
}
