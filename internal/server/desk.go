package server

import (
	"context"
	stdjson "encoding/json"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/sheet"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
	"corridor.example/corridor/web"
)

// mostForm bounds a form that is posted, in bytes.
const mostForm = 256 << 10

// desks registers the pages on which an office reads what it is asked and drafts its answers.
// No key of an office is ever used on the mission's own server: a page it delivers could use it.
func (s *Server) desks() {
	s.handle("GET /desk", s.deskPage)
	s.handle("GET /desk/{kind}", s.composePage)
	s.handle("POST /desk/{kind}", s.composePost)
	s.handle("POST /desk/draft.txt", s.draftFile)
	s.handle("GET /desk/key/{fingerprint}", s.deskKey)
}

// own makes whoever reaches a party's own server a reader for that party. A name that somebody
// else could point at this machine is not taken for its own.
func (s *Server) own(r *http.Request) *http.Request {
	if s.cfg.Own == "" || !ownName(r.Host, s.cfg.OwnNames) {
		return r
	}
	return r.WithContext(context.WithValue(r.Context(), readerKey{}, Reader{Level: corridor.Parties, Actor: s.cfg.Own, Session: ownSession}))
}

// ownName reports whether a host is this server's own: an address, localhost, or a name that
// was given for it.
func ownName(host string, names []string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	return host == "localhost" || net.ParseIP(strings.Trim(host, "[]")) != nil || slices.Contains(names, host)
}

// office is whose desk a reader sits at, or says why there is none.
func (s *Server) office(r *http.Request) (corridor.ActorID, error) {
	who := reader(r)
	if who.Actor == "" || who.Program {
		return "", errNoSession
	}
	return who.Actor, nil
}

// deskShow answers with a page that was made for one reader and is kept for nobody.
func (s *Server) deskShow(w http.ResponseWriter, r *http.Request, n *node.Node, name string, status int, fill func(p *page) (any, error)) error {
	p, err := s.open(w, r, n)
	if err != nil {
		return err
	}
	m, err := p.make(n, &name, fill)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "private, no-store")
	m.write(w, r, status)
	return nil
}

// deskPage is everything an office has to answer, and what was done in its name.
func (s *Server) deskPage(w http.ResponseWriter, r *http.Request, n *node.Node) error {
	who, err := s.office(r)
	if err != nil {
		return err
	}
	return s.deskShow(w, r, n, "desk", 0, func(p *page) (any, error) {
		x := web.Desk{Frame: p.frame(), Name: p.label(who), Roles: p.roles(p.now.Authority().Roles(who)), Own: p.isOwn(), Signing: p.signing(who)}
		p.nominated(who, &x)
		x.Recorded = p.recordedFor(who)
		x.Due = p.toErase(who)
		x.Texts = p.textsFor(who)
		x.Answer = p.answerable(who)
		x.Signed = p.signedBy(who)
		for _, k := range corridor.Kinds() {
			if p.drafts(who, k) {
				x.May = append(x.May, web.Line{Name: p.word("kind", string(k)), Link: "/desk/" + string(k)})
			}
		}
		x.Reads = p.readsOf(who)
		x.Signers = x.Seal.Signers
		if err := p.phones(who, &x); err != nil {
			return nil, err
		}
		return x, nil
	})
}

// isOwn reports whether this is the reader's own server.
func (p *page) isOwn() bool { return p.s.cfg.Own != "" && p.reader.Actor == p.s.cfg.Own }

func (p *page) signing(who corridor.ActorID) web.Signing {
	return web.Signing{Mission: p.now.Founder().String(), Origin: p.terms.Origin, Exercise: p.now.Exercise(), By: string(who)}
}

// drafts reports whether an office may draft a kind here: the mandate lets it sign the kind, and
// a person can write it in a form: no picture is drafted.
func (p *page) drafts(who corridor.ActorID, k corridor.Kind) bool {
	s, _ := schemaOf(k)
	if slices.ContainsFunc(s.Parts, func(part corridor.PartSchema) bool { return part.Name == "media" }) {
		return false
	}
	return p.now.Authority().May(who, k) && k.Sort() != "ranged" && k != corridor.KindMandate && k != corridor.KindAmendment && k != corridor.KindSuccession
}

