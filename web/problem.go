package web

// Problem is the page for what could not be answered: what was not accepted, why, and what
// to do.
type Problem struct {
	Frame
	Status int    // HTTP
	Code   string // "not_found", "not_released", "refused", "later", "fault", …: its words are in the catalogue
	Rule   string // the rule's stable name, or ""
	Reason string // one sentence, or "" for the catalogue's

	Waiting *Waiting // of a mission of which nothing is released yet, else nil
}

// Waiting is what is said of a mission before anything of it is released.
type Waiting struct {
	Mission  string // record hash of its mandate
	Words    string // of its card; "" if the server has none
	First    string // the earliest moment of the first release, RFC 3339
	Cosigned bool   // the first release also waits for cosignatures
}
