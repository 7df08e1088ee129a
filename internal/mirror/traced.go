package mirror

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// A trace is what the server hands over with restricted data: the record in which it says who
// opened it, and the proof that it is in the log.
type trace struct {
	Record json.RawMessage `json:"record"`
	Proof  string          `json:"proof"`
}

// An answer is what one request for live entries was answered with, until the copy has grown to
// it and its traces can be judged.
type answer struct {
	from    int64 // index of the first of entries
	entries []node.Served
	fills   map[int64]record.Record
	traces  []trace
}

// mostAnswers bounds the answers that wait to be judged.
const mostAnswers = 256

// took keeps an answer until judged.
func (m *Mirror) took(a answer) {
	if m.handed = append(m.handed, a); len(m.handed) > mostAnswers {
		m.handed = m.handed[1:]
	}
}

// traced judges the answers of this round: whatever the public may not read yet of what others
// submitted was handed over with a record in the log that says so. Only what is certain is
// asked for: that of entries beyond what the public sees by now, and of parts that the table
// never opens to it or that it certainly has not opened yet. An answer is not signed, so that a
// trace that is missing is a claim of this mirror; one that was promised under a checkpoint of
// another history is a proof.
func (m *Mirror) traced(ctx context.Context) {
	if len(m.handed) == 0 || m.node.Size() == 0 {
		return
	}
	released, err := m.releasedSize(ctx)
	if err != nil {
		m.cfg.Log.Warn("whether what was opened left its traces is not known yet", "cause", err.Error())
		return
	}
	answers := m.handed
	m.handed = nil
	for _, a := range answers {
		facts := m.promised(a.traces)
		what := ""
		m.node.View(func(v corridor.View) { what = m.untold(v, released, a, facts) })
		if what != "" {
			m.claim("untraced "+what, "the server handed over "+what+", which the public may not read, and no record in the log tells that it was opened")
		}
	}
}