// does are the links to what an office can draft about a record.
func (p *page) does(who corridor.ActorID, h record.Hash, kinds ...corridor.Kind) (list []web.Line) {
	for _, k := range kinds {
		if p.drafts(who, k) {
			list = append(list, web.Line{Name: p.word("kind", string(k)), Link: "/desk/" + string(k) + "?re=" + h.String()})
		}
	}
	return list
}

// nominated are the observers whom an office is asked about.
func (p *page) nominated(who corridor.ActorID, x *web.Desk) {
	rule := p.terms.Consent
	for _, a := range p.v.Admissions() {
		if !slices.Contains(a.Asked, who) || !p.may(a.Record, "facts") {
			continue
		}
		due := a.At + record.Time(rule.Window*60)
		label := p.label(a.Facts.Observer)
		if l := a.Facts.Label.In(p.lang); l != "" {
			label = l
		}
		c := web.Nomination{
			Label: label, Gist: p.places(a.Facts.Places), By: p.label(a.By), When: p.time(a.At), Due: p.time(due), Past: p.clock > due,
			Silence: p.word("consent-silence", rule.Silence), Record: a.Record.String(), Device: a.Facts.Key.Fingerprint().String(),
		}
		for _, v := range a.Votes {
			if v.Act.Of != who || !p.may(v.Record, "facts") {
				continue
			}
			state := "objected"
			if v.Yes {
				state = "consented"
			}
			c.Answer = append(c.Answer, p.answeredFor(p.act(v.Act, v.By, v.Record, state, v.At), v.Answered)...)
		}
		c.Acts = p.does(who, a.Record, corridor.KindConsent, corridor.KindObjection)
		if a.State == corridor.Deployed {
			c.Acts = p.does(who, a.Record, corridor.KindRevocation)
		}
		if len(c.Answer) == 0 {
			x.Open = append(x.Open, c)
		} else {
			x.Answered = append(x.Answered, c)
		}
	}
}

// recordedFor are the acts that others entered as an office's own.
func (p *page) recordedFor(who corridor.ActorID) (list []web.RecordedAct) {
	for i := range p.v.Size() {
		e := p.v.Entry(i)
		if e.By == who || e.Kind.Class() != corridor.ClassAuthority || !p.may(e.Hash, "facts") {
			continue
		}
		c := p.common(e.Hash)
		if c.Act == nil || c.Act.Of != who {
			continue
		}
		x := web.RecordedAct{Act: p.act(*c.Act, e.By, e.Hash, "recorded", e.At), Text: joined(p.t("colon"), p.entry(e.Hash), p.gist(e.Hash))}
		x.Reason = p.word("channel", string(c.Act.Channel))
		answered := p.standings(p.v.Standings(e.Hash))
		for _, s := range answered {
			x.Text = joined(p.t("sep"), x.Text, joined(p.t("colon"), s.By, p.word("act", s.State)))
		}
		x.Acts = p.does(who, e.Hash, corridor.KindCountersignature)
		list = append(list, x)
	}
	return list
}

// textsFor are the mandate, its amendments and the agreements, with how an office stands to them.
func (p *page) textsFor(who corridor.ActorID) (list []web.AccessionTo) {
	for i := range p.v.Size() {
		e := p.v.Entry(i)
		if e.Kind != corridor.KindMandate && e.Kind != corridor.KindAmendment && e.Kind != corridor.KindAgreement || !p.may(e.Hash, "facts") {
			continue
		}
		x := web.AccessionTo{Title: joined(p.t("colon"), p.entry(e.Hash), p.gist(e.Hash)), When: p.time(e.At), Record: e.Hash.String()}
		for _, a := range p.v.Acceded(e.Hash) {
			if a.Act.Of == who && p.may(a.Record, "facts") {
				x.Own = joined(p.t("sep"), x.Own, p.entry(a.Record))
			}
		}
		x.Acts = p.does(who, e.Hash, corridor.KindAccession, corridor.KindReservation)
		list = append(list, x)
	}
	return list
}

// mostAnswerable bounds a list of what may be answered; everything older is in the log.
const mostAnswerable = 20

