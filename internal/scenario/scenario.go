// Package scenario tells a mission as a text that a lawyer can read, and plays it.
//
// A scenario names a mission's mandate, then says line by line at what time who signed what,
// and between the lines what must be true:
//
//	mission gate-9
//	zone    Etc/UTC +00:00
//	day     2031-03-04
//	parties red, blue
//	office  office
//	place   gate crossing
//	place   town destination
//	leg     A gate to town
//	consent 2 of red, blue
//
//	08:00  mina, omar are nominated, consented to by red, blue, deployed
//	09:10  mina  departure  A-07  people 122  at gate  observed
//	11:40  mina  arrival    A-07  people 120  at town  observed  #mine
//	       figure open.people A-07 is 2
//	11:55  blue  dispute  re #mine  what: number  "we counted 122 at the gate"
//
// A step needs no knowledge of its kind: beyond a few words that many kinds share (people,
// at, to, by, re, note, source, when) a member of any kind is written as "member: value", and
// corridor.Compose says what a kind has. So a kind added to the root package can be used in a
// scenario without a change here. The whole language is described in doc/scenario.md.
//
// Every key, id and nonce of a play comes from its seed, so two plays of one script with one
// seed give the same bytes. Keys that anybody can compute prove nothing: a scenario founds an
// exercise, always, and no exercise byte passes for a real one.
package scenario

import (
	"embed"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// A Script is a parsed scenario.
type Script struct {
	Name    string // the mission's name, for example "gate-9"
	file    string
	founded founding
	steps   []*step
}

//go:embed cases/*.txt
var cases embed.FS

// Cases returns the names of the missions that come with the program, in alphabetical order.
func Cases() []string {
	files, err := fs.ReadDir(cases, "cases")
	if err != nil {
		panic("scenario: " + err.Error()) // embedded
	}
	var names []string
	for _, f := range files {
		if name, ok := strings.CutSuffix(f.Name(), ".txt"); ok && !strings.Contains(name, ".") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Case returns a mission that comes with the program.
func Case(name string) (*Script, error) {
	return Load(cases, path.Join("cases", name+".txt"))
}

// Load reads a scenario from a file. Unlike Parse it follows "include other.txt" lines, which
// stand for the text of a file beside it.
func Load(fsys fs.FS, name string) (*Script, error) {
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, err
	}
	return parse(name, string(text), func(other string) (string, error) {
		b, err := fs.ReadFile(fsys, path.Join(path.Dir(name), other))
		return string(b), err
	})
}

// Parse reads a scenario. The name stands before the line in every error, as in
// "gate-9.txt:12: there is no unit \"lorry\"".
func Parse(name, text string) (*Script, error) { return parse(name, text, nil) }
