package web

// Convoys lists what moved, leg by leg.
type Convoys struct {
	Frame
	Flow   Drawing
	Legs   []ConvoyLeg
	Sealed int // convoys of which this audience may read nothing while they are open
}

// A ConvoyLeg is the convoys of one direction.
type ConvoyLeg struct {
	Name    string
	Convoys []ConvoyLine
}

// A ConvoyLine is one convoy in the list.
type ConvoyLine struct {
	Name     string // spoken call-sign, or the day if it has none
	Link     string
	When     Moment
	Left     Value
	Arrived  Value
	Open     Value
	State    string // "open", "closed", "returned", "unlinked"
	Accounts int
	Disputed int
}

// Convoy is one convoy: every account of it, and what is open.
type Convoy struct {
	Frame
	Name        string
	Leg         string
	State       string
	Sealed      string // why this audience sees nothing more, in one sentence, or ""
	Flow        Drawing
	Movements   []Movement
	Differences []Difference
	Holds       []Hold
	Incidents   []Incidence
	Links       []Related
	Disputes    []Related
}

// A Movement is one thing that a convoy did, by every account.
type Movement struct {
	Kind     string // "plan", "departure", "passage", "transfer", "arrival", "turnback"
	Place    string
	Figure   Figure // over all standing accounts
	Accounts []Account
}
