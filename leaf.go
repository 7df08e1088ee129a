package corridor

import (
	"slices"
	"strings"

	"corridor.example/corridor/record"
)

// Leaf returns the text of a record in the Merkle log, four ASCII lines each ended by a line
// feed, and a pure function of the header:
//
//	corridor-leaf/v1          corridor-exercise-leaf/v1 in an exercise mission
//	incident                  the class, not the kind
//	-                         or the record hash of what this answers
//	sha256 <record hash>
//
// It shows no author, place, time or day: anyone can count incidents, nobody can read a
// departure. A kind that does not exist has the class "unknown"; no log that holds may
// contain one.
func Leaf(r record.Record) []byte {
	first, class, re := "corridor-leaf/v1", string(Kind(r.Header.Kind).Class()), "-"
	if r.Exercise() {
		first = "corridor-exercise-leaf/v1"
	}
	if class == "" {
		class = "unknown"
	}
	if r.Header.Re != nil {
		re = r.Header.Re.String()
	}
	return []byte(first + "\n" + class + "\n" + re + "\nsha256 " + r.Hash.String() + "\n")
}

// ParseLeaf reads a leaf: the record hash, the class, what it answers, and whether it is of an
// exercise. The error is a *Refusal.
func ParseLeaf(leaf []byte) (h record.Hash, class Class, re *record.Hash, exercise bool, err error) {
	f := strings.Split(string(leaf), "\n")
	bad := Refuse("leaf.form", "the entry is not the leaf of a record")
	if len(leaf) > 512 || len(f) != 5 || f[4] != "" {
		return h, "", nil, false, bad
	}
	exercise = f[0] == "corridor-exercise-leaf/v1"
	class = Class(f[1])
	if !exercise && f[0] != "corridor-leaf/v1" || !slices.Contains(classes, class) {
		return h, "", nil, false, bad
	}
	if f[2] != "-" {
		x, err := record.ParseHash(f[2])
		if err != nil {
			return h, "", nil, false, bad
		}
		re = &x
	}
	hex, ok := strings.CutPrefix(f[3], "sha256 ")
	if !ok || h.UnmarshalText([]byte(hex)) != nil {
		return h, "", nil, false, bad
	}
	return h, class, re, exercise, nil
}
