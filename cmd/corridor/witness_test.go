package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/server"
	"corridor.example/corridor/internal/store/sqlite"
	"corridor.example/corridor/ledger"
)

// tokens lets one program in, as a party's.
type tokens struct{}

func (tokens) Reader(r *http.Request) (server.Reader, bool) {
	return server.Reader{Level: corridor.Parties, Actor: "blue", Session: "w", Program: true}, r.Header.Get("Authorization") == "Bearer open-sesame"
}

// TestWitness is a party's two commands against a server: its copy is the log, holds by itself,
// and a fork ends with status 1 and a proof that convicts on any machine.
func TestWitness(t *testing.T) {
	dir, w := t.TempDir(), t.TempDir()
	do := func(want int, stdin string, args ...string) string {
		t.Helper()
		var out bytes.Buffer
		if got := run(t.Context(), &world{in: strings.NewReader(stdin), out: &out, err: &out}, args); got != want {
			t.Fatalf("corridor %s: status %d, want %d\n%s", strings.Join(args, " "), got, want, out.String())
		}
		return out.String()
	}
	do(0, "", "demo", "--case", "gate-9", "--once", "--dir", filepath.Join(dir, "m"))
	st, err := sqlite.Open(filepath.Join(dir, "m", missionFile))
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	side, err := sqlite.OpenSide(filepath.Join(dir, "m", sideFile))
	if err != nil {
		t.Fatal(err)
	}
	defer side.Close()
	key, err := logKey(t.Context(), dir, side)
	if err != nil {
		t.Fatal(err)
	}
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	own, err := nodeKey(t.Context(), side)
	if err != nil {
		t.Fatal(err)
	}
	n, err := node.Open(t.Context(), node.Config{Store: st, Side: side, LogKey: key, NodeKey: own, Gather: -1, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	s := server.New(server.Config{Now: time.Now, Log: quiet, Readers: tokens{}})
	s.Serve(n)
	fork := []byte(nil)
	hs := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if fork != nil && r.URL.Path == "/live/checkpoint" {
			_, _ = rw.Write(fork)
			return
		}
		s.ServeHTTP(rw, r)
	}))
	defer hs.Close()

	// An exercise, so the mirror's card says so; the card is the one of the demo.
	vkey := strings.SplitN(do(0, "", "witness", "init", "--dir", w, "--name", "blue.test/w"), "\n", 2)[0]
	if _, err := ledger.ParsePolicy("witness w " + vkey + "\nquorum w\n"); err != nil {
		t.Errorf("it prints no verifier key: %v", err)
	}
	do(3, "", "witness", "--dir", w, hs.URL, "--once") // no card yet
	if again := do(0, "wrong\n", "witness", "init", "--dir", w, "--card", filepath.Join(dir, "m", cardFile), "--token", "-"); !strings.HasPrefix(again, vkey) {
		t.Error("a second init made another key")
	}
	if s, err := os.Stat(filepath.Join(w, witnessKeyFile)); err != nil || s.Mode().Perm() != 0o600 {
		t.Errorf("the key: %v", err)
	}
	do(2, "", "witness", "--dir", w, hs.URL, "--once") // the token opens nothing
	do(0, "open-sesame\n", "witness", "init", "--dir", w, "--token", "-")
	do(3, "", "witness", "--dir", w, hs.URL, "--listen", "0.0.0.0:0")
	do(0, "", "witness", "--dir", w, hs.URL, "--once")
	do(0, "", "witness", "--dir", w, hs.URL, "--once")
	out := do(2, "", "verify", w, "--json") // it has what a party may read, so not everything can be checked
	if !strings.Contains(out, `"size":`) || strings.Contains(out, `"does not hold"`) {
		t.Errorf("the mirror by itself: %.2000s", out)
	}

	signer, err := ledger.NewSigner(strings.Split(n.VerifierKey(), "+")[0], key)
	if err != nil {
		t.Fatal(err)
	}
	if fork, err = ledger.SignCheckpoint(ledger.Checkpoint{Origin: signer.Name(), Size: n.Size(), Root: ledger.Hash{1}}, signer); err != nil {
		t.Fatal(err)
	}
	type posted struct{ mac, body string }
	hook := make(chan posted, 4)
	alarms := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		hook <- posted{r.Header.Get("Corridor-Alarm"), string(b)}
	}))
	defer alarms.Close()
	if said := do(1, "", "witness", "--dir", w, hs.URL, "--once", "--webhook", alarms.URL); !strings.Contains(said, "ALARM: the log") {
		t.Errorf("it says %s", said)
	}
	select {
	case r := <-hook:
		secret, err := os.ReadFile(filepath.Join(w, hookFile))
		if err != nil {
			t.Fatal(err)
		}
		mac := hmac.New(sha256.New, bytes.TrimSpace(secret))
		mac.Write([]byte(r.body))
		if r.mac != hex.EncodeToString(mac.Sum(nil)) || !strings.Contains(r.body, `"key":"fork"`) || !strings.Contains(r.body, `.proof"`) {
			t.Errorf("posted with %s: %s", r.mac, r.body)
		}
	default:
		t.Error("no alarm was posted")
	}
	proofs, err := filepath.Glob(filepath.Join(w, proofsDir, "*.proof"))
	if err != nil || len(proofs) != 1 {
		t.Fatalf("proofs: %v, %v", proofs, err)
	}
	do(0, "", "verify", proofs[0], "--card", filepath.Join(dir, "m", cardFile))

	// It is told once, whatever is restarted, and stands until it is acknowledged.
	if said := do(1, "", "witness", "--dir", w, hs.URL, "--once", "--webhook", alarms.URL); strings.Contains(said, "ALARM: the log") {
		t.Errorf("it is told again: %s", said)
	}
	for len(hook) > 0 {
		if r := <-hook; strings.Contains(r.body, `"key":"fork"`) {
			t.Errorf("it is posted again: %s", r.body)
		}
	}
	if said := do(1, "", "witness", "alarms", "--dir", w); !strings.Contains(said, "stands        fork: ") || !strings.Contains(said, "(with a proof)") {
		t.Errorf("the alarms are %s", said)
	}
	do(3, "", "witness", "alarms", "--dir", w, "--acknowledge", "forks")
	do(0, "", "witness", "alarms", "--dir", w, "--acknowledge", "all")
	if said := do(0, "", "witness", "alarms", "--dir", w, "--json"); !strings.Contains(said, `"key":"fork"`) || !strings.Contains(said, `"seen":true`) {
		t.Errorf("the alarms are %s", said)
	}
	fork = nil
	do(1, "", "witness", "--dir", w, hs.URL, "--once") // what was convicted stays so
}
