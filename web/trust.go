package web

import "slices"

// Trust says how a device comes to trust the mission's own authority for certificates: what to
// compare first, and for one platform what to do, what works then, and what does not.
type Trust struct {
	Frame
	Platform    string // one of Platforms, or "" for the page that leads to them
	Fingerprint string // SHA-256 of the authority's certificate, as devices show it
	Words       string // its first ten bytes as words, to be read aloud
	Names       []string
	Until       Moment
	Address     string // of this page, in the clear
	Secure      string // of the server over TLS
	Code        string // Address as a code for a camera: the path of an SVG
	Size        int    // of that code, in its squares
}

// Platforms returns those that there is a page for, in the order they are listed.
func Platforms() []string { return slices.Clone(platforms) }

var platforms = []string{"android", "ios", "windows", "macos", "linux"}

// Platforms returns those that there is a page for.
func (t Trust) Platforms() []string { return platforms }

// Steps returns the numbers of the platform's steps, which the catalogue has words for.
func (t Trust) Steps() (list []string) {
	for i := range trustSteps[t.Platform] {
		list = append(list, string(rune('1'+i)))
	}
	return list
}

// Wide is how wide the drawing of the code is with the margin that a camera needs.
func (t Trust) Wide() int { return t.Size + 8 }

// trustSteps is how many steps each platform takes.
var trustSteps = map[string]int{"android": 4, "ios": 5, "windows": 4, "macos": 4, "linux": 4}
