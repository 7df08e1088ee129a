package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"corridor.example/corridor/internal/scenario"
	"corridor.example/corridor/internal/store/sqlite"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

// A keySaid is what others must know of a key.
type keySaid struct {
	Key         string   `json:"key"`
	Fingerprint string   `json:"fingerprint"`
	Words       string   `json:"words"` // of the fingerprint, to compare by voice
	Proof       string   `json:"proof"`
	File        string   `json:"file,omitempty"`
	Recovery    *keySaid `json:"recovery,omitempty"`
}

// makeKey makes a key, or reads the one to be proved, and prints what others must know of it.
func makeKey(ctx context.Context, w *world, c signingCall) (int, error) {
	p, err := c.provedFor()
	if err != nil {
		return 3, err
	}
	k, err := c.newOrOld(ctx, w, p)
	if err != nil {
		return 3, err
	}
	said := k.said(p)
	var recovery *keyFile
	if c.recovery {
		if recovery, err = c.makeRecovery(ctx, w, p); err != nil {
			return 3, errors.Join(err, os.Remove(k.path))
		}
		r := recovery.said(p)
		said.Recovery = &r
	}
	if c.json {
		return 0, w.printJSON(said)
	}
	if c.newKey != "" {
		fmt.Fprintf(w.out, "%s is your key: keep it, nobody can replace it for you\n", k.path)
	}
	said.print(w.out, "", c)
	if recovery != nil {
		recovery.putAway(w, *said.Recovery, c)
	}
	if k.exercise {
		fmt.Fprintln(w.out, "it is for exercises alone: no real mission takes what it signs")
	}
	return 0, nil
}

// said is what others must know of a key.
func (k *keyFile) said(p place) keySaid {
	fingerprint := record.Fingerprint(k.public())
	s := keySaid{Key: hexKey(k), Fingerprint: fingerprint.String(), Words: checkWords(fingerprint), File: k.path}
	if p.origin != "" {
		var mission *record.Hash // nil while there is none
		if p.mission != (record.Hash{}) {
			mission = &p.mission
		}
		s.Proof = record.Prove(k.key, p.exercise, p.origin, mission)
	}
	return s
}

// checkWords are the words in which a fingerprint is compared by voice.
func checkWords(h record.Hash) string { return strings.Join(verify.Words(h[:10]), " ") }

func (s keySaid) print(w io.Writer, which string, c signingCall) {
	if s.Proof == "" {
		s.Proof = fmt.Sprintf("made for one mission: corridor sign --prove %s --card CARD, or --origin ORIGIN before it has a mandate", s.File)
	}
	for _, line := range [][2]string{{"key", s.Key}, {"fingerprint", s.Fingerprint}, {"in words", s.Words}, {"proof", s.Proof}} {
		fmt.Fprintf(w, "%-13s%s\n", which+line[0]+":", line[1])
	}
}

// makeRecovery makes an office's recovery key. With --words it is on no disk.
func (c signingCall) makeRecovery(ctx context.Context, w *world, p place) (k *keyFile, err error) {
	k = &keyFile{exercise: p.exercise}
	if _, k.key, err = ed25519.GenerateKey(rand.Reader); err != nil || c.words {
		return k, err
	}
	k.path = strings.TrimSuffix(c.newKey, ".key") + "-recovery.key"
	if k.passphrase, err = c.lock.fresh(ctx, w, k.path); err != nil {
		return nil, err
	}
	return k, k.write()
}

