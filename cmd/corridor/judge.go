package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"corridor.example/corridor/verify"
)

// isProof reports whether a file begins as a proof of misconduct does.
func isProof(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	b := make([]byte, 64)
	n, _ := io.ReadFull(f, b) // a shorter file is none
	return verify.IsEvidence(b[:n])
}

// judge weighs a proof of misconduct. Status 0: it convicts; 1: it proves nothing; 2: it cannot
// be weighed here, or is a claim.
func (c verifyCall) judge(ctx context.Context, w *world) (int, error) {
	b, err := readLimited(c.what, verify.MaxEvidence)
	if err != nil {
		return 3, err
	}
	e, err := verify.ParseEvidence(b)
	if err != nil {
		return 3, fmt.Errorf("%s: %w", c.what, err)
	}
	var card *verify.Card
	if c.card != "" {
		given, err := readCard(c.card)
		if err != nil {
			return 3, fmt.Errorf("%s: %w", c.card, err)
		}
		card = &given
	}
	v, err := verify.Judge(ctx, e, card)
	if err != nil {
		return 3, fmt.Errorf("%s: %w", c.what, err)
	}
	exit := map[verify.State]int{verify.Holds: 0, verify.DoesNotHold: 1, verify.CannotCheck: 2}[v.State]
	if c.json {
		return exit, w.printJSON(struct {
			verify.Verdict
			Exit int `json:"exit"`
		}{v, exit})
	}
	if v.Word != "" {
		fmt.Fprintln(w.out, v.Word)
	}
	fmt.Fprintf(w.out, "%s: %s: %s\n", c.what, v.State, v.Say)
	if len(v.Signers) > 0 {
		fmt.Fprintf(w.out, "cosigned, among what is shown, by: %s\n", strings.Join(v.Signers, ", "))
	}
	return exit, nil
}
