package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

const verifyUsage = `
corridor verify WHAT [--card CARD] [--known FILE] [--require LIST] [--json]
corridor verify RECEIPT --card CARD --leaf FILE [--in COPY] [--json]
corridor verify PROOF [--card CARD] [--json]

Replays a log from its first record and says, claim by claim, what holds, what does not, and
what cannot be checked here.

  WHAT            a mission's directory, its mission.db, a bundle, or the address of a server
  RECEIPT         what a sender gets for a record (c2sp.org/tlog-proof)
  PROOF           a proof of misconduct, as a party's witness writes it: status 0 if it convicts,
                  1 if it proves nothing, 2 if it is a claim or something is missing
  --card CARD     the mission card you were handed; in a directory the card that lies there
                  is taken, and that is said
  --leaf FILE     for a receipt: the record line or leaf it is the receipt of, or what a
                  server answers at /api/v1/records/HASH
  --in COPY       for a receipt: a copy of the mission's log. It is said where the record is in it;
                  of a log that has ended and goes on in another, what was acknowledged and is
                  not in that one is named, with status 1
  --known FILE    the newest checkpoint accepted of each mission is remembered there; the
                  default is in your state directory, exercises only if you name a file
  --require LIST  of log, authority, reports, figures: what must hold for status 0; default
                  all four
  --json          the result as JSON

Exit status: 0 all asked for holds; 1 something does not hold, asked for or not; 2 something
asked for could not be checked; 3 bad arguments, unreadable input or a fault.
`

// A verifyCall is what corridor verify is told.
type verifyCall struct {
	what, card, known, leaf, in string
	require                     []string
	json                        bool
}

func runVerify(ctx context.Context, w *world, args []string) (int, error) {
	var c verifyCall
	f := flags("verify")
	f.StringVar(&c.card, "card", "", "")
	f.StringVar(&c.leaf, "leaf", "", "")
	f.StringVar(&c.in, "in", "", "")
	f.StringVar(&c.known, "known", "", "")
	f.BoolVar(&c.json, "json", false, "")
	f.StringVar(&c.what, "dir", "", "")
	require := f.String("require", "", "")
	rest, err := parse(f, args, 1)
	if err != nil {
		return 3, err
	}
	if (len(rest) == 1) == (c.what != "") {
		return 3, unusable("verify", "say what to check: corridor verify DIR, BUNDLE, RECEIPT or URL")
	}
	c.what += strings.Join(rest, "")
	if c.require, err = claims(*require); err != nil {
		return 3, err
	}
	if isProof(c.what) {
		if c.leaf != "" || *require != "" || c.known != "" {
			return 3, unusable("verify", "a proof is judged by itself: --card and --json alone go with it")
		}
		return c.judge(ctx, w)
	}
	if isReceipt(c.what) {
		return verifyReceipt(ctx, w, c)
	}
	if c.in != "" {
		return 3, unusable("verify", "--in goes with a receipt, and %s is none", c.what)
	}
	if c.leaf != "" {
		return 3, unusable("verify", "--leaf goes with a receipt, and %s is none", c.what)
	}
	return c.replay(ctx, w)
}

func (c verifyCall) replay(ctx context.Context, w *world) (int, error) {
	src, err := openSource(ctx, c.what)
	if err != nil {
		return 3, err
	}
	defer src.done()
	o := verify.Options{Progress: w.progress("replaying"), KnownGiven: c.known != ""}
	whose := "you gave"
	if c.card == "" {
		c.card, whose = src.card, "lies there"
	}
	if c.card != "" {
		card, err := readCard(c.card)
		if err != nil {
			return 3, fmt.Errorf("%s: %w", c.card, err)
		}
		o.Card = &card
	}
	var memory *remembers
	if c.known != "" {
		o.Known = verify.FileKnown(c.known)
	} else if path := stateFile(); path != "" {
		memory = &remembers{FileKnown: verify.FileKnown(path)}
		o.Known = memory
	}
	res, err := verify.Run(ctx, src.src, o)
	if err != nil {
		return 3, fmt.Errorf("%s: %w", c.what, err)
	}
	res.Notes = append(res.Notes, src.notes...)
	switch {
	case memory != nil && memory.failed != nil:
		res.Notes = append(res.Notes, fmt.Sprintf("This checkpoint is not remembered for the next time: %v.", memory.failed))
	case o.Known == nil && !res.Exercise:
		res.Notes = append(res.Notes, "Nothing is remembered for the next time: there is no state directory here. --known FILE names a place.")
	}
	exit := res.Exit(c.require)
	if c.json {
		return exit, w.printJSON(struct {
			verify.Result
			Card string `json:"card"` // path; "" if there was none
			Exit int    `json:"exit"`
		}{res, c.card, exit})
	}
	if o.Card != nil {
		res.Word = fmt.Sprintf("Checked against the card that %s, %s, whose words are: %s.", whose, c.card, strings.Join(o.Card.Words(), " "))
	}
	printResult(w.out, c.what, res)
	return exit, nil
}

// A remembers is the default memory. That it cannot be written, as on a machine that keeps
// nothing, costs the next check something and this one nothing.
type remembers struct {
	verify.FileKnown
	failed error
}

// Remember keeps a checkpoint if it can.
func (r *remembers) Remember(mission record.Hash, checkpoint []byte) error {
	r.failed = r.FileKnown.Remember(mission, checkpoint)
	return nil
}

func claims(list string) ([]string, error) {
	if list == "" {
		return nil, nil
	}
	asked := strings.Split(list, ",")
	for _, a := range asked {
		if !slices.Contains(verify.Claims(), a) {
			return nil, unusable("verify", "--require: %q is not a claim; they are %s", a, strings.Join(verify.Claims(), ", "))
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
