package outside

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"corridor.example/corridor/ledger"
	"filippo.io/torchwood"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
	_ "modernc.org/sqlite" // litewitness is told of logs in its database
)

// buildLitewitness builds torchwood's witness, which litewitness/go.mod pins.
func buildLitewitness(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "litewitness")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-C", "litewitness", "-o", bin, "filippo.io/torchwood/cmd/litewitness").CombinedOutput()
	if err != nil {
		t.Fatalf("building litewitness: %v\n%s", err, out)
	}
	return bin
}

// A background is a program that runs beside the test.
type background struct {
	t   *testing.T
	cmd *exec.Cmd
	mu  sync.Mutex
	b   bytes.Buffer
}

func (p *background) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.b.Write(b)
}
func (p *background) said() string { p.mu.Lock(); defer p.mu.Unlock(); return p.b.String() }

// runBeside starts a program; ready, if not nil, reads what it prints until it is ready.
func runBeside(t *testing.T, ready func(io.Reader) error, name string, args ...string) *background {
	t.Helper()
	p := &background{t: t, cmd: exec.Command(name, args...)}
	p.cmd.Stderr = p
	out, err := p.cmd.StdoutPipe()
	if err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	if ready != nil {
		if err := ready(out); err != nil {
			t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, p.said())
		}
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	return p
}

func (p *background) kill() {
	if p.cmd.ProcessState == nil {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
	}
}

// address runs a corridor whose first line of JSON says its address.
func address(t *testing.T, corridor string, args ...string) (*background, string) {
	t.Helper()
	var at struct{ Address string }
	p := runBeside(t, func(r io.Reader) error { return json.NewDecoder(r).Decode(&at) }, corridor, append(args, "--json")...)
	return p, strings.TrimSuffix(at.Address, "/")
}

func until(t *testing.T, what string, so func() bool) {
	t.Helper()
	again := time.NewTicker(250 * time.Millisecond)
	defer again.Stop()
	for end := time.Now().Add(4 * time.Minute); time.Now().Before(end); <-again.C {
		if so() {
			return
		}
	}
	t.Fatalf("after four minutes there is not: %s", what)
}

// A litewitness is torchwood's witness with a key of its own, which an agent holds.
type litewitness struct {
	t         *testing.T
	bin, dir  string
	name, url string
	vkey      string
	key       ed25519.PrivateKey
}

func newLitewitness(t *testing.T) *litewitness {
	dir, err := os.MkdirTemp("", "lite-") // a socket's path is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	w := &litewitness{t: t, bin: buildLitewitness(t), dir: dir, name: "lite.example/witness", key: seedKey("litewitness")}
	cosigner, err := ledger.NewCosigner(w.name, w.key)
	if err != nil {
		t.Fatal(err)
	}
	w.vkey = cosigner.Key()
	keys := agent.NewKeyring()
	if err := keys.Add(agent.AddedKey{PrivateKey: w.key}); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", filepath.Join(dir, "agent"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { _ = agent.ServeAgent(keys, c); c.Close() }() // it ends with the connection
		}
	}()
	return w
}

// start runs it, on a port that was free a moment ago.
func (w *litewitness) start() *background {
	w.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	at := l.Addr().String()
	l.Close()
	pub, err := ssh.NewPublicKey(w.key.Public())
	if err != nil {
		w.t.Fatal(err)
	}
	p := runBeside(w.t, nil, w.bin, "-name", w.name, "-db", filepath.Join(w.dir, "db"), "-ssh-agent", filepath.Join(w.dir, "agent"), "-key", ssh.FingerprintSHA256(pub), "-listen", at)
	w.url = "http://" + at
	until(w.t, "litewitness", func() bool { _, err := get(w.t.Context(), w.url+"/"); return err == nil })
	if !strings.Contains(p.said(), w.vkey) {
		w.t.Fatalf("litewitness calls its key otherwise than %s:\n%s", w.vkey, p.said())
	}
	return p
}

