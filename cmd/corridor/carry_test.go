package main

import (
	"database/sql"
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"corridor.example/corridor/internal/compact"
	"corridor.example/corridor/internal/seal"
	"corridor.example/corridor/record"
)

func packedRecord(ts *testscript.TestScript, file string) []byte {
	r, err := record.Parse([]byte(strings.TrimSuffix(ts.ReadFile(file), "\n")))
	ts.Check(err)
	return compact.Pack(r, true)
}

func packed(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, "RECORD FILE")
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), packedRecord(ts, args[0]), 0o600))
}

func sealed(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, "DIR RECORD FILE")
	db, err := sql.Open("sqlite", "file://"+ts.MkAbs(args[0])+"/node.db?mode=ro")
	ts.Check(err)
	defer db.Close()
	var name string
	ts.Check(db.QueryRow("SELECT name FROM secret WHERE name LIKE 'sealing %'").Scan(&name))
	item, err := seal.Seal(packedRecord(ts, args[1]), strings.TrimPrefix(name, "sealing "))
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), item, 0o600))
}

// asLines cuts a file into lines, the first ones each to a file, the rest to the last.
func asLines(f compact.Form) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		want(ts, neg, args, "FILE FILE")
		lines := f.Lines([]byte(ts.ReadFile(args[0])))
		for i, path := range args[1:] {
			text := ""
			if i < len(lines) {
				text = "Forwarded: " + lines[i] + "\n"
			}
			if i == len(args)-2 && i+1 < len(lines) {
				text += strings.Join(lines[i+1:], "\n")
			}
			ts.Check(os.WriteFile(ts.MkAbs(path), []byte(text), 0o600))
		}
	}
}

func sequence(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, "FILE FILE")
	var b []byte
	for _, path := range args[1:] {
		b = seal.Frame(b, []byte(ts.ReadFile(path)))
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b, 0o600))
}
