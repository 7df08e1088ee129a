package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/seal"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

const initUsage = `
corridor init --dir DIR [--origin NAME] [--json]
corridor init --dir DIR --from mandate.yaml [--passphrase-file FILE | --plain] [--json]
corridor init --dir DIR --succeeds COPY [--succeeds COPY]… --key KEY [--reason WHY] [--json]

Founds a mission in two steps. The first asks seven questions and writes DIR/mandate.yaml,
at most forty lines that a lawyer can read, with the name of the log in it. Each party's
office then makes its key with corridor sign --new-key FILE --origin NAME and tells you the
two lines to paste in. The second step, with --from, founds the mission and leaves in DIR:

  mission.db            the mission
  node.db               the log's key, the node's and the one that opens what phones seal;
                        back it up, it is never replaced
  office.key            the office's working key, encrypted under a passphrase
  office-recovery.key   likewise; keep it elsewhere, offline: it alone replaces the office's keys
  mission.card          hand it to everybody, on paper or by voice

The third form goes on with a mission whose log has ended, because its machine or its key is
lost, or because it was forked. It takes the log's entries from copies: a party's mirror, a
bundle, an old backup. The longest counts; what it lacks is taken from the others. The mission
stays as it is, with its mandate, keys and observers; the log's key is new, and so is the card.

  --succeeds COPY a directory, a bundle or an address; may be given several times
  --key KEY       the office's working key, with which the succession is signed
  --card CARD     the card of the log that ended; default the one that lies beside each copy
  --reason WHY    machine-lost (the default), key-lost, key-stolen, forked or other

  --origin NAME   first part of the log's name; default corridor.invalid
  --passphrase-file FILE   the passphrase of both keys, where nobody can be asked on a terminal
  --plain         leave both keys open to whoever reads this disk
  --json          print what was made as JSON; the questions go to standard error
`

func runInit(ctx context.Context, w *world, args []string) (int, error) {
	f := flags("init")
	dir := f.String("dir", "", "")
	from := f.String("from", "", "")
	origin := f.String("origin", "", "")
	var next succeedCall
	f.Var((*list)(&next.from), "succeeds", "")
	f.StringVar(&next.key, "key", "", "")
	f.StringVar(&next.card, "card", "", "")
	f.StringVar(&next.reason, "reason", reasonsToSucceed[0], "")
	asJSON := f.Bool("json", false, "")
	var l lock
	l.flags(f, true)
	if _, err := parse(f, args, 0); err != nil {
		return 3, err
	}
	if *dir == "" {
		return 3, unusable("init", "say where the mission is to live: corridor init --dir DIR")
	}
	if exists(filepath.Join(*dir, missionFile)) {
		return 3, fmt.Errorf("%s holds a mission already, and a mission is founded once; name another directory", *dir)
	}
	if len(next.from) > 0 {
		if *from != "" || !slices.Contains(reasonsToSucceed, next.reason) {
			return 3, unusable("init", "a mission that goes on has its mandate, so --from does not go with --succeeds; --reason is one of %s", strings.Join(reasonsToSucceed, ", "))
		}
		next.dir, next.name, next.lock, next.json = *dir, *origin, l, *asJSON
		return next.succeed(ctx, w)
	}
	if *from == "" {
		return ask(w, *dir, or(*origin, "corridor.invalid"), *asJSON)
	}
	m, err := readMandate(*from)
	if err != nil {
		return 3, err
	}
	return found(ctx, w, *dir, m, l, *asJSON)
}

