package web

// Incidents lists every incident of the log.
type Incidents struct {
	Frame
	Incidents []Incidence
	Sealed    int // logged, and not yet readable by this audience
}

// Incident is one incident: every version with its author, basis and source, side by side.
type Incident struct {
	Frame
	Incident Incidence
	Values   []Line // what this kind of incident counts
	Accounts []Account
	Coverage Coverage // of its place around its time
	Disputes []Quote
	Replies  []Quote
	Related  []Related
	Exhibits []Exhibit
	Record   string // of the first account
	Index    int
}
