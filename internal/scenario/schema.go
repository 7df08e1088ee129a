package scenario

import (
	"strings"

	"corridor.example/corridor"
	"corridor.example/corridor/record"
)

// has reports whether a kind's part has a member.
func has(k corridor.Kind, part, member string) bool {
	_, err := corridor.Compose(corridor.Draft{Kind: k, By: "nobody", Parts: map[string]map[string]any{part: {member: nil}}},
		record.ID{}, func() record.ID { return record.ID{} })
	return err == nil || !strings.Contains(err.Error(), "unknown")
}
