package node_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// A witness cosigns on the test's clock, or does what it should not.
type witness struct {
	name string
	c    *ledger.Cosigner
	at   *atomic.Int64
	mu   sync.Mutex
	mood string          // "": honest; or silent, nonsense, nothing, forged
	deaf <-chan struct{} // it answers when this is closed, whatever its context says

	newest node.Newest // what it says it knows of the log
	ahead  *node.Ahead // what it answers instead of cosigning; nil: it cosigns
}

func (w *witness) Name() string { return w.name }

func (w *witness) is(mood string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.mood = mood
}

func (w *witness) Newest(context.Context, []byte) (node.Newest, error) { return w.newest, nil }

func (w *witness) Cosign(ctx context.Context, signed []byte, prove node.Prover) ([]byte, error) {
	w.mu.Lock()
	mood := w.mood
	w.mu.Unlock()
	switch mood {
	case "silent":
		return nil, errors.New("nobody there")
	case "nonsense":
		return []byte("— nonsense\n"), nil
	case "nothing":
		return nil, nil
	case "forged":
		line, err := w.c.Cosign(signed, w.at.Load())
		return flipped(line, 30), err
	}
	if w.deaf != nil {
		<-w.deaf
	}
	if w.ahead != nil {
		return nil, w.ahead
	}
	return w.c.Cosign(signed, w.at.Load())
}

// witnesses makes a policy of so many witnesses, w0, w1, …, of whom k make a quorum.
func (s *stage) witnesses(at *atomic.Int64, k int, total int) (policy string, list []*witness) {
	var b strings.Builder
	group := ""
	for i := range total {
		name := fmt.Sprintf("w%d", i)
		secret := key(s.name + name)
		vkey, err := ledger.WitnessKey("corridor.test/"+name, secret.Public().(ed25519.PublicKey))
		if err != nil {
			panic(err)
		}
		c, err := ledger.NewCosigner("corridor.test/"+name, secret)
		if err != nil {
			panic(err)
		}
		fmt.Fprintf(&b, "witness %s %s\n", name, vkey)
		group += " " + name
		list = append(list, &witness{name: name, c: c, at: at})
	}
	fmt.Fprintf(&b, "group all %d%s\nquorum all\n", k, group)
	return b.String(), list
}

// watched is a node whose checkpoints k of total witnesses cosign.
func watched(t *testing.T, name string, k, total int, terms founding, more ...func(*node.Config)) (s *stage, n *node.Node, st store.Store, side store.Side, list []*witness, at *atomic.Int64) {
	t.Helper()
	at = new(atomic.Int64)
	at.Store(1_000_000)
	policy, list := (&stage{name: name}).witnesses(at, k, total)
	if terms == nil {
		terms = founding{}
	}
	terms["witnesses"] = policy
	s = newStage(t, name, terms)
	st, side = &store.Memory{}, &store.MemorySide{}
	more = append(more, func(c *node.Config) {
		for _, w := range list {
			c.Witnesses = append(c.Witnesses, w)
		}
	})
	n = s.open(t, st, side, more...)
	take(t, n, s.mandate)
	return s, n, st, side, list, at
}

// cosigned reads who cosigned a checkpoint when, under the policy of the mission.
func (s *stage) cosigned(t testing.TB, list []*witness, text []byte) (size int64, by map[string]int64) {
	t.Helper()
	policy, _ := s.witnesses(list[0].at, 1, len(list))
	p, err := ledger.ParsePolicy("log " + s.vkey + "\n" + policy)
	if err != nil {
		t.Fatal(err)
	}
	c, err := p.Check(text)
	if err != nil {
		t.Fatal(err)
	}
	by = map[string]int64{}
	for _, x := range c.Cosigned {
		by[x.Name] = x.Time
	}
	return c.Size, by
}

