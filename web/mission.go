package web

// Mission is the mandate in plain words: what is watched, for whom, and by which rules.
type Mission struct {
	Frame
	Purpose    Quote
	Clauses    []Line
	Actors     []Actor
	Voices     []string // who is only quoted
	Consent    []Line   // see ConsentLines
	Agreements []Agreement
	Disclosure []DisclosureRow
	Schedule   []Clock
	Places     []Place
	Rules      []Line // zone of the operation day, release delay, witness policy, edition, retention
	Amendments []Line
	Origin     string
	Key        string
	Card       string
	Record     string
}

// An Actor is a party, guarantor, office or operator under the label it chose.
type Actor struct {
	Label  string
	Roles  []string // "party", "guarantor", "facilitator", "operator", "office", "trustee"
	State  string   // "acceded", "recorded" (on somebody's word), "none"
	On     string
	Key    string
	Link   string
	Record string
}

// An Agreement is a text and who is bound by it.
type Agreement struct {
	Title   string
	When    Moment
	Link    string
	Clauses []Line
	Bound   []string
	Reading []Reading // of its disputed clauses
}

// A DisclosureRow is one line of the table of who may read what, when.
type DisclosureRow struct {
	Kind   string
	Part   string
	Open   string // "public", "parties", "mission", "strict"
	Closed string
	Later  string
	Latest string // the latest release: see Lasting; "" if the table sets none
}

// A Place has one identity and many spellings.
type Place struct {
	Name    string
	Aliases []string
	Role    string
}
