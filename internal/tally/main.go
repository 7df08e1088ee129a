// Command tally reads what go test -json printed, shows what failed, and ends with one line
// that counts. A test that was skipped is a failure where nothing may be missing.
//
//	go test -json ./... | go run ./internal/tally [-skips-fail]
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
)

type event struct {
	Action, Package, Test, Output string
	ImportPath                    string
	FailedBuild                   string
}

type key struct{ pkg, test string }

func main() {
	strict := flag.Bool("skips-fail", false, "count a skipped test as failed")
	flag.Parse()
	if !tally(os.Stdin, os.Stdout, *strict) {
		os.Exit(1)
	}
}

// tally reads events and prints the failures and the count. It returns whether all is well.
func tally(in io.Reader, out io.Writer, strict bool) bool {
	said := map[key][]string{}
	var passed, failed, skipped int
	fail := func(k key, why string) {
		failed++
		fmt.Fprintf(out, "--- %s: %s %s\n", why, k.pkg, k.test)
		for _, line := range said[k] {
			fmt.Fprint(out, line)
		}
	}
	failures := map[string]bool{} // packages in which a test failed
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			fmt.Fprintln(out, lines.Text()) // not an event: the tool itself speaks
			continue
		}
		k := key{e.Package, e.Test}
		switch e.Action {
		case "output", "build-output":
			if e.Action == "build-output" {
				fmt.Fprint(out, e.Output)
			}
			if said[k] = append(said[k], e.Output); len(said[k]) > 2000 {
				said[k] = slices.Delete(said[k], 0, 1000)
			}
		case "pass":
			if e.Test != "" {
				passed++
			}
			delete(said, k)
		case "skip":
			if e.Test == "" {
				continue // a package without tests
			}
			if skipped++; strict {
				failures[e.Package] = true
				fail(k, "SKIP")
			}
		case "fail":
			if e.Test != "" {
				failures[e.Package] = true
				fail(k, "FAIL")
			} else if !failures[e.Package] {
				fail(k, "FAIL") // it did not build, or ended before its tests did
			}
		}
	}
	if err := lines.Err(); err != nil {
		fmt.Fprintln(out, "tally:", err)
		failed++
	}
	fmt.Fprintf(out, "%d passed, %d failed, %d skipped\n", passed, failed, skipped)
	return failed == 0 && passed > 0
}
