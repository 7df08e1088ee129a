package verify

import (
	"fmt"
	"slices"

	"corridor.example/corridor"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// A State is the answer to a claim.
type State string

// The answers there are. The last is never shown as the first.
const (
	Holds       State = "holds"
	DoesNotHold State = "does not hold"
	CannotCheck State = "cannot be checked here"
)

// The claims, by the names that --require takes.
const (
	ClaimLog       = "log"       // nothing removed, changed or put in behind a signed head
	ClaimAuthority = "authority" // signatures and consents
	ClaimReports   = "reports"   // nothing left out of a report
	ClaimFigures   = "figures"   // the figures of the reports follow from the accounts
)

// Claims returns the names of the claims in the order of a Result.
func Claims() []string { return []string{ClaimLog, ClaimAuthority, ClaimReports, ClaimFigures} }

// The rules that a copy of a log can break, beside those of the records themselves.
const (
	RuleEntryMissing   = "entry.missing"        // an entry below the head is not there, or not readable as one
	RuleEntryBeyond    = "entry.beyond"         // an entry stands where the head says there is none
	RuleEntryLeaf      = "entry.leaf"           // the leaf is not the one that its record has
	RuleEntryHashes    = "entry.hashes"         // the tree hashes kept with it are not those of the tree
	RuleEntryName      = "entry.name"           // it is kept under another name than its record hash
	RuleEntryTwice     = "entry.twice"          // the same record stands in the log twice
	RuleEnvelope       = "envelope.missing"     // the record is not carried where nothing may be missing
	RulePartMissing    = "part.missing"         // a part is missing and no erasure names it
	RulePartLate       = "part.overdue"         // a part is sealed beyond its latest release
	RuleAuthority      = "authority.sealed"     // a record of authority is kept from a party, or a part of one
	RulePartSealed     = "part.sealed"          // a part is sealed here
	RuleKindUnknown    = "kind.unknown"         // a kind this program does not know
	RuleKeyUnknown     = "key.unknown"          // no record before it enrolled the key
	RuleKeySealed      = "key.sealed"           // the key was enrolled in a record that is sealed here
	RuleMandate        = "mandate.missing"      // the log does not begin with a mandate that can be used
	RuleHead           = "head.damaged"         // the copy's head is missing or misshapen
	RuleHeadSize       = "head.size"            // the copy has another number of entries than its head says
	RuleHeadClaim      = "head.claim"           // the copy calls itself what its mandate does not
	RuleCheckpoint     = "checkpoint.signature" // the head's checkpoint is missing, or not signed by the log
	RuleCheckpointSize = "checkpoint.size"      // the head's checkpoint is of another size than the copy
	RuleCheckpointRoot = "checkpoint.root"      // the tree of these entries is not the one that was signed
	RuleCosigned       = "cosigned.signature"   // a cosigned checkpoint does not hold under the policy
	RuleCosignedSize   = "cosigned.size"        // somebody cosigned more entries than the copy has
	RuleCosignedRoot   = "cosigned.root"        // somebody cosigned another history
	RuleQuorum         = "cosigned.quorum"      // no checkpoint carries the cosignatures that the policy asks for
	RuleSeenSignature  = "seen.signature"       // a header's seen is no checkpoint of this log
	RuleSeenSize       = "seen.size"            // a record had seen more entries than stand before it
	RuleSeenRoot       = "seen.root"            // a record was signed on another history
	RuleKnownSize      = "known.size"           // a longer log of this mission was accepted here before
	RuleKnownRoot      = "known.root"           // another history of this mission was accepted here before
	RuleCardMission    = "card.mission"         // the log is not that of the mission on the card
	RuleCardLog        = "card.log"             // the mandate names another log key than the card
	RuleSignedEarly    = "signed.early"         // a record says it was signed before the checkpoint it carries was cosigned
	RuleSignedLate     = "signed.late"          // a record says it was signed after it was cosigned in the log
)

// A Problem is one thing that does not hold or cannot be checked, and where.
type Problem struct {
	Index    int64       `json:"index"`  // of the entry; -1 where it is none in particular
	Hash     record.Hash `json:"record"` // zero where not known
	Rule     string      `json:"rule"`   // stable name
	Sentence string      `json:"sentence"`
}

// String returns the entry and the sentence.
func (p Problem) String() string {
	if p.Index < 0 {
		return p.Sentence
	}
	if p.Hash == (record.Hash{}) {
		return fmt.Sprintf("entry %d: %s", p.Index, p.Sentence)
	}
	return fmt.Sprintf("entry %d (%s): %s", p.Index, p.Hash.Short(), p.Sentence)
}

// MaxListed is how many entries a list names. Its total counts them all.
const MaxListed = 50

// A Listed is a list that names MaxListed entries, the most telling, and counts the rest.
type Listed struct {
	Entries []Problem `json:"entries"`
	Total   int64     `json:"total"`
}

func (l *Listed) add(p Problem) {
	l.Total++
	if len(l.Entries) < MaxListed {
		l.Entries = append(l.Entries, p)
		return
	}
	// It makes room for itself where it tells more: it is the first of its rule, or others only
	// follow from something else. Of every rule the first stays.
	listed, room := false, false
	for i := range l.Entries {
		listed = listed || l.Entries[i].Rule == p.Rule
		room = room || l.Entries[i].follows()
	}
	if listed && (p.follows() || !room) {
		return
	}
	of := map[string]int{}
	for _, x := range l.Entries {
		of[x.Rule]++
	}
	gone := -1
	for i, x := range slices.Backward(l.Entries) {
		if of[x.Rule] > 1 && (gone < 0 || x.follows() && !l.Entries[gone].follows()) {
			gone = i
		}
	}
	if gone < 0 || listed && !l.Entries[gone].follows() {
		return
	}
	l.Entries = append(slices.Delete(l.Entries, gone, gone+1), p)
}

// follows reports whether a problem is of a sort that one other entry, tampered with, causes in
// many. What was done to that entry tells more.
func (p Problem) follows() bool {
	return p.Rule == RuleSeenSize || p.Rule == RuleSeenRoot || p.Rule == RuleKeyUnknown
}

// telling returns the entries, those that only follow from others last.
func (l Listed) telling() []Problem {
	var first, then []Problem
	for _, p := range l.Entries {
		if p.follows() {
			then = append(then, p)
		} else {
			first = append(first, p)
		}
	}
	return append(first, then...)
}

// A Claim is one of the four answers.
type Claim struct {
	Name   string `json:"name"`
	State  State  `json:"state"`
	Say    string `json:"say"` // one plain sentence, with counts
	Listed        // what does not hold, and after it what cannot be checked
}

// A Result is what Run found.
type Result struct {
	Mission  record.Hash    `json:"mission"` // record hash of the first entry; zero if there is none
	Exercise bool           `json:"exercise"`
	Origin   string         `json:"origin"` // of the log
	Level    corridor.Level `json:"level"`  // whose copy it is; "" for a whole one
	Size     int64          `json:"size"`   // entries read
	Root     ledger.Hash    `json:"root"`   // of the tree they make

	// Word says whose word was taken for the log's key and its cosigners where no card was
	// given, and is empty where one was.
	Word string `json:"word"`

	Checked  []Checked `json:"checked"` // by whom and how far, in the mandate's order of sides
	Claims   []Claim   `json:"claims"`
	Findings Listed    `json:"findings"` // records that depart from the mandate; logged all the same, not summed
	Recorded Listed    `json:"recorded"` // acts that somebody else entered, on whose word
	Outside  Listed    `json:"outside"`  // records whose own time lies outside what cosignatures allow

	Succeeds []Succeeded `json:"succeeds"` // logs that ended and that this one goes on for, the first one first

	Notes []string `json:"notes"` // what a reader should know beside the claims

	// Replay is the fold of the records whose signatures hold, nil if the log has no mandate
	// that can be used. Brackets says when its records can have been signed.
	Replay   *corridor.Mission `json:"-"`
	Brackets *Brackets         `json:"-"`
}

// A Checked is how far a witness of the mandate has checked the log: its newest cosignature under
// a checkpoint that this copy carries and agrees with. It says nothing of why there is no newer one.
type Checked struct {
	corridor.Watcher
	Size int64        `json:"size"` // entries; 0 if there is no cosignature of it here
	At   *record.Time `json:"at"`   // by its own clock; nil likewise
}

// String returns a sentence without blame.
func (c Checked) String() string {
	by := string(c.Actor)
	if by == "" {
		by = c.Name
	}
	if c.At == nil {
		return fmt.Sprintf("not checked by %s yet, as far as this copy shows", by)
	}
	entries := "entries"
	if c.Size == 1 {
		entries = "entry"
	}
	return fmt.Sprintf("last checked by %s: %s, %d %s", by, c.At, c.Size, entries)
}

// Claim returns the claim of that name, and whether there is one.
func (r Result) Claim(name string) (Claim, bool) {
	i := slices.IndexFunc(r.Claims, func(c Claim) bool { return c.Name == name })
	if i < 0 {
		return Claim{}, false
	}
	return r.Claims[i], true
}

// Exit returns the exit status for those who asked for the named claims, or for all of them if
// none is named: 1 if any claim does not hold, asked for or not; else 2 if one asked for
// cannot be checked here; else 0.
func (r Result) Exit(require []string) int {
	status := 0
	for _, c := range r.Claims {
		switch {
		case c.State == DoesNotHold:
			return 1
		case c.State == CannotCheck && (len(require) == 0 || slices.Contains(require, c.Name)):
			status = 2
		}
	}
	return status
}
