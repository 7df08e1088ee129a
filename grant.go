package corridor

import "corridor.example/corridor/record"

// KindGrant is the kind of record that tells what somebody who was asked answered; its re is
// the request.
var KindGrant = kind[Grant]("grant", ClassWord)

// A Grant is one answer to a request, granted or not. That a movement is granted says nothing
// of whether it took place, and that it is denied nothing of whether it may be: a right does
// not come from here. Several answers of one request stand side by side.
type Grant struct {
	Facts     GrantFacts `part:"facts"`
	Count     *Count     `part:"count"`
	Where     *Where     `part:"where"`
	Narrative *Narrative `part:"narrative"`
	Identity  *Identity  `part:"identity"`
}

// GrantFacts say who answered, what was decided, for which time, and why if that was said. Its
// count holds the people and vehicles that are let through, its where the place and the
// destination.
type GrantFacts struct {
	record.PartHead
	Act      Act                 `json:"act"`
	As       GrantAs             `json:"as"`
	Basis    Basis               `json:"basis"`
	Received record.Time         `json:"received"` // when the answer reached who had asked, UTC
	During   *Period             `json:"during"`   // the time it is granted for, UTC; null if none was named
	Convoys  []ConvoyID          `json:"convoys"`  // the convoys it names
	Stated   []RestrictionReason `json:"stated"`   // empty: the author knows of no reason that anybody stated
}

// A GrantAs is what was decided.
type GrantAs string

// The decisions there are. An answer that only puts off the decision is Deferred.
const (
	GrantedWhole       GrantAs = "granted"
	GrantedInPart      GrantAs = "granted-in-part"
	GrantedOnCondition GrantAs = "granted-on-condition"
	Denied             GrantAs = "denied"
	Deferred           GrantAs = "deferred"
)

var grantAs = vocabulary(GrantedWhole, GrantedInPart, GrantedOnCondition, Denied, Deferred)

// UnmarshalText reads one of the decisions.
func (r *GrantAs) UnmarshalText(t []byte) error { return term(r, t, grantAs) }

func (k Grant) restates(h Header) error {
	f := k.Facts
	if err := f.Act.refuse(h); err != nil {
		return err
	}
	if f.During != nil {
		if err := f.During.refuse(KindGrant); err != nil {
			return err
		}
		if f.As == Denied || f.As == Deferred {
			return Refuse("grant.during", "what is %s is granted for no time; leave it out", f.As)
		}
	}
	if err := k.Where.refuse(); err != nil {
		return err
	}
	return k.Count.refuse()
}

func (k Grant) refuse(h Header) error {
	if h.Re == nil {
		return Refuse("grant.re", "an answer names in re the request it answers")
	}
	return k.restates(h)
}

func (k Grant) apply(m *Mission, h Header) {
	f := k.Facts
	for i := range f.Convoys {
		m.mention(&f.Convoys[i], h.Index)
	}
	t := telling(h, Period{f.Received, f.Received}, f.Basis, nil)
	t.Says = f.Act.Of
	m.field.ground.grants.put(h.Hash, Granted{t, f, k.Count, k.Where})
}

// A Granted is the answer to a request as a view shows it.
type Granted struct {
	Telling
	Facts GrantFacts
	Count *Count // nil while sealed
	Where *Where // nil while sealed
}

// Grants returns every answer to a request in the prefix, by when it was received and hash,
// also those whose request is not in the log.
func (v View) Grants() []Granted {
	return happened(v, gather(v, &v.m.field.ground.grants))
}
