package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/scenario"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/verify"
)

// does runs a command as the command line would and returns its status and words.
func does(t *testing.T, args ...string) (int, string) {
	t.Helper()
	var out bytes.Buffer
	status := run(t.Context(), &world{in: strings.NewReader(""), out: &out, err: &out}, args)
	return status, out.String()
}

// done runs a command that must succeed.
func done(t *testing.T, args ...string) string {
	t.Helper()
	status, said := does(t, args...)
	if status != 0 {
		t.Fatalf("corridor %s: status %d\n%s", strings.Join(args, " "), status, said)
	}
	return said
}

// exported returns the lines of a bundle of a demo for a level.
func exported(t *testing.T, dir, level string) [][]byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bundle")
	done(t, "export", "--dir", dir, "--bundle", path, "--level", level)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.SplitAfter(bytes.TrimSuffix(b, []byte("\n")), []byte("\n"))
}

// replayed is what corridor verify --json says.
type replayed struct {
	Exit   int
	Claims []struct {
		Name  string
		State verify.State
	}
}

// verifyLines writes lines to a bundle and checks it against a card.
func verifyLines(t *testing.T, path string, lines [][]byte, more ...string) (int, string) {
	t.Helper()
	b := bytes.Join(lines, nil)
	if !bytes.HasSuffix(b, []byte("\n")) {
		b = append(b, '\n')
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return does(t, append([]string{"verify", path}, more...)...)
}

// TestBundleTampered does to every line of a whole bundle what can be done to a line.
func TestBundleTampered(t *testing.T) {
	t.Parallel()
	for _, name := range cases() {
		k := keep(t, name)
		dir := directory(t, name)
		card := filepath.Join(dir, cardFile)
		good := exported(t, dir, "whole")
		path := filepath.Join(t.TempDir(), "bundle")
		if status, said := verifyLines(t, path, good, "--card", card); status != 0 {
			t.Fatalf("%s: status %d\n%s", name, status, said)
		}
		bad := func(what string, n int64, lines [][]byte) {
			t.Helper()
			status, said := verifyLines(t, path, lines, "--card", card)
			if status != 1 || n >= 0 && !named(said, []int64{n - 1, n, n + 1}) {
				t.Errorf("%s, %s: status %d, want 1 and entry %d named\n%s", name, what, status, n, said)
			}
		}
		for _, i := range k.every(int(k.size)) {
			n, line := int64(i), i+1
			bad(fmt.Sprintf("entry %d left out", n), n, slices.Delete(slices.Clone(good), line, line+1))
			bad(fmt.Sprintf("entry %d twice", n), n, slices.Insert(slices.Clone(good), line, good[line]))
			if i > 0 {
				swapped := slices.Clone(good)
				swapped[line], swapped[line-1] = swapped[line-1], swapped[line]
				bad(fmt.Sprintf("entries %d and %d swapped", n-1, n), n, swapped)
			}
			for _, at := range []int{20, len(good[line]) / 2, len(good[line]) - 30} {
				altered := slices.Clone(good)
				altered[line] = flipped(good[line], at)
				bad(fmt.Sprintf("entry %d, byte %d", n, at), n, altered)
			}
			blank := slices.Clone(good)
			leaf, _, _ := bytes.Cut(good[line], []byte(`,"record":`))
			blank[line] = append(bytes.Clone(leaf), []byte(",\"record\":null}\n")...)
			bad(fmt.Sprintf("entry %d without its record", n), n, blank)
		}
		end := int(k.size) + 1 // of the entries
		bad("cut after the entries", -1, good[:end])
		bad("cut in half", k.size/2, append(slices.Clone(good[:k.size/2+1]), good[end:]...))
		bad("no cosigned checkpoint", -1, good[:end+1])
		bad("the log's checkpoint altered", -1, slices.Replace(slices.Clone(good), end, end+1, flipped(good[end], len(good[end])-20)))
		bad("a cosigned checkpoint altered", -1, slices.Replace(slices.Clone(good), end+2, end+3, flipped(good[end+2], len(good[end+2])-20)))
		bad("the size in the first line", -1, slices.Replace(slices.Clone(good), 0, 1, bytes.Replace(good[0], []byte(`"size":`), []byte(`"size":1`), 1)))
		bad("another origin in the first line", -1, slices.Replace(slices.Clone(good), 0, 1, bytes.Replace(good[0], []byte(`corridor.invalid`), []byte(`corridor.example`), 1)))
	}
}

// cosign has the exercise witnesses of a demo cosign all there is.
func cosign(t *testing.T, dir string) {
	t.Helper()
	d, err := openDir(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.close()
	n, err := openNode(t.Context(), d, nodeCall{}, slog.New(slog.DiscardHandler), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	signed := n.Checkpoint()
	var lines [][]byte
	for _, w := range scenario.Cosigners(demoSeed) {
		line, err := w.Cosign(signed, time.Now().Unix())
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	text, err := ledger.AddCosignatures(signed, lines...)
	if err == nil {
		err = n.Keep(t.Context(), text)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestNarrativesErased has the office order every narrative erased that is not yet. The bundle
// of what is left holds in every claim; the same bundle does not if the orders are taken out.
func TestNarrativesErased(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "mission")
	done(t, "demo", "--case", "gate-9", "--once", "--dir", dir)
	key := filepath.Join(t.TempDir(), "office.key")
	done(t, "sign", "--new-key", key, "--dir", dir, "--as", "office")
	h := lootOf(t, dir)
	draft := filepath.Join(t.TempDir(), "erasure.yaml")
	ordered := 0
	for _, r := range h.records {
		if r.Part("narrative") == nil || r.Header.Kind == string(corridor.KindMandate) {
			continue
		}
		text := fmt.Sprintf("kind: erasure\nby: office\nre: %s\nfacts: {parts: [narrative], reason: danger-to-person}\n", r.Hash)
		if err := os.WriteFile(draft, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		done(t, "sign", draft, "--key", key, "--dir", dir)
		if ordered++; testing.Short() && ordered == 3 {
			break
		}
	}
	if ordered < 3 {
		t.Fatalf("%d narratives: too few to erase", ordered)
	}
	for _, r := range lootOf(t, dir).records {
		if !testing.Short() && r.Part("narrative") != nil && r.Header.Kind != string(corridor.KindMandate) {
			t.Errorf("the narrative of %s is still there", r.Hash.Short())
		}
	}
	cosign(t, dir)
	card := filepath.Join(dir, cardFile)
	lines := exported(t, dir, "whole")
	path := filepath.Join(t.TempDir(), "bundle")
	status, said := verifyLines(t, path, lines, "--card", card)
	if status != 0 || strings.Count(said, " holds: ") != len(verify.Claims()) {
		t.Errorf("narratives erased: status %d, want 0 and every claim to hold\n%s", status, said)
	}
	without := append(slices.Clone(lines[:len(h.records)+1]), exported(t, directory(t, "gate-9"), "whole")[len(h.records)+1:]...)
	without[0] = bytes.Replace(lines[0], fmt.Appendf(nil, `"size":%d`, len(h.records)+ordered), fmt.Appendf(nil, `"size":%d`, len(h.records)), 1)
	if status, said := verifyLines(t, path, without, "--card", card); status != 1 || !strings.Contains(said, "no erasure orders that") {
		t.Errorf("without the orders: status %d, want 1\n%s", status, said)
	}
}

// TestLowerLevels checks bundles from which something is withheld: no claim holds, and what was
// asked for could not be checked.
func TestLowerLevels(t *testing.T) {
	for _, name := range cases() {
		dir := directory(t, name)
		card := filepath.Join(dir, cardFile)
		path := filepath.Join(t.TempDir(), "bundle")
		whole, withheld := exported(t, dir, "whole"), 0
		for _, level := range []string{"public", "parties", "mission"} {
			lines := exported(t, dir, level)
			status, said := verifyLines(t, path, lines, "--card", card, "--json")
			var r replayed
			if err := json.Unmarshal([]byte(said), &r); err != nil {
				t.Fatalf("%v\n%s", err, said)
			}
			if slices.EqualFunc(lines[1:], whole[1:], bytes.Equal) {
				t.Logf("%s: the mandate withholds nothing from %s", name, level)
				if status != 0 {
					t.Errorf("%s, %s, nothing withheld: status %d\n%s", name, level, status, said)
				}
				continue
			}
			withheld++
			if status != 2 || r.Exit != 2 || len(r.Claims) != 4 {
				t.Errorf("%s, %s: status %d, want 2\n%s", name, level, status, said)
			}
			for _, c := range r.Claims {
				if c.State != verify.CannotCheck {
					t.Errorf("%s, %s: the claim %s %s", name, level, c.Name, c.State)
				}
				if status, _ := verifyLines(t, path, lines, "--card", card, "--require", c.Name); status != 2 {
					t.Errorf("%s, %s, %s asked for: status %d, want 2", name, level, c.Name, status)
				}
			}
			// What is withheld is not missing only because the bundle says what it is.
			called := slices.Clone(lines)
			called[0] = bytes.Replace(lines[0], fmt.Appendf(nil, `"level":%q`, level), []byte(`"level":"whole"`), 1)
			if status, said := verifyLines(t, path, called, "--card", card); status != 1 {
				t.Errorf("%s, %s, called whole: status %d, want 1\n%s", name, level, status, said)
			}
		}
		if name == "gate-9" && withheld == 0 {
			t.Error("nothing was withheld at any level, so nothing was shown")
		}
	}
}
