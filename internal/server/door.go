package server

import (
	"bytes"
	stdjson "encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/session"
)

// Limits of a request to the door.
const (
	maxKnock  = 16 << 10         // bytes
	knockTime = 10 * time.Second // in which it has to be there whole
	watchTime = 25 * time.Second // how long a question whether a session has ended is kept open
)

// doors registers what opens and ends sessions.
func (s *Server) doors() {
	if s.cfg.Door == nil {
		return
	}
	s.handle("GET /api/v1/session", s.getSession)
	s.handle("GET /api/v1/session/nonce", s.getNonce)
	s.handle("GET /api/v1/session/watch", s.watchSession)
	s.handle("POST /api/v1/session/open/invitation", s.openInvitation)
	s.handle("POST /api/v1/session/open/key", s.openKey)
	s.handle("POST /api/v1/session/open/passkey/begin", s.beginPasskey)
	s.handle("POST /api/v1/session/open/passkey", s.openPasskey)
	s.handle("POST /api/v1/session/passkey/begin", s.newPasskey)
	s.handle("POST /api/v1/session/passkey", s.addPasskey)
	s.handle("POST /api/v1/session/end", s.endSession)
	s.handle("GET /join", s.joinPage)
	s.handle("GET /login", s.loginPage)
	s.handle("GET /sessions", s.sessionsPage)
	s.handle("POST /sessions", s.sessionsPost)
}

// An asking is the body of a request to the door; each address reads the members it needs.
type asking struct {
	Code     string             `json:"code,omitempty"`     // of an invitation
	Bind     string             `json:"bind,omitempty"`     // the browser's key
	Proof    string             `json:"proof,omitempty"`    // that it is held
	Level    corridor.Level     `json:"level,omitempty"`    // asked for with a device key
	Request  string             `json:"request,omitempty"`  // what the device key signed
	Begun    string             `json:"begun,omitempty"`    // name of a passkey's ceremony
	Response stdjson.RawMessage `json:"response,omitempty"` // what the authenticator answered
	End      string             `json:"end,omitempty"`      // name of a session, or "all"
}

// said reads the short JSON body of a request by somebody who has no session yet.
func said(w http.ResponseWriter, r *http.Request, v any) error {
	if t, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); strings.TrimSpace(t) != "application/json" {
		return badRequest("the body is JSON, and Content-Type says so")
	}
	hurry(r, knockTime)
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxKnock))
	if err != nil {
		return err
	}
	d := stdjson.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil || d.More() {
		return badRequest("the body cannot be read as the JSON that is asked for")
	}
	return nil
}

// knock reads the body of a request to the door, and who sends it.
func (s *Server) knock(w http.ResponseWriter, r *http.Request) (a asking, k session.Knock, err error) {
	if err := said(w, r, &a); err != nil {
		return a, k, err
	}
	k = session.Knock{Web: site(r), From: from(r), Host: r.Host, Agent: r.UserAgent(), Bind: a.Bind, Proof: a.Proof}
	return a, k, nil
}

// opened tells a reader of the session that was opened: its token goes to a browser as a
// cookie that no script reads, and to a program in the answer. A session that the browser had
// before ends.
type opened struct {
	Name  string           `json:"name"`
	Actor corridor.ActorID `json:"actor"`
	Level corridor.Level   `json:"level"`
	How   string           `json:"how"`
	Until time.Time        `json:"until"`
	Token string           `json:"token,omitempty"`
}

func newOpened(x session.Session) opened {
	return opened{Name: x.Name, Actor: x.Actor, Level: x.Level, How: x.How, Until: time.Unix(x.Until, 0).UTC()}
}

func (s *Server) let(w http.ResponseWriter, r *http.Request, token string, x session.Session) error {
	o := newOpened(x)
	if len(x.Bind) == 0 {
		o.Token = token
	} else {
		if c, err := r.Cookie(cookieName(r, sessionCookie)); err == nil {
			if err := s.cfg.Door.Leave(r.Context(), c.Value); err != nil {
				return err
			}
		}
		s.setCookie(w, r, sessionCookie, token, 0)
	}
	return answerJSON(w, http.StatusCreated, o)
}

func answerJSON(w http.ResponseWriter, status int, v any) error {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	return ignoreGone(stdjson.NewEncoder(w).Encode(v))
}

// getNonce answers a nonce, which is worth nothing but to be signed.
func (s *Server) getNonce(w http.ResponseWriter, _ *http.Request, _ *node.Node) error {
	return answerJSON(w, http.StatusOK, map[string]string{"nonce": s.cfg.Door.Nonce()})
}

// getSession answers whose session the request carries.
func (s *Server) getSession(w http.ResponseWriter, r *http.Request, _ *node.Node) error {
	x, err := held(r)
	if err != nil {
		return err
	}
	return answerJSON(w, http.StatusOK, newOpened(x))
}

// watchSession answers when the session ends, or after a while that it has not.
func (s *Server) watchSession(w http.ResponseWriter, r *http.Request, _ *node.Node) error {
	x, err := held(r)
	if err != nil {
		return err
	}
	late := time.NewTimer(watchTime)
	defer late.Stop()
	ended := s.cfg.Door.Ended(x.Name)
	if ended == nil {
		return errNoSession
	}
	select {
	case <-ended:
	case <-late.C:
		return answerJSON(w, http.StatusOK, map[string]bool{"ended": false})
	case <-s.leaving:
		return answerJSON(w, http.StatusOK, map[string]bool{"ended": false})
	case <-r.Context().Done():
		return nil
	}
	return answerJSON(w, http.StatusOK, map[string]bool{"ended": true})
}

