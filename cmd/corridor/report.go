package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/store/sqlite"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

const reportUsage = `
corridor report --dir DIR --series NAME --cut-off TIME [--key KEY] [--text FILE] [--lang en]

Drafts the next report of a series from the log as it stands, and with --key signs and
submits it. Its lists and figures are what the log gives; only the text is yours.

  --dir DIR        the mission's directory; a server may be running it
  --series NAME    for example daily
  --cut-off TIME   2026-12-18T17:30:00Z, or in the zone: "2026-12-18 19:30"
  --zone ZONE      one of the mandate's zones; default that of the operation day
  --by ACTOR       who signs; default office
  --key KEY        the office's working key; without it the draft is printed and nothing signed
  --passphrase-file FILE   its passphrase, where nobody can be asked on a terminal
  --text FILE      the office's own words, which no check reads
  --json           print as JSON
`

type reportCall struct {
	dir, series, cutOff, zone, by, key, text, lang string
	json                                           bool
	lock                                           lock
}

func runReport(ctx context.Context, w *world, args []string) (int, error) {
	var c reportCall
	f := flags("report")
	f.StringVar(&c.dir, "dir", "", "")
	f.StringVar(&c.series, "series", "", "")
	f.StringVar(&c.cutOff, "cut-off", "", "")
	f.StringVar(&c.zone, "zone", "", "")
	f.StringVar(&c.by, "by", "office", "")
	f.StringVar(&c.key, "key", "", "")
	f.StringVar(&c.text, "text", "", "")
	f.StringVar(&c.lang, "lang", "en", "")
	f.BoolVar(&c.json, "json", false, "")
	c.lock.flags(f, false)
	if _, err := parse(f, args, 0); err != nil {
		return 3, err
	}
	if c.dir == "" || c.series == "" || c.cutOff == "" {
		return 3, unusable("report", "say which: corridor report --dir DIR --series daily --cut-off TIME")
	}
	if err := holdsMission(c.dir); err != nil {
		return 3, err
	}
	st, err := sqlite.OpenReadOnly(filepath.Join(c.dir, missionFile))
	if err != nil {
		return 3, err
	}
	defer st.Close()
	m, head, err := node.Read(ctx, st)
	if err != nil {
		return 3, fmt.Errorf("%s: %w", c.dir, err)
	}
	draft, p, err := c.draft(m, head.Cosigned)
	if err != nil {
		return 3, err
	}
	if c.key == "" {
		return c.print(w, draft)
	}
	k, err := readKeyFile(ctx, w, c.key, c.lock)
	if err != nil {
		return 3, err
	}
	if err := k.hold(ctx); err != nil {
		return 3, err
	}
	defer k.release()
	return c.sign(ctx, w, k, m, draft, p)
}

// draft makes the facts and counts on the newest checkpoint that carries the mandate's quorum,
// or on the whole log where the mandate asks for none.
func (c reportCall) draft(m *corridor.Mission, cosigned []byte) (d corridor.Draft, p place, err error) {
	t := m.Now().Terms()
	var series []string
	for _, due := range t.Schedule {
		series = append(series, due.Series)
	}
	if len(series) > 0 && !slices.Contains(series, c.series) {
		return d, p, fmt.Errorf("%q is none of the mandate's series of reports; they are %s", c.series, strings.Join(series, ", "))
	}
	zone := t.Zone
	if c.zone != "" {
		z, ok := t.ZoneNamed(c.zone)
		if !ok {
			return d, p, fmt.Errorf("%s is none of the mandate's zones", c.zone)
		}
		zone = z
	}
	cutOff, err := moment(c.cutOff, zone)
	if err != nil {
		return d, p, err
	}
	to := m.Size()
	p = place{mission: m.Founder(), exercise: m.Exercise(), origin: t.Origin, log: t.LogKey, folded: m}
	policy, err := t.Policy()
	if err != nil {
		return d, p, err
	}
	if policy.Quorum() != "none" {
		if cosigned == nil {
			return d, p, errors.New("no checkpoint carries the cosignatures the mandate asks for yet; a report is drafted on one that does")
		}
		cp, err := ledger.ParseCheckpoint(cosigned)
		if err != nil {
			return d, p, err
		}
		to = cp.Size
	}
	if cosigned != nil {
		s := string(cosigned)
		p.seen = &s
	}
	facts, count, err := m.DraftReport(c.series, to, cutOff, zone.Name)
	if err != nil {
		return d, p, err
	}
	d = corridor.Draft{Kind: corridor.KindReport, By: corridor.ActorID(c.by), Parts: map[string]map[string]any{}}
	for part, v := range map[string]any{"facts": facts, "count": count} {
		b, err := record.Encode(v)
		if err != nil {
			return d, p, err
		}
		members := map[string]any{}
		if err := json.Unmarshal(b, &members); err != nil { // integers to 2^53 are exact
			return d, p, err
		}
		for _, head := range []string{"id", "part", "nonce"} {
			delete(members, head)
		}
		d.Parts[part] = members
	}
	if c.text != "" {
		b, err := readLimited(c.text, record.MaxPart/2)
		if err != nil {
			return d, p, err
		}
		d.Parts["narrative"] = map[string]any{"lang": c.lang, "text": string(b)}
	}
	return d, p, nil
}

// moment reads a time in UTC, or in the zone.
func moment(s string, zone corridor.Zone) (record.Time, error) {
	var t record.Time
	if t.UnmarshalText([]byte(s)) == nil {
		return t, nil
	}
	g, err := time.Parse("2006-01-02 15:04", s)
	if err != nil {
		return 0, fmt.Errorf("%q is not a time such as 2026-12-18T17:30:00Z or \"2026-12-18 19:30\"", s)
	}
	local := record.At(g)
	return local - record.Time(zone.Offset(local-record.Time(zone.Offset(local)))), nil
}

func (c reportCall) print(w *world, d corridor.Draft) (int, error) {
	if c.json {
		return 0, w.printJSON(d.Parts)
	}
	enc := json.NewEncoder(w.out)
	enc.SetIndent("", "  ")
	if err := enc.Encode(d.Parts); err != nil {
		return 3, err
	}
	fmt.Fprintln(w.err, "a draft; nothing is signed. Add --key KEY to sign and submit it")
	return 0, nil
}

// sign signs a draft as it stands and submits it. What came into the log meanwhile stands in
// the next report.
func (c reportCall) sign(ctx context.Context, w *world, k *keyFile, m *corridor.Mission, d corridor.Draft, p place) (int, error) {
	if seq, last, ok := m.Now().Chain(record.Fingerprint(k.public())); ok {
		p.known = chain{seq, &last}
	}
	ready, err := draftFile{Draft: d}.signable(p)
	if err != nil {
		return 3, err
	}
	r, err := k.sign(ready, p)
	if err == nil {
		err = p.judge(r)
	}
	call := signingCall{verb: "report", dir: c.dir, json: c.json}
	if isRefusal(err) {
		return outcome{}.not(err).say(w, call)
	}
	if err != nil {
		return 3, err
	}
	if err := call.route(); err != nil {
		return 3, err
	}
	return k.send(ctx, w, call, p, r)
}