// answerable are the incidents, reports and words of others, the newest first.
func (p *page) answerable(who corridor.ActorID) (list []web.Answerable) {
	for i := p.v.Size() - 1; i >= 0 && len(list) < mostAnswerable; i-- {
		e := p.v.Entry(i)
		switch e.Kind.Class() {
		case corridor.ClassIncident, corridor.ClassReport, corridor.ClassWord:
		default:
			continue
		}
		if e.By == who || !p.may(e.Hash, "facts") {
			continue
		}
		x := p.about(e)
		x.Acts = p.does(who, e.Hash, corridor.KindReply, corridor.KindDispute)
		if e.Kind.Class() == corridor.ClassReport {
			x.Acts = append(x.Acts, p.does(who, e.Hash, corridor.KindDissent)...)
		}
		list = append(list, x)
	}
	return list
}

// about is a record in a line, with what else the reader may read of it a link away.
func (p *page) about(e corridor.Entry) web.Answerable {
	return web.Answerable{
		Text: joined(p.t("colon"), p.entry(e.Hash), p.gist(e.Hash)), By: p.author(e.Hash, e.By), When: p.time(e.At),
		Record: e.Hash.String(), Link: p.pageOf(e.Hash),
	}
}

// signedBy is what an office has signed, the newest first.
func (p *page) signedBy(who corridor.ActorID) (list []web.Line) {
	for i := p.v.Size() - 1; i >= 0 && len(list) < mostAnswerable; i-- {
		if e := p.v.Entry(i); e.By == who && p.may(e.Hash, "header") {
			list = append(list, web.Line{Name: p.entry(e.Hash), Text: joined(p.t("sep"), web.When(p.lang, p.time(e.At)), p.gist(e.Hash)), Link: link(e.Hash)})
		}
	}
	return list
}

// toErase are the parts whose time is over and that nobody ordered erased, for who may order it.
func (p *page) toErase(who corridor.ActorID) (list []web.Line) {
	if !p.drafts(who, corridor.KindErasure) {
		return nil
	}
	for _, x := range p.now.ToErase(p.clock) {
		if len(list) == mostAnswerable {
			break
		}
		list = append(list, web.Line{
			Name: p.word("part", x.Part), Link: "/desk/" + string(corridor.KindErasure) + "?re=" + x.Record.String(),
			Text: joined(p.t("sep"), p.word("kind", string(x.Kind)), p.label(x.By), web.When(p.lang, p.moment(corridor.Period{x.Since, x.Since}))),
		})
	}
	return list
}

// readsOf are the openings of what an office signed, the newest first: who opened which part, and
// of strict parts how many a day.
func (p *page) readsOf(who corridor.ActorID) (list []web.Line) {
	for _, r := range p.v.ReadsOf(who) {
		list = append(list, web.Line{
			Name: p.label(r.Reader), Link: link(r.Disclosure),
			Text: joined(p.t("sep"), joined(p.t("colon"), p.entry(r.Record), p.word("part", r.Part)), web.When(p.lang, p.moment(r.When))),
		})
	}
	for _, x := range p.v.Exports() {
		if x.Reader != who {
			list = append(list, web.Line{
				Name: p.label(x.Reader), Link: link(x.Disclosure),
				Text: joined(p.t("sep"), p.t("desk.reads.export", "from", int(x.From), "to", int(x.To-1), "level", p.word("level", string(x.Level)), "as", p.word("opened-as", string(x.As))), web.When(p.lang, p.moment(x.When))),
			})
		}
	}
	slices.Reverse(list)
	list = list[:min(len(list), mostAnswerable)]
	for _, d := range p.v.StrictReadsOf(who) {
		list = append(list, web.Line{Name: d.Day, Text: p.t("desk.reads.strict", "n", int(d.N))})
	}
	return list
}

// composePage is the form of a kind.
func (s *Server) composePage(w http.ResponseWriter, r *http.Request, n *node.Node) error {
	who, err := s.office(r)
	if err != nil {
		return err
	}
	return s.deskShow(w, r, n, "compose", 0, func(p *page) (any, error) {
		typed := r.URL.Query()
		return p.compose(who, corridor.Kind(r.PathValue("kind")), typed.Get("re"), &form{p: p, typed: typed, by: who}, nil)
	})
}

