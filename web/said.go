package web

// Said lists the statements that are held against the record, in equal form.
type Said struct {
	Frame
	Statements []StatementLine
}

// A StatementLine is one statement in the list.
type StatementLine struct {
	Title    string
	Link     string
	Speaker  string
	Capacity string // as what: "secretary of the …"
	Outlet   string
	When     Moment
	Inferred bool // the time is inferred, not stated
	Claims   int
	Held     []Tally
}

// A Tally is how many claims of a statement have what beside them in the log.
type Tally struct {
	Relation string // "for", "against", "context", "accounts", "none", "outside-coverage", "no-record-could-show"
	N        int
}

// Statement is one statement, claim by claim, with what the log has beside each. It says
// neither true nor false.
type Statement struct {
	Frame
	Statement StatementLine
	Occasion  string
	Source    Source
	Claims    []SaidClaim
	Replies   []Quote
	Disputes  []Quote
	Record    string
}

// A SaidClaim is one sentence of a statement, paraphrased.
type SaidClaim struct {
	Number  int
	Text    Quote     // the claim, its speaker and voice
	Has     []Bearing // what the log has
	Nothing string    // why it has nothing: "none", "outside-coverage" (where the mission was not), "no-record-could-show"
	Bears   string    // "fact", "motive", "judgement", "forecast"
	Record  string
}

// A Bearing ties a claim to a record. It is a record itself, and disputable.
type Bearing struct {
	Relation string // "for", "against", "context", "not-covered"
	Text     string
	By       string // whose account it is
	Link     string
	Tied     string // who tied it
	Reason   string // why: "same-time-and-place", "subject"…
	Record   string // the record that ties it
	Disputed int
}
