package server

import (
	"bufio"
	"bytes"
	stdjson "encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

// The most that one request for live entries is answered with.
const (
	liveMost  = 1000
	liveBytes = 16 << 20
)

// liveRoutes are the live view: hashes on the tick, and entries as far as the reader may read
// them. It is for sessions and tokens alone.
func (s *Server) liveRoutes() {
	s.handle("GET /live/checkpoint", s.live(s.liveCheckpoint))
	s.handle("GET /live/tile/{path...}", s.live(s.liveTile))
	s.handle("GET /live/entries", s.live(s.liveEntries))
	s.handle("GET /live/opened", s.live(s.liveOpened))
	s.handle("POST /live/cosignature", s.live(s.liveCosignature))
}

// live keeps the public out.
func (s *Server) live(h handler) handler {
	return func(w http.ResponseWriter, r *http.Request, n *node.Node) error {
		if reader(r).Public() {
			w.Header().Set("WWW-Authenticate", "Bearer")
			return errNoSession
		}
		return h(w, r, n)
	}
}

func (s *Server) liveCheckpoint(w http.ResponseWriter, _ *http.Request, n *node.Node) error {
	_, signed := n.Live()
	if signed == nil {
		return errNotReleased
	}
	plain(w, string(signed))
	return nil
}

// liveTile answers a tile of hashes of the live tree. Leaves are rows of the disclosure table
// like any part, so there are no bundles of entries here.
func (s *Server) liveTile(w http.ResponseWriter, r *http.Request, n *node.Node) error {
	p, err := ledger.ParseTilePath("tile/" + r.PathValue("path"))
	size, _ := n.Live()
	if err != nil || p.Entries() || !p.Exists(size) {
		return errNotFound
	}
	b, err := n.Tile(r.Context(), p)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	_, err = w.Write(b)
	return ignoreGone(err)
}

// number reads a member of a query that counts something.
func number(r *http.Request, name string) (int64, error) {
	n, err := strconv.ParseInt(r.URL.Query().Get(name), 10, 64)
	if err != nil || n < 0 {
		return 0, badRequest(name + " is a number, not below zero")
	}
	return n, nil
}

// liveEntries answers entries of the live tree as they stand in a bundle, one on a line, with
// what the reader may read of each now. It may be fewer than were asked for, and at least one.
func (s *Server) liveEntries(w http.ResponseWriter, r *http.Request, n *node.Node) error {
	from, err := number(r, "from")
	if err != nil {
		return err
	}
	to, err := number(r, "to")
	if err != nil {
		return err
	}
	size, _ := n.Live()
	if to = min(to, size, from+liveMost); from >= to {
		return errNotFound
	}
	at := record.At(s.cfg.Now())
	list, err := masked(r.Context(), n, reader(r), from, to, size, at)
	if err != nil {
		return err
	}
	list = fitting(list)
	shown, err := s.stretch(r, n, corridor.AsLive, from, from+int64(len(list)), size, at)
	if err != nil {
		return err
	}
	traces, err := s.disclose(w, r, n, opening{stretch: shown})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	out := bufio.NewWriter(w)
	if traces != nil {
		_ = stdjson.NewEncoder(out).Encode(disclosedLine{traces}) // kept for Flush
	}
	for _, e := range list {
		if err := verify.WriteEntry(out, e); err != nil {
			s.cfg.Log.Error("live entries were cut short", "cause", err.Error())
			panic(http.ErrAbortHandler)
		}
	}
	return ignoreGone(out.Flush())
}

// A disclosedLine is the first line of an answer that opens restricted data.
type disclosedLine struct {
	Disclosures []disclosed `json:"disclosures"`
}

// fitting cuts a list of entries to what one answer carries, and at least one.
func fitting(list []verify.Entry) []verify.Entry {
	total := 0
	for i, e := range list {
		if total > liveBytes {
			return list[:i]
		}
		total += weight(e)
	}
	return list
}

// weight is about how many bytes an entry takes.
func weight(e verify.Entry) int {
	n := len(e.Leaf) + len(e.Envelope)
	for _, p := range e.Parts {
		n += len(p)
	}
	return n
}

// An openedHead is the first line of the answer about what has opened: what the reader asks
// with next time, and from where on now, if the answer is not whole.
type openedHead struct {
	Size        int64       `json:"size"`
	At          record.Time `json:"at"`
	More        *int64      `json:"more"`                  // index to go on from, with the same size and time; null: this was all
	Disclosures []disclosed `json:"disclosures,omitempty"` // the traces of what is restricted of it
}

// liveOpened answers which entries below a size may be read further now than they could by the
// live tree of that size at that time: one line each, its index and the entry as it stands in a
// bundle. A mirror that asks with what it was told the last time misses nothing that opened.
func (s *Server) liveOpened(w http.ResponseWriter, r *http.Request, n *node.Node) error {
	was, err := number(r, "size")
	if err != nil {
		return err
	}
	from := int64(0)
	if r.URL.Query().Has("from") {
		if from, err = number(r, "from"); err != nil {
			return err
		}
	}
	var then record.Time
	if err := then.UnmarshalText([]byte(r.URL.Query().Get("at"))); err != nil {
		return badRequest("at is the time of the last answer, such as 2016-12-18T21:00:00Z")
	}
	size, _ := n.Live()
	was = min(was, size)
	head := openedHead{Size: size, At: record.At(s.cfg.Now())}
	opened, err := s.opened(r, n, from, was, then, &head)
	if err != nil {
		return err
	}
	if k := len(opened); k > 0 {
		shown, err := s.stretch(r, n, corridor.AsLive, opened[0].Index, opened[k-1].Index+1, size, head.At)
		if err != nil {
			return err
		}
		told := map[int64]bool{}
		for _, e := range opened {
			told[e.Index] = true
		}
		for i := range shown.Opens {
			if !told[shown.From+int64(i)] {
				shown.Opens[i] = 0
			}
		}
		if head.Disclosures, err = s.disclose(w, r, n, opening{stretch: shown}); err != nil {
			return err
		}
	}
	first, err := stdjson.Marshal(head)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	out := bufio.NewWriter(w)
	_, _ = out.Write(append(first, '\n')) // kept for Flush
	for _, e := range opened {
		var line bytes.Buffer
		if err := verify.WriteEntry(&line, e); err != nil {
			return err
		}
		_, _ = fmt.Fprintf(out, "{\"index\":%d,\"entry\":%s}\n", e.Index, bytes.TrimSuffix(line.Bytes(), []byte("\n"))) // kept for Flush
	}
	return ignoreGone(out.Flush())
}

// opened returns the entries from an index on that have opened further, and notes in head where
// to go on if these are not all.
func (s *Server) opened(r *http.Request, n *node.Node, from, was int64, then record.Time, head *openedHead) (list []verify.Entry, err error) {
	who := reader(r)
	before, now := make([]mask, max(0, was-from)), make([]mask, max(0, was-from))
	if was > from {
		err = n.At(was, func(v corridor.View) {
			for i := range before {
				before[i] = maskOf(v, who, v.Entry(from+int64(i)).Hash, then)
			}
		})
		if err == nil {
			err = n.At(head.Size, func(v corridor.View) {
				for i := range now {
					now[i] = maskOf(v, who, v.Entry(from+int64(i)).Hash, head.At)
				}
			})
		}
	}
	total := 0
	for i := range before {
		if err != nil || before[i] == now[i] {
			continue
		}
		at := from + int64(i)
		if len(list) == liveMost || total > liveBytes {
			head.More = &at
			break
		}
		var e verify.Entry
		if _, e, err = stored(r.Context(), n, at); err == nil {
			e, err = now[i].over(e)
		}
		if err != nil {
			return nil, err
		}
		list = append(list, e)
		total += weight(e)
	}
	return list, err
}

// liveCosignature takes a live checkpoint that a witness of the mandate has cosigned, so that
// one that nobody can reach from outside can give its word too.
func (s *Server) liveCosignature(w http.ResponseWriter, r *http.Request, n *node.Node) error {
	signed, err := io.ReadAll(http.MaxBytesReader(w, r.Body, ledger.MaxCheckpoint))
	if err != nil {
		return err
	}
	if err := n.Keep(r.Context(), signed); err != nil {
		return corridor.Refuse("live.cosignature", "this is not a checkpoint of this log that a witness of the mandate cosigned: %v", err)
	}
	plain(w, "kept\n")
	return nil
}