func (s *Server) openInvitation(w http.ResponseWriter, r *http.Request, _ *node.Node) error {
	a, k, err := s.knock(w, r)
	if err != nil {
		return err
	}
	token, x, err := s.cfg.Door.Join(r.Context(), a.Code, k)
	if err != nil {
		return err
	}
	return s.let(w, r, token, x)
}

func (s *Server) openKey(w http.ResponseWriter, r *http.Request, _ *node.Node) error {
	a, k, err := s.knock(w, r)
	if err != nil {
		return err
	}
	if a.Level == "" {
		a.Level = corridor.Parties
	}
	token, x, err := s.cfg.Door.WithKey(r.Context(), a.Level, []byte(a.Request), k)
	if err != nil {
		return err
	}
	return s.let(w, r, token, x)
}

// begun is what a browser is to ask its authenticator.
type begun struct {
	Begun   string             `json:"begun"`
	Options stdjson.RawMessage `json:"options"`
}

func (s *Server) beginPasskey(w http.ResponseWriter, r *http.Request, _ *node.Node) error {
	_, k, err := s.knock(w, r)
	if err != nil {
		return err
	}
	name, options, err := s.cfg.Door.BeginPasskey(k)
	if err != nil {
		return err
	}
	return answerJSON(w, http.StatusOK, begun{name, options})
}

func (s *Server) openPasskey(w http.ResponseWriter, r *http.Request, _ *node.Node) error {
	a, k, err := s.knock(w, r)
	if err != nil {
		return err
	}
	token, x, err := s.cfg.Door.WithPasskey(r.Context(), a.Begun, a.Response, k)
	if err != nil {
		return err
	}
	return s.let(w, r, token, x)
}

func (s *Server) newPasskey(w http.ResponseWriter, r *http.Request, _ *node.Node) error {
	x, err := held(r)
	if err != nil {
		return err
	}
	_, k, err := s.knock(w, r)
	if err != nil {
		return err
	}
	name, options, err := s.cfg.Door.NewPasskey(x, k)
	if err != nil {
		return err
	}
	return answerJSON(w, http.StatusOK, begun{name, options})
}

func (s *Server) addPasskey(w http.ResponseWriter, r *http.Request, _ *node.Node) error {
	x, err := held(r)
	if err != nil {
		return err
	}
	a, k, err := s.knock(w, r)
	if err != nil {
		return err
	}
	p, err := s.cfg.Door.AddPasskey(r.Context(), x, a.Begun, a.Response, k)
	if err != nil {
		return err
	}
	return answerJSON(w, http.StatusCreated, map[string]string{"name": p.Name})
}

// endSession ends one session of those that the holder may end, or all of her actor's. An
// office ends anybody's.
func (s *Server) endSession(w http.ResponseWriter, r *http.Request, n *node.Node) error {
	x, err := held(r)
	if err != nil {
		return err
	}
	a, _, err := s.knock(w, r)
	if err != nil {
		return err
	}
	if a.End == "" {
		a.End = x.Name
	}
	ended, err := s.end(r, n, x, a.End)
	if err != nil {
		return err
	}
	return answerJSON(w, http.StatusOK, map[string]int{"ended": ended})
}

// end ends what a holder names of what she sees: a session, a passkey, an invitation, or "all"
// sessions of her own actor. It returns how many.
func (s *Server) end(r *http.Request, n *node.Node, x session.Session, name string) (ended int, err error) {
	door, all := s.cfg.Door, office(n, x)
	mine := func(a corridor.ActorID) bool { return all || a == x.Actor }
	why := func(a corridor.ActorID) string {
		if a == x.Actor {
			return "holder"
		}
		return "office"
	}
	for _, y := range door.List(func(y session.Session) bool {
		return mine(y.Actor) && y.Name == name || name == "all" && y.Actor == x.Actor
	}) {
		_, e := door.End(r.Context(), y.Name, why(y.Actor))
		err = errors.Join(err, e)
		ended++
	}
	keys, e := door.Passkeys(r.Context(), "")
	err = errors.Join(err, e)
	for _, p := range keys {
		if p.Name == name && mine(p.Actor) {
			err = errors.Join(err, door.DropPasskey(r.Context(), p, why(p.Actor)))
			ended++
		}
	}
	open, e := door.Invitations(r.Context())
	err = errors.Join(err, e)
	for _, i := range open {
		if i.Name == name && mine(i.Actor) {
			_, e := door.Withdraw(r.Context(), i.Name)
			err = errors.Join(err, e)
			ended++
		}
	}
	if err == nil && ended == 0 {
		err = errNotFound
	}
	return ended, err
}

// office reports whether a session's holder sees and ends those of others: one in the role of
// an office, reading at the mission's level or above.
func office(n *node.Node, x session.Session) (is bool) {
	n.View(func(v corridor.View) {
		for _, r := range v.Authority().Roles(x.Actor) {
			is = is || r == corridor.Office
		}
	})
	return is && x.Level.Reads(corridor.MissionLevel)
}
