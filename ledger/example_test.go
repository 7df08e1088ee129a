package ledger_test

import (
	"crypto/ed25519"
	"fmt"

	"corridor.example/corridor/ledger"
)

// A log takes three entries, signs its checkpoint, has it cosigned and hands out a receipt;
// anybody checks it with the entry and the policy, and a changed entry does not pass.
func Example() {
	logKey := ed25519.NewKeyFromSeed([]byte("an example's log key, 32 bytes.."))
	witnessKey := ed25519.NewKeyFromSeed([]byte("an example's witness key, 32 b.."))

	var tree ledger.Tree
	for _, leaf := range []string{"one", "two", "three"} {
		tree.Append([]byte(leaf))
	}
	root, _ := tree.Root(3)
	signer, _ := ledger.NewSigner("corridor.invalid/example", logKey)
	signed, _ := ledger.SignCheckpoint(ledger.Checkpoint{Origin: "corridor.invalid/example", Size: 3, Root: root}, signer)

	witness, _ := ledger.NewCosigner("witness.example/red", witnessKey)
	line, _ := witness.Cosign(signed, 1481670000)
	signed, _ = ledger.AddCosignatures(signed, line)

	hashes, _ := tree.Inclusion(1, 3)
	receipt := ledger.Proof{Index: 1, Hashes: hashes, Checkpoint: signed}.Text()

	// Elsewhere, years later.
	vkey, _ := ledger.VerifierKey("corridor.invalid/example", logKey.Public().(ed25519.PublicKey))
	policy, _ := ledger.ParsePolicy("log " + vkey + "\nwitness red " + witness.Key() + "\nquorum red\n")
	proof, _ := ledger.ParseProof(receipt)
	s, err := proof.Check([]byte("two"), policy)
	fmt.Println(s.Word(), s.Quorum(), err)
	_, err = proof.Check([]byte("too"), policy)
	fmt.Println(err)
	// Output:
	// cosigned by red true <nil>
	// receipt: the inclusion proof does not lead from this leaf at index 1 to the root of 3
}
