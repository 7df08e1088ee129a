package corridor

// KindPlan is the kind of record that says what a convoy is meant to be before it leaves.
var KindPlan = kind[Plan]("plan", ClassMovement)

// A Plan is one account of what is intended: when, from where, how many. It is in no sum of
// what happened.
type Plan Movement

func (k Plan) refuse(h Header) error                  { return Movement(k).refuseMovement(KindPlan, h) }
func (k Plan) restates(h Header) error                { return Movement(k).refuseFacts(KindPlan) }
func (k Plan) apply(m *Mission, h Header)             { m.moved(Movement(k).account(KindPlan, h)) }
func (k Plan) located() (Period, *PlaceID, *ConvoyID) { return Movement(k).located() }
