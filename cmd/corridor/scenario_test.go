package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/scenario"
	"corridor.example/corridor/internal/server"
	"corridor.example/corridor/internal/store/sqlite"
	"corridor.example/corridor/verify"
)

// TestScenarios plays every scenario on a node over SQLite and checks the log that results: the
// bare fold, the node and the checker must agree on the root, and every claim must hold.
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("../../testdata/scenario/*.txt")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d scenarios: %v", len(files), err)
	}
	for _, name := range scenario.Cases() {
		files = append(files, "../../internal/scenario/cases/"+name+".txt")
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			script, err := scenario.Load(os.DirFS(filepath.Dir(file)), filepath.Base(file))
			if err != nil {
				t.Fatal(err)
			}
			const seed = "scenarios"
			bare := scenario.NewBare(seed)
			if err := scenario.Play(script, seed, bare); err != nil {
				t.Fatalf("on the bare fold: %v", err)
			}
			dir := t.TempDir()
			store, err := sqlite.Create(filepath.Join(dir, missionFile))
			if err != nil {
				t.Fatal(err)
			}
			defer store.Close()
			side, err := sqlite.OpenSide(filepath.Join(dir, sideFile))
			if err != nil {
				t.Fatal(err)
			}
			defer side.Close()
			to := &target{ctx: t.Context()}
			n, err := node.Open(t.Context(), node.Config{Store: store, Side: side, LogKey: scenario.LogKey(seed), Now: to.now})
			if err != nil {
				t.Fatal(err)
			}
			defer n.Close()
			to.node = n
			if err := scenario.Play(script, seed, to); err != nil {
				t.Fatalf("on a node: %v", err)
			}
			want, err := bare.Mission().Now().Root()
			if err != nil {
				t.Fatal(err)
			}
			card := verify.CardOf(bare.Mission().Founder(), true, bare.Mission().Now().Terms())
			res, err := verify.Run(t.Context(), server.Source(store, side), verify.Options{Card: &card})
			if err != nil {
				t.Fatal(err)
			}
			if res.Root != want || res.Size != bare.Mission().Size() {
				t.Errorf("the node's log has %d records and the root %s, the bare fold %d and %s", res.Size, res.Root, bare.Mission().Size(), want)
			}
			for _, c := range res.Claims {
				if c.State != verify.Holds {
					t.Errorf("%s %s: %s %v", c.Name, c.State, c.Say, c.Entries)
				}
			}
		})
	}
}
