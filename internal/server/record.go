package server

import (
	"net/http"
	"slices"
	"strings"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
	"corridor.example/corridor/web"
)

// recordPage is one record: who says what, since when it stands, and the proof that it does.
func (s *Server) recordPage(w http.ResponseWriter, r *http.Request, n *node.Node) error {
	x, err := s.found(r, n)
	if err != nil {
		return err
	}
	bracket, err := s.bracket(r, n, x.index)
	if err != nil {
		return err
	}
	return s.show(w, r, n, "record", func(p *page) (any, error) {
		if x.index >= p.v.Size() {
			return nil, errNotFound // of a later state than is shown
		}
		return p.record(x.hash, bracket)
	})
}

func (p *page) record(h record.Hash, bracket verify.Bracket) (any, error) {
	p.narrow, p.subject = true, h
	e, _ := p.v.Find(h)
	x := web.Record{Frame: p.frame(), Hash: h.String(), Index: int(e.Index), Class: string(p.v.Class(e.Index))}
	if err := p.prove(e.Index, &x); err != nil {
		return nil, err
	}
	if !p.may(h, "header") {
		return x, nil // the leaf is all there is to see
	}
	r, ok := p.stored(h)
	if !ok {
		return nil, p.fault
	}
	x.Kind, x.By, x.Key, x.Signed = string(e.Kind), p.label(e.By), e.Key.String(), p.second(e.At)
	if bracket.After != nil {
		x.After = p.second(*bracket.After)
	}
	if bracket.Before != nil {
		x.Before = p.second(*bracket.Before)
	}
	if e.Re != nil {
		x.Re = &web.Line{Name: p.entry(*e.Re), Text: p.gist(*e.Re), Link: link(*e.Re)}
	}
	x.Header, x.Envelope = string(r.Raw), string(r.Envelope())
	x.Findings, x.Parts, x.Erased = p.broken(e), p.parts(e, r), p.erasures(h)
	p.tell(e, &x)
	p.beside(e, &x)
	if own, ok := p.v.Exhibit(h); ok {
		if shown, ok := p.exhibit(own); ok {
			x.Exhibits = append(x.Exhibits, shown)
		}
	}
	x.Exhibits = append(x.Exhibits, p.exhibits(h)...)
	return x, nil
}

// prove fills in the proof against the state the page shows. Where that is an earlier one the
// checkpoint of it need not be at hand, and the receipt is against a later one.
func (p *page) prove(i int64, x *web.Record) error {
	hashes, err := p.v.Inclusion(i)
	if err != nil {
		return err
	}
	root, err := p.v.Root()
	if err != nil {
		return err
	}
	raw := "/api/v1/records/" + x.Hash
	x.Proof = web.Proof{Size: int(p.v.Size()), Root: root.String(), Receipt: raw + "/receipt", Raw: raw}
	for _, h := range hashes {
		x.Proof.Hashes = append(x.Proof.Hashes, h.String())
	}
	r, ok := p.stored(p.v.Entry(i).Hash)
	if !ok {
		return p.fault
	}
	short := x.Hash[:8]
	leaf := strings.ReplaceAll(string(corridor.Leaf(r)), "\n", `\n`) // what is proved, typed out
	x.Proof.Commands = []string{
		"curl -o " + short + ".tlog-proof " + p.base() + raw + "/receipt\n" +
			"printf '" + leaf + "' > " + short + ".leaf\n" +
			"corridor verify " + short + ".tlog-proof --leaf " + short + ".leaf --card mission.card",
	}
	return nil
}

// parts are the parts of a record as far as the reader may read them.
func (p *page) parts(e corridor.Entry, r record.Record) []web.Part {
	var list []web.Part
	for i, ref := range r.Header.Parts {
		x := web.Part{Name: ref.Name, State: "open", Hash: ref.SHA256.String()}
		_, erased := p.v.Erased(e.Hash, ref.Name)
		b := r.Parts[i].Bytes
		switch {
		case erased:
			x.State = "erased"
		case !p.may(e.Hash, ref.Name):
			x.State = "sealed"
			if until, ok := p.terms.Latest(e.Kind, ref.Name, e.At); ok && p.audience.Reads(p.terms.Level(e.Kind, ref.Name, corridor.PhaseAfter)) {
				x.Until = p.time(until)
			}
		case b == nil:
			x.State = "absent"
		case ref.Name != "media" && !(ref.Name == "count" && p.smallCounts(e.Hash)):
			x.JSON, x.Fields = string(b), p.fields(b)
		}
		list = append(list, x)
	}
	return list
}

