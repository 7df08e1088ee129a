package server

import (
	"bytes"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

// Limits of one submission.
const (
	maxBatch      = 1000
	maxBatchBytes = 32 << 20
)

func itoa(n int) string { return strconv.Itoa(n) }

// receipt is what a sender gets for a record that is in the log.
type receipt struct {
	Hash  string `json:"hash"`
	Index int64  `json:"index"`
	Size  int64  `json:"size"`
	Proof string `json:"proof"` // c2sp.org/tlog-proof
	// Findings say in what a new record departs from the mandate, so that its author hears of it
	// while something can still be done. A repeat has none: anybody can repeat what is public.
	Findings []corridor.Finding `json:"findings,omitempty"`
}

func newReceipt(r node.Receipt) receipt {
	return receipt{Hash: r.Hash.String(), Index: r.Index, Size: r.Size, Proof: string(r.Proof)}
}

// result is one line of the answer to a batch. Status is what the record alone would have got.
type result struct {
	Status  int      `json:"status"`
	Receipt *receipt `json:"receipt,omitempty"`
	Rule    string   `json:"rule,omitempty"`
	Reason  string   `json:"reason,omitempty"`
	Retry   int      `json:"retry_after,omitempty"`
}

// postRecords takes one record, or a batch of them with one on a line. One record is answered
// by its status: 201 new, 200 known already, 202 later, 422 refused. A batch is answered 200,
// with one line for each.
func (s *Server) postRecords(w http.ResponseWriter, r *http.Request, n *node.Node) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBatchBytes))
	if err != nil {
		return err
	}
	body = bytes.TrimSuffix(body, []byte("\n"))
	if count := bytes.Count(body, []byte("\n")) + 1; count > maxBatch {
		return &answer{status: http.StatusRequestEntityTooLarge, code: "refused", rule: "request.batch", reason: fmt.Sprintf("a batch has at most %d records; this one has %d", maxBatch, count)}
	}
	lines := bytes.Split(body, []byte("\n"))
	results, err := s.take(r, n, lines)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	if len(lines) > 1 || strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-ndjson") {
		w.Header().Set("Content-Type", "application/x-ndjson")
		enc := stdjson.NewEncoder(w)
		for _, res := range results {
			if err := enc.Encode(res.line()); err != nil {
				return nil // the reader has gone
			}
		}
		return nil
	}
	one := results[0]
	if one.err != nil {
		return one.err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Location", "/api/v1/records/"+one.receipt.Hash.String())
	w.WriteHeader(one.status())
	return ignoreGone(stdjson.NewEncoder(w).Encode(one.line().Receipt))
}

type outcome struct {
	receipt  node.Receipt
	findings []corridor.Finding
	err      error
}

func (o outcome) status() int {
	if o.err != nil {
		return explain(o.err).status
	}
	if o.receipt.New {
		return http.StatusCreated
	}
	return http.StatusOK
}

func (o outcome) line() result {
	if o.err != nil {
		a := explain(o.err)
		return result{Status: a.status, Rule: a.rule, Reason: a.reason, Retry: a.later}
	}
	rec := newReceipt(o.receipt)
	rec.Findings = o.findings
	return result{Status: o.status(), Receipt: &rec}
}

// take parses and submits lines; a line that cannot be read spoils no other.
func (s *Server) take(r *http.Request, n *node.Node, lines [][]byte) ([]outcome, error) {
	results := make([]outcome, len(lines))
	var recs []record.Record
	var at []int
	for i, line := range lines {
		rec, err := record.Parse(line)
		if err != nil {
			results[i].err = err
			continue
		}
		recs, at = append(recs, rec), append(at, i)
	}
	return results, s.submit(r, n, recs, at, results)
}

// submit hands records in and writes what becomes of each into its place of the results.
func (s *Server) submit(r *http.Request, n *node.Node, recs []record.Record, at []int, results []outcome) error {
	if s.cfg.Lodge != nil {
		for i, rec := range recs {
			results[at[i]] = s.hand(r.Context(), n, rec)
		}
		return nil
	}
	for i, a := range n.SubmitAll(r.Context(), recs) {
		o := &results[at[i]]
		*o = outcome{receipt: a.Receipt, err: a.Err}
		if a.Err == nil && !a.Receipt.New {
			if err := s.again(r, n, &o.receipt); err != nil {
				return err
			}
		}
		if a.Err != nil {
			s.answerLodging(r, n, recs[i], a.Err)
		}
		if a.Err != nil && explain(a.Err) == errFault && r.Context().Err() == nil {
			s.cfg.Log.Error("a record could not be logged", "cause", a.Err.Error())
		}
	}
	n.View(func(v corridor.View) {
		for i := range results {
			if o := &results[i]; o.err == nil && o.receipt.New {
				o.findings = v.Findings(o.receipt.Index)
			}
		}
	})
	return nil
}

// again turns the receipt of a record that was in the log already into one that leads to the
// public checkpoint, if that covers it: anybody can send again what is public, and must not
// learn from the answer how far the log has come since.
func (s *Server) again(r *http.Request, n *node.Node, rec *node.Receipt) error {
	size, signed, err := n.Released(r.Context(), s.cfg.Now())
	if err != nil || rec.Index >= size {
		return err
	}
	*rec, _, err = n.ReceiptAt(rec.Hash, signed)
	return err
}

// A named is the record that a request names, and the log as far as its reader sees it.
type named struct {
	hash   record.Hash
	index  int64
	size   int64  // how far the reader sees the log
	signed []byte // the checkpoint that this ends with
}

