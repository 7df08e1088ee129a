package scenario

import (
	"io/fs"
	"os"
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