// putAway says what of a recovery key goes where no network is, and how to tell that it is the
// right one when it is fetched.
func (k *keyFile) putAway(w *world, said keySaid, c signingCall) {
	fmt.Fprint(w.out, "\nThe office's recovery key. It alone replaces the office's keys when they are lost or stolen.\n")
	if k.path == "" {
		fmt.Fprint(w.out, "It is on no disk. Write these words on paper, in this order, and read them back:\n\n")
		for i, word := range seedWords(k.key) {
			fmt.Fprintf(w.out, "%4d %-10s", i+1, word)
			if i%5 == 4 {
				fmt.Fprintln(w.out)
			}
		}
		fmt.Fprintf(w.out, "\n\nTo use it one day: corridor sign --new-key FILE --from-words -\n")
	} else {
		fmt.Fprintf(w.out, "Move %s to a place where no network is, and its passphrase to another.\n", k.path)
	}
	fmt.Fprintln(w.out, "Beside it write its fingerprint in words, so that whoever fetches it can tell that it is this one:")
	said.print(w.out, "", c)
}

// seedWords spells a key's seed as 34 words: 32 bytes, and two of their SHA-256 by which a slip
// of the pen is noticed.
func seedWords(key ed25519.PrivateKey) []string {
	sum := sha256.Sum256(key.Seed())
	return verify.Words(append(key.Seed(), sum[:2]...))
}

// readWords reads a key's seed from its 34 words, with or without their numbers.
func (c signingCall) readWords(ctx context.Context, w *world) (ed25519.PrivateKey, error) {
	text, err := c.wordsText(ctx, w)
	if err != nil {
		return nil, err
	}
	var list []string
	for _, f := range strings.Fields(strings.ToLower(text)) {
		if strings.Trim(f, "0123456789.") != "" {
			list = append(list, f)
		}
	}
	if len(list) != ed25519.SeedSize+2 {
		return nil, fmt.Errorf("a key is written in %d words, and these are %d", ed25519.SeedSize+2, len(list))
	}
	b, err := verify.Unwords(list)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(b[:ed25519.SeedSize])
	if subtle.ConstantTimeCompare(b[ed25519.SeedSize:], sum[:2]) != 1 {
		return nil, errors.New("the words belong to the list and are not in the order in which they were given; compare them with the paper")
	}
	return ed25519.NewKeyFromSeed(b[:ed25519.SeedSize]), nil
}

func (c signingCall) wordsText(ctx context.Context, w *world) (string, error) {
	if c.fromWords != "-" {
		b, err := readLimited(c.fromWords, maxKeyFile)
		return string(b), err
	}
	if w.hidden != nil {
		return w.askHidden(ctx, "the 34 words, in one line: ")
	}
	b, err := io.ReadAll(io.LimitReader(w.in, maxKeyFile))
	return string(b), err
}

// encryptKey puts a key that lies open under a passphrase.
func encryptKey(ctx context.Context, w *world, c signingCall) (int, error) {
	quiet := *w
	quiet.err = io.Discard // that the key lies open is why this is asked for
	k, err := readKeyFile(ctx, &quiet, c.encrypt, c.lock)
	if err != nil {
		return 3, err
	}
	if k.passphrase != "" {
		return 3, fmt.Errorf("%s is encrypted already", k.path)
	}
	passphrase, err := c.lock.fresh(ctx, w, k.path)
	if err != nil {
		return 3, err
	}
	if err := k.encryptInPlace(passphrase); err != nil {
		return 3, err
	}
	fmt.Fprintf(w.out, "%s is encrypted; what the disk held before may be found on it for long, so if that matters replace the key\n", k.path)
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
func (c signingCall) newOrOld(ctx context.Context, w *world, p place) (k *keyFile, err error) {
	if c.prove != "" {
		if k, err = readKeyFile(ctx, w, c.prove, c.lock); err == nil {
			err = k.fits(p)
		}
		return k, err
	}
	if exists(c.newKey) {
		return nil, fmt.Errorf("%s exists; a key is never written over", c.newKey)
	}
	k = &keyFile{path: c.newKey, exercise: p.exercise}
	switch {
	case c.as != "":
		k.key, err = c.demoKey(ctx)
	case c.fromWords != "":
		k.key, err = c.readWords(ctx, w)
	default:
		_, k.key, err = ed25519.GenerateKey(rand.Reader)
	}
	if err == nil && c.as == "" {
		k.passphrase, err = c.lock.fresh(ctx, w, k.path)
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
