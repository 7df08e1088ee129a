package corridor

import "corridor.example/corridor/record"

// KindNomination is the kind of record in which the office proposes an observer.
var KindNomination = kind[Nomination]("nomination", ClassAuthority)

// A Nomination proposes an observer under a name that is not a person's, with the device key
// the observer will sign with. The dossier, if any, is in the identity part, for the voting
// offices only.
type Nomination struct {
	Facts     NominationFacts `part:"facts"`
	Narrative *Narrative      `part:"narrative"`
	Identity  *Identity       `part:"identity"`
}

// NominationFacts name the observer, the device and what for.
type NominationFacts struct {
	record.PartHead
	Observer ActorID      `json:"observer"`
	Label    Label        `json:"label"` // how pages name the observer: a function, never a person
	Of       *ActorID     `json:"of"`    // organisation that proposes the observer, or null
	Key      Key          `json:"key"`   // use "device"
	Places   []PlaceID    `json:"places"`
	From     record.Time  `json:"from"`
	To       *record.Time `json:"to"`
}

func (k Nomination) refuse(a Authority, h Header) error {
	f := k.Facts
	if f.Key.Use != DeviceKey {
		return Refuse("nomination.key", "an observer is nominated with a device key")
	}
	if err := a.possessed(f.Key); err != nil {
		return err
	}
	if known := a.m.state.keys[f.Key.Fingerprint()]; known != nil && known.owner != f.Observer {
		return Refuse("key.twice", "this key belongs to %q already; every observer's device makes its own", known.owner)
	}
	if _, taken := a.Terms().Actor(f.Observer); taken || f.Observer == nodeActor {
		return Refuse("nomination.name", "%q names an actor of the mandate; give the observer another name", f.Observer)
	}
	for _, p := range f.Places {
		if _, ok := a.Terms().Place(p); !ok {
			return Refuse("place.unknown", "%q is not a place of the mandate", p)
		}
	}
	return nil
}

func (k Nomination) apply(m *Mission, h Header) {
	f := k.Facts
	if m.state.nominees == nil {
		m.state.nominees = map[ActorID]*nominee{}
	}
	n := m.state.nominees[f.Observer]
	if n == nil {
		n = &nominee{id: f.Observer}
		m.state.nominees[f.Observer] = n
		m.state.order = append(m.state.order, f.Observer)
	}
	n.nominations = append(n.nominations, nominationAt{h.Index, h.Hash, f.Key.Fingerprint(), f, dossier(h)})
	m.state.enrol(f.Key, f.Observer, h.Index)
}

// dossier returns the SHA-256 of a header's identity part, nil if it names none.
func dossier(h Header) *record.Hash {
	for _, p := range h.Parts {
		if p.Name == "identity" {
			return &p.SHA256
		}
	}
	return nil
}

// nomination returns the nomination a header answers, with its observer.
func (a Authority) nomination(re *record.Hash) (*nominee, nominationAt, bool) {
	if re != nil {
		for _, id := range a.m.state.order {
			n := a.m.state.nominees[id]
			for _, x := range n.nominations {
				if x.hash == *re && x.index < a.n {
					return n, x, true
				}
			}
		}
	}
	return nil, nominationAt{}, false
}
