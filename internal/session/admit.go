package session

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/netip"
	"strings"
	"time"
)

// A Shown is what a request shows of a session.
type Shown struct {
	Token  string // from the cookie, or from the Authorization header
	Bearer bool   // from the header
	Proof  string // made with the browser's key, for this one request
	Host   string // the host the request was sent to
	From   string // prefix of the address it comes from
}

// Admit returns the session that a request shows, or a *Refused. A browser's session is good
// with a fresh proof only, on the host where it was opened; a program's in the Authorization
// header only.
func (d *Door) Admit(ctx context.Context, w Shown) (Session, error) {
	if len(w.Token) > 64 {
		return Session{}, errEnded
	}
	hash := sha256.Sum256([]byte(w.Token)) // the map is asked for the hash: no comparison tells how close a guess is
	now := d.now()
	d.mu.RLock()
	live, ended := d.live[hash], d.gone[hash]
	var s Session
	if live != nil {
		s = *live
	}
	d.mu.RUnlock()
	switch {
	case live == nil && ended.why != "":
		return Session{}, &Refused{Rule: "session.ended", Reason: "this session has ended: " + because(ended.why)}
	case live == nil:
		return Session{}, errEnded
	case s.over(now):
		return Session{}, errors.Join(errEnded, d.end(ctx, s, "over"))
	}
	if w.Bearer != (len(s.Bind) == 0) {
		d.note("a session was shown in the wrong place", s, w)
		return s, errDevice
	}
	if len(s.Bind) > 0 {
		if err := d.proved(s, w); err != nil {
			return s, err
		}
	}
	d.touch(ctx, hash, now)
	return s, nil
}

// over reports whether a session's time is over.
func (s Session) over(now int64) bool { return s.Until <= now || s.Used+s.Idle <= now }

// proved checks the proof of one use of a browser's session.
func (d *Door) proved(s Session, w Shown) error {
	p, ok := parseProof(w.Proof)
	switch {
	case w.Proof == "":
		return errDevice // the browser is asked for one, and who has the key answers
	case s.Host != w.Host:
		d.note("a session was shown on another host", s, w)
		return errDevice
	case !ok || !p.signed(s.Bind, w.Host):
		d.note("a session was shown with a proof that its device did not make", s, w)
		return errDevice
	case !d.nonces.good(p.nonce, d.now()):
		return errDevice // late: the browser makes another
	case !s.spent.first(p.once, spentMax, d.now()):
		d.note("a session was shown with a proof that was used before", s, w)
		return errDevice
	}
	return nil
}

// note logs a refusal with what names the session and opens nothing.
func (d *Door) note(what string, s Session, w Shown) {
	d.cfg.Log.Warn(what, "session", s.Name, "actor", s.Actor, "from", w.From)
}

// touch notes that a session was used, in memory each time and in the store now and then.
func (d *Door) touch(ctx context.Context, hash [32]byte, now int64) {
	d.mu.Lock()
	s := d.live[hash]
	if s == nil || s.Used == now {
		d.mu.Unlock()
		return
	}
	write := now/int64(touchEvery/time.Second) != s.Used/int64(touchEvery/time.Second)
	s.Used = now
	kept := *s
	d.mu.Unlock()
	if !write {
		return
	}
	if err := d.rewrite(ctx, kept); err != nil && ctx.Err() == nil {
		d.cfg.Log.Error("the last use of a session is not kept", "cause", err.Error())
	}
}

// rewrite keeps a session anew, unless it ended meanwhile: what has ended is never put back.
func (d *Door) rewrite(ctx context.Context, s Session) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.live[s.token] == nil {
		return nil
	}
	return d.keep(ctx, s)
}

// Ended returns a channel that is closed when the session of a name ends; nil if there is none.
func (d *Door) Ended(name string) <-chan struct{} {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for _, s := range d.live {
		if s.Name == name {
			return s.ended
		}
	}
	return nil
}

// because says in a sentence's end why a session ended.
func because(why string) string {
	switch why {
	case "over":
		return "its time is over; sign in again"
	case "holder":
		return "its holder ended it"
	case "office":
		return "the mission's office ended it"
	case "operator":
		return "it was ended on the server's machine"
	case "surplus":
		return "too many others were opened after it"
	}
	return "the record of the mission no longer admits its reader"
}

// Prefix returns the part of an address that rules about addresses go by: the first 24 bits of
// an IPv4 address, the first 48 of an IPv6 one, as text; "unknown" for anything else.
func Prefix(address string) string {
	a, err := netip.ParseAddr(strings.Trim(address, "[]"))
	if err != nil {
		return "unknown"
	}
	a = a.Unmap().WithZone("")
	bits := 48
	if a.Is4() {
		bits = 24
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return "unknown"
	}
	return p.String()
}

// agent makes two words of a User-Agent header: enough to know one's own devices by.
func agent(header string) string {
	first := func(list ...[2]string) string {
		for _, x := range list {
			if strings.Contains(header, x[0]) {
				return x[1]
			}
		}
		return ""
	}
	browser := first([2]string{"Firefox/", "Firefox"}, [2]string{"Edg/", "Edge"}, [2]string{"Chrom", "Chromium"}, [2]string{"Safari/", "Safari"})
	system := first([2]string{"Android", "Android"}, [2]string{"iPhone", "iOS"}, [2]string{"iPad", "iOS"}, [2]string{"Windows", "Windows"}, [2]string{"Mac OS", "macOS"}, [2]string{"Linux", "Linux"})
	return strings.TrimSpace(browser + " " + system)
}

// Leave ends the session of a token, if there is one: its browser has opened another.
func (d *Door) Leave(ctx context.Context, token string) error {
	if len(token) > 64 {
		return nil
	}
	d.mu.RLock()
	live := d.live[sha256.Sum256([]byte(token))]
	d.mu.RUnlock()
	if live == nil {
		return nil
	}
	return d.end(ctx, Session{token: live.token}, "holder")
}
