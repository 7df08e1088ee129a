// Package session knows who may read a mission, by what, and for how long.
//
// Writing needs a key; reading needs a session. A session begins with an invitation, which is
// used once; with a passkey that an earlier session added; or with a request that an enrolled
// device key signed. It ends by itself, by its holder, by the office, or within a second of
// the record that ends its holder's accreditation. What may read at which level is decided by
// the mission's authority (corridor.Authority.Reads) and not here.
//
// A session is held by a token of 256 random bits, of which only the SHA-256 is kept, and by
// a key that the holder's browser made and cannot give away. Every use is proved with that
// key: a token that was copied to another machine opens nothing there. Programs hold their
// token alone, in a file of their own, and no browser sends it by itself.
package session

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/record"
)

// The times that sessions and what opens them last.
const (
	inviteFor  = 72 * time.Hour       // an invitation, where nothing else is asked
	longest    = 30 * 24 * time.Hour  // the longest an invitation can last
	sessionFor = 7 * 24 * time.Hour   // a session in all
	keyFor     = 24 * time.Hour       // one that a device key opened, which can open the next
	idleFor    = 12 * time.Hour       // a session that is not used
	programFor = 180 * 24 * time.Hour // a program's token in all, and idle
	touchEvery = 5 * time.Minute      // how often the last use is written down
)

// maxSessions is how many sessions one actor may have; the one used longest ago gives way.
const maxSessions = 64

// A Store keeps what passes with time; store.Side is one.
type Store interface {
	Put(ctx context.Context, space, name string, value []byte, until int64) error
	Get(ctx context.Context, space, name string) (value []byte, until int64, err error)
	Drop(ctx context.Context, space, name string) error
	Each(ctx context.Context, space string) iter.Seq2[store.Passing, error]
	Expire(ctx context.Context, now int64) error
}

// The spaces of a store.
const (
	invitations = "invitation"
	sessions    = "session"
	passkeys    = "passkey"
)

// A Grant is what somebody may read, and for whom.
type Grant struct {
	Actor   corridor.ActorID `json:"actor"` // an actor of the mandate, or an observer
	Level   corridor.Level   `json:"level"`
	Program bool             `json:"program,omitempty"` // for a program, such as a witness
}

// A Session is one reader's door. Its name tells it from others and opens nothing.
type Session struct {
	Name string `json:"name"`
	Grant
	How     string       `json:"how"`               // "invitation", "passkey", "key" or "program"
	Account string       `json:"account,omitempty"` // that its passkeys belong to
	Key     *record.Hash `json:"key,omitempty"`     // the enrolled key that opened it
	Host    string       `json:"host"`              // where it was opened
	Bind    []byte       `json:"bind,omitempty"`    // the browser's key; empty for a program's
	Agent   string       `json:"agent"`             // what the browser says of itself, in two words
	At      int64        `json:"at"`
	Used    int64        `json:"used"`
	Until   int64        `json:"until"`
	Idle    int64        `json:"idle"` // seconds without use after which it ends

	token [32]byte // SHA-256 of the token
	ended chan struct{}
	spent *spent
}

// A Refused says why a door stays shut. Rule is a stable name; Reason is a sentence for who
// knocked, and says nothing that a stranger does not know.
type Refused struct {
	Rule, Reason string
	Wait         time.Duration // after which to try again, for those who tried too often
}

func (r *Refused) Error() string { return r.Rule + ": " + r.Reason }

func refuse(rule, reason string) *Refused { return &Refused{Rule: rule, Reason: reason} }

// What is refused alike whatever was wrong, so that no answer tells a guess from another.
var (
	errInvitation = refuse("session.invitation", "this invitation is not known, was used already, or is over; ask for a new one")
	errEnded      = refuse("session.ended", "this session has ended; sign in again")
	errDevice     = refuse("session.device", "this session is proved with a key that the browser which opened it holds; open the page there")
	errBind       = refuse("session.bind", "the browser's key is missing or no P-256 key; a page served over TLS or from this machine can make one")
)

