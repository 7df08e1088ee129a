package web

// Reports lists the mission's reports and what is due.
type Reports struct {
	Frame
	Clocks  []Clock
	Reports []ReportLine
	Sealed  int // logged, and not yet readable by this audience
}

// A ReportLine is one report in the list.
type ReportLine struct {
	Series    string
	Number    int
	Link      string
	Period    Moment
	CutOff    Moment
	From, To  int // log positions
	Incidents int
	Nil       bool // a quiet period
	State     string
}

// Report is one report, section by section. Every list in it is complete by rule: a report
// that leaves out a logged incident of its range does not hold.
type Report struct {
	Frame
	Report       ReportLine
	Issued       Moment
	Root         string
	By           string
	Record       string
	Checks       []Claim
	Text         Quote // the office's own words, which no check reads
	Basis        []Line
	Coverage     Coverage
	Movement     []ReportFigure // of the legs
	Convoys      []ReportFigure // convoy by convoy
	Holds        []Hold
	Incidents    []Incidence
	Sealed       int // incidents listed by number only, for this audience
	Late         []Late
	LateAccounts []Line // logged in the range, of what happened before its period
	Silent       []Line // posts not heard from
	Limits       []Restriction
	Accounts     []Line // of people waiting, of what became of open differences, handovers, assessments
	Statements   []Line
	Figures      []Figure // that others stated
	Told         []Line   // notifications: what was told to whom, never asked
	Asked        []Line   // requests with the answers to them, and meetings
	Complaints   string   // how many were received about the mission, and what became of them
	Replies      []Quote
	Reserved     []Quote // reservations and dissenting views
	Corrections  []Quote
	Disputes     []Quote
	Erasures     []Line
	Findings     []Finding // records of the range that break the mandate
	Since        []Line    // incidents logged between the range and the report's own entry
	Annex        []AnnexLine
}

// A ReportFigure is one line of the movement table.
type ReportFigure struct {
	Name     string // the obligation or line
	Figure   Figure // all that was known at the cut-off
	Period   *Value // what happened in the period, or nil if the same
	Previous *Value // in the report before, or nil for the first
	Open     bool   // it is a difference between what left and what arrived
}

// A Late is an account that came after the report on its period.
type Late struct {
	Number   int // of the report that gave the old one
	Name     string
	Old, New Value
	By       string
	Link     string
}

// A Restriction is one of the mission's own movement.
type Restriction struct {
	Kind     string // "denied", "delayed", "conditional", "other"
	When     Moment
	Place    string
	By       string // who restricted it, according to the author
	Code     string // the reason of the mission's list: "no-orders"; "none-stated"
	Reason   string // beyond the code
	Lang     string
	Outcome  string // "turned-back", "other-route"…
	Reporter string
	Record   string
}

// An AnnexLine is how many records of a class the range holds, and which.
type AnnexLine struct {
	Class   string
	N       int
	Records []string
	More    int // beyond those named here
}
