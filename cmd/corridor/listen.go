package main

import (
	"context"
	"crypto/tls"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"corridor.example/corridor/internal/server"
)

// A listening is where a server is to listen, and how it is reached there.
type listening struct {
	addrs    []string // the first that is free
	proxies  []netip.Prefix
	insecure bool   // in the clear, although others than this machine can ask
	plain    string // where, beside TLS, in the clear; "": nowhere
	asked    bool   // plain was asked for: it is an error if nothing can listen there
	cert     certCall
}

func (a *listening) flags(f *flag.FlagSet) {
	a.plain = defaultPlain
	f.Func("plain", "", func(v string) error {
		if a.plain, a.asked = v, true; v == "none" {
			a.plain = ""
		}
		return nil
	})
	a.cert.flags(f)
	f.Func("listen", "", func(v string) error { a.addrs = []string{v}; return nil })
	f.Func("proxy", "", func(v string) error {
		if ip, err := netip.ParseAddr(v); err == nil {
			v = netip.PrefixFrom(ip, ip.BitLen()).String()
		}
		p, err := netip.ParsePrefix(v)
		if err != nil {
			return fmt.Errorf("--proxy takes addresses, such as 127.0.0.1/32, and not %q", v)
		}
		if p.Bits() == 0 {
			return fmt.Errorf("--proxy %s would believe everybody", v)
		}
		a.proxies = append(a.proxies, p.Masked())
		return nil
	})
	f.BoolVar(&a.insecure, "insecure", false, "")
}

// check says what of the flags does not go together.
func (a *listening) check(own bool) error {
	if own && len(a.proxies) > 0 {
		return unusable("serve", "--own lets whoever reaches this server read for its owner, so nothing may stand before it: leave --proxy out")
	}
	if err := a.cert.check(); err != nil {
		return err
	}
	switch tls := a.cert.on(); {
	case !tls && a.asked:
		return unusable("serve", "--plain is beside TLS; without TLS there is --listen")
	case tls && a.insecure:
		return unusable("serve", "--insecure is for a server without TLS, and this one has a certificate")
	case len(a.addrs) > 0:
	case tls:
		a.addrs = []string{defaultSecure}
	default:
		a.addrs = []string{defaultListen}
	}
	if a.cert.on() && a.plain != "" {
		if _, _, err := net.SplitHostPort(a.plain); err != nil {
			return unusable("serve", "--plain takes an address with a port, such as :80, or none, and not %q", a.plain)
		}
	}
	for _, addr := range a.addrs {
		host, _, err := net.SplitHostPort(addr)
		if err != nil {
			return unusable("serve", "--listen takes an address with a port, such as 127.0.0.1:8080, and not %q", addr)
		}
		if own && !loopback(host) {
			return unusable("serve", "--own lets whoever reaches this server read for its owner: listen on this machine alone, such as 127.0.0.1:8080")
		}
		if !loopback(host) && !a.cert.on() && !a.insecure && len(a.proxies) == 0 {
			return unusable("serve", "%s can be reached by others, and what is said in the clear is read and changed on the way: give it a certificate with --tls, --cert or --mission-ca; if a server that speaks TLS stands before this one, state its address with --proxy; else say --insecure", addr)
		}
	}
	return nil
}

// Where TLS and what stands beside it in the clear are listened for.
const (
	defaultSecure = ":443"
	defaultPlain  = ":80"
)

// An entrance is what a server listens on.
type entrance struct {
	main    net.Listener
	plain   net.Listener // beside TLS, in the clear; nil: nowhere
	local   net.Listener // beside TLS, for commands on this machine; nil: they use main
	secured *secured     // nil: no TLS
	url     string       // where readers reach main, without a slash at the end
}

func (a listening) open(ctx context.Context, w *world, dir string, log *slog.Logger) (o *entrance, err error) {
	o = &entrance{}
	defer func() {
		if err != nil {
			o.close()
		}
	}()
	if a.cert.on() {
		if o.secured, err = a.cert.open(ctx, w, dir, log); err != nil {
			return o, err
		}
	}
	if o.main, err = listenOn(a.addrs); err != nil {
		return o, err
	}
	if o.secured == nil {
		o.url = "http://" + shown(o.main.Addr().String())
		return o, nil
	}
	o.url = o.secured.url(o.main)
	if o.local, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return o, err
	}
	if a.plain == "" {
		return o, nil
	}
	if o.plain, err = net.Listen("tcp", a.plain); err != nil && a.asked {
		return o, fmt.Errorf("cannot listen on %s: %w", a.plain, err)
	} else if err != nil {
		log.Warn("nothing listens in the clear, so an address typed without https leads nowhere, and what an authority asks there (HTTP-01) is not answered", "cause", err.Error())
	}
	return o, nil
}

