package server

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"rsc.io/qr"

	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
	"corridor.example/corridor/web"
)

// Trust is the mission's own authority for certificates, as devices are told of it.
type Trust struct {
	DER         []byte    // its certificate
	Fingerprint [32]byte  // SHA-256 of that
	Names       []string  // all that it vouches for
	Until       time.Time // when it ends
	Address     string    // of the page that says so, in the clear: "http://mission.example/trust"
	Secure      string    // of the server over TLS, without a slash at the end
}

// trusts registers the pages that say how a device comes to trust the mission's authority.
func (s *Server) trusts() {
	if s.cfg.Trust == nil {
		return
	}
	s.mux.HandleFunc("GET /trust", func(w http.ResponseWriter, r *http.Request) { s.trustPage(w, r, "") })
	s.mux.HandleFunc("GET /trust/{platform}", func(w http.ResponseWriter, r *http.Request) {
		p := r.PathValue("platform")
		if !slices.Contains(web.Platforms(), p) {
			s.fail(w, r, errNotFound)
			return
		}
		s.trustPage(w, r, p)
	})
	s.mux.HandleFunc("GET /trust/ca.crt", s.trustFile)
}

// trustFile answers the authority's certificate, in the form that every device takes.
func (s *Server) trustFile(w http.ResponseWriter, _ *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "application/x-x509-ca-cert")
	h.Set("Content-Disposition", `attachment; filename="corridor-mission.crt"`)
	h.Set("Cache-Control", "no-cache")
	_, _ = w.Write(s.cfg.Trust.DER) // the reader has gone
}

// trustPage answers one page of how to trust the authority: all platforms, or one. It says
// nothing of the mission, and is there before its log is read.
func (s *Server) trustPage(w http.ResponseWriter, r *http.Request, platform string) {
	t := s.cfg.Trust
	code, err := qr.Encode(t.Address, qr.M)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	data := web.Trust{
		Platform: platform, Fingerprint: pairs(t.Fingerprint[:]), Words: strings.Join(verify.Words(t.Fingerprint[:10]), " "),
		Names: t.Names, Address: t.Address, Secure: t.Secure, Code: codePath(code), Size: code.Size,
	}
	err = s.door(w, r, (*node.Node)(nil), http.StatusOK, "trust", func(p *page) any {
		data.Frame = p.atDoor()
		data.Until = p.time(record.At(t.Until))
		return data
	})
	if err != nil {
		s.fail(w, r, err)
	}
}

// pairs spells bytes as devices show a fingerprint, "AB:CD:…", in groups of eight between which
// a line breaks.
func pairs(b []byte) string {
	var groups []string
	for group := range slices.Chunk(b, 8) {
		var list []string
		for _, x := range group {
			list = append(list, fmt.Sprintf("%02X", x))
		}
		groups = append(groups, strings.Join(list, ":"))
	}
	return strings.Join(groups, " ")
}

// codePath draws a code for a camera as the path of an SVG, one unit for each square.
func codePath(c *qr.Code) string {
	var b strings.Builder
	for y := range c.Size {
		for x := 0; x < c.Size; x++ {
			n := 0
			for x+n < c.Size && c.Black(x+n, y) {
				n++
			}
			if n > 0 {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", x, y, n, n)
				x += n
			}
		}
	}
	return b.String()
}
