// Package cheat tries to falsify a copy of a mission, as a hostile operator would who holds
// the log's key, and shows what the checker says of it. It never touches the mission itself.
package cheat

import (
	"crypto/ed25519"
	"encoding/hex"

	"corridor.example/corridor"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

// Codes are the lies that can be told, in the order they are offered: omit leaves an incident
// out of a report, alter changes a number, admit lets an observer in whom nobody consented to,
// backdate signs a record as older than it is, fork shows two parties two logs.
var Codes = []string{"omit", "alter", "admit", "backdate", "fork"}

// A Key is a private key of somebody in the mission.
type Key = ed25519.PrivateKey

// Keys are what the liar holds.
type Keys struct {
	Log   Key                   // signs checkpoints
	Actor func(name string) Key // an office's or observer's key; nil result: not held
}

// An Answer is what became of a lie.
type Answer struct {
	Code    string
	Done    Done
	Entry   int64  // the entry the lie is about
	Says    string // the checker's own sentence
	Caught  bool   // some claim did not hold
	Notices []Notice
	Claims  []verify.Claim
}

// A Done says what was done to the copy. Each lie fills what it has.
type Done struct {
	Of      int64            // omit: the entry that was left out
	Was, Is int64            // alter: the number, before and after
	For     corridor.ActorID // admit: in whose name a consent was written
	At      record.Time      // backdate: the date that was claimed
	Size    int64            // fork: of both logs
}

// A Notice is who finds a lie out, by what the check found and the tree shows: report, part,
// signature, consent, known, cosigned, seen or receipt.
type Notice struct {
	Code string
	Who  []string // cosigned: whose cosignatures are of another history
}

// key is a device key as a nomination gives it, proved for the mission.
func key(k Key, exercise bool, origin string, mission *record.Hash) map[string]any {
	return map[string]any{"use": "device", "key": hex.EncodeToString(k.Public().(ed25519.PublicKey)), "proof": record.Prove(k, exercise, origin, mission)}
}
