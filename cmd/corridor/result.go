package main

import (
	"fmt"
	"io"

	"corridor.example/corridor/verify"
)

// mostPrinted bounds how many entries of a list are printed; --json prints what verify lists.
const mostPrinted = 12

// printResult says what was found in plain sentences: whose word was taken, then the claims.
func printResult(w io.Writer, what string, r verify.Result) {
	kind := "mission"
	if r.Exercise {
		kind = "exercise mission"
	}
	fmt.Fprintln(w, r.Word)
	fmt.Fprintf(w, "%s: %s %s, %d records, root %s\n", what, kind, r.Mission.Short(), r.Size, r.Root)
	for _, c := range r.Checked {
		fmt.Fprintf(w, "%s\n", c)
	}
	fmt.Fprintln(w)
	for _, c := range r.Claims {
		fmt.Fprintf(w, "%-9s  %s: %s\n", c.Name, c.State, c.Say)
		printListed(w, c.Listed)
	}
	for _, list := range []struct {
		head string
		l    verify.Listed
	}{
		{"records with findings, logged and not summed", r.Findings},
		{"acts recorded for somebody else", r.Recorded},
		{"records signed, by their own word, at a time that cosignatures rule out", r.Outside},
	} {
		if list.l.Total > 0 {
			fmt.Fprintf(w, "\n%s: %d\n", list.head, list.l.Total)
			printListed(w, list.l)
		}
	}
	if len(r.Notes) > 0 {
		fmt.Fprintln(w)
	}
	for _, n := range r.Notes {
		fmt.Fprintf(w, "note: %s\n", n)
	}
}

func printListed(w io.Writer, l verify.Listed) {
	for i, p := range l.Entries {
		if i == mostPrinted {
			break
		}
		fmt.Fprintf(w, "           %s\n", p)
	}
	if more := l.Total - int64(min(mostPrinted, len(l.Entries))); more > 0 {
		fmt.Fprintf(w, "           and %d more (--json lists the first %d)\n", more, verify.MaxListed)
	}
}
