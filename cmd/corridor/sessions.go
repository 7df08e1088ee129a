package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"corridor.example/corridor/internal/session"
)

const sessionsUsage = `
corridor sessions --dir DIR [--end NAME | --end all] [--json]

Lists who can read the mission that lives in DIR beyond the public: sessions, passkeys and
open invitations. A server may be running DIR; it lets go of what was ended within a second.

  --end NAME      end the session, forget the passkey, or take back the invitation of that name
  --end all       all of them
  --json          print the list as JSON

What a session shows ends with it. What its reader has saved is hers.
`

func runSessions(ctx context.Context, w *world, args []string) (status int, err error) {
	f := flags("sessions")
	dir, end, asJSON := f.String("dir", "", ""), f.String("end", "", ""), f.Bool("json", false, "")
	if _, err := parse(f, args, 0); err != nil {
		return 3, err
	}
	if *dir == "" {
		return 3, unusable("sessions", "say which mission: corridor sessions --dir DIR")
	}
	side, err := openPassing(*dir)
	if err != nil {
		return 3, err
	}
	defer func() { err = errors.Join(err, side.Close()) }()
	if *end != "" {
		n, err := session.Forget(ctx, side, *end)
		if err != nil {
			return 3, err
		}
		if n == 0 && *end != "all" {
			return 3, fmt.Errorf("nothing that is open is called %q; corridor sessions --dir %s lists what is", *end, *dir)
		}
		if *asJSON {
			return 0, w.printJSON(map[string]int{"ended": n})
		}
		fmt.Fprintf(w.out, "ended: %d\n", n)
		return 0, nil
	}
	list, err := session.AllKept(ctx, side, time.Now())
	if err != nil {
		return 3, err
	}
	if *asJSON {
		return 0, w.printJSON(list)
	}
	if len(list) == 0 {
		fmt.Fprintln(w.out, "nobody reads more than the public")
	}
	for _, k := range list {
		fmt.Fprintf(w.out, "%-10s %s  %s at %s, used %s, until %s\n", k.Sort, k.Name, k.Actor, k.Level,
			time.Unix(k.Used, 0).UTC().Format(time.RFC3339), time.Unix(k.Until, 0).UTC().Format(time.RFC3339))
	}
	return 0, nil
}
