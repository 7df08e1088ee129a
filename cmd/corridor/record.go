package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/store/sqlite"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

const recordUsage = `
corridor record FILE --key KEY (--dir DIR | --to URL | --card CARD --out FILE)

Signs an account written in YAML or JSON and submits it, or writes the signed record to a
file that anybody can carry and submit.

  FILE            kind, by, re, at, and the parts by name (doc/records.md)
  --key KEY       the key file; what it signed before is kept beside it in KEY.chain
  --dir DIR       the mission on this machine
  --to URL        a mission server
  --card CARD     the mission card, for signing with no network
  --out FILE      write the signed record there instead of submitting it
  --submit FILE   submit records that were signed before, one on a line; no key needed
  --json          print the answer as JSON
`

const signUsage = `
corridor sign FILE --key KEY (--dir DIR | --to URL | --card CARD --out FILE)

Signs an act of an office: a consent, an objection, a reply. The same as corridor record,
and it prints what will be signed before signing it.

corridor sign --new-key KEY [--card CARD | --origin ORIGIN]
corridor sign --prove KEY (--card CARD | --origin ORIGIN)

Makes a key, and prints its fingerprint and the proof that you hold it, for the mandate, a
nomination or a key record. A proof is made for one mission, so it needs its card, or its
origin if it has no mandate yet; --prove makes one for a key that exists.
`

func runRecord(ctx context.Context, w *world, args []string) (int, error) {
	return signing(ctx, w, "record", args)
}
func runSign(ctx context.Context, w *world, args []string) (int, error) {
	return signing(ctx, w, "sign", args)
}

// A signingCall is what both verbs are told.
type signingCall struct {
	key, dir, to, card, out, submit, newKey, prove, origin string
	json                                                   bool
}

func signing(ctx context.Context, w *world, verb string, args []string) (int, error) {
	var c signingCall
	f := flags(verb)
	f.StringVar(&c.key, "key", "", "")
	f.StringVar(&c.dir, "dir", "", "")
	f.StringVar(&c.to, "to", "", "")
	f.StringVar(&c.card, "card", "", "")
	f.StringVar(&c.out, "out", "", "")
	f.StringVar(&c.submit, "submit", "", "")
	f.BoolVar(&c.json, "json", false, "")
	if verb == "sign" {
		f.StringVar(&c.newKey, "new-key", "", "")
		f.StringVar(&c.prove, "prove", "", "")
		f.StringVar(&c.origin, "origin", "", "")
	}
	files, err := parse(f, args)
	switch {
	case err != nil:
		return 3, err
	case c.newKey != "" || c.prove != "":
		return makeKey(w, c)
	case c.submit != "" && len(files) == 0:
		lines, err := readLimited(c.submit, 32<<20)
		if err != nil {
			return 3, err
		}
		return submit(ctx, w, c, lines)
	case len(files) != 1 || c.key == "":
		return 3, fmt.Errorf("say what to sign and with which key: corridor %s FILE --key KEY --dir DIR", verb)
	}
	d, at, err := readDraft(files[0])
	if err != nil {
		return 3, err
	}
	k, err := readKeyFile(c.key)
	if err != nil {
		return 3, err
	}
	p, known, err := c.place(ctx, k)
	if err != nil {
		return 3, err
	}
	r, err := k.sign(d, at, p, known)
	if err != nil {
		return 3, err
	}
	if verb == "sign" && !c.json {
		showSigned(w.out, r)
	}
	if c.out != "" {
		if err := os.WriteFile(c.out, append(r.Line(), '\n'), 0o600); err != nil {
			return 3, err
		}
		fmt.Fprintf(w.out, "record %s is signed and in %s; submit it with corridor record --submit %s --to URL\n", r.Hash, c.out, c.out)
		return 0, nil
	}
	return submit(ctx, w, c, r.Line())
}

