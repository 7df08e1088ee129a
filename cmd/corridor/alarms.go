package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"corridor.example/corridor/internal/mirror"
	"corridor.example/corridor/internal/store/sqlite"
	"corridor.example/corridor/verify"
)

// alarms lists what a witness has told, and acknowledges it. The witness may be running.
func (c witnessCall) alarms(ctx context.Context, w *world) (status int, err error) {
	path := filepath.Join(c.dir, witnessFile)
	if !exists(path) {
		return 3, fmt.Errorf("%s holds no witness that has run; corridor witness --dir %s URL runs it", c.dir, c.dir)
	}
	watch, err := sqlite.OpenWatch(path)
	if err != nil {
		return 3, err
	}
	defer func() { err = errors.Join(err, watch.Close()) }()
	if c.acknowledge != "" {
		n, err := mirror.Acknowledge(ctx, watch, c.acknowledge)
		if err != nil {
			return 3, err
		}
		if n == 0 && c.acknowledge != "all" {
			return 3, fmt.Errorf("no alarm stands that has the key %q; corridor witness alarms --dir %s lists them", c.acknowledge, c.dir)
		}
	}
	list, err := mirror.Told(ctx, watch)
	if err != nil {
		return 3, err
	}
	for _, a := range list {
		if !a.Over && !a.Seen {
			status = 1
		}
	}
	if c.json {
		if list == nil {
			list = []mirror.Alarm{}
		}
		return status, w.printJSON(list)
	}
	if len(list) == 0 {
		fmt.Fprintln(w.out, "nothing was ever told")
	}
	for _, a := range list {
		state := "stands"
		switch {
		case a.Over:
			state = "over"
		case a.Seen:
			state = "acknowledged"
		}
		sort := "a claim"
		if a.State == verify.Holds {
			sort = "with a proof"
		}
		fmt.Fprintf(w.out, "%s  %-12s  %s: %s (%s)\n", a.At, state, a.Key, a.Say, sort)
	}
	return status, nil
}
