package corridor

import "corridor.example/corridor/record"

// KindKey is the kind of record that enrols a key or replaces one.
var KindKey = kind[KeyRecord]("key", ClassAuthority)

// A KeyRecord enrols a key for the actor that signs it. An office's working and recovery keys
// are replaced by its recovery key alone; nobody else can ever replace them.
type KeyRecord struct {
	Facts     KeyFacts   `part:"facts"`
	Narrative *Narrative `part:"narrative"`
}

// KeyFacts name the new key, and the one it replaces.
type KeyFacts struct {
	record.PartHead
	Key      Key          `json:"key"`
	Replaces *record.Hash `json:"replaces"` // fingerprint of the key that ends here, or null
	Reason   KeyReason    `json:"reason"`
}

// A KeyReason says why a key is enrolled.
type KeyReason string

var keyReasons = vocabulary[KeyReason]("new", "rotation", "lost", "stolen", "holder-changed")

// UnmarshalText reads one of the reasons.
func (r *KeyReason) UnmarshalText(t []byte) error { return term(r, t, keyReasons) }

func (k KeyRecord) refuse(a Authority, h Header) error {
	if k.Facts.Key.Use == SealingUse {
		return nil
	}
	if err := record.CheckProof(k.Facts.Key.Public(), k.Facts.Key.Proof, a.m.exercise, a.Terms().Origin, &a.m.founder); err != nil {
		return err
	}
	if a.m.state.keys[k.Facts.Key.Fingerprint()] != nil {
		return Refuse("key.twice", "this key is enrolled already; every use has a key of its own")
	}
	return nil
}

func (k KeyRecord) finds(a Authority, h Header) []Finding {
	signer := a.m.state.keys[h.Key]
	needs := WorkingKey // enrols devices, the sealing key
	if k.Facts.Key.Use == WorkingKey || k.Facts.Key.Use == RecoveryKey || k.Facts.Replaces != nil {
		needs = RecoveryKey
	}
	bad := signer == nil || signer.use != needs && signer.use != RecoveryKey || k.Facts.Key.Use == NodeKeyUse
	if r := k.Facts.Replaces; r != nil && !bad {
		old := a.m.state.keys[*r]
		bad = old == nil || string(old.owner) != h.By
	}
	if bad {
		return []Finding{{FindingKey, "working and recovery keys are replaced with their office's recovery key, devices enrolled with its working key"}}
	}
	return nil
}

func (k KeyRecord) apply(m *Mission, h Header) {
	if k.Facts.Replaces != nil {
		m.state.keys[*k.Facts.Replaces].until = h.Index
	}
	m.state.enrol(k.Facts.Key, ActorID(h.By), h.Index)
}
