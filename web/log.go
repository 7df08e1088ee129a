package web

// Log is the record of records: how long it is, who signed it, and how to check it yourself.
type Log struct {
	Frame
	Origin     string
	Root       string
	Checkpoint string // the signed text
	Key        string // the verifier's key, as text
	Card       string // the mission card
	Signers    []Signer
	Classes    []ClassCount
	Entries    []Entry
	Earlier    string // address of the page before, or ""
	Later      string
	Checks     []Claim
	Commands   []Line // how to check: what it does, and the command
}

// A ClassCount is how many entries of a class the log holds: anyone may count them.
type ClassCount struct {
	Class string
	N     int
}

// An Entry is one line of the log.
type Entry struct {
	Index  int
	Class  string
	Kind   string // "" if this audience may not read it
	By     string
	When   Moment
	Hash   string
	Text   string // one line on what it says
	Marked string // "disputed", "corrected", "erased", "finding", or ""
}
