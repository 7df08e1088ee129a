package session_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"log/slog"
	"math/big"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/scenario"
	"corridor.example/corridor/internal/session"
	"corridor.example/corridor/internal/store"
)

const mission = `mission door
zone Etc/UTC +00:00
day 2031-03-04
founded 06:00
parties red, blue
actor office office keys working, recovery
actor radio voice "Valley Radio"
place gate crossing "Gate"
place town destination "Town"
leg A from gate to town "Gate to Town"
consent 2 of red, blue window 24h silence refuses objection bars revoked by any lock

08:00  mina is nominated, consented to by red, blue, deployed
08:10  omar is nominated, consented to by red
`

const (
	host = "mission.example"
	web  = "https://mission.example"
	seed = "door"
)

// A stage is a door before a mission, and everything that its world holds.
type stage struct {
	t     testing.TB
	door  *session.Door
	store *store.MemorySide
	log   *text
	clock atomic.Int64
	m     atomic.Pointer[corridor.Mission]
}

// text is a log that several goroutines write.
type text struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (x *text) Write(b []byte) (int, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.b.Write(b)
}

func (x *text) String() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.b.String()
}

func newStage(t testing.TB) *stage {
	t.Helper()
	s := &stage{t: t, store: &store.MemorySide{}, log: &text{}}
	s.clock.Store(time.Date(2031, 3, 4, 20, 0, 0, 0, time.UTC).Unix())
	s.play("")
	s.restart()
	return s
}

// restart opens the door anew over the same store, as a server that was started again does.
func (s *stage) restart() {
	s.t.Helper()
	d, err := session.Open(context.Background(), session.Config{
		Store: s.store, Now: func() time.Time { return time.Unix(s.clock.Load(), 0) }, Log: slog.New(slog.NewTextHandler(s.log, nil)),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	d.Serve(func(f func(corridor.View)) { f(s.m.Load().Now()) })
	s.door = d
}

// play makes the mission anew with more lines at its end.
func (s *stage) play(more string) {
	s.t.Helper()
	script, err := scenario.Parse("door.txt", mission+more)
	if err != nil {
		s.t.Fatal(err)
	}
	b := scenario.NewBare(seed)
	if err := scenario.Play(script, seed, b); err != nil {
		s.t.Fatal(err)
	}
	s.m.Store(b.Mission())
}

func (s *stage) pass(d time.Duration) { s.clock.Add(int64(d / time.Second)) }

// A browser holds a key.
type browser struct {
	key  *ecdsa.PrivateKey
	from string
}

func newBrowser(t testing.TB) *browser {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{key: k, from: "192.0.2.0/24"}
}

func (b *browser) bind() string {
	raw, _ := b.key.PublicKey.Bytes()
	return base64.RawURLEncoding.EncodeToString(raw)
}

// proof signs a nonce for a host, in the form that WebCrypto gives.
func (b *browser) proof(host, nonce string) string {
	var bits [16]byte
	rand.Read(bits[:])
	return b.sign(host, nonce, base64.RawURLEncoding.EncodeToString(bits[:]))
}

func (b *browser) sign(host, nonce, once string) string {
	sum := sha256.Sum256([]byte(session.ProofText(host, nonce, once)))
	r, s, err := ecdsa.Sign(rand.Reader, b.key, sum[:])
	if err != nil {
		panic(err)
	}
	return nonce + "." + once + "." + base64.RawURLEncoding.EncodeToString(append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...))
}

// knock is what the browser shows to be let in.
func (b *browser) knock(d *session.Door) session.Knock {
	return session.Knock{Web: web, From: b.from, Host: host, Agent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", Bind: b.bind(), Proof: b.proof(host, d.Nonce())}
}

// shows is what the browser shows with a request.
func (b *browser) shows(d *session.Door, token string) session.Shown {
	return session.Shown{Token: token, Proof: b.proof(host, d.Nonce()), Host: host, From: b.from}
}

// invite returns the code of a new invitation, good or not.
func (s *stage) invite(g session.Grant, lasts time.Duration) string {
	s.t.Helper()
	code, _, err := session.Invite(s.t.Context(), s.store, time.Unix(s.clock.Load(), 0), g, "operator", lasts)
	if err != nil {
		s.t.Fatal(err)
	}
	return code
}

var red = session.Grant{Actor: "red", Level: corridor.Parties}

// enter opens a session for a grant.
func (s *stage) enter(b *browser, g session.Grant) (token string, opened session.Session) {
	s.t.Helper()
	token, opened, err := s.door.Join(s.t.Context(), s.invite(g, 0), b.knock(s.door))
	if err != nil {
		s.t.Fatal(err)
	}
	return token, opened
}

// rule is the rule of a refusal, "" for nil; any other error fails the test.
func (s *stage) rule(err error) string {
	s.t.Helper()
	if err == nil {
		return ""
	}
	var r *session.Refused
	if !errors.As(err, &r) {
		s.t.Fatalf("the error is no refusal: %v", err)
	}
	if r.Reason == "" {
		s.t.Errorf("%s has no reason", r.Rule)
	}
	return r.Rule
}

// silent fails the test if the log, or what the store keeps, holds one of some secrets.
func (s *stage) silent(secrets ...string) {
	s.t.Helper()
	where := map[string]string{"the log": s.log.String()}
	for _, space := range []string{"invitation", "session", "passkey"} {
		for p, err := range s.store.Each(context.Background(), space) {
			if err != nil {
				s.t.Fatal(err)
			}
			where["the store"] += p.Name + " " + string(p.Value) + "\n"
		}
	}
	for name, text := range where {
		for _, secret := range secrets {
			if secret != "" && strings.Contains(text, secret) {
				s.t.Errorf("%s holds a secret: %s", name, secret)
			}
		}
	}
}

// turned returns a proof whose signature is the other one that holds for the same text.
func turned(proof string) string {
	i := strings.LastIndex(proof, ".")
	sig, _ := base64.RawURLEncoding.DecodeString(proof[i+1:])
	n := elliptic.P256().Params().N
	new(big.Int).Sub(n, new(big.Int).SetBytes(sig[32:])).FillBytes(sig[32:])
	return proof[:i+1] + base64.RawURLEncoding.EncodeToString(sig)
}

func actorKey(name string) ed25519.PrivateKey { return scenario.ActorKey(seed, name) }
