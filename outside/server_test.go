package outside

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"corridor.example/corridor/ledger"
)

// buildCorridor builds the program as a stranger would.
func buildCorridor(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "corridor")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", bin, "./cmd/corridor")
	cmd.Dir = ".."
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("building corridor: %v\n%s", err, out)
	}
	return bin
}

// A served is a mission that corridor serve runs, as its programs see it.
type served struct {
	base   string // its address, without a slash at the end
	vkey   string // the log's verifier key, from /log.vkey
	policy string // whose cosignatures count, from /api/v1/mission
}

// serve builds a demo with the program and has it served on a free port until the test ends.
// The server must then end as it is asked to.
func serve(t *testing.T, corridor, name string) served {
	t.Helper()
	dir := filepath.Join(t.TempDir(), name)
	if out, err := exec.CommandContext(t.Context(), corridor, "demo", "--case", name, "--once", "--dir", dir).CombinedOutput(); err != nil {
		t.Fatalf("corridor demo: %v\n%s", err, out)
	}
	cmd := exec.Command(corridor, "serve", "--dir", dir, "--listen", "127.0.0.1:0", "--json")
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Error(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("corridor serve: %v\n%s", err, said.String())
		}
	})
	var ready struct{ Address string }
	if err := json.NewDecoder(out).Decode(&ready); err != nil {
		t.Fatalf("corridor serve: %v\n%s", err, said.String())
	}
	s := served{base: strings.TrimSuffix(ready.Address, "/")}
	vkey, err := get(t.Context(), s.base+"/log.vkey")
	if err != nil {
		t.Fatal(err)
	}
	s.vkey = strings.TrimSuffix(string(vkey), "\n")
	var mission struct {
		Policy string
		Key    string `json:"log_key"`
	}
	s.json(t, "/api/v1/mission", &mission)
	if mission.Key != s.vkey {
		t.Errorf("/log.vkey is %s and the mission's log key %s", s.vkey, mission.Key)
	}
	s.policy = "log " + s.vkey + "\n" + mission.Policy
	return s
}

func (s served) json(t *testing.T, path string, v any) {
	t.Helper()
	b, err := get(t.Context(), s.base+path)
	if err == nil {
		err = json.Unmarshal(b, v)
	}
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// leaves returns the log's leaves as its tiles give them.
func (s served) leaves(t *testing.T) (leaves [][]byte) {
	t.Helper()
	signed, err := get(t.Context(), s.base+"/checkpoint")
	if err != nil {
		t.Fatal(err)
	}
	c, err := ledger.ParseCheckpoint(signed)
	if err != nil {
		t.Fatal(err)
	}
	for int64(len(leaves)) < c.Size {
		at := int64(len(leaves))
		path := ledger.TilePath{Level: -1, N: at / 256, Width: int(min(256, c.Size-at))}
		bundle, err := get(t.Context(), s.base+"/"+path.String())
		if err != nil {
			t.Fatal(err)
		}
		more, err := ledger.ParseBundle(bundle)
		if err != nil {
			t.Fatal(err)
		}
		leaves = append(leaves, more...)
	}
	return leaves
}

// TestServer has the judges look at a running server: its log, with both of its cosigners, and
// the receipts it gives out.
func TestServer(t *testing.T) {
	corridor, spicy := buildCorridor(t), buildSpicy(t)
	for _, name := range []string{"gate-9", "aleppo-2016"} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, corridor, name)
			t.Run("log", func(t *testing.T) { judgeLog(t, s.base, s.vkey) })
			t.Run("receipts", func(t *testing.T) { s.judgeReceipts(t, spicy) })
		})
	}
}

// judgeReceipts shows receipts of entries from the first to the last to the judges.
func (s served) judgeReceipts(t *testing.T, spicy string) {
	leaves := s.leaves(t)
	if len(leaves) < 50 || !strings.Contains(s.policy, "\nwitness ") {
		t.Fatalf("%d entries under the policy %q: too little to show anything", len(leaves), s.policy)
	}
	for i := 0; i < len(leaves); i += len(leaves)/6 + 1 {
		s.judgeOne(t, spicy, i, leaves[i])
	}
	s.judgeOne(t, spicy, len(leaves)-1, leaves[len(leaves)-1])
}

func (s served) judgeOne(t *testing.T, spicy string, i int, leaf []byte) {
	t.Helper()
	_, hash, ok := strings.Cut(strings.TrimSuffix(string(leaf), "\n"), "\nsha256 ")
	if !ok {
		t.Fatalf("entry %d: %q names no record", i, leaf)
	}
	var entry struct {
		Index int
		Leaf  string
	}
	s.json(t, "/api/v1/records/"+hash, &entry)
	if entry.Index != i || entry.Leaf != string(leaf) {
		t.Errorf("record %s is entry %d with the leaf %q, and in the tiles entry %d with %q", hash, entry.Index, entry.Leaf, i, leaf)
	}
	receipt, err := get(t.Context(), s.base+"/api/v1/records/"+hash+"/receipt")
	if err != nil {
		t.Fatal(err)
	}
	judgeReceipt(t, spicy, s.policy, s.vkey, leaf, receipt)
}
