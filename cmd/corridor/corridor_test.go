package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"corridor.example/corridor/internal/compact"
)

// shared is where what several tests look at is built.
var shared string

// tests runs the tests with a directory that they share.
type tests struct{ *testing.M }

// Run makes the directory, runs the tests and removes it.
func (m tests) Run() int {
	var err error
	if shared, err = os.MkdirTemp("", "corridor-test-"); err != nil {
		panic(err)
	}
	defer os.RemoveAll(shared)
	// What a test accepts is remembered in no place but its own.
	if err := os.Setenv("XDG_STATE_HOME", filepath.Join(shared, "state")); err != nil {
		panic(err)
	}
	return m.M.Run()
}

func TestMain(m *testing.M) {
	testscript.Main(tests{m}, map[string]func(){"corridor": main})
}

// TestScripts runs the command line as people do. Beside testscript's own commands there are:
//
//	status N corridor ARGS...   runs it, and asks for that exit status
//	take NAME FILE PATTERN      sets NAME to what the pattern's group matches in FILE, or in
//	                            stdout or stderr
//	paste FILE OLD NEW          puts NEW in place of the first OLD in FILE; \n is a line end
//	lines MOST FILE             FILE has at most so many lines
//	tables DB FILE              writes every row of every table of DB to FILE
//	sql DB STATEMENT            has SQLite do something to a file
//	founded DIR [QUORUM KEY…]   founds a real mission there, as init.txt shows it, with the keys
//	                            of both parties' offices in first.key and second.key; the KEYs
//	                            are of the parties' witnesses, in their order, and of others
//	served DIR NAME             waits until a server runs DIR, and sets NAME to its address
//	terminate                   asks what runs in the background to stop, as a system does
//	fetch URL FILE              keeps what an address answers
//	post URL FILE STATUS        sends FILE and asks for that answer
//	packed RECORD FILE          packs a record, as a phone does
//	sealed DIR RECORD FILE      packs it and seals it to the sealing key of DIR
//	messages FILE FILE…         cuts a packed record into text messages, each to its file
//	codes FILE FILE…            likewise into the texts of QR codes
//	sequence FILE FILE…         puts sealed files into one
//	token URL FILE NAME         trades the code of the invitation that FILE has, or stdout, for a
//	                            program's token, and writes that to NAME
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("XDG_STATE_HOME", filepath.Join(e.WorkDir, "state"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status": status, "take": take, "paste": paste, "lines": lines, "tables": tables,
			"sql": statement, "founded": founded, "served": served, "terminate": terminate, "fetch": fetch, "post": post,
			"packed": packed, "sealed": sealed, "messages": asLines(compact.Message), "codes": asLines(compact.Code), "sequence": sequence, "token": traded,
		},
	})
}

func want(ts *testscript.TestScript, neg bool, args []string, usage string) {
	if n := len(strings.Fields(usage)); neg || len(args) < n {
		ts.Fatalf("usage: %s", usage)
	}
}

func status(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, "N corridor")
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != n {
		ts.Fatalf("status %d, want %d", got, n)
	}
}

func take(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, "NAME FILE PATTERN")
	re, err := regexp.Compile("(?m)" + args[2])
	ts.Check(err)
	m := re.FindStringSubmatch(ts.ReadFile(args[1]))
	if len(m) < 2 {
		ts.Fatalf("%s has nothing like %s", args[1], args[2])
	}
	ts.Setenv(args[0], m[1])
}

func paste(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, "FILE OLD NEW")
	lf := strings.NewReplacer(`\n`, "\n")
	old, text := lf.Replace(args[1]), ts.ReadFile(args[0])
	if !strings.Contains(text, old) {
		ts.Fatalf("%s has no %q", args[0], old)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Replace(text, old, lf.Replace(args[2]), 1)), 0o600))
}

func lines(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, "MOST FILE")
	most, err := strconv.Atoi(args[0])
	ts.Check(err)
	if n := strings.Count(ts.ReadFile(args[1]), "\n"); n > most {
		ts.Fatalf("%s has %d lines, want at most %d", args[1], n, most)
	}
}

func statement(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, "DB STATEMENT")
	db, err := sql.Open("sqlite", "file://"+ts.MkAbs(args[0]))
	ts.Check(err)
	defer db.Close()
	_, err = db.Exec(args[1])
	ts.Check(err)
}

func tables(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, "DB FILE")
	db, err := sql.Open("sqlite", "file://"+ts.MkAbs(args[0])+"?mode=ro&immutable=1")
	ts.Check(err)
	defer db.Close()
	var text strings.Builder
	for _, table := range []string{"record", "envelope", "part", "head"} {
		rows, err := db.Query("SELECT * FROM " + table + " ORDER BY 1, 2")
		ts.Check(err)
		names, err := rows.Columns()
		ts.Check(err)
		for rows.Next() {
			values, at := make([]any, len(names)), make([]any, len(names))
			for i := range values {
				at[i] = &values[i]
			}
			ts.Check(rows.Scan(at...))
			fmt.Fprintf(&text, "%s %x\n", table, values)
		}
		ts.Check(rows.Err())
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text.String()), 0o600))
}

