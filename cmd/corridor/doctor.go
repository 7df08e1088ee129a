package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/store/sqlite"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

const doctorUsage = `
corridor doctor --dir DIR [--json]

Looks a mission's directory over: files and who can read them, the log's key, whether the
log holds, until when its certificates are good, how old its newest cosignature is, how far its witnesses know it, what is due. It
changes nothing. Status 0: all
well; 1: something needs attention now; 2: something should be looked at.
`

// A sign is one thing the doctor looked at.
type sign struct {
	Level string `json:"level"` // well, look, now
	Say   string `json:"say"`
}

func runDoctor(ctx context.Context, w *world, args []string) (int, error) {
	f := flags("doctor")
	dir := f.String("dir", "", "")
	asJSON := f.Bool("json", false, "")
	rest, err := parse(f, args, 1)
	if err != nil {
		return 3, err
	}
	if (len(rest) == 1) == (*dir != "") {
		return 3, unusable("doctor", "say which: corridor doctor --dir DIR")
	}
	*dir += strings.Join(rest, "")
	if err := holdsMission(*dir); err != nil {
		return 3, err
	}
	signs := append(lookFiles(*dir), lookKey(ctx, *dir)...)
	signs = append(signs, lookCertificates(ctx, *dir)...)
	signs = append(signs, lookLog(ctx, w, *dir)...)
	status := 0
	for _, s := range signs {
		switch s.Level {
		case "now":
			status = 1
		case "look":
			if status == 0 {
				status = 2
			}
		}
	}
	if *asJSON {
		return status, w.printJSON(signs)
	}
	for _, s := range signs {
		fmt.Fprintf(w.out, "%-4s  %s\n", s.Level, s.Say)
	}
	return status, nil
}

func lookFiles(dir string) (signs []sign) {
	for _, name := range []string{missionFile, sideFile, cardFile} {
		path := filepath.Join(dir, name)
		s, err := os.Stat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist) && name == cardFile:
			signs = append(signs, sign{"look", path + " is missing: whoever checks takes the copy's own word"})
		case err != nil:
			signs = append(signs, sign{"now", err.Error()})
		case name != cardFile && s.Mode().Perm()&0o077 != 0:
			signs = append(signs, sign{"now", fmt.Sprintf("others on this machine can read %s: chmod 600 %s", path, path)})
		default:
			signs = append(signs, sign{"well", fmt.Sprintf("%s, %d bytes", path, s.Size())})
		}
	}
	if exists(filepath.Join(dir, "office-recovery.key")) {
		signs = append(signs, sign{"look", "office-recovery.key still lies beside what it is to recover; move it to a place offline"})
	}
	return signs
}

func lookKey(ctx context.Context, dir string) []sign {
	side, err := sqlite.OpenSideReadOnly(filepath.Join(dir, sideFile))
	if errors.Is(err, fs.ErrNotExist) {
		return []sign{{"now", keyless(dir).Error()}}
	}
	if err != nil {
		return []sign{{"now", err.Error()}}
	}
	defer side.Close()
	if _, err := logKey(ctx, dir, side); err != nil {
		return []sign{{"now", err.Error()}}
	}
	return []sign{{"well", "the log's key is there"}}
}

func lookLog(ctx context.Context, w *world, dir string) []sign {
	src, err := openSource(ctx, dir)
	if err != nil {
		return []sign{{"now", err.Error()}}
	}
	defer src.done()
	var signs []sign
	for _, n := range src.notes {
		signs = append(signs, sign{"look", n})
	}
	o := verify.Options{Progress: w.progress("replaying")}
	if src.card != "" {
		c, err := readCard(src.card)
		if err != nil {
			return append(signs, sign{"now", src.card + ": " + err.Error()})
		}
		o.Card = &c
	}
	res, err := verify.Run(ctx, src.src, o)
	if err != nil {
		return append(signs, sign{"now", err.Error()})
	}
	for _, c := range res.Claims {
		level := map[verify.State]string{verify.Holds: "well", verify.DoesNotHold: "now", verify.CannotCheck: "look"}[c.State]
		signs = append(signs, sign{level, fmt.Sprintf("%s %s: %s", c.Name, c.State, c.Say)})
	}
	if res.Replay == nil {
		return signs
	}
	if head, err := src.src.Head(ctx); err == nil {
		signs = append(signs, lookWitnesses(ctx, nodeCall{}, slog.New(slog.DiscardHandler), res, head.Checkpoint)...)
	}
	now := record.At(time.Now())
	v := res.Replay.Now()
	for _, d := range v.DueReports(now) {
		if d.State == corridor.DueOverdue {
			signs = append(signs, sign{"look", fmt.Sprintf("overdue of the series %s since %s: reports to write: %d", d.Series, d.Issue, d.Of)})
		}
	}
	for _, h := range v.Holes() {
		signs = append(signs, sign{"look", fmt.Sprintf("not received of %s: records %d to %d of key %s", h.By, h.From, h.To, h.Key.Short())})
	}
	signs = append(signs, lookErasures(v, now)...)
	return append(signs, constituted(v))
}

// lookErasures says what is to be erased by now and nobody has ordered, and who keeps a copy and
// has not answered an order.
func lookErasures(v corridor.View, now record.Time) (signs []sign) {
	due := v.ToErase(now)
	for i, x := range due {
		if i == mostPrinted {
			signs = append(signs, sign{"look", fmt.Sprintf("due to be erased, beside these: %d parts", len(due)-i)})
			break
		}
		signs = append(signs, sign{"look", fmt.Sprintf("due to be erased since %s: %s of entry %d, the %s %s by %s; the office orders it with an erasure, reason retention-ended", x.Since, x.Part, x.Index, x.Kind, x.Record.Short(), x.By)})
	}
	for _, x := range v.Erasures() {
		if len(x.Silent) > 0 {
			signs = append(signs, sign{"look", fmt.Sprintf("ordered erased by entry %d, and not answered yet by %v, who keep a copy", x.Index, x.Silent)})
		}
	}
	return signs
}

// constituted says who has not acceded to the mandate yet.
func constituted(v corridor.View) sign {
	var missing []corridor.ActorID
	for _, a := range v.Terms().Actors {
		if a.Is(corridor.Party) && !v.Authority().Acceded(a.ID, v.Founder()) {
			missing = append(missing, a.ID)
		}
	}
	if len(missing) > 0 {
		return sign{"look", fmt.Sprintf("the mission is not constituted: %v have not acceded to the mandate", missing)}
	}
	return sign{"well", "every party has acceded to the mandate"}
}
