package record_test

import (
	"crypto/ed25519"
	"fmt"

	"corridor.example/corridor/record"
)

// An observer signs what she saw; anyone who has her public key reads it.
func Example() {
	// What a record says is a Go type for each part, with a PartHead first.
	type facts struct {
		record.PartHead
		Convoy string      `json:"convoy"`
		When   record.Time `json:"when"`
	}

	// A device makes its key, the id and the nonces from 128 random bits each.
	key := ed25519.NewKeyFromSeed([]byte("thirty-two bytes for an example."))
	id := record.ID{0xa0, 0x07}
	when := record.Time(1482094800)

	text, err := record.Encode(facts{record.PartHead{ID: id, Part: "facts", Nonce: record.ID{1}}, "A-07", when})
	if err != nil {
		fmt.Println(err)
		return
	}
	h := record.Header{Kind: "departure", ID: id, By: "mina", Seq: 1, At: when + 60, Nonce: record.ID{2}}
	sent, err := record.Sign(key, true, h, []record.Part{{Name: "facts", Bytes: text}})
	if err != nil {
		fmt.Println(err)
		return
	}

	// The line travels by any path; whoever gets it reads it, and asks for the key by name.
	got, err := record.Parse(sent.Line())
	if err != nil {
		fmt.Println(err)
		return
	}
	public := key.Public().(ed25519.PublicKey)
	fmt.Println("the header names this key:", got.Header.Key == record.Fingerprint(public))
	fmt.Println("signature:", got.Verify(public))

	var f facts
	if err := record.Decode(got.Part("facts"), &f); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(got.Header.By, "signed a", got.Header.Kind, "of", f.Convoy, "at", f.When, "in an exercise:", got.Exercise())

	// The same text with one space more is another text, and no record.
	_, err = record.Parse(append(sent.Line(), ' '))
	fmt.Println(err)
	// Output:
	// the header names this key: true
	// signature: <nil>
	// mina signed a departure of A-07 at 2016-12-18T21:00:00Z in an exercise: true
	// record.envelope: not in its one spelling: differs from byte 908 on (a member missing, out of order or null, a space, or a second way to write a value)
}
