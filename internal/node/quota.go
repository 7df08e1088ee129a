package node

import (
	"context"
	"fmt"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/record"
)

// use is what a quota counts: records of a class by a key on a day.
type use struct {
	key   record.Hash
	class corridor.Class
	day   int64
}

// quotas counts this day's records, on top of what the side store remembers. It is used under
// the node's lock.
type quotas struct {
	day  int64
	used map[use]int64
}

// allow counts one more record, or answers "later" when the mandate's quota is used up.
func (q *quotas) allow(ctx context.Context, side store.Side, t *corridor.Terms, u use) error {
	limit := int64(0)
	if t != nil {
		for _, x := range t.Quotas {
			if x.Class == u.class {
				limit = x.PerDay
			}
		}
	}
	if limit == 0 {
		return nil
	}
	if q.day != u.day {
		q.day, q.used = u.day, map[use]int64{}
	}
	n, ok := q.used[u]
	if !ok {
		var err error
		if n, err = side.Count(ctx, u.key, string(u.class), u.day); err != nil {
			return fmt.Errorf("the day's count for a key: %w", err)
		}
	}
	if n >= limit {
		q.used[u] = n
		return &corridor.Later{Rule: "quota.full", Reason: fmt.Sprintf("this key has sent its %d records of class %s for today; keep the record and send it after midnight UTC", limit, u.class)}
	}
	q.used[u] = n + 1
	return nil
}

// back takes one count back, for a record that was not logged after all.
func (q *quotas) back(u use) {
	if n, ok := q.used[u]; ok {
		q.used[u] = n - 1
	}
}

// forget drops the counts, to be read again from the side store.
func (q *quotas) forget() { q.used = map[use]int64{} }
