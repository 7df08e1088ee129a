package server

import (
	"container/list"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"corridor.example/corridor/internal/session"
)

// Limits of connections that are open at a time. Where there is no room for one more, the one
// that has asked for nothing for the longest time makes it, of the same prefix of addresses
// (session.Prefix) if that has its share: so one address cannot take all there are, and one
// that opens them and says nothing keeps nobody out.
const (
	connsMax = 8192
	connsOf  = 2048 // from one prefix

	freshFor  = 5 * time.Second  // in which a new connection can be expected to ask for something
	activeFor = 10 * time.Second // in which a request can be expected to be answered
)

// A Bounds keeps count of the connections of an http.Server, whose ConnState it is to be told
// (State), on all listeners that it wraps (Listen).
type Bounds struct {
	max, each int
	proxies   []netip.Prefix // have no share: everybody comes from there
	now       func() time.Time

	mu   sync.Mutex
	open int
	from map[string]*share
}

// NewBounds returns bounds for a server that stands behind some proxies, or none; now is the
// machine's clock.
func NewBounds(now func() time.Time, proxies []netip.Prefix) *Bounds {
	return &Bounds{max: min(connsMax, filesMost()), each: connsOf, proxies: proxies, now: now, from: map[string]*share{}}
}

// A share is the connections of one prefix, the one that became what it is longest ago first.
type share struct {
	open                int
	fresh, idle, active list.List // of *counted
}

// Listen returns a listener that keeps within the bounds.
func (b *Bounds) Listen(l net.Listener) net.Listener { return &bounded{l, b} }

type bounded struct {
	net.Listener
	b *Bounds
}

// Accept returns the next connection for which there is room.
func (l *bounded) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if x := l.b.take(c); x != nil {
			return x, nil
		}
		_ = c.Close() // there is no room: nothing is said to it
	}
}

// A counted connection makes room when it is closed.
type counted struct {
	net.Conn
	b     *Bounds
	at    string
	in    *list.List // of its share, that it is in now; nil once it is closed
	el    *list.Element
	since time.Time
}

// Close closes the connection.
func (c *counted) Close() error {
	c.b.give(c)
	return c.Conn.Close()
}

func (b *Bounds) take(c net.Conn) *counted {
	host, _, err := net.SplitHostPort(c.RemoteAddr().String())
	if err != nil {
		host = c.RemoteAddr().String()
	}
	each := b.each
	if a, err := netip.ParseAddr(host); err == nil {
		for _, p := range b.proxies {
			if p.Contains(a.Unmap().WithZone("")) {
				each = b.max
			}
		}
	}
	x := &counted{Conn: c, b: b, at: session.Prefix(host)}
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.from[x.at]
	var out *counted
	switch {
	case s != nil && s.open >= each:
		if out = s.spare(b.now()); out == nil {
			return nil
		}
	case b.open >= b.max:
		if out = b.largest().spare(b.now()); out == nil {
			return nil
		}
	}
	if out != nil {
		b.drop(out)
		_ = out.Conn.Close() // it asked for nothing, or for too long
	}
	if s = b.from[x.at]; s == nil {
		s = &share{}
		b.from[x.at] = s
	}
	b.open++
	s.open++
	b.put(x, &s.fresh)
	return x
}

// largest is the share that takes most.
func (b *Bounds) largest() (most *share) {
	for _, s := range b.from {
		if most == nil || s.open > most.open {
			most = s
		}
	}
	return most
}

// spare returns the connection of a share that can best be done without, nil if all are busy.
func (s *share) spare(now time.Time) *counted {
	first := func(l *list.List, after time.Duration) *counted {
		if e := l.Front(); e != nil && now.Sub(e.Value.(*counted).since) >= after {
			return e.Value.(*counted)
		}
		return nil
	}
	for _, x := range []struct {
		in    *list.List
		after time.Duration
	}{{&s.fresh, freshFor}, {&s.idle, 0}, {&s.fresh, 0}, {&s.active, activeFor}} {
		if c := first(x.in, x.after); c != nil {
			return c
		}
	}
	return nil
}

func (b *Bounds) put(c *counted, l *list.List) {
	if c.in != nil {
		c.in.Remove(c.el)
	}
	c.in, c.since = l, b.now()
	c.el = l.PushBack(c)
}

func (b *Bounds) give(c *counted) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.drop(c)
}

// drop forgets a connection. The caller holds mu.
func (b *Bounds) drop(c *counted) {
	if c.in == nil {
		return
	}
	c.in.Remove(c.el)
	c.in = nil
	b.open--
	s := b.from[c.at]
	if s.open--; s.open == 0 {
		delete(b.from, c.at)
	}
}

// State is told what becomes of a connection; it is for http.Server.ConnState.
func (b *Bounds) State(c net.Conn, state http.ConnState) {
	if t, ok := c.(interface{ NetConn() net.Conn }); ok {
		c = t.NetConn() // what TLS is spoken over
	}
	x, ok := c.(*counted)
	if !ok {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if x.in == nil {
		return
	}
	s := b.from[x.at]
	switch state {
	case http.StateActive:
		b.put(x, &s.active)
	case http.StateIdle:
		b.put(x, &s.idle)
	case http.StateHijacked, http.StateClosed:
		b.drop(x)
	}
}
