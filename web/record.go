package web

// Record is one record: who says what, since when it stands, and the proof that it does.
type Record struct {
	Frame
	Hash     string
	Index    int
	Kind     string
	Class    string
	By       string
	Key      string // fingerprint
	Signed   Moment // what the author's clock said
	After    Moment // a cosigned checkpoint the author had seen: not signed before it
	Before   Moment // the first cosignature over it: not signed after it
	Basis    string
	Via      string
	On       string // for an act recorded by the office: on whose word
	When     Moment // when what it tells of happened
	Place    string
	Figures  []Figure
	Text     *Quote
	Source   *Source
	Re       *Line // what it answers, corrects, disputes
	Parts    []Part
	Findings []Finding
	Related  []Related
	Reports  []Line
	Shown    []Line // pages that tell what it is about
	Header   string // the signed bytes
	Envelope string
	Proof    Proof
	Erased   []Line // orders to erase, with author and reason
	Exhibits []Exhibit
}

// A Part is one part of a record, as far as this audience may read it.
type Part struct {
	Name   string // "facts", "count", "where", "who", "narrative", "identity", "media"
	State  string // "open", "sealed", "erased", "absent"
	Until  Moment // sealed until, at the latest
	Hash   string
	Fields []Line
	JSON   string
}

// A Proof shows that a record stands in the log.
type Proof struct {
	Size     int
	Root     string
	Hashes   []string
	Receipt  string // address of the .tlog-proof file
	Raw      string // address of the record as it was received
	Commands []string
}