// releasedSize is how far the public sees the log, 0 before anything is released.
func (m *Mirror) releasedSize(ctx context.Context) (int64, error) {
	signed, err := m.get(ctx, "/checkpoint", ledger.MaxCheckpoint, false)
	var said *answered
	if errors.As(err, &said) && said.status == 404 {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	c, err := ledger.OpenCheckpoint(signed, m.log)
	return c.Size, err
}

// promised returns what the traces of an answer tell, of those that hold: signed by the server's
// own key, and in the log by a checkpoint of it. The checkpoint is held against the copy, now
// or once that is as long.
func (m *Mirror) promised(traces []trace) (told []corridor.DisclosedFacts) {
	for _, t := range traces {
		f, checkpoint, err := m.tracedBy(t)
		if err != nil {
			m.claim("trace", "what the server hands over as the trace of a reading is none: "+err.Error())
			continue
		}
		told = append(told, f)
		if m.promises = append(m.promises, checkpoint); len(m.promises) > mostAnswers {
			m.promises = m.promises[1:]
		}
	}
	return told
}

func (m *Mirror) tracedBy(t trace) (f corridor.DisclosedFacts, checkpoint []byte, err error) {
	r, err := record.Parse(t.Record)
	if err != nil {
		return f, nil, err
	}
	proof, err := ledger.ParseProof([]byte(t.Proof))
	if err != nil {
		return f, nil, err
	}
	if _, err := proof.CheckLog(corridor.Leaf(r), m.log); err != nil {
		return f, nil, err
	}
	if err := m.node.Signed(r); err != nil {
		return f, nil, err
	}
	named, ok := record.Hash{}, false
	m.node.View(func(v corridor.View) { named, ok = v.Authority().NodeKey() })
	if !ok || r.Header.Key != named || corridor.Kind(r.Header.Kind) != corridor.KindDisclosure {
		return f, nil, errors.New("it is not a disclosure of the mission's own server")
	}
	return f, proof.Checkpoint, record.Decode(r.Part("facts"), &f)
}

// keepPromises holds the checkpoints under which traces were promised against the copy, as far
// as it has grown.
func (m *Mirror) keepPromises() {
	m.promises = slices.DeleteFunc(m.promises, func(signed []byte) bool {
		c, err := ledger.OpenCheckpoint(signed, m.log)
		if err != nil || c.Size > m.node.Size() {
			return err != nil
		}
		_ = m.hold(signed, "the checkpoint under which a trace of reading was promised") // it raises the alarm itself
		return true
	})
}

// reader is for whom this mirror reads: the actor for whom the mandate says its witness stands,
// or "" if it does not say.
func (m *Mirror) reader(v corridor.View) corridor.ActorID {
	name, _, ok := m.policy.WitnessOf(record.Fingerprint(m.cfg.Key.Public().(ed25519Key)))
	if ok {
		for _, w := range v.Terms().WitnessOf {
			if w.Witness == name {
				return w.Actor
			}
		}
	}
	return ""
}

// untold names the first restricted part of an answer that no trace tells of, or "".
func (m *Mirror) untold(v corridor.View, released int64, a answer, told []corridor.DisclosedFacts) string {
	reader := m.reader(v)
	at := record.At(m.cfg.Now()) + slack
	released = min(released, v.Size())
	sight := v.Sight(reader, corridor.Strict, released, at) // whatever the public may not read
	known := wholeMoves(v)
	missing := func(i int64, r *record.Record) string {
		if r == nil || i >= v.Size() {
			return "" // whose record a bare leaf is of is not known here
		}
		if reader != "" && corridor.ActorID(r.Header.By) == reader {
			return "" // its own, also where the copy cannot use it
		}
		carried := corridor.PartsOf("leaf", "header")
		for _, p := range r.Parts {
			if p.Bytes != nil {
				carried |= corridor.PartsOf(p.Name)
			}
		}
		e := v.Entry(i)
		for _, part := range (sight.Opens(i) & carried).Names() {
			if reader == "" && e.By != "" && slices.ContainsFunc(told, func(f corridor.DisclosedFacts) bool { return tellsOf(f, e.By) }) {
				continue // what its own reader submitted
			}
			if i < released && !known && v.Terms().Level(e.Kind, part, corridor.PhaseAfter) == corridor.Public {
				continue // it may have opened by what is sealed here
			}
			if !slices.ContainsFunc(told, func(f corridor.DisclosedFacts) bool { return tells(f, reader, m.cfg.Level, i, e.Hash, part) }) {
				return fmt.Sprintf("the %s of entry %d", part, i)
			}
		}
		return ""
	}
	for k, s := range a.entries {
		if what := missing(a.from+int64(k), s.Record); what != "" {
			return what
		}
	}
	for i, r := range a.fills {
		if what := missing(i, &r); what != "" {
			return what
		}
	}
	return ""
}

// tells reports whether a trace tells of a part for a reader, or where that is not known for
// whoever it names.
func tells(f corridor.DisclosedFacts, reader corridor.ActorID, level corridor.Level, i int64, h record.Hash, part string) bool {
	if reader != "" {
		return f.Tells(reader, level, i, h, part)
	}
	for _, x := range f.Exports {
		if f.Tells(x.Reader, level, i, h, part) {
			return true
		}
	}
	return slices.ContainsFunc(f.Reads, func(o corridor.Opening) bool { return f.Tells(o.Reader, level, i, h, part) })
}

func tellsOf(f corridor.DisclosedFacts, reader corridor.ActorID) bool {
	return slices.ContainsFunc(f.Exports, func(x corridor.OpenedRange) bool { return x.Reader == reader })
}

// wholeMoves reports whether nothing that tells how far a convoy has come is sealed in the copy.
func wholeMoves(v corridor.View) bool {
	for i := range v.Size() {
		if v.Class(i) != corridor.ClassMovement && v.Class(i) != corridor.ClassAuthority {
			continue
		}
		if e := v.Entry(i); e.Kind == "" || e.Sealed {
			return false
		}
	}
	return true
}
