package check_test

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/need"
	"corridor.example/corridor/internal/sheet"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

// A signedByDesk is what the modules of the desk made of a question.
type signedByDesk struct{ Line, Hash, Proof, Fault string }

// desk asks the modules of the desk, in Node.
func desk(t *testing.T, questions ...any) (list []signedByDesk) {
	t.Helper()
	var in bytes.Buffer
	enc := json.NewEncoder(&in)
	for _, q := range questions {
		if err := enc.Encode(q); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(need.Node(t), "sign.mjs")
	cmd.Stdin = &in
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node: %v", err)
	}
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var s signedByDesk
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			t.Fatal(err)
		}
		list = append(list, s)
	}
	if len(list) != len(questions) {
		t.Fatalf("%d answers to %d questions", len(list), len(questions))
	}
	return list
}

func own(h record.Header) map[string]any {
	return map[string]any{"key": h.Key, "seq": h.Seq, "prev": h.Prev, "at": h.At, "nonce": h.Nonce}
}

// TestDeskSignsTheVectors signs every good record of the vectors again whose key is known: the
// browser writes and signs the same bytes as every other program.
func TestDeskSignsTheVectors(t *testing.T) {
	var keys struct{ Cases []struct{ Seed, Key string } }
	read(t, "keys.json", &keys)
	seeds := map[string]string{}
	for _, c := range keys.Cases {
		seeds[c.Key] = c.Seed
	}
	var envelopes struct {
		Cases []struct {
			Name, Form, Text, Key string
			OK                    bool
		}
	}
	read(t, "envelopes.json", &envelopes)
	var questions []any
	var want, names []string
	for _, c := range envelopes.Cases {
		if !c.OK || c.Form != "line" || seeds[c.Key] == "" {
			continue
		}
		r, err := record.Parse([]byte(c.Text))
		if err != nil {
			t.Fatal(err)
		}
		h := r.Header
		if h.App != nil || h.Mission == nil {
			continue // a desk has neither
		}
		var parts []map[string]string
		whole := true
		for _, p := range r.Parts {
			whole = whole && p.Bytes != nil && p.Name != "media"
			parts = append(parts, map[string]string{"name": p.Name, "text": string(p.Bytes)})
		}
		if !whole {
			continue
		}
		questions = append(questions, map[string]any{"seed": seeds[c.Key], "own": own(h), "draft": map[string]any{
			"exercise": r.Exercise(), "mission": h.Mission, "kind": h.Kind, "by": h.By, "re": h.Re, "id": h.ID, "seen": h.Seen, "parts": parts,
		}})
		seed, err := hex.DecodeString(seeds[c.Key])
		if err != nil {
			t.Fatal(err)
		}
		r.Sig = ed25519.Sign(ed25519.NewKeyFromSeed(seed), record.PAE(r.Type, r.Raw)) // one case has another good one
		want, names = append(want, string(r.Line())), append(names, c.Name)
	}
	if len(want) < 3 {
		t.Fatalf("only %d records of the vectors can be signed again", len(want))
	}
	for i, got := range desk(t, questions...) {
		if got.Line != want[i] {
			t.Errorf("%s: signed %q %s\nwant   %q", names[i], got.Line, got.Fault, want[i])
		}
	}
}

// TestDeskProves makes the proofs of possession of the vectors again.
func TestDeskProves(t *testing.T) {
	var vectors struct {
		Cases []struct {
			Seed, Key, Origin, Proof string
			Mission                  *string
			Exercise, OK             bool
		}
	}
	read(t, "possession.json", &vectors)
	var questions []any
	var want []string
	for _, c := range vectors.Cases {
		if c.OK && c.Seed != "" {
			questions = append(questions, map[string]any{"seed": c.Seed, "pub": c.Key, "exercise": c.Exercise, "origin": c.Origin, "mission": c.Mission})
			want = append(want, c.Proof)
		}
	}
	if len(want) < 2 {
		t.Fatalf("only %d proofs can be made again", len(want))
	}
	for i, got := range desk(t, questions...) {
		if got.Proof != want[i] {
			t.Errorf("proof %d is %s %s, want %s", i, got.Proof, got.Fault, want[i])
		}
	}
}

// TestDeskSignsASheet has the browser's modules sign a draft as it is carried: Go finds the
// draft's own bytes in the record, and a signature that holds.
func TestDeskSignsASheet(t *testing.T) {
	pub, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	nonce := func() (id record.ID) {
		if _, err := rand.Read(id[:]); err != nil {
			t.Fatal(err)
		}
		return id
	}
	mission, re := record.Hash{1}, record.Hash{2}
	for _, text := range []string{"She may come.", "نعم\n\npart facts\n{}", "\u2028 \\ \" < \u007f é"} {
		s, err := sheet.Of(corridor.Draft{Kind: corridor.KindConsent, By: "first", Re: &re, Parts: map[string]map[string]any{"narrative": {"lang": "en", "text": text}}},
			true, mission, verify.Words(make([]byte, 10)), nil, "corridor.invalid/x\n3\nAAAA\n\n— corridor.invalid/x AAAA\n", nonce)
		if err != nil {
			t.Fatal(err)
		}
		h := s.Header(nonce())
		h.Key, h.Seq, h.At = record.Fingerprint(pub), 1, 1764576000
		got := desk(t, map[string]any{"seed": hex.EncodeToString(key.Seed()), "sheet": string(s.Text()), "own": own(h)})[0]
		r, err := record.Parse([]byte(got.Line))
		if err != nil || r.Verify(pub) != nil || r.Hash.String() != got.Hash {
			t.Fatalf("%v %s\n%s", err, got.Fault, got.Line)
		}
		want, err := record.Sign(key, true, h, s.Parts)
		if err != nil {
			t.Fatal(err)
		}
		if string(want.Line()) != got.Line {
			t.Errorf("signed %s\nwant   %s", got.Line, want.Line())
		}
	}
}

func read(t *testing.T, name string, into any) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "testdata", "vectors", name))
	if err == nil {
		err = json.Unmarshal(b, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}
