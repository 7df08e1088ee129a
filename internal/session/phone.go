package session

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/record"
)

// phones is the space of a store for invitations to enrol a phone, and for the keys that came.
const phones = "phone"

// waitFor is how long a phone's key waits to be nominated.
const waitFor = 30 * 24 * time.Hour

// A Phone is an invitation to enrol one phone, or the key of the phone that used it and waits
// to be nominated. It opens no session and grants nothing: a nomination does.
type Phone struct {
	Name  string `json:"name"` // tells it from others and opens nothing
	By    string `json:"by"`   // who gave the invitation: an actor, or "operator"
	At    int64  `json:"at"`
	Key   string `json:"key,omitempty"`   // 64 hex digits; "" until a phone has come
	Proof string `json:"proof,omitempty"` // that the phone holds it: 128 hex digits
	Came  int64  `json:"came,omitempty"`  // when it came
	Until int64  `json:"until"`

	flag []byte // SHA-256 of the code, which the phone knows too
}

// Pressed reports whether a record of this phone's key was made behind its second PIN: its id is
// then made of the invitation, the key and the record's number, and is chance to anybody else.
func (p Phone) Pressed(key record.Hash, seq int64, id record.ID) bool {
	m := hmac.New(sha256.New, p.flag)
	fmt.Fprintf(m, "corridor-duress/v1\n%s\n%d\n", key, seq)
	return hmac.Equal(m.Sum(nil)[:len(id)], id[:])
}

var errPhone = refuse("phone.invitation", "this invitation is not known, was used by another phone, or is over; ask the office for a new one")

// InvitePhone makes an invitation to enrol a phone and returns the code that uses it. It lasts
// for the given time, three days if that is 0.
func InvitePhone(ctx context.Context, st Store, now time.Time, by string, lasts time.Duration) (code string, p Phone, err error) {
	if lasts == 0 {
		lasts = inviteFor
	}
	if lasts < time.Minute || lasts > longest {
		return "", p, refuse("invitation.lasts", "an invitation lasts between a minute and 30 days")
	}
	code, hash := token()
	p = Phone{Name: name(), By: by, At: now.Unix(), Until: now.Add(lasts).Unix()}
	return code, p, keepPhone(ctx, st, hex.EncodeToString(hash[:]), p)
}

// InvitePhone makes an invitation to enrol a phone.
func (d *Door) InvitePhone(ctx context.Context, by string, lasts time.Duration) (string, Phone, error) {
	return InvitePhone(ctx, d.cfg.Store, d.cfg.Now(), by, lasts)
}

// Phone returns the invitation of a code, with the key that came by it. Guesses are answered
// ever more slowly.
func (d *Door) Phone(ctx context.Context, code string, k Knock) (p Phone, err error) {
	p, _, err = d.phone(ctx, code, k)
	return p, err
}

func (d *Door) phone(ctx context.Context, code string, k Knock) (p Phone, at string, err error) {
	hash := sha256.Sum256([]byte(code))
	at = hex.EncodeToString(hash[:])
	who := []string{"address " + k.From, "phone " + at[:16]}
	if err := d.limited(who); err != nil {
		return p, at, err
	}
	defer func() { d.settle(who, "a phone", k, err) }()
	if len(code) > 64 {
		return p, at, errPhone
	}
	b, until, err := d.cfg.Store.Get(ctx, phones, at)
	if errors.Is(err, store.ErrAbsent) || err == nil && until <= d.now() {
		return p, at, errPhone
	}
	if err != nil {
		return p, at, err
	}
	return p, at, json.Unmarshal(b, &p)
}

// Enrol uses an invitation for a phone's key, whose proof of possession the caller has checked.
// The same key may come again with the same code; another may not.
func (d *Door) Enrol(ctx context.Context, code, key, proof string, k Knock) (p Phone, err error) {
	d.phones.Lock()
	defer d.phones.Unlock()
	p, at, err := d.phone(ctx, code, k)
	if err != nil {
		return p, err
	}
	if p.Key != "" {
		if p.Key != key {
			return p, errPhone
		}
		return p, nil
	}
	p.Key, p.Proof, p.Came, p.Until = key, proof, d.now(), d.cfg.Now().Add(waitFor).Unix()
	d.cfg.Log.Info("a phone asks to be nominated", "phone", p.Name, "by", p.By)
	return p, keepPhone(ctx, d.cfg.Store, at, p)
}

// Phones returns the keys that came, the newest first.
func (d *Door) Phones(ctx context.Context) (list []Phone, err error) {
	for x, err := range d.cfg.Store.Each(ctx, phones) {
		if err != nil {
			return nil, err
		}
		var p Phone
		if json.Unmarshal(x.Value, &p) == nil && p.Key != "" && p.Until > d.now() {
			if p.flag, err = hex.DecodeString(x.Name); err != nil {
				return nil, err
			}
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b Phone) int { return int(b.Came - a.Came) })
	return list, nil
}

func keepPhone(ctx context.Context, st Store, at string, p Phone) error {
	b, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return st.Put(ctx, phones, at, b, p.Until)
}
