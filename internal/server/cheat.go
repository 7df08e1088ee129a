package server

import (
	"context"
	"errors"
	"net/http"
	"time"

	"corridor.example/corridor/internal/cheat"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/web"
)

// cheatPage offers the lies. A server that tells none says so.
func (s *Server) cheatPage(w http.ResponseWriter, r *http.Request, n *node.Node) error {
	return s.show(w, r, n, "cheat", func(p *page) (any, error) { return p.cheat("", nil), nil })
}

// cheatPost tells one lie on a copy and shows what the checker says of it. It changes nothing,
// and is still answered only to this server's own pages.
func (s *Server) cheatPost(w http.ResponseWriter, r *http.Request, n *node.Node) error {
	if s.cfg.Cheat == nil {
		return errNotFound
	}
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	if err := r.ParseForm(); err != nil {
		return badRequest("the form cannot be read")
	}
	code := r.PostForm.Get("lie")
	if !known(code) {
		return badRequest("the form names one of the lies that the page offers")
	}
	a, took, err := s.lie(r.Context(), code)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return s.show(w, r, n, "cheat", func(p *page) (any, error) { return p.cheat(code, p.answer(a, took)), nil })
}

func known(code string) bool {
	for _, c := range cheat.Codes {
		if c == code {
			return true
		}
	}
	return false
}

// liesWaiting is how many readers may wait for the one lie that is told at a time.
const liesWaiting = 4

// A stage lets one lie be told at a time, and few wait.
type stage struct{ running, waiting chan struct{} }

func newStage() stage {
	return stage{make(chan struct{}, 1), make(chan struct{}, 1+liesWaiting)}
}

// lie tells a lie when it is its turn, and says how long the telling and the checking took.
func (s *Server) lie(ctx context.Context, code string) (a cheat.Answer, took time.Duration, err error) {
	select {
	case s.stage.waiting <- struct{}{}:
		defer func() { <-s.stage.waiting }()
	default:
		return a, 0, errBusy
	}
	select {
	case s.stage.running <- struct{}{}:
		defer func() { <-s.stage.running }()
	case <-ctx.Done():
		return a, 0, ctx.Err()
	}
	start := s.cfg.Now()
	a, err = s.cfg.Cheat(ctx, code)
	if errors.Is(err, cheat.ErrNothing) {
		return a, 0, errNoLie
	}
	return a, s.cfg.Now().Sub(start), err
}

// cheat is the page, with the answer to the lie just told if there is one.
func (p *page) cheat(tried string, answer *web.CheatAnswer) web.Cheat {
	x := web.Cheat{Frame: p.frame(), Answer: answer}
	x.Path = "/cheat" // the page of an answer is the page of the lies
	if p.s.cfg.Cheat == nil {
		return x
	}
	for _, code := range cheat.Codes {
		x.Lies = append(x.Lies, web.Lie{Code: code, Here: p.target(code), Action: "/cheat", Tried: code == tried})
	}
	return x
}

// target says what a lie is told about in this mission, as far as the reader may know.
func (p *page) target(code string) string {
	switch code {
	case "omit":
		if report, incident, ok := cheat.Omitted(p.v); ok && p.may(report, "facts") {
			return joined(p.t("sep"), p.gist(report), joined(p.t("colon"), p.entry(incident), p.gist(incident)))
		}
	case "alter":
		if h, was, is, ok := cheat.Altered(p.v); ok && p.may(h, "facts") && p.may(h, "count") {
			return joined(p.t("colon"), p.entry(h), p.t("cheat.alter.here", "was", p.number(was), "is", p.number(is)))
		}
	}
	return ""
}

// answer is what became of a lie: what was done, what the checker says, who notices.
func (p *page) answer(a cheat.Answer, took time.Duration) *web.CheatAnswer {
	d := a.Done
	x := &web.CheatAnswer{Code: a.Code, Entry: int(a.Entry), Text: a.Says, Millis: int(took.Milliseconds()), Caught: a.Caught}
	x.Done = p.t("cheat."+a.Code+".done",
		"entry", int(a.Entry), "of", int(d.Of), "was", p.number(d.Was), "is", p.number(d.Is), "who", p.label(d.For),
		"when", p.second(d.At), "size", int(d.Size))
	if a.Entry < p.v.Size() && a.Code != "backdate" { // what was put in stands nowhere
		x.Link = link(p.v.Entry(a.Entry).Hash)
	}
	for _, c := range a.Claims {
		x.Checks = append(x.Checks, claim(c))
	}
	for _, n := range a.Notices {
		x.Notices = append(x.Notices, web.Notice{
			Who:  p.t("notice."+n.Code+".who", "names", joined(p.t("comma"), n.Who...)),
			When: p.t("notice." + n.Code + ".when"), By: p.t("notice." + n.Code + ".by"),
		})
	}
	return x
}
