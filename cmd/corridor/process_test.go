package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/store/sqlite"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

// A process is a corridor that runs beside the test and tells its address.
type process struct {
	t    *testing.T
	cmd  *exec.Cmd
	err  heard
	at   string // its address, without a slash at the end
	over chan error
}

// heard is what a process says, which may be read while it says more.
type heard struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *heard) Write(b []byte) (int, error) { s.mu.Lock(); defer s.mu.Unlock(); return s.b.Write(b) }
func (s *heard) String() string              { s.mu.Lock(); defer s.mu.Unlock(); return s.b.String() }

// start runs a corridor whose first line of JSON says its address.
func start(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command("corridor", args...), over: make(chan error, 1)}
	p.cmd.Stderr = &p.err
	out, err := p.cmd.StdoutPipe()
	if err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	var ready struct{ Address string }
	if err := json.NewDecoder(out).Decode(&ready); err != nil || ready.Address == "" {
		p.kill()
		t.Fatalf("corridor %s: %v\n%s", strings.Join(args, " "), err, p.err.String())
	}
	p.at = strings.TrimSuffix(ready.Address, "/")
	go func() { _, _ = io.Copy(io.Discard, out) }() // until it ends
	return p
}

// kill ends it as a power cut does. It may be called twice.
func (p *process) kill() {
	if p.cmd.ProcessState == nil {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
	}
}

// stop asks it to end, and returns its exit status.
func (p *process) stop() int {
	p.t.Helper()
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		p.t.Fatal(err)
	}
	_ = p.cmd.Wait() // the status says more
	return p.cmd.ProcessState.ExitCode()
}

// soon waits until something is so.
func soon(t *testing.T, what string, so func() bool) {
	t.Helper()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for end := time.Now().Add(5 * time.Minute); time.Now().Before(end); <-again.C {
		if so() {
			return
		}
	}
	t.Fatalf("after five minutes there is not: %s", what)
}

// parties is a real mission whose two parties each run a witness, as people found it.
type parties struct {
	t   *testing.T
	dir string
	env []string
	n   int
}

func (p *parties) path(name string) string { return filepath.Join(p.dir, name) }

// do runs a command to its end and returns what it says.
func (p *parties) do(want int, args ...string) string {
	p.t.Helper()
	var out bytes.Buffer
	ctx, cancel := context.WithTimeout(p.t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "corridor", args...)
	cmd.Stdout, cmd.Stderr, cmd.Env = &out, &out, append(os.Environ(), p.env...)
	_ = cmd.Run() // the status says more
	if got := cmd.ProcessState.ExitCode(); got != want {
		p.t.Fatalf("corridor %s: status %d, want %d\n%s", strings.Join(args, " "), got, want, out.String())
	}
	return out.String()
}

func foundParties(t *testing.T) *parties {
	p := &parties{t: t, dir: t.TempDir()}
	var keys []string
	for _, name := range []string{"first", "second"} {
		keys = append(keys, strings.SplitN(p.do(0, "witness", "init", "--dir", p.path(name), "--name", name+".example/witness"), "\n", 2)[0])
	}
	if err := foundWith(p.path("m"), "2", keys); err != nil {
		t.Fatal(err)
	}
	return p
}

// serve runs the mission that lives in a directory.
func (p *parties) serve(dir string, more ...string) *process {
	p.t.Helper()
	return start(p.t, append([]string{"serve", "--dir", p.path(dir), "--listen", "127.0.0.1:0", "--json"}, more...)...)
}

// join trades an invitation for a party's witness.
func (p *parties) join(name string) {
	p.t.Helper()
	var i struct{ Link string }
	if err := json.Unmarshal([]byte(p.do(0, "invite", "--dir", p.path("m"), "--actor", name, "--for-program", "--json")), &i); err != nil {
		p.t.Fatal(err)
	}
	p.do(0, "witness", "init", "--dir", p.path(name), i.Link, "--card", p.path("m/mission.card"))
}

// watch runs a party's witness.
func (p *parties) watch(name, url string) *process {
	p.t.Helper()
	return start(p.t, "witness", "--dir", p.path(name), url, "--listen", "127.0.0.1:0", "--json")
}

