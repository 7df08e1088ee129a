package session

import (
	"context"
	"errors"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/record"
)

// Watch ends sessions until ctx ends: those whose holder the mission no longer admits, at most
// a tenth of a second after changed says that the log grew, and every half second those whose
// time is over or that another process dropped.
func (d *Door) Watch(ctx context.Context, changed func() <-chan struct{}) {
	const pause = 100 * time.Millisecond
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	full := true
	for {
		grown := changed()
		var err error
		if full {
			err = d.tidy(ctx)
		}
		if err = errors.Join(err, d.Review(ctx)); err != nil && ctx.Err() == nil {
			d.cfg.Log.Error("sessions were not looked over", "cause", err.Error())
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause): // a log that grows all the time is not looked at all the time
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			full = true
		case <-grown:
			full = false
		}
	}
}

// tidy forgets what is over and takes in what another process did.
func (d *Door) tidy(ctx context.Context) error {
	if err := d.cfg.Store.Expire(ctx, d.now()); err != nil {
		return err
	}
	return d.reload(ctx)
}

// Review ends every session that is over, or whose holder the mission no longer admits.
func (d *Door) Review(ctx context.Context) error {
	now := d.now()
	why := map[string]string{}
	all := d.List(func(Session) bool { return true })
	if len(all) == 0 {
		return nil
	}
	d.mu.RLock()
	view := d.view
	d.mu.RUnlock()
	if view != nil {
		at := record.At(d.cfg.Now())
		view(func(v corridor.View) {
			a := v.Authority()
			for _, s := range all {
				if bar := a.Reads(s.Actor, s.Level, s.Key, at); bar != corridor.NoBar {
					why[s.Name] = string(bar)
				}
			}
		})
	}
	var faults error
	for _, s := range all {
		if s.over(now) {
			why[s.Name] = "over"
		}
		if why[s.Name] != "" {
			faults = errors.Join(faults, d.end(ctx, s, why[s.Name]))
		}
	}
	return faults
}
