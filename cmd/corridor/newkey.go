package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"

	"corridor.example/corridor/internal/scenario"
	"corridor.example/corridor/internal/store/sqlite"
	"corridor.example/corridor/record"
)

// makeKey makes a key, or reads the one to be proved, and prints what others must know of it.
func makeKey(ctx context.Context, w *world, c signingCall) (int, error) {
	p, err := c.provedFor()
	if err != nil {
		return 3, err
	}
	k, err := c.newOrOld(ctx, p)
	if err != nil {
		return 3, err
	}
	proof := ""
	if p.origin != "" {
		var mission *record.Hash // nil while there is none
		if p.mission != (record.Hash{}) {
			mission = &p.mission
		}
		proof = record.Prove(k.key, p.exercise, p.origin, mission)
	}
	fingerprint := record.Fingerprint(k.public())
	if c.json {
		return 0, w.printJSON(map[string]string{"key": hexKey(k), "fingerprint": fingerprint.String(), "proof": proof})
	}
	if c.newKey != "" {
		fmt.Fprintf(w.out, "%s is your key: keep it, nobody can replace it for you\n", k.path)
	}
	fmt.Fprintf(w.out, "key:         %s\nfingerprint: %s\n", hexKey(k), fingerprint)
	if proof == "" {
		proof = fmt.Sprintf("made for one mission: corridor sign --prove %s --card CARD, or --origin ORIGIN before it has a mandate", k.path)
	}
	fmt.Fprintf(w.out, "proof:       %s\n", proof)
	if k.exercise {
		fmt.Fprintln(w.out, "it is for exercises alone: no real mission takes what it signs")
	}
	return 0, nil
}

// provedFor says for which mission a key is proved. The place is empty if for none yet.
func (c signingCall) provedFor() (p place, err error) {
	if c.card == "" && c.dir != "" {
		c.card = filepath.Join(c.dir, cardFile)
	}
	if c.card != "" {
		card, err := readCard(c.card)
		if err != nil {
			return p, fmt.Errorf("%s: %w", c.card, err)
		}
		return place{mission: card.Mission, origin: card.Origin(), exercise: card.Exercise}, nil
	}
	if c.origin == "" && c.prove != "" {
		return p, unusable("sign", "a key is proved for one mission: give its card with --card, or its origin with --origin if it has no mandate yet")
	}
	return place{origin: c.origin}, nil
}

// newOrOld makes the key that is asked for, or reads the one that is to be proved.
func (c signingCall) newOrOld(ctx context.Context, p place) (k *keyFile, err error) {
	if c.prove != "" {
		if k, err = readKeyFile(c.prove); err == nil {
			err = k.fits(p)
		}
		return k, err
	}
	k = &keyFile{path: c.newKey, exercise: p.exercise}
	if c.as != "" {
		k.key, err = c.demoKey(ctx)
	} else {
		_, k.key, err = ed25519.GenerateKey(rand.Reader)
	}
	if err != nil {
		return nil, err
	}
	return k, k.write()
}

// fits refuses a key for exercises to a real mission, and the other way round.
func (k *keyFile) fits(p place) error {
	if k.exercise == p.exercise {
		return nil
	}
	sort := map[bool]string{true: "an exercise", false: "a real mission"}
	return fmt.Errorf("%s is a key for %s and this is %s; neither signs for the other", k.path, sort[k.exercise], sort[p.exercise])
}

// demoKey derives the key of somebody in a demo from the seed that the demo was built from.
func (c signingCall) demoKey(ctx context.Context) (ed25519.PrivateKey, error) {
	if c.dir == "" {
		return nil, unusable("sign", "--as takes the key of somebody in a demo: say with --dir which demo")
	}
	side, err := sqlite.OpenSideReadOnly(filepath.Join(c.dir, sideFile))
	if err != nil {
		return nil, err
	}
	defer side.Close()
	_, seed, err := demoSecrets(ctx, side)
	if err == nil && seed == "" {
		err = errors.New("the mission was not built by corridor demo: the keys of those in it are their own, and follow from no seed")
	}
	if err != nil {
		return nil, err
	}
	return scenario.ActorKey(seed, c.as), nil
}
