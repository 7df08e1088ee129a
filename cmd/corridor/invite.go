package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"rsc.io/qr"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/session"
	"corridor.example/corridor/internal/store/sqlite"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

const inviteUsage = `
corridor invite --dir DIR --actor ID [--level LEVEL] [--for-program] [--lasts TIME] [--at URL] [--json]
corridor invite --dir DIR --phone [--lasts TIME] [--at URL] [--json]

Makes an invitation to read the mission that lives in DIR, and prints it as a link and as a
code for a telephone's camera. It opens one session, once. A server may be running DIR.

  --actor ID      for whom it reads: an actor of the mandate, an observer, somebody nominated
  --level LEVEL   parties (default), mission or strict. Parties, guarantors and those nominated
                  read as parties, operators and deployed observers at most as mission, offices
                  and trustees as strict
  --phone         to enrol one observer's phone: it makes a key, which then waits on the desk to be
                  nominated. It opens nothing to read
  --for-program   for a program, such as a party's witness: it trades the code for a token
  --lasts TIME    how long it can be used, from 1m to 720h; default 72h
  --at URL        where the reader reaches the server; default where it listens now
  --json          print it as JSON

Whoever has the link has the invitation: hand it over in person, on paper, or by a way you
trust. It is kept nowhere but on your screen. corridor sessions lists what is open and ends it.
`

func runInvite(ctx context.Context, w *world, args []string) (int, error) {
	f := flags("invite")
	dir, actor, at := f.String("dir", "", ""), f.String("actor", "", ""), f.String("at", "", "")
	level, program := f.String("level", string(corridor.Parties), ""), f.Bool("for-program", false, "")
	phone := f.Bool("phone", false, "")
	lasts, asJSON := f.Duration("lasts", 72*time.Hour, ""), f.Bool("json", false, "")
	if _, err := parse(f, args, 0); err != nil {
		return 3, err
	}
	if *phone && *dir != "" && *actor == "" && !*program {
		return invitePhone(ctx, w, *dir, *at, *lasts, *asJSON)
	}
	if *dir == "" || *actor == "" || *phone {
		return 3, unusable("invite", "say where and for whom: corridor invite --dir DIR --actor ID, or --phone alone")
	}
	g := session.Grant{Actor: corridor.ActorID(*actor), Level: corridor.Level(*level), Program: *program}
	base, err := reachedAt(*dir, *at)
	if err != nil {
		return 3, err
	}
	if err := mayRead(ctx, w, *dir, g); err != nil {
		return 3, err
	}
	side, err := openPassing(*dir)
	if err != nil {
		return 3, err
	}
	code, i, err := session.Invite(ctx, side, time.Now(), g, "operator", *lasts)
	if err = errors.Join(err, side.Close()); err != nil {
		return 3, err
	}
	link := base + "/join#" + code
	until := time.Unix(i.Until, 0).UTC().Format(time.RFC3339)
	if *asJSON {
		return 0, w.printJSON(map[string]any{"name": i.Name, "actor": i.Actor, "level": i.Level, "program": i.Program, "until": until, "code": code, "link": link})
	}
	fmt.Fprintf(w.out, "invitation %s for %s at the level %s, until %s, to be used once\n\n", i.Name, i.Actor, i.Level, until)
	if *program {
		fmt.Fprintf(w.out, "%s\n", link)
		return 0, nil
	}
	if err := printQR(w.out, link); err != nil {
		return 3, err
	}
	fmt.Fprintf(w.out, "\n%s\n", link)
	return 0, nil
}