// makeKey makes a key, or reads the one to be proved, and prints what others must know of it.
func makeKey(w *world, c signingCall) (int, error) {
	p := place{origin: c.origin}
	var mission *record.Hash
	if c.card != "" {
		card, err := readCard(c.card)
		if err != nil {
			return 3, err
		}
		p.origin, p.exercise, mission = card.Origin(), card.Exercise, &card.Mission
	}
	if c.prove != "" && p.origin == "" {
		return 3, errors.New("a key is proved for one mission: give its card, or its origin if it has no mandate yet")
	}
	k, err := newOrOld(c)
	if err != nil {
		return 3, err
	}
	proof := ""
	if p.origin != "" {
		proof = record.Prove(k.key, p.exercise, p.origin, mission)
	}
	if c.json {
		return 0, json.NewEncoder(w.out).Encode(map[string]string{"key": hexKey(k), "fingerprint": record.Fingerprint(k.public()).String(), "proof": proof})
	}
	if c.newKey != "" {
		fmt.Fprintf(w.out, "%s is your key: keep it, nobody can replace it for you\n", k.path)
	}
	fmt.Fprintf(w.out, "key:         %s\nfingerprint: %s\n", hexKey(k), record.Fingerprint(k.public()))
	if proof == "" {
		fmt.Fprintf(w.out, "proof:       made for one mission: corridor sign --prove %s --card CARD, or --origin ORIGIN before it has a mandate\n", k.path)
		return 0, nil
	}
	fmt.Fprintf(w.out, "proof:       %s\n", proof)
	return 0, nil
}

func newOrOld(c signingCall) (*keyFile, error) {
	if c.prove != "" {
		return readKeyFile(c.prove)
	}
	return newKeyFile(c.newKey)
}

// showSigned prints exactly what was signed.
func showSigned(w io.Writer, r record.Record) {
	fmt.Fprintf(w, "signed header %s\n%s\n", r.Hash, r.Raw)
	for _, p := range r.Parts {
		fmt.Fprintf(w, "signed part %s\n%s\n", p.Name, p.Bytes)
	}
}

// place finds out which mission is signed for, and what the key is known to have signed.
func (c *signingCall) place(ctx context.Context, k *keyFile) (place, chain, error) {
	if c.dir != "" && c.to == "" {
		if addr := serverOf(c.dir); strings.Contains(addr, ":") {
			c.to = "http://" + shown(addr)
		}
	}
	switch {
	case c.to != "":
		p, err := fetchPlace(ctx, c.to)
		return p, chain{}, err
	case c.dir != "":
		return readPlace(ctx, c.dir, k)
	case c.card != "" && c.out != "":
		card, err := readCard(c.card)
		if err != nil {
			return place{}, chain{}, err
		}
		return place{mission: card.Mission, exercise: card.Exercise, origin: card.Origin()}, chain{}, nil
	}
	return place{}, chain{}, errors.New("say where to: --dir DIR, --to URL, or --card CARD with --out FILE")
}

func readCard(path string) (verify.Card, error) {
	b, err := readLimited(path, 64<<10)
	if err != nil {
		return verify.Card{}, err
	}
	return verify.ParseCard(b)
}

// readPlace folds the mission of a directory that nobody runs.
func readPlace(ctx context.Context, dir string, k *keyFile) (p place, c chain, err error) {
	st, err := sqlite.OpenReadOnly(filepath.Join(dir, missionFile))
	if err != nil {
		return p, c, err
	}
	defer st.Close()
	m, head, err := node.Read(ctx, st)
	if err != nil {
		return p, c, err
	}
	v := m.Now()
	p = place{mission: m.Founder(), exercise: m.Exercise(), origin: v.Terms().Origin}
	if newest := head.Cosigned; newest != nil {
		s := string(newest)
		p.seen = &s
	}
	if seq, last, ok := v.Chain(record.Fingerprint(k.public())); ok {
		c = chain{seq, &last}
	}
	return p, c, nil
}

var client = &http.Client{Timeout: time.Minute}

func fetchPlace(ctx context.Context, url string) (p place, err error) {
	var m struct {
		Mission, Origin string
		Exercise        bool
	}
	if err := getJSON(ctx, url+"/api/v1/mission", &m); err != nil {
		return p, err
	}
	if p.mission, err = record.ParseHash(m.Mission); err != nil {
		return p, fmt.Errorf("%s names no mission: %w", url, err)
	}
	p.exercise, p.origin = m.Exercise, m.Origin
	if b, err := get(ctx, url+"/checkpoint", 64<<10); err == nil {
		s := string(b)
		p.seen = &s
	}
	return p, nil
}

func getJSON(ctx context.Context, url string, v any) error {
	b, err := get(ctx, url, 1<<20)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, v)
}

func get(ctx context.Context, url string, limit int64) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answered %s", url, resp.Status)
	}
	if int64(len(b)) > limit {
		return nil, fmt.Errorf("%s answered more than %d bytes", url, limit)
	}
	return b, nil
}