// follow tells it of a log, as its operator does.
func (w *litewitness) follow(vkey string) {
	w.t.Helper()
	origin, _, _ := strings.Cut(vkey, "+")
	db, err := sql.Open("sqlite", "file:"+filepath.Join(w.dir, "db")+"?_pragma=busy_timeout(5000)")
	if err != nil {
		w.t.Fatal(err)
	}
	defer db.Close()
	const empty = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" // SHA-256 of nothing, the root of an empty tree
	_, err = db.Exec("INSERT INTO log(origin, tree_size, tree_hash) VALUES(?, 0, ?)", origin, empty)
	if err == nil {
		_, err = db.Exec("INSERT INTO key(origin, key) VALUES(?, ?)", origin, vkey)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// A commandLine runs corridor to its end.
type commandLine struct {
	t        *testing.T
	bin, dir string
}

func (c commandLine) path(name string) string { return filepath.Join(c.dir, name) }

func (c commandLine) do(in string, args ...string) string {
	c.t.Helper()
	var out, said bytes.Buffer
	cmd := exec.CommandContext(c.t.Context(), c.bin, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(in), &out, &said
	if err := cmd.Run(); err != nil {
		c.t.Fatalf("corridor %s: %v\n%s%s", strings.Join(args, " "), err, out.String(), said.String())
	}
	return out.String()
}

func (c commandLine) json(v any, args ...string) {
	c.t.Helper()
	if err := json.Unmarshal([]byte(c.do("", append(args, "--json")...)), v); err != nil {
		c.t.Fatal(err)
	}
}

// found founds a mission of two parties, as an office does, whose quorum is a witness of each
// side and one of the others.
func (c commandLine) found(first, second string, others ...string) {
	c.t.Helper()
	var asked struct{ Mandate, Origin string }
	said := c.do("Evacuation\n\n2026-12-01\nUpper\nRiver\n\n\n", "init", "--dir", c.path("m"), "--json")
	if err := json.Unmarshal([]byte(said), &asked); err != nil {
		c.t.Fatal(err)
	}
	b, err := os.ReadFile(asked.Mandate)
	if err != nil {
		c.t.Fatal(err)
	}
	text := string(b)
	for _, name := range []string{"first", "second"} {
		var key struct{ Key, Proof string }
		c.json(&key, "sign", "--new-key", c.path(name+".key"), "--origin", asked.Origin, "--plain")
		text = strings.Replace(text, "    key:\n    proof:\n", "    key: "+key.Key+"\n    proof: "+key.Proof+"\n", 1)
	}
	for _, key := range []string{first, second} {
		text = strings.Replace(text, "    witness:\n", "    witness: "+key+"\n", 1)
	}
	text = strings.Replace(text, "witnesses: []\nquorum: 0", "witnesses: ["+strings.Join(others, ", ")+"]\nquorum: 3", 1)
	if err := os.WriteFile(asked.Mandate, []byte(text), 0o600); err != nil {
		c.t.Fatal(err)
	}
	c.do("", "init", "--dir", c.path("m"), "--from", asked.Mandate, "--plain")
}

// TestWitnesses has two parties' witnesses, litewitness and one more cosign the same running
// mission, which asks for a witness of each side. One side's stops: records are logged, the
// others go on, and no verifier, torchwood's among them, finds the quorum until it is back.
func TestWitnesses(t *testing.T) {
	lite := newLitewitness(t)
	c := commandLine{t, buildCorridor(t), t.TempDir()}
	keys := map[string]string{}
	for _, name := range []string{"first", "second", "grey"} {
		var made struct{ Key string }
		c.json(&made, "witness", "init", "--dir", c.path(name), "--name", name+".example/witness")
		keys[name] = made.Key
	}
	c.found(keys["first"], keys["second"], lite.vkey, keys["grey"])
	lite.start()
	_, url := address(t, c.bin, "serve", "--dir", c.path("m"), "--listen", "127.0.0.1:0", "--witness", "w1="+lite.url)
	vkey, err := get(t.Context(), url+"/log.vkey")
	if err != nil {
		t.Fatal(err)
	}
	lite.follow(strings.TrimSpace(string(vkey)))
	watch := map[string]*background{}
	start := func(name string) {
		watch[name], _ = address(t, c.bin, "witness", "--dir", c.path(name), url, "--listen", "127.0.0.1:0")
	}
	for name, reads := range map[string]string{"first": "first", "second": "second", "grey": "office"} {
		var i struct{ Link string }
		c.json(&i, "invite", "--dir", c.path("m"), "--actor", reads, "--for-program")
		c.do("", "witness", "init", "--dir", c.path(name), i.Link, "--card", c.path("m/mission.card"))
		start(name)
	}

	card, err := os.ReadFile(c.path("m/mission.card"))
	if err != nil {
		t.Fatal(err)
	}
	_, policyText, _ := strings.Cut(string(card), "\n\n")
	policyText = "log " + strings.TrimSpace(string(vkey)) + "\n" + policyText
	ours, err := ledger.ParsePolicy(policyText)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := torchwood.ParsePolicy([]byte(policyText))
	if err != nil {
		t.Fatal(err)
	}
	token, err := os.ReadFile(c.path("first/token"))
	if err != nil {
		t.Fatal(err)
	}
	// live is the live checkpoint: its size, who cosigned it, and whether that is the quorum, to
	// both readers of policies.
	live := func() (size int64, by []string, quorum bool) {
		t.Helper()
		signed, err := getWith(t.Context(), url+"/live/checkpoint", strings.TrimSpace(string(token)))
		if err != nil {
			t.Fatal(err)
		}
		s, err := ours.Check(signed)
		if err != nil {
			t.Fatal(err)
		}
		_, _, theirErr := torchwood.VerifyCheckpoint(signed, theirs)
		if s.Quorum() != (theirErr == nil) {
			t.Errorf("cosigned by %v: ours says %v, theirs %v", s.Cosigned, s.Quorum(), theirErr)
		}
		for _, x := range s.Cosigned {
			by = append(by, x.Name)
		}
		return s.Size, by, s.Quorum()
	}
	until(t, "the word of all four", func() bool { _, by, quorum := live(); return len(by) == 4 && quorum })

	// One side's stops.
	if err := watch["second"].cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := watch["second"].cmd.Wait(); err != nil {
		t.Fatalf("a witness to which nothing happened: %v\n%s", err, watch["second"].said())
	}
	all, _, _ := live() // as far as it can have come
	draft := c.path("departure.yaml")
	text := "kind: departure\nby: office\nfacts: {convoy: A-01, when: \"2026-12-02T08:00:00Z\", basis: observed}\ncount: {sums: [{unit: people, total: 122, method: tally}]}\nwhere: {place: gate}\n"
	if err := os.WriteFile(draft, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c.do("", "record", draft, "--key", c.path("m/office.key"), "--dir", c.path("m"))
	until(t, "the word of the three that run", func() bool { // of the account, and of the traces of what they fetched
		size, by, quorum := live()
		if size > all && quorum {
			t.Fatalf("the quorum is met by %v", by)
		}
		return size > all && len(by) == 3
	})
	var r struct {
		Checked []struct {
			Name string
			Size int64
			At   string
		}
	}
	out, err := exec.CommandContext(t.Context(), c.bin, "verify", c.path("m"), "--card", c.path("m/mission.card"), "--json").Output()
	if e := (*exec.ExitError)(nil); err != nil && !errors.As(err, &e) {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out, &r); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	got := ""
	for _, x := range r.Checked {
		got += fmt.Sprintf("%s %v %v; ", x.Name, x.Size > all, x.At != "")
	}
	if got != "first true true; second false true; w1 true true; w2 true true; " {
		t.Errorf("verify says of who checked what: %s of %+v", got, r.Checked)
	}

	// It is back, and so is the quorum.
	start("second")
	until(t, "the quorum, with both sides", func() bool { _, _, quorum := live(); return quorum })
	until(t, "a log that holds, with the traces of what was fetched", func() bool {
		return exec.CommandContext(t.Context(), c.bin, "verify", c.path("m"), "--card", c.path("m/mission.card")).Run() == nil
	})
}

func getWith(ctx context.Context, url, token string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, errors.New(resp.Status)
	}
	return io.ReadAll(resp.Body)
}
