package web

// Join is where an invitation is used. Its code comes in the address behind the #, which no
// browser sends, or is typed from paper.
type Join struct{ Frame }

// Login is where one signs in with a passkey.
type Login struct {
	Frame
	Ended bool // a session has just ended
}

// Prove is shown for a moment in place of a page that was opened by its address: the browser
// proves that it holds the session's key, and opens the page again.
type Prove struct {
	Frame
	Again bool // it showed a proof, and that did not hold
}

// Sessions are those that a reader may end, with what opens new ones.
type Sessions struct {
	Frame
	Here        OpenSession // the one the page was made for
	Others      []OpenSession
	Passkeys    []OpenSession
	Invitations []OpenSession
	All         bool // the reader is an office and sees those of everybody
	CanAdd      bool // a passkey can be added here
	HasPasskey  bool // this session's holder has one
}

// An OpenSession is something that lets a reader in: a session, a passkey, an invitation.
type OpenSession struct {
	Name    string // opens nothing; names it when it is ended
	Who     string // for whom it reads
	Level   string
	How     string // "invitation", "passkey", "key", "program"
	Agent   string // "Firefox Linux", or ""
	By      string // who gave the invitation; "operator": a command on the server's machine
	Opened  Moment
	Used    Moment
	Until   Moment
	Program bool
}
