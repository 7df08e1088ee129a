package session

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"
)

// A Kept is something in a store that lets a reader in.
type Kept struct {
	Sort string `json:"sort"` // "session", "passkey", "invitation"
	Name string `json:"name"`
	Grant
	How     string `json:"how,omitempty"`
	Account string `json:"account,omitempty"`
	Agent   string `json:"agent,omitempty"`
	At      int64  `json:"at"`
	Used    int64  `json:"used"`
	Until   int64  `json:"until"`

	space, at string
}

// spaces are where a store keeps what lets a reader in, in the order in which it is listed.
var spaces = []string{sessions, passkeys, invitations}

// AllKept returns all that lets a reader in, as the store of a door that may be open elsewhere
// has it.
func AllKept(ctx context.Context, st Store, now time.Time) (list []Kept, err error) {
	for _, space := range spaces {
		for p, err := range st.Each(ctx, space) {
			if err != nil {
				return nil, err
			}
			k := Kept{Sort: space, space: space, at: p.Name, Until: p.Until}
			if json.Unmarshal(p.Value, &k) != nil {
				k = Kept{Sort: space, Name: "unreadable", space: space, at: p.Name, Until: p.Until}
			}
			k.Sort, k.Used, k.Until = space, max(k.Used, k.At), p.Until
			if p.Until > now.Unix() {
				list = append(list, k)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b Kept) int {
		if x := slices.Index(spaces, a.space) - slices.Index(spaces, b.space); x != 0 {
			return x
		}
		return int(b.Used - a.Used)
	})
	return list, nil
}

// Forget drops what is called by a name from a store, or everything for "all": a door that is
// open elsewhere lets go of it within a second. Forgetting a passkey ends the sessions that it
// opened. It returns how many were dropped.
func Forget(ctx context.Context, st Store, name string) (n int, err error) {
	list, err := AllKept(ctx, st, time.Unix(0, 0))
	if err != nil {
		return 0, err
	}
	accounts := map[string]bool{}
	for _, k := range list {
		if k.Sort == passkeys && k.Name == name {
			accounts[k.Account] = true
		}
	}
	for _, k := range list {
		if name != "all" && k.Name != name && (k.Account == "" || !accounts[k.Account]) {
			continue
		}
		switch e := st.Drop(ctx, k.space, k.at); {
		case e == nil:
			n++
		default:
			err = errors.Join(err, absentIsNil(e))
		}
	}
	return n, err
}
