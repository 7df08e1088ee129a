package node

import (
	"context"
	"fmt"

	"corridor.example/corridor"
	"corridor.example/corridor/record"
)

// use is what a quota counts on a day: records of a class by a key.
type use struct {
	key   record.Hash
	class corridor.Class
}

func useOf(r record.Record) use {
	return use{r.Header.Key, corridor.Kind(r.Header.Kind).Class()}
}

// quotas counts the records of a day, where the mandate bounds them. It belongs to the writer.
type quotas struct {
	read func(ctx context.Context, u use, day int64) (int64, error) // what was used before
	day  int64                                                      // days since 1 January 1970, by the node's clock
	used map[use]int64
}

// begin makes a day the one that is counted, and reads what items are going to need, so that
// allow seldom has to.
func (q *quotas) begin(ctx context.Context, t *corridor.Terms, day int64, items []*item) {
	if q.day != day || q.used == nil {
		q.day, q.used = day, map[use]int64{}
	}
	for _, it := range items {
		if u := useOf(it.rec); limit(t, u.class) > 0 {
			_, _ = q.count(ctx, u) // allow meets the error again, and answers with it
		}
	}
}

// allow counts one more record, or answers "later" when the mandate's quota is used up.
func (q *quotas) allow(ctx context.Context, t *corridor.Terms, u use) error {
	most := limit(t, u.class)
	if most == 0 {
		return nil
	}
	n, err := q.count(ctx, u)
	if err != nil {
		return fmt.Errorf("the day's count for a key: %w", err)
	}
	if n >= most {
		return &corridor.Later{Rule: "quota.full", Reason: fmt.Sprintf("this key has sent its %d records of class %s for today; keep the record and send it after midnight UTC", most, u.class)}
	}
	q.used[u] = n + 1
	return nil
}

func (q *quotas) count(ctx context.Context, u use) (int64, error) {
	n, ok := q.used[u]
	if ok {
		return n, nil
	}
	n, err := q.read(ctx, u, q.day)
	if err == nil {
		q.used[u] = n
	}
	return n, err
}

// back takes one count back, for a record that was not logged after all.
func (q *quotas) back(u use) {
	if n, ok := q.used[u]; ok {
		q.used[u] = n - 1
	}
}

// limit returns how many records of a class a key may send in a day, 0 if any number.
func limit(t *corridor.Terms, c corridor.Class) int64 {
	if t != nil {
		for _, x := range t.Quotas {
			if x.Class == c {
				return x.PerDay
			}
		}
	}
	return 0
}
