package server

import (
	"context"
	"net/http"
	"strings"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
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

// Readers knows sessions.
type Readers interface {
	// Reader returns whose session or token a request carries, and false if it carries none
	// that is good now.
	Reader(r *http.Request) (Reader, bool)
}

type readerKey struct{}

// reader returns who asks. It was found out once, before the request was routed.
func reader(r *http.Request) Reader {
	if who, ok := r.Context().Value(readerKey{}).(Reader); ok {
		return who
	}
	return Reader{Level: corridor.Public}
}

// admit finds out who asks and returns the request and the writer with which to answer. What
// is answered to a session is kept by nobody.
func (s *Server) admit(w http.ResponseWriter, r *http.Request) (http.ResponseWriter, *http.Request) {
	if s.cfg.Readers == nil || strings.HasPrefix(r.URL.Path, "/a/") { // files of the program, the same for everybody
		return w, r
	}
	who, ok := s.cfg.Readers.Reader(r)
	if !ok {
		return w, r
	}
	return &private{ResponseWriter: w}, r.WithContext(context.WithValue(r.Context(), readerKey{}, who))
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