// close closes what is open. Nothing was written to it.
func (o *entrance) close() {
	for _, l := range []net.Listener{o.main, o.plain, o.local} {
		if l != nil {
			_ = l.Close()
		}
	}
}

// says is what the lock file says of where the server is: first the address at which commands
// on this machine reach it, in the clear, then, beside TLS, where readers do.
func (o *entrance) says() string {
	if o.local != nil {
		return o.local.Addr().String() + " " + o.url
	}
	return o.main.Addr().String()
}

// trust is what devices are told of the mission's own authority; nil where there is none.
func (o *entrance) trust() *server.Trust {
	if o.secured == nil {
		return nil
	}
	return o.secured.trust(o.plainURL(), o.url)
}

// plainURL is where plain is reached under the name that readers use; "" if it is nowhere.
func (o *entrance) plainURL() string {
	if o.plain == nil {
		return ""
	}
	u, err := url.Parse(o.url)
	if err != nil {
		return "" // it is one of ours
	}
	_, port, err := net.SplitHostPort(o.plain.Addr().String())
	if host := u.Hostname(); err == nil && port != "80" {
		return "http://" + net.JoinHostPort(host, port)
	}
	u.Host = strings.TrimSuffix(u.Host, ":"+u.Port())
	return "http://" + u.Host
}

// The limits of one connection, beside those of all (server.Bounds) and of a body's pace.
const (
	headerTime = 10 * time.Second
	answerTime = 5 * time.Minute
	idleTime   = 2 * time.Minute
	headerMost = 64 << 10 // bytes
	streams    = 64       // requests at a time on one connection
)

// serve begins to answer with s, and returns what is to be stopped. What ends a listener before
// that is sent to failed.
func (o *entrance) serve(s *server.Server, proxies []netip.Prefix, log *slog.Logger, failed chan<- error) (list servers) {
	begin := func(l net.Listener, h http.Handler, t *tls.Config) {
		b := server.NewBounds(time.Now, proxies)
		hs := &http.Server{
			Handler: h, ReadHeaderTimeout: headerTime, WriteTimeout: answerTime, IdleTimeout: idleTime, MaxHeaderBytes: headerMost, TLSConfig: t,
			HTTP2: &http.HTTP2Config{MaxConcurrentStreams: streams}, ConnState: b.State, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		}
		hs.RegisterOnShutdown(s.Leave)
		go func() {
			if t != nil {
				failed <- hs.ServeTLS(b.Listen(l), "", "")
				return
			}
			failed <- hs.Serve(b.Listen(l))
		}()
		list = append(list, hs)
	}
	if o.secured == nil {
		begin(o.main, s, nil)
		return list
	}
	begin(o.main, s, o.secured.tls)
	begin(o.local, s, nil)
	if o.plain != nil {
		h := s.Plain(o.url, o.secured.names())
		if o.secured.challenges != nil {
			h = o.secured.challenges(h)
		}
		begin(o.plain, h, nil)
	}
	return list
}

// servers are those of one mission, on their listeners.
type servers []*http.Server

// stop lets requests that are being answered finish, for a while.
func (list servers) stop() {
	var all sync.WaitGroup
	for _, hs := range list {
		all.Go(func() { stop(hs) })
	}
	all.Wait()
}

// listenOn listens on the first address that is free.
func listenOn(addrs []string) (l net.Listener, err error) {
	for _, addr := range addrs {
		if l, err = net.Listen("tcp", addr); err == nil {
			return l, nil
		}
	}
	return nil, fmt.Errorf("cannot listen on %s: %w", addrs[0], err)
}

// shown is an address as a person can open it.
func shown(addr string) string {
	for _, any := range []string{"[::]", "0.0.0.0"} {
		if rest, ok := strings.CutPrefix(addr, any); ok {
			return "127.0.0.1" + rest
		}
	}
	return addr
}
