package corridor

import (
	"corridor.example/corridor/record"
)

// An Account is what one author says about one movement of a convoy. Accounts stand side by
// side; none replaces another.
type Account struct {
	Record record.Hash
	Index  int64
	Kind   Kind    // departure, passage, transfer, arrival, turnback or plan
	By     ActorID // who signed it
	Says   ActorID // whose account it is: By, or whom By heard it from
	Convoy *ConvoyID
	To     *ConvoyID // for a transfer: the convoy that received them, if any
	Leg    string
	When   Period
	Basis  Basis
	Via    *Via
	Count  *Count // nil while sealed
	Where  *Where // nil while sealed
}

// MovementFacts are the facts of every kind that tells a convoy's movement.
type MovementFacts struct {
	record.PartHead
	Convoy *ConvoyID `json:"convoy"` // call-sign, or null if not known
	Leg    string    `json:"leg"`    // the leg's letter
	When   Period    `json:"when"`   // UTC
	Basis  Basis     `json:"basis"`
	Via    *Via      `json:"via"` // null: the author's own
}

func (f MovementFacts) refuse(kind Kind) error {
	if len(f.Leg) != 1 || f.Leg[0] < 'A' || f.Leg[0] > 'Z' {
		return Refuse(string(kind)+".leg", "a leg is a capital letter, not %q", f.Leg)
	}
	if f.Convoy != nil && f.Convoy.Leg() != f.Leg {
		return Refuse(string(kind)+".leg", "the call-sign %s belongs to leg %s, not %s", *f.Convoy, f.Convoy.Leg(), f.Leg)
	}
	return f.When.refuse(kind)
}

// A Movement is the body shared by the kinds that tell a convoy's movement.
type Movement struct {
	Facts     MovementFacts `part:"facts"`
	Count     *Count        `part:"count"`
	Where     *Where        `part:"where"`
	Narrative *Narrative    `part:"narrative"`
	Identity  *Identity     `part:"identity"`
}

func (k Movement) refuseMovement(kind Kind, h Header) error {
	if h.Re != nil {
		return Refuse(string(kind)+".re", "an account answers nothing; use a correction, a dispute or a link")
	}
	return k.refuseFacts(kind)
}

func (k Movement) refuseFacts(kind Kind) error {
	if err := k.Facts.refuse(kind); err != nil {
		return err
	}
	if err := k.Where.refuse(); err != nil {
		return err
	}
	return k.Count.refuse()
}

func (k Movement) located() (Period, *PlaceID, *ConvoyID) {
	if k.Where == nil {
		return k.Facts.When, nil, k.Facts.Convoy
	}
	return k.Facts.When, k.Where.Place, k.Facts.Convoy
}

func (k Movement) account(kind Kind, h Header) *Account {
	f := k.Facts
	return &Account{
		Record: h.Hash, Index: h.Index, Kind: kind, By: ActorID(h.By), Says: says(h, f.Via),
		Convoy: f.Convoy, Leg: f.Leg, When: f.When, Basis: f.Basis, Via: f.Via, Count: k.Count, Where: k.Where,
	}
}

func says(h Header, v *Via) ActorID {
	if v != nil && v.From != nil {
		return *v.From
	}
	return ActorID(h.By)
}

// moved keeps an account. The first mention of a convoy makes it and sets nothing: the
// departure may still be on a phone.
func (m *Mission) moved(a *Account) {
	m.share(a)
	if e := m.entry(a.Index); e.told > 0 {
		*m.field.accounts.at(int64(e.told - 1)) = *a
	} else {
		m.field.accounts.add(*a)
		e.told = int32(m.field.accounts.n)
	}
	m.mention(a.Convoy, a.Index)
	m.mention(a.To, a.Index)
}

// mention notes the first place in the log that names a convoy.
func (m *Mission) mention(c *ConvoyID, i int64) {
	if c == nil {
		return
	}
	if m.field.mentions == nil {
		m.field.mentions = map[ConvoyID]int64{}
	}
	if first, ok := m.field.mentions[*c]; !ok || i < first {
		m.field.mentions[*c] = i
	}
}

// fieldState is what field records put down: sets keyed by record hash.
type fieldState struct {
	accounts     pages[Account] // every movement account
	shared       shared
	mentions     map[ConvoyID]int64 // first index that names a convoy
	events       set[*Event]
	reports      set[reportAt]
	ground       ground // holds, presence, and what else is told of the operation
	links        set[linkOf]
	corrections  map[record.Hash]*set[correctionOf]
	words        map[record.Hash]*set[Word] // disputes, replies, reservations, dissents by what they answer
	statements   set[*statementAt]
	figures      set[*figureAt]
	translations map[record.Hash]*set[Translated] // by what they translate
	reserved     set[[]ClauseID]                  // clauses of reservations
}