func TestTick(t *testing.T) {
	s, n, st, _, list, at := watched(t, "tick", 2, 3, nil)
	if n.Cosigned() != nil {
		t.Fatal("cosigned before the first tick")
	}
	list[1].is("silent")
	if err := n.Tick(t.Context()); err == nil || err.Error() != "no cosignature from w1" {
		t.Errorf("Tick = %v", err)
	}
	if size, by := s.cosigned(t, list, n.Cosigned()); size != 1 || len(by) != 2 || by["w0"] != at.Load() || by["w2"] != at.Load() {
		t.Errorf("cosigned: size %d by %v", size, by)
	}
	// Receipts lead to it, and to the newest where it does not reach.
	r, _, err := n.Receipt(s.mandate.Hash)
	if err != nil {
		t.Fatal(err)
	}
	p, err := ledger.ParseProof(r.Proof)
	if err != nil {
		t.Fatal(err)
	}
	if _, by := s.cosigned(t, list, p.Checkpoint); len(by) != 2 {
		t.Errorf("a receipt's checkpoint is cosigned by %v", by)
	}
	first := s.observer("mina")
	for _, a := range n.SubmitAll(t.Context(), first) {
		if a.Err != nil || a.Receipt.Size != 5 {
			t.Errorf("receipt of size %d, %v", a.Receipt.Size, a.Err)
		}
	}
	changed := n.Changed()
	if err := n.Tick(t.Context()); err == nil {
		t.Error("w1 was silent and nobody noticed")
	}
	select {
	case <-changed:
	default:
		t.Error("a cosignature woke nobody")
	}
	if size, _ := s.cosigned(t, list, n.Cosigned()); size != 5 {
		t.Errorf("cosigned: size %d, want 5", size)
	}
	head, err := st.Head(t.Context())
	if err != nil || !bytes.Equal(head.Cosigned, n.Cosigned()) {
		t.Errorf("the head's cosigned checkpoint is another, %v", err)
	}
}

// TestOneBadWitness lets one witness do its worst; the others' word must still count.
func TestOneBadWitness(t *testing.T) {
	for _, mood := range []string{"silent", "nonsense", "nothing", "forged"} {
		t.Run(mood, func(t *testing.T) {
			s, n, _, _, list, _ := watched(t, "bad "+mood, 1, 2, nil)
			list[0].is(mood)
			err := n.Tick(t.Context())
			want := "a cosignature that does not hold from w0"
			if mood == "silent" {
				want = "no cosignature from w0"
			}
			if err == nil || err.Error() != want {
				t.Errorf("Tick = %v, want %q", err, want)
			}
			if n.Cosigned() == nil {
				t.Fatal("the honest witness's word is lost")
			}
			if _, by := s.cosigned(t, list, n.Cosigned()); len(by) != 1 || by["w1"] == 0 {
				t.Errorf("cosigned by %v, want w1", by)
			}
		})
	}
}

// TestWitnessWhoNeverAnswers has one that does not even notice when the wait is over.
func TestWitnessWhoNeverAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, n, _, _, list, _ := watched(t, "deaf", 1, 2, nil)
		deaf := make(chan struct{})
		defer close(deaf)
		list[0].deaf = deaf
		start := time.Now()
		if err := n.Tick(t.Context()); err == nil || err.Error() != "no cosignature from w0" {
			t.Errorf("Tick = %v", err)
		}
		if waited := time.Since(start); waited != 10*time.Second {
			t.Errorf("Tick waited %v, want 10s", waited)
		}
		if _, by := s.cosigned(t, list, n.Cosigned()); len(by) != 1 || by["w1"] == 0 {
			t.Errorf("cosigned by %v, want w1", by)
		}
	})
}

// TestRun lets two hours pass in which a witness goes and comes back.
func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		s, n, _, _, list, at := watched(t, "run", 1, 2, nil, func(c *node.Config) { c.Log = slog.New(slog.NewTextHandler(&out, nil)) })
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { n.Run(ctx); close(done) }()
		pass := func(d time.Duration) {
			for range int(d / time.Second) {
				time.Sleep(time.Second)
				synctest.Wait()
				at.Add(1)
			}
		}
		pass(29 * time.Second)
		if n.Cosigned() != nil {
			t.Error("cosigned before the mandate's tick of 30 s")
		}
		pass(2 * time.Second)
		if n.Cosigned() == nil {
			t.Error("not cosigned after the tick")
		}
		list[0].is("silent")
		pass(time.Hour)
		list[0].is("")
		pass(time.Hour)
		cancel()
		<-done
		if _, by := s.cosigned(t, list, n.Cosigned()); len(by) != 2 || by["w0"] < 1_000_000+7200-60 {
			t.Errorf("cosigned at %v", by)
		}
		if lines := strings.Count(out.String(), "\n"); lines != 2 || !strings.Contains(out.String(), "no cosignature from w0") {
			t.Errorf("logged %d lines, want one when it went and one when it came back:\n%s", lines, out.String())
		}
	})
}

