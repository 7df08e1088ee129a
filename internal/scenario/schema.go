package scenario

import (
	"sync"

	"corridor.example/corridor"
)

// has reports whether a part of a kind has a member.
func has(k corridor.Kind, part, member string) bool { return allMembers()[k][part+"."+member] }

// allMembers holds "part.member" for every kind, read off the root package's types.
var allMembers = sync.OnceValue(func() map[corridor.Kind]map[string]bool {
	types := map[string]corridor.TypeSchema{}
	for _, t := range corridor.Types() {
		types[t.Name] = t
	}
	all := map[corridor.Kind]map[string]bool{}
	for _, k := range corridor.Schema() {
		all[k.Kind] = map[string]bool{}
		for _, p := range k.Parts {
			for _, m := range types[p.Type].Members {
				all[k.Kind][p.Name+"."+m.Name] = true
			}
		}
	}
	return all
})
