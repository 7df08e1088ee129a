package server

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"corridor.example/corridor/internal/session"
)

// An arrival is how a request reached this server. It is found out once, and nothing later
// asks a header that anybody can write.
type arrival struct {
	from   string // prefix of the address it comes from
	secure bool   // its sender's browser speaks TLS, to us or to a proxy of ours
}

type arrivalKey struct{}

// arrive notes how a request reached this server. What a proxy says is believed of those alone
// that the server was told of.
func (s *Server) arrive(r *http.Request) *http.Request {
	a := arrival{secure: r.TLS != nil}
	addr, known := peer(r)
	a.from = "unknown"
	if known {
		a.from = session.Prefix(addr.String())
	}
	switch proto := last(r.Header.Values("X-Forwarded-Proto")); {
	case known && s.proxy(addr):
		a.secure = a.secure || strings.EqualFold(proto, "https")
		a.from = s.beyond(addr, r.Header.Values("X-Forwarded-For"))
	case proto != "" && !a.secure:
		s.unstated.Do(func() {
			s.cfg.Log.Warn("X-Forwarded-Proto is not believed from an address that was not stated with --proxy", "from", addr.String())
		})
	}
	return r.WithContext(context.WithValue(r.Context(), arrivalKey{}, a))
}

// peer returns the other end of a request's connection.
func peer(r *http.Request) (netip.Addr, bool) {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	a, err := netip.ParseAddr(host)
	return a.Unmap().WithZone(""), err == nil
}

func (s *Server) proxy(a netip.Addr) bool {
	for _, p := range s.cfg.Proxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// beyond follows X-Forwarded-For from the nearest proxy outwards as far as proxies of ours
// wrote it, and returns the prefix of the first address that is none.
func (s *Server) beyond(at netip.Addr, headers []string) string {
	list := strings.Split(strings.Join(headers, ","), ",")
	for i := len(list) - 1; i >= 0; i-- {
		text := strings.TrimSpace(list[i])
		if text == "" {
			break
		}
		if host, _, err := net.SplitHostPort(text); err == nil {
			text = host
		}
		next, err := netip.ParseAddr(strings.Trim(text, "[]"))
		if err != nil {
			return "unknown" // it came through our proxy, from where is not said
		}
		at = next.Unmap().WithZone("")
		if !s.proxy(at) {
			break
		}
	}
	return session.Prefix(at.String())
}

// last is the last value of a header, which the proxy nearest to us wrote.
func last(values []string) string {
	if len(values) == 0 {
		return ""
	}
	v := values[len(values)-1]
	return strings.TrimSpace(v[strings.LastIndex(v, ",")+1:])
}

func arrived(r *http.Request) arrival {
	a, ok := r.Context().Value(arrivalKey{}).(arrival)
	if !ok {
		return arrival{from: "unknown", secure: r.TLS != nil}
	}
	return a
}

// secure reports whether the reader reaches this server over TLS, here or at a proxy before it.
func secure(r *http.Request) bool { return arrived(r).secure }

// from returns the prefix of the address that a request comes from.
func from(r *http.Request) string { return arrived(r).from }

// site is the address of this server as the reader's browser names its origin.
func site(r *http.Request) string {
	if secure(r) {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// insist tells a browser that reached this server over TLS to come in no other way from now on.
// Browsers take it from names alone, and a machine's own names are everybody's.
func (s *Server) insist(w http.ResponseWriter, r *http.Request) {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	if s.cfg.Insist <= 0 || !secure(r) || host == "localhost" || net.ParseIP(strings.Trim(host, "[]")) != nil {
		return
	}
	w.Header().Set("Strict-Transport-Security", "max-age="+itoa(int(s.cfg.Insist/time.Second)))
}
