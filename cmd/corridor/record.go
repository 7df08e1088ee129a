package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/sheet"
	"corridor.example/corridor/record"
)

const recordUsage = `
corridor record FILE --key KEY (--dir DIR | --to URL) [--receipt FILE] [--json]
corridor record FILE --key KEY --card CARD --out FILE
corridor record --submit FILE (--dir DIR | --to URL) [--receipt FILE] [--json]

Signs an account written in YAML or JSON and submits it, or writes the signed record to a
file that anybody can carry and submit.

  FILE            kind, by, re, at, and the parts by name (doc/records.md); re is a record
                  hash, or the word mandate
  --key KEY       the key file; what it signed before is kept beside it in KEY.chain, and
                  what was signed and not logged yet in KEY.HASH.unsent
  --dir DIR       the mission on this machine, whether or not a server runs it
  --to URL        a mission server
  --card CARD     the mission card: receipts are checked against it; with --out, all that is
                  needed to sign with no network
  --out FILE      write the signed record there instead of submitting it
  --submit FILE   submit records that were signed before, one on a line; no key needed
  --receipt FILE  keep the receipt of the record; corridor verify checks it
  --json          print the answers as JSON, one on a line
  --passphrase-file FILE   the key's passphrase, where nobody can be asked on a terminal
  --qr            with --out: show a small record as a QR code too

Exit status: 0 logged; 1 refused; 2 to be sent again later, as the sentence says; 3 nothing
was acknowledged. What is not in the log yet is never thrown away.
` + carryUsage

const signUsage = `
corridor sign FILE --key KEY (--dir DIR | --to URL | --card CARD --out FILE)

Signs an act of an office: a consent, an objection, a reply. The same as corridor record,
and it shows exactly what is signed before it goes anywhere; on a terminal it asks first.

corridor sign --draft FILE --card CARD --out DRAFT [--dir DIR | --to URL]
corridor sign DRAFT --key KEY --card CARD --out SIGNED [--qr]
corridor sign --submit SIGNED (--dir DIR | --to URL)

Drafts on one machine, signs on another that has no network, submits from anywhere. DRAFT is
a text for a stick or for paper: the exact bytes that will be signed, under them what they
read, the record that they answer where --dir or --to has it, the newest checkpoint there,
and at its foot ten words to compare by voice. A draft that reads otherwise than it signs is
refused. --qr shows a small signed record as a QR code, for a telephone to carry.

corridor sign --new-key KEY [--recovery [--words]] [--card CARD | --dir DIR | --origin ORIGIN]
corridor sign --prove KEY (--card CARD | --dir DIR | --origin ORIGIN)

Makes a key, and prints its fingerprint and the proof that you hold it, for the mandate, a
nomination or a key record. A proof is made for one mission, so it needs its card, or its
origin if it has no mandate yet; --prove makes one for a key that exists.

The file is encrypted (age) under a passphrase that is asked for on the terminal.

  --recovery               make an office's recovery key too, in NAME-recovery.key: it alone
                           can replace the office's keys; put it away where no network is
  --words                  write the recovery key on no disk: print it as 34 words for paper
  --from-words FILE        make the key file from those words; - reads them from the terminal
  --passphrase-file FILE   the first line of FILE is the passphrase, for scripts
  --plain                  no passphrase: whoever reads this disk has the key

corridor sign --encrypt KEY

Puts a key that lies open under a passphrase.

corridor sign --new-key KEY --dir DIR --as NAME

In a demo only: writes down the key that NAME has there. It follows from the demo's seed, so
it is not encrypted.
`

func runRecord(ctx context.Context, w *world, args []string) (int, error) {
	return signing(ctx, w, "record", args)
}
func runSign(ctx context.Context, w *world, args []string) (int, error) {
	return signing(ctx, w, "sign", args)
}

// A signingCall is what both verbs are told.
type signingCall struct {
	verb                               string
	key, dir, to, card, out, submit    string
	newKey, prove, origin, as, receipt string
	encrypt, fromWords                 string
	json, recovery, words, draft, qr   bool
	carry                              bool
	lock                               lock
}