// depart signs an account and returns it as a line, with --out, or logs it.
func (p *parties) depart(more ...string) {
	p.t.Helper()
	p.n++
	draft := p.path("departure.yaml")
	text := "kind: departure\nby: office\nfacts: {convoy: A-0" + string(rune('0'+p.n)) + ", when: \"2026-12-02T08:00:00Z\", basis: observed}\ncount: {sums: [{unit: people, total: 122, method: tally}]}\nwhere: {place: gate}\n"
	if err := os.WriteFile(draft, []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
	p.do(0, append([]string{"record", draft, "--key", p.path("m/office.key"), "--dir", p.path("m")}, more...)...)
}

// verified is what verify --json says of a directory.
func (p *parties) verified(dir string) (r struct {
	Size    int64
	Checked []verify.Checked
	Claims  []verify.Claim
	Exit    int
}) {
	p.t.Helper()
	var out bytes.Buffer
	cmd := exec.CommandContext(p.t.Context(), "corridor", "verify", p.path(dir), "--card", p.path("m/mission.card"), "--json")
	cmd.Stdout = &out
	_ = cmd.Run() // the status is in the answer
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		p.t.Fatalf("verify %s: %v\n%s", dir, err, out.String())
	}
	return r
}

// checked is how far a witness has checked the log of a directory.
func (p *parties) checked(dir, name string) int64 {
	p.t.Helper()
	for _, c := range p.verified(dir).Checked {
		if c.Name == name {
			return c.Size
		}
	}
	p.t.Fatalf("verify %s says nothing of %s", dir, name)
	return 0
}

// page returns what an address answers, and with which status.
func page(t *testing.T, url string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "text/html")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

func (p *parties) store(dir string) *sqlite.Store {
	p.t.Helper()
	st, err := sqlite.OpenReadOnly(filepath.Join(p.path(dir), missionFile))
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { st.Close() })
	return st
}

// has reports whether a record is in the log of a directory.
func (p *parties) has(dir string, h record.Hash) bool {
	p.t.Helper()
	st := p.store(dir)
	defer st.Close()
	m, _, err := node.Read(p.t.Context(), st)
	if err != nil {
		p.t.Fatal(err)
	}
	_, ok := m.Index(h)
	return ok
}

// exactly asks the mission's policy of every header and part whether a party may read it, and
// holds what a witness's copy carries against the answer.
func (p *parties) exactly(name string) {
	p.t.Helper()
	whole, copied := p.store("m"), p.store(name)
	m, head, err := node.Read(p.t.Context(), whole)
	if err != nil {
		p.t.Fatal(err)
	}
	carried, withheld := 0, 0
	for i := range head.Size {
		all, err := whole.Row(p.t.Context(), i)
		if err != nil {
			p.t.Fatal(err)
		}
		some, err := copied.Row(p.t.Context(), i)
		if err != nil {
			p.t.Fatal(err)
		}
		r, err := record.ParseEnvelope(all.Envelope)
		if err != nil {
			p.t.Fatal(err)
		}
		hold := func(part string, has bool) {
			may := m.Now().MayRead(corridor.Parties, all.Hash, part, record.At(time.Now()))
			if has != may {
				p.t.Errorf("entry %d, a %s: the copy of %s carries its %s: %v, and the policy says %v", i, r.Header.Kind, name, part, has, may)
			}
			if has {
				carried++
			} else {
				withheld++
			}
		}
		hold("header", some.Carried())
		for k, part := range r.Parts {
			hold(part.Name, some.Carried() && k < len(some.Parts) && some.Parts[k] != nil)
		}
	}
	if carried == 0 || withheld == 0 {
		p.t.Errorf("%d headers and parts are carried and %d are not: too little to show anything", carried, withheld)
	}
}

