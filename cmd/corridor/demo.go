package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/scenario"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

const demoUsage = `
corridor demo [--case NAME] [--dir DIR] [--listen ADDR] [--seed SEED] [--once] [--json]

Builds a finished mission on an embedded store, checks it, and opens its board.

  --case NAME     aleppo-2016 (default): the evacuation of east Aleppo, Foua and Kefraya in
                  December 2016, rebuilt from public sources; nobody named there signed
                  anything. gate-9: a fictional mission with keys, consents, a revocation
  --dir DIR       where the mission is kept; default a directory that goes when this ends
  --listen ADDR   default 127.0.0.1:8080, or any free port if that is taken. Any other is in
                  the clear too: nothing here is secret
  --seed SEED     every key, id and nonce follows from it; two runs are equal byte for byte
  --once          build, check, leave DIR for corridor serve --dir DIR, and end
  --json          print what was built, and where it can be looked at, as JSON

Keys that follow from a seed are worth nothing outside an exercise, and a real mission
refuses them.
`

// demoSeed is the seed when none is given.
const demoSeed = "corridor"

// A demoCall is what corridor demo is told.
type demoCall struct {
	name, dir, listen, seed string
	once, json              bool
}

func runDemo(ctx context.Context, w *world, args []string) (status int, err error) {
	var c demoCall
	f := flags("demo")
	f.StringVar(&c.name, "case", "aleppo-2016", "")
	f.StringVar(&c.dir, "dir", "", "")
	f.StringVar(&c.listen, "listen", "", "")
	f.StringVar(&c.seed, "seed", demoSeed, "")
	f.BoolVar(&c.once, "once", false, "")
	f.BoolVar(&c.json, "json", false, "")
	if _, err := parse(f, args, 0); err != nil {
		return 3, err
	}
	if !slices.Contains(scenario.Cases(), c.name) {
		return 3, unusable("demo", "%q is none of the cases; they are %s", c.name, strings.Join(scenario.Cases(), " and "))
	}
	if strings.Contains(c.seed, "\n") || c.seed == "" {
		return 3, unusable("demo", "--seed takes one line of text")
	}
	if c.once && c.dir == "" {
		return 3, unusable("demo", "--once leaves a mission behind: say where with --dir DIR")
	}
	if c.dir == "" {
		tmp, err := os.MkdirTemp("", "corridor-demo-")
		if err != nil {
			return 3, err
		}
		defer os.RemoveAll(tmp)
		c.dir = tmp
	}
	if !c.json {
		fmt.Fprintln(w.out, banner(c.name))
		fmt.Fprintf(w.out, "building %s from seed %q in %s\n", c.name, c.seed, c.dir)
	}
	start := time.Now()
	d, err := build(ctx, c.name, c.seed, c.dir)
	if err != nil {
		return 3, err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	status, err = c.check(ctx, w, start)
	if err != nil || status != 0 || c.once {
		return status, err
	}
	listen := []string{c.listen}
	if c.listen == "" {
		listen = []string{defaultListen, "127.0.0.1:0"}
	}
	return serve(ctx, w, d, nodeCall{}, listening{addrs: listen, insecure: true}, func(o *entrance) error { return c.addresses(w, o.url) })
}

// banner is the first line of a demo, and says what it is not.
func banner(name string) string {
	if name == "aleppo-2016" {
		return "Rebuilt from public sources; nobody named here signed anything"
	}
	return "Exercise: everybody and every place in it is invented"
}

// build plays a case into a fresh mission directory.
func build(ctx context.Context, name, seed, dir string) (*missionDir, error) {
	script, err := scenario.Case(name)
	if err != nil {
		return nil, err
	}
	d, err := createDir(dir)
	if err != nil {
		return nil, err
	}
	if err := fill(ctx, d, script, name, seed); err != nil {
		return nil, errors.Join(err, d.discard())
	}
	return d, nil
}

func fill(ctx context.Context, d *missionDir, script *scenario.Script, name, seed string) error {
	for secret, b := range map[string][]byte{logSecret: scenario.LogKey(seed).Seed(), nodeSecret: scenario.NodeKey(seed).Seed(), seedSecret: []byte(name + "\n" + seed)} {
		if err := d.side.PutSecret(ctx, secret, b); err != nil {
			return err
		}
	}
	t := &target{ctx: ctx}
	n, err := node.Open(ctx, node.Config{Store: d.store, Side: d.side, LogKey: scenario.LogKey(seed), Now: t.now})
	if err != nil {
		return err
	}
	defer n.Close()
	t.node = n
	if err := scenario.Play(script, seed, t); err != nil {
		return err
	}
	m := n.Mission()
	card := verify.CardOf(m.Founder(), m.Exercise(), m.Now().Terms())
	return os.WriteFile(filepath.Join(d.path, cardFile), card.Text(), 0o644)
}

// A target plays a scenario on a node, whose clock is the scenario's.
type target struct {
	ctx  context.Context
	node *node.Node
	at   record.Time
}

func (t *target) now() time.Time { return t.at.Go() }

// Submit offers a record at the time it was signed.
func (t *target) Submit(r record.Record) error {
	t.at = max(t.at, r.Header.At)
	_, err := t.node.Submit(t.ctx, r)
	return err
}

// Tick returns the newest checkpoint.
func (t *target) Tick(at record.Time) ([]byte, error) {
	t.at = max(t.at, at)
	return t.node.Checkpoint(), nil
}

// Cosigned keeps a cosigned checkpoint.
func (t *target) Cosigned(signed []byte) error { return t.node.Keep(t.ctx, signed) }

// Mission returns the fold.
func (t *target) Mission() *corridor.Mission { return t.node.Mission() }

// check replays what was built and says what holds.
func (c demoCall) check(ctx context.Context, w *world, start time.Time) (int, error) {
	o, err := openSource(ctx, c.dir)
	if err != nil {
		return 3, err
	}
	defer o.done()
	card, err := readCard(o.card)
	if err != nil {
		return 3, err
	}
	res, err := verify.Run(ctx, o.src, verify.Options{Card: &card})
	if err != nil {
		return 3, err
	}
	status := res.Exit(nil)
	switch {
	case c.json:
		return status, w.printJSON(map[string]any{
			"case": c.name, "banner": banner(c.name), "seed": c.seed, "dir": c.dir, "mission": res.Mission, "records": res.Size, "root": res.Root, "card": o.card, "exit": status,
		})
	case status != 0:
		printResult(w.out, c.dir, res)
	default:
		fmt.Fprintf(w.out, "built and checked in %.1f s: %d records, every claim holds\n", time.Since(start).Seconds(), res.Size)
	}
	return status, nil
}

// addresses prints where to look, in the order a newcomer asks.
func (c demoCall) addresses(w *world, base string) error {
	type address struct {
		Label   string `json:"label"`
		Address string `json:"address"`
	}
	list := []address{{"first screen", "/"}, {"board", "/board"}}
	if c.name == "aleppo-2016" {
		list = append(list,
			address{"both legs", "/#balance"},
			address{"buses burned, who says so", "/#incidents"},
			address{"who admitted the observers", "/observers"},
			address{"what was said, held against the record", "/said"})
	} else {
		list = append(list, address{"who admitted the observers", "/observers"}, address{"incidents", "/incidents"})
	}
	list = append(list, address{"try to cheat", "/cheat"})
	for i := range list {
		list[i].Address = base + list[i].Address
	}
	if c.json {
		return w.printJSON(list)
	}
	fmt.Fprintln(w.out)
	for _, a := range list {
		fmt.Fprintf(w.out, "  %-40s %s\n", a.Label, a.Address)
	}
	fmt.Fprintf(w.out, "\ncheck it yourself: corridor verify %s --card %s\n", base, filepath.Join(c.dir, cardFile))
	_, err := fmt.Fprintln(w.out, "stop with Ctrl-C")
	return err
}
