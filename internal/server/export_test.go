package server

import (
	"net/netip"
	"time"
)

// BoundsBy is NewBounds with other limits, and a clock.
func BoundsBy(most, each int, now func() time.Time, proxies ...netip.Prefix) *Bounds {
	return &Bounds{max: most, each: each, proxies: proxies, now: now, from: map[string]*share{}}
}
