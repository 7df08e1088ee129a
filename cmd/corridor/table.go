package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/export"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

// A tabled is what corridor export was asked to make a table of.
type tabled struct {
	csv, xlsx, jsonl string // a table each
	geojson          bool
	out              string
	since            int64
}

func (a tabled) names() []string {
	return slices.DeleteFunc([]string{a.csv, a.xlsx, a.jsonl}, func(s string) bool { return s == "" })
}

func (a tabled) asked() bool { return a.geojson || len(a.names()) > 0 }

// writer returns what writes the file that was asked for.
func (a tabled) writer() (func(io.Writer, export.Reading) (export.Head, error), error) {
	names := a.names()
	if a.geojson {
		names = append(names, "")
	}
	if len(names) != 1 {
		return nil, unusable("export", "one file at a time: --csv, --xlsx, --jsonl or --geojson")
	}
	if a.since < 0 {
		return nil, unusable("export", "--since: entries are numbered from 0")
	}
	if a.geojson {
		return export.GeoJSON, nil
	}
	t, ok := export.TableNamed(names[0])
	if !ok {
		var all []string
		for _, t := range export.Tables() {
			all = append(all, t.Name)
		}
		return nil, unusable("export", "there is no table %q; there are: %s", names[0], strings.Join(all, ", "))
	}
	write := export.CSV
	switch {
	case a.xlsx != "":
		write = export.XLSX
	case a.jsonl != "":
		write = export.JSONLines
	}
	return func(w io.Writer, x export.Reading) (export.Head, error) { return write(w, t, x) }, nil
}

// table writes a table of a mission that holds.
func (w *world) table(ctx context.Context, src verify.Source, level corridor.Level, whom corridor.ActorID, a tabled, asJSON bool) (int, error) {
	write, err := a.writer()
	if err != nil {
		return 3, err
	}
	if asJSON && a.out == "" {
		return 3, unusable("export", "--json tells of a file: give --out FILE")
	}
	x, err := tableOf(ctx, src, level, whom)
	if err != nil {
		return 3, err
	}
	x.From = a.since
	if a.out == "" {
		if _, err := write(w.out, x); err != nil {
			return 3, err
		}
		return 0, nil
	}
	out, err := os.OpenFile(a.out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return 3, err
	}
	head, err := write(out, x)
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return 3, errors.Join(err, os.Remove(a.out))
	}
	if asJSON {
		return 0, w.printJSON(head)
	}
	fmt.Fprintf(w.out, "%s has %d rows of the first %d records, level %s\n", a.out, head.Rows, head.Size, head.Level)
	return 0, nil
}

// tableOf is what a level reads of a mission now. Of a mission that does not hold no table is
// made.
func tableOf(ctx context.Context, src verify.Source, level corridor.Level, whom corridor.ActorID) (export.Reading, error) {
	x := export.Reading{Level: level, At: record.At(time.Now())}
	res, err := verify.Run(ctx, src, verify.Options{})
	if err != nil {
		return x, err
	}
	if res.Replay == nil || res.Exit(nil) == 1 {
		return x, errors.New("the mission does not hold; corridor verify says what is wrong")
	}
	x.Now = res.Replay.Now()
	x.View = x.Now
	if whom != "" && x.Now.Authority().Reads(whom, level, nil, x.At) != corridor.NoBar {
		return x, fmt.Errorf("%q does not read at the level %s: nothing was written", whom, level)
	}
	if level == corridor.Public {
		x.View = x.Now.Prefix(x.Now.PublicLeaves(0, x.Now.Size(), x.At))
	}
	texts, err := incidentTexts(ctx, src)
	x.Texts = func(h record.Hash) (*corridor.Narrative, error) {
		n, kept := texts[h]
		if kept && n == nil {
			return nil, errors.New("the text is not in this copy")
		}
		return n, nil
	}
	return x, err
}

// incidentTexts are the texts of the incidents, which alone have a column for them: nil where
// one is not in the copy or was erased, and none where there never was one.
func incidentTexts(ctx context.Context, src verify.Source) (map[record.Hash]*corridor.Narrative, error) {
	texts := map[record.Hash]*corridor.Narrative{}
	for e, err := range src.Entries(ctx) {
		if err != nil {
			return nil, err
		}
		if !bytes.Contains(e.Leaf, []byte("\n"+string(corridor.ClassIncident)+"\n")) {
			continue
		}
		r, err := recordOf(e)
		if err != nil {
			return nil, fmt.Errorf("entry %d: %w", e.Index, err)
		}
		for _, p := range r.Parts {
			var n corridor.Narrative
			switch {
			case p.Name == "narrative" && p.Bytes == nil:
				texts[r.Hash] = nil
			case p.Name == "narrative" && record.Decode(p.Bytes, &n) == nil: // else refused when it was logged
				texts[r.Hash] = &n
			}
		}
	}
	return texts, nil
}

// recordOf is the record of an entry, as far as the copy carries it.
func recordOf(e verify.Entry) (record.Record, error) {
	if e.Line != nil {
		return record.Parse(e.Line)
	}
	if e.Envelope == nil {
		return record.Record{}, nil
	}
	r, err := record.ParseEnvelope(e.Envelope)
	for i, p := range e.Parts {
		if err == nil && p != nil && i < len(r.Parts) {
			err = r.PutAt(i, p)
		}
	}
	return r, err
}
