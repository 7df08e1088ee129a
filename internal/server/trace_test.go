package server_test

import (
	stdjson "encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"

	"corridor.example/corridor"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

var namedTrace = regexp.MustCompile(`^"([0-9a-f]{64})";receipt="(/api/v1/records/[0-9a-f]{64}/receipt)"$`)

// tracesOf returns what the log says of the traces that an answer names. Each must be in the log
// now that the answer is here, signed by the server's own key, with a receipt that leads to it.
func (p *played) tracesOf(badge string, w *httptest.ResponseRecorder, receipts bool) (list []corridor.DisclosedFacts) {
	p.t.Helper()
	named := w.Header().Get("Corridor-Disclosure")
	if named == "" {
		return nil
	}
	log, err := ledger.NewVerifier(p.node.VerifierKey())
	if err != nil {
		p.t.Fatal(err)
	}
	for _, x := range strings.Split(named, ", ") {
		m := namedTrace.FindStringSubmatch(x)
		if m == nil {
			p.t.Fatalf("the header names its traces so: %s", named)
		}
		h, err := record.ParseHash(m[1])
		if err != nil {
			p.t.Fatal(err)
		}
		i, ok := p.node.Index(h)
		if !ok {
			p.t.Fatalf("the trace %s is not in the log", h)
		}
		r, err := p.node.Record(p.t.Context(), i)
		if err != nil {
			p.t.Fatal(err)
		}
		if !receipts {
			list = append(list, factsOf(p, r)) // its body has the proof
			continue
		}
		proof, err := ledger.ParseProof(p.as(badge, m[2]).Body.Bytes())
		if err == nil {
			_, err = proof.CheckLog(corridor.Leaf(r), log)
		}
		if err != nil || p.node.Signed(r) != nil || r.Header.By != "node" {
			p.t.Fatalf("the trace %s: %v", h, err)
		}
		list = append(list, factsOf(p, r))
	}
	return list
}

func factsOf(p *played, r record.Record) (f corridor.DisclosedFacts) {
	p.t.Helper()
	if err := record.Decode(r.Part("facts"), &f); err != nil {
		p.t.Fatal(err)
	}
	return f
}

// bodyTraces reads the traces that a body carries, and holds each proof against its record.
func (p *played) bodyTraces(list []struct {
	Record stdjson.RawMessage
	Proof  string
}) (facts []corridor.DisclosedFacts) {
	p.t.Helper()
	log, err := ledger.NewVerifier(p.node.VerifierKey())
	if err != nil {
		p.t.Fatal(err)
	}
	for _, x := range list {
		r, err := record.Parse(x.Record)
		if err != nil {
			p.t.Fatal(err)
		}
		proof, err := ledger.ParseProof([]byte(x.Proof))
		if err == nil {
			_, err = proof.CheckLog(corridor.Leaf(r), log)
		}
		if err != nil {
			p.t.Fatalf("the proof of a trace: %v", err)
		}
		facts = append(facts, factsOf(p, r))
	}
	return facts
}

// traced holds what a session was handed against what the public is: of every part more, that
// somebody else submitted, a trace that names it was in the log before.
func (a *agreement) traced(p *played, name, badge string, w *httptest.ResponseRecorder, public []verify.Entry, handed ...verify.Entry) {
	a.t.Helper()
	if badge == "" {
		if w.Header().Get("Corridor-Disclosure") != "" {
			a.t.Errorf("%s: the public leaves a trace", name)
		}
		return
	}
	word, who, _ := strings.Cut(badge, " ")
	level, reader := corridor.Level(word), corridor.ActorID(who)
	body := w.Body.String()
	whole := strings.Contains(body, `"disclosures":`) && !strings.Contains(body, "<html")
	told := [][]corridor.DisclosedFacts{p.tracesOf(badge, w, !whole)}
	if whole {
		var x struct {
			Disclosures []struct {
				Record stdjson.RawMessage
				Proof  string
			}
		}
		line, _, _ := strings.Cut(body, "\n")
		if err := stdjson.Unmarshal([]byte(line), &x); err != nil {
			a.t.Fatal(err)
		}
		told = append(told, p.bodyTraces(x.Disclosures))
		if len(told[0]) != len(told[1]) {
			a.t.Errorf("%s: %d traces in the header and %d in the body", name, len(told[0]), len(told[1]))
		}
	}
	opens := false
	for _, e := range handed {
		rec, err := p.node.Record(a.t.Context(), e.Index)
		if err != nil {
			a.t.Fatal(err)
		}
		mine := rec.Header.By == who || rec.Header.By == "node"
		var f struct{ Act *corridor.Act }
		if stdjson.Unmarshal(rec.Part("facts"), &f) == nil && f.Act != nil && f.Act.Of == reader {
			mine = true
		}
		known := map[string]bool{}
		if e.Index < int64(len(public)) {
			known = carriedBy(a, public[e.Index])
		}
		for part := range carriedBy(a, e) {
			if known[part] || mine {
				continue
			}
			opens = true
			a.seen["traced "+word]++
			for _, list := range told {
				named := false
				for _, f := range list {
					named = named || f.Tells(reader, level, e.Index, rec.Hash, part)
				}
				if !named {
					a.t.Errorf("%s: the %s of the %s at %d is handed to %s and not to the public, and no trace says so", name, part, rec.Header.Kind, e.Index, badge)
				}
			}
		}
	}
	if !opens && len(handed) > 0 && len(told[0]) > 0 && !strings.Contains(w.Body.String(), "<html") {
		a.t.Errorf("%s: a trace of an answer to %s that opens nothing: %+v", name, badge, told[0])
	}
}

// carriedBy is what an entry carries of its record.
func carriedBy(a *agreement, e verify.Entry) map[string]bool {
	has := map[string]bool{"leaf": true}
	if e.Line == nil || string(e.Line) == "null" {
		return has
	}
	r, err := record.Parse(e.Line)
	if err != nil {
		a.t.Fatal(err)
	}
	has["header"] = true
	for _, part := range r.Parts {
		if part.Bytes != nil {
			has[part.Name] = true
		}
	}
	return has
}

// shut asks for everything as a session at a server that does not hold the key with which traces
// are signed: nothing is shown that the public is not.
func (a *agreement) shut(p *played, name, badge string) {
	a.t.Helper()
	released, _, err := p.node.Released(a.t.Context(), p.now)
	if err != nil {
		a.t.Fatal(err)
	}
	before := p.node.Size()
	paths := []string{"/api/v1/bundle", "/live/entries?from=0&to=1000", "/", "/board", "/log", "/convoys", "/incidents", "/observers", "/said", "/reports", "/mission", "/desk"}
	for i := range before {
		e := p.node.Mission().Now().Entry(i)
		h := e.Hash.String()
		if i >= released && e.By != "node" && !strings.HasSuffix(badge, " "+string(e.By)) {
			paths = append(paths, "/api/v1/records/"+h, "/records/"+h)
		}
	}
	for _, path := range paths {
		w := p.as(badge, path)
		if w.Code != http.StatusServiceUnavailable || w.Header().Get("Content-Type") != "application/problem+json" || !strings.Contains(w.Body.String(), "disclosure.failed") {
			a.t.Errorf("%s: %s is answered %d to %s, who leaves no trace: %.200s", name, path, w.Code, badge, w.Body)
		}
		a.seen["shut"]++
	}
	if p.node.Size() != before {
		a.t.Errorf("%s: the log grew", name)
	}
}
