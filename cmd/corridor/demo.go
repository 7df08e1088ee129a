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
corridor demo [--case NAME] [--dir DIR] [--listen ADDR] [--seed SEED] [--once]

Builds a finished mission on an embedded store, checks it, and opens its board.

  --case NAME     aleppo-2016 (default): the evacuation of east Aleppo, Foua and Kefraya in
                  December 2016, rebuilt from public sources; nobody named there signed
                  anything. gate-9: a fictional mission with keys, consents, a revocation
  --dir DIR       where the mission is kept; default a directory that goes when this ends
  --listen ADDR   default 127.0.0.1:8080, or any free port if that is taken
  --seed SEED     every key, id and nonce follows from it; two runs are equal byte for byte
  --once          build, check, leave DIR for corridor serve --dir DIR, and end

Keys that follow from a seed are worth nothing outside an exercise, and a real mission
refuses them.
`

// demoSeed is the seed when none is given.
const demoSeed = "corridor"

func runDemo(ctx context.Context, w *world, args []string) (int, error) {
	f := flags("demo")
	name := f.String("case", "aleppo-2016", "")
	dir := f.String("dir", "", "")
	listen := f.String("listen", "", "")
	seed := f.String("seed", demoSeed, "")
	once := f.Bool("once", false, "")
	rest, err := parse(f, args)
	if err != nil {
		return 3, err
	}
	if len(rest) > 0 || !slices.Contains(scenario.Cases(), *name) {
		return 3, fmt.Errorf("the cases are %s", strings.Join(scenario.Cases(), " and "))
	}
	if *once && *dir == "" {
		return 3, errors.New("--once leaves a mission behind: say where with --dir DIR")
	}
	if *dir == "" {
		tmp, err := os.MkdirTemp("", "corridor-demo-")
		if err != nil {
			return 3, err
		}
		defer os.RemoveAll(tmp)
		*dir = tmp
	}
	banner(w, *name)
	fmt.Fprintf(w.out, "building %s from seed %q in %s\n", *name, *seed, *dir)
	start := time.Now()
	d, err := build(ctx, w, *name, *seed, *dir)
	if err != nil {
		return 3, err
	}
	defer d.close()
	status, err := checkDemo(ctx, w, d, start)
	if err != nil || status != 0 || *once {
		return status, err
	}
	if *listen == "" {
		*listen = freePort("127.0.0.1:8080")
	}
	return serve(ctx, w, d, *listen, nil, func(addr string) { addresses(w, *name, "http://"+addr, *dir) })
}

func banner(w *world, name string) {
	if name == "aleppo-2016" {
		fmt.Fprintln(w.out, "Rebuilt from public sources; nobody named here signed anything")
		return
	}
	fmt.Fprintln(w.out, "Exercise: everybody and every place in it is invented")
}

// build plays a case into a fresh mission directory.
func build(ctx context.Context, w *world, name, seed, dir string) (*missionDir, error) {
	script, err := scenario.Case(name)
	if err != nil {
		return nil, err
	}
	d, err := createDir(dir)
	if err != nil {
		return nil, err
	}
	if err := fill(ctx, d, script, name, seed); err != nil {
		return nil, errors.Join(err, d.close())
	}
	return d, nil
}

func fill(ctx context.Context, d *missionDir, script *scenario.Script, name, seed string) error {
	for secret, b := range map[string][]byte{logSecret: scenario.LogKey(seed).Seed(), seedSecret: []byte(name + "\n" + seed)} {
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

// checkDemo replays what was built and says what holds.
func checkDemo(ctx context.Context, w *world, d *missionDir, start time.Time) (int, error) {
	src, done, card, err := openSource(ctx, d.path)
	if err != nil {
		return 3, err
	}
	defer done()
	c, err := readCard(card)
	if err != nil {
		return 3, err
	}
	res, err := verify.Run(ctx, src, verify.Options{Card: &c})
	if err != nil {
		return 3, err
	}
	status := res.Exit(nil)
	if status != 0 {
		printResult(w.out, d.path, card, res)
		return status, nil
	}
	fmt.Fprintf(w.out, "built and checked in %.1f s: %d records, every claim holds\n", time.Since(start).Seconds(), res.Size)
	return 0, nil
}

// addresses prints where to look, in the order a newcomer asks.
func addresses(w *world, name, base, dir string) {
	type address struct{ label, path string }
	list := []address{{"first screen", "/"}, {"board", "/board"}}
	if name == "aleppo-2016" {
		list = append(list,
			address{"both legs", "/#balance"},
			address{"buses burned, who says so", "/#incidents"},
			address{"who admitted the observers", "/observers"},
			address{"what was said, held against the record", "/said"})
	} else {
		list = append(list, address{"who admitted the observers", "/observers"}, address{"incidents", "/incidents"})
	}
	list = append(list, address{"try to cheat", "/cheat"})
	fmt.Fprintln(w.out)
	for _, a := range list {
		fmt.Fprintf(w.out, "  %-40s %s%s\n", a.label, base, a.path)
	}
	fmt.Fprintf(w.out, "\ncheck it yourself: corridor verify %s --card %s\n", base, filepath.Join(dir, cardFile))
	fmt.Fprintln(w.out, "stop with Ctrl-C")
}
