package server

import "net"

// BoundedBy is Bounded with other limits.
func BoundedBy(l net.Listener, most, each int) net.Listener {
	return &bounded{Listener: l, from: map[string]int{}, max: most, each: each}
}
