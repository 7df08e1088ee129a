//go:build !unix

package server

// filesMost is how many connections this process may have open, by the files it may.
func filesMost() int { return connsMax }
