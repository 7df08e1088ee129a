package session

import (
	"context"
	"crypto/sha256"
	"errors"
	"strings"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/record"
)

// keyMost is how long a session request may be good for, and keyDrift how far the signer's
// clock may be off.
const (
	keyMost  = 10 * 60
	keyDrift = 5 * 60
)

// WithKey opens a session for the owner of the device key that signed a session request. The
// request names this web address, this mission and a nonce of ours, and is used once. With a
// browser's key in it the session is the browser's; without one it is a program's, and shorter.
func (d *Door) WithKey(ctx context.Context, level corridor.Level, text []byte, k Knock) (token string, s Session, err error) {
	who := []string{"address " + k.From}
	if err := d.limited(who); err != nil {
		return "", s, err
	}
	defer func() { d.settle(who, "a key", k, err) }()
	r, err := record.ParseSession(text)
	if err != nil {
		return "", s, refuse("session.payload", "the session request cannot be read: "+err.Error())
	}
	who = append(who, "key "+r.Key.Short())
	if err := d.limited(who); err != nil {
		return "", s, err
	}
	owner, err := d.signer(r, k.Web)
	if err != nil {
		return "", s, err
	}
	s = Session{Grant: Grant{Actor: owner, Level: level}, How: "key", Key: &r.Key, Host: k.Host, Agent: agent(k.Agent), Until: d.now() + int64(keyFor/time.Second)}
	if r.Bind != "" {
		k.Bind = r.Bind
		if s.Bind, err = d.bound(k); err != nil {
			return "", s, err
		}
	} else {
		s.Program, s.Until = true, d.now()+3600
	}
	if err := barred(d.reads(s.Grant, s.Key)); err != nil {
		return "", s, err
	}
	if sum := sha256.Sum256(text); !d.asked.used.first(string(sum[:]), usedMax, d.now()) { // it has one spelling
		return "", s, refuse("session.used", "this session request was used already; sign a new one")
	}
	return d.begin(ctx, s)
}

// signer returns the owner of the key that signed a request for this place and moment.
func (d *Door) signer(r record.SessionRequest, web string) (owner corridor.ActorID, err error) {
	d.mu.RLock()
	view := d.view
	d.mu.RUnlock()
	now := record.At(d.cfg.Now())
	if view == nil {
		return "", errors.New("the door has no mission yet")
	}
	view(func(v corridor.View) {
		key, of := v.Authority().PublicKey(r.Key)
		switch {
		case !strings.EqualFold(r.Web, web):
			err = refuse("session.web", "the session request was signed for another address")
		case r.Mission != v.Founder() || r.Exercise() != v.Exercise():
			err = refuse("session.mission", "the session request was signed for another mission")
		case !d.nonces.good(r.Nonce, int64(now)):
			err = refuse("session.nonce", "the nonce is not this server's, or too old; ask for a new one")
		case r.At > now+keyDrift || r.Until <= now || r.Until-r.At > keyMost || r.Until < r.At:
			err = refuse("session.time", "the session request is over, or good for longer than ten minutes; look at the clock and sign a new one")
		case key == nil || !r.Verify(key):
			err = refuse("session.key", "this key is not in use for its owner, or did not sign this request")
		}
		owner = of
	})
	return owner, err
}
