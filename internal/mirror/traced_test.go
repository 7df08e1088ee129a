package mirror_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"corridor.example/corridor"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/verify"
)

// disclosing answers live entries as the server does, with their traces changed.
func (w *world) disclosing(change func(line []byte) []byte, as string) {
	w.twist = func(rw http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/live/entries" {
			return false
		}
		if as != "" {
			r.Header.Set("Authorization", "Bearer "+as)
		}
		got := httptest.NewRecorder()
		w.honest.ServeHTTP(got, r)
		line, rest, _ := bytes.Cut(got.Body.Bytes(), []byte("\n"))
		if !bytes.HasPrefix(line, []byte(`{"disclosures":`)) {
			_, _ = rw.Write(got.Body.Bytes())
			return true
		}
		_, _ = rw.Write(append(change(line), rest...))
		return true
	}
}

// TestUntraced hands a mirror what the public may not read without a trace, with another's, and
// with one that proves nothing: each is an alarm, on this mirror's word, and the copy goes on.
func TestUntraced(t *testing.T) {
	for name, x := range map[string]struct {
		as     string
		change func([]byte) []byte
		also   string
	}{
		"without":   {change: func([]byte) []byte { return nil }},
		"another's": {as: "red", change: func(line []byte) []byte { return append(line, '\n') }},
		"empty":     {change: func([]byte) []byte { return []byte("{\"disclosures\":[]}\n") }},
		"broken proof": {change: func(line []byte) []byte {
			return append(bytes.Replace(line, []byte(`index `), []byte(`index 1`), 1), '\n')
		}, also: "trace"},
		"another record": {change: func(line []byte) []byte {
			return append(bytes.Replace(line, []byte(`"sig":"`), []byte(`"sig":"AAAA`), 1), '\n')
		}, also: "trace"},
	} {
		t.Run(name, func(t *testing.T) {
			w := begin(t)
			blue := w.party("blue")
			w.disclosing(x.change, x.as)
			w.round(blue)
			w.round(blue)
			a := blue.alarmed("untraced the leaf of entry 0", verify.CannotCheck)
			if !strings.Contains(a.Say, "no record in the log tells") {
				t.Errorf("it says %s", a.Say)
			}
			if x.also != "" {
				blue.alarmed(x.also, verify.CannotCheck)
			}
			if blue.Trouble() != "" || blue.Node().Size() != w.node.Size() {
				t.Errorf("the copy has %d of %d entries, and %q", blue.Node().Size(), w.node.Size(), blue.Trouble())
			}
		})
	}
}

// TestTracePromised shows a mirror the trace of its reading under a checkpoint of a history that
// then is not the log's: a fork, proved by what was promised.
func TestTracePromised(t *testing.T) {
	w := begin(t)
	blue := w.party("blue")
	w.disclosing(func([]byte) []byte {
		r := w.sign("node", "disclosure", w.random(), parts{"facts": {
			"when":    []any{"2016-12-17T18:00:00Z", "2016-12-17T18:00:01Z"},
			"exports": []any{map[string]any{"reader": "blue", "as": "live", "level": "parties", "from": 0, "to": 100}}}})
		leaves := append(w.leaves()[:2], corridor.Leaf(r))
		signed, tree := w.signs(leaves)
		hashes := check[[]ledger.Hash](t)(tree.Inclusion(2, 3))
		line := check[[]byte](t)(json.Marshal(map[string]any{"disclosures": []any{map[string]any{
			"record": json.RawMessage(r.Line()), "proof": string(ledger.Proof{Index: 2, Hashes: hashes, Checkpoint: signed}.Text())}}}))
		return append(line, '\n')
	}, "")
	w.round(blue)
	for _, a := range blue.alarms {
		t.Errorf("a promise that may still be kept: %s", a.Say)
	}
	w.twist = nil
	w.round(blue)
	w.round(blue)
	blue.alarmed("fork", verify.Holds)
	if blue.Trouble() == "" {
		t.Error("it goes on cosigning")
	}
}