func founded(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, "DIR")
	quorum, watching := "0", []string(nil)
	if len(args) > 1 {
		quorum, watching = args[1], args[2:]
	}
	ts.Check(foundWith(ts.MkAbs(args[0]), quorum, watching))
}

// foundWith founds a real mission of two parties, as people do, with witnesses of theirs and of others.
func foundWith(dir, quorum string, watching []string) error {
	corridor := func(in string, args ...string) (string, error) {
		var out, err strings.Builder
		w := &world{in: strings.NewReader(in), out: &out, err: &err}
		if status := run(context.Background(), w, args); status != 0 {
			return "", fmt.Errorf("corridor %s: status %d\n%s%s", strings.Join(args, " "), status, out.String(), err.String())
		}
		return out.String(), nil
	}
	said, err := corridor("Evacuation\n\n2026-12-01\nUpper\nRiver\n\n\n", "init", "--dir", dir, "--json")
	if err != nil {
		return err
	}
	var asked struct{ Mandate, Origin string }
	if err := json.Unmarshal([]byte(said), &asked); err != nil {
		return err
	}
	b, err := os.ReadFile(asked.Mandate)
	if err != nil {
		return err
	}
	text := string(b)
	for _, name := range []string{"first.key", "second.key"} {
		said, err := corridor("", "sign", "--new-key", filepath.Join(filepath.Dir(dir), name), "--origin", asked.Origin, "--plain", "--json")
		if err != nil {
			return err
		}
		var key struct{ Key, Proof string }
		if err := json.Unmarshal([]byte(said), &key); err != nil {
			return err
		}
		text = strings.Replace(text, "    key:\n    proof:\n", "    key: "+key.Key+"\n    proof: "+key.Proof+"\n", 1)
	}
	for i := 0; i < 2 && len(watching) > 0; i++ {
		text, watching = strings.Replace(text, "    witness:\n", "    witness: "+watching[0]+"\n", 1), watching[1:]
	}
	text = strings.Replace(text, "witnesses: []\nquorum: 0", "witnesses: ["+strings.Join(watching, ", ")+"]\nquorum: "+quorum, 1)
	if err := os.WriteFile(asked.Mandate, []byte(text), 0o600); err != nil {
		return err
	}
	_, err = corridor("", "init", "--dir", dir, "--from", asked.Mandate, "--plain")
	return err
}

func served(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, "DIR NAME")
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for range 1500 {
		addr, err := serverOf(ts.MkAbs(args[0]))
		ts.Check(err)
		if addr != "" {
			resp, err := http.Get("http://" + addr + "/readyz")
			if err == nil {
				resp.Body.Close()
				if resp.StatusCode == http.StatusOK {
					ts.Setenv(args[1], "http://"+addr)
					return
				}
			}
		}
		<-again.C
	}
	ts.Fatalf("no server runs %s after half a minute", args[0])
}

func terminate(ts *testscript.TestScript, neg bool, args []string) {
	cmds := ts.BackgroundCmds()
	if neg || len(args) > 0 || len(cmds) == 0 {
		ts.Fatalf("usage: terminate, while something runs in the background")
	}
	for _, c := range cmds {
		ts.Check(c.Process.Signal(syscall.SIGTERM))
	}
}

func fetch(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, "URL FILE")
	resp, err := http.Get(args[0])
	ts.Check(err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	ts.Check(err)
	if resp.StatusCode != http.StatusOK {
		ts.Fatalf("%s answered %s\n%s", args[0], resp.Status, b)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), b, 0o600))
}

func post(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, "URL FILE STATUS")
	resp, err := http.Post(args[0], "application/json", strings.NewReader(ts.ReadFile(args[1])))
	ts.Check(err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	ts.Check(err)
	ts.Logf("%s\n%s", resp.Status, b)
	if strconv.Itoa(resp.StatusCode) != args[2] {
		ts.Fatalf("%s answered %s, want %s", args[0], resp.Status, args[2])
	}
}

func traded(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, "URL FILE NAME")
	m := regexp.MustCompile(`/join#([A-Za-z0-9_-]+)`).FindStringSubmatch(ts.ReadFile(args[1]))
	if m == nil {
		ts.Fatalf("%s has no invitation", args[1])
	}
	resp, err := http.Post(args[0]+"/api/v1/session/open/invitation", "application/json", strings.NewReader(`{"code":"`+m[1]+`"}`))
	ts.Check(err)
	defer resp.Body.Close()
	var answer struct{ Token string }
	b, err := io.ReadAll(resp.Body)
	ts.Check(err)
	if json.Unmarshal(b, &answer) != nil || answer.Token == "" {
		ts.Fatalf("%s: %s", resp.Status, b)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(answer.Token+"\n"), 0o600))
}
