package node_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/server"
	"corridor.example/corridor/internal/store/sqlite"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// The test binary is also the server that is killed.
const killDir = "CORRIDOR_TEST_KILL_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(killDir); dir != "" {
		if err := serveUntilKilled(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// serveUntilKilled runs the mission in a directory as corridor serve does, and prints where. It
// ends when the process that started it does, if it is not killed before.
func serveUntilKilled(dir string) error {
	st, err := sqlite.Open(filepath.Join(dir, "mission.db"))
	if err != nil {
		return err
	}
	side, err := sqlite.OpenSide(filepath.Join(dir, "node.db"))
	if err != nil {
		return err
	}
	n, err := node.Open(context.Background(), node.Config{Store: st, Side: side, LogKey: key("kill log"), Log: quiet})
	if err != nil {
		return err
	}
	s := server.New(server.Config{Now: time.Now, Log: quiet})
	s.Serve(n)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // until it is closed
		os.Exit(0)
	}()
	fmt.Println(l.Addr())
	return http.Serve(l, s)
}

// A victim is a server that is killed and started again.
type victim struct {
	t    *testing.T
	dir  string
	addr atomic.Pointer[string]
	cmd  *exec.Cmd
	in   io.Closer
}

// start starts the server and returns once it answers, or, if impatient, after so long.
func (v *victim) start(impatient time.Duration) {
	v.cmd = exec.Command(os.Args[0])
	v.cmd.Env = append(os.Environ(), killDir+"="+v.dir)
	var complaint bytes.Buffer
	v.cmd.Stderr = &complaint
	in, err := v.cmd.StdinPipe()
	if err != nil {
		v.t.Fatal(err)
	}
	v.in = in
	out, err := v.cmd.StdoutPipe()
	if err != nil {
		v.t.Fatal(err)
	}
	if err := v.cmd.Start(); err != nil {
		v.t.Fatal(err)
	}
	if impatient > 0 {
		time.Sleep(impatient)
		return
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		_ = v.cmd.Wait()
		v.t.Fatalf("the server did not start again: %v\n%s", err, complaint.String())
	}
	addr := strings.TrimSpace(line)
	v.addr.Store(&addr)
}

func (v *victim) kill() {
	_ = v.cmd.Process.Kill() // SIGKILL
	_ = v.cmd.Wait()
	_ = v.in.Close()
}

// An ack is what a sender was told of one record.
type ack struct {
	Hash  string `json:"hash"`
	Index int64  `json:"index"`
	Size  int64  `json:"size"`
	Proof string `json:"proof"`
}

