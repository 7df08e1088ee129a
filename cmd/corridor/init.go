package main

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

const initUsage = `
corridor init --dir DIR [--origin NAME] [--json]
corridor init --dir DIR --from mandate.yaml [--json]

Founds a mission in two steps. The first asks seven questions and writes DIR/mandate.yaml,
at most forty lines that a lawyer can read, with the name of the log in it. Each party's
office then makes its key with corridor sign --new-key FILE --origin NAME and tells you the
two lines to paste in. The second step, with --from, founds the mission and leaves in DIR:

  mission.db            the mission
  node.db               the log's key and the node's; back it up, it is never replaced
  office.key            the office's working key
  office-recovery.key   keep it elsewhere, offline: it alone replaces the office's keys
  mission.card          hand it to everybody, on paper or by voice

  --origin NAME   first part of the log's name; default corridor.invalid
  --json          print what was made as JSON; the questions go to standard error
`

func runInit(ctx context.Context, w *world, args []string) (int, error) {
	f := flags("init")
	dir := f.String("dir", "", "")
	from := f.String("from", "", "")
	origin := f.String("origin", "corridor.invalid", "")
	asJSON := f.Bool("json", false, "")
	if _, err := parse(f, args, 0); err != nil {
		return 3, err
	}
	if *dir == "" {
		return 3, unusable("init", "say where the mission is to live: corridor init --dir DIR")
	}
	if exists(filepath.Join(*dir, missionFile)) {
		return 3, fmt.Errorf("%s holds a mission already, and a mission is founded once; name another directory", *dir)
	}
	if *from == "" {
		return ask(w, *dir, *origin, *asJSON)
	}
	m, err := readMandate(*from)
	if err != nil {
		return 3, err
	}
	return found(ctx, w, *dir, m, *asJSON)
}

// A question has what is taken if nothing is answered, and what an answer must be.
type question struct {
	about, otherwise string
	check            func(answer string) error // nil: any text will do
}

// The seven questions.
var questions = []question{
	{"What is evacuated, in a few words?", "Evacuation", nil},
	{"In which time zone is the operation day?", "Asia/Damascus", func(a string) error { _, err := zoneData(a, "2026-01-01"); return err }},
	{"First day of the mandate?", "", func(a string) error { _, err := zoneData("Etc/UTC", a); return err }},
	{"The first side, under the name it chose?", "First side", nil},
	{"The second side, under the name it chose?", "Second side", nil},
	{"From where to where, as: gate to town?", "gate to town", func(a string) error { _, _, err := way(a); return err }},
	{"At what time of day does the daily report close?", "19:30", func(a string) error { _, err := mandateFile{Report: a}.cutOff(); return err }},
}

// way reads "Gate 9 to Tarn" as two names of places, gate-9 and tarn.
func way(answer string) (from, to string, err error) {
	names := strings.NewReplacer(" ", "-", "_", "-")
	from, to, ok := strings.Cut(strings.ToLower(answer), " to ")
	from, to = names.Replace(strings.TrimSpace(from)), names.Replace(strings.TrimSpace(to))
	if !ok || !record.Name(from) || !record.Name(to) || from == to {
		return "", "", fmt.Errorf("%q is not a way such as: gate to town, each place in Latin letters, digits and hyphens; labels in other scripts come later", answer)
	}
	return from, to, nil
}

// answer asks one question. A person who types is asked again if the answer cannot be used.
func (w *world) answer(out io.Writer, in *bufio.Reader, n int, q question) (string, error) {
	for {
		fmt.Fprintf(out, "%d. %s [%s] ", n, q.about, q.otherwise)
		line, err := in.ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", err
		}
		a := or(strings.TrimSpace(line), q.otherwise)
		if !w.asked || err != nil {
			fmt.Fprintln(out, a) // nobody's return key has ended the line
		}
		if q.check == nil {
			return a, nil
		}
		bad := q.check(a)
		if bad == nil || !w.asked || err != nil {
			return a, bad
		}
		fmt.Fprintf(out, "   %v\n", bad)
	}
}

