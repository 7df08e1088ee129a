package corridor

// KindDeparture is the kind of record in which somebody tells that a convoy left a place.
var KindDeparture = kind[Departure]("departure", ClassMovement)

// A Departure is one account that a convoy left a place.
type Departure Movement

func (k Departure) refuse(h Header) error                  { return Movement(k).refuseMovement(KindDeparture, h) }
func (k Departure) restates(h Header) error                { return Movement(k).refuseFacts(KindDeparture) }
func (k Departure) apply(m *Mission, h Header)             { m.moved(Movement(k).account(KindDeparture, h)) }
func (k Departure) located() (Period, *PlaceID, *ConvoyID) { return Movement(k).located() }
