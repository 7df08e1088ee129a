package node_test

import (
	"errors"
	"strings"
	"testing"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/ledger"
)

// other signs a checkpoint of a tree that is not the log's, with the log's own key.
func (s *stage) other(t testing.TB, size int64) []byte {
	t.Helper()
	signer, err := ledger.NewSigner(strings.Split(s.vkey, "+")[0], s.logKey())
	if err != nil {
		t.Fatal(err)
	}
	signed, err := ledger.SignCheckpoint(ledger.Checkpoint{Origin: signer.Name(), Size: size, Root: ledger.Hash{9}}, signer)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// TestOlderCopy opens a copy of the log that is older than what a witness remembers.
func TestOlderCopy(t *testing.T) {
	s, n, st, side, list, _ := watched(t, "older", 1, 2, nil)
	shown := s.other(t, 7)
	n.Close()
	open := func(more ...func(*node.Config)) (*node.Node, error) {
		cfg := node.Config{Store: st, Side: side, LogKey: s.logKey(), Log: quiet}
		for _, w := range list {
			cfg.Witnesses = append(cfg.Witnesses, w)
		}
		for _, f := range more {
			f(&cfg)
		}
		n, err := node.Open(t.Context(), cfg)
		if err == nil {
			n.Close()
		}
		return n, err
	}
	despite := func(c *node.Config) { c.Despite = []string{"w1"} }
	var ahead *node.Ahead
	for _, x := range []struct {
		name  string
		knows node.Newest
		more  []func(*node.Config)
		want  string // part of the sentence; "": it opens
	}{
		{"nothing", node.Newest{}, nil, ""},
		{"as much", node.Newest{Size: 1, Checkpoint: n.Checkpoint()}, nil, ""},
		{"more, on its word", node.Newest{Size: 7}, nil, "start again with --despite w1"},
		{"more, and it is not believed", node.Newest{Size: 7}, []func(*node.Config){despite}, ""},
		{"more, and it shows it", node.Newest{Size: 7, Checkpoint: shown}, nil, "shows the log's own signature"},
		{"more, shown, and it is not believed", node.Newest{Size: 7, Checkpoint: shown}, []func(*node.Config){despite}, "shows the log's own signature"},
		{"another of the same size", node.Newest{Size: 1, Checkpoint: s.other(t, 1)}, nil, "another history of the first 1 records"},
		{"somebody else's signature", node.Newest{Size: 7, Checkpoint: []byte(strings.ReplaceAll(string(shown), "7\n", "8\n"))}, []func(*node.Config){despite}, ""},
	} {
		list[1].newest = x.knows
		_, err := open(x.more...)
		switch {
		case x.want == "" && err != nil:
			t.Errorf("a witness knows %s: %v", x.name, err)
		case x.want != "" && (!errors.As(err, &ahead) || ahead.Witness != "w1" || !strings.Contains(err.Error(), x.want)):
			t.Errorf("a witness knows %s: %v, want %q", x.name, err, x.want)
		}
	}
}

// TestHeld runs a node while a witness answers that it knows another history: its word changes
// nothing, the log's own signature ends signing.
func TestHeld(t *testing.T) {
	s, n, _, _, list, _ := watched(t, "held", 1, 2, nil)
	if size, signed := n.Live(); size != 0 || signed != nil {
		t.Errorf("Live = %d, %s before a tick", size, signed)
	}
	list[1].ahead = &node.Ahead{Witness: "w1", Newest: node.Newest{Size: 9}}
	if err := n.Tick(t.Context()); err == nil || !strings.Contains(err.Error(), "w1 knows 9 records") {
		t.Errorf("Tick = %v", err)
	}
	if n.Failing() != nil || n.Cosigned() == nil {
		t.Fatalf("a bare word stopped the node: %v", n.Failing())
	}
	if size, signed := n.Live(); size != 1 || string(signed) != string(n.Cosigned()) {
		t.Errorf("Live = %d, %s", size, signed)
	}
	list[1].ahead = &node.Ahead{Witness: "w1", Newest: node.Newest{Size: 9, Checkpoint: s.other(t, 9)}}
	if err := n.Tick(t.Context()); err == nil {
		t.Error("a shown fork was not told")
	}
	var ahead *node.Ahead
	if !errors.As(n.Failing(), &ahead) || !ahead.Shown {
		t.Fatalf("Failing = %v", n.Failing())
	}
	before := n.Size()
	if _, err := n.Submit(t.Context(), s.observer("mina")[0]); err == nil || n.Size() != before {
		t.Errorf("a record was logged: %v", err)
	}
	n.View(func(v corridor.View) {
		if v.Size() != before {
			t.Error("reading ended")
		}
	})
}
