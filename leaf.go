package corridor

import "corridor.example/corridor/record"

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
