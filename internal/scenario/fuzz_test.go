package scenario

import (
	"io/fs"
	"testing"
)

// FuzzParse holds that no text makes the parser panic, that every error names a line, and
// that what parses can be played to an end: all of it, or an error.
func FuzzParse(f *testing.F) {
	f.Add(stage + "09:00 office departure A-01 people about 350, bus 5 at gate observed\n figure left.people A is about 350\n")
	names, err := fs.Glob(rules, "*.txt")
	if err != nil {
		f.Fatal(err)
	}
	inc, err := fs.ReadFile(rules, "stage.inc")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		b, err := fs.ReadFile(rules, name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(b) + "\n" + string(inc))
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<14 {
			return
		}
		s, err := Parse("fuzz.txt", text)
		if err != nil {
			if len(err.Error()) < len("fuzz.txt:1: ") || err.Error()[:9] != "fuzz.txt:" {
				t.Fatalf("an error without its line: %v", err)
			}
			return
		}
		if len(s.steps) > 20 || s.steps != nil && s.steps[len(s.steps)-1].at-s.founded.at > 30*24*3600 {
			return // no need to play for long
		}
		Play(s, "7", NewBare("7")) // may go wrong, must not panic
	})
}
