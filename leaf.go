package corridor

import (
	"encoding/hex"
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
	return leaf(r.Hash, Kind(r.Header.Kind).Class(), r.Header.Re, r.Exercise())
}

func leaf(h record.Hash, class Class, re *record.Hash, exercise bool) []byte {
	b := make([]byte, 0, 192)
	if exercise {
		b = append(b, "corridor-exercise-leaf/v1\n"...)
	} else {
		b = append(b, "corridor-leaf/v1\n"...)
	}
	if class != "" {
		b = append(b, class...)
	} else {
		b = append(b, "unknown"...)
	}
	b = append(b, '\n')
	if re != nil {
		b = hex.AppendEncode(b, re[:])
	} else {
		b = append(b, '-')
	}
	b = append(b, "\nsha256 "...)
	b = hex.AppendEncode(b, h[:])
	return append(b, '\n')
}

// leafOf returns the text of an entry in the log.
func (m *Mission) leafOf(e *entry) []byte { return leaf(e.hash, e.class(), m.re(e), m.exercise) }

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
