package outside

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// running builds the command, makes a demo mission with it and serves that; it returns where.
func running(t *testing.T, name string) (base string) {
	t.Helper()
	bin, dir := filepath.Join(t.TempDir(), "corridor"), filepath.Join(t.TempDir(), "mission")
	build := exec.Command("go", "build", "-o", bin, "./cmd/corridor")
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the command: %v\n%s", err, out)
	}
	if out, err := exec.Command(bin, "demo", "--case", name, "--dir", dir, "--once").CombinedOutput(); err != nil {
		t.Fatalf("making the mission: %v\n%s", err, out)
	}
	serve := exec.CommandContext(t.Context(), bin, "serve", "--dir", dir, "--listen", "127.0.0.1:0")
	serve.Cancel = func() error { return serve.Process.Signal(os.Interrupt) }
	serve.WaitDelay = 10 * time.Second
	out, err := serve.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := serve.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = serve.Wait() }) // it was interrupted
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if _, at, ok := strings.Cut(lines.Text(), "http://"); ok {
			return "http://" + strings.TrimSuffix(strings.Fields(at)[0], "/")
		}
	}
	t.Fatal("the server did not say where it listens")
	return ""
}

// TestRunningServer has the outside tools judge the log and every receipt of the program as it
// is run: tiles, checkpoint, cosignatures and proofs, over HTTP.
func TestRunningServer(t *testing.T) {
	spicy := buildSpicy(t)
	base := running(t, "gate-9")
	vkey := strings.TrimSpace(string(fetch(t, base+"/log.vkey")))
	t.Run("log", func(t *testing.T) { judgeLog(t, base, vkey) })

	var m struct{ Policy string }
	if err := json.Unmarshal(fetch(t, base+"/api/v1/mission"), &m); err != nil {
		t.Fatal(err)
	}
	policy := "log " + vkey + "\n" + m.Policy
	var size int
	if _, err := fmt.Sscanf(strings.Split(string(fetch(t, base+"/checkpoint")), "\n")[1], "%d", &size); err != nil || size == 0 {
		t.Fatalf("the checkpoint's size: %v", err)
	}
	entries := fetch(t, fmt.Sprintf("%s/tile/entries/000.p/%d", base, size))
	for i := 0; len(entries) > 2; i++ {
		n := int(entries[0])<<8 | int(entries[1])
		leaf := entries[2 : 2+n]
		entries = entries[2+n:]
		if i%20 != 0 && len(entries) > 0 {
			continue // every twentieth and the last: each one runs a command three times
		}
		hash := string(bytes.TrimSpace(leaf[bytes.LastIndex(leaf, []byte("sha256 "))+7:]))
		receipt := fetch(t, base+"/api/v1/records/"+hash+"/receipt")
		t.Run(fmt.Sprint("receipt of entry ", i), func(t *testing.T) { judgeReceipt(t, spicy, policy, vkey, leaf, receipt) })
	}
}

func fetch(t *testing.T, url string) []byte {
	t.Helper()
	b, err := get(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
