package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"corridor.example/corridor"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

// isReceipt looks at a file's first line (c2sp.org/tlog-proof).
func isReceipt(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	b := make([]byte, 21)
	n, _ := f.Read(b)
	return bytes.HasPrefix(b[:n], []byte("c2sp.org/tlog-proof@"))
}

// A receiptResult is what was found of a receipt.
type receiptResult struct {
	State  verify.State `json:"state"`
	Say    string       `json:"say"`
	Index  int64        `json:"index"`
	Size   int64        `json:"size"`
	Origin string       `json:"origin"`
	Exit   int          `json:"exit"`
}

// verifyReceipt checks that a record is in the log that a card names.
func verifyReceipt(ctx context.Context, w *world, c verifyCall) (int, error) {
	if c.card == "" || c.leaf == "" {
		return 3, unusable("verify", "a receipt is checked with the card and with what it is the receipt of: --card CARD --leaf RECORD")
	}
	card, err := readCard(c.card)
	if err != nil {
		return 3, fmt.Errorf("%s: %w", c.card, err)
	}
	policy, err := ledger.ParsePolicy("log " + card.Log + "\n" + card.Policy)
	if err != nil {
		return 3, fmt.Errorf("%s: the card's policy: %w", c.card, err)
	}
	what, err := readLimited(c.leaf, record.MaxLine+4096)
	if err != nil {
		return 3, err
	}
	leaf, err := leafOf(what)
	if err != nil {
		return 3, fmt.Errorf("%s is %w", c.leaf, err)
	}
	text, err := readLimited(c.what, 1<<20)
	if err != nil {
		return 3, err
	}
	var r receiptResult
	if c.in != "" {
		if r, err = c.receiptIn(ctx, w, card, text, leaf); err != nil {
			return 3, err
		}
	} else {
		r = weighReceipt(text, leaf, policy)
	}
	if c.json {
		return r.Exit, w.printJSON(r)
	}
	fmt.Fprintf(w.out, "%s: %s\n", r.State, r.Say)
	return r.Exit, nil
}

// leafOf returns the leaf of a record as it travels, of an answer of /api/v1/records/, or a leaf
// itself.
func leafOf(b []byte) ([]byte, error) {
	line := bytes.TrimSuffix(b, []byte("\n"))
	r, notRecord := record.Parse(line)
	if notRecord == nil {
		return corridor.Leaf(r), nil
	}
	_, _, _, _, notLeaf := corridor.ParseLeaf(b)
	if notLeaf == nil {
		return b, nil
	}
	var a struct {
		Index  *int64          `json:"index"`
		Leaf   *string         `json:"leaf"`
		Record json.RawMessage `json:"record"` // null where its reader may not have it
	}
	if json.Unmarshal(line, &a) != nil || a.Index == nil || a.Leaf == nil {
		return nil, fmt.Errorf("neither a record (%w) nor a leaf (%w)", notRecord, notLeaf)
	}
	if _, _, _, _, err := corridor.ParseLeaf([]byte(*a.Leaf)); err != nil {
		return nil, fmt.Errorf("a server's answer, and its leaf is none: %w", err)
	}
	if string(a.Record) == "null" {
		return []byte(*a.Leaf), nil
	}
	r, err := record.Parse(a.Record)
	switch {
	case err != nil:
		return nil, fmt.Errorf("a server's answer, and its record is none: %w", err)
	case !bytes.Equal(corridor.Leaf(r), []byte(*a.Leaf)):
		return nil, errors.New("a server's answer whose leaf is not that of its record: one of the two was changed")
	}
	return []byte(*a.Leaf), nil
}

func weighReceipt(text, leaf []byte, policy *ledger.Policy) receiptResult {
	proof, err := ledger.ParseProof(text)
	if err != nil {
		return receiptResult{State: verify.DoesNotHold, Say: err.Error(), Exit: 1}
	}
	s, err := proof.Check(leaf, policy)
	if err != nil {
		return receiptResult{State: verify.DoesNotHold, Say: err.Error(), Index: proof.Index, Exit: 1}
	}
	r := receiptResult{State: verify.Holds, Index: proof.Index, Size: s.Size, Origin: s.Origin}
	r.Say = fmt.Sprintf("entry %d of %d in the log %s, %s", proof.Index, s.Size, s.Origin, s.Word())
	if !s.Quorum() {
		r.State, r.Exit = verify.CannotCheck, 2
		r.Say += fmt.Sprintf("; the card asks for %s", policy.Rule())
	}
	return r
}

// receiptIn asks whether what a receipt is of is in a copy of the mission's log, which may go on
// for the log that gave the receipt. What was acknowledged and is not in it is named.
func (c verifyCall) receiptIn(ctx context.Context, w *world, card verify.Card, text, leaf []byte) (r receiptResult, err error) {
	proof, err := ledger.ParseProof(text)
	if err != nil {
		return receiptResult{State: verify.DoesNotHold, Say: err.Error(), Exit: 1}, nil
	}
	src, err := openSource(ctx, c.in)
	if err != nil {
		return r, err
	}
	defer src.done()
	res, err := verify.Run(ctx, src.src, verify.Options{Card: &card, Progress: w.progress("replaying")})
	if err != nil {
		return r, fmt.Errorf("%s: %w", c.in, err)
	}
	if log, _ := res.Claim(verify.ClaimLog); log.State == verify.DoesNotHold || res.Replay == nil {
		return receiptResult{State: verify.DoesNotHold, Say: c.in + " itself does not hold: " + log.Say, Index: proof.Index, Exit: 1}, nil
	}
	given, err := ledger.ParseCheckpoint(proof.Checkpoint)
	if err != nil {
		return receiptResult{State: verify.DoesNotHold, Say: err.Error(), Index: proof.Index, Exit: 1}, nil
	}
	v := res.Replay.Now()
	of := corridor.Log{Key: card.Log, To: -1}
	for _, l := range v.Logs() {
		if l.Origin == given.Origin {
			of = l
		}
	}
	policy, err := ledger.ParsePolicy("log " + of.Key + "\n" + card.Policy)
	if err != nil {
		return r, err
	}
	if r = weighReceipt(text, leaf, policy); r.State == verify.DoesNotHold {
		return r, nil
	}
	h, class, _, _, err := corridor.ParseLeaf(leaf)
	if err != nil {
		return r, err
	}
	i, in := res.Replay.Index(h)
	switch {
	case in && of.To >= 0:
		r.Say += fmt.Sprintf("; that log has ended, and the record is entry %d of the one that goes on", i)
	case in && i == proof.Index:
		r.Say += "; it is there in " + c.in
	case !in && proof.Index >= res.Size && of.To < 0:
		r.State, r.Exit = verify.CannotCheck, 2
		r.Say += fmt.Sprintf("; %s goes no further than %d entries", c.in, res.Size)
	case !in && of.To >= 0 && proof.Index >= of.To:
		r.State, r.Exit = verify.DoesNotHold, 1
		r.Say += fmt.Sprintf("; that log has ended, %d entries of it were saved, and this %s record, %s, is not in the one that goes on: it is lost, unless whoever has it hands it in again", of.To, class, h)
	default:
		r.State, r.Exit = verify.DoesNotHold, 1
		r.Say += fmt.Sprintf("; %s has another record in that place: what was acknowledged was replaced", c.in)
	}
	return r, nil
}