// TestKill hands in 10,000 records from 64 senders over HTTP while the server is killed at
// random moments, until all are acknowledged. Every acknowledged record must be there, none
// twice, and no checkpoint that ever left the server may contradict the log.
func TestKill(t *testing.T) {
	const senders = 64
	total := 10_000
	if testing.Short() {
		total = 1_500
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	chance := rand.New(rand.NewPCG(seed, 1))

	s := newStage(t, "kill", nil)
	dir := t.TempDir()
	st, side, shut := files(t, dir)
	n := s.open(t, st, side)
	setup := []record.Record{s.mandate}
	who := names(senders)
	for _, o := range who {
		setup = append(setup, s.observer(o)...)
	}
	take(t, n, setup...)
	n.Close()
	shut()
	lists := s.accounts(who, (total+senders-1)/senders)
	total = senders * len(lists[0])

	v := &victim{t: t, dir: dir}
	v.start(0)
	client := &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: senders}}
	var acknowledged, repeats atomic.Int64
	acks := make([][]ack, senders)
	var wg sync.WaitGroup
	done := make(chan struct{})
	for i := range senders {
		wg.Go(func() {
			left := lists[i]
			most := 1
			if i%4 == 0 {
				most = 7 // some send batches
			}
			for tries := 0; len(left) > 0; tries++ {
				if tries > 100_000 || t.Failed() {
					t.Errorf("sender %d gave up", i)
					return
				}
				some := left[:min(most, len(left))]
				got, err := post(client, *v.addr.Load(), some)
				for j, a := range got {
					if a.status == http.StatusOK {
						repeats.Add(1)
					}
					if a.Hash != some[j].Hash.String() {
						t.Errorf("a receipt for %s instead of %s", a.Hash, some[j].Hash)
					}
					acks[i] = append(acks[i], a.ack)
				}
				left = left[len(got):]
				acknowledged.Add(int64(len(got)))
				if err != nil {
					time.Sleep(time.Millisecond) // the server is away
				}
			}
		})
	}
	go func() { wg.Wait(); close(done) }()

	kills := 0
	for over := false; !over; kills++ {
		// Some while from now, counted in acknowledgements so that it falls into the work.
		next := acknowledged.Load() + 1 + chance.Int64N(int64(total)/10)
		for acknowledged.Load() < next && !over {
			select {
			case <-done:
				over = true
			case <-time.After(200 * time.Microsecond):
			}
		}
		time.Sleep(time.Duration(chance.IntN(4000)) * time.Microsecond)
		v.kill()
		for chance.IntN(3) == 0 { // also while it starts
			v.start(time.Duration(1+chance.IntN(300)) * time.Millisecond)
			v.kill()
			kills++
		}
		if !over {
			v.start(0)
		}
	}
	client.CloseIdleConnections()
	t.Logf("%d records, %d kills, %d acknowledged again", total, kills, repeats.Load())
	if kills < 3 {
		t.Errorf("the server was killed %d times, which tests little", kills)
	}

	st, side, _ = files(t, dir)
	n = s.open(t, st, side)
	if want := int64(len(setup) + total); n.Size() != want {
		t.Errorf("the log has %d records, want %d", n.Size(), want)
	}
	// The log, from its rows alone.
	var tree ledger.Tree
	at := map[string]int64{}
	leaves := [][]byte{}
	for row, err := range st.Rows(t.Context(), 0, n.Size()) {
		if err != nil {
			t.Fatal(err)
		}
		r, err := record.ParseEnvelope(row.Envelope)
		if err != nil {
			t.Fatal(err)
		}
		if j, twice := at[r.Hash.String()]; twice {
			t.Errorf("%s is in the log twice, as entries %d and %d", r.Hash.Short(), j, tree.Size())
		}
		at[r.Hash.String()] = tree.Size()
		leaves = append(leaves, leaf(r))
		tree.Append(leaf(r))
	}
	head, err := st.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c, err := ledger.OpenCheckpoint(head.Checkpoint, s.verifier())
	if err != nil {
		t.Fatal(err)
	}
	if root, err := tree.Root(tree.Size()); err != nil || root != c.Root || c.Size != tree.Size() {
		t.Errorf("the head signs size %d and root %s, the rows have %d and %s (%v)", c.Size, c.Root, tree.Size(), root, err)
	}
	// And what the senders were told.
	for i, list := range lists {
		if len(acks[i]) != len(list) {
			t.Errorf("sender %d has %d acknowledgements of %d records", i, len(acks[i]), len(list))
		}
		for _, a := range acks[i] {
			if where, ok := at[a.Hash]; !ok || where != a.Index {
				t.Fatalf("%s was acknowledged as entry %d and is entry %d (%v)", a.Hash, a.Index, where, ok)
			}
			p, err := ledger.ParseProof([]byte(a.Proof))
			if err != nil {
				t.Fatal(err)
			}
			c, err := p.CheckLog(leaves[a.Index], s.verifier())
			if err != nil {
				t.Fatal(err)
			}
			if root, err := tree.Root(c.Size); err != nil || root != c.Root {
				t.Fatalf("the receipt of entry %d leads to a tree of size %d that is not of this log: a second history was signed", a.Index, c.Size)
			}
		}
	}
	n.View(func(v corridor.View) {
		for i := range v.Size() {
			if f := v.Findings(i); len(f) > 0 {
				t.Fatalf("entry %d: %v", i, f)
			}
		}
	})
}

// A told is an ack with the status it came with.
type told struct {
	ack
	status int
}

// post hands records in, one alone or several as a batch, and returns the acknowledgements of
// the first of them, as many as there are without a gap.
func post(client *http.Client, addr string, recs []record.Record) (acks []told, err error) {
	var body bytes.Buffer
	for _, r := range recs {
		body.Write(r.Line())
		body.WriteByte('\n')
	}
	resp, err := client.Post("http://"+addr+"/api/v1/records", "application/json", &body)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if len(recs) == 1 {
		if resp.StatusCode != http.StatusCreated && resp.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("%s: %s", resp.Status, answer)
		}
		var a ack
		if err := json.Unmarshal(answer, &a); err != nil {
			return nil, err
		}
		return []told{{a, resp.StatusCode}}, nil
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", resp.Status, answer)
	}
	for d := json.NewDecoder(bytes.NewReader(answer)); d.More(); {
		var line struct {
			Status  int
			Receipt *ack
			Reason  string
		}
		if err := d.Decode(&line); err != nil {
			return acks, err
		}
		if line.Receipt == nil {
			return acks, fmt.Errorf("%d: %s", line.Status, line.Reason)
		}
		acks = append(acks, told{*line.Receipt, line.Status})
	}
	return acks, nil
}
