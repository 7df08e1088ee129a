package attack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/server"
	"corridor.example/corridor/internal/session"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/internal/witness"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

// A site is a server that the operator runs, with its store and the keys of log and node.
type site struct {
	w      *world
	store  store.Store
	side   store.Side
	node   *node.Node
	server *server.Server
	door   *session.Door

	without string // name of the witness that is not asked
	idle    bool   // it makes no checkpoint live and asks nobody to cosign
}

// serve runs a node and a server over stores.
func (w *world) serve(st store.Store, side store.Side, change func(*node.Config)) *site {
	w.t.Helper()
	s := &site{w: w, store: st, side: side}
	s.node = must(s.open(change))(w.t)
	w.t.Cleanup(s.node.Close)
	s.door = must(session.Open(w.t.Context(), session.Config{Store: w.doors, Now: w.clock, Log: quiet}))(w.t)
	s.server = server.New(server.Config{Now: w.clock, Log: quiet, Door: s.door, Nonce: w.random})
	s.server.Serve(s.node)
	w.all = append(w.all, s)
	return s
}

// open opens the node, which asks the parties' witnesses over HTTP.
func (s *site) open(change func(*node.Config)) (*node.Node, error) {
	cfg := node.Config{Store: s.store, Side: s.side, LogKey: key("log"), NodeKey: key("node"), Gather: -1, Now: s.w.clock, Log: quiet}
	for _, p := range []*party{s.w.red, s.w.blue} {
		cfg.Witnesses = append(cfg.Witnesses, asks{must(witness.NewClient(p.name, p.http.URL))(s.w.t), s})
	}
	if change != nil {
		change(&cfg)
	}
	return node.Open(s.w.t.Context(), cfg)
}

// asks is a witness that the operator may leave out.
type asks struct {
	node.Witness
	s *site
}

var errLeftOut = errors.New("the operator does not ask it")

// Cosign implements node.Witness.
func (a asks) Cosign(ctx context.Context, signed []byte, prove node.Prover) ([]byte, error) {
	if a.s.without == a.Name() {
		return nil, errLeftOut
	}
	return a.Witness.Cosign(ctx, signed, prove)
}

// restart ends a server and starts it again over the same stores.
func (s *site) restart() *site {
	s.w.t.Helper()
	s.node.Close()
	again := s.w.serve(s.store, s.side, nil)
	for i, x := range s.w.all {
		if x == s {
			s.w.all = append(s.w.all[:i], s.w.all[i+1:]...)
			break
		}
	}
	if s.w.site == s {
		s.w.site = again
	}
	return again
}

// invite returns the token of a party's program.
func (s *site) invite(actor string) string {
	s.w.t.Helper()
	g := session.Grant{Actor: corridor.ActorID(actor), Level: corridor.Parties, Program: true}
	code, _, err := s.door.Invite(s.w.t.Context(), g, "office", 0)
	if err != nil {
		s.w.t.Fatal(err)
	}
	token, _, err := s.door.Join(s.w.t.Context(), code, session.Knock{Web: "http://mission.test", From: "192.0.2.0/24", Host: "mission.test"})
	if err != nil {
		s.w.t.Fatal(err)
	}
	return token
}

// A line is an entry of a log as an operator writes it: any leaf, and any record under it.
type line struct {
	leaf []byte
	rec  record.Record
}

// of is the entry that a record should have.
func of(r record.Record) line { return line{corridor.Leaf(r), r} }

// misfiled is the leaf of an incident that is counted as a movement.
func misfiled(r record.Record) []byte {
	return bytes.Replace(corridor.Leaf(r), []byte("\nincident\n"), []byte("\nmovement\n"), 1)
}

// history returns the entries of a server's log.
func (s *site) history() (list []line) {
	s.w.t.Helper()
	for i := range s.node.Size() {
		row := must(s.node.Row(s.w.t.Context(), i))(s.w.t)
		list = append(list, line{row.Leaf, must(s.node.Record(s.w.t.Context(), i))(s.w.t)})
	}
	return list
}

// retell runs a server over another history that breaks no rule: a node of its own, with the
// log's own key, that takes the records in again. It asks nobody to cosign.
func (w *world) retell(list []line) *site {
	w.t.Helper()
	s := w.serve(&store.Memory{}, &store.MemorySide{}, func(cfg *node.Config) { cfg.Witnesses = nil })
	for _, l := range list {
		s.log(l.rec)
	}
	return s
}

// log has a server take in a record that the operator hands to it alone.
func (s *site) log(r record.Record) {
	s.w.t.Helper()
	must(s.node.Submit(s.w.t.Context(), r))(s.w.t)
}

