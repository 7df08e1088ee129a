package server

import (
	"net/http"
	"sync"

	"corridor.example/corridor/web"
)

// checkMade is the page that checks, as it is sent.
var checkMade = sync.OnceValue(func() made { return newMade(web.CheckPage(), "en, ar") })

// checkPage answers the page that checks, which is one file. It is the same for every mission,
// needs none, and is worth more when it comes from somebody else.
func (s *Server) checkPage(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Security-Policy", web.CheckPolicy()+"; frame-ancestors 'none'")
	checkMade().write(w, r, 0)
}
