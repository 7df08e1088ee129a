package corridor

// KindTransfer is the kind of record in which somebody tells that people left a convoy on the
// way: to an ambulance, another vehicle or another convoy.
var KindTransfer = kind[Transfer]("transfer", ClassMovement)

// A Transfer is one account of people who left a convoy on the way. Those who went to another
// convoy are open there until they arrive.
type Transfer struct {
	Facts     TransferFacts `part:"facts"`
	Count     *Count        `part:"count"`
	Where     *Where        `part:"where"`
	Narrative *Narrative    `part:"narrative"`
	Identity  *Identity     `part:"identity"`
}

// TransferFacts are a movement's facts and what received the people.
type TransferFacts struct {
	MovementFacts
	To       *ConvoyID      `json:"to"` // the convoy that received them, or null
	Receiver TransferTarget `json:"receiver"`
}

// A TransferTarget is what people were transferred to.
type TransferTarget string

var transferTargets = vocabulary[TransferTarget]("ambulance", "other-vehicle", "hospital", "on-foot", "removed", "not-known")

// UnmarshalText reads one of the targets.
func (r *TransferTarget) UnmarshalText(t []byte) error { return term(r, t, transferTargets) }

func (k Transfer) movement() Movement {
	return Movement{k.Facts.MovementFacts, k.Count, k.Where, k.Narrative, k.Identity}
}

func (k Transfer) refuse(h Header) error   { return k.movement().refuseMovement(KindTransfer, h) }
func (k Transfer) restates(h Header) error { return k.movement().refuseFacts(KindTransfer) }

func (k Transfer) apply(m *Mission, h Header) {
	a := k.movement().account(KindTransfer, h)
	a.To = k.Facts.To
	m.moved(a)
}

func (k Transfer) located() (Period, *PlaceID, *ConvoyID) { return k.movement().located() }
