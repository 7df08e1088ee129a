package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestJudge has the program judge the cases that every implementation agrees on.
func TestJudge(t *testing.T) {
	files, err := filepath.Glob("../../testdata/vectors/proof/*.json")
	if err != nil || len(files) != 5 {
		t.Fatalf("%v, %v", files, err)
	}
	seen := map[int]int{}
	for _, path := range files {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var file struct {
			Cases []struct {
				Name, Text  string
				Card, State *string
			}
		}
		if err := json.Unmarshal(b, &file); err != nil {
			t.Fatal(err)
		}
		for _, c := range file.Cases {
			want := 3
			if c.State != nil {
				want = map[string]int{"holds": 0, "does not hold": 1, "cannot be checked here": 2}[*c.State]
			}
			dir := t.TempDir()
			args := []string{"verify", filepath.Join(dir, "x.proof")}
			if c.Card != nil {
				args = append(args, "--card", filepath.Join(dir, "card"))
				if err := os.WriteFile(filepath.Join(dir, "card"), []byte(*c.Card), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.WriteFile(args[1], []byte(c.Text), 0o600); err != nil {
				t.Fatal(err)
			}
			var out, errs bytes.Buffer
			if got := run(t.Context(), &world{out: &out, err: &errs}, args); got != want {
				t.Errorf("%s: %s: status %d, want %d: %s%s", filepath.Base(path), c.Name, got, want, out.String(), errs.String())
			}
			if want == 2 && strings.Contains(c.Name, "own side") && !strings.Contains(out.String(), "a claim:") {
				t.Errorf("%s is not called a claim: %s", c.Name, out.String())
			}
			seen[want]++
		}
	}
	if len(seen) != 4 {
		t.Errorf("statuses seen: %v", seen)
	}
}
