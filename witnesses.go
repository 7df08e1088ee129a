package corridor

import (
	"slices"

	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// A WitnessOf says for which actor a witness of the policy stands: whose word it is that this
// was the log at that second. The program runs with that actor; the key is no key of a person.
type WitnessOf struct {
	Witness string  `json:"witness"` // its name in the witness policy
	Actor   ActorID `json:"actor"`
}

// Stands returns the actor for whom a witness of the policy stands, and whether there is one.
func (t *Terms) Stands(witness string) (ActorID, bool) {
	for _, w := range t.WitnessOf {
		if w.Witness == witness {
			return w.Actor, true
		}
	}
	return "", false
}

// A Watcher is a witness of the policy, with whom it stands for.
type Watcher struct {
	Name  string  `json:"name"`  // in the policy
	Key   string  `json:"key"`   // its verifier key
	Actor ActorID `json:"actor"` // for whom it stands; "" for nobody
}

// Watchers returns the witnesses of the policy in the mandate's order of sides: those of the
// first side, of the second, and the others, each as the policy has them.
func (t *Terms) Watchers() (list []Watcher) {
	p, err := t.Policy()
	if err != nil {
		return nil // refused when the terms were logged
	}
	keys, names := p.WitnessKeys(), p.Witnesses()
	for _, side := range append(t.Sides(), "") {
		for i, name := range names {
			of, _ := t.Stands(name)
			if t.SideOf(of) == side {
				list = append(list, Watcher{name, keys[i], of})
			}
		}
	}
	return list
}

// SideOf returns the side of an actor, "first" or "second"; "" for those on neither.
func (t *Terms) SideOf(id ActorID) string {
	a, _ := t.Actor(id)
	return deref(a.Side)
}

// Sides returns the sides that actors of the mandate are on, in the mandate's order.
func (t *Terms) Sides() []string {
	var all []string
	for _, side := range []string{"first", "second"} {
		if slices.ContainsFunc(t.Actors, func(a Actor) bool { return deref(a.Side) == side }) {
			all = append(all, side)
		}
	}
	return all
}

// Independent reports whether a witness stands for somebody of the mandate who is not on the side
// of an author, nor the author itself. What it says was lodged with it is a proof against
// whoever runs the log; the word of the author's own side, or of a witness that stands for
// nobody, is a claim. An observer is on no side.
func (t *Terms) Independent(witness string, author ActorID) bool {
	of, ok := t.Stands(witness)
	if !ok || of == author {
		return false
	}
	side := t.SideOf(of)
	return side == "" || side != t.SideOf(author)
}

// Unwitnessed returns the sides without whose witnesses the mandate's quorum can be met, so
// that the log's operator and the others could together show a history that this side never
// saw. A mandate for two sides that distrust each other has none of them.
func (t *Terms) Unwitnessed() []string {
	p, err := t.Policy()
	if err != nil {
		return t.Sides()
	}
	return slices.DeleteFunc(t.Sides(), func(side string) bool {
		return !p.Met(func(witness string) bool {
			of, ok := t.Stands(witness)
			return !ok || t.SideOf(of) != side
		})
	})
}

// refuseWitnesses checks for whom witnesses stand, and that no key of the log or of a witness
// has another use. used are the keys of the mandate's actors, owners those enrolled before.
func (t *Terms) refuseWitnesses(actors map[ActorID]bool, used map[record.Hash]bool, owners map[record.Hash]owned) error {
	p, err := t.Policy()
	if err != nil {
		return Refuse("mandate.witnesses", "the witness policy cannot be read: %v", err)
	}
	named := map[string]bool{}
	for _, w := range t.WitnessOf {
		if !slices.Contains(p.Witnesses(), w.Witness) || !actors[w.Actor] || named[w.Witness] {
			return Refuse("mandate.witness-of", "the witness %q of %q: a witness of the policy stands for one actor of the mandate", w.Witness, w.Actor)
		}
		named[w.Witness] = true
	}
	for fingerprint, whose := range t.cosigners() {
		if used[fingerprint] || owners[fingerprint] != (owned{}) {
			return Refuse("key.twice", "the key of %s is a key of an actor too; every use has a key of its own", whose)
		}
	}
	return nil
}

// cosigners returns the fingerprints of the keys that sign or cosign the log, with whose they
// are, for messages. None of them may sign a record.
func (t *Terms) cosigners() map[record.Hash]string {
	all := map[record.Hash]string{}
	add := func(vkey, whose string) {
		if k, err := ledger.PublicKey(vkey); err == nil && k != nil {
			all[record.Fingerprint(k)] = whose
		}
	}
	add(t.LogKey, "the log")
	if p, err := t.Policy(); err == nil {
		for i, vkey := range p.WitnessKeys() {
			add(vkey, "the witness "+p.Witnesses()[i])
		}
	}
	return all
}

// asked says when a checkpoint shows that an actor was asked: when the actor's own witness
// cosigned it, else when the witnesses of enough guarantors had, where the mandate lets those
// stand in. ok is false if neither did.
func (t *Terms) asked(s ledger.Signed, of ActorID) (at record.Time, shown Shown, ok bool) {
	byActor := map[ActorID]int64{}
	var times []int64
	for _, c := range s.Cosigned {
		if a, stands := t.Stands(c.Name); stands {
			if before, twice := byActor[a]; !twice || c.Time < before {
				byActor[a] = c.Time
			}
			times = append(times, c.Time)
		}
	}
	if at, own := byActor[of]; own {
		return record.Time(at), ShownOwn, true
	}
	slices.Sort(times)
	for _, at := range times {
		if g := t.Consent.Guarantors; g != nil && g.Met(func(a ActorID) bool { c, ok := byActor[a]; return ok && c <= at }) {
			return record.Time(at), ShownGuarantors, true
		}
	}
	return 0, "", false
}
