package scenario

import (
	"io/fs"
	"os"
	"strings"
	"testing"
)

// rules are the missions that each show one rule.
var rules = os.DirFS("../../testdata/scenario")

func TestRules(t *testing.T) {
	files, err := fs.Glob(rules, "*.txt")
	if err != nil || len(files) < 25 {
		t.Fatalf("%d scenarios: %v", len(files), err)
	}
	for _, name := range files {
		t.Run(name, func(t *testing.T) {
			s, err := Load(rules, name)
			if err != nil {
				t.Fatal(err)
			}
			if s.Name+".txt" != name {
				t.Errorf("the mission is named %q", s.Name)
			}
			if err := Play(s, "7", NewBare("7")); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// The text that doc/scenario.md begins with is a scenario that plays.
func TestDocument(t *testing.T) {
	b, err := fs.ReadFile(os.DirFS("../../doc"), "scenario.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(b), "```\n")
	text, _, ok := strings.Cut(rest, "```\n")
	if !ok {
		t.Fatal("it shows no scenario")
	}
	s, err := Parse("scenario.md", text)
	if err == nil {
		err = Play(s, "7", NewBare("7"))
	}
	if err != nil {
		t.Error(err)
	}
	for word := range phrases {
		if !strings.Contains(string(b), "`"+word+" ") && !strings.Contains(string(b), "`"+word+"`") && !strings.Contains(string(b), " "+word+" ") {
			t.Errorf("the word %q is not in it", word)
		}
	}
	for word := range headings {
		if !strings.Contains(string(b), "`"+word+" ") {
			t.Errorf("the line %q is not in it", word)
		}
	}
}
