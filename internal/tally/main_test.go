package main

import (
	"strings"
	"testing"
)

func TestTally(t *testing.T) {
	const pass = `{"Action":"pass","Package":"p","Test":"TestA"}` + "\n"
	const skip = `{"Action":"skip","Package":"p","Test":"TestB"}` + "\n"
	const fail = `{"Action":"output","Package":"p","Test":"TestC","Output":"why\n"}` + "\n" + `{"Action":"fail","Package":"p","Test":"TestC"}` + "\n" + `{"Action":"fail","Package":"p"}` + "\n"
	const build = `{"Action":"fail","Package":"q"}` + "\n"
	for _, c := range []struct {
		in     string
		strict bool
		well   bool
		last   string
	}{
		{pass, true, true, "1 passed, 0 failed, 0 skipped\n"},
		{pass + skip, false, true, "1 passed, 0 failed, 1 skipped\n"},
		{pass + skip, true, false, "1 passed, 1 failed, 1 skipped\n"},
		{pass + fail, false, false, "1 passed, 1 failed, 0 skipped\n"},
		{pass + build, false, false, "1 passed, 1 failed, 0 skipped\n"},
		{"", false, false, "0 passed, 0 failed, 0 skipped\n"},
	} {
		var out strings.Builder
		if well := tally(strings.NewReader(c.in), &out, c.strict); well != c.well || !strings.HasSuffix(out.String(), c.last) {
			t.Errorf("tally(%q, %v) = %v, %q; want %v, ending %q", c.in, c.strict, well, out.String(), c.well, c.last)
		}
	}
}