// invitePhone makes an invitation to enrol a phone. Its link names the mission's card, so that the
// phone knows the mission whoever answers it.
func invitePhone(ctx context.Context, w *world, dir, at string, lasts time.Duration, asJSON bool) (int, error) {
	base, err := reachedAt(dir, at)
	if err != nil {
		return 3, err
	}
	if err := holdsMission(dir); err != nil {
		return 3, err
	}
	o, err := openSource(ctx, dir)
	if err != nil {
		return 3, err
	}
	defer o.done()
	res, err := verify.Run(ctx, o.src, verify.Options{Progress: w.progress("reading the log")})
	if err != nil {
		return 3, err
	}
	if res.Replay == nil || res.Replay.Now().Terms() == nil {
		return 3, fmt.Errorf("%s cannot be read as a mission; corridor verify %s says why", dir, dir)
	}
	v := res.Replay.Now()
	card := verify.CardOf(v.Founder(), v.Exercise(), v.Terms())
	side, err := openPassing(dir)
	if err != nil {
		return 3, err
	}
	code, p, err := session.InvitePhone(ctx, side, time.Now(), "operator", lasts)
	if err = errors.Join(err, side.Close()); err != nil {
		return 3, err
	}
	link := base + "/phone/#" + code + "." + card.Print()
	until, words := time.Unix(p.Until, 0).UTC().Format(time.RFC3339), strings.Join(card.Words(), " ")
	if asJSON {
		return 0, w.printJSON(map[string]any{"name": p.Name, "until": until, "code": code, "link": link, "words": words})
	}
	fmt.Fprintf(w.out, "invitation %s for one phone, until %s, to be used once\n\n", p.Name, until)
	if err := printQR(w.out, link); err != nil {
		return 3, err
	}
	fmt.Fprintf(w.out, "\n%s\n\nHand these words over by another way; the phone shows them, and its holder compares:\n%s\n", link, words)
	return 0, nil
}

// openPassing opens what passes with time in a directory that a server may be running.
func openPassing(dir string) (*sqlite.Side, error) {
	if err := holdsMission(dir); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, sideFile)
	if !exists(path) {
		return nil, keyless(dir)
	}
	return sqlite.OpenSide(path)
}

// reachedAt returns the address under which readers reach a directory's server, without a
// slash at its end.
func reachedAt(dir, given string) (string, error) {
	if given == "" {
		_, url, err := servedAt(dir)
		if err == nil && url == "" {
			url = "http://" + defaultListen
		}
		return url, err
	}
	u, err := url.Parse(given)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return "", unusable("invite", "--at takes the address of the server, such as https://mission.example")
	}
	return u.Scheme + "://" + u.Host, nil
}

// mayRead says what bars a grant as the mission stands, after reading it whole.
func mayRead(ctx context.Context, w *world, dir string, g session.Grant) error {
	if err := holdsMission(dir); err != nil {
		return err
	}
	o, err := openSource(ctx, dir)
	if err != nil {
		return err
	}
	defer o.done()
	res, err := verify.Run(ctx, o.src, verify.Options{Progress: w.progress("reading the log")})
	if err != nil {
		return err
	}
	if res.Replay == nil {
		return fmt.Errorf("%s cannot be read as a mission; corridor verify %s says why", dir, dir)
	}
	if bar := res.Replay.Now().Authority().Reads(g.Actor, g.Level, nil, record.At(time.Now())); bar != corridor.NoBar {
		return fmt.Errorf("%q cannot be invited at the level %q: %s", g.Actor, g.Level, bars[bar])
	}
	return nil
}

// bars says what stands against a grant.
var bars = map[corridor.Bar]string{
	corridor.BarActor:      "the mandate names nobody of that name who may read",
	corridor.BarLevel:      "nobody in that role reads at that level; --level takes parties, mission or strict",
	corridor.BarObjection:  "the nomination was objected to",
	corridor.BarDeployment: "the deployment has ended",
}

// printQR draws a text as a code for a camera, two rows of it in each line, dark on light
// whatever the terminal's colours are.
func printQR(w io.Writer, text string) error {
	code, err := qr.Encode(text, qr.L)
	if err != nil {
		return err
	}
	const quiet = 2
	var b strings.Builder
	for y := -quiet; y < code.Size+quiet; y += 2 {
		b.WriteString("\x1b[30;107m")
		for x := -quiet; x < code.Size+quiet; x++ {
			upper, lower := code.Black(x, y), code.Black(x, y+1)
			switch {
			case upper && lower:
				b.WriteString("█")
			case upper:
				b.WriteString("▀")
			case lower:
				b.WriteString("▄")
			default:
				b.WriteString(" ")
			}
		}
		b.WriteString("\x1b[0m\n")
	}
	_, err = io.WriteString(w, b.String())
	return err
}
