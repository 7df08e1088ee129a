package session

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
	"github.com/go-webauthn/webauthn/webauthn"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/store"
)

// passkeyFor is how long a passkey that is not used stays known.
const passkeyFor = 180 * 24 * time.Hour

// A Passkey signs its holder in again, with the grant it was added under.
type Passkey struct {
	Name string `json:"name"` // tells it from others and opens nothing
	Grant
	Account    string              `json:"account"` // what the authenticator knows its holder by
	At         int64               `json:"at"`
	Used       int64               `json:"used"`
	Agent      string              `json:"agent"`
	Credential webauthn.Credential `json:"credential"`
}

var errPasskey = refuse("session.passkey", "this passkey is not known here, or the answer does not belong to what was asked; try again, or ask for a new invitation")

// A holder is an account as package webauthn asks for it.
type holder struct {
	id    string
	name  string
	creds []webauthn.Credential
}

func (h holder) WebAuthnID() []byte                         { return []byte(h.id) }
func (h holder) WebAuthnName() string                       { return h.name }
func (h holder) WebAuthnDisplayName() string                { return h.name }
func (h holder) WebAuthnCredentials() []webauthn.Credential { return h.creds }

// relying returns the party that passkeys of a site are made for. A site that is reached by
// its number has none, because no authenticator makes a passkey for one.
func relying(k Knock) (*webauthn.WebAuthn, error) {
	host, _, err := net.SplitHostPort(k.Host)
	if err != nil {
		host = k.Host
	}
	if net.ParseIP(strings.Trim(host, "[]")) != nil || host == "" {
		return nil, refuse("session.passkey-name", "passkeys belong to a name; open this site by its name and not by its number")
	}
	yes := true
	limit := webauthn.TimeoutConfig{Enforce: true, Timeout: ceremonyFor * time.Second, TimeoutUVD: ceremonyFor * time.Second}
	return webauthn.New(&webauthn.Config{
		RPID: host, RPDisplayName: "Corridor", RPOrigins: []string{k.Web},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			RequireResidentKey: &yes, ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationPreferred,
		},
		Timeouts: webauthn.TimeoutsConfig{Login: limit, Registration: limit},
	})
}

// algorithms are what a passkey may sign with: Ed25519, ECDSA P-256, RSA; authenticators know
// one of them.
var algorithms = func() (list []protocol.CredentialParameter) {
	for _, a := range []webauthncose.COSEAlgorithmIdentifier{webauthncose.AlgEdDSA, webauthncose.AlgES256, webauthncose.AlgRS256} {
		list = append(list, protocol.CredentialParameter{Type: protocol.PublicKeyCredentialType, Algorithm: a})
	}
	return list
}()

// NewPasskey begins to add a passkey for the holder of a session: it returns the name of what
// was begun, and the options for navigator.credentials.create as JSON.
func (d *Door) NewPasskey(s Session, k Knock) (begun string, options []byte, err error) {
	rp, err := relying(k)
	if err != nil {
		return "", nil, err
	}
	if s.Program || len(s.Bind) == 0 {
		return "", nil, refuse("session.passkey-program", "a program has no passkey")
	}
	account := s.Account
	if account == "" {
		account = name()
	}
	h, err := d.holder(context.Background(), account)
	if err != nil {
		return "", nil, err
	}
	h.name = string(s.Actor)
	var exclude []protocol.CredentialDescriptor
	for _, c := range h.creds {
		exclude = append(exclude, c.Descriptor())
	}
	creation, data, err := rp.BeginRegistration(h, webauthn.WithCredentialParameters(algorithms), webauthn.WithExclusions(exclude))
	if err != nil {
		return "", nil, err
	}
	options, err = json.Marshal(creation.Response)
	if err != nil {
		return "", nil, err
	}
	begun, err = d.asked.begin(ceremony{session: s.Name, account: account, from: k.From, data: *data}, d.now())
	return begun, options, err
}

