package server_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"corridor.example/corridor/internal/server"
)

// A crowd is a server within bounds, whose clock a test moves.
type crowd struct {
	t     *testing.T
	addr  string
	at    atomic.Int64 // seconds
	from  atomic.Value // string: the address that new connections seem to come from
	taken atomic.Int64 // connections
	idle  chan struct{}
	hold  chan struct{}
}

// A seeming connection comes from another address than it does.
type seeming struct {
	net.Conn
	from string
}

func (s seeming) RemoteAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(s.from), 1024))
}

type seemingly struct {
	net.Listener
	c *crowd
}

func (s seemingly) Accept() (net.Conn, error) {
	conn, err := s.Listener.Accept()
	if err != nil {
		return nil, err
	}
	defer s.c.taken.Add(1)
	return seeming{conn, s.c.from.Load().(string)}, nil
}

// newCrowd serves "ok", and for /wait only after hold is closed.
func newCrowd(t *testing.T, most, each int, proxies ...netip.Prefix) *crowd {
	c := &crowd{t: t, hold: make(chan struct{}), idle: make(chan struct{}, 1000)}
	c.from.Store("192.0.2.1")
	b := server.BoundsBy(most, each, func() time.Time { return time.Unix(c.at.Load(), 0) }, proxies...)
	hs := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/wait" {
			_ = http.NewResponseController(w).Flush()
			<-c.hold
		}
		io.WriteString(w, "ok")
	}))
	hs.Config.ConnState = func(conn net.Conn, state http.ConnState) {
		b.State(conn, state)
		if state == http.StateIdle {
			c.idle <- struct{}{}
		}
	}
	hs.Listener = b.Listen(seemingly{hs.Listener, c})
	hs.Start()
	t.Cleanup(hs.Close)
	c.addr = hs.Listener.Addr().String()
	return c
}

func (c *crowd) dial() net.Conn {
	c.t.Helper()
	before := c.taken.Load()
	conn, err := net.Dial("tcp", c.addr)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		c.t.Fatal(err)
	}
	for c.taken.Load() == before {
		time.Sleep(time.Millisecond)
	}
	return conn
}

// ask asks for a path and returns the answer's first line, "" if the connection was closed.
func (c *crowd) ask(conn net.Conn, path string) string {
	c.t.Helper()
	if _, err := io.WriteString(conn, "GET "+path+" HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		return ""
	}
	r := bufio.NewReader(conn)
	line, err := r.ReadString('\n')
	if err != nil {
		return ""
	}
	for length := 0; ; {
		h, err := r.ReadString('\n')
		if err != nil {
			return ""
		}
		if strings.HasPrefix(h, "Content-Length: 2") {
			length = 2
		}
		if h == "\r\n" {
			if length > 0 {
				if _, err := io.ReadFull(r, make([]byte, length)); err != nil {
					return ""
				}
			}
			return strings.TrimSpace(line)
		}
	}
}

func (c *crowd) wants(conn net.Conn, path, want string) {
	c.t.Helper()
	if got := c.ask(conn, path); got != want {
		c.t.Errorf("%s is answered %q, want %q", path, got, want)
	} else if path == "/" && got != "" {
		<-c.idle // the server has seen that the answer is out
	}
}

const ok = "HTTP/1.1 200 OK"

// TestSilentConnections keeps as many open as one address may have: whoever comes later and
// asks is answered all the same, and who has a connection in use keeps it.
func TestSilentConnections(t *testing.T) {
	c := newCrowd(t, 100, 4)
	kept := c.dial()
	c.wants(kept, "/", ok)
	for range 3 {
		c.dial() // and says nothing
	}
	c.at.Store(60)
	for range 20 {
		c.wants(c.dial(), "/", ok) // the silent ones make room first, then those not used for longest
	}
}

// TestIdleGivesWayToNew fills the share with connections that were used once.
func TestIdleGivesWayToNew(t *testing.T) {
	c := newCrowd(t, 100, 3)
	first := c.dial()
	c.wants(first, "/", ok)
	for range 5 {
		c.at.Add(1)
		c.wants(c.dial(), "/", ok)
	}
	c.wants(first, "/", "")
}

// TestBusyConnections fills the share with requests that are being answered: they are left
// alone until they took longer than an answer can be expected to.
func TestBusyConnections(t *testing.T) {
	c := newCrowd(t, 100, 2)
	busy := []net.Conn{c.dial(), c.dial()}
	for _, b := range busy {
		c.wants(b, "/wait", ok)
	}
	c.wants(c.dial(), "/", "")
	c.at.Add(11)
	c.wants(c.dial(), "/", ok)
	close(c.hold)
}

// TestAllConnections fills the server from one prefix, which is the one that makes room.
func TestAllConnections(t *testing.T) {
	c := newCrowd(t, 3, 3)
	for range 3 {
		c.dial()
	}
	c.at.Add(6)
	c.from.Store("198.51.100.1")
	c.wants(c.dial(), "/", ok)
}

// TestProxyHasNoShare opens more connections from a proxy than one prefix may have.
func TestProxyHasNoShare(t *testing.T) {
	c := newCrowd(t, 100, 2, netip.MustParsePrefix("192.0.2.0/24"))
	kept := []net.Conn{c.dial(), c.dial(), c.dial(), c.dial(), c.dial()}
	for _, k := range kept {
		c.wants(k, "/", ok)
	}
	for _, k := range kept {
		c.wants(k, "/", ok)
	}
}