// rewrite runs a server over another history, signed with the log's own key, whatever the rules
// say of it.
func (w *world) rewrite(list []line) *site {
	w.t.Helper()
	st := &store.Memory{}
	w.fill(st, list)
	return w.serve(st, &store.MemorySide{}, func(cfg *node.Config) { cfg.Copy, cfg.Witnesses = true, nil })
}

// fill writes a history into an empty store, signed with the log's key.
func (w *world) fill(st store.Store, list []line) {
	w.t.Helper()
	var tree ledger.Tree
	var rows []store.Row
	for _, l := range list {
		tree.Append(l.leaf)
		row := store.Row{Hash: l.rec.Hash, Leaf: l.leaf, Envelope: l.rec.Envelope(), Hashes: tree.AppendRow(nil, tree.Size()-1)}
		for _, p := range l.rec.Parts {
			row.Parts = append(row.Parts, p.Bytes)
		}
		rows = append(rows, row)
	}
	if err := st.Append(w.t.Context(), 0, rows, nil, w.checkpoint(&tree)); err != nil {
		w.t.Fatal(err)
	}
}

// checkpoint signs a tree with the log's key.
func (w *world) checkpoint(tree *ledger.Tree) []byte {
	w.t.Helper()
	root := must(tree.Root(tree.Size()))(w.t)
	signer := must(ledger.NewSigner(w.card.Origin(), key("log")))(w.t)
	return must(ledger.SignCheckpoint(ledger.Checkpoint{Origin: w.card.Origin(), Size: tree.Size(), Root: root}, signer))(w.t)
}

// tells has the live view answered out of any list, such as one that no server would run over.
func (w *world) tells(list []line) {
	w.t.Helper()
	w.hides(list, func(int, string) bool { return false })
}

// hides has the live view answered out of a list, without the records of some entries. The operator
// has the node's key too, and leaves the traces of what it hands over.
func (w *world) hides(list []line, hidden func(i int, who string) bool) {
	w.t.Helper()
	told := map[string]int{}
	for _, who := range []string{"red", "blue"} {
		told[who] = len(list)
		list = append(list, of(w.opened(list, who)))
	}
	tree := new(ledger.Tree)
	for _, l := range list {
		tree.Append(l.leaf)
	}
	signed := w.checkpoint(tree)
	w.lie = func(rw http.ResponseWriter, r *http.Request, who string) bool {
		switch r.URL.Path {
		case "/live/checkpoint":
			_, _ = rw.Write(signed)
		case "/live/entries":
			var from, to int
			if _, err := fmt.Sscanf(r.URL.RawQuery, "from=%d&to=%d", &from, &to); err != nil {
				return false
			}
			i := told[who]
			hashes, err := tree.Inclusion(int64(i), tree.Size())
			if err != nil {
				return false
			}
			proof := ledger.Proof{Index: int64(i), Hashes: hashes, Checkpoint: signed}
			_ = json.NewEncoder(rw).Encode(map[string]any{"disclosures": []any{map[string]any{"record": json.RawMessage(list[i].rec.Line()), "proof": string(proof.Text())}}})
			for i := from; i < min(to, len(list)); i++ {
				e := verify.Entry{Index: int64(i), Leaf: list[i].leaf}
				if !hidden(i, who) {
					e.Line = list[i].rec.Line()
				}
				_ = verify.WriteEntry(rw, e)
			}
		default:
			return false
		}
		return true
	}
}

// opened signs, as the server does, that somebody was handed the whole of a list.
func (w *world) opened(list []line, who string) record.Record {
	w.t.Helper()
	w.seq["node"], w.last["node"] = 0, nil
	for _, l := range list {
		if l.rec.Header.By == "node" {
			w.seq["node"], w.last["node"] = l.rec.Header.Seq, &l.rec.Hash
		}
	}
	at := record.At(w.clock()).String()
	return w.sign("node", "disclosure", parts{"facts": {"when": []any{at, at}, "reads": []any{}, "exports": []any{
		map[string]any{"reader": who, "as": "live", "level": "parties", "from": 0, "to": len(list) + 2},
	}}})
}

// shows lets those named see another server than everybody else.
func (w *world) shows(s *site, who ...string) {
	for _, name := range who {
		w.other[name] = s
	}
}

// swallow answers what is handed in with "later", for ever.
func swallow(rw http.ResponseWriter, r *http.Request, _ string) bool {
	if r.Method != http.MethodPost || r.URL.Path != "/api/v1/records" {
		return false
	}
	rw.WriteHeader(http.StatusAccepted)
	return true
}
