package server

import (
	"net/http"
	"net/url"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/session"
	"corridor.example/corridor/record"
	"corridor.example/corridor/web"
)

// door answers a page that stands before the mission's own: it is made anew each time, kept by
// nobody, and there even while nothing is released.
func (s *Server) door(w http.ResponseWriter, r *http.Request, n *node.Node, status int, name string, fill func(p *page) any) error {
	p, err := s.open(w, r, n)
	if err != nil {
		return err
	}
	p.narrow, p.shown = true, p.newest
	var m made
	if p.newest == 0 {
		m, err = p.render(name, fill(p))
	} else {
		m, err = p.make(n, &name, func(p *page) (any, error) { return fill(p), nil })
	}
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	m.write(w, r, status)
	return nil
}

// atDoor is the frame of a page at the door.
func (p *page) atDoor() web.Frame {
	if p.newest == 0 {
		return web.Frame{Path: p.path(), Theme: p.theme, Doors: true}
	}
	return p.frame()
}

func (s *Server) joinPage(w http.ResponseWriter, r *http.Request, n *node.Node) error {
	return s.door(w, r, n, http.StatusOK, "join", func(p *page) any { return web.Join{Frame: p.atDoor()} })
}

func (s *Server) loginPage(w http.ResponseWriter, r *http.Request, n *node.Node) error {
	return s.door(w, r, n, http.StatusOK, "login", func(p *page) any {
		return web.Login{Frame: p.atDoor(), Ended: r.URL.Query().Get("ended") != ""}
	})
}

// provePage answers a page that was asked for with a session's cookie and without a proof that
// holds: whoever holds the key proves it and is shown the page. It reports whether it did.
func (s *Server) provePage(w http.ResponseWriter, r *http.Request, a *answer) bool {
	if r.Method != http.MethodGet || json(r) || !forPeople(r) {
		return false
	}
	c, err := r.Cookie(cookieName(r, proofCookie))
	again := err == nil && c.Value != ""
	err = s.door(w, r, s.node.Load(), a.status, "prove", func(p *page) any { return web.Prove{Frame: p.atDoor(), Again: again} })
	if err != nil {
		s.cfg.Log.Error("the page that asks for a proof", "cause", err.Error())
	}
	return err == nil
}

// loginInstead sends a person whose session has ended, or who has none, to sign in. It reports
// whether it did.
func (s *Server) loginInstead(w http.ResponseWriter, r *http.Request, a *answer) bool {
	if s.cfg.Door == nil || json(r) || !forPeople(r) {
		return false
	}
	to := url.URL{Path: "/login"}
	if a.rule == "session.ended" {
		to.RawQuery = "ended=1"
	}
	w.Header().Set("Location", to.String())
	w.WriteHeader(statusSeeOther)
	return true
}

// sessionsPage lists what lets the reader in, and others of her actor; to an office, everybody.
func (s *Server) sessionsPage(w http.ResponseWriter, r *http.Request, n *node.Node) error {
	here, err := held(r)
	if err != nil {
		return err
	}
	all := office(n, here)
	mine := func(g session.Grant) bool { return all || g.Actor == here.Actor }
	keys, err := s.cfg.Door.Passkeys(r.Context(), "")
	if err != nil {
		return err
	}
	open, err := s.cfg.Door.Invitations(r.Context())
	if err != nil {
		return err
	}
	return s.door(w, r, n, http.StatusOK, "sessions", func(p *page) any {
		x := web.Sessions{Frame: p.atDoor(), Here: p.session(here), All: all, CanAdd: !here.Program}
		for _, y := range s.cfg.Door.List(func(y session.Session) bool { return mine(y.Grant) && y.Name != here.Name }) {
			x.Others = append(x.Others, p.session(y))
		}
		for _, k := range keys {
			x.HasPasskey = x.HasPasskey || k.Account == here.Account
			if mine(k.Grant) {
				x.Passkeys = append(x.Passkeys, p.opening(k.Name, k.Grant, k.At, k.Used, session.PasskeyUntil(k), k.Agent))
			}
		}
		for _, i := range open {
			if mine(i.Grant) {
				o := p.opening(i.Name, i.Grant, i.At, i.At, i.Until, "")
				if o.By = i.By; i.By != "operator" {
					o.By = p.label(corridor.ActorID(i.By))
				}
				x.Invitations = append(x.Invitations, o)
			}
		}
		return x
	})
}

func (p *page) session(s session.Session) web.OpenSession {
	o := p.opening(s.Name, s.Grant, s.At, s.Used, min(s.Until, s.Used+s.Idle), s.Agent)
	o.How = s.How
	return o
}

func (p *page) opening(name string, g session.Grant, at, used, until int64, agent string) web.OpenSession {
	return web.OpenSession{
		Name: name, Who: p.label(g.Actor), Level: string(g.Level), Agent: agent, Program: g.Program,
		Opened: p.time(record.Time(at)), Used: p.time(record.Time(used)), Until: p.time(record.Time(until)),
	}
}

// sessionsPost ends what the form names.
func (s *Server) sessionsPost(w http.ResponseWriter, r *http.Request, n *node.Node) error {
	here, err := held(r)
	if err != nil {
		return err
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxKnock)
	if err := r.ParseForm(); err != nil {
		return badRequest("the form cannot be read")
	}
	name := r.PostForm.Get("end")
	if _, err := s.end(r, n, here, name); err != nil {
		return err
	}
	to := "/sessions"
	if name == here.Name || name == "all" {
		s.setCookie(w, r, sessionCookie, "", -1)
		to = "/login"
	}
	w.Header().Set("Location", to)
	w.WriteHeader(statusSeeOther)
	return nil
}
