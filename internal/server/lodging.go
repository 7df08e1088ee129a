package server

import (
	"bytes"
	"context"
	"encoding/hex"
	stdjson "encoding/json"
	"io"
	"net/http"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/record"
)

// LodgingHeader carries the note of the witness with whom a record was lodged, when that witness
// hands the record on.
const LodgingHeader = "Corridor-Lodging"

// answerLodging logs a refusal of a record that was lodged with a witness of the mandate and is
// refused here, or put off: neither logged nor refused in the log it would count as withheld, so
// that a sender over her quota could have the server look guilty. Only what somebody known has
// signed is answered so. What was put off is still logged when it comes again in time.
func (s *Server) answerLodging(r *http.Request, n *node.Node, rec record.Record, why error) {
	text := r.Header.Get(LodgingHeader)
	rule, _, ok := corridor.ReasonOf(why)
	if text == "" || !ok || n.Signed(rec) != nil {
		return
	}
	note, err := record.ParseLodging([]byte(text))
	if err != nil || note.Record != rec.Hash {
		return
	}
	known := false
	n.View(func(v corridor.View) {
		t := v.Terms()
		if t == nil || note.Mission != v.Founder() || note.Exercise() != v.Exercise() {
			return
		}
		policy, err := t.Policy()
		if err != nil {
			return // refused when the terms were logged
		}
		_, key, ok := policy.WitnessOf(note.Key)
		known = ok && note.Verify(key) == nil
	})
	if !known {
		return
	}
	if err := n.Refuse(r.Context(), rec.Hash, rule); err != nil && r.Context().Err() == nil {
		s.cfg.Log.Error("the refusal of a lodged record is not in the log", "cause", err.Error())
	}
}

// A Lodge takes records and receipts for safe-keeping.
type Lodge interface {
	// Lodge takes a record, one line, and returns the signed note that it was handed over.
	Lodge(ctx context.Context, line []byte) (note []byte, err error)
	// Submit takes a record as Lodge does, and hands it on to the mission's server at once. It
	// returns what became of it: a *corridor.Later until it is in the copy, or a refusal.
	Submit(ctx context.Context, line []byte) error
	// LodgeReceipt takes a receipt with its leaf, to be held against the copy.
	LodgeReceipt(ctx context.Context, text []byte) error
	// Lodgings returns what was lodged and what became of it.
	Lodgings(ctx context.Context) ([]store.Lodged, error)
}

// hand takes a record where a party's witness runs the server over its copy: what is in the copy
// has a receipt, and the rest is kept and goes on to the mission's server.
func (s *Server) hand(ctx context.Context, n *node.Node, rec record.Record) outcome {
	receipt, ok, err := n.Receipt(rec.Hash)
	if !ok && err == nil {
		err = s.cfg.Lodge.Submit(ctx, rec.Line())
	}
	return outcome{receipt: receipt, err: err}
}

// lodgeRoutes are there where a party's witness runs the server. Lodging asks for no session:
// a record is signed by a key that the log knows.
func (s *Server) lodgeRoutes() {
	if s.cfg.Lodge == nil {
		return
	}
	s.handle("POST /lodge", s.postLodge)
	s.handle("POST /lodge/receipt", s.postLodgeReceipt)
	s.handle("GET /lodged", s.live(s.getLodged))
}

func (s *Server) postLodge(w http.ResponseWriter, r *http.Request, _ *node.Node) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, record.MaxLine+1))
	if err != nil {
		return err
	}
	note, err := s.cfg.Lodge.Lodge(r.Context(), bytes.TrimSuffix(body, []byte("\n")))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusCreated)
	_, err = w.Write(append(note, '\n'))
	return ignoreGone(err)
}

func (s *Server) postLodgeReceipt(w http.ResponseWriter, r *http.Request, _ *node.Node) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 256<<10))
	if err != nil {
		return err
	}
	if err := s.cfg.Lodge.LodgeReceipt(r.Context(), bytes.TrimSuffix(body, []byte("\n"))); err != nil {
		return err
	}
	plain(w, "kept\n")
	return nil
}

// lodgedLine is one line of what was lodged.
type lodgedLine struct {
	Record string      `json:"record"` // record hash; of a receipt the SHA-256 of its text
	At     record.Time `json:"at"`
	Note   string      `json:"note"`
	How    string      `json:"how"` // logged, refused, held, accused; "" while it is open
}

func (s *Server) getLodged(w http.ResponseWriter, r *http.Request, _ *node.Node) error {
	list, err := s.cfg.Lodge.Lodgings(r.Context())
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	enc := stdjson.NewEncoder(w)
	for _, l := range list {
		if err := enc.Encode(lodgedLine{hex.EncodeToString(l.Hash[:]), record.Time(l.At), string(l.Note), l.How}); err != nil {
			return nil // the reader has gone
		}
	}
	return nil
}
