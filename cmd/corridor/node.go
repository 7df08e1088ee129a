package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/internal/store/sqlite"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/verify"
)

// openNode starts the node of a directory, unless a longer log of the mission was accepted or
// served on this machine before, or a witness knows one: a restored older copy that is served
// signs a second history.
func openNode(ctx context.Context, d *missionDir, c nodeCall, log *slog.Logger, progress func(done, total int64)) (*node.Node, error) {
	key, err := logKey(ctx, d.path, d.side)
	if err != nil {
		return nil, err
	}
	own, err := nodeKey(ctx, d.side)
	if err != nil {
		return nil, err
	}
	n, err := node.Open(ctx, node.Config{Store: d.store, Side: d.side, LogKey: key, NodeKey: own, Log: log, Progress: progress, WitnessesOf: c.of(log), Despite: c.despite})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.path, err)
	}
	if err := newest(n); err != nil {
		n.Close()
		return nil, fmt.Errorf("%s: %w", d.path, err)
	}
	return n, nil
}

// newest holds a log against the checkpoint that is remembered of its mission in the state
// directory, where corridor verify and corridor serve leave it. Exercises are not remembered.
func newest(n *node.Node) error {
	m, path := n.Mission(), stateFile()
	if m.Exercise() || m.Size() == 0 || path == "" {
		return nil
	}
	text, err := verify.FileKnown(path).Newest(m.Founder())
	if err != nil || text == nil {
		return err
	}
	known, err := ledger.ParseCheckpoint(text)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	logs := m.Now().Logs()
	of := slices.IndexFunc(logs, func(l corridor.Log) bool { return l.Origin == known.Origin })
	if of < 0 {
		return fmt.Errorf("another log of this mission, %s, was known here before; nothing is signed over this one: run corridor verify and see what is wrong", known.Origin)
	}
	if to := logs[of].To; to >= 0 && known.Size > to {
		return nil // it has ended, and was longer than what was saved of it
	}
	if known.Size > m.Size() {
		return fmt.Errorf("this copy has %d records and %d were known here before; signing what comes next would make a second history: restore the newest backup. If the rest is lost for good, the log has ended", m.Size(), known.Size)
	}
	if root, err := m.Tree().Root(known.Size); err != nil || root != known.Root {
		return errors.New("another history of this mission was known here before; nothing is signed over this one: run corridor verify and see what is wrong")
	}
	return nil
}

// remember leaves the newest checkpoint in the state directory, for newest.
func remember(n *node.Node) error {
	m, path := n.Mission(), stateFile()
	if m.Exercise() || m.Size() == 0 || path == "" {
		return nil
	}
	return verify.FileKnown(path).Remember(m.Founder(), n.Checkpoint())
}

// nodeKey returns the key with which the server signs its own records, nil where there is none.
func nodeKey(ctx context.Context, side *sqlite.Side) (ed25519.PrivateKey, error) {
	seed, err := side.Secret(ctx, nodeSecret)
	if errors.Is(err, store.ErrAbsent) {
		return nil, nil
	}
	if err == nil && len(seed) != ed25519.SeedSize {
		err = errors.New("the server's own key is damaged")
	}
	if err != nil {
		return nil, err
	}
	return ed25519.NewKeyFromSeed(seed), nil
}
