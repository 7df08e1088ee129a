package attack

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// An attack is one act of a hostile operator, office, party or observer, and what comes of it.
type attack struct {
	act  string // also the name of its test
	note string // what shows it, or why nothing does
	do   func(w *world)

	terms func(terms map[string]any) // what the mandate says otherwise; nil: nothing
	// What the witness of each party raises, all of it (party.told); nothing else may be raised.
	red, blue []string
}

// attacks are all of them, in the order of doc/threat-model.md.
var attacks = slices.Concat(forging, admitting, rewriting, dropping, flooding, reading, reporting, sealing, stealing, telling)

// TestAttacks plays every attack on a mission of its own. Each alarm's proof is judged by a
// third machine.
func TestAttacks(t *testing.T) {
	for _, a := range attacks {
		t.Run(a.act, func(t *testing.T) {
			w := found(t, a.terms)
			a.do(w)
			w.raised(w.red, a.red)
			w.raised(w.blue, a.blue)
		})
	}
	if len(all) == 0 {
		return // those that were asked for raise nothing
	}
	t.Run("check.html", inJavaScript)
	t.Run("check.html in a browser", inChromium)
}

// raised fails the test unless a party's witness raised exactly this, each with a proof that a
// third machine judges alike.
func (w *world) raised(p *party, want []string) {
	w.t.Helper()
	if got := p.told(); !slices.Equal(got, want) {
		w.t.Errorf("%s raised %q, want %q", p.name, got, want)
		for _, x := range p.alarms {
			w.t.Logf("%s: %s: %s", p.name, x.Key, x.Say)
		}
	}
	for _, x := range p.alarms {
		if !x.Over {
			w.third(w.t, x)
		}
	}
}

// TestThreatModel holds the table of doc/threat-model.md against the attacks: a row without a
// test fails, and so does a test without its row.
func TestThreatModel(t *testing.T) {
	b, err := os.ReadFile("../doc/threat-model.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(b), "\n## What the attack suite shows\n")
	if !ok {
		t.Fatal("doc/threat-model.md has no section of that name")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	var rows []string
	for line := range strings.Lines(section) {
		if strings.HasPrefix(line, "| ") {
			rows = append(rows, strings.TrimSuffix(line, "\n"))
		}
	}
	want := []string{"| act | alarmed | with | what shows it, or why nothing does | test |"}
	for _, a := range attacks {
		want = append(want, a.row())
	}
	if !slices.Equal(rows, want) {
		t.Errorf("the table in doc/threat-model.md is not what the attacks are; it should read\n%s", strings.Join(want, "\n"))
	}
}

// row is the attack's line in the table.
func (a attack) row() string {
	who, with := "nobody", "–"
	switch {
	case len(a.red) > 0 && len(a.blue) > 0:
		who = "both sides"
	case len(a.red) > 0:
		who = "red"
	case len(a.blue) > 0:
		who = "blue"
	}
	if all := slices.Compact(slices.Sorted(slices.Values(slices.Concat(a.red, a.blue)))); len(all) > 0 {
		with = strings.Join(all, ", ")
	}
	return fmt.Sprintf("| %s | %s | %s | %s | `%s` |", a.act, who, with, a.note, strings.ReplaceAll("TestAttacks/"+a.act, " ", "_"))
}
