package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/server"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

const exportUsage = `
corridor export --bundle FILE --dir DIR [--level LEVEL] [--for OFFICE] [--json]
corridor export --csv TABLE | --xlsx TABLE | --jsonl TABLE | --geojson
                --dir DIR [--out FILE] [--level LEVEL] [--for OFFICE] [--since N]

Writes the mission as one file that corridor verify checks with no network, or a table of it for
other programs.

  --bundle FILE   the file to write; nothing may exist there
  --csv TABLE     a table with a row of HXL tags: convoys, counts, incidents, restrictions,
                  requests, obligations, places, or records, which has a row for every entry
  --xlsx TABLE    the same as a workbook
  --jsonl TABLE   the same as one JSON object a line
  --geojson       places and incidents as a map
  --out FILE      the file to write, where nothing may exist; standard output if left out
  --since N       only the rows of entry N and those after it: what the last file's to= says
  --dir DIR       the mission's directory
  --level LEVEL   whole (everything; the default), or who it is for: public, parties, mission,
                  strict. What they may not read by the mandate's disclosure table is left out,
                  and the file says so: a bundle in its first line, a table in each row.
  --for OFFICE    whom it is for: an actor of the mandate that may read at that level. The
                  dossiers of observers go to those alone whose consent is asked for, and to who
                  submitted them; they are in no table. The level strict asks for it
`

func runExport(ctx context.Context, w *world, args []string) (int, error) {
	f := flags("export")
	file := f.String("bundle", "", "")
	dir := f.String("dir", "", "")
	level := f.String("level", "whole", "")
	whom := f.String("for", "", "")
	var a tabled
	f.StringVar(&a.csv, "csv", "", "")
	f.StringVar(&a.xlsx, "xlsx", "", "")
	f.StringVar(&a.jsonl, "jsonl", "", "")
	f.BoolVar(&a.geojson, "geojson", false, "")
	f.StringVar(&a.out, "out", "", "")
	f.Int64Var(&a.since, "since", 0, "")
	asJSON := f.Bool("json", false, "")
	if _, err := parse(f, args, 0); err != nil {
		return 3, err
	}
	if (*file == "") == !a.asked() || *dir == "" {
		return 3, unusable("export", "say what and where to, one thing at a time: corridor export --bundle FILE --dir DIR")
	}
	var l corridor.Level
	if *level != "whole" {
		if err := l.UnmarshalText([]byte(*level)); err != nil {
			return 3, unusable("export", "--level: %q is none of whole, public, parties, mission, strict", *level)
		}
	}
	if l == corridor.Strict && *whom == "" || *whom != "" && (l == "" || l == corridor.Public) {
		return 3, unusable("export", "what is strict is for named offices: --level strict --for OFFICE; --for goes with parties, mission and strict")
	}
	if err := holdsMission(*dir); err != nil {
		return 3, err
	}
	o, err := openSource(ctx, *dir)
	if err != nil {
		return 3, err
	}
	defer o.done()
	if a.asked() {
		return w.table(ctx, o.src, l, corridor.ActorID(*whom), a, *asJSON)
	}
	var card []byte
	if o.card != "" {
		if card, err = readLimited(o.card, maxCard); err != nil {
			return 3, err
		}
	}
	size, err := writeBundle(ctx, o.src, l, corridor.ActorID(*whom), card, *file)
	if err != nil {
		return 3, err
	}
	if *asJSON {
		return 0, w.printJSON(map[string]any{"bundle": *file, "size": size, "level": *level})
	}
	fmt.Fprintf(w.out, "%s holds %d entries, level %s; check it with corridor verify %s --card CARD\n", *file, size, *level, *file)
	return 0, nil
}

func writeBundle(ctx context.Context, src verify.Source, level corridor.Level, whom corridor.ActorID, card []byte, file string) (int64, error) {
	res, err := verify.Run(ctx, src, verify.Options{})
	if err != nil {
		return 0, err
	}
	if res.Replay == nil || res.Exit(nil) == 1 {
		return 0, errors.New("the mission does not hold; corridor verify says what is wrong")
	}
	head, err := src.Head(ctx)
	if err != nil {
		return 0, err
	}
	now := record.At(time.Now())
	if whom != "" {
		if bar := res.Replay.Now().Authority().Reads(whom, level, nil, now); bar != corridor.NoBar {
			return 0, fmt.Errorf("%q does not read at the level %s: nothing was written", whom, level)
		}
	}
	if level == corridor.Public {
		if n := res.Replay.Now().PublicLeaves(0, head.Size, now); n < head.Size {
			return 0, fmt.Errorf("entry %d and what follows is not public yet, not even that it is there; the server's own bundle ends before it, and --level parties has it", n)
		}
	}
	out, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return 0, err
	}
	bundle, entries := server.Bundle(ctx, res.Replay, src, level, whom, card, now)
	err = verify.WriteBundle(out, bundle, entries, head.Checkpoint, allCosigned(ctx, src, head.Cosigned))
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return 0, errors.Join(err, os.Remove(file))
	}
	return bundle.Size, nil
}

// allCosigned yields the cosigned checkpoints beside a mission file, and the newest that is in
// it, which a copy without node.db has alone.
func allCosigned(ctx context.Context, src verify.Source, newest []byte) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		had := newest == nil
		for text, err := range src.Checkpoints(ctx) {
			had = had || bytes.Equal(text, newest)
			if !yield(text, err) {
				return
			}
		}
		if !had {
			yield(newest, nil)
		}
	}
}
