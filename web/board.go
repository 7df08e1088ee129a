package web

// Board is the duty officer's wide page: nothing on it may be missed.
type Board struct {
	Frame
	Counts    []Count // what is open now, in one strip
	Balance   Balance
	Corridor  Drawing
	Flow      Drawing
	Totals    Totals
	Holds     []Hold
	Incidents []Incidence
	Coverage  Coverage
	Clocks    []Clock
	Slider    Slider
}

// A Count is one number of the board's strip.
type Count struct {
	Kind  string // "convoys_open", "holds_open", "differences", "incidents", "disputes", "late"
	N     int
	Grave bool // somebody must look
	Link  string
}

// A Slider moves through the sizes of the log. It works as links and as a form; script makes
// it play.
type Slider struct {
	Size  int // the newest size
	At    int // the size shown
	When  Moment
	Marks []SliderMark
}

// A SliderMark is a marked day.
type SliderMark struct {
	At      int // the size of the log at the end of that day
	Label   string
	Text    string // what happened
	Current bool
}
