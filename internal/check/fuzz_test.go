package check_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/scenario"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

// seeds is how many falsified copies of each kind the tests try; the draws do not change.
const seeds = 100

// TestDifferentialBundles falsifies copies of a mission at random and has both checkers judge
// them. Of the claim log they must say the same and name the same rules; of the others the
// browser may say that it cannot be checked, and nothing else that Go does not say.
func TestDifferentialBundles(t *testing.T) {
	p := play(t, must[*scenario.Script](t)(scenario.Case("gate-9")))
	// A short log has everything that matters, and each judgement replays it.
	p.Bare = short(t, p, 34)
	js := newAsker(t)
	random := rand.New(rand.NewPCG(1, 2))
	path := filepath.Join(t.TempDir(), "bundle")
	card := p.card()
	seen := map[string]int{}
	for i := range seeds {
		level := []corridor.Level{"", "", corridor.Public, corridor.Parties}[random.IntN(4)]
		records := slices.Clone(p.Records())
		what := "seed " + strconv.Itoa(i) + ", level " + string(level)
		for range random.IntN(3) { // by somebody with every key
			records = falsify(p, records, random, &what)
		}
		b := []byte(strings.Join(p.lines(level, records), ""))
		for range random.IntN(4) { // by somebody with the file
			b = mutate(b, random, &what)
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		under, text := &card, any(string(card.Text()))
		if random.IntN(4) == 0 {
			under, text = nil, nil
			what += ", no card"
		}
		want, r := goVerdict(t, b, under)
		a := js.ask("bundle", m{"path": path, "card": text, "chunk": 1 + random.IntN(70000)})
		got := jsVerdict(a)
		seen[string(want[0])]++
		if !same(want, got, r, a) {
			t.Errorf("%s: Go says %s, the browser %s\n%v", what, want, got, broken(r, verify.ClaimLog))
			if a.OK {
				t.Log(named(a.Claims[0].Bad), named(a.Claims[0].Open))
			}
			for _, c := range r.Claims {
				t.Log(c.Name, c.State, fmt.Sprintf("%.400s", fmt.Sprint(c.Entries)))
			}
			for _, c := range a.Claims {
				t.Logf("%.500s", c)
			}
		}
	}
	t.Log(seen)
	if seen["h"] < 3 || seen["x"] < 40 || seen["c"] < 2 || seen["-"] < 1 {
		t.Errorf("of %d copies the answers were %v: too few of one sort", seeds, seen)
	}
}

// short is the beginning of a mission as a log of its own.
func short(t *testing.T, p *played, n int) *scenario.Bare {
	t.Helper()
	b := scenario.NewBare(seed)
	for _, r := range p.Records()[:n] {
		if err := b.Submit(r); err != nil {
			t.Fatal(err)
		}
	}
	p.marks = slices.DeleteFunc(p.marks, func(m []byte) bool {
		return must[ledger.Checkpoint](t)(ledger.ParseCheckpoint(m)).Size > int64(n)
	})
	return b
}

// same holds the browser's answer against Go's.
func same(want, got verdict, r verify.Result, a answer) bool {
	if want == "-" || got == "-" {
		return want == got
	}
	open := named(a.Claims[0].Open)
	leave := []string{"part.overdue"} // it takes the mandate's table of releases
	if slices.Contains(open, "part.erased") {
		leave = append(leave, "part.missing") // whether who ordered it could
	}
	if slices.Contains(open, "policy.unknown") {
		leave = append(leave, "cosigned.quorum", "cosigned.signature", "checkpoint.signature") // whom an amendment names
	}
	clear := func(rules []string) []string {
		for i, rule := range rules {
			if rule == "seen.size" {
				rules[i] = "seen.root" // Go tells of thousands who had seen another history only what is news
			}
		}
		slices.Sort(rules)
		return slices.DeleteFunc(slices.Compact(rules), func(rule string) bool { return slices.Contains(leave, rule) })
	}
	if !slices.Equal(clear(broken(r, verify.ClaimLog)), clear(named(a.Claims[0].Bad))) {
		return false
	}
	if want[0] != got[0] && (got[0] != 'c' || len(open) == 0) {
		return false
	}
	for i := 1; i < 4; i++ {
		switch {
		case got[i] == 'x' && want[i] == 'h', got[i] == 'h' && want[i] != 'h':
			return false
		}
	}
	return true
}

// falsify does one thing that takes the log's key or an author's.
func falsify(p *played, records []record.Record, random *rand.Rand, what *string) []record.Record {
	i := random.IntN(len(records))
	r := records[i]
	say := func(s string) { *what += fmt.Sprintf(", entry %d %s", i, s) }
	switch random.IntN(7) {
	case 0:
		say("removed")
		return slices.Delete(records, i, i+1)
	case 1:
		say("again")
		return append(records, r)
	case 2:
		say("with another nonce")
		records[i] = p.again(r, func(h *record.Header, _ []record.Part) { h.Nonce[0] ^= 1 })
	case 3:
		say("by the office")
		records[i] = p.again(r, func(h *record.Header, _ []record.Part) { h.By = "office" })
	case 4:
		part := r.Parts[random.IntN(len(r.Parts))].Name
		say("without " + part)
		return without(records, i, part)
	case 5:
		j := random.IntN(len(records))
		say("exchanged with " + strconv.Itoa(j))
		records[i], records[j] = records[j], r
	case 6:
		say("of another mission")
		records[i] = p.again(r, func(h *record.Header, _ []record.Part) {
			if h.Mission != nil {
				h.Mission = &record.Hash{}
			}
		})
	}
	return records
}

// mutate does one thing to a file.
func mutate(b []byte, random *rand.Rand, what *string) []byte {
	lines := slices.Collect(bytes.Lines(b))
	if len(lines) == 0 {
		return b
	}
	i := random.IntN(len(lines))
	line := bytes.Clone(lines[i])
	say := func(s string) { *what += fmt.Sprintf(", line %d %s", i, s) }
	switch random.IntN(9) {
	case 0:
		say("removed")
		lines = slices.Delete(lines, i, i+1)
	case 1:
		say("twice")
		lines = slices.Insert(lines, i, line)
	case 2:
		j := random.IntN(len(lines))
		say("exchanged with " + strconv.Itoa(j))
		lines[i], lines[j] = lines[j], lines[i]
	case 3:
		at := random.IntN(len(line))
		say("bit at " + strconv.Itoa(at))
		line[at] ^= 1 << random.IntN(8)
		lines[i] = line
	case 4:
		at := random.IntN(len(line))
		say("cut at " + strconv.Itoa(at))
		lines[i] = append(line[:at:at], '\n')
	case 5:
		at := random.IntN(len(line))
		say("a byte put in at " + strconv.Itoa(at))
		lines[i] = slices.Insert(line, at, byte(random.IntN(256)))
	case 6:
		if before, _, ok := bytes.Cut(line, []byte(`","record":`)); ok {
			say("without its record")
			lines[i] = append(bytes.Clone(before), "\",\"record\":null}\n"...)
		}
	case 7:
		// A sign for another: digits, letters and quotes are where the meaning is.
		old, to := []byte{"0123456789abcdef"[random.IntN(16)]}, []byte{"0123456789abcdef"[random.IntN(16)]}
		say(fmt.Sprintf("%s for %s", to, old))
		lines[i] = bytes.Replace(line, old, to, 1+random.IntN(3))
	case 8:
		say("the end of the file")
		lines = lines[:i+1]
		lines[i] = line[:len(line)-random.IntN(2)]
	}
	return bytes.Join(lines, nil)
}

// TestDifferentialRecords falsifies records as they travel.
func TestDifferentialRecords(t *testing.T) {
	records := play(t, must[*scenario.Script](t)(scenario.Case("gate-9"))).Records()
	js := newAsker(t)
	random := rand.New(rand.NewPCG(3, 4))
	for i := range 4 * seeds {
		r := records[random.IntN(len(records))]
		line := r.Line()
		what := "seed " + strconv.Itoa(i)
		for range random.IntN(3) {
			line = mutate(line, random, &what)
		}
		line = bytes.TrimSuffix(line, []byte("\n"))
		got, err := record.Parse(line)
		rule := ""
		if err != nil {
			rule = err.(*record.Refusal).Rule
		}
		a := js.ask("record", m{"form": "line", "data": b64(line)})
		if a.Rule != rule || err == nil && (a.Hash != got.Hash.String() || a.Leaf != string(corridor.Leaf(got))) {
			t.Errorf("%s: Go says %q, the browser %q: %q", what, rule, a.Rule, line)
		}
	}
}

// TestDifferentialReceipts falsifies receipts and cards.
func TestDifferentialReceipts(t *testing.T) {
	js := newAsker(t)
	random := rand.New(rand.NewPCG(5, 6))
	policy := "log " + logKey(t) + "\n" + witness(t, "red") + witness(t, "blue") + "group g any red blue\nquorum g\n"
	under := must[*ledger.Policy](t)(ledger.ParsePolicy(policy))
	card := verify.Card{Mission: record.Fingerprint(nil), Log: logKey(t), Policy: witness(t, "red") + "quorum red\n"}
	good := 0
	for i := range 4 * seeds {
		n := 1 + random.IntN(9)
		at := random.IntN(n)
		p := ledger.Proof{Index: int64(at), Hashes: must[[]ledger.Hash](t)(treeOf(n).Inclusion(int64(at), int64(n))), Checkpoint: []byte(checkpoint(t, n, []string{"red@1481670000", "blue@1481670000"}[:random.IntN(3)]...))}
		text, what := p.Text(), "seed "+strconv.Itoa(i)
		for range random.IntN(3) {
			text = mutate(text, random, &what)
		}
		proof, err := ledger.ParseProof(text)
		var s ledger.Signed
		if err == nil {
			s, err = proof.Check([]byte(leafOf(at)), under)
		}
		a := js.ask("receipt", m{"policy": policy, "leaf": leafOf(at), "data": b64(text)})
		if a.OK != (err == nil) || err == nil && (a.Index != proof.Index || a.Quorum != s.Quorum()) {
			t.Errorf("%s: Go says %v, the browser %v %s: %q", what, err, a.OK, a.Rule, text)
		}
		if err == nil {
			good++
		}
		text = card.Text()
		for range random.IntN(3) {
			text = mutate(text, random, &what)
		}
		_, err = verify.ParseCard(text)
		if a := js.ask("card", m{"data": b64(text)}); a.OK != (err == nil) {
			t.Errorf("%s: of a card Go says %v, the browser %v %s: %q", what, err, a.OK, a.Rule, text)
		}
	}
	if good < seeds || good > 3*seeds {
		t.Errorf("%d of %d receipts held: too few or too many", good, 4*seeds)
	}
}