// compose is the form, with what is wrong with what was typed.
func (p *page) compose(who corridor.ActorID, k corridor.Kind, re string, f *form, refused error) (any, error) {
	schema, ok := schemaOf(k)
	if !ok || p.reader.Actor != "" && !p.drafts(who, k) {
		return nil, errNotFound
	}
	f.office = slices.Contains(p.now.Authority().Roles(who), corridor.Office)
	x := web.Compose{
		Frame: p.frame(), Kind: string(k), Action: "/desk/" + string(k), By: p.label(who), ByID: string(who), Re: re, Ended: p.reader.Actor == "",
	}
	x.Path = "/desk/" + string(k)
	if re != "" {
		x.Path += "?re=" + re
	}
	x.About = p.answers(re)
	x.Fields = f.fields(schema)
	for name, text := range f.wrong {
		x.Wrong = append(x.Wrong, web.Wrong{ID: idOf(name), Text: text})
	}
	slices.SortFunc(x.Wrong, func(a, b web.Wrong) int { return strings.Compare(a.ID, b.ID) })
	var refusal *corridor.Refusal
	if errors.As(refused, &refusal) {
		x.Wrong = append(x.Wrong, web.Wrong{Text: joined(p.t("sep"), p.t("desk.refused"), refusal.Reason, refusal.Rule)})
	}
	return x, nil
}

// answers is the record that a draft answers, as far as the reader may read it.
func (p *page) answers(re string) *web.Answerable {
	h, err := record.ParseHash(re)
	if err != nil {
		return nil
	}
	e, ok := p.v.Find(h)
	if !ok || !p.may(h, "facts") {
		return nil // whose it is, and that it is there, is not told either
	}
	x := p.about(e)
	return &x
}

// composePost makes a draft of what was typed, or shows the form again with nothing lost. It is
// answered without a session too: it says back what was typed, and no more.
func (s *Server) composePost(w http.ResponseWriter, r *http.Request, n *node.Node) error {
	r.Body = http.MaxBytesReader(w, r.Body, mostForm)
	if err := r.ParseForm(); err != nil {
		if large := new(http.MaxBytesError); errors.As(err, &large) {
			return err
		}
		return badRequest("the form cannot be read")
	}
	who, err := s.office(r)
	if err != nil { // the session has ended while the form was filled in
		if bad := who.UnmarshalText([]byte(r.PostForm.Get("by"))); bad != nil {
			return err
		}
	}
	kind, re := corridor.Kind(r.PathValue("kind")), strings.TrimSpace(r.PostForm.Get("re"))
	if more := r.PostForm.Get("more"); more != "" {
		return s.deskShow(w, r, n, "compose", 0, func(p *page) (any, error) {
			return p.compose(who, kind, re, &form{p: p, typed: r.PostForm, by: who}, nil)
		})
	}
	seen := ""
	if reader(r).Level != corridor.Public {
		if _, signed := n.Newest(); signed != nil {
			seen = string(signed)
		}
	} else if _, signed, err := n.Released(r.Context(), s.cfg.Now()); err == nil && signed != nil {
		seen = string(signed)
	}
	p, err := s.open(w, r, n)
	if err != nil {
		return err
	}
	name, status := "drafted", 0
	m, err := p.make(n, &name, func(p *page) (any, error) {
		f := &form{p: p, typed: r.PostForm, by: who}
		x, err := p.drafted(who, kind, re, f, seen)
		if !errors.Is(err, errAgain) && !errors.As(err, new(*corridor.Refusal)) {
			return x, err
		}
		name, status = "compose", http.StatusUnprocessableEntity
		return p.compose(who, kind, re, f, err)
	})
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "private, no-store")
	m.write(w, r, status)
	return nil
}

// errAgain says that the form is shown again.
var errAgain = errors.New("what was typed cannot be drafted yet")

