package verify

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"corridor.example/corridor"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

func TestCardText(t *testing.T) {
	s := newStage(t, nil)
	for _, level := range []corridor.Level{"", corridor.Public} {
		c := *s.card()
		c.Level = level
		got, err := ParseCard(c.Text())
		if err != nil || got != c {
			t.Errorf("%v, %v; want %v", got, err, c)
		}
	}
	c := *s.card()
	if w := c.Words(); len(w) != 10 {
		t.Errorf("%d words", len(w))
	}
	for what, other := range map[string]Card{
		"mission":  {Mission: record.Hash{1}, Exercise: c.Exercise, Log: c.Log, Policy: c.Policy},
		"exercise": {Mission: c.Mission, Log: c.Log, Policy: c.Policy},
		"policy":   {Mission: c.Mission, Exercise: c.Exercise, Log: c.Log, Policy: "quorum none\n"},
		"log":      {Mission: c.Mission, Exercise: c.Exercise, Log: must[string](t)(ledger.VerifierKey(s.log.Name(), public("red"))), Policy: c.Policy},
	} {
		if slices.Equal(c.Words(), other.Words()) {
			t.Errorf("another %s has the same words", what)
		}
	}
	text := string(c.Text())
	first := c.Words()[0]
	for what, bad := range map[string]string{
		"empty":               "",
		"another first line":  strings.Replace(text, "card/v1", "card/v2", 1),
		"no empty line":       strings.Replace(text, "\n\n", "\n", 1),
		"no mission":          strings.Replace(text, "mission ", "mision ", 1),
		"a short mission":     strings.Replace(text, "mission "+c.Mission.String(), "mission "+c.Mission.Short(), 1),
		"another mission":     strings.Replace(text, "mission "+c.Mission.String(), "mission "+record.Hash{}.String(), 1),
		"a line twice":        strings.Replace(text, "\nlog ", "\nlog "+c.Log+"\nlog ", 1),
		"a word misheard":     strings.Replace(text, "words "+first, "words sand", 1),
		"a word missing":      strings.Replace(text, "words "+first+" ", "words ", 1),
		"no words":            strings.Replace(text, "words "+strings.Join(c.Words(), " ")+"\n", "", 1),
		"an unknown level":    strings.Replace(text, "words ", "level secret\nwords ", 1),
		"a whole level":       strings.Replace(text, "words ", "level \nwords ", 1),
		"real, not exercise":  strings.Replace(text, "exercise\n", "", 1),
		"a policy changed":    strings.Replace(text, "quorum both", "quorum none", 1),
		"a policy unreadable": strings.Replace(text, "quorum both", "quorum bath", 1),
		"more after it":       text + "quorum none\n",
		"a low key":           strings.Replace(text, "+", "+00", 1),
		"not UTF-8":           string(Card{Mission: c.Mission, Log: c.Log, Policy: "# \xff\nquorum none\n"}.Text()),
	} {
		if bad == text {
			t.Fatalf("%s: nothing was changed", what)
		}
		if _, err := ParseCard([]byte(bad)); err == nil || !strings.HasPrefix(err.Error(), "mission card: ") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestWordList(t *testing.T) {
	if len(wordList) != 256 || !slices.IsSorted(wordList) || len(slices.Compact(slices.Clone(wordList))) != 256 {
		t.Errorf("%d words, not 256 different ones in order", len(wordList))
	}
}

func FuzzCard(f *testing.F) {
	s := newStage(f, nil)
	f.Add(s.card().Text())
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := ParseCard(text)
		if err == nil && string(c.Text()) != string(text) {
			t.Errorf("%q is written %q", text, c.Text())
		}
	})
}

// TestCardDecides holds a log against cards that are not its own.
func TestCardDecides(t *testing.T) {
	s := standard(t)
	s.cosign()
	other := newStage(t, func(terms map[string]any) { terms["tick"] = 31 })
	r := caught(t, "the card of another mission", s.copy(), Options{Card: other.card()}, 0)
	for _, name := range []string{ClaimLog, ClaimAuthority} {
		if c, _ := r.Claim(name); c.State != DoesNotHold || c.Entries[0].Rule != RuleCardMission {
			t.Errorf("%v", c)
		}
	}
	c := s.card()
	c.Log = must[string](t)(ledger.VerifierKey(s.log.Name(), public("red")))
	r = caught(t, "the card of another log", s.copy(), Options{Card: c}, 0)
	if c, _ := r.Claim(ClaimLog); c.Entries[0].Rule != RuleCardLog {
		t.Errorf("%v", c)
	}
	// Only the first cosigner is asked for by the card: it is enough, and it is said.
	c = s.card()
	c.Policy = strings.Replace(c.Policy, "quorum both", "quorum exercise-witness-1", 1)
	r = run(t, s.copy(), Options{Card: c})
	if r.Exit(nil) != 0 || !slices.ContainsFunc(r.Notes, func(n string) bool { return strings.Contains(n, "another witness policy") }) {
		t.Errorf("exit %d, notes %q", r.Exit(nil), r.Notes)
	}
	// A stranger is asked for.
	w := must[*ledger.Cosigner](t)(ledger.NewCosigner("stranger", testKey("stranger")))
	c.Policy = "witness stranger " + w.Key() + "\nquorum stranger\n"
	caught(t, "a cosigner who never cosigned", s.copy(), Options{Card: c})
	c.Policy = "quorum nobody\n"
	if _, err := Run(t.Context(), s.copy(), Options{Card: c}); err == nil {
		t.Error("a card whose policy cannot be read was used")
	}
}

func TestFileKnown(t *testing.T) {
	s := newStage(t, nil)
	s.cosign()
	s.observer("mina")
	s.cosign()
	dir := t.TempDir()
	f := FileKnown(filepath.Join(dir, "state", "known"))
	m := s.m.Founder()
	if text, err := f.Newest(m); text != nil || err != nil {
		t.Fatalf("%q, %v before anything", text, err)
	}
	for _, step := range []struct {
		mission record.Hash
		put     []byte
		want    []byte
	}{
		{m, s.cosigned[0], s.cosigned[0]},
		{m, s.cosigned[1], s.cosigned[1]},
		{m, s.cosigned[0], s.cosigned[1]}, // the larger one stays
		{record.Hash{5}, s.cosigned[0], s.cosigned[0]},
	} {
		if err := f.Remember(step.mission, step.put); err != nil {
			t.Fatal(err)
		}
		if got, err := f.Newest(step.mission); string(got) != string(step.want) || err != nil {
			t.Errorf("%q, %v; want %q", got, err, step.want)
		}
	}
	if err := f.Remember(m, []byte("no checkpoint")); err == nil {
		t.Error("something else was remembered")
	}
	if left, err := filepath.Glob(filepath.Join(dir, "state", "known.*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
	for _, bad := range []string{"{}\n", "nonsense\n", `{"mission":"` + m.String() + `","checkpoint":"x"}` + "\n"} {
		if err := os.WriteFile(string(f), []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Newest(m); err == nil {
			t.Errorf("%q was read", bad)
		}
		if _, err := Run(t.Context(), s.copy(), Options{Known: f, KnownGiven: true}); err == nil {
			t.Errorf("checked with %q for a memory", bad)
		}
	}
}
