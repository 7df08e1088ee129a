package corridor

// KindArrival is the kind of record in which somebody tells that a convoy arrived.
var KindArrival = kind[Arrival]("arrival", ClassMovement)

// An Arrival is one account that a convoy arrived.
type Arrival Movement

func (k Arrival) refuse(h Header) error                  { return Movement(k).refuseMovement(KindArrival, h) }
func (k Arrival) restates(h Header) error                { return Movement(k).refuseFacts(KindArrival) }
func (k Arrival) apply(m *Mission, h Header)             { m.moved(Movement(k).account(KindArrival, h)) }
func (k Arrival) located() (Period, *PlaceID, *ConvoyID) { return Movement(k).located() }
