package main

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/witness"
	"corridor.example/corridor/verify"
)

// A nodeCall is what a command that runs a mission's node is told about its witnesses.
type nodeCall struct {
	at      []string         // NAME=URL, in place of what the mandate says
	despite []string         // witnesses whose bare word for a longer log is not believed
	own     corridor.ActorID // whose own machine this is; "": the mission's
}

// of returns the clients of the witnesses of a mandate that can be reached: where the call says,
// else where the mandate's policy says.
func (c nodeCall) of(log *slog.Logger) func(*corridor.Terms) []node.Witness {
	return func(t *corridor.Terms) (list []node.Witness) {
		policy, err := t.Policy()
		if err != nil {
			return nil // refused when the terms were logged
		}
		urls := policy.WitnessURLs()
		names := policy.Witnesses()
		for i, name := range names {
			url := urls[i]
			for _, at := range c.at {
				if n, u, _ := strings.Cut(at, "="); n == name {
					url = u
				}
			}
			if url == "" {
				continue
			}
			w, err := witness.NewClient(name, url)
			if err != nil {
				log.Warn("a witness cannot be asked", "cause", err.Error())
				continue
			}
			list = append(list, w)
		}
		for _, at := range c.at {
			if n, _, _ := strings.Cut(at, "="); !slices.Contains(names, n) {
				log.Warn("the mandate names no such witness", "name", n)
			}
		}
		return list
	}
}

// check refuses what can never be an address of a witness.
func (c nodeCall) check(verb string) error {
	for _, at := range c.at {
		name, url, ok := strings.Cut(at, "=")
		if !ok || name == "" {
			return unusable(verb, "--witness is NAME=URL, with the name that the mandate gives the witness")
		}
		if _, err := witness.NewClient(name, url); err != nil {
			return unusable(verb, "--witness: %v", err)
		}
	}
	return nil
}

// lookWitnesses asks the witnesses of a log that was read how far they know it.
func lookWitnesses(ctx context.Context, c nodeCall, log *slog.Logger, res verify.Result, checkpoint []byte) (signs []sign) {
	if res.Replay == nil || res.Replay.Size() == 0 {
		return nil
	}
	list := c.of(log)(res.Replay.Now().Terms())
	if len(list) == 0 || checkpoint == nil {
		return nil
	}
	known, silent := node.Consult(ctx, list, checkpoint)
	for _, w := range list {
		is, ok := known[w.Name()]
		switch {
		case !ok:
		case is.Size > res.Size:
			a := &node.Ahead{Witness: w.Name(), Newest: is, Size: res.Size}
			signs = append(signs, sign{"now", a.Error()})
		default:
			signs = append(signs, sign{"well", fmt.Sprintf("the witness %s knows this log up to %d records", w.Name(), is.Size)})
		}
	}
	if len(silent) > 0 {
		signs = append(signs, sign{"look", "witnesses that did not answer: " + strings.Join(silent, ", ")})
	}
	return signs
}

// A list is a flag that may be given several times.
type list []string

func (l *list) String() string     { return strings.Join(*l, ", ") }
func (l *list) Set(s string) error { *l = append(*l, s); return nil }
