package web

// Observers shows who admitted whom, what each recorded, and where nobody was.
type Observers struct {
	Frame
	Policy    []Line // the consent policy: see ConsentLines
	Observers []Observer
	Others    []Line // offices and authors that sign without being observers
	Coverage  Coverage
	Reads     []Line // who opened restricted data, from the disclosures
}

// An Observer is a person or a team, under the label the mission gave; never a name.
type Observer struct {
	Label     string
	Role      string // "observer", "team", "author"
	Size      Value  // of a team
	State     string // "nominated", "admitted", "deployed", "revoked", "suspended", "stood-down", "refused", "none" (nobody was asked)
	Note      string // one sentence, where the state needs one
	Device    string // fingerprint of the key, or "" if nobody enrolled one
	Nominated Act
	Needed    int // consents the mandate asks for
	Given     int
	Acts      []Act // in order: consents, objections, silence of who was asked, deployments, revocations
	Where     string
	Records   []Line // how many records of each kind
	Findings  []Finding
}

// An Act is what an office did about an observer.
type Act struct {
	By     string
	State  string // "consented", "objected", "silent", "sealed", "nominated", "deployed", "revoked", "suspended", "lifted", "lapsed", "stood-down", "countersigned", "ratified", "repudiated"
	When   Moment
	On     string // on whose word it was recorded, or ""
	Signed bool   // with a key of its own
	Later  []Line // who answered for a recorded act since: Name is how, Text is who
	Reason string // as given, or ""
	Lang   string
	Record string
}
