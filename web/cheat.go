package web

// Cheat lets anybody try to falsify a copy of the mission, and shows who notices.
type Cheat struct {
	Frame
	Lies   []Lie
	Answer *CheatAnswer // of the lie just told, or nil
}

// A Lie is one thing to try. Its words are in the catalogue under its code.
type Lie struct {
	Code   string // "omit", "alter", "admit", "backdate", "fork"
	Here   string // what it is in this mission: "1,312 people become 1,812"
	Action string // where the form posts to: "/cheat"
	Tried  bool
}

// A CheatAnswer is what the checkers said of a lie.
type CheatAnswer struct {
	Code    string
	Done    string // what was done to the copy, in one sentence
	Caught  bool   // some claim does not hold
	Entry   int    // the entry that does not hold
	Link    string // to it in the true log
	Text    string // the checker's own sentence
	Notices []Notice
	Checks  []Claim
	Millis  int // how long it took
}

// A Notice is who finds a lie out, when, and by what.
type Notice struct {
	Who  string
	When string
	By   string
}