func signing(ctx context.Context, w *world, verb string, args []string) (int, error) {
	c := signingCall{verb: verb}
	f := flags(verb)
	f.StringVar(&c.key, "key", "", "")
	f.StringVar(&c.dir, "dir", "", "")
	f.StringVar(&c.to, "to", "", "")
	f.StringVar(&c.card, "card", "", "")
	f.StringVar(&c.out, "out", "", "")
	f.StringVar(&c.submit, "submit", "", "")
	f.StringVar(&c.receipt, "receipt", "", "")
	f.BoolVar(&c.json, "json", false, "")
	c.lock.flags(f, verb == "sign")
	f.BoolVar(&c.qr, "qr", false, "")
	if verb == "record" {
		f.BoolVar(&c.carry, "carry", false, "")
	}
	if verb == "sign" {
		f.BoolVar(&c.recovery, "recovery", false, "")
		f.BoolVar(&c.words, "words", false, "")
		f.BoolVar(&c.draft, "draft", false, "")
		f.StringVar(&c.fromWords, "from-words", "", "")
		f.StringVar(&c.encrypt, "encrypt", "", "")
		f.StringVar(&c.newKey, "new-key", "", "")
		f.StringVar(&c.prove, "prove", "", "")
		f.StringVar(&c.origin, "origin", "", "")
		f.StringVar(&c.as, "as", "", "")
	}
	files, err := parse(f, args, maxCarried)
	if err != nil {
		return 3, err
	}
	if err := c.check(len(files)); err != nil {
		return 3, err
	}
	if c.carry {
		return carry(ctx, w, c, files)
	}
	switch {
	case c.encrypt != "":
		return encryptKey(ctx, w, c)
	case c.newKey != "" || c.prove != "":
		return makeKey(ctx, w, c)
	case c.submit != "":
		return submitFile(ctx, w, c)
	case c.draft:
		return writeSheet(ctx, w, c, files[0])
	}
	return signAndSend(ctx, w, c, files[0])
}

// check refuses what does not go together, before anything is made or read.
func (c *signingCall) check(files int) error {
	if c.to != "" && !strings.HasPrefix(c.to, "http://") && !strings.HasPrefix(c.to, "https://") {
		return unusable(c.verb, "--to takes the address of a mission server, such as https://example.org, not %q", c.to)
	}
	c.to = strings.TrimRight(c.to, "/")
	switch {
	case !c.carry && files > 1:
		return unusable(c.verb, "one file at a time, and not %d; what phones hand over goes with --carry", files)
	case c.carry && (files == 0 || c.key != "" || c.submit != "" || c.out != "" || c.receipt != "" || (c.dir == "") == (c.to == "")):
		return unusable(c.verb, "say what to submit and where to: corridor record --carry FILE… --dir DIR, or --to URL")
	case c.carry:
		return nil
	case c.encrypt != "":
		if files > 0 || c.key != "" || c.newKey != "" || c.prove != "" || c.submit != "" || c.out != "" || c.lock.plain {
			return unusable(c.verb, "--encrypt does nothing else")
		}
		return nil
	case (c.recovery || c.words || c.fromWords != "" || c.lock.plain) && c.newKey == "":
		return unusable(c.verb, "--recovery, --words, --from-words and --plain go with --new-key")
	case c.words && !c.recovery:
		return unusable(c.verb, "--words writes a recovery key on paper: it goes with --recovery")
	case c.recovery && (c.as != "" || c.fromWords != ""):
		return unusable(c.verb, "--recovery makes two new keys: it goes with neither --as nor --from-words")
	case c.newKey != "" && c.prove != "":
		return unusable(c.verb, "--prove is for a key that exists, --new-key for one that does not")
	case c.newKey != "" || c.prove != "":
		if files > 0 || c.key != "" || c.submit != "" || c.out != "" || c.to != "" || c.receipt != "" {
			return unusable(c.verb, "--new-key and --prove sign nothing else")
		}
		if c.as != "" && c.prove != "" {
			return unusable(c.verb, "--as goes with --new-key")
		}
		return nil
	case c.as != "" || c.origin != "":
		return unusable(c.verb, "--as and --origin go with --new-key")
	case c.submit != "" && (files > 0 || c.key != "" || c.out != ""):
		return unusable(c.verb, "--submit sends what was signed before: it takes no other file, no --key and no --out")
	case c.draft && (files == 0 || c.key != "" || c.out == "" || c.submit != "" || c.receipt != "" || c.card == "" && c.dir == ""):
		return unusable(c.verb, "a draft to be carried is made with no key: corridor sign --draft FILE --card CARD --out DRAFT, and --dir DIR or --to URL so that it carries what it answers")
	case c.qr && (c.out == "" || c.draft):
		return unusable(c.verb, "--qr shows a signed record that goes to a file: it goes with --key and --out")
	case c.draft:
		if c.dir != "" && c.to != "" {
			return unusable(c.verb, "say one of --dir and --to")
		}
		return nil
	case c.submit == "" && (files == 0 || c.key == ""):
		return unusable(c.verb, "say what to sign and with which key: corridor %s FILE --key KEY --dir DIR", c.verb)
	case c.out != "" && c.receipt != "":
		return unusable(c.verb, "what is written to a file has no receipt yet: --receipt goes with submitting")
	case c.dir != "" && c.to != "":
		return unusable(c.verb, "say one of --dir and --to")
	case c.dir == "" && c.to == "" && (c.card == "" || c.out == ""):
		return unusable(c.verb, "say where to: --dir DIR, --to URL, or --card CARD with --out FILE")
	}
	return nil
}

