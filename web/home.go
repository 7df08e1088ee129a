package web

// Home is the first screen of the public page: the whole mission at 390 pixels, without a click.
type Home struct {
	Frame
	Lead      string // one sentence on what this mission watched; or "" for the catalogue's
	Balance   Balance
	Holds     []Hold
	Totals    Totals
	Incidents []Incidence // the disputed incidents that everyone asks about
	More      int         // how many others there are
	Coverage  Coverage
	Clocks    []Clock
}

// A Balance is both legs: agreed, left, arrived, open.
type Balance struct {
	Drawing     Drawing
	Legs        []Leg
	Readings    []Line       // what each reading of the agreement is, and who holds it
	Next        []Quote      // what the text says comes next, by clause
	Differences []Difference // convoys whose departure and arrival differ
}

// A Leg is one direction of the exchange.
type Leg struct {
	Name     string
	Readings []Reading
	Lines    []LegLine
}

// A Reading is one way in which the agreement is understood, and by whom.
type Reading struct {
	Number int
	Figure Figure // what was agreed under it
	Text   string // how it differs, in words
	Rest   Value  // what of it has not left, if that can be told and is not nothing
	Link   string
}

// A LegLine is one figure of a leg.
type LegLine struct {
	Kind   string // "left", "arrived", "traced", "open", "explained"
	Figure Figure
}

// Totals are the cumulative totals that sources gave and that differ.
type Totals struct {
	Drawing Drawing
	Count   int    // how many figures differ
	Within  Moment // the time within which they were given
	Figures []Figure
}

// An Incidence is an incident with every version of it, short.
type Incidence struct {
	Title    string
	Link     string
	When     Moment
	Place    string
	Kind     string
	Basis    string // the best basis of any account: "reported" if nobody of the mission saw it
	Covered  string // "present", "not-present", "not-known", "differs": was an observer at the place then
	Versions []Version
	Disputed int
	Replies  int
	Reports  []Line // the reports that list it
}

// A Version is what one author says of an incident.
type Version struct {
	By     string
	Value  Value  // "5 buses", "at least 6 buses"
	Text   string // what it says beyond the number
	Words  string // what it says in its own words, in Lang
	Blames string // who did it according to this author, in its own words, or ""
	Lang   string
	Basis  string
	Record string
}

// Coverage is where the mission was, and where it was not.
type Coverage struct {
	Drawing Drawing
	Text    string // one sentence: "one place, from 15 to 22 December"
	Nowhere []Line // places of the mandate where nobody ever was, with what happened there; those without an incident in one
	Outside int    // incidents that fell where or when nobody was
	Within  int    // incidents where somebody was
	Untold  int    // incidents of which that cannot be told
}
