package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var consoleBlock = regexp.MustCompile("(?ms)^```console\n(.*?)^```$")

// A said is a command of a transcript and what stands below it.
type said struct {
	command string
	lines   []string
}

func transcript(t *testing.T, path string) (all []said) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range consoleBlock.FindAllStringSubmatch(string(b), -1) {
		for _, line := range strings.Split(strings.TrimSuffix(block[1], "\n"), "\n") {
			if command, ok := strings.CutPrefix(line, "$ "); ok {
				all = append(all, said{command: command})
			} else if len(all) > 0 {
				last := &all[len(all)-1]
				last.lines = append(last.lines, line)
			}
		}
	}
	if len(all) < 5 {
		t.Fatalf("%s has %d commands: too few to be read right", path, len(all))
	}
	return all
}

// TestReadme runs the commands of README.md as they stand there, in a shell, and looks for what
// they are shown to say. Only the program is not built again.
func TestReadme(t *testing.T) {
	program, err := exec.LookPath("corridor")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(program, filepath.Join(dir, "corridor")); err != nil {
		t.Fatal(err)
	}
	all := transcript(t, filepath.Join("..", "..", "README.md"))
	for i, c := range all {
		if c.command == "go build ./cmd/corridor" || c.command == "echo $?" {
			continue
		}
		cmd := exec.CommandContext(t.Context(), "sh", "-c", c.command)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		status, want := 0, 0
		if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
			status = exit.ExitCode()
		} else if err != nil {
			t.Fatalf("%s: %v", c.command, err)
		}
		if i+1 < len(all) && all[i+1].command == "echo $?" {
			if want, err = strconv.Atoi(strings.Join(all[i+1].lines, "")); err != nil {
				t.Fatal(err)
			}
		}
		if status != want {
			t.Errorf("%s: status %d, want %d\n%s", c.command, status, want, out)
		}
		rest := string(out)
		for _, line := range c.lines {
			if line == "…" || line == "" {
				continue
			}
			_, after, ok := strings.Cut(rest, line)
			if !ok {
				t.Errorf("%s: it does not say, or not in this order: %s\n%s", c.command, line, out)
				break
			}
			rest = after
		}
	}
}