// submit sends record lines and prints what became of each. The status is 0 if every one is
// in the log, 1 if one was refused, 2 if one must be sent again later.
func submit(ctx context.Context, w *world, c signingCall, lines []byte) (int, error) {
	if c.dir != "" && c.to == "" {
		if addr := serverOf(c.dir); strings.Contains(addr, ":") {
			c.to = "http://" + shown(addr)
		}
	}
	if c.to != "" {
		return submitTo(ctx, w, c, lines)
	}
	if c.dir == "" {
		return 3, errors.New("say where to: --dir DIR or --to URL")
	}
	d, err := openDir(c.dir)
	if err != nil {
		return 3, err
	}
	defer d.close()
	key, err := d.logKey(ctx)
	if err != nil {
		return 3, err
	}
	n, err := node.Open(ctx, node.Config{Store: d.store, Side: d.side, LogKey: key})
	if err != nil {
		return 3, err
	}
	defer n.Close()
	status := 0
	for i, line := range bytes.Split(bytes.TrimSuffix(lines, []byte("\n")), []byte("\n")) {
		r, err := record.Parse(line)
		if err == nil {
			var rec node.Receipt
			if rec, err = n.Submit(ctx, r); err == nil {
				said(w, c, fmt.Sprintf("record %s is logged as entry %d", rec.Hash, rec.Index), map[string]any{"hash": rec.Hash, "index": rec.Index, "proof": string(rec.Proof)})
				continue
			}
		}
		s, err := sayNot(w, c, i, err)
		if err != nil {
			return 3, err
		}
		status = worse(status, s)
	}
	return status, nil
}

func worse(a, b int) int {
	if a == 1 || b == 1 {
		return 1
	}
	return max(a, b)
}

func said(w *world, c signingCall, sentence string, v any) {
	if c.json {
		_ = json.NewEncoder(w.out).Encode(v) // to a terminal or pipe that has gone
		return
	}
	fmt.Fprintln(w.out, sentence)
}

func sayNot(w *world, c signingCall, i int, err error) (int, error) {
	var refusal *corridor.Refusal
	var later *corridor.Later
	switch {
	case errors.As(err, &refusal):
		said(w, c, fmt.Sprintf("record %d is refused: %s (%s)", i+1, refusal.Reason, refusal.Rule), map[string]any{"refused": refusal.Rule, "reason": refusal.Reason})
		return 1, nil
	case errors.As(err, &later):
		said(w, c, fmt.Sprintf("record %d: later, because %s (%s)", i+1, later.Reason, later.Rule), map[string]any{"later": later.Rule, "reason": later.Reason})
		return 2, nil
	}
	return 3, err
}

func submitTo(ctx context.Context, w *world, c signingCall, lines []byte) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(c.to, "/")+"/api/v1/records", bytes.NewReader(lines))
	if err != nil {
		return 3, err
	}
	req.Header.Set("Content-Type", "application/x-ndjson")
	resp, err := client.Do(req)
	if err != nil {
		return 3, fmt.Errorf("nothing was acknowledged; keep the record and send it again: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return 3, fmt.Errorf("%s answered %s; keep the record and send it again", c.to, resp.Status)
	}
	status := 0
	dec := json.NewDecoder(io.LimitReader(resp.Body, 64<<20))
	for i := 0; ; i++ {
		var a struct {
			Status  int
			Receipt *struct {
				Hash, Proof string
				Index       int64
			}
			Rule, Reason string
		}
		if err := dec.Decode(&a); errors.Is(err, io.EOF) {
			return status, nil
		} else if err != nil {
			return 3, fmt.Errorf("%s answered what cannot be read: %w", c.to, err)
		}
		switch {
		case a.Receipt != nil:
			said(w, c, fmt.Sprintf("record %s is logged as entry %d", a.Receipt.Hash, a.Receipt.Index), a.Receipt)
			continue
		case a.Status == http.StatusUnprocessableEntity:
			err = corridor.Refuse(a.Rule, "%s", a.Reason)
		case a.Status == http.StatusAccepted:
			err = &corridor.Later{Rule: a.Rule, Reason: a.Reason}
		default:
			err = fmt.Errorf("record %d: %s answered %d", i+1, c.to, a.Status)
		}
		s, err := sayNot(w, c, i, err)
		if err != nil {
			return 3, err
		}
		status = worse(status, s)
	}
}
