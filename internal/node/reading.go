package node

import (
	"context"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/record"
)

// A Reading is the mission while somebody reads it: nothing is committed until they have
// done. It is good only inside the function it was handed to.
type Reading struct {
	View corridor.View // as the records that are to be shown tell it
	Now  corridor.View // as the newest that may be known tell it: who may read what is judged here

	ctx context.Context
	n   *Node
}

// Read calls f with the mission at two sizes of its log, the one to be shown and the newest
// the reader may know of, or returns an error if the log is shorter. f may read stored records
// through the Reading; it must not read the node through View, At, Draft or Read.
func (n *Node) Read(ctx context.Context, shown, newest int64, f func(Reading) error) error {
	n.mu.RLock()
	defer n.mu.RUnlock()
	for _, size := range []int64{shown, newest} {
		if err := n.reaches(size); err != nil {
			return err
		}
	}
	return f(Reading{n.mission.At(shown), n.mission.At(newest), ctx, n})
}

// Record returns a record of the newest view as it is stored, with the parts the store has.
func (r Reading) Record(i int64) (record.Record, error) {
	if i < 0 || i >= r.Now.Size() {
		return record.Record{}, store.Absent(i)
	}
	row, err := r.n.cfg.Store.Row(r.ctx, i)
	if err != nil {
		return record.Record{}, err
	}
	return rebuild(i, row)
}

// Recompute checks a report again with what is known here (corridor.Mission.Recompute).
func (r Reading) Recompute(f corridor.Filed) (corridor.Recomputed, error) {
	return r.n.mission.Recompute(f)
}
