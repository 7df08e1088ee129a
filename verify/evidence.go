package verify

import (
	"bytes"
	"fmt"
	"slices"

	"corridor.example/corridor/record"
)

const (
	evidenceFirst = "corridor-proof/v1"
	// MaxEvidence is the size in bytes of the largest proof that is read.
	MaxEvidence = 64 << 20
)

// The sorts of evidence there are.
const (
	EvidenceFork       = "fork"       // the log signed two trees of which the larger does not begin with the smaller
	EvidenceEntry      = "entry"      // the log signed two different leaves in one place
	EvidenceLeaf       = "leaf"       // the log signed a leaf that is not the one of the record it names
	EvidenceRule       = "rule"       // the log signed a history in which a record breaks a rule, or an act of authority the mandate
	EvidenceSuppressed = "suppressed" // a record was lodged, and the log had neither it nor a refusal in time
	EvidenceClaim      = "claim"      // nothing here is signed by who is accused: the word of whoever made it
)

// Evidence is what an accuser hands on: a proof of misconduct that any third machine can judge,
// with no network and on nobody's word (Judge). Its file extension is .proof, its text one JSON
// object in its one spelling and a line feed. Every member is there; a list that is not needed
// is empty.
type Evidence struct {
	Proof string      `json:"proof"` // "corridor-proof/v1"
	What  string      `json:"what"`  // the sort
	Card  string      `json:"card"`  // text of the mission card that the accuser starts from
	By    string      `json:"by"`    // who made it, such as the name of a witness; nothing rests on it
	At    record.Time `json:"at"`    // when, by that one's clock; nothing rests on it
	Say   string      `json:"say"`   // a sentence for people; nothing rests on it

	Entry       *int64   `json:"entry"`       // rule: the entry that breaks it
	Rule        *string  `json:"rule"`        // rule: its stable name
	Checkpoints []string `json:"checkpoints"` // signed checkpoints
	Hashes      []string `json:"hashes"`      // base64, as ledger.RootsOf reads them
	Receipts    []string `json:"receipts"`    // c2sp.org/tlog-proof
	Leaves      []string `json:"leaves"`      // texts of leaves
	Records     []string `json:"records"`     // records as they travel
	Notes       []string `json:"notes"`       // lodging notes
	Bundle      []string `json:"bundle"`      // the lines of a bundle
}

// Text returns the evidence as it is handed on.
func (e Evidence) Text() ([]byte, error) {
	e.Proof = evidenceFirst
	text, err := record.Encode(e)
	if err != nil {
		return nil, fmt.Errorf("proof: %w", err)
	}
	if len(text) >= MaxEvidence {
		return nil, fmt.Errorf("proof: %d bytes, more than %d", len(text), MaxEvidence)
	}
	return append(text, '\n'), nil
}

// IsEvidence reports whether a text begins as evidence does.
func IsEvidence(text []byte) bool {
	return bytes.HasPrefix(text, []byte(`{"proof":"corridor-proof/`))
}

// ParseEvidence reads evidence in the one spelling Text writes. It judges nothing.
func ParseEvidence(text []byte) (e Evidence, err error) {
	if len(text) > MaxEvidence {
		return e, fmt.Errorf("proof: %d bytes, more than %d", len(text), MaxEvidence)
	}
	line, ok := bytes.CutSuffix(text, []byte("\n"))
	if !ok {
		return e, fmt.Errorf("proof: the text does not end in a line feed; the file was cut")
	}
	if err := record.Decode(line, &e); err != nil {
		return Evidence{}, fmt.Errorf("proof: %w", err)
	}
	if e.Proof != evidenceFirst {
		return Evidence{}, fmt.Errorf("proof: its format is %.40q; this program reads %s", e.Proof, evidenceFirst)
	}
	if !slices.Contains([]string{EvidenceFork, EvidenceEntry, EvidenceLeaf, EvidenceRule, EvidenceSuppressed, EvidenceClaim}, e.What) {
		return Evidence{}, fmt.Errorf("proof: %.40q is not a sort of proof that this program knows; a newer one may", e.What)
	}
	return e, nil
}
