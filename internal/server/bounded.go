package server

import (
	"net"
	"sync"

	"corridor.example/corridor/internal/session"
)

// Limits of connections that are open at a time. Who opens more from one address is closed
// again at once, so that one address cannot take all there are.
const (
	connsMax = 8192
	connsOf  = 2048 // from one prefix of addresses (session.Prefix)
)

// Bounded returns a listener that keeps at most so many connections open, and at most a
// quarter of them from one prefix of addresses.
func Bounded(l net.Listener) net.Listener {
	return &bounded{Listener: l, from: map[string]int{}, max: connsMax, each: connsOf}
}

type bounded struct {
	net.Listener
	max, each int

	mu   sync.Mutex
	open int
	from map[string]int
}

// Accept returns the next connection for which there is room.
func (b *bounded) Accept() (net.Conn, error) {
	for {
		c, err := b.Listener.Accept()
		if err != nil {
			return nil, err
		}
		host, _, err := net.SplitHostPort(c.RemoteAddr().String())
		if err != nil {
			host = c.RemoteAddr().String()
		}
		if at := session.Prefix(host); b.take(at) {
			return &counted{Conn: c, done: sync.OnceFunc(func() { b.give(at) })}, nil
		}
		_ = c.Close() // there is no room: nothing is said to it
	}
}

func (b *bounded) take(at string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open >= b.max || b.from[at] >= b.each {
		return false
	}
	b.open++
	b.from[at]++
	return true
}

func (b *bounded) give(at string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.open--
	if b.from[at]--; b.from[at] == 0 {
		delete(b.from, at)
	}
}

// A counted connection makes room when it is closed.
type counted struct {
	net.Conn
	done func()
}

// Close closes the connection.
func (c *counted) Close() error {
	c.done()
	return c.Conn.Close()
}