// TestPartiesProcesses runs a mission and its parties' witnesses as people do, each a process: the
// quorum of both sides, one of them stopped, a restored older backup, and a server that is gone.
func TestPartiesProcesses(t *testing.T) {
	t.Parallel()
	p := foundParties(t)
	p.depart()
	s := p.serve("m")
	p.join("first")
	p.join("second")
	first, second := p.watch("first", s.at), p.watch("second", s.at)
	size := int64(0) // what a party's witness reads leaves records of its own, which are cosigned too
	soon(t, "the cosignatures of both sides under all there is", func() bool {
		r := p.verified("m")
		size = r.Size
		return r.Exit == 0
	})
	p.exactly("first")
	p.do(0, "backup", "--dir", p.path("m"), p.path("copy.tar"))

	// One stops. Records still flow; verify and the pages say since when.
	if status := second.stop(); status != 0 {
		t.Errorf("a witness to which nothing happened ended with %d: %s", status, second.err.String())
	}
	p.depart()
	if status := s.stop(); status != 0 {
		t.Fatalf("serve ended with %d: %s", status, s.err.String())
	}
	s = p.serve("m") // what was logged is live at once
	first.kill()
	first = p.watch("first", s.at)
	soon(t, "the cosignature of the one that runs", func() bool { return p.checked("m", "first") > size })
	if got := p.checked("m", "second"); got != size {
		t.Errorf("of the one that stopped verify says %d", got)
	}
	now := p.verified("m")
	said := p.do(now.Exit, "verify", p.path("m"), "--card", p.path("m/mission.card"))
	if now.Exit != 2 || !strings.Contains(said, "last checked by second: ") || !strings.Contains(said, fmt.Sprintf(", %d entries\n", size)) || !strings.Contains(said, "last checked by first: ") {
		t.Errorf("verify says %s", said)
	}
	soon(t, "the board of the party that runs, with what it checked", func() bool {
		_, text := page(t, first.at+"/log")
		return strings.Contains(text, fmt.Sprintf(", %d entries", p.checked("m", "first")))
	})

	// A restored older backup refuses to sign while a witness remembers more.
	s.kill()
	t.Run("restored", func(t *testing.T) { p.restored(t, first, size) })

	// The server is gone for good, and the party's own machine answers.
	for _, path := range []string{"/", "/board", "/log", "/desk", "/observers"} {
		if status, text := page(t, first.at+path); status != http.StatusOK {
			t.Errorf("%s of the party's own machine: %d\n%s", path, status, text)
		}
	}
	p.depart("--out", p.path("kept.record"))
	line, err := os.ReadFile(p.path("kept.record"))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Post(first.at+"/api/v1/records", "application/json", bytes.NewReader(line))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil || resp.StatusCode != http.StatusAccepted || !strings.Contains(string(b), "lodged.kept") {
		t.Errorf("a record at a witness without a server: %s\n%s", resp.Status, b)
	}
	first.kill() // it keeps what it took, whatever ends it
	s = p.serve("m")
	first = p.watch("first", s.at)
	kept, err := record.Parse(bytes.TrimSuffix(line, []byte("\n")))
	if err != nil {
		t.Fatal(err)
	}
	soon(t, "the record that was kept, in the log", func() bool { return p.has("m", kept.Hash) })
}

// restored serves a backup of so many entries, older than what a running witness has cosigned.
func (p *parties) restored(t *testing.T, first *process, size int64) {
	old := &parties{t: t, dir: p.dir, env: []string{"XDG_STATE_HOME=" + p.path("elsewhere")}} // a machine that knew nothing
	old.do(0, "restore", p.path("copy.tar"), "--dir", p.path("old"))
	at := "first=" + first.at + "/witness"
	for _, more := range [][]string{nil, {"--despite", "first"}} {
		said := old.do(1, append([]string{"serve", "--dir", p.path("old"), "--listen", "127.0.0.1:0", "--witness", at}, more...)...)
		for _, want := range []string{"the witness first knows ", fmt.Sprintf(" records of this log and there are %d here", size), "shows the log's own signature", "Nothing is signed here", "restore the newest backup"} {
			if !strings.Contains(said, want) {
				t.Errorf("serve %v does not say %q:\n%s", more, want, said)
			}
		}
	}
	if r := old.verified("old"); r.Size != size {
		t.Errorf("something was signed: %d entries", r.Size)
	}
}
