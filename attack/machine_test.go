package attack

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"corridor.example/corridor/internal/mirror"
	"corridor.example/corridor/verify"
)

// program is the built program, of TestMain.
var program string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "corridor-attack-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	program = filepath.Join(dir, "corridor")
	if out, err := exec.Command("go", "build", "-o", program, "../cmd/corridor").CombinedOutput(); err != nil {
		panic(string(out))
	}
	return m.Run()
}

// A judged is a proof as a third machine judged it.
type judged struct {
	proof, card []byte
	want        string // what check.html says
}

// all are the proofs of the run, for check.html.
var all []judged

// third judges a proof on a third machine: a directory with the file and, as the reader got it out of
// band, the mission card. want is the state that the alarm gave.
func (w *world) third(t *testing.T, a mirror.Alarm) {
	t.Helper()
	e := must(verify.ParseEvidence(a.Proof))(t)
	page := judged{a.Proof, w.card.Text(), string(a.State)}
	// It replays nothing, and says so; incidents and histories it compares without.
	compared := strings.Contains(e.Say, "list of incidents") || e.Rule != nil && *e.Rule == "seen.root"
	if e.What == verify.EvidenceRule && !compared {
		page.want = string(verify.CannotCheck)
	}
	all = append(all, page)
	dir := t.TempDir()
	for name, b := range map[string][]byte{"x.proof": a.Proof, "mission.card": w.card.Text()} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"verify", "x.proof", "--card", "mission.card"}, {"verify", "x.proof"}} {
		cmd := exec.CommandContext(t.Context(), program, args...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		status := cmd.ProcessState.ExitCode()
		if want := map[verify.State]int{verify.Holds: 0, verify.CannotCheck: 2}[a.State]; status != want {
			t.Errorf("%s: corridor %s: status %d, want %d: %s", a.Key, strings.Join(args, " "), status, want, out)
		}
		if a.State == verify.CannotCheck && !strings.Contains(string(out), "a claim") {
			t.Errorf("%s is not called a claim: %s", a.Key, out)
		}
	}
}
