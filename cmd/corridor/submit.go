package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// An outcome is what became of one submitted record, as it is printed.
type outcome struct {
	Hash   string `json:"hash,omitempty"` // of the record, if it could be read
	Index  *int64 `json:"index,omitempty"`
	Size   int64  `json:"size,omitempty"`  // of the tree the receipt leads to
	Proof  string `json:"proof,omitempty"` // the receipt (c2sp.org/tlog-proof)
	Status string `json:"status"`          // logged, known, refused or later
	Rule   string `json:"rule,omitempty"`
	Reason string `json:"reason,omitempty"`
	// Findings say in what a record that was logged now departs from the mandate.
	Findings []corridor.Finding `json:"findings,omitempty"`
}

// The words for an outcome's status.
const (
	wasLogged  = "logged"  // it is a new entry
	wasKnown   = "known"   // it was an entry already, and this is the receipt of the first
	wasRefused = "refused" // it never will be, as it stands
	wasLater   = "later"   // keep it, and send it again
)

func isRefusal(err error) bool {
	_, never := errors.AsType[*corridor.Refusal](err)
	return never
}

// not says why a record is not in the log, of an error that is an answer to its author.
func (o outcome) not(err error) outcome {
	o.Status = wasLater
	if isRefusal(err) {
		o.Status = wasRefused
	}
	o.Rule, o.Reason, _ = corridor.ReasonOf(err)
	return o
}

// say prints an outcome and returns the exit status that it stands for.
func (o outcome) say(w *world, c signingCall) (int, error) {
	status := map[string]int{wasRefused: 1, wasLater: 2}[o.Status]
	if c.json {
		return status, w.printJSON(o)
	}
	name := "the record"
	if o.Hash != "" {
		name = "record " + o.Hash
	}
	switch o.Status {
	case wasLogged:
		fmt.Fprintf(w.out, "%s is logged as entry %d\n", name, *o.Index)
		if len(o.Findings) > 0 {
			fmt.Fprintln(w.out, "but it departs from the mandate, so its account is listed and not summed, and an act has no effect:")
		}
		for _, f := range o.Findings {
			fmt.Fprintf(w.out, "  %s (%s)\n", f.Reason, f.Rule)
		}
	case wasKnown:
		fmt.Fprintf(w.out, "%s was logged before, as entry %d; this is the receipt of the first\n", name, *o.Index)
	case wasRefused:
		fmt.Fprintf(w.out, "%s is refused, and nothing was logged: %s (%s)\n", name, o.Reason, o.Rule)
	default:
		fmt.Fprintf(w.out, "%s cannot be logged yet, send it again later: %s (%s)\n", name, o.Reason, o.Rule)
	}
	return status, nil
}

func submitFile(ctx context.Context, w *world, c signingCall) (int, error) {
	lines, err := readLimited(c.submit, 32<<20)
	if err != nil {
		return 3, err
	}
	p, err := c.place(ctx, nil)
	if err != nil {
		return 3, err
	}
	return submit(ctx, w, c, p, lines)
}

// submit sends record lines and prints what became of each. The status is 0 if every one is
// in the log, 1 if one was refused, else 2 if one must be sent again later. The error says
// that something was not answered, or with a receipt that does not hold.
func submit(ctx context.Context, w *world, c signingCall, p place, lines []byte) (int, error) {
	var all []outcome
	var err error
	split := bytes.Split(bytes.TrimSuffix(lines, []byte("\n")), []byte("\n"))
	if c.to != "" {
		all, err = submitTo(ctx, c.to, len(split), lines)
	} else {
		all, err = submitHere(ctx, w, c.dir, split)
	}
	status := 0
	for i, o := range all {
		if i < len(split) {
			if bad := o.receipted(p, split[i]); bad != nil {
				return 3, errors.Join(err, fmt.Errorf("record %d: the receipt does not hold, so take it as not logged: %w", i+1, bad))
			}
		}
		s, e := o.say(w, c)
		err = errors.Join(err, e)
		if s == 1 || status == 0 {
			status = s
		}
	}
	if err != nil {
		return 3, err
	}
	if c.receipt != "" && all[0].Proof != "" {
		if len(all) > 1 {
			return 3, fmt.Errorf("--receipt keeps the receipt of one record, and these are %d; --json prints them all", len(all))
		}
		return status, writeNew(c.receipt, []byte(all[0].Proof))
	}
	return status, nil
}

