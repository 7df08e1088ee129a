package node

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"sync"

	"corridor.example/corridor/ledger"
)

// heard knows how far each witness has cosigned the log, and when last: what the node keeps of
// their word, in few bytes. What is kept was checked when it came.
type heard struct {
	mu sync.Mutex
	by map[string][]word // by the name and id of the key, by size
}

// A word is a witness's: this was the log at a time, in Unix seconds.
type word struct{ size, at int64 }

// note takes the cosignatures of a kept checkpoint.
func (h *heard) note(signed []byte) error {
	c, err := ledger.ParseCheckpoint(signed)
	if err != nil {
		return err
	}
	times, err := ledger.ClaimedTimes(signed)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.by == nil {
		h.by = map[string][]word{}
	}
	for key, at := range times {
		list := h.by[key]
		i := sort.Search(len(list), func(i int) bool { return list[i].size >= c.Size })
		if i < len(list) && list[i].size == c.Size {
			list[i].at = max(list[i].at, at)
			continue
		}
		list = append(list, word{})
		copy(list[i+1:], list[i:])
		list[i] = word{c.Size, at}
		h.by[key] = list
	}
	return nil
}

// LastWord returns the largest size, up to a given one, at which the witness with a verifier key
// has cosigned the log, and when it last did at that size, in Unix seconds; ok is false if there is
// none. It may be asked while the mission is read.
func (n *Node) LastWord(vkey string, upTo int64) (size, at int64, ok bool) {
	name, rest, _ := strings.Cut(vkey, "+")
	id, _, _ := strings.Cut(rest, "+")
	n.heard.mu.Lock()
	defer n.heard.mu.Unlock()
	list := n.heard.by[name+"+"+id]
	i := sort.Search(len(list), func(i int) bool { return list[i].size > upTo })
	if i == 0 {
		return 0, 0, false
	}
	return list[i-1].size, list[i-1].at, true
}

// listen reads what the side store keeps of the witnesses' word.
func (n *Node) listen(ctx context.Context) error {
	for mark, err := range n.cfg.Side.Marks(ctx) {
		if err == nil {
			err = n.heard.note(mark.First)
		}
		if err == nil && mark.Last != nil {
			err = n.heard.note(mark.Last)
		}
		if err != nil {
			return fmt.Errorf("the cosigned checkpoints that are kept: %w", err)
		}
	}
	return nil
}