func TestKeepRefuses(t *testing.T) {
	s, n, st, side, list, at := watched(t, "keep", 1, 2, nil)
	take(t, n, s.observer("mina")...)
	signed := n.Checkpoint()
	line, err := list[0].c.Cosign(signed, at.Load())
	if err != nil {
		t.Fatal(err)
	}
	with := func(text []byte, lines ...[]byte) []byte {
		out, err := ledger.AddCosignatures(text, lines...)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	// Witnesses of somebody else.
	foreign := key("foreign")
	fc, err := ledger.NewCosigner("corridor.test/foreign", foreign)
	if err != nil {
		t.Fatal(err)
	}
	foreignLine, err := fc.Cosign(signed, at.Load())
	if err != nil {
		t.Fatal(err)
	}
	impostor, err := ledger.NewCosigner("corridor.test/w0", foreign)
	if err != nil {
		t.Fatal(err)
	}
	impostorLine, err := impostor.Cosign(signed, at.Load())
	if err != nil {
		t.Fatal(err)
	}
	flip := flipped(with(signed, line), 30)

	// The same log's key over another history, and over one that is too long.
	other := newStageOf(t, "keep", "keep", founding{"tick": 7})
	fork, ahead := forked(t, s, other.mandate, 5), forked(t, s, other.mandate, 50)
	sign := func(text []byte) []byte {
		l, err := list[0].c.Cosign(text, at.Load())
		if err != nil {
			t.Fatal(err)
		}
		return with(text, l)
	}
	stranger := newStage(t, "stranger", nil)
	sn := stranger.open(t, &store.Memory{}, &store.MemorySide{})
	take(t, sn, stranger.mandate)

	for what, text := range map[string][]byte{
		"nothing":                            nil,
		"no cosignature":                     signed,
		"a cosignature that does not hold":   flip,
		"a foreign witness alone":            with(signed, foreignLine),
		"a witness's name under another key": with(signed, impostorLine),
		"another history":                    sign(fork),
		"more than there is":                 sign(ahead),
		"another log":                        sign(sn.Checkpoint()),
		"a cosignature of another size":      with(first(t, s, n), line),
	} {
		if err := n.Keep(t.Context(), text); err == nil {
			t.Errorf("Keep took %s", what)
		}
	}
	if n.Cosigned() != nil {
		t.Error("something became the newest cosigned checkpoint")
	}
	if head, err := st.Head(t.Context()); err != nil || head.Cosigned != nil {
		t.Errorf("something is in the head: %q, %v", head.Cosigned, err)
	}
	for m, err := range side.Marks(t.Context()) {
		t.Errorf("a mark of size %d was kept, %v", m.Size, err)
	}
	// Beside a sound line a foreign one does no harm, and is not kept.
	if err := n.Keep(t.Context(), with(signed, foreignLine, line)); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(n.Cosigned(), []byte("foreign")) {
		t.Error("a foreign line was kept")
	}
}

// flipped is a text with another sign so far into its last word.
func flipped(text []byte, at int) []byte {
	text = bytes.Clone(text)
	if at += bytes.LastIndexByte(text, ' '); text[at] == 'A' {
		text[at] = 'B'
	} else {
		text[at] = 'A'
	}
	return text
}

// first is the log's checkpoint of size 1.
func first(t testing.TB, s *stage, n *node.Node) []byte {
	t.Helper()
	var tree ledger.Tree
	tree.Append(leaf(s.mandate))
	return signTree(t, s, &tree)
}

// forked signs another history of the stage's log: so many entries, beginning with a record
// that is not its mandate.
func forked(t testing.TB, s *stage, r record.Record, size int) []byte {
	t.Helper()
	var tree ledger.Tree
	for range size {
		tree.Append(leaf(r))
	}
	return signTree(t, s, &tree)
}

func signTree(t testing.TB, s *stage, tree *ledger.Tree) []byte {
	t.Helper()
	root, err := tree.Root(tree.Size())
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ledger.NewSigner(s.origin, s.logKey())
	if err != nil {
		t.Fatal(err)
	}
	signed, err := ledger.SignCheckpoint(ledger.Checkpoint{Origin: s.origin, Size: tree.Size(), Root: root}, signer)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// TestOlderSizeReplacesNothing hands a cosigned checkpoint in after a larger one.
func TestOlderSizeReplacesNothing(t *testing.T) {
	s, n, st, side, list, at := watched(t, "older", 1, 2, nil)
	old := n.Checkpoint()
	take(t, n, s.observer("mina")...)
	if err := n.Tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	line, err := list[0].c.Cosign(old, at.Load())
	if err != nil {
		t.Fatal(err)
	}
	late, err := ledger.AddCosignatures(old, line)
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Keep(t.Context(), late); err != nil {
		t.Fatal(err)
	}
	if size, _ := s.cosigned(t, list, n.Cosigned()); size != 5 {
		t.Errorf("the newest cosigned checkpoint is of size %d, want 5", size)
	}
	head, err := st.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if size, _ := s.cosigned(t, list, head.Cosigned); size != 5 {
		t.Errorf("the head's is of size %d, want 5", size)
	}
	if m, err := side.MarkAfter(t.Context(), 0); err != nil || m.Size != 1 {
		t.Errorf("the older one was not kept beside: %+v, %v", m, err)
	}
}

// TestBracketsStay cosigns one tree again and again. That everything in it was there by the
// first time, and nothing more until the last, must both stay known, for each witness.
func TestBracketsStay(t *testing.T) {
	s, n, _, side, list, at := watched(t, "brackets", 2, 2, nil)
	text, _ := s.witnesses(at, 2, 2)
	policy, err := ledger.ParsePolicy("log " + s.vkey + "\n" + text)
	if err != nil {
		t.Fatal(err)
	}
	list[1].is("silent")
	_ = n.Tick(t.Context()) // w0 at 1,000,000
	if n.Cosigned() != nil {
		t.Fatal("one of two is no quorum")
	}
	at.Add(30)
	list[0].is("silent")
	list[1].is("")
	_ = n.Tick(t.Context()) // w1 at …030: with what is known of this size a quorum
	if n.Cosigned() == nil {
		t.Fatal("both have cosigned this tree, at different times, and it is no quorum")
	}
	list[0].is("")
	for range 3 {
		at.Add(30)
		if err := n.Tick(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	list[1].is("silent")
	at.Add(30)
	_ = n.Tick(t.Context()) // w0 alone, at …150
	m, err := side.MarkAfter(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, by := s.cosigned(t, list, m.First); by["w0"] != 1_000_000 || by["w1"] != 1_000_030 {
		t.Errorf("first cosigned at %v", by)
	}
	if _, by := s.cosigned(t, list, m.Last); by["w0"] != 1_000_150 || by["w1"] != 1_000_120 {
		t.Errorf("last cosigned at %v", by)
	}
	f, err := policy.Check(m.First)
	if err != nil || !f.QuorumBy(1_000_030) || f.QuorumBy(1_000_029) {
		t.Errorf("by the first text the quorum was there by %v (%v), want 1000030", f.Cosigned, err)
	}
	if !bytes.Equal(n.Cosigned(), m.Last) {
		t.Error("receipts do not lead to the newest word on this size")
	}
	// An older word that comes late still counts for the first time.
	early, err := list[1].c.Cosign(n.Checkpoint(), 999_000)
	if err != nil {
		t.Fatal(err)
	}
	with, err := ledger.AddCosignatures(n.Checkpoint(), early)
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Keep(t.Context(), with); err != nil {
		t.Fatal(err)
	}
	if m, err = side.MarkAfter(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if _, by := s.cosigned(t, list, m.First); by["w1"] != 999_000 {
		t.Errorf("first cosigned at %v", by)
	}
	if _, by := s.cosigned(t, list, m.Last); by["w1"] != 1_000_120 {
		t.Errorf("last cosigned at %v", by)
	}
	var texts int
	for text, err := range n.Marks(t.Context(), 1) {
		if err != nil || len(text) == 0 {
			t.Error(err)
		}
		texts++
	}
	if texts != 2 {
		t.Errorf("Marks gives %d texts, want the first and the last", texts)
	}
}

// TestTicksBesideCommits ticks while records come in.
func TestTicksBesideCommits(t *testing.T) {
	s, n, st, _, list, at := watched(t, "beside", 2, 2, nil)
	take(t, n, s.observer("mina")...)
	var recs []record.Record
	for i := range 200 {
		recs = append(recs, s.move("mina", "departure", "A-01", i))
	}
	var wg sync.WaitGroup
	done := make(chan struct{})
	wg.Go(func() {
		defer close(done)
		for _, r := range recs {
			if _, err := n.Submit(context.Background(), r); err != nil {
				t.Error(err)
			}
		}
	})
	for last := int64(0); ; {
		if err := n.Tick(t.Context()); err != nil {
			t.Error(err)
		}
		size, by := s.cosigned(t, list, n.Cosigned())
		if size < last || len(by) != 2 {
			t.Fatalf("cosigned: size %d after %d, by %v", size, last, by)
		}
		last = size
		select {
		case <-done:
			wg.Wait()
			at.Add(1)
			if err := n.Tick(t.Context()); err != nil {
				t.Fatal(err)
			}
			head, err := st.Head(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if size, _ := s.cosigned(t, list, head.Cosigned); size != 205 || n.Size() != 205 {
				t.Errorf("the head is cosigned at %d of %d, want 205", size, n.Size())
			}
			return
		default:
		}
	}
}
