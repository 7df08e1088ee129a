package verify

import (
	"fmt"
	"slices"

	"corridor.example/corridor"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// suppressed asks whether a record that was lodged is neither in the log nor refused in it,
// though the mandate's bound had passed when the quorum cosigned the checkpoint shown.
//
// Records[0] is the lodged record, Records[1] the mandate, then the record that enrolled its
// author's key unless the mandate did, and every record of class office in the log, any of which
// may be the refusal. Leaves are all of the checkpoint's tree.
func (j *judge) suppressed() Verdict {
	if len(j.e.Checkpoints) != 1 || len(j.e.Records) < 2 || len(j.e.Notes) == 0 {
		return j.not("a checkpoint, the record, the mandate and a lodging note are needed")
	}
	s, err := j.policy.Check([]byte(j.e.Checkpoints[0]))
	if err != nil {
		return j.not("the checkpoint is not one that the log signed: %v", err)
	}
	j.signed(s)
	recs := make([]record.Record, len(j.e.Records))
	for i, line := range j.e.Records {
		if recs[i], err = record.Parse([]byte(line)); err != nil {
			return j.not("record %d cannot be read: %v", i+1, err)
		}
	}
	lodged, mandate := recs[0], recs[1]
	t, why := j.terms(mandate)
	if why != "" {
		return j.not("%s", why)
	}
	byHash, verdict := j.logged(s, lodged, recs)
	if verdict != nil {
		return *verdict
	}
	if verdict := j.authentic(t, lodged, byHash); verdict != nil {
		return *verdict
	}
	return j.lodgings(s, t, lodged)
}

// terms reads the terms of the founding mandate.
func (j *judge) terms(mandate record.Record) (t *corridor.Terms, why string) {
	if mandate.Hash != j.card.Mission {
		return nil, "the second record is not the mandate that the card names"
	}
	key, err := corridor.FoundingKey(mandate)
	if err == nil {
		err = mandate.Verify(key)
	}
	m := new(corridor.Mission)
	if err == nil {
		err = m.Add(mandate)
	}
	if err != nil {
		return nil, "the mandate: " + err.Error()
	}
	return m.Now().Terms(), ""
}

// logged looks for the record, and for a refusal of it, in the whole tree of the checkpoint. It
// returns the records given that are in the tree.
func (j *judge) logged(s ledger.Signed, lodged record.Record, recs []record.Record) (in map[record.Hash]record.Record, out *Verdict) {
	say := func(v Verdict) *Verdict { return &v }
	given := map[record.Hash]record.Record{}
	for _, r := range recs[1:] {
		given[r.Hash] = r
	}
	var tree ledger.Tree
	in, unknown := map[record.Hash]record.Record{}, 0
	for i, leaf := range j.e.Leaves {
		tree.Append([]byte(leaf))
		h, class, _, _, err := corridor.ParseLeaf([]byte(leaf))
		if err != nil {
			return nil, say(j.not("leaf %d: %v", i, err))
		}
		if h == lodged.Hash {
			return nil, say(j.not("the record is in the log, as entry %d", i))
		}
		r, ok := given[h]
		if ok {
			in[h] = r
		}
		if class != corridor.ClassOffice {
			continue
		}
		switch refuses(r, ok, lodged.Hash) {
		case refusesIt:
			return nil, say(j.not("the log refused the record, in entry %d", i))
		case refusesUnknown:
			unknown++
		}
	}
	root, err := tree.Root(tree.Size())
	if err != nil || tree.Size() != s.Size || root != s.Root {
		return nil, say(j.not("the leaves are not those of the checkpoint's tree"))
	}
	if unknown > 0 {
		return nil, say(j.cannot("%s of the log, any of which might be the refusal, not shown", count(int64(unknown), "record")))
	}
	return in, nil
}

type refusing int

const (
	refusesNothing refusing = iota
	refusesIt
	refusesUnknown
)

// refuses says whether an office record is the refusal of a record.
func refuses(r record.Record, known bool, of record.Hash) refusing {
	if !known {
		return refusesUnknown
	}
	if corridor.Kind(r.Header.Kind) != corridor.KindRefusal {
		return refusesNothing
	}
	var f corridor.RefusedFacts
	if b := r.Part("facts"); b == nil || record.Decode(b, &f) != nil {
		return refusesUnknown
	}
	if f.Record == of {
		return refusesIt
	}
	return refusesNothing
}

// authentic asks whether the log knew the key of the lodged record, and its signature holds: an
// unknown key means later, not no.
func (j *judge) authentic(t *corridor.Terms, lodged record.Record, in map[record.Hash]record.Record) *Verdict {
	say := func(v Verdict) *Verdict { return &v }
	if lodged.Header.Mission == nil || *lodged.Header.Mission != j.card.Mission || lodged.Exercise() != j.card.Exercise {
		return say(j.not("the record was signed for another mission"))
	}
	keys := enrolled(t)
	for _, r := range in {
		keys = append(keys, enrols(r)...)
	}
	for _, k := range keys {
		if k.key.Public() == nil || k.key.Fingerprint() != lodged.Header.Key || string(k.owner) != lodged.Header.By {
			continue
		}
		if err := lodged.Verify(k.key.Public()); err != nil {
			return say(j.not("the record: %v", err))
		}
		return nil
	}
	return say(j.not("nothing shown of the log enrolled the key of the record; an unknown key is answered later, not no"))
}

// An owned is a key and whose it is.
type owned struct {
	key   corridor.Key
	owner corridor.ActorID
}

func enrolled(t *corridor.Terms) (keys []owned) {
	for _, a := range t.Actors {
		for _, k := range a.Keys {
			keys = append(keys, owned{k, a.ID})
		}
	}
	return keys
}

// enrols returns the keys that a record of the log gives to somebody.
func enrols(r record.Record) []owned {
	b := r.Part("facts")
	switch corridor.Kind(r.Header.Kind) {
	case corridor.KindNomination:
		var f corridor.NominationFacts
		if record.Decode(b, &f) == nil {
			return []owned{{f.Key, f.Observer}}
		}
	case corridor.KindKey:
		var f corridor.KeyFacts
		if record.Decode(b, &f) == nil {
			if f.Key.Use == corridor.NodeKeyUse {
				return []owned{{f.Key, "node"}}
			}
			return []owned{{f.Key, corridor.ActorID(r.Header.By)}}
		}
	case corridor.KindAmendment:
		var f corridor.AmendmentFacts
		if record.Decode(b, &f) == nil {
			return enrolled(&f.Terms)
		}
	}
	return nil
}

// lodgings asks who took the record in when, and whether the bound had passed.
func (j *judge) lodgings(s ledger.Signed, t *corridor.Terms, lodged record.Record) Verdict {
	bound, first := record.Time(t.Lodged), record.Time(0)
	var by, own []string
	for i, text := range j.e.Notes {
		n, err := record.ParseLodging([]byte(text))
		if err != nil {
			return j.not("note %d: %v", i+1, err)
		}
		name, key, ok := j.policy.WitnessOf(n.Key)
		if !ok {
			return j.not("note %d is signed by no witness of the card", i+1)
		}
		if err := n.Verify(key); err != nil {
			return j.not("note %d: %v", i+1, err)
		}
		if n.Record != lodged.Hash || n.Mission != j.card.Mission || n.Exercise() != j.card.Exercise {
			return j.not("note %d is of another record or mission", i+1)
		}
		if !s.QuorumAt(int64(n.At + bound)) {
			continue // the bound had not passed since
		}
		if t.Independent(name, corridor.ActorID(lodged.Header.By)) {
			if by = append(by, name); first == 0 || n.At < first {
				first = n.At
			}
		} else if !slices.Contains(own, name) {
			own = append(own, name)
		}
	}
	switch {
	case len(by) > 0:
		return j.holds("the %s %s by %s was lodged with %s at %s, and %s later the log %s had neither it nor a refusal", lodged.Header.Kind, lodged.Hash.Short(), lodged.Header.By, by[0], first, span60(t.Lodged), j.v.Accused)
	case len(own) > 0:
		j.v.Claim = true
		return j.cannot("a claim: the record was lodged with %s alone, which is on its author's own side or stands for nobody that the mandate names; a witness of another side would make it a proof", own[0])
	}
	return j.not("the quorum had cosigned no such tree %s after the record was lodged", span60(t.Lodged))
}

func span60(seconds int64) string {
	if seconds%60 != 0 {
		return fmt.Sprintf("%d seconds", seconds)
	}
	return count(seconds/60, "minute")
}