// drafted is a draft of what was typed. An error says that the form is to be shown again.
func (p *page) drafted(who corridor.ActorID, k corridor.Kind, re string, f *form, seen string) (x web.Drafted, err error) {
	schema, ok := schemaOf(k)
	if !ok {
		return x, errNotFound
	}
	d := corridor.Draft{Kind: k, By: who, Parts: f.parts(schema)}
	if re != "" {
		h, err := record.ParseHash(re)
		if err != nil {
			f.wrong["re"] = p.t("desk.wrong.hash")
		}
		d.Re = &h
	}
	if len(f.wrong) > 0 {
		return x, errAgain
	}
	if p.s.cfg.Nonce == nil {
		return x, errNotFound
	}
	card, err := verify.ParseCard([]byte(p.s.cfg.Card))
	if err != nil {
		return x, errNotFound // a server without a card serves nobody's drafts
	}
	sh, err := sheet.Of(d, p.now.Exercise(), p.now.Founder(), card.Words(), p.readAnswer(d.Re), seen, p.s.cfg.Nonce)
	if err != nil {
		return x, err
	}
	x = web.Drafted{
		Frame: p.frame(), Kind: string(k), By: p.label(who), Own: p.isOwn(), Ended: p.reader.Actor == "",
		Sheet: string(sh.Text()), File: string(k) + "-" + sh.ID.String()[:8] + ".draft", Words: strings.Join(sh.Words(), " "), Card: strings.Join(card.Words(), " "),
		About: p.answers(re), Signing: p.signing(who), Form: "/desk/" + string(k),
	}
	x.Path = "/desk"
	for _, part := range sh.Parts {
		for _, l := range p.fields(part.Bytes) {
			l.Name = joined(p.t("colon"), p.word("part", part.Name), l.Name)
			x.Lines = append(x.Lines, l)
		}
	}
	for name, values := range f.typed {
		for _, v := range values {
			x.Back = append(x.Back, web.Line{Name: name, Text: v})
		}
	}
	slices.SortFunc(x.Back, func(a, b web.Line) int { return strings.Compare(a.Name, b.Name) })
	return x, nil
}

// readAnswer is the record that a draft answers with the parts that its reader may read.
func (p *page) readAnswer(re *record.Hash) *record.Record {
	if re == nil || !p.may(*re, "header") {
		return nil
	}
	r, ok := p.stored(*re)
	if !ok {
		return nil
	}
	r.Parts = slices.Clone(r.Parts)
	for i, part := range r.Parts {
		if !p.may(*re, part.Name) {
			r.Parts[i].Bytes = nil
		}
	}
	return &r
}

// draftFile gives a draft back as a file, for a browser that runs no script.
func (s *Server) draftFile(w http.ResponseWriter, r *http.Request, n *node.Node) error {
	r.Body = http.MaxBytesReader(w, r.Body, 2*sheet.Max)
	if err := r.ParseForm(); err != nil {
		return badRequest("the form cannot be read")
	}
	text := strings.ReplaceAll(r.PostForm.Get("draft"), "\r\n", "\n") // how forms send line ends
	sh, err := sheet.Parse([]byte(text))
	if err != nil {
		return badRequest(err.Error())
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+string(sh.Kind)+"-"+sh.ID.String()[:8]+`.draft"`)
	w.Header().Set("Cache-Control", "private, no-store")
	_, err = w.Write(sh.Text())
	return ignoreGone(err)
}

// deskKey says how a key of the reader's own office stands in the log: whether it is enrolled,
// and the number and name of the last record it signed.
func (s *Server) deskKey(w http.ResponseWriter, r *http.Request, n *node.Node) error {
	who, err := s.office(r)
	if err != nil {
		return err
	}
	fingerprint, err := record.ParseHash(r.PathValue("fingerprint"))
	if err != nil {
		return errNotFound
	}
	var x struct {
		Enrolled bool         `json:"enrolled"`
		Seq      int64        `json:"seq"`
		Last     *record.Hash `json:"last"`
	}
	size, _ := n.Newest()
	err = n.At(size, func(v corridor.View) {
		x.Enrolled = v.Authority().Owner(fingerprint) == who
		if seq, last, ok := v.Chain(fingerprint); ok && x.Enrolled {
			x.Seq, x.Last = seq, &last
		}
	})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "private, no-store")
	return stdjson.NewEncoder(w).Encode(x)
}