// found returns the record a request names, if the reader sees the log so far.
func (s *Server) found(r *http.Request, n *node.Node) (x named, err error) {
	if x.hash, err = record.ParseHash(r.PathValue("hash")); err != nil {
		return x, corridor.Refuse("request.hash", "a record is named by 64 lower-case hex digits")
	}
	ok := false
	n.View(func(v corridor.View) {
		var e corridor.Entry
		e, ok = v.Find(x.hash)
		x.index = e.Index
	})
	if !ok {
		return x, errNotFound
	}
	if x.size, x.signed, err = s.reach(r, n); err == nil && x.index >= x.size {
		err = errNotReleased
	}
	return x, err
}

// getRecord answers a record with the parts the reader may read, null where not, and its leaf;
// and with the trace of what of it is restricted.
func (s *Server) getRecord(w http.ResponseWriter, r *http.Request, n *node.Node) error {
	x, err := s.found(r, n)
	if err != nil {
		return err
	}
	at := record.At(s.cfg.Now())
	list, err := masked(r.Context(), n, reader(r), x.index, x.index+1, x.size, at)
	if err != nil {
		return err
	}
	shown, err := s.stretch(r, n, corridor.AsPages, x.index, x.index+1, x.size, at)
	if err != nil {
		return err
	}
	var o opening
	for _, set := range shown.Opens {
		if set, err = openedOf(list[0], set); err != nil {
			return err
		}
		o.open(x.hash, set)
	}
	var line bytes.Buffer
	if err := verify.WriteEntry(&line, list[0]); err != nil {
		return err
	}
	traces, err := s.disclose(w, r, n, o)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-cache")
	text := fmt.Sprintf("{\"index\":%d,%s", x.index, bytes.TrimPrefix(line.Bytes(), []byte("{")))
	if traces != nil {
		b, err := stdjson.Marshal(traces)
		if err != nil {
			return err
		}
		text = strings.TrimSuffix(text, "}\n") + `,"disclosures":` + string(b) + "}\n"
	}
	_, err = io.WriteString(w, text)
	return ignoreGone(err)
}

// getReceipt answers the receipt of a record against the checkpoint that the reader's view
// ends with, as a .tlog-proof file.
func (s *Server) getReceipt(w http.ResponseWriter, r *http.Request, n *node.Node) error {
	x, err := s.found(r, n)
	if err != nil {
		return err
	}
	rec, _, err := n.ReceiptAt(x.hash, x.signed)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Disposition", `attachment; filename="`+x.hash.Short()+`.tlog-proof"`)
	plain(w, string(rec.Proof))
	return nil
}

// mission is what a program needs to begin: the card, and how far the public view goes.
type mission struct {
	Mission  string `json:"mission"`
	Origin   string `json:"origin"`
	Exercise bool   `json:"exercise"`
	Key      string `json:"log_key"`
	Policy   string `json:"policy"`
	Card     string `json:"card"`
	Size     int64  `json:"released_size"`
}

func (s *Server) getMission(w http.ResponseWriter, r *http.Request, n *node.Node) error {
	size, _, err := n.Released(r.Context(), s.cfg.Now())
	if err != nil {
		return err
	}
	m := mission{Card: s.cfg.Card, Size: size}
	n.View(func(v corridor.View) {
		if t := v.Terms(); t != nil {
			m.Mission, m.Exercise = v.Founder().String(), v.Exercise()
			m.Origin, m.Key, m.Policy = t.Origin, t.LogKey, t.Witnesses
		}
	})
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-cache")
	return ignoreGone(stdjson.NewEncoder(w).Encode(m))
}

func (s *Server) getKey(w http.ResponseWriter, _ *http.Request, n *node.Node) error {
	plain(w, n.VerifierKey()+"\n")
	return nil
}

func (s *Server) getCard(w http.ResponseWriter, _ *http.Request, _ *node.Node) error {
	if s.cfg.Card == "" {
		return errNotFound
	}
	plain(w, s.cfg.Card)
	return nil
}

// getCheckpoint answers the newest released checkpoint (c2sp.org/tlog-tiles).
func (s *Server) getCheckpoint(w http.ResponseWriter, r *http.Request, n *node.Node) error {
	_, signed, err := n.Released(r.Context(), s.cfg.Now())
	if err != nil {
		return err
	}
	if signed == nil {
		return errNotReleased
	}
	plain(w, string(signed))
	return nil
}

// getTile answers a tile or a bundle of entries of the released tree (c2sp.org/tlog-tiles).
func (s *Server) getTile(w http.ResponseWriter, r *http.Request, n *node.Node) error {
	p, err := ledger.ParseTilePath("tile/" + r.PathValue("path"))
	if err != nil {
		return errNotFound
	}
	size, _, err := n.Released(r.Context(), s.cfg.Now())
	if err != nil {
		return err
	}
	if !p.Exists(size) {
		return errNotFound
	}
	b, err := n.Tile(r.Context(), p)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, err = w.Write(b)
	return ignoreGone(err)
}

func (s *Server) ready(w http.ResponseWriter, r *http.Request, n *node.Node) error {
	if n == nil {
		return &answer{status: http.StatusServiceUnavailable, code: "starting", reason: fmt.Sprintf("%d %% of the log is read", 100*s.done.Load()/max(1, s.total.Load())), later: 2}
	}
	if err := n.Failing(); errors.As(err, new(*node.Ahead)) {
		return &answer{status: http.StatusServiceUnavailable, code: "held", reason: "a witness shows another history under this log's key, so nothing is signed here; what was logged can be read", later: 60}
	} else if err != nil {
		s.cfg.Log.Error("not ready", "cause", err.Error())
		return &answer{status: http.StatusServiceUnavailable, code: "fault", reason: "the store cannot be written", later: 10}
	}
	plain(w, "ready\n") // how many records there are is for those who may know
	return nil
}

// ignoreGone drops the error of writing to a reader who has gone.
func ignoreGone(error) error { return nil }