func signAndSend(ctx context.Context, w *world, c signingCall, file string) (int, error) {
	u, err := readUnsigned(file)
	if err != nil {
		return 3, err
	}
	k, err := readKeyFile(ctx, w, c.key, c.lock)
	if err != nil {
		return 3, err
	}
	p, err := c.place(ctx, k)
	if err != nil {
		return 3, err
	}
	ready, err := u.signable(p)
	if isRefusal(err) {
		return outcome{}.not(err).say(w, c)
	}
	if err != nil {
		return 3, err
	}
	if err := k.hold(ctx); err != nil {
		return 3, err
	}
	defer k.release()
	r, err := k.sign(ready, p)
	if err == nil {
		err = p.judge(r)
	}
	if isRefusal(err) { // the number is not used up
		return outcome{}.not(err).say(w, c)
	}
	var later *corridor.Later
	if err != nil && !errors.As(err, &later) {
		return 3, err
	}
	if c.verb == "sign" {
		if err := w.agree(r); err != nil {
			return 3, err
		}
		if !c.json && !w.asked {
			showSigned(w.out, r)
		}
	}
	if c.out == "" {
		return k.send(ctx, w, c, p, r)
	}
	if err := k.keep(p.mission, r, c.out); err != nil {
		return 3, err
	}
	if c.json {
		return 0, w.printJSON(map[string]any{"hash": r.Hash, "out": c.out})
	}
	fmt.Fprintf(w.out, "record %s is signed and in %s; submit it with corridor record --submit %s --to URL\n", r.Hash, c.out, c.out)
	if c.qr {
		if err := showQR(w.out, string(r.Line())); err != nil {
			return 3, fmt.Errorf("the record is in %s and is not shown as a QR code: %w", c.out, err)
		}
	}
	return 0, nil
}

// showSigned prints exactly what was signed: the bytes, and under each their reading.
func showSigned(w io.Writer, r record.Record) {
	show := func(text []byte) {
		fmt.Fprintf(w, "%s\n", onScreen(text))
		for _, l := range sheet.Read(text) {
			fmt.Fprintf(w, "  %s: %s\n", l.Name, l.Value)
		}
	}
	fmt.Fprintf(w, "signed header %s\n", r.Hash)
	show(r.Raw)
	for _, p := range r.Parts {
		fmt.Fprintf(w, "signed part %s\n", p.Name)
		show(p.Bytes)
	}
}

// keep writes a signed record to a file that is not there yet. The number is noted as used
// before the record can be read by anybody, so that no two records ever have it.
func (k *keyFile) keep(mission record.Hash, r record.Record, path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("the record cannot be kept: %w", err)
	}
	if err := errors.Join(k.extend(mission, r), k.release()); err != nil {
		return errors.Join(err, f.Close(), os.Remove(path))
	}
	_, err = f.Write(append(r.Line(), '\n'))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("record %d of this key is lost, and the log will show that it was not received: %w", r.Header.Seq, err)
	}
	return nil
}

// send submits a record that was signed just now. It is kept beside the key until the log has
// it or has refused it.
func (k *keyFile) send(ctx context.Context, w *world, c signingCall, p place, r record.Record) (int, error) {
	path := fmt.Sprintf("%s.%s.unsent", k.path, r.Hash.Short())
	if err := k.keep(p.mission, r, path); err != nil {
		return 3, err
	}
	status, err := submit(ctx, w, c, p, append(r.Line(), '\n'))
	if err == nil && status == 0 {
		return status, os.Remove(path)
	}
	kept := fmt.Sprintf("the signed record is kept in %s; send it again with corridor record --submit %s and the same --dir or --to", path, path)
	if err != nil {
		return status, fmt.Errorf("%w; %s", err, kept)
	}
	fmt.Fprintln(w.err, kept)
	return status, nil
}
