package web

// Exhibit is a picture or document that somebody added to the record.
type Exhibit struct {
	Record  string // its hash
	By      string
	When    Moment // when it was made
	Format  string // jpeg, png, webp, pdf
	Bytes   int    // its size
	Covered bool   // its author covered something before signing
	Image   bool   // it can be shown on a page
	Source  string // address of its bytes; "" where this audience may not have them
	Gone    string // then why: "sealed" or "erased"
	Text    string // what its author says it shows
	Lang    string
	Link    string
}
