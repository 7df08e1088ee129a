package session

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/store"
)

// An Invitation opens one session, once. The code that it is used with is not kept.
type Invitation struct {
	Name string `json:"name"` // tells it from others and opens nothing
	Grant
	By    string `json:"by"` // who gave it: an actor, or "operator" for a command on the server's machine
	At    int64  `json:"at"`
	Until int64  `json:"until"`
}

// Invite makes an invitation and returns the code that opens it, which is to be handed to
// nobody but its reader. It lasts for the given time, three days if that is 0. It does not ask
// whether the grant is good: that is asked when it is used.
func Invite(ctx context.Context, st Store, now time.Time, g Grant, by string, lasts time.Duration) (code string, i Invitation, err error) {
	if lasts == 0 {
		lasts = inviteFor
	}
	if lasts < time.Minute || lasts > longest {
		return "", i, refuse("invitation.lasts", "an invitation lasts between a minute and 30 days")
	}
	if g.Level != corridor.Parties && g.Level != corridor.MissionLevel && g.Level != corridor.Strict {
		return "", i, refuse("session.level", "an invitation is for the level parties, mission or strict")
	}
	code, hash := token()
	i = Invitation{Name: name(), Grant: g, By: by, At: now.Unix(), Until: now.Add(lasts).Unix()}
	b, err := json.Marshal(i)
	if err != nil {
		return "", i, err
	}
	return code, i, st.Put(ctx, invitations, hex.EncodeToString(hash[:]), b, i.Until)
}

// Invite makes an invitation if its grant is good now.
func (d *Door) Invite(ctx context.Context, g Grant, by string, lasts time.Duration) (string, Invitation, error) {
	if err := barred(d.reads(g, nil)); err != nil {
		return "", Invitation{}, err
	}
	return Invite(ctx, d.cfg.Store, d.cfg.Now(), g, by, lasts)
}

// Invitations returns those that are open, the newest first.
func Invitations(ctx context.Context, st Store, now time.Time) (list []Invitation, err error) {
	for p, err := range st.Each(ctx, invitations) {
		if err != nil {
			return nil, err
		}
		var i Invitation
		if json.Unmarshal(p.Value, &i) == nil && i.Until > now.Unix() {
			list = append(list, i)
		}
	}
	slices.SortFunc(list, func(a, b Invitation) int { return int(b.At - a.At) })
	return list, nil
}

// Invitations returns those that are open, the newest first.
func (d *Door) Invitations(ctx context.Context) ([]Invitation, error) {
	return Invitations(ctx, d.cfg.Store, d.cfg.Now())
}

// Withdraw takes back the invitation of a name, and reports whether there was one.
func Withdraw(ctx context.Context, st Store, name string) (bool, error) {
	for p, err := range st.Each(ctx, invitations) {
		if err != nil {
			return false, err
		}
		var i Invitation
		if json.Unmarshal(p.Value, &i) == nil && i.Name == name {
			err := st.Drop(ctx, invitations, p.Name)
			return err == nil, absentIsNil(err)
		}
	}
	return false, nil
}

// Withdraw takes back the invitation of a name, and reports whether there was one.
func (d *Door) Withdraw(ctx context.Context, name string) (bool, error) {
	return Withdraw(ctx, d.cfg.Store, name)
}

func absentIsNil(err error) error {
	if errors.Is(err, store.ErrAbsent) {
		return nil
	}
	return err
}

// A Knock is a request to be let in, as far as its sender can be told from others.
type Knock struct {
	Web   string // the address of the site, as a browser names its origin: https://mission.example
	From  string // prefix of the address it comes from (Prefix)
	Host  string // the host it was sent to
	Agent string // the User-Agent header
	Bind  string // the browser's key, base64url of the raw point; "" for a program
	Proof string // that it holds the key, over a nonce of ours
}

// Join uses an invitation up and opens its session. An invitation that was made for a program
// is used without a browser's key, any other with one.
func (d *Door) Join(ctx context.Context, code string, k Knock) (token string, s Session, err error) {
	hash := sha256.Sum256([]byte(code))
	at := hex.EncodeToString(hash[:])
	who := []string{"address " + k.From, "invitation " + at[:16]}
	if err := d.limited(who); err != nil {
		return "", s, err
	}
	defer func() { d.settle(who, "an invitation", k, err) }()
	if len(code) > 64 {
		return "", s, errInvitation
	}
	b, until, err := d.cfg.Store.Get(ctx, invitations, at)
	if errors.Is(err, store.ErrAbsent) || err == nil && until <= d.now() {
		return "", s, errInvitation
	}
	if err != nil {
		return "", s, err
	}
	var i Invitation
	if err := json.Unmarshal(b, &i); err != nil {
		return "", s, err
	}
	s = Session{Grant: i.Grant, How: "invitation", Host: k.Host, Agent: agent(k.Agent)}
	if i.Program {
		s.How = "program"
		s.Until, s.Idle = d.now()+int64(programFor/time.Second), int64(programFor/time.Second)
	} else if s.Bind, err = d.bound(k); err != nil {
		return "", s, err
	}
	if err := barred(d.reads(i.Grant, nil)); err != nil {
		return "", s, err
	}
	switch err := d.cfg.Store.Drop(ctx, invitations, at); {
	case errors.Is(err, store.ErrAbsent):
		return "", s, errInvitation // somebody else was faster
	case err != nil:
		return "", s, err
	}
	return d.begin(ctx, s)
}
