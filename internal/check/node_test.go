package check_test

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"io"
	"os/exec"
	"strings"
	"testing"

	"corridor.example/corridor/internal/need"
)

// An asker is a Node that runs what a browser runs.
type asker struct {
	t   testing.TB
	in  io.WriteCloser
	out *bufio.Reader
	err *strings.Builder
}

// newAsker starts Node; it ends with the test.
func newAsker(t testing.TB) *asker {
	t.Helper()
	cmd := exec.Command(need.Node(t), "answer.mjs")
	a := &asker{t: t, err: &strings.Builder{}}
	cmd.Stderr = a.err
	var err error
	if a.in, err = cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	a.out = bufio.NewReaderSize(out, 1<<20)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		a.in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("node ended with %v\n%s", err, a.err)
		}
	})
	return a
}

// An answer is what the JavaScript says to a question; which members it has depends on that.
type answer struct {
	OK       bool
	Rule     string
	Fault    string
	Hash     string
	Exercise bool
	Carried  []string
	Leaf     string
	Unix     *int64
	Value    json.RawMessage
	Size     json.RawMessage
	Root     string
	Index    int64
	Class    string
	Re       *string
	Text     string
	List     []string
	Met      []bool
	Cosigned []string
	Quorum   bool
	Roots    []string
	Proofs   [][]string

	State string

	Claims     []claim
	Signatures int64
	Sealed     int64
	Mission    string
}

// A claim is a claim as the JavaScript answers it.
type claim struct {
	Name, State string
	Bad, Open   []problem
}

type problem struct {
	Index int64
	Hash  string
	Rule  string
}

// ask puts a question. A fault of the JavaScript itself, which is neither yes nor no, fails the
// test.
func (a *asker) ask(what string, members map[string]any) answer {
	a.t.Helper()
	members["ask"] = what
	q, err := json.Marshal(members)
	if err != nil {
		a.t.Fatal(err)
	}
	if _, err := a.in.Write(append(q, '\n')); err != nil {
		a.t.Fatalf("asking node: %v\n%s", err, a.err)
	}
	line, err := a.out.ReadBytes('\n')
	if err != nil {
		a.t.Fatalf("node does not answer: %v\n%s", err, a.err)
	}
	var x answer
	if err := json.Unmarshal(line, &x); err != nil {
		a.t.Fatalf("%v: %.300s", err, line)
	}
	if x.Fault != "" {
		a.t.Errorf("%s: the JavaScript failed: %s", what, x.Fault)
	}
	return x
}

type m = map[string]any

func b64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }
