// Package cheat tries to falsify a copy of a mission, as a hostile operator would who holds
// the log's key, and shows what the checker says of it. It never touches the mission itself.
package cheat

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"time"

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
	Done    string // what was done to the copy, in one sentence
	Entry   int64  // the entry that does not hold; -1 if none in particular
	Says    string // the checker's own sentence
	Notices []Notice
	Claims  []verify.Claim
	Took    time.Duration
}

// A Notice is who finds the lie out, when, and with what in hand.
type Notice struct{ Who, When, By string }

// Tell tells one lie on a copy of the log that src reads and checks the copy against the card
// everybody was handed.
func Tell(ctx context.Context, code string, src verify.Source, card *verify.Card, keys Keys) (Answer, error) {
	return Answer{}, fmt.Errorf("%q is not one of the lies: %v", code, Codes)
}