// A Config is what a door needs of the world.
type Config struct {
	Store Store
	Now   func() time.Time
	Log   *slog.Logger // receives what is refused; no secret
}

// A Door lets readers in. Its methods may be called by several goroutines at once.
type Door struct {
	cfg    Config
	nonces nonces
	limits limits
	asked  ceremonies
	phones sync.Mutex // held while the invitation of a phone is used

	mu   sync.RWMutex          // held for writing also while the store's sessions are changed
	live map[[32]byte]*Session // by the hash of their token
	gone map[[32]byte]gone     // those that ended not long ago, and why
	view func(func(corridor.View))
}

// gone says that a session has ended.
type gone struct {
	why string
	at  int64
}

// Open returns a door with the sessions that its store holds. Until it is told of a mission
// (Serve) it lets nobody in.
func Open(ctx context.Context, cfg Config) (*Door, error) {
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	d := &Door{cfg: cfg, nonces: newNonces(), live: map[[32]byte]*Session{}, gone: map[[32]byte]gone{}}
	if err := d.reload(ctx); err != nil {
		return nil, err
	}
	return d, nil
}

// Serve tells the door of the mission: view calls its argument with the mission as committed.
func (d *Door) Serve(view func(func(corridor.View))) {
	d.mu.Lock()
	d.view = view
	d.mu.Unlock()
}

// reload takes in what another process put into the store, and lets go of what one dropped.
// What differs is looked at a second time, while nobody begins or ends a session.
func (d *Door) reload(ctx context.Context) error {
	found := map[string]bool{}
	for p, err := range d.cfg.Store.Each(ctx, sessions) {
		if err != nil {
			return fmt.Errorf("sessions: %w", err)
		}
		found[p.Name] = true
	}
	differ := found
	d.mu.RLock()
	for hash := range d.live {
		at := hex.EncodeToString(hash[:])
		if found[at] {
			delete(differ, at)
		} else {
			differ[at] = true
		}
	}
	d.mu.RUnlock()
	for at := range differ {
		if err := d.reloadOne(ctx, at); err != nil {
			return err
		}
	}
	return nil
}

func (d *Door) reloadOne(ctx context.Context, at string) error {
	b, err := hex.DecodeString(at)
	if err != nil || len(b) != 32 {
		return d.cfg.Store.Drop(ctx, sessions, at) // none of ours
	}
	hash := [32]byte(b)
	d.mu.Lock()
	defer d.mu.Unlock()
	value, _, err := d.cfg.Store.Get(ctx, sessions, at)
	live := d.live[hash]
	switch {
	case errors.Is(err, store.ErrAbsent) && live != nil:
		d.forget(live, "operator")
		return nil
	case live != nil || err != nil:
		return absentIsNil(err)
	}
	s := &Session{}
	if err := json.Unmarshal(value, s); err != nil {
		return d.cfg.Store.Drop(ctx, sessions, at) // of another version: its holder signs in again
	}
	s.token, s.ended, s.spent = hash, make(chan struct{}), new(spent)
	d.live[hash] = s
	return nil
}

// now is the time in Unix seconds.
func (d *Door) now() int64 { return d.cfg.Now().Unix() }

// reads says what bars a grant now; a door without a mission bars everybody.
func (d *Door) reads(g Grant, key *record.Hash) corridor.Bar {
	d.mu.RLock()
	view := d.view
	d.mu.RUnlock()
	bar := corridor.BarActor
	if view != nil {
		at := record.At(d.cfg.Now())
		view(func(v corridor.View) {
			if v.Terms() != nil {
				bar = v.Authority().Reads(g.Actor, g.Level, key, at)
			}
		})
	}
	return bar
}

