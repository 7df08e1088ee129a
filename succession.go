package corridor

import (
	"slices"
	"strings"

	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// KindSuccession is the kind of record with which a log goes on in another: the first entry
// after those that were saved of a log which has ended.
var KindSuccession = kind[Succession]("succession", ClassAuthority)

// A Succession says that the log in which a mission was kept has ended, how much of it is here,
// and which log goes on. Everything before it is the lost log's own, entry for entry, under a
// checkpoint that the lost log signed; what comes after it comes as it comes, and what phones
// and mirrors still hold is taken in again like any record. The mission stays: its mandate,
// keys and terms. It is declared by the mission's office and never sent to a running log; the
// parties accede to it as they did to the mandate.
type Succession struct {
	Facts     SuccessionFacts `part:"facts"`
	Narrative *Narrative      `part:"narrative"`
}

// SuccessionFacts name the log that ended, the one that goes on, and the new server's keys.
type SuccessionFacts struct {
	record.PartHead
	Succeeds   Succeeds         `json:"succeeds"`
	Checkpoint string           `json:"checkpoint"` // of that size and root, signed by the log that ended
	Reason     SuccessionReason `json:"reason"`
	Level      *Level           `json:"level"`       // for whom the copy it was saved from had been made; null: a whole one
	Origin     string           `json:"origin"`      // of the log that goes on; never that of one before
	LogKey     string           `json:"log_key"`     // its verifier key (C2SP signed-note)
	NodeKey    *Key             `json:"node_key"`    // in place of the lost server's, or null to keep that
	SealingKey *string          `json:"sealing_key"` // likewise, an age recipient
}

// A SuccessionReason says why a log ended.
type SuccessionReason string

var successionReasons = vocabulary[SuccessionReason]("not-said", "machine-lost", "key-lost", "key-stolen", "forked", "other")

// UnmarshalText reads one of the reasons.
func (r *SuccessionReason) UnmarshalText(t []byte) error { return term(r, t, successionReasons) }

// A successionAt is a succession that has effect.
type successionAt struct {
	index int64
	hash  record.Hash
	by    ActorID
	facts SuccessionFacts
}

func (k Succession) refuse(a Authority, h Header) error {
	f, now := k.Facts, a.Terms()
	if f.Succeeds.Size != h.Index || f.Succeeds.Origin != now.Origin {
		return Refuse("succession.place", "a succession is the first entry after those of the log that it names; it names %d of %s and stands behind %d of %s", f.Succeeds.Size, f.Succeeds.Origin, h.Index, now.Origin)
	}
	if root, err := a.m.tree.Root(f.Succeeds.Size); err != nil || root != ledger.Hash(f.Succeeds.Root) {
		return Refuse("succession.root", "the entries before it are not those of the tree that it names")
	}
	p, err := now.Policy()
	if err != nil {
		return Refuse("mandate.witnesses", "the witness policy cannot be read: %v", err)
	}
	s, err := p.Check([]byte(f.Checkpoint))
	if err != nil {
		return Refuse("succession.checkpoint", "the checkpoint it carries does not hold: %v", err)
	}
	if s.Size != f.Succeeds.Size || s.Root != ledger.Hash(f.Succeeds.Root) {
		return Refuse("succession.checkpoint", "the checkpoint it carries is of %d entries, or of another tree than it names", s.Size)
	}
	return k.refuseLog(a)
}

// refuseLog refuses a log that goes on under a name or a key of one before.
func (k Succession) refuseLog(a Authority) error {
	f := k.Facts
	if _, err := ledger.NewVerifier(f.LogKey); err != nil {
		return Refuse("mandate.log-key", "the log's verifier key cannot be read: %v", err)
	}
	if name, _, _ := strings.Cut(f.LogKey, "+"); name != f.Origin {
		return Refuse("mandate.origin", "the log's key is named %q and the origin is %q; they are one", name, f.Origin)
	}
	for _, t := range a.m.state.terms {
		if t.terms.Origin == f.Origin || sameKey(t.terms.LogKey, f.LogKey) {
			return Refuse("succession.log", "a log that has ended is not taken up again: give the one that goes on a name and a key of its own")
		}
	}
	next := k.terms(a.Terms())
	if _, err := next.Policy(); err != nil {
		return Refuse("mandate.witnesses", "the witness policy cannot be read with the new log's key: %v", err)
	}
	if f.SealingKey != nil && !ageRecipient(*f.SealingKey) {
		return Refuse("mandate.sealing-key", "the sealing key %.80q is not an age recipient, age1 and 58 characters in lower case", *f.SealingKey)
	}
	if n := f.NodeKey; n != nil {
		if n.Use != NodeKeyUse {
			return Refuse("key.use", "the node key is a key of use node, this one is a %s key", n.Use)
		}
		if a.m.state.keys[n.Fingerprint()] != nil {
			return Refuse("key.twice", "this key is enrolled already; every use has a key of its own")
		}
		return record.CheckProof(n.Public(), n.Proof, a.m.exercise, f.Origin, &a.m.founder)
	}
	return nil
}

// sameKey reports whether two verifier keys are one key, whatever they are called.
func sameKey(a, b string) bool {
	x, err := ledger.PublicKey(a)
	y, bad := ledger.PublicKey(b)
	return err == nil && bad == nil && x.Equal(y)
}

// terms are those in force with the log that goes on in them.
func (k Succession) terms(now *Terms) Terms {
	t := *now
	t.Origin, t.LogKey, t.Succeeds = k.Facts.Origin, k.Facts.LogKey, &k.Facts.Succeeds
	if k.Facts.NodeKey != nil {
		t.NodeKey = k.Facts.NodeKey
	}
	if k.Facts.SealingKey != nil {
		t.SealingKey = k.Facts.SealingKey
	}
	return t
}

// finds says who declares a succession: the mission's office, with its working key.
func (k Succession) finds(a Authority, h Header) []Finding {
	if s := a.m.state.keys[h.Key]; s == nil || s.use != WorkingKey || !slices.Contains(a.Roles(ActorID(h.By)), Office) {
		return []Finding{{FindingKey, "a succession is declared by the mission's office, with its working key"}}
	}
	return nil
}

func (k Succession) apply(m *Mission, h Header) {
	a := Authority{m, h.Index}
	t := k.terms(a.Terms())
	if k.Facts.NodeKey != nil {
		if stands, ok := a.NodeKey(); ok {
			m.state.keys[stands].until = h.Index
		}
	}
	m.state.adopt(&t, h.Index)
	m.state.successions = append(m.state.successions, successionAt{h.Index, h.Hash, ActorID(h.By), k.Facts})
}

// A Log is one in which a mission was kept, with the entries of this one that it signed.
type Log struct {
	Origin string
	Key    string // verifier key
	From   int64  // index of the first entry that was logged in it
	To     int64  // how many entries were saved of it; -1 for the one that goes on
	Level  Level  // for whom the copy had been made that they were saved from; "": a whole one, or it goes on
}

// Logs returns the logs in which the mission was kept, the first one first. Of a mission whose
// log never ended there is one.
func (v View) Logs() (list []Log) {
	t := Authority{v.m, min(v.n, 1)}.Terms()
	if t == nil {
		return nil
	}
	list = []Log{{Origin: t.Origin, Key: t.LogKey, To: -1}}
	for _, s := range v.m.state.successions {
		if s.index < v.n {
			last := &list[len(list)-1]
			if last.To = s.index; s.facts.Level != nil {
				last.Level = *s.facts.Level
			}
			list = append(list, Log{Origin: s.facts.Origin, Key: s.facts.LogKey, From: s.index, To: -1})
		}
	}
	return list
}

// A Succeeding is a succession as declared, with who has acceded to it.
type Succeeding struct {
	Record  record.Hash
	Index   int64
	By      ActorID
	Facts   SuccessionFacts
	Acceded []ActorID // parties, in the order of the mandate
	Awaited []ActorID // parties that have not acceded yet
}

// Successions returns the successions of the prefix, in the order of the log.
func (v View) Successions() (list []Succeeding) {
	for _, s := range v.m.state.successions {
		if s.index >= v.n {
			continue
		}
		x := Succeeding{Record: s.hash, Index: s.index, By: s.by, Facts: s.facts}
		for _, p := range v.Terms().Actors {
			switch {
			case !p.Is(Party):
			case v.Authority().Acceded(p.ID, s.hash):
				x.Acceded = append(x.Acceded, p.ID)
			default:
				x.Awaited = append(x.Awaited, p.ID)
			}
		}
		list = append(list, x)
	}
	return list
}

// Saved reports whether an entry was saved from a copy that may lack parts of it: one that was
// not a whole one. Such a part is not here until whoever has the record hands it in again.
func (v View) Saved(i int64) bool {
	for _, s := range v.m.state.successions {
		if s.index < v.n && i < s.index && s.facts.Level != nil {
			return true
		}
	}
	return false
}

// possessed checks a key's proof of possession. One that was made for a log that has ended
// counts in the one that goes on: the mission is the same.
func (a Authority) possessed(k Key) (err error) {
	for i := len(a.m.state.terms) - 1; i >= 0; i-- {
		t := a.m.state.terms[i]
		if t.index >= a.n {
			continue
		}
		if e := record.CheckProof(k.Public(), k.Proof, a.m.exercise, t.terms.Origin, &a.m.founder); e == nil {
			return nil
		} else if err == nil {
			err = e
		}
	}
	return err
}