// smallCounts reports whether a record counts so few people that the reader is not told.
func (p *page) smallCounts(h record.Hash) bool {
	var c corridor.Count
	if !p.part(h, "count", &c) || p.published(h) {
		return false
	}
	for _, s := range c.Sums {
		if p.withheld(s.Range(), s.Unit) {
			return true
		}
		for _, cells := range [][]corridor.Cell{s.Cells, s.OfWhich} {
			for _, hide := range p.hidden(s, cells, false) {
				if hide {
					return true
				}
			}
		}
	}
	return false
}

// erasures are the orders to erase parts of a record.
func (p *page) erasures(h record.Hash) []web.Line {
	var list []web.Line
	for _, part := range record.PartNames {
		by, ok := p.v.Erased(h, part)
		if !ok || !p.may(by, "facts") {
			continue // that the part is erased is said with the part
		}
		f, _ := facts[corridor.ErasureFacts](p, by)
		list = append(list, web.Line{Name: p.word("part", part), Text: joined(p.t("comma"), p.label(p.by(by)), p.word("erasure-reason", string(f.Reason))), Link: link(by)})
	}
	return list
}

// tell fills in what the record says: who told it, when it happened, where, with which numbers.
func (p *page) tell(e corridor.Entry, x *web.Record) {
	h := e.Hash
	if s, ok := p.shownOn(h); ok {
		x.Shown = append(x.Shown, s)
	}
	if n := p.narrative(h); n != nil {
		x.Text = &web.Quote{Text: n.Text, Lang: n.Lang}
		x.Source = p.source(n.Sources)
	}
	if n := p.texts(h); n != nil && e.Kind == corridor.KindStatement {
		x.Source = p.source(n.Sources)
	}
	if !p.may(h, "facts") {
		return
	}
	c := p.common(h)
	x.Basis, x.Place = string(c.Basis), p.placed(h)
	if c.When != nil {
		x.When = p.moment(*c.When)
	}
	if c.Via != nil {
		x.Via = p.via(e.By, c.Via)
	}
	if c.Act != nil && c.Act.Of != e.By {
		x.On = x.By
		x.By = p.label(c.Act.Of)
	}
	p.numbers(e, x)
}

// numbers fills in the numbers of a record.
func (p *page) numbers(e corridor.Entry, x *web.Record) {
	if e.Kind == corridor.KindFigure {
		for _, t := range p.v.AllTotals() {
			if t.Record == e.Hash {
				f := p.total(t)
				f.Tail = joined(p.t("comma"), f.Tail, p.word("measure", string(t.Measure)))
				if t.Leg != "" {
					f.Tail = joined(p.t("comma"), f.Tail, p.leg(t.Leg))
				}
				x.Figures = append(x.Figures, f)
			}
		}
		return
	}
	var c corridor.Count
	if e.Kind.Class() != corridor.ClassReport && e.Kind != corridor.KindTold && p.part(e.Hash, "count", &c) {
		x.Figures = p.counted(e.Hash, &c, web.Figure{By: p.author(e.Hash, e.By), Basis: x.Basis, Record: e.Hash.String()})
	}
}

// beside fills in what others said of the record, and where it stands.
func (p *page) beside(e corridor.Entry, x *web.Record) {
	h := e.Hash
	for _, list := range [][]corridor.Word{p.v.Disputed(h), p.v.Beside(h, corridor.KindReply)} {
		for i, q := range p.words(list) {
			x.Related = append(x.Related, web.Related{Kind: string(list[i].Kind), Quote: q, Link: link(list[i].Record)})
		}
	}
	x.Related = append(x.Related, p.related(h)...)
	for _, t := range p.v.Translations(h) {
		x.Related = append(x.Related, web.Related{Kind: string(corridor.KindTranslation), Link: link(t.Record), Quote: p.quote(t.Record, t.By, p.time(t.When))})
	}
	x.Reports = p.reportsOn(h)
}

// reportsOn are the reports that list a record, or whose figures rest on it.
func (p *page) reportsOn(h record.Hash) []web.Line {
	var list []web.Line
	for _, r := range p.v.Reports() {
		if p.may(r.Record, "facts") && (lists(r, h) || p.may(r.Record, "count") && rests(r, h)) {
			list = append(list, web.Line{Name: p.entry(r.Record), Text: p.reportName(r.Facts), Link: p.past("/reports/" + r.Record.String())})
		}
	}
	return list
}

func lists(r corridor.Filed, h record.Hash) bool {
	return slices.ContainsFunc(r.Facts.Sections, func(s corridor.Section) bool { return slices.Contains(s.Records, h) })
}

func rests(r corridor.Filed, h record.Hash) bool {
	return r.Count != nil && slices.ContainsFunc(r.Count.Figures, func(f corridor.ReportFigure) bool { return slices.Contains(f.From, h) })
}
