package verify

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"corridor.example/corridor"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// A Verdict is what evidence comes to. Holds: it convicts. DoesNotHold: it proves nothing of
// what it says. CannotCheck: something is missing here, or it is a claim.
type Verdict struct {
	State   State       `json:"state"`
	What    string      `json:"what"`    // the sort of evidence
	Claim   bool        `json:"claim"`   // it rests on the word of one side alone
	Accused string      `json:"accused"` // the origin of the log, or the actor who signed what the mandate does not let pass
	Mission record.Hash `json:"mission"`
	Say     string      `json:"say"`     // one plain sentence: what is proved, or why nothing is
	Signers []string    `json:"signers"` // witnesses whose cosignatures stand under what is shown

	// Word says that the evidence's own card was taken, and its words; "" where one was given.
	Word string `json:"word"`
}

// Judge weighs evidence against the card a reader was handed, nil to take the evidence's own.
// It takes nothing on the accuser's word. The error is a fault, or says that the card in the
// evidence cannot be read.
func Judge(ctx context.Context, e Evidence, card *Card) (Verdict, error) {
	own, err := ParseCard([]byte(e.Card))
	if err != nil {
		return Verdict{}, fmt.Errorf("proof: %w", err)
	}
	j := judge{e: e, card: own, v: Verdict{What: e.What, Accused: own.Origin(), Mission: own.Mission}}
	if card == nil {
		j.v.Word = "No card was given. The proof's own was taken; its words are: " + strings.Join(own.Words(), " ") + "."
	} else {
		if card.Mission != own.Mission || card.Log != own.Log || card.Exercise != own.Exercise {
			return j.cannot("it is about another mission or log than the card you gave"), nil
		}
		j.card = *card
	}
	if j.policy, err = j.card.policy(); err != nil {
		return Verdict{}, fmt.Errorf("proof: %w", err)
	}
	switch e.What {
	case EvidenceFork:
		return j.fork(), nil
	case EvidenceEntry:
		return j.entry(), nil
	case EvidenceLeaf:
		return j.leaf(), nil
	case EvidenceRule:
		return j.rule(ctx)
	case EvidenceSuppressed:
		return j.suppressed(), nil
	}
	j.v.Claim = true
	return j.cannot("a claim, on the word of whoever made it alone: nothing in it is signed by who is accused"), nil
}

type judge struct {
	e      Evidence
	card   Card
	policy *ledger.Policy
	v      Verdict
}

func (j *judge) holds(format string, args ...any) Verdict {
	j.v.State, j.v.Say = Holds, fmt.Sprintf(format, args...)
	return j.v
}

func (j *judge) not(format string, args ...any) Verdict {
	j.v.State, j.v.Say = DoesNotHold, fmt.Sprintf(format, args...)
	return j.v
}

func (j *judge) cannot(format string, args ...any) Verdict {
	j.v.State, j.v.Say = CannotCheck, fmt.Sprintf(format, args...)
	return j.v
}

// signed notes who cosigned what is shown.
func (j *judge) signed(s ledger.Signed) {
	for _, c := range s.Cosigned {
		if !slices.Contains(j.v.Signers, c.Name) {
			j.v.Signers = append(j.v.Signers, c.Name)
		}
	}
}

// fork asks whether the larger of two signed trees begins with the smaller.
func (j *judge) fork() Verdict {
	if len(j.e.Checkpoints) != 2 {
		return j.not("a fork is shown by two checkpoints, these are %d", len(j.e.Checkpoints))
	}
	var s [2]ledger.Signed
	for i, text := range j.e.Checkpoints {
		var err error
		if s[i], err = j.policy.Check([]byte(text)); err != nil {
			return j.not("checkpoint %d is not one that the log signed: %v", i+1, err)
		}
		j.signed(s[i])
	}
	a, b := s[0], s[1]
	if a.Size > b.Size || a.Size == 0 {
		return j.not("the smaller checkpoint stands first, and is of one entry at least")
	}
	if a.Size == b.Size {
		if a.Root == b.Root {
			return j.not("both checkpoints are of the same tree")
		}
		return j.holds("the log %s signed two different trees of %d entries", j.v.Accused, a.Size)
	}
	hashes, err := readHashes(j.e.Hashes)
	if err != nil {
		return j.not("%v", err)
	}
	first, all, err := ledger.RootsOf(hashes, a.Size, b.Size)
	switch {
	case err != nil:
		return j.not("%v", err)
	case all != b.Root:
		return j.not("the hashes are not of the tree that the second checkpoint is of")
	case first == a.Root:
		return j.not("the tree of %d entries begins with the one of %d, as it should", b.Size, a.Size)
	}
	return j.holds("the log %s signed a tree of %d entries and one of %d that does not begin with it: entries were removed, changed or put in", j.v.Accused, a.Size, b.Size)
}

