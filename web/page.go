package web

import "html/template"

// A Frame is what every page has around it. Every page's struct embeds one.
type Frame struct {
	Path     string // of this page, with its query but without lang and theme: "/board?at=120"
	Mission  string // the mission's name in the reader's language
	Banner   string // "reconstruction", "exercise", or "" for a mission in earnest
	Theme    string // "" (as the device is set), "light", "dark" or "night"
	Records  int    // how many the reader's view of the log holds
	Disputed int    // how many of them are disputed
	AsOf     Moment // of the last record shown
	Past     *Past  // set if the page shows an earlier state than the newest
	Seal     Seal
	Desk     bool    // whoever reads has a desk
	Reader   *Reader // whose session the page was made for; nil: the public
	Doors    bool    // this server has sessions
	Trace    *Trace  // what the page says of its own reading; nil where that leaves no trace
}

// A Trace is what a page says of the reading of it: the records in the log that tell of it, and
// what they are held against by the browser before it shows the page.
type Trace struct {
	Records []Line
	Data    TraceData
}

// TraceData is the trace of a page for its script.
type TraceData struct {
	Mission     string        `json:"mission"`
	Log         string        `json:"log"` // verifier key
	Reader      string        `json:"reader"`
	Level       string        `json:"level"`
	Entries     [][2]int      `json:"entries"` // stretches of the log whose restricted data the page rests on: first, and the one after the last
	Parts       [][2]string   `json:"parts"`   // parts of records: record hash and part
	Disclosures []TraceRecord `json:"disclosures"`
}

// A TraceRecord is one record that tells of a reading, with the proof that it is in the log.
type TraceRecord struct {
	Record string `json:"record"`
	Proof  string `json:"proof"`
}

// A Reader is whose session a page was made for.
type Reader struct {
	Name  string // the actor's label
	Level string // "parties", "mission", "strict"
}

// Past says that a page shows the mission as the log stood at an earlier size.
type Past struct {
	At     int    // the size shown
	Newest string // the address of the same page, now
}

// A Seal is what this server can say of its own log, and how little its word is worth
// without yours: the pages say beside it how to check.
type Seal struct {
	State   string // "holds", "fails", "unknown" (not checked yet)
	Since   Moment // of the first record
	Checked Moment // when this server last replayed the log
	Size    int
	Entry   int      // if it fails: the first entry that does not hold
	Reason  string   // if it fails: what does not, in one sentence
	Alone   bool     // the mandate asks for no witness: on the log's word alone
	Signers []Signer // who cosigns, and how far each has checked, in the mandate's order of sides
}

// A Signer is who cosigns the log, and when last.
type Signer struct {
	Name string // of the actor for whom it stands, or its own
	Key  string // as it stands in the mandate
	Last Moment
	Size int  // the size it last signed
	Now  bool // it signed the newest checkpoint
}

// A Drawing is an SVG with the table of its own figures. Package internal/draw makes both
// from one input.
type Drawing struct {
	SVG  template.HTML // made by internal/draw, which escapes every text; never from elsewhere
	Note string        // what to know to read it
	Head []string
	Rows []DrawingRow
	Open bool // the table is shown without asking
}

// A DrawingRow is one line of a drawing's table.
type DrawingRow struct {
	Cells []string
	Link  string // what the line rests on, or ""
}

// A Quote is somebody's words, or the gist of them, and says which.
type Quote struct {
	Text  string
	Lang  string // the language it is in; "" if it is the page's
	Voice string // "quoted", "paraphrased", "outlet" (its own voice), "unattributed", or ""
	By    string // whose words
	To    string // for a reply: to what
	When  Moment
	From  string // where it was published: outlet and locator
	Hash  string // record hash
	On    string // on whose word it was recorded, if its author did not sign
}

// A Hold is a time in which the movement stood still, with every reason anybody gave.
type Hold struct {
	When    Moment // open if it has not ended
	Where   string // or "" where the audience may not read it
	Least   int    // minutes it lasted at least, where accounts of its beginning or end differ
	Most    int    // and at most; both zero: as When says
	Reasons []Reason
	Link    string
}

// A Reason is why somebody said a hold took place. None means that they gave none.
type Reason struct {
	By     string // who gave it; "" if nobody knows
	Code   string // of the mission's list: "terms-disputed"; "none-stated" is None
	Text   string // beyond the code: a paraphrase, or their words
	Lang   string
	Quoted bool // Text is their words
	None   bool
	Also   []string // further codes that the same author gave in the same record
	Told   string   // whose account says that they gave it, if not their own
	Record string
}

// A Clock is something that falls due.
type Clock struct {
	Name  string // "Report to the Security Council on implementation"
	Under string // what asks for it: "resolution 2328, para. 8"
	Due   Moment
	State string // "due", "late", "met"
	Met   Moment // when it was logged, if it was
	Days  int    // days late, or days left
	Link  string
}

// A Difference is what left and what arrived, where they are not the same.
type Difference struct {
	Name    string // a convoy, a leg, an operation day
	Left    Figure
	Arrived Figure
	Open    Value
	Note    string  // how the two figures come to differ, as far as they say
	Reasons []Quote // what was offered as explanation: beside it, never netted
	Link    string
}

// A Source is where something that was not observed can be read.
type Source struct {
	Title   string
	Outlet  string
	Dated   string // the day it bears, in the reader's words
	Locator string // an address or a document symbol
	SHA256  string // of the bytes that were read
	Read    Moment
}

// An Account is what one author recorded of one thing.
type Account struct {
	By        string
	Via       string // how it came, if not from the author's own device: "radio, taken down by …"
	Basis     string
	When      Moment
	Place     string
	Figures   []Figure
	Text      Quote
	Source    *Source
	Says      []Attributed // for an incident: who did it, according to this author, as Words
	Record    string
	Index     int
	Findings  []Finding
	Disputed  int
	Corrected string // the record hash of its correction, or ""
	Withdrawn bool
	Adopted   bool // the mission uses this account
}

// A Finding is what breaks the mandate in a record that was logged all the same.
type Finding struct {
	Code string // stable: "observer.not-deployed"; its words are in the catalogue
	Text string // what it is in this case, or ""
	Link string
}

// A Claim is one result of checking.
type Claim struct {
	Name  string // "log", "authority", "reports", "figures"
	State string // "holds", "fails", "unknown"
	Text  string // "41 of 44 recomputed here", or the entry that does not hold
}

// A Related is another record that speaks of this one.
type Related struct {
	Kind   string // "dispute", "reply", "correction", "exhibit", "link", "report"…
	Quote  Quote
	Link   string
	Figure *Figure
}

// A Line is a named thing and its text, or the lines below it, for plain lists.
type Line struct {
	Name  string
	Text  string
	Link  string
	Lang  string
	Lines []Line
}
