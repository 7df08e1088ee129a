package witness

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/internal/store/sqlite"
	"corridor.example/corridor/ledger"
)

const killDir = "CORRIDOR_TEST_WITNESS_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(killDir); dir != "" {
		if err := cosignUntilKilled(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// A testLog signs trees, more than one if it wants to.
type testLog struct {
	origin string
	tree   ledger.Tree
	signer note.Signer
	v      note.Verifier
}

func newLog(origin, salt string) *testLog {
	key := ed25519.NewKeyFromSeed(seed("log " + origin))
	l := &testLog{origin: origin}
	var err error
	if l.signer, err = ledger.NewSigner(origin, key); err != nil {
		panic(err)
	}
	vkey, err := ledger.VerifierKey(origin, key.Public().(ed25519.PublicKey))
	if err != nil {
		panic(err)
	}
	if l.v, err = ledger.NewVerifier(vkey); err != nil {
		panic(err)
	}
	l.grow(3, "")
	l.grow(3, salt)
	return l
}

func seed(s string) []byte { h := sha256.Sum256([]byte(s)); return h[:] }

func (l *testLog) grow(n int, salt string) {
	for range n {
		l.tree.Append(fmt.Appendf(nil, "%d%s", l.tree.Size(), salt))
	}
}

func (l *testLog) at(n int64) []byte {
	root, err := l.tree.Root(n)
	if err != nil {
		panic(err)
	}
	signed, err := ledger.SignCheckpoint(ledger.Checkpoint{Origin: l.origin, Size: n, Root: root}, l.signer)
	if err != nil {
		panic(err)
	}
	return signed
}

func (l *testLog) request(old, n int64) []byte {
	proof, err := l.tree.Consistency(old, n)
	if err != nil {
		panic(err)
	}
	return ledger.AddCheckpoint{Old: old, Proof: proof, Checkpoint: l.at(n)}.Text()
}

func newWitness(w store.Watch, logs ...*testLog) *Witness {
	c, err := ledger.NewCosigner("witness.test/w", ed25519.NewKeyFromSeed(seed("w")))
	if err != nil {
		panic(err)
	}
	return New(Config{Cosigner: c, Watch: w, Now: func() time.Time { return time.Unix(1_000_000, 0) },
		Log: func(origin string) (note.Verifier, bool) {
			for _, l := range logs {
				if l.origin == origin {
					return l.v, true
				}
			}
			return nil, false
		}})
}

func TestAdd(t *testing.T) {
	a, fork, b := newLog("log.test/a", "x"), newLog("log.test/a", "y"), newLog("log.test/b", "")
	foreign := newLog("log.test/c", "")
	w := newWitness(new(store.MemoryWatch), a, b)
	var forks [][2]string
	w.cfg.Forked = func(have, got []byte) { forks = append(forks, [2]string{string(have), string(got)}) }
	wrongKey := newLog("log.test/b", "")
	wrongKey.signer, _ = ledger.NewSigner("log.test/b", ed25519.NewKeyFromSeed(seed("another")))

	for _, x := range []struct {
		name    string
		request []byte
		want    error // nil: cosigned
		size    int64 // of a conflict
	}{
		{"from another size than nothing", a.request(2, 4), &Conflict{}, 0},
		{"the first", a.request(0, 4), nil, 0},
		{"as if it were the first", a.request(0, 5), &Conflict{}, 4},
		{"the same again", a.request(4, 4), nil, 0},
		{"another of the same size", fork.request(4, 4), &Conflict{}, 4},
		{"one that does not continue", fork.request(4, 6), ErrInconsistent, 0},
		{"one that does, with another's proof", ledger.AddCheckpoint{Old: 4, Checkpoint: a.at(6)}.Text(), ErrInconsistent, 0},
		{"a smaller one", a.request(3, 3), &Conflict{}, 4},
		{"the next", a.request(4, 6), nil, 0},
		{"another log", b.request(0, 2), nil, 0},
		{"a log with another key", wrongKey.request(2, 4), ErrSignature, 0},
		{"a log not known here", foreign.request(0, 2), ErrUnknownLog, 0},
		{"nonsense", []byte("old 3\n\nx"), ErrMalformed, 0},
		{"an old size above the new", ledger.AddCheckpoint{Old: 9, Checkpoint: a.at(6)}.Text(), ErrMalformed, 0},
	} {
		line, err := w.Add(t.Context(), x.request)
		var conflict *Conflict
		switch {
		case x.want == nil:
			if err != nil || len(line) == 0 {
				t.Errorf("%s: %v", x.name, err)
			}
		case errors.As(x.want, new(*Conflict)):
			if !errors.As(err, &conflict) || conflict.Size != x.size {
				t.Errorf("%s: %v, want a conflict with %d", x.name, err, x.size)
			}
		case !errors.Is(err, x.want):
			t.Errorf("%s: %v, want %v", x.name, err, x.want)
		}
	}
	if len(forks) != 1 || forks[0] != [2]string{string(a.at(4)), string(fork.at(4))} {
		t.Errorf("forks told: %v", forks)
	}
}

// TestClient has a node's client and the endpoint talk to each other over HTTP.
func TestClient(t *testing.T) {
	a, fork := newLog("log.test/a", "x"), newLog("log.test/a", "y")
	a.grow(20, "")
	w := newWitness(new(store.MemoryWatch), a)
	hs := httptest.NewServer(w.Handler(func() []string { return []string{"log.test/a"} }, slog.New(slog.DiscardHandler)))
	defer hs.Close()
	client := func() *Client {
		c, err := NewClient("w", hs.URL+"/")
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	c := client()
	policy, err := ledger.ParsePolicy("log " + vkeyOf(a) + "\nwitness w " + w.Key() + "\nquorum w\n")
	if err != nil {
		t.Fatal(err)
	}
	cosign := func(c *Client, l *testLog, n int64) error {
		lines, err := c.Cosign(t.Context(), l.at(n), func(old int64) ([]ledger.Hash, error) { return l.tree.Consistency(old, n) })
		if err != nil {
			return err
		}
		s, err := policy.Check(append(l.at(n), lines...))
		if err == nil && !s.Quorum() {
			err = errors.New("no cosignature in the answer")
		}
		return err
	}
	for _, n := range []int64{2, 2, 5, 9} {
		if err := cosign(c, a, n); err != nil {
			t.Errorf("size %d: %v", n, err)
		}
	}
	if err := cosign(client(), a, 12); err != nil { // it does not know where to begin: 409, and again
		t.Errorf("a new client: %v", err)
	}
	newest, err := client().Newest(t.Context(), a.at(5))
	if err != nil || newest.Size != 12 || string(newest.Checkpoint) != string(a.at(12)) {
		t.Errorf("Newest = %v, %v", newest, err)
	}
	// An older copy that goes on, and another of the same size.
	var ahead *node.Ahead
	if err := cosign(client(), a, 5); !errors.As(err, &ahead) || ahead.Newest.Size != 12 {
		t.Errorf("an older tree: %v", err)
	}
	fork.grow(6, "")
	if err := cosign(client(), fork, 12); !errors.As(err, &ahead) || string(ahead.Newest.Checkpoint) != string(a.at(12)) {
		t.Errorf("another tree of that size: %v", err)
	}
	if _, err := NewClient("w", "ftp://x"); err == nil {
		t.Error("an address that is none was taken")
	}
}

func vkeyOf(l *testLog) string {
	vkey, err := ledger.VerifierKey(l.origin, ed25519.NewKeyFromSeed(seed("log "+l.origin)).Public().(ed25519.PublicKey))
	if err != nil {
		panic(err)
	}
	return vkey
}

// TestTwoHistoriesAtOnce asks for both of two histories at once, many times: only one is signed.
func TestTwoHistoriesAtOnce(t *testing.T) {
	a, fork := newLog("log.test/a", "x"), newLog("log.test/a", "y")
	for range 30 {
		w := newWitness(new(store.MemoryWatch), a)
		var wg sync.WaitGroup
		var mu sync.Mutex
		signed := map[string]bool{}
		for i := range 8 {
			l := []*testLog{a, fork}[i%2]
			wg.Go(func() {
				if _, err := w.Add(t.Context(), l.request(0, 6)); err == nil {
					mu.Lock()
					signed[string(l.at(6))] = true
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if len(signed) != 1 {
			t.Fatalf("%d histories were cosigned", len(signed))
		}
	}
}

// cosignUntilKilled cosigns one tree after the other and says each when it has the line.
func cosignUntilKilled(dir string) error {
	watch, err := sqlite.OpenWatch(filepath.Join(dir, "witness.db"))
	if err != nil {
		return err
	}
	l := newLog("log.test/a", "")
	w := newWitness(watch, l)
	ctx := context.Background()
	from := int64(0)
	if signed, err := w.Newest(ctx, l.origin); err != nil {
		return err
	} else if signed != nil {
		c, err := ledger.ParseCheckpoint(signed)
		if err != nil {
			return err
		}
		from = c.Size
	}
	l.grow(int(from)+20_000, "")
	for n := from; ; n++ {
		if _, err := w.Add(ctx, l.request(n, n+1)); err != nil {
			return fmt.Errorf("size %d: %w", n+1, err)
		}
		fmt.Println(n + 1)
	}
}

// TestKilled ends a witness without warning, again and again: what it gave its word for it
// still knows, and it goes on from there and from nowhere else.
func TestKilled(t *testing.T) {
	dir := t.TempDir()
	last := int64(0)
	for round := range 5 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), killDir+"="+dir)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for n := 0; lines.Scan(); n++ {
			if n == 7+13*round {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
			size, err := strconv.ParseInt(lines.Text(), 10, 64)
			if err != nil || size != last+1 && n > 0 || size <= last {
				t.Fatalf("round %d: it cosigned %q after %d", round, lines.Text(), last)
			}
			last = size
		}
		_ = cmd.Wait() // it was killed
	}
	watch, err := sqlite.OpenWatch(filepath.Join(dir, "witness.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer watch.Close()
	l, fork := newLog("log.test/a", ""), newLog("log.test/a", "other")
	l.grow(int(last)+10, "")
	fork.grow(int(last)+10, "")
	w := newWitness(watch, l)
	signed, err := w.Newest(t.Context(), l.origin)
	if err != nil {
		t.Fatal(err)
	}
	c, err := ledger.ParseCheckpoint(signed)
	if err != nil || c.Size < last || string(signed) != string(l.at(c.Size)) {
		t.Fatalf("it gave its word for %d and knows %s, %v", last, signed, err)
	}
	for _, from := range []int64{0, c.Size - 1, c.Size} {
		if _, err := w.Add(t.Context(), fork.request(from, c.Size+1)); err == nil {
			t.Errorf("another history was cosigned, from %d", from)
		}
	}
	if _, err := w.Add(t.Context(), l.request(c.Size, c.Size+2)); err != nil {
		t.Errorf("it does not go on: %v", err)
	}
	if strings.Count(string(signed), "\n") < 5 {
		t.Errorf("what is kept is not signed: %s", signed)
	}
}
