package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"corridor.example/corridor/internal/server"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/internal/store/sqlite"
	"corridor.example/corridor/verify"
)

const verifyUsage = `
corridor verify WHAT [--card CARD] [--known FILE] [--require LIST] [--json]

Replays a log from its first record and says, claim by claim, what holds, what does not, and
what cannot be checked here.

  WHAT            a mission's directory, its mission.db, a bundle, a receipt (.tlog-proof),
                  or the address of a server
  --card CARD     the mission card you were handed; in a directory the card that lies there
                  is taken, and that is said
  --leaf FILE     for a receipt: the record line or leaf it is the receipt of
  --known FILE    the newest checkpoint accepted of each mission is remembered there; the
                  default is in your state directory, exercises only if you name a file
  --require LIST  log, authority, reports, figures; what must hold for status 0; default all
  --json          the result as JSON

Exit status: 0 all asked for holds; 1 something does not hold, asked for or not; 2 something
asked for could not be checked; 3 bad arguments, unreadable input or a fault.
`

func runVerify(ctx context.Context, w *world, args []string) (int, error) {
	f := flags("verify")
	cardFlag := f.String("card", "", "")
	leaf := f.String("leaf", "", "")
	knownFlag := f.String("known", "", "")
	require := f.String("require", "", "")
	asJSON := f.Bool("json", false, "")
	dir := f.String("dir", "", "")
	rest, err := parse(f, args)
	if err != nil {
		return 3, err
	}
	if *dir != "" {
		rest = append(rest, *dir)
	}
	if len(rest) != 1 {
		return 3, errors.New("say what to check: corridor verify DIR, BUNDLE, RECEIPT or URL")
	}
	asked, err := claims(*require)
	if err != nil {
		return 3, err
	}
	what := rest[0]
	if isReceipt(what) {
		return verifyReceipt(w, what, *cardFlag, *leaf)
	}
	src, done, found, err := openSource(ctx, what)
	if err != nil {
		return 3, err
	}
	defer done()
	o := verify.Options{Progress: w.progress("replaying")}
	if *cardFlag != "" {
		found = *cardFlag
	}
	if found != "" {
		card, err := readCard(found)
		if err != nil {
			return 3, fmt.Errorf("%s: %w", found, err)
		}
		o.Card = &card
	}
	if o.KnownGiven = *knownFlag != ""; !o.KnownGiven {
		*knownFlag = stateFile()
	}
	if *knownFlag != "" {
		o.Known = verify.FileKnown(*knownFlag)
	}
	res, err := verify.Run(ctx, src, o)
	if err != nil {
		return 3, fmt.Errorf("%s: %w", what, err)
	}
	if *asJSON {
		enc := json.NewEncoder(w.out)
		enc.SetIndent("", "  ")
		if err := enc.Encode(struct {
			verify.Result
			Exit int `json:"exit"`
		}{res, res.Exit(asked)}); err != nil {
			return 3, err
		}
		return res.Exit(asked), nil
	}
	printResult(w.out, what, found, res)
	return res.Exit(asked), nil
}

func claims(list string) ([]string, error) {
	if list == "" {
		return nil, nil
	}
	asked := strings.Split(list, ",")
	for _, a := range asked {
		known := false
		for _, c := range verify.Claims() {
			known = known || a == c
		}
		if !known {
			return nil, fmt.Errorf("--require: %q is not a claim; they are %s", a, strings.Join(verify.Claims(), ", "))
		}
	}
	return asked, nil
}

// stateFile is where accepted checkpoints are remembered by default, "" if there is no place.
func stateFile() string {
	base := os.Getenv("XDG_STATE_HOME")
	if base == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		base = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(base, "corridor", "known")
}

// openSource opens what is to be checked. card is the path of a card that lies beside it.
func openSource(ctx context.Context, what string) (src verify.Source, done func(), card string, err error) {
	if strings.HasPrefix(what, "http://") || strings.HasPrefix(what, "https://") {
		src, done, err = fetchBundle(ctx, what)
		return src, done, "", err
	}
	s, err := os.Stat(what)
	if err != nil {
		return nil, nil, "", err
	}
	if !s.IsDir() && !isMissionFile(what) {
		f, err := os.Open(what)
		if err != nil {
			return nil, nil, "", err
		}
		b, err := verify.OpenBundle(f)
		if err != nil {
			return nil, nil, "", errors.Join(fmt.Errorf("%s: %w", what, err), f.Close())
		}
		return b, func() { f.Close() }, "", nil
	}
	dir := what
	if !s.IsDir() {
		dir = filepath.Dir(what)
	} else {
		what = filepath.Join(what, missionFile)
	}
	if c := filepath.Join(dir, cardFile); exists(c) {
		card = c
	}
	st, err := sqlite.OpenReadOnly(what)
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			err = fmt.Errorf("%s holds no mission", dir)
		}
		return nil, nil, "", err
	}
	done = func() { st.Close() }
	var side store.Side
	if p := filepath.Join(dir, sideFile); exists(p) {
		if sd, err := sqlite.OpenSide(p); err == nil {
			side = sd
			done = func() { st.Close(); sd.Close() }
		}
	}
	return server.Source(st, side), done, card, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// isMissionFile looks at a file's first bytes.
func isMissionFile(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	b := make([]byte, 15)
	_, err = io.ReadFull(f, b)
	return err == nil && string(b) == "SQLite format 3"
}

// fetchBundle downloads the public bundle of a server into a file that goes when done.
func fetchBundle(ctx context.Context, url string) (verify.Source, func(), error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(url, "/")+"/api/v1/bundle", nil)
	if err != nil {
		return nil, nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, nil, fmt.Errorf("%s answered %s", url, resp.Status)
	}
	f, err := os.CreateTemp("", "corridor-bundle-")
	if err != nil {
		return nil, nil, err
	}
	done := func() { f.Close(); os.Remove(f.Name()) }
	if _, err := io.Copy(f, resp.Body); err != nil {
		done()
		return nil, nil, fmt.Errorf("%s: cut short: %w", url, err)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		done()
		return nil, nil, err
	}
	b, err := verify.OpenBundle(f)
	if err != nil {
		done()
		return nil, nil, fmt.Errorf("%s: %w", url, err)
	}
	return b, done, nil
}

// printResult says what was found in plain sentences, the claims first.
func printResult(w io.Writer, what, card string, r verify.Result) {
	kind := "mission"
	if r.Exercise {
		kind = "exercise mission"
	}
	if r.Word != "" {
		fmt.Fprintln(w, r.Word)
	} else {
		fmt.Fprintf(w, "checked against the card %s\n", card)
	}
	fmt.Fprintf(w, "%s: %s %s, %d records, root %s\n\n", what, kind, r.Mission.Short(), r.Size, r.Root)
	for _, c := range r.Claims {
		fmt.Fprintf(w, "%-9s  %s: %s\n", c.Name, c.State, c.Say)
		printListed(w, c.Listed)
	}
	for _, list := range []struct {
		head string
		l    verify.Listed
	}{{"records with findings, logged and not summed", r.Findings}, {"acts recorded for somebody else", r.Recorded}, {"records whose own time cannot be", r.Outside}} {
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
	const most = 12
	for i, p := range l.Entries {
		if i == most {
			break
		}
		fmt.Fprintf(w, "           %s\n", p)
	}
	if more := l.Total - int64(min(most, len(l.Entries))); more > 0 {
		fmt.Fprintf(w, "           and %d more (--json lists them)\n", more)
	}
}