func ask(w *world, dir, origin string, asJSON bool) (int, error) {
	path := filepath.Join(dir, "mandate.yaml")
	if exists(path) {
		return 3, fmt.Errorf("%s is there already; complete it, then corridor init --dir %s --from %s", path, dir, path)
	}
	out := w.out
	if asJSON {
		out = w.err
	}
	in := bufio.NewReader(io.LimitReader(w.in, 64<<10))
	answers := make([]string, len(questions))
	for i, q := range questions {
		if i == 2 {
			q.otherwise = time.Now().UTC().Format("2006-01-02")
		}
		var err error
		if answers[i], err = w.answer(out, in, i+1, q); err != nil {
			return 3, err // before anything is written
		}
	}
	id, err := newID()
	if err != nil {
		return 3, err
	}
	text, err := mandateText(id, origin, answers)
	if err != nil {
		return 3, err
	}
	if _, err := parseMandate("what was answered", []byte(text)); err != nil {
		return 3, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return 3, err
	}
	if err := writeNew(path, []byte(text)); err != nil {
		return 3, err
	}
	if asJSON {
		return 0, w.printJSON(map[string]string{"mandate": path, "origin": origin + "/" + id.String()})
	}
	fmt.Fprintf(w.out, "\n%s is written. Each party's office now makes its key:\n\n  corridor sign --new-key FILE --origin %s/%s\n\nPaste the key and proof it prints under its name (a party without a key can only be recorded), then:\n\n  corridor init --dir %s --from %s\n", path, origin, id, dir, path)
	return 0, nil
}

func mandateText(id record.ID, origin string, a []string) (string, error) {
	from, to, err := way(a[5])
	if err != nil {
		return "", err
	}
	q := func(s string) string { return fmt.Sprintf("%q", s) }
	return fmt.Sprintf(`# The mandate of a monitored evacuation. Nothing is founded before corridor init --from.
id: %s
name: %s
title: %s
zone: %s
from: %s
office: {label: Mission office}

# Both sides, in this order, under the names they chose. Paste what their offices' key prints.
parties:
  first:
    label: %s
    key:
    proof:
  second:
    label: %s
    key:
    proof:

# Places, with what they are for; call-signs begin with the leg's letter: A-01, B-01.
places: {%s: origin, %s: destination}
legs:
  A: %s to %s
  B: %s to %s

# An observer needs both sides' consent; no answer is no consent.
consent: {need: 2, of: [first, second], window: 24h, silence: refuses, lock: true}
report: %s       # the daily report's cut-off
release: 24h       # after a convoy has closed, to the public

# Keys of those who cosign the log, one of each side, and how many must; 0: the log's own word.
witnesses: []
quorum: 0
`, id, origin, q(a[0]), q(a[1]), q(a[2]), q(a[3]), q(a[4]), from, to, from, to, to, from, q(a[6])), nil
}

// found makes the keys and the founding record, and commits it as the log's first entry.
func found(ctx context.Context, w *world, dir string, m mandateFile, asJSON bool) (status int, err error) {
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
	facts, err := m.terms(origin, vkey, proof("working", office.key), proof("recovery", recovery.key), proof("node", nodeKey))
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
	if err := new(corridor.Mission).Judge(r); err != nil {
		return 3, err
	}
	card, err := settle(ctx, dir, r, office, recovery, logKey, nodeKey)
	if err != nil {
		return 3, err
	}
	path := filepath.Join(dir, cardFile)
	if asJSON {
		return 0, w.printJSON(map[string]any{
			"mission": r.Hash, "origin": origin, "card": path, "words": card.Words(), "office_key": office.path, "recovery_key": recovery.path, "without_key": m.keyless(),
		})
	}
	if without := m.keyless(); len(without) > 0 {
		fmt.Fprintf(w.out, "%s: no key yet, so their acts can only be recorded, on the office's word, until an amendment brings their keys\n", strings.Join(without, ", "))
	}
	fmt.Fprintf(w.out, "founded: mission %s\nthe card is %s; read its words aloud to those you hand it to:\n  %s\nmove %s to a place offline\nnow: corridor serve --dir %s\n",
		r.Hash, path, strings.Join(card.Words(), " "), recovery.path, dir)
	return 0, nil
}

// settle writes everything down, or nothing. The keys come first: a log whose key is lost has
// ended.
func settle(ctx context.Context, dir string, r record.Record, office, recovery *keyFile, logKey, nodeKey ed25519.PrivateKey) (card verify.Card, err error) {
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
	if err := errors.Join(d.side.PutSecret(ctx, logSecret, logKey.Seed()), d.side.PutSecret(ctx, nodeSecret, nodeKey.Seed())); err != nil {
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