// barred is the refusal of a bar.
func barred(b corridor.Bar) error {
	switch b {
	case corridor.NoBar:
		return nil
	case corridor.BarActor:
		return refuse("session.actor", "the mandate names nobody of that name who may read")
	case corridor.BarLevel:
		return refuse("session.level", "nobody in that role reads at that level")
	case corridor.BarKey:
		return refuse("session.key", "this key is not in use for its owner; it was replaced, suspended, or is for another purpose")
	case corridor.BarObjection:
		return refuse("session.objection", "the nomination was objected to")
	}
	return refuse("session.deployment", "the deployment has ended, or is suspended")
}

// token returns 256 random bits as text, and their hash.
func token() (string, [32]byte) {
	var b [32]byte
	rand.Read(b[:]) // never fails
	text := base64.RawURLEncoding.EncodeToString(b[:])
	return text, sha256.Sum256([]byte(text))
}

// name returns 64 random bits as hex.
func name() string {
	var b [8]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// begin keeps a new session and returns its token. The oldest of too many gives way.
func (d *Door) begin(ctx context.Context, s Session) (string, Session, error) {
	text, hash := token()
	at := d.now()
	s.Name, s.At, s.Used, s.token = name(), at, at, hash
	if s.Until == 0 {
		s.Until = at + int64(sessionFor/time.Second)
	}
	if s.Idle == 0 {
		s.Idle = int64(idleFor / time.Second)
	}
	s.ended, s.spent = make(chan struct{}), new(spent)
	d.mu.Lock()
	err := d.keep(ctx, s)
	if err == nil {
		d.live[hash] = &s
	}
	d.mu.Unlock()
	if err != nil {
		return "", s, err
	}
	for _, old := range d.surplus(s.Actor) {
		if err := d.end(ctx, old, "surplus"); err != nil {
			return "", s, err
		}
	}
	d.cfg.Log.Info("a session was opened", "session", s.Name, "actor", s.Actor, "level", s.Level, "how", s.How)
	return text, s, nil
}

// surplus returns the sessions of an actor that are too many, those used longest ago.
func (d *Door) surplus(a corridor.ActorID) []Session {
	list := d.List(func(s Session) bool { return s.Actor == a })
	if len(list) <= maxSessions {
		return nil
	}
	return list[maxSessions:]
}

func (d *Door) keep(ctx context.Context, s Session) error {
	b, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return d.cfg.Store.Put(ctx, sessions, hex.EncodeToString(s.token[:]), b, s.Until)
}

// List returns the sessions that a caller asks for, the one used last first.
func (d *Door) List(want func(Session) bool) []Session {
	d.mu.RLock()
	defer d.mu.RUnlock()
	var list []Session
	for _, s := range d.live {
		if want(*s) {
			list = append(list, *s)
		}
	}
	slices.SortFunc(list, func(a, b Session) int {
		if a.Used != b.Used {
			return int(b.Used - a.Used)
		}
		return strings.Compare(a.Name, b.Name)
	})
	return list
}

// End ends the session of a name, and reports whether there was one.
func (d *Door) End(ctx context.Context, name, why string) (bool, error) {
	for _, s := range d.List(func(s Session) bool { return s.Name == name }) {
		return true, d.end(ctx, s, why)
	}
	return false, nil
}

// end ends a session, whatever becomes of the request that asked for it. Who reads by it is
// told at once.
func (d *Door) end(ctx context.Context, s Session, why string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if live := d.live[s.token]; live != nil {
		d.forget(live, why)
	}
	return absentIsNil(d.cfg.Store.Drop(context.WithoutCancel(ctx), sessions, hex.EncodeToString(s.token[:])))
}

// goneFor is how long it is remembered why a session ended, and goneMax of how many.
const (
	goneFor = 3600
	goneMax = 4096
)

// forget takes a session out of memory. The caller holds mu.
func (d *Door) forget(s *Session, why string) {
	delete(d.live, s.token)
	close(s.ended)
	at := d.now()
	for t, g := range d.gone {
		if at-g.at > goneFor || len(d.gone) >= goneMax {
			delete(d.gone, t)
		}
	}
	d.gone[s.token] = gone{why, at}
	d.cfg.Log.Info("a session ended", "session", s.Name, "actor", s.Actor, "why", why)
}
