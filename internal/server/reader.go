package server

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/session"
)

// A Reader is who asks: the public, or the holder of a session or of a token.
type Reader struct {
	Level   corridor.Level   // what she may read
	Actor   corridor.ActorID // whom she reads for: an actor or an observer; "" for the public
	Session string           // name of her session or token, which opens nothing; "" for the public
	Program bool             // a token of a program, such as a party's witness
}

// Public reports whether this is nobody in particular.
func (r Reader) Public() bool { return r.Session == "" }

// Readers knows who reads otherwise than by a session of the door.
type Readers interface {
	// Reader returns who sends a request, and false if that is nobody in particular.
	Reader(r *http.Request) (Reader, bool)
}

type (
	readerKey  struct{} // Reader
	sessionKey struct{} // session.Session
)

// reader returns who asks. It was found out once, before the request was routed.
func reader(r *http.Request) Reader {
	if who, ok := r.Context().Value(readerKey{}).(Reader); ok {
		return who
	}
	return Reader{Level: corridor.Public}
}

// held returns the session of a request, or an error for the public.
func held(r *http.Request) (session.Session, error) {
	s, ok := r.Context().Value(sessionKey{}).(session.Session)
	if !ok {
		return s, errNoSession
	}
	return s, nil
}

// reach returns how far a reader sees the log, and the checkpoint that this ends with, nil
// before there is one: the public what is released, everybody else all that is committed. Both
// are prefixes of one log.
func (s *Server) reach(r *http.Request, n *node.Node) (int64, []byte, error) {
	if reader(r).Level == corridor.Public {
		return n.Released(r.Context(), s.cfg.Now())
	}
	size, signed := n.Newest()
	return size, signed, nil
}

// The cookies of a session. Over TLS a browser lets nobody but this very host set them.
const (
	sessionCookie = "session"
	proofCookie   = "proof" // made by the page's script for one request, and taken away by the answer
	hostOnly      = "__Host-"
)

// proofHeader carries what the proof cookie does, in requests that a script makes.
const proofHeader = "Corridor-Proof"

// anyone reports whether an address answers everybody alike, so that nobody is asked there for
// a proof, and a session that has ended is in nobody's way.
func anyone(r *http.Request) bool {
	p := r.URL.Path
	return strings.HasPrefix(p, "/a/") || p == "/healthz" || p == "/readyz" || p == "/join" || p == "/login" || p == "/trust" || strings.HasPrefix(p, "/trust/") ||
		p == "/api/v1/session/nonce" || ofPhone(p) || r.Method == http.MethodPost && (takesIn(p) || strings.HasPrefix(p, "/api/v1/session/open/"))
}

// takesIn reports whether records are handed in at an address, or receipts for them asked: that
// needs a key, or a record's name, and no session.
func takesIn(path string) bool {
	return path == "/api/v1/records" || path == "/api/v1/sealed" || path == "/api/v1/receipts" || strings.HasPrefix(path, "/api/v1/uploads/")
}

// sameSite refuses what a page of another site asks a browser to send here. Records may come
// from anywhere: they carry their own signature and nobody's right.
func (s *Server) sameSite(r *http.Request) error {
	if r.Method == http.MethodPost && takesIn(r.URL.Path) {
		return nil
	}
	if s.cross.Check(r) == nil {
		return nil
	}
	s.cfg.Log.Warn("a request that another site made was refused", "method", r.Method, "from", from(r))
	return errForeign
}

// admit finds out who asks, and returns the request and the writer with which to answer. What
// is answered to a session is kept by nobody.
func (s *Server) admit(w http.ResponseWriter, r *http.Request) (http.ResponseWriter, *http.Request, error) {
	if anyone(r) {
		return w, r, nil
	}
	if !reader(r).Public() { // of a party's own server
		return &private{ResponseWriter: w}, r, nil
	}
	if s.cfg.Readers != nil {
		if who, ok := s.cfg.Readers.Reader(r); ok {
			return &private{ResponseWriter: w}, r.WithContext(context.WithValue(r.Context(), readerKey{}, who)), nil
		}
	}
	if s.cfg.Door == nil {
		return w, r, nil
	}
	shown, ok := s.shown(w, r)
	if !ok {
		return w, r, nil
	}
	w = &private{ResponseWriter: w}
	held, err := s.cfg.Door.Admit(r.Context(), shown)
	var refused *session.Refused
	if errors.As(err, &refused) && refused.Rule == "session.ended" && !shown.Bearer {
		s.setCookie(w, r, sessionCookie, "", -1)
	}
	if err != nil {
		return w, r, err
	}
	who := Reader{Level: held.Level, Actor: held.Actor, Session: held.Name, Program: held.Program}
	ctx := context.WithValue(context.WithValue(r.Context(), sessionKey{}, held), readerKey{}, who)
	return w, r.WithContext(ctx), nil
}

// shown takes from a request what it shows of a session. A proof that came as a cookie is
// taken away: it was for this request.
func (s *Server) shown(w http.ResponseWriter, r *http.Request) (session.Shown, bool) {
	shown := session.Shown{Host: r.Host, From: from(r), Proof: r.Header.Get(proofHeader)}
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		shown.Token, shown.Bearer = token, true
		return shown, true
	}
	c, err := r.Cookie(cookieName(r, sessionCookie))
	if err != nil {
		return shown, false
	}
	shown.Token = c.Value
	if p, err := r.Cookie(cookieName(r, proofCookie)); err == nil && p.Value != "" {
		s.setCookie(w, r, proofCookie, "", -1)
		if shown.Proof == "" {
			shown.Proof = p.Value
		}
	}
	return shown, true
}

// cookieName is the name of a cookie as it is set where this request came. It ends with the
// port, because cookies know no ports: two servers on one machine do not take each other's.
func cookieName(r *http.Request, name string) string {
	if _, port, err := net.SplitHostPort(r.Host); err == nil {
		name += port
	}
	if secure(r) {
		return hostOnly + name
	}
	return name
}

// setCookie sets a cookie until the browser closes, or takes it away if age is below 0.
func (s *Server) setCookie(w http.ResponseWriter, r *http.Request, name, value string, age int) {
	http.SetCookie(w, &http.Cookie{
		Name: cookieName(r, name), Value: value, Path: "/", MaxAge: age,
		Secure: secure(r), HttpOnly: name == sessionCookie, SameSite: http.SameSiteStrictMode,
	})
}

// private is an answer to one reader: whatever a handler says of how long it may be kept, no
// cache keeps it, and it is not told from another by a tag.
type private struct {
	http.ResponseWriter
	begun bool
}

func (p *private) begin() {
	if p.begun {
		return
	}
	p.begun = true
	h := p.Header()
	h.Set("Cache-Control", "private, no-store")
	h.Add("Vary", "Cookie, Authorization")
	h.Del("ETag")
}

func (p *private) WriteHeader(status int) {
	p.begin()
	p.ResponseWriter.WriteHeader(status)
}

func (p *private) Write(b []byte) (int, error) {
	p.begin()
	return p.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach what the writer can do.
func (p *private) Unwrap() http.ResponseWriter { return p.ResponseWriter }