func readHashes(list []string) (hashes []ledger.Hash, err error) {
	for _, s := range list {
		b, err := base64.StdEncoding.Strict().DecodeString(s)
		if err != nil || len(b) != len(ledger.Hash{}) || base64.StdEncoding.EncodeToString(b) != s {
			return nil, fmt.Errorf("%.60q is not a hash in base64", s)
		}
		hashes = append(hashes, ledger.Hash(b))
	}
	return hashes, nil
}

// place checks that a receipt leads from a leaf to a checkpoint that the log signed.
func (j *judge) place(receipt, leaf string) (index int64, why string) {
	p, err := ledger.ParseProof([]byte(receipt))
	if err != nil {
		return 0, err.Error()
	}
	s, err := p.Check([]byte(leaf), j.policy)
	if err != nil {
		return 0, err.Error()
	}
	j.signed(s)
	return p.Index, ""
}

// entry asks whether two receipts put two different leaves in one place.
func (j *judge) entry() Verdict {
	if len(j.e.Receipts) != 2 || len(j.e.Leaves) != 2 {
		return j.not("two receipts and their leaves are needed")
	}
	var at [2]int64
	for i := range at {
		index, why := j.place(j.e.Receipts[i], j.e.Leaves[i])
		if why != "" {
			return j.not("receipt %d does not hold: %s", i+1, why)
		}
		at[i] = index
	}
	switch {
	case at[0] != at[1]:
		return j.not("the receipts are of the entries %d and %d, which can both be", at[0], at[1])
	case j.e.Leaves[0] == j.e.Leaves[1]:
		return j.not("both receipts are of the same leaf")
	}
	return j.holds("the log %s signed two different records as its entry %d: what it acknowledged was replaced", j.v.Accused, at[0])
}

// leaf asks whether the log filed a record under a leaf that is not its own.
func (j *judge) leaf() Verdict {
	if len(j.e.Receipts) != 1 || len(j.e.Leaves) != 1 || len(j.e.Records) != 1 {
		return j.not("a receipt, its leaf and the record are needed")
	}
	index, why := j.place(j.e.Receipts[0], j.e.Leaves[0])
	if why != "" {
		return j.not("the receipt does not hold: %s", why)
	}
	r, err := record.Parse([]byte(j.e.Records[0]))
	if err != nil {
		return j.not("the record cannot be read: %v", err)
	}
	if !strings.HasSuffix(j.e.Leaves[0], "\nsha256 "+r.Hash.String()+"\n") {
		return j.not("the leaf does not name this record")
	}
	if corridor.Kind(r.Header.Kind).Class() == "" {
		return j.cannot("%q is not a kind of record that this program knows; a newer one may", r.Header.Kind)
	}
	if own := corridor.Leaf(r); string(own) == j.e.Leaves[0] {
		return j.not("the leaf is the record's own")
	}
	return j.holds("the log %s filed the %s %s as its entry %d under a leaf that is not its own", j.v.Accused, r.Header.Kind, r.Hash.Short(), index)
}

