package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"corridor.example/corridor/record"
)

// A question has what is taken if nothing is answered, and what an answer must be.
type question struct {
	about, otherwise string
	check            func(answer string) error // nil: any text will do
}

// The seven questions.
var questions = []question{
	{"What is evacuated, in a few words?", "Evacuation", nil},
	{"In which time zone is the operation day?", "Asia/Damascus", func(a string) error { _, err := zoneData(a, "2026-01-01"); return err }},
	{"First day of the mandate?", "", func(a string) error { _, err := zoneData("Etc/UTC", a); return err }},
	{"The first side, under the name it chose?", "First side", nil},
	{"The second side, under the name it chose?", "Second side", nil},
	{"From where to where, as: gate to town?", "gate to town", func(a string) error { _, _, err := way(a); return err }},
	{"At what time of day does the daily report close?", "19:30", func(a string) error { _, err := mandateFile{Report: a}.cutOff(); return err }},
}

// way reads "Gate 9 to Tarn" as two names of places, gate-9 and tarn.
func way(answer string) (from, to string, err error) {
	names := strings.NewReplacer(" ", "-", "_", "-")
	from, to, ok := strings.Cut(strings.ToLower(answer), " to ")
	from, to = names.Replace(strings.TrimSpace(from)), names.Replace(strings.TrimSpace(to))
	if !ok || !record.Name(from) || !record.Name(to) || from == to {
		return "", "", fmt.Errorf("%q is not a way such as: gate to town, each place in Latin letters, digits and hyphens; labels in other scripts come later", answer)
	}
	return from, to, nil
}

// answer asks one question. A person who types is asked again if the answer cannot be used.
func (w *world) answer(out io.Writer, in *bufio.Reader, n int, q question) (string, error) {
	for {
		fmt.Fprintf(out, "%d. %s [%s] ", n, q.about, q.otherwise)
		line, err := in.ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", err
		}
		a := or(strings.TrimSpace(line), q.otherwise)
		if !w.asked || err != nil {
			fmt.Fprintln(out, a) // nobody's return key has ended the line
		}
		if q.check == nil {
			return a, nil
		}
		bad := q.check(a)
		if bad == nil || !w.asked || err != nil {
			return a, bad
		}
		fmt.Fprintf(out, "   %v\n", bad)
	}
}

func ask(w *world, dir, origin string, asJSON bool) (int, error) {
	path := filepath.Join(dir, "mandate.yaml")
	if exists(path) {
		return 3, fmt.Errorf("%s is there already; complete it, then corridor init --dir %s --from %s", path, dir, path)
	}
	out := w.out
	if asJSON {
		out = w.err
	}
	in := bufio.NewReader(io.LimitReader(w.in, 64<<10))
	answers := make([]string, len(questions))
	for i, q := range questions {
		if i == 2 {
			q.otherwise = time.Now().UTC().Format("2006-01-02")
		}
		var err error
		if answers[i], err = w.answer(out, in, i+1, q); err != nil {
			return 3, err // before anything is written
		}
	}
	id, err := newID()
	if err != nil {
		return 3, err
	}
	text, err := mandateText(id, origin, answers)
	if err != nil {
		return 3, err
	}
	if _, err := parseMandate("what was answered", []byte(text)); err != nil {
		return 3, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return 3, err
	}
	if err := writeNew(path, []byte(text)); err != nil {
		return 3, err
	}
	if asJSON {
		return 0, w.printJSON(map[string]string{"mandate": path, "origin": origin + "/" + id.String()})
	}
	fmt.Fprintf(w.out, "\n%s is written. Each party's office now makes its key:\n\n  corridor sign --new-key FILE --origin %s/%s\n\nPaste the key and proof it prints under its name (a party without a key can only be recorded), then:\n\n  corridor init --dir %s --from %s\n", path, origin, id, dir, path)
	return 0, nil
}

func mandateText(id record.ID, origin string, a []string) (string, error) {
	from, to, err := way(a[5])
	if err != nil {
		return "", err
	}
	q := func(s string) string { return fmt.Sprintf("%q", s) }
	return fmt.Sprintf(`# The mandate of a monitored evacuation. Nothing is founded before corridor init --from.
id: %s
name: %s
title: %s
zone: %s
from: %s
office: {label: Mission office}

# Both sides, in this order, under the names they chose. Paste what their offices' key prints.
parties:
  first:
    label: %s
    key:
    proof:
    witness:
  second:
    label: %s
    key:
    proof:
    witness:

# Places, with what they are for; call-signs begin with the leg's letter: A-01, B-01.
places: {%s: origin, %s: destination}
legs:
  A: %s to %s
  B: %s to %s

# An observer needs both sides' consent; no answer is no consent.
consent: {need: 2, of: [first, second], window: 24h, silence: refuses, lock: true}
report: %s       # the daily report's cut-off
release: 24h       # after a convoy has closed, to the public

# Keys of others who cosign the log, and how many of all must: 2 or more, one of each side among
# them; 0: the log's own word.
witnesses: []
quorum: 0
`, id, origin, q(a[0]), q(a[1]), q(a[2]), q(a[3]), q(a[4]), from, to, from, to, to, from, q(a[6])), nil
}
