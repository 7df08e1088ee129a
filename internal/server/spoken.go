package server

import (
	"net/http"
	"strconv"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
)

// spokenPage leads to the nth statement of a speaker, by when it was said: a short address for
// use in other texts. The permanent one, which a later record cannot move, is the record hash.
func (s *Server) spokenPage(w http.ResponseWriter, r *http.Request, n *node.Node) error {
	left, err := strconv.Atoi(r.PathValue("n"))
	if err != nil || left < 1 {
		return errNotFound
	}
	p, err := s.open(w, r, n)
	if err != nil {
		return err
	}
	if p.newest == 0 {
		return errNotReleased
	}
	to := ""
	err = n.Read(r.Context(), p.shown, p.newest, func(read node.Reading) error {
		p.begin(read)
		for _, said := range p.v.Statements() {
			if by := said.Facts.Speaker; by == nil || *by != corridor.ActorID(r.PathValue("speaker")) || !p.may(said.Record, "facts") {
				continue
			}
			if left--; left == 0 {
				to = p.past("/said/" + said.Record.String())
				return nil
			}
		}
		return errNotFound
	})
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-cache")
	http.Redirect(w, r, to, statusSeeOther)
	return nil
}
