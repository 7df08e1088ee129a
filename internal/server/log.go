package server

import (
	"net/http"
	"strconv"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
	"corridor.example/corridor/web"
)

// entriesShown is how many entries one page of the log lists.
const entriesShown = 50

// logPage is the record of records: how long it is, who signed it, and how to check it.
func (s *Server) logPage(w http.ResponseWriter, r *http.Request, n *node.Node) error {
	before := int64(-1)
	if q := r.URL.Query().Get("before"); q != "" {
		i, err := strconv.ParseInt(q, 10, 64)
		if err != nil || i < 1 {
			return badRequest("before is the number of an entry, from 1")
		}
		before = i
	}
	key := n.VerifierKey()
	return s.show(w, r, n, "log", func(p *page) (any, error) { return p.log(before, key) })
}

func (p *page) log(before int64, key string) (any, error) {
	x := web.Log{Frame: p.frame(), Key: key, Origin: p.terms.Origin, Card: p.s.cfg.Card, Checks: p.s.lastCheck().Claims, Commands: p.howToCheck()}
	root, err := p.v.Root()
	if err != nil {
		return nil, err
	}
	x.Root, x.Signers = root.String(), x.Seal.Signers
	if c, err := ledger.ParseCheckpoint(p.signed); err == nil && c.Size == p.v.Size() {
		x.Checkpoint = string(p.signed)
	}
	for _, c := range p.v.Logged() {
		x.Classes = append(x.Classes, web.ClassCount{Class: string(c.Class), N: int(c.N)})
	}
	if before < 0 || before > p.v.Size() {
		before = p.v.Size()
	}
	from := max(0, before-entriesShown)
	for i := before - 1; i >= from; i-- {
		x.Entries = append(x.Entries, p.logEntry(i))
	}
	if from > 0 {
		x.Earlier = p.entriesBefore(from)
	}
	if before < p.v.Size() {
		x.Later = p.entriesBefore(min(before+entriesShown, p.v.Size()))
	}
	return x, nil
}

func (p *page) entriesBefore(i int64) string {
	address := "/log?before=" + itoa(int(i))
	if p.shown != p.newest {
		address += "&at=" + itoa(int(p.shown))
	}
	return address
}

// logEntry is one line of the log.
func (p *page) logEntry(i int64) web.Entry {
	e := p.v.Entry(i)
	x := web.Entry{Index: int(i), Class: string(p.v.Class(i)), Hash: e.Hash.String()}
	if !p.may(e.Hash, "header") {
		return x
	}
	x.Kind, x.By, x.When, x.Text = string(e.Kind), p.label(e.By), p.time(e.At), p.gist(e.Hash)
	x.Marked = p.marked(e)
	return x
}

// marked is what a reader should know of an entry before opening it.
func (p *page) marked(e corridor.Entry) string {
	for _, part := range record.PartNames {
		if _, erased := p.v.Erased(e.Hash, part); erased {
			return "erased"
		}
	}
	if len(p.v.Disputed(e.Hash)) > 0 {
		return "disputed"
	}
	for _, c := range p.v.Corrections(e.Hash) {
		if c.Own && !c.Listed {
			return "corrected"
		}
	}
	if len(p.broken(e)) > 0 {
		return "finding"
	}
	return ""
}

// howToCheck are the commands with which anybody checks this log on a machine of their own.
func (p *page) howToCheck() []web.Line {
	base := p.base()
	list := []web.Line{{Name: p.t("check.replay"), Text: "corridor verify " + base + " --card mission.card"}}
	if p.s.cfg.Card != "" {
		list = append(list, web.Line{Name: p.t("check.card"), Text: "curl -o mission.card " + base + "/mission.card"})
	}
	return append(list,
		web.Line{Name: p.t("check.bundle"), Text: "curl -o mission.bundle " + base + "/api/v1/bundle\ncorridor verify mission.bundle --card mission.card"},
		web.Line{Name: p.t("check.checkpoint"), Text: "curl " + base + "/checkpoint"},
	)
}

// base is the address under which the reader reaches this server.
func (p *page) base() string { return site(p.r) }
