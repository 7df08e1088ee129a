// Command corridor founds, runs and checks the record of a monitored evacuation.
//
//	corridor demo                 open a finished mission, play it, and try to cheat
//	corridor verify WHAT          a mission, a bundle or an address: what holds and what does not
//	corridor help                 every verb
//
// It answers with the exit status: 0 all that was asked for holds, 1 something does not,
// 2 something asked for could not be checked, 3 bad arguments, unreadable input or a fault.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sort"
	"strings"
	"syscall"

	"corridor.example/corridor/internal/node"
)

// A command is one verb: it takes its arguments and the world it writes to, and returns an
// exit status, or an error that is printed as one sentence with status 3.
type command struct {
	about string
	usage string
	run   func(ctx context.Context, w *world, args []string) (int, error)
}

// A world is what a command reads and writes.
type world struct {
	in       io.Reader
	out, err io.Writer
	terminal bool                                  // a person looks at err: progress may be shown there
	asked    bool                                  // a person types into in, and sees what is typed
	hidden   func(context.Context) ([]byte, error) // reads a line that is not shown as it is typed; nil where nobody types
}

var commands = map[string]command{
	"demo":     {"open a finished mission on an embedded store, play it, and try to cheat", demoUsage, runDemo},
	"init":     {"found a mission: seven questions, or a mandate file", initUsage, runInit},
	"serve":    {"run the mission server: board, public page, API, log", serveUsage, runServe},
	"record":   {"sign an account and submit it, or write it to a file", recordUsage, runRecord},
	"sign":     {"sign an act of an office, or make a key, with no network", signUsage, runSign},
	"witness":  {"for a party: mirror, cosign, take records in, and raise the alarm", witnessUsage, runWitness},
	"verify":   {"replay a log and say what holds, what does not, what cannot be checked", verifyUsage, runVerify},
	"report":   {"draft, sign and submit the next report of a series", reportUsage, runReport},
	"export":   {"write a mission as one file that verify checks with no network", exportUsage, runExport},
	"backup":   {"copy a mission into one file while it runs", backupUsage, runBackup},
	"restore":  {"restore a backup and check it before anything is served", restoreUsage, runRestore},
	"invite":   {"let somebody read more than the public: a link and a code, used once", inviteUsage, runInvite},
	"sessions": {"list who reads more than the public, and end it", sessionsUsage, runSessions},
	"doctor":   {"look a mission's directory over and say what needs attention", doctorUsage, runDoctor},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	w := &world{
		in: os.Stdin, out: os.Stdout, err: os.Stderr,
		terminal: terminal(os.Stderr), asked: terminal(os.Stdin), hidden: hiddenOn(int(os.Stdin.Fd())),
	}
	status := run(ctx, w, os.Args[1:])
	stop()
	os.Exit(status)
}

// run finds the verb and runs it.
func run(ctx context.Context, w *world, args []string) int {
	if len(args) == 0 || args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		return help(w, args)
	}
	c, ok := commands[args[0]]
	if !ok {
		fmt.Fprintf(w.err, "corridor: %q is not a verb; corridor help lists them\n", args[0])
		return 3
	}
	status, err := c.run(ctx, w, args[1:])
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(w.out, strings.TrimLeft(c.usage, "\n"))
		return 0
	}
	if err != nil {
		fmt.Fprintf(w.err, "corridor %s: %v\n", args[0], err)
		if errors.As(err, new(*node.Ahead)) {
			return 1 // what lies here is not the log that a witness knows
		}
		return 3
	}
	return status
}

// unusable is a sentence about arguments, with where to read more.
func unusable(verb, format string, args ...any) error {
	return fmt.Errorf("%s (corridor help %s says more)", fmt.Sprintf(format, args...), verb)
}

func help(w *world, args []string) int {
	if len(args) > 1 {
		if c, ok := commands[args[1]]; ok {
			fmt.Fprint(w.out, strings.TrimLeft(c.usage, "\n"))
			return 0
		}
		fmt.Fprintf(w.err, "corridor: %q is not a verb; corridor help lists them\n", args[1])
		return 3
	}
	var verbs []string
	for v := range commands {
		verbs = append(verbs, v)
	}
	sort.Strings(verbs)
	fmt.Fprint(w.out, "Corridor is the record of a monitored evacuation that nobody has to trust.\n\n")
	for _, v := range verbs {
		fmt.Fprintf(w.out, "  corridor %-8s %s\n", v, commands[v].about)
	}
	fmt.Fprint(w.out, "\ncorridor help VERB says more. Exit status: 0 holds, 1 does not hold, 2 cannot be checked, 3 could not be done.\n")
	if len(args) == 0 {
		return 3
	}
	return 0
}

// flags returns a flag set that prints nothing by itself; its errors come back as sentences.
func flags(verb string) *flag.FlagSet {
	f := flag.NewFlagSet(verb, flag.ContinueOnError)
	f.SetOutput(io.Discard)
	return f
}

// parse reads flags and operands in any order, and refuses more operands than a verb takes.
func parse(f *flag.FlagSet, args []string, most int) (operands []string, err error) {
	for {
		if err := f.Parse(args); err != nil {
			return nil, misused(f.Name(), err)
		}
		args = f.Args()
		if len(args) == 0 {
			return operands, nil
		}
		if len(operands) == most {
			return nil, unusable(f.Name(), "%q is one argument too many", args[0])
		}
		operands = append(operands, args[0])
		args = args[1:]
	}
}

// misused makes a sentence of what package flag says.
func misused(verb string, err error) error {
	if errors.Is(err, flag.ErrHelp) {
		return err
	}
	text := err.Error()
	if name, ok := strings.CutPrefix(text, "flag provided but not defined: -"); ok {
		return unusable(verb, "--%s is not an option of corridor %s", strings.TrimPrefix(name, "-"), verb)
	}
	if name, ok := strings.CutPrefix(text, "flag needs an argument: -"); ok {
		return unusable(verb, "--%s needs a value", strings.TrimPrefix(name, "-"))
	}
	return unusable(verb, "%s", text)
}

// printJSON writes one JSON object, for programs.
func (w *world) printJSON(v any) error {
	enc := json.NewEncoder(w.out)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// terminal reports whether a file is one that a person looks at.
func terminal(f *os.File) bool {
	s, err := f.Stat()
	if err != nil || s.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(s, null)
}

// progress returns a function that shows how far long work has come, on a terminal only.
func (w *world) progress(what string) func(done, total int64) {
	if !w.terminal {
		return nil
	}
	last := int64(-1)
	return func(done, total int64) {
		if total <= 0 {
			return
		}
		if p := done * 100 / total; p != last {
			last = p
			fmt.Fprintf(w.err, "\r%s %d %%", what, p)
			if done == total {
				fmt.Fprintln(w.err)
			}
		}
	}
}
