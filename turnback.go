package corridor

// KindTurnback is the kind of record in which somebody tells that a convoy turned back or was turned back.
var KindTurnback = kind[Turnback]("turnback", ClassMovement)

// A Turnback is one account that a convoy turned back or was turned back.
type Turnback Movement

func (k Turnback) refuse(h Header) error                  { return Movement(k).refuseMovement(KindTurnback, h) }
func (k Turnback) restates(h Header) error                { return Movement(k).refuseFacts(KindTurnback) }
func (k Turnback) apply(m *Mission, h Header)             { m.moved(Movement(k).account(KindTurnback, h)) }
func (k Turnback) located() (Period, *PlaceID, *ConvoyID) { return Movement(k).located() }
