package main

import (
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"corridor.example/corridor/internal/server"
)

// A listening is where a server is to listen, and how it is reached there.
type listening struct {
	addrs    []string // the first that is free
	proxies  []netip.Prefix
	insecure bool // in the clear, although others than this machine can ask
}

func (a *listening) flags(f *flag.FlagSet) {
	a.addrs = []string{defaultListen}
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
	for _, addr := range a.addrs {
		host, _, err := net.SplitHostPort(addr)
		if err != nil {
			return unusable("serve", "--listen takes an address with a port, such as 127.0.0.1:8080, and not %q", addr)
		}
		if !loopback(host) && !a.insecure && len(a.proxies) == 0 {
			return unusable("serve", "%s can be reached by others, and what is said in the clear is read and changed on the way: if a server that speaks TLS stands before this one, state its address with --proxy; else say --insecure", addr)
		}
	}
	return nil
}

// An entrance is what a server listens on.
type entrance struct {
	main net.Listener
	url  string // where readers reach it, without a slash at the end
}

func (a listening) open() (*entrance, error) {
	l, err := listenOn(a.addrs)
	if err != nil {
		return nil, err
	}
	return &entrance{main: l, url: "http://" + shown(l.Addr().String())}, nil
}

func (o *entrance) close() { _ = o.main.Close() } // nothing was written to it

// says is what the lock file says of where the server is: first the address at which commands
// on this machine reach it, in the clear.
func (o *entrance) says() string { return o.main.Addr().String() }

// The limits of one connection, beside those of all (server.Bounds) and of a body's pace.
const (
	headerTime = 10 * time.Second
	answerTime = 5 * time.Minute
	idleTime   = 2 * time.Minute
	headerMost = 64 << 10 // bytes
	streams    = 64       // requests at a time on one connection
)

// serve begins to answer with h, and returns what is to be stopped. What ends a listener before
// that is sent to failed.
func (o *entrance) serve(h http.Handler, proxies []netip.Prefix, log *slog.Logger, failed chan<- error) *http.Server {
	b := server.NewBounds(time.Now, proxies)
	hs := &http.Server{
		Handler: h, ReadHeaderTimeout: headerTime, WriteTimeout: answerTime, IdleTimeout: idleTime, MaxHeaderBytes: headerMost,
		HTTP2: &http.HTTP2Config{MaxConcurrentStreams: streams}, ConnState: b.State, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	go func() { failed <- hs.Serve(b.Listen(o.main)) }()
	return hs
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
