package corridor

import (
	"slices"

	"corridor.example/corridor/record"
)

// KindKey is the kind of record that enrols a key or replaces one.
var KindKey = kind[KeyRecord]("key", ClassAuthority)

// A KeyRecord enrols a key for the actor that signs it, or gives the mission's server a new one.
// An office's working and recovery keys are replaced by its recovery key alone; nobody else can
// ever replace them. The server's own, of use node and sealing, are replaced by the recovery key
// of the mission's office.
type KeyRecord struct {
	Facts     KeyFacts   `part:"facts"`
	Narrative *Narrative `part:"narrative"`
}

// KeyFacts name the new key, and the one it replaces.
type KeyFacts struct {
	record.PartHead
	Key      Key          `json:"key"`
	Replaces *record.Hash `json:"replaces"` // fingerprint of the key that ends here, of a sealing key the SHA-256 of its text, or null
	Reason   KeyReason    `json:"reason"`
}

// A KeyReason says why a key is enrolled.
type KeyReason string

var keyReasons = vocabulary[KeyReason]("new", "rotation", "lost", "stolen", "holder-changed")

// UnmarshalText reads one of the reasons.
func (r *KeyReason) UnmarshalText(t []byte) error { return term(r, t, keyReasons) }

// nodeActor is under whose name the mission's server signs.
const nodeActor ActorID = "node"

// server reports whether the key is one of the server's: what it signs with, or what is sealed
// to.
func (k KeyFacts) server() bool { return k.Key.Use == NodeKeyUse || k.Key.Use == SealingUse }

func (k KeyRecord) refuse(a Authority, h Header) error {
	if k.Facts.Key.Use == SealingUse {
		return k.refuseSealing(a)
	}
	if err := a.possessed(k.Facts.Key); err != nil {
		return err
	}
	if a.m.state.keys[k.Facts.Key.Fingerprint()] != nil {
		return Refuse("key.twice", "this key is enrolled already; every use has a key of its own")
	}
	return nil
}

func (k KeyRecord) refuseSealing(a Authority) error {
	if !ageRecipient(k.Facts.Key.Key) || k.Facts.Key.Proof != "" {
		return Refuse("key.sealing", "a sealing key is an age recipient, age1 and 58 characters in lower case, and can prove nothing, so its proof is empty")
	}
	for _, s := range a.m.state.sealing {
		if s.recipient == k.Facts.Key.Key {
			return Refuse("key.twice", "phones were told to seal to this key already; what was replaced does not come back")
		}
	}
	return nil
}

func (k KeyRecord) finds(a Authority, h Header) []Finding {
	if k.Facts.server() {
		return k.findServer(a, h)
	}
	signer := a.m.state.keys[h.Key]
	needs := WorkingKey // enrols devices
	if k.Facts.Key.Use == WorkingKey || k.Facts.Key.Use == RecoveryKey || k.Facts.Replaces != nil {
		needs = RecoveryKey
	}
	bad := signer == nil || signer.use != needs && signer.use != RecoveryKey
	if r := k.Facts.Replaces; r != nil && !bad {
		old := a.m.state.keys[*r]
		bad = old == nil || string(old.owner) != h.By
	}
	if bad {
		return []Finding{{FindingKey, "working and recovery keys are replaced with their office's recovery key, devices enrolled with its working key"}}
	}
	return nil
}

// findServer says who gives the server its keys: the mission's office. It has one key of each
// use at a time. The first is enrolled with the office's working key, where the mandate named
// none; the one that stands is replaced with the recovery key alone, so that whoever took the
// working key cannot have phones seal to himself.
func (k KeyRecord) findServer(a Authority, h Header) []Finding {
	stands, any := a.serverKey(k.Facts.Key.Use)
	r := k.Facts.Replaces
	if any != (r != nil) || any && *r != stands {
		return []Finding{{FindingReplaces, "the server has one " + string(k.Facts.Key.Use) + " key at a time: a new one names the one that stands as replaced, and the first names none"}}
	}
	signer := a.m.state.keys[h.Key]
	if signer == nil || !slices.Contains(a.Roles(ActorID(h.By)), Office) || signer.use != RecoveryKey && (any || signer.use != WorkingKey) {
		return []Finding{{FindingKey, "the server's keys are replaced with the recovery key of the mission's office"}}
	}
	return nil
}

// serverKey returns the fingerprint of the server's key of a use that stands, and whether one
// does.
func (a Authority) serverKey(use KeyUse) (fingerprint record.Hash, ok bool) {
	if use == SealingUse {
		for _, s := range a.m.state.sealing {
			if s.index < a.n {
				fingerprint, ok = sealingFingerprint(s.recipient), true
			}
		}
		return fingerprint, ok
	}
	for f, k := range a.m.state.keys {
		if k.use == NodeKeyUse && k.from < a.n && (k.until < 0 || k.until >= a.n) {
			return f, true
		}
	}
	return record.Hash{}, false
}

// NodeKey returns the fingerprint of the key with which the mission's server signs, and whether
// it has one.
func (a Authority) NodeKey() (fingerprint record.Hash, ok bool) { return a.serverKey(NodeKeyUse) }

func (k KeyRecord) apply(m *Mission, h Header) {
	if k.Facts.Key.Use == SealingUse {
		m.state.seal(k.Facts.Key.Key, h.Index)
		return
	}
	if k.Facts.Replaces != nil {
		m.state.keys[*k.Facts.Replaces].until = h.Index
	}
	owner := ActorID(h.By)
	if k.Facts.Key.Use == NodeKeyUse {
		owner = nodeActor
	}
	m.state.enrol(k.Facts.Key, owner, h.Index)
}
