package server_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/scenario"
	"corridor.example/corridor/internal/server"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/verify"
)

var update = flag.Bool("update", false, "write what corridor verify says of the demo into README.md")

const demoSeed = "corridor" // as corridor demo has it

// TestTranscriptOfTheReadme holds the transcript in README.md against what the checker says of
// the demo, whole and with one number changed. go test ./internal/server -run Transcript -update
// writes it anew.
func TestTranscriptOfTheReadme(t *testing.T) {
	ctx := context.Background()
	script, err := scenario.Case("aleppo-2016")
	if err != nil {
		t.Fatal(err)
	}
	target := &both{Bare: scenario.NewBare(demoSeed)}
	st, side := &store.Memory{}, &store.MemorySide{}
	target.node, err = node.Open(ctx, node.Config{Store: st, Side: side, LogKey: scenario.LogKey(demoSeed), Now: target.now})
	if err != nil {
		t.Fatal(err)
	}
	defer target.node.Close()
	if err := scenario.Play(script, demoSeed, target); err != nil {
		t.Fatal(err)
	}
	m := target.node.Mission()
	card := verify.CardOf(m.Founder(), m.Exercise(), m.Now().Terms())
	src := server.Source(st, side)
	good, err := verify.Run(ctx, src, verify.Options{Card: &card})
	if err != nil {
		t.Fatal(err)
	}

	head, entries := server.Bundle(ctx, m, src, "", "", card.Text(), 0)
	var b bytes.Buffer
	if err := verify.WriteBundle(&b, head, entries, target.node.Checkpoint(), src.Checkpoints(ctx)); err != nil {
		t.Fatal(err)
	}
	was, is := []byte(`total\":1312`), []byte(`total\":1812`)
	if n := bytes.Count(b.Bytes(), was); n != 1 {
		t.Errorf("the number that the reader is asked to change stands in the bundle %d times", n)
	}
	bundle, err := verify.OpenBundle(bytes.NewReader(bytes.ReplaceAll(b.Bytes(), was, is)))
	if err != nil {
		t.Fatal(err)
	}
	bad, err := verify.Run(ctx, bundle, verify.Options{Card: &card})
	if err != nil {
		t.Fatal(err)
	}
	if good.Exit(nil) != 0 || bad.Exit(nil) != 1 {
		t.Fatalf("the demo's exit status is %d, and %d with a number changed", good.Exit(nil), bad.Exit(nil))
	}

	want := map[string]string{
		`(?m)^aleppo: .*$`: fmt.Sprintf("aleppo: exercise mission %s, %d records, root %s", good.Mission.Short(), good.Size, good.Root),
		`(?m)^Checked against the card that lies there, .*$`: "Checked against the card that lies there, aleppo/mission.card, whose words are: " + strings.Join(card.Words(), " ") + ".",
	}
	say := func(c verify.Claim) string { return fmt.Sprintf("%-9s  %s: %s", c.Name, c.State, c.Say) }
	for _, c := range good.Claims {
		want[`(?m)^`+c.Name+` +holds: .*$`] = say(c)
	}
	log, _ := bad.Claim(verify.ClaimLog)
	want[`(?m)^log +does not hold: .*$`] = say(log)

	path := filepath.Join(root, "README.md")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for pattern, line := range want {
		re := regexp.MustCompile(pattern)
		switch have := re.Find(text); {
		case have == nil:
			t.Errorf("README.md has no line like %s", pattern)
		case *update:
			text = re.ReplaceAllLiteral(text, []byte(line))
		case string(have) != line:
			t.Errorf("README.md says\n%s\nand the checker\n%s\n(-update writes it anew)", have, line)
		}
	}
	if *update {
		if err := os.WriteFile(path, text, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}
