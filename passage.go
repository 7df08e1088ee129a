package corridor

// KindPassage is the kind of record in which somebody tells that a convoy passed a place.
var KindPassage = kind[Passage]("passage", ClassMovement)

// A Passage is one account that a convoy passed a place.
type Passage Movement

func (k Passage) refuse(h Header) error                  { return Movement(k).refuseMovement(KindPassage, h) }
func (k Passage) restates(h Header) error                { return Movement(k).refuseFacts(KindPassage) }
func (k Passage) apply(m *Mission, h Header)             { m.moved(Movement(k).account(KindPassage, h)) }
func (k Passage) located() (Period, *PlaceID, *ConvoyID) { return Movement(k).located() }