// AddPasskey ends what NewPasskey began: response is what the browser's create gave, as JSON.
// From then on the session belongs to the passkey's account.
func (d *Door) AddPasskey(ctx context.Context, s Session, begun string, response []byte, k Knock) (Passkey, error) {
	c, ok := d.asked.take(begun, d.now())
	rp, err := relying(k)
	if err != nil {
		return Passkey{}, err
	}
	parsed, parseErr := protocol.ParseCredentialCreationResponseBytes(response)
	if !ok || c.session != s.Name || parseErr != nil {
		return Passkey{}, errPasskey
	}
	h, err := d.holder(ctx, c.account)
	if err != nil {
		return Passkey{}, err
	}
	h.name = string(s.Actor)
	made, err := rp.CreateCredential(h, c.data, parsed)
	if err != nil {
		return Passkey{}, errPasskey
	}
	p := Passkey{Name: name(), Grant: s.Grant, Account: c.account, At: d.now(), Used: d.now(), Agent: s.Agent, Credential: *made}
	at := credentialName(made.ID)
	if _, _, err := d.cfg.Store.Get(ctx, passkeys, at); !errors.Is(err, store.ErrAbsent) {
		return Passkey{}, errors.Join(errPasskey, err) // somebody's already
	}
	if err := d.keepPasskey(ctx, p); err != nil {
		return Passkey{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	live := d.live[s.token]
	if live == nil {
		return p, errEnded
	}
	live.Account = c.account
	return p, d.keep(ctx, *live)
}

// BeginPasskey begins to sign in with a passkey in a browser that holds a key: it returns the
// name of what was begun, and the options for navigator.credentials.get as JSON.
func (d *Door) BeginPasskey(k Knock) (begun string, options []byte, err error) {
	who := []string{"address " + k.From}
	if err := d.limited(who); err != nil {
		return "", nil, err
	}
	rp, err := relying(k)
	if err != nil {
		return "", nil, err
	}
	bind, err := d.bound(k)
	if err != nil {
		d.settle(who, "a passkey", k, err)
		return "", nil, err
	}
	assertion, data, err := rp.BeginDiscoverableLogin()
	if err != nil {
		return "", nil, err
	}
	options, err = json.Marshal(assertion.Response)
	if err != nil {
		return "", nil, err
	}
	begun, err = d.asked.begin(ceremony{bind: bind, from: k.From, data: *data}, d.now())
	return begun, options, err
}

// WithPasskey ends what BeginPasskey began: response is what the browser's get gave, as JSON.
// The session is bound to the key that the browser showed at the beginning.
func (d *Door) WithPasskey(ctx context.Context, begun string, response []byte, k Knock) (token string, s Session, err error) {
	who := []string{"address " + k.From}
	if err := d.limited(who); err != nil {
		return "", s, err
	}
	defer func() { d.settle(who, "a passkey", k, err) }()
	c, ok := d.asked.take(begun, d.now())
	rp, err := relying(k)
	if err != nil {
		return "", s, err
	}
	parsed, parseErr := protocol.ParseCredentialRequestResponseBytes(response)
	if !ok || c.bind == nil || parseErr != nil {
		return "", s, errPasskey
	}
	p, err := d.passkey(ctx, parsed.RawID)
	if err != nil {
		return "", s, err
	}
	who = append(who, "account "+p.Account)
	if err := d.limited(who); err != nil {
		return "", s, err
	}
	find := func(_, handle []byte) (webauthn.User, error) {
		if string(handle) != p.Account {
			return nil, errPasskey
		}
		return holder{p.Account, string(p.Actor), []webauthn.Credential{p.Credential}}, nil
	}
	_, used, err := rp.ValidatePasskeyLogin(find, c.data, parsed)
	if err != nil || used.Authenticator.CloneWarning {
		return "", s, errPasskey
	}
	if err := barred(d.reads(p.Grant, nil)); err != nil {
		return "", s, err
	}
	p.Credential, p.Used = *used, d.now()
	if err := d.keepPasskey(ctx, p); err != nil {
		return "", s, err
	}
	return d.begin(ctx, Session{Grant: p.Grant, How: "passkey", Account: p.Account, Host: k.Host, Agent: agent(k.Agent), Bind: c.bind})
}

// passkey returns the passkey of a credential.
func (d *Door) passkey(ctx context.Context, id []byte) (p Passkey, err error) {
	if len(id) == 0 || len(id) > 1023 { // WebAuthn Level 3, 4: a credential ID is at most 1023 bytes
		return p, errPasskey
	}
	b, until, err := d.cfg.Store.Get(ctx, passkeys, credentialName(id))
	switch {
	case errors.Is(err, store.ErrAbsent), err == nil && until <= d.now():
		return p, errPasskey
	case err != nil:
		return p, err
	}
	return p, json.Unmarshal(b, &p)
}

func (d *Door) keepPasskey(ctx context.Context, p Passkey) error {
	b, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return d.cfg.Store.Put(ctx, passkeys, credentialName(p.Credential.ID), b, p.Used+int64(passkeyFor/time.Second))
}

// Passkeys returns those of an actor, the one used last first; of every actor for "".
func (d *Door) Passkeys(ctx context.Context, a corridor.ActorID) (list []Passkey, err error) {
	for kept, err := range d.cfg.Store.Each(ctx, passkeys) {
		if err != nil {
			return nil, err
		}
		var p Passkey
		if json.Unmarshal(kept.Value, &p) == nil && (a == "" || p.Actor == a) && kept.Until > d.now() {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b Passkey) int { return int(b.Used - a.Used) })
	return list, nil
}

// DropPasskey forgets a passkey and ends the sessions of its account.
func (d *Door) DropPasskey(ctx context.Context, p Passkey, why string) error {
	err := absentIsNil(d.cfg.Store.Drop(ctx, passkeys, credentialName(p.Credential.ID)))
	for _, s := range d.List(func(s Session) bool { return s.Account == p.Account }) {
		err = errors.Join(err, d.end(ctx, s, why))
	}
	return err
}

// holder returns an account with its passkeys.
func (d *Door) holder(ctx context.Context, account string) (h holder, err error) {
	h.id = account
	list, err := d.Passkeys(ctx, "")
	for _, p := range list {
		if p.Account == account {
			h.creds = append(h.creds, p.Credential)
		}
	}
	return h, err
}

// credentialName is under what a credential is kept: short enough whatever its own ID is.
func credentialName(id []byte) string {
	if len(id) <= 64 {
		return base64.RawURLEncoding.EncodeToString(id)
	}
	sum := sha256.Sum256(id)
	return hex.EncodeToString(sum[:])
}

// Limits of what was begun and not ended.
const (
	ceremonyFor   = 180 // seconds
	ceremoniesMax = 1024
	ceremoniesOf  = 32 // from one address
	usedMax       = 16384
)

// A ceremony is what was asked of a browser and not answered yet.
type ceremony struct {
	session string // of the holder who adds a passkey
	account string
	bind    []byte // of the browser that signs in
	from    string
	data    webauthn.SessionData
	until   int64
}

// ceremonies keeps few of them, for a short time. The zero value is empty.
type ceremonies struct {
	mu   sync.Mutex
	all  map[string]ceremony
	used spent // signed requests that were used
}

func (l *ceremonies) begin(c ceremony, now int64) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all == nil {
		l.all = map[string]ceremony{}
	}
	same := 0
	for n, x := range l.all {
		switch {
		case x.until <= now:
			delete(l.all, n)
		case x.from == c.from:
			same++
		}
	}
	if same >= ceremoniesOf || len(l.all) >= ceremoniesMax {
		return "", &Refused{Rule: "session.wait", Reason: "too many are signing in at this moment; try again shortly", Wait: 10 * time.Second}
	}
	text, _ := token()
	c.until = now + ceremonyFor
	l.all[text] = c
	return text, nil
}

// take returns what was begun under a name, once.
func (l *ceremonies) take(name string, now int64) (ceremony, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c, ok := l.all[name]
	delete(l.all, name)
	return c, ok && c.until > now
}

// PasskeyUntil returns until when a passkey is known if it is not used again, in Unix seconds.
func PasskeyUntil(p Passkey) int64 { return p.Used + int64(passkeyFor/time.Second) }
