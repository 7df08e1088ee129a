package scenario

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"corridor.example/corridor"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// Witnesses are the names of the two cosigners of every scenario. They stand for nobody.
var Witnesses = [2]string{"exercise-witness-1", "exercise-witness-2"}

// derive returns 32 bytes that depend on the seed, on what they are for and on a name, and on
// nothing else: the SHA-256 of "corridor exercise", the seed, the purpose and the name, each
// preceded by its length in bytes as decimal digits and a colon.
func derive(seed, purpose, name string) [32]byte {
	h := sha256.New()
	for _, s := range []string{"corridor exercise", seed, purpose, name} {
		fmt.Fprintf(h, "%d:%s", len(s), s)
	}
	return [32]byte(h.Sum(nil))
}

func key(seed, purpose, name string) ed25519.PrivateKey {
	s := derive(seed, purpose, name)
	return ed25519.NewKeyFromSeed(s[:])
}

// LogKey returns the key with which the log of a scenario signs its checkpoints. Whoever knows
// the seed has it, so it is worth nothing outside an exercise.
func LogKey(seed string) ed25519.PrivateKey { return key(seed, "log", "") }

// NodeKey returns the key with which the server of a scenario signs refusals and disclosures.
func NodeKey(seed string) ed25519.PrivateKey { return key(seed, "node", "") }

// ActorKey returns the key that a scenario calls by this name: an actor's or observer's id, or
// what a key record called it.
func ActorKey(seed, name string) ed25519.PrivateKey { return key(seed, "key", name) }

// keyNamed returns the key that a scenario calls by this name; "node" is the server's first.
func keyNamed(seed, name string) ed25519.PrivateKey {
	if name == "node" {
		return NodeKey(seed)
	}
	return ActorKey(seed, name)
}

// Cosigners returns the two exercise witnesses.
func Cosigners(seed string) []*ledger.Cosigner {
	var all []*ledger.Cosigner
	for _, name := range Witnesses {
		c, err := ledger.NewCosigner(name, key(seed, "witness", name))
		if err != nil {
			panic("scenario: " + err.Error()) // the names are ours
		}
		all = append(all, c)
	}
	return all
}

// policy returns the witness lines of a mandate: both exercise witnesses, or nobody.
func policy(seed string, witnessed bool) string {
	if !witnessed {
		return "quorum none\n"
	}
	s := ""
	for _, c := range Cosigners(seed) {
		s += "witness " + c.Name() + " " + c.Key() + "\n"
	}
	return s + "group both all " + Witnesses[0] + " " + Witnesses[1] + "\nquorum both\n"
}

// proven returns a key of the mandate or of a key record, with its proof of possession.
func proven(k ed25519.PrivateKey, use corridor.KeyUse, origin string, mission *record.Hash) map[string]any {
	return map[string]any{
		"use":   string(use),
		"key":   hex.EncodeToString(k.Public().(ed25519.PublicKey)),
		"proof": record.Prove(k, true, origin, mission),
	}
}

func fingerprint(k ed25519.PrivateKey) record.Hash {
	return record.Fingerprint(k.Public().(ed25519.PublicKey))
}
