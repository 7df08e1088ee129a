package web

// Desk is what an office has to answer, what it may sign, and what was done in its name.
type Desk struct {
	Frame
	Name     string // of the office
	Roles    string
	Own      bool // this is the party's own server: its pages may hold a key
	Open     []Nomination
	Answered []Nomination
	Recorded []RecordedAct
	Due      []Line // parts whose time is over, to be ordered erased
	Texts    []AccessionTo
	Answer   []Answerable // incidents, reports and statements to dispute or reply to, the newest first
	Signed   []Line       // what the office has signed, the newest first
	May      []Line       // the kinds it may sign
	Reads    []Line       // who opened restricted parts of what this office signed
	Signers  []Signer
	Phones   []WaitingPhone // the keys of phones that wait to be nominated; for an office of the mission
	Phoned   bool           // whether such keys come to this server
	Signing  Signing
}

// Signing is what a page needs to make a key and to sign: see lib/desk.
type Signing struct {
	Mission  string
	Origin   string
	Exercise bool
	By       string // the actor's id
}

// A Nomination is an observer put forward, as one of those who are asked sees it.
type Nomination struct {
	Label   string
	Gist    string // places and days
	By      string
	When    Moment
	Due     Moment
	Past    bool   // the time to answer is over
	Silence string // what no answer means
	Answer  []Act  // given so far by this office
	Record  string
	Device  string
	Acts    []Line // what can be drafted
}

// A WaitingPhone is the key of a phone that an observer was invited to enrol.
type WaitingPhone struct {
	Words   string // the first of its fingerprint, as the phone shows them
	Key     string // its fingerprint
	When    Moment // when it came
	Draft   string // the link to a nomination with the key in it
	Of      string // the observer it was nominated for, "" if nobody
	Pressed []Line // records made behind its second PIN
}

// A RecordedAct is something that another office entered as this one's act.
type RecordedAct struct {
	Act
	Text string
	Acts []Line
}

// An AccessionTo is a text that one can accede to, whole or clause by clause.
type AccessionTo struct {
	Title  string
	When   Moment
	Own    string // how this office stands to it: "", or in words
	Record string
	Acts   []Line
}

// An Answerable is a record that somebody may want to answer.
type Answerable struct {
	Text   string
	By     string
	When   Moment
	Record string
	Link   string
	Acts   []Line
}

// Compose is the form in which a record is drafted.
type Compose struct {
	Frame
	Kind   string
	Action string
	By     string // the author's label
	ByID   string
	Re     string // record hash of what it answers, or ""
	About  *Answerable
	Fields []Field
	Wrong  []Wrong
	Ended  bool // the session has ended; nothing that was typed is lost
}

// A Field is one input of a form, or several that belong together.
type Field struct {
	Name    string // as it is posted: "facts.reason"
	ID      string
	Label   string
	Hint    string
	Input   string // "text", "area", "lines", "choice", "checks", "moment", "number", "group", "many"
	Value   string
	Must    bool
	Wrong   string
	Options []Option
	Fields  []Field // of a group; of many: one group each
	Count   int     // of many
}

// An Option is one of the answers to a Field.
type Option struct {
	Value string
	Name  string
	Taken bool
}

// A Wrong is what cannot be taken as it was typed.
type Wrong struct {
	ID   string // of the field, or "" if it is of the whole
	Text string
}

// Drafted is a draft as it will be signed.
type Drafted struct {
	Frame
	Kind    string
	By      string
	Own     bool
	Ended   bool
	Sheet   string // the draft as it is carried
	File    string // name of the file
	Words   string
	Card    string // the card's ten words
	Lines   []Line // what it says, in the reader's language
	About   *Answerable
	Signing Signing
	Back    []Line // what was typed, to go back to the form with
	Form    string // address of the form
}
