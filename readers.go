package corridor

import (
	"crypto/ed25519"
	"slices"

	"corridor.example/corridor/record"
)

// A Bar says why somebody may not read by a session, or no longer. The empty one is no bar.
type Bar string

// The bars there are.
const (
	NoBar         Bar = ""
	BarActor      Bar = "actor"      // the mandate does not name them, or only quotes them
	BarLevel      Bar = "level"      // none of their roles reads at that level
	BarKey        Bar = "key"        // the key is not theirs, is for another use, was replaced or is suspended
	BarObjection  Bar = "objection"  // their nomination was objected to
	BarDeployment Bar = "deployment" // their deployment has ended, or they are suspended
)

// readingRoles are the roles that may read at a level, beside those of the levels above it.
var readingRoles = map[Level][]Role{
	Parties:      {Party, Guarantor, Facilitator, Operator, Office, Trustee, Observer},
	MissionLevel: {Operator, Office, Trustee, Observer},
	Strict:       {Office, Trustee},
}

// Reads says what bars somebody from reading at a level at a moment, by a session that a key
// opened or, where key is nil, by one that an invitation did. It reads authority only. An
// actor reads while the mandate names it, by a key while that is its working or device key.
// An observer reads from her nomination on, at the parties' level at most before she is
// deployed, until a party that is asked objects or her deployment ends.
func (a Authority) Reads(id ActorID, level Level, key *record.Hash, at record.Time) Bar {
	roles := a.Roles(id)
	if len(roles) == 0 || slices.Equal(roles, []Role{Voice}) {
		return BarActor
	}
	if !slices.ContainsFunc(roles, func(r Role) bool { return slices.Contains(readingRoles[level], r) }) {
		return BarLevel
	}
	if key != nil {
		if _, out := a.suspendedKey(*key); out {
			return BarKey
		}
	}
	if n := a.m.state.nominees[id]; n != nil && slices.Contains(roles, Observer) {
		return a.observerReads(n, level, key, at)
	}
	if key == nil {
		return NoBar
	}
	k := a.m.state.keys[*key]
	if k == nil || k.owner != id || k.from >= a.n || k.until >= 0 && k.until < a.n || k.use != WorkingKey && k.use != DeviceKey {
		return BarKey
	}
	return NoBar
}

// observerReads judges by the observer's newest nomination and deployment.
func (a Authority) observerReads(n *nominee, level Level, key *record.Hash, at record.Time) Bar {
	if _, out := a.suspendedObserver(n.id); out {
		return BarDeployment
	}
	var last *nominationAt
	for i := range n.nominations {
		if n.nominations[i].index < a.n {
			last = &n.nominations[i]
		}
	}
	if d := a.newestDeployment(n); d != nil {
		device := a.nominatedKey(n, d.nomination)
		closed, down := a.m.state.standdowns[device]
		ended := a.revokes(n, d, nil) || down && closed.index < a.n || d.facts.To != nil && at > *d.facts.To
		switch {
		case ended && d.index > last.index:
			return BarDeployment
		case !ended && key != nil && *key != device:
			return BarKey
		case !ended:
			return NoBar
		}
	}
	for _, v := range a.Terms().Consent.Quorum.Voters() {
		if a.vote(n, last.hash, v) < 0 {
			return BarObjection
		}
	}
	switch {
	case key != nil && *key != last.key:
		return BarKey
	case level != Parties:
		return BarLevel
	}
	return NoBar
}

// newestDeployment returns the last deployment of an observer, nil if there was none.
func (a Authority) newestDeployment(n *nominee) *deploymentAt {
	for i := len(n.deployments) - 1; i >= 0; i-- {
		if n.deployments[i].index < a.n {
			return &n.deployments[i]
		}
	}
	return nil
}

// PublicKey returns a key that authority has enrolled, by its fingerprint, and whose it is;
// nil if none is known.
func (a Authority) PublicKey(fingerprint record.Hash) (ed25519.PublicKey, ActorID) {
	k := a.m.state.keys[fingerprint]
	if k == nil || k.from >= a.n {
		return nil, ""
	}
	return k.public, k.owner
}
