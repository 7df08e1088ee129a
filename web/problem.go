package web

// Problem is the page for what could not be answered: what was not accepted, why, and what
// to do.
type Problem struct {
	Frame
	Status int    // HTTP
	Code   string // "not_found", "not_released", "refused", "later", "fault", …: its words are in the catalogue
	Rule   string // the rule's stable name, or ""
	Reason string // one sentence, or "" for the catalogue's
}
