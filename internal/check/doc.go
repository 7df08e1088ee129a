// Package check holds nothing but tests: the checks that a browser makes, in web/lib/check, are
// run by Node on the vectors that Go is run on, and on falsified copies that both must judge
// alike.
//
// Where the two differ, one of them is wrong, and a stranger could be shown a log that holds
// for one reader and not for the other.
package check