// receipted checks the receipt of a record: it proves that the record's own leaf is in a tree
// that the log has signed.
func (o *outcome) receipted(p place, line []byte) error {
	if o.Proof == "" {
		return nil
	}
	r, err := record.Parse(line)
	if err != nil {
		return err // and yet it was answered with a receipt
	}
	o.Hash = r.Hash.String()
	proof, err := ledger.ParseProof([]byte(o.Proof))
	if err != nil {
		return err
	}
	log, err := ledger.NewVerifier(p.log)
	if err != nil {
		return err
	}
	if _, err = proof.CheckLog(corridor.Leaf(r), log); err != nil {
		return err
	}
	if o.Index == nil || proof.Index != *o.Index {
		return errors.New("it is of another entry than the answer names")
	}
	return nil
}

// submitHere takes records into the mission of a directory that nobody runs.
func submitHere(ctx context.Context, w *world, dir string, lines [][]byte) (all []outcome, err error) {
	d, err := openDir(ctx, dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	n, err := openNode(ctx, d, nodeCall{}, slog.New(slog.NewTextHandler(w.err, &slog.HandlerOptions{Level: slog.LevelWarn})), nil)
	if err != nil {
		return nil, err
	}
	defer n.Close()
	for i, line := range lines {
		o := outcome{Status: wasKnown}
		r, err := record.Parse(line)
		var got node.Receipt
		if err == nil {
			o.Hash = r.Hash.String()
			got, err = n.Submit(ctx, r)
		}
		if err != nil {
			if _, _, answered := corridor.ReasonOf(err); !answered {
				return all, fmt.Errorf("record %d: %w", i+1, err)
			}
			all = append(all, o.not(err))
			continue
		}
		o.Index, o.Size, o.Proof = &got.Index, got.Size, string(got.Proof)
		if got.New {
			o.Status = wasLogged
			n.View(func(v corridor.View) { o.Findings = v.Findings(got.Index) })
		}
		all = append(all, o)
	}
	return all, nil
}

// postTo hands something in at a server and returns its answers, to be read one by one until
// gone is called.
func postTo(ctx context.Context, by *http.Client, url, path, kind string, body []byte) (answers *json.Decoder, gone func(), err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+path, bytes.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	req.Header.Set("Accept", "application/json")
	resp, err := by.Do(req)
	if err != nil {
		return nil, nil, fmt.Errorf("nothing was acknowledged: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		defer resp.Body.Close()
		return nil, nil, asError(url, resp)
	}
	return json.NewDecoder(io.LimitReader(resp.Body, 64<<20)), func() { resp.Body.Close() }, nil
}

// submitTo sends records to a server and reads one answer for each.
func submitTo(ctx context.Context, url string, count int, lines []byte) (all []outcome, err error) {
	dec, gone, err := postTo(ctx, client, url, "/api/v1/records", "application/x-ndjson", lines)
	if err != nil {
		return nil, err
	}
	defer gone()
	for i := range count {
		var a answered
		if err := dec.Decode(&a); err != nil {
			return all, fmt.Errorf("%s: %d of %d records were not answered: %w", url, count-i, count, err)
		}
		o, err := a.outcome()
		if err != nil {
			return all, fmt.Errorf("record %d: %s answered %w", i+1, url, err)
		}
		all = append(all, o)
	}
	return all, nil
}

// answered is what a server says of one record.
type answered struct {
	Status       int
	Receipt      *outcome
	Rule, Reason string
}

// outcome says it in the words for a person.
func (a answered) outcome() (o outcome, err error) {
	switch {
	case a.Receipt != nil:
		o = *a.Receipt
		o.Status = map[int]string{http.StatusCreated: wasLogged}[a.Status]
		if o.Status == "" {
			o.Status = wasKnown
		}
	case a.Status == http.StatusUnprocessableEntity:
		o = outcome{Status: wasRefused, Rule: a.Rule, Reason: a.Reason}
	case a.Status == http.StatusAccepted:
		o = outcome{Status: wasLater, Rule: a.Rule, Reason: a.Reason}
	default:
		err = fmt.Errorf("%d: %s", a.Status, a.Reason)
	}
	return o, err
}

// writeNew writes a file where nothing is yet.
func writeNew(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Sync(), f.Close())
}
