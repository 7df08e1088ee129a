package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"

	"corridor.example/corridor"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
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

// verifyReceipt checks that a record is in the log that a card names.
func verifyReceipt(w *world, path, cardPath, leafPath string) (int, error) {
	if cardPath == "" || leafPath == "" {
		return 3, errors.New("a receipt is checked with the card and with what it is the receipt of: --card CARD --leaf RECORD")
	}
	card, err := readCard(cardPath)
	if err != nil {
		return 3, err
	}
	text, err := readLimited(path, 1<<20)
	if err != nil {
		return 3, err
	}
	leaf, err := readLimited(leafPath, record.MaxLine+1)
	if err != nil {
		return 3, err
	}
	if r, err := record.Parse(bytes.TrimSuffix(leaf, []byte("\n"))); err == nil {
		leaf = corridor.Leaf(r)
	}
	proof, err := ledger.ParseProof(text)
	if err != nil {
		return 3, fmt.Errorf("%s: %w", path, err)
	}
	policy, err := ledger.ParsePolicy("log " + card.Log + "\n" + card.Policy)
	if err != nil {
		return 3, fmt.Errorf("the card's policy: %w", err)
	}
	s, err := proof.Check(leaf, policy)
	if err != nil {
		fmt.Fprintf(w.out, "does not hold: %v\n", err)
		return 1, nil
	}
	fmt.Fprintf(w.out, "holds: entry %d of %d in the log %s, %s\n", proof.Index, s.Size, s.Origin, s.Word())
	if !s.Quorum() {
		fmt.Fprintln(w.out, "cannot be checked here: the checkpoint does not carry the cosignatures that the card asks for yet")
		return 2, nil
	}
	return 0, nil
}
