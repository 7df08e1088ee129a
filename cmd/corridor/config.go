package main

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"corridor.example/corridor/internal/cheat"
	"corridor.example/corridor/internal/scenario"
	"corridor.example/corridor/internal/server"
	"corridor.example/corridor/internal/session"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/verify"
)

// serverConfig makes a server's configuration for a mission's directory. What checks the log
// beside the writer opens the files anew: it reads them as they stood at one moment, so that an
// erasure which comes meanwhile is not taken for a part that is missing.
func serverConfig(ctx context.Context, d *missionDir, log *slog.Logger) (server.Config, error) {
	card, err := d.card()
	if err != nil {
		return server.Config{}, err
	}
	cfg := server.Config{Card: card, Now: time.Now, Wall: time.Now, Nonce: mustID, Log: log, Secrets: sealingSecrets(d.side), Spool: d.side}
	if cfg.Door, err = session.Open(ctx, session.Config{Store: d.side, Now: time.Now, Log: log}); err != nil {
		return cfg, err
	}
	var trusted *verify.Card
	if card != "" {
		c, err := verify.ParseCard([]byte(card))
		if err != nil {
			return cfg, err
		}
		trusted = &c
	}
	cfg.Check = func(ctx context.Context) (server.Checked, error) {
		now, err := openMission(filepath.Join(d.path, missionFile))
		if err != nil {
			return server.Checked{}, err
		}
		defer now.done()
		res, err := verify.Run(ctx, now.src, verify.Options{Card: trusted})
		return server.Found(res, time.Now()), err
	}
	name, seed, err := demoSecrets(ctx, d.side)
	if err != nil || seed == "" {
		return cfg, err
	}
	cfg.Reconstruction = name == "aleppo-2016"
	cfg.Cheat = func(ctx context.Context, code string) (cheat.Answer, error) {
		now, err := openMission(filepath.Join(d.path, missionFile))
		if err != nil {
			return cheat.Answer{}, err
		}
		defer now.done()
		return cheat.Tell(ctx, code, now.src, trusted, seedKeys(seed))
	}
	return cfg, nil
}

// demoSecrets returns the case and seed a demo was built from, empty for any other mission.
func demoSecrets(ctx context.Context, side store.Side) (name, seed string, err error) {
	b, err := side.Secret(ctx, seedSecret)
	if errors.Is(err, store.ErrAbsent) {
		return "", "", nil
	}
	name, seed, _ = strings.Cut(string(b), "\n")
	return name, seed, err
}

// seedKeys are what an operator of a demo holds, who could also guess the keys of everybody.
func seedKeys(seed string) cheat.Keys {
	return cheat.Keys{Log: scenario.LogKey(seed), Actor: func(name string) cheat.Key { return scenario.ActorKey(seed, name) }}
}