// found makes the keys and the founding record, and commits it as the log's first entry.
func found(ctx context.Context, w *world, dir string, m mandateFile, l lock, asJSON bool) (status int, err error) {
	cosigners, err := m.cosigners()
	if err != nil {
		return 3, err
	}
	var id record.ID
	if m.ID == "" {
		if id, err = newID(); err != nil {
			return 3, err
		}
	} else if err := id.UnmarshalText([]byte(m.ID)); err != nil {
		return 3, fmt.Errorf("id: %w", err)
	}
	origin := or(m.Name, "corridor.invalid") + "/" + id.String()
	_, logKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return 3, err
	}
	_, nodeKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return 3, err
	}
	vkey, err := ledger.VerifierKey(origin, logKey.Public().(ed25519.PublicKey))
	if err != nil {
		return 3, err
	}
	office, recovery := &keyFile{path: filepath.Join(dir, "office.key")}, &keyFile{path: filepath.Join(dir, "office-recovery.key")}
	for _, k := range []*keyFile{office, recovery} {
		if _, k.key, err = ed25519.GenerateKey(rand.Reader); err != nil {
			return 3, err
		}
	}
	proof := func(use string, key ed25519.PrivateKey) map[string]any {
		k := &keyFile{key: key}
		return keyOf(use, hexKey(k), record.Prove(key, false, origin, nil))
	}
	sealing, sealed, err := seal.NewKey()
	if err != nil {
		return 3, err
	}
	facts, err := m.terms(origin, vkey, sealing, proof("working", office.key), proof("recovery", recovery.key), proof("node", nodeKey))
	if err != nil {
		return 3, err
	}
	draft := corridor.Draft{Kind: corridor.KindMandate, By: "office", Parts: map[string]map[string]any{
		"facts": facts, "narrative": {"lang": "en", "text": m.Title},
	}}
	parts, err := corridor.Compose(draft, id, mustID)
	if err != nil {
		return 3, err
	}
	r, err := record.Sign(office.key, false, record.Header{Kind: "mandate", ID: id, By: "office", Seq: 1, At: record.At(time.Now()), Nonce: mustID()}, parts)
	if err != nil {
		return 3, err
	}
	trial := new(corridor.Mission)
	if err := trial.Add(r); err != nil {
		return 3, err
	}
	terms := trial.Now().Terms()
	for _, k := range []*keyFile{office, recovery} {
		if k.passphrase, err = l.fresh(ctx, w, k.path); err != nil {
			return 3, err
		}
	}
	card, err := settle(ctx, dir, r, office, recovery, logKey, nodeKey, sealing, sealed)
	if err != nil {
		return 3, err
	}
	path := filepath.Join(dir, cardFile)
	if asJSON {
		return 0, w.printJSON(map[string]any{
			"mission": r.Hash, "origin": origin, "card": path, "words": card.Words(), "office_key": office.path, "recovery_key": recovery.path, "without_key": m.keyless(),
			"witnesses": cosigners, "quorum": m.Quorum, "unwitnessed": append([]string{}, terms.Unwitnessed()...),
		})
	}
	if without := m.keyless(); len(without) > 0 {
		fmt.Fprintf(w.out, "%s: no key yet, so their acts can only be recorded, on the office's word, until an amendment brings their keys\n", strings.Join(without, ", "))
	}
	if note := m.awaits(); note != "" {
		fmt.Fprintln(w.out, note)
	}
	if note := lacks(terms); note != "" && m.Quorum > 0 {
		fmt.Fprintln(w.out, note)
	}
	fmt.Fprintf(w.out, "founded: mission %s\nthe card is %s; read its words aloud to those you hand it to:\n  %s\nmove %s to a place offline\nnow: corridor serve --dir %s\n",
		r.Hash, path, strings.Join(card.Words(), " "), recovery.path, dir)
	return 0, nil
}

// settle writes everything down, or nothing. The keys come first: a log whose key is lost has
// ended.
func settle(ctx context.Context, dir string, r record.Record, office, recovery *keyFile, logKey, nodeKey ed25519.PrivateKey, sealing, sealed string) (card verify.Card, err error) {
	d, err := createDir(dir)
	if err != nil {
		return card, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.discard())
			return
		}
		err = d.close()
	}()
	for _, k := range []*keyFile{office, recovery} {
		if err := k.write(); err != nil {
			return card, err
		}
		d.made = append(d.made, k.path)
	}
	if err := errors.Join(d.side.PutSecret(ctx, logSecret, logKey.Seed()), d.side.PutSecret(ctx, nodeSecret, nodeKey.Seed()), d.side.PutSecret(ctx, sealingSecret(sealing), []byte(sealed))); err != nil {
		return card, err
	}
	n, err := node.Open(ctx, node.Config{Store: d.store, Side: d.side, LogKey: logKey})
	if err != nil {
		return card, err
	}
	defer n.Close()
	if _, err := n.Submit(ctx, r); err != nil {
		return card, err
	}
	d.made = append(d.made, office.path+".chain")
	if err := office.extend(r.Hash, r); err != nil {
		return card, err
	}
	card = verify.CardOf(r.Hash, false, n.Mission().Now().Terms())
	return card, os.WriteFile(filepath.Join(dir, cardFile), card.Text(), 0o644)
}