// framed are rules that somebody who copies a log could make it seem to break, by changing a
// signature or leaving something out: they convict the copy, not the log.
func framed(rule string) bool {
	switch rule {
	case "record.signature", "record.key", "record.envelope", "record.parts", "record.part-hash",
		RuleEnvelope, RulePartMissing, RulePartLate, RuleAuthority, RuleEntryName, RuleEntryHashes, RuleEntryMissing, RuleHead, RuleHeadClaim:
		return true
	}
	return false
}

// rule replays a bundle and asks whether the entry breaks the rule, with everything before it
// in order and the tree the one that the log signed.
func (j *judge) rule(ctx context.Context) (Verdict, error) {
	if j.e.Entry == nil || j.e.Rule == nil || len(j.e.Bundle) == 0 {
		return j.not("an entry, a rule and a bundle are needed"), nil
	}
	entry, rule := *j.e.Entry, *j.e.Rule
	if framed(rule) {
		return j.cannot("that a copy of the log shows this convicts only the copy"), nil
	}
	b, err := OpenBundle(bytes.NewReader([]byte(strings.Join(j.e.Bundle, "\n") + "\n")))
	if err != nil {
		return j.not("%v", err), nil
	}
	head, err := b.Head(ctx)
	if err != nil {
		return j.not("%v", err), nil
	}
	s, err := j.policy.Check(head.Checkpoint)
	if err != nil {
		return j.not("the log did not sign it: %v", err), nil
	}
	j.signed(s)
	r, err := Run(ctx, b, Options{Card: &j.card})
	if err != nil {
		return Verdict{}, err
	}
	if r.Size != s.Size || r.Root != s.Root {
		return j.not("the bundle's entries are not those that the log signed"), nil
	}
	found, open := false, false
	for _, c := range r.Claims {
		for _, p := range c.Entries {
			switch {
			case p.Rule == RuleQuorum || p.Index < 0:
			case p.Index == entry && p.Rule == rule && c.State == DoesNotHold:
				found = true
			case p.Index <= entry && framed(p.Rule):
				return j.not("the copy itself is not in order at entry %d: %s", p.Index, p.Sentence), nil
			}
		}
		open = open || c.State == CannotCheck
	}
	if !found {
		by, act, known, err := finds(ctx, b, r, entry, rule)
		switch {
		case err != nil:
			return Verdict{}, err
		case act != "" && known:
			log := j.v.Accused
			j.v.Accused = string(by)
			return j.holds("the log %s has as its entry %d %s", log, entry, act), nil
		case act != "":
			return j.cannot("a record of authority before entry %d is not shown, and might be what entry %d is without", entry, entry), nil
		}
	}
	switch {
	case found:
		return j.holds("the log %s signed a history in which entry %d breaks the rule %s", j.v.Accused, entry, rule), nil
	case open:
		return j.cannot("what the bundle shows does not break the rule; parts of it are sealed"), nil
	}
	return j.not("entry %d does not break the rule %s", entry, rule), nil
}

// finds says what the replay found against an act of authority, "" if nothing under that rule:
// it breaks the mandate, and its author signed it. known reports whether every record of authority
// up to it is shown, since one that is not might be the consent that it lacks.
func finds(ctx context.Context, b *Bundle, r Result, entry int64, rule string) (by corridor.ActorID, act string, known bool, err error) {
	if r.Replay == nil || entry < 0 || entry >= r.Size {
		return "", "", false, nil
	}
	v := r.Replay.Now()
	x := v.Entry(entry)
	at := slices.IndexFunc(x.Findings, func(f corridor.Finding) bool { return f.Rule == rule })
	if at < 0 || x.Kind.Class() != corridor.ClassAuthority {
		return "", "", false, nil
	}
	for e, err := range b.Entries(ctx) {
		if err != nil {
			return "", "", false, err
		}
		if e.Index > entry {
			break
		}
		_, class, _, _, err := corridor.ParseLeaf(e.Leaf)
		if err != nil || class == corridor.ClassAuthority && (e.Line == nil || v.Entry(e.Index).Sealed) {
			return x.By, "against the mandate", false, nil
		}
	}
	return x.By, fmt.Sprintf("a %s signed by %s against the mandate: %s", x.Kind, x.By, x.Findings[at].Reason), true, nil
}
