package corridor

import (
	"iter"
	"math/bits"
)

// pages is a list that only grows, in pages that never move: it has no room to spare but in
// its last page, and a pointer into it stays good. The zero value is empty.
type pages[T any] struct {
	list [][]T
	n    int
}

// The first pages have 16, 32, 64, 128, 256 and 512 places, so that a small mission is small;
// every later one has pageSize.
const (
	firstPage  = 16
	smallPages = 6
	pageSize   = firstPage << smallPages
	inSmall    = pageSize - firstPage // places in the small pages together
)

// place returns where the value at i lies.
func place(i int) (page, at int) {
	if i >= inSmall {
		return smallPages + (i-inSmall)/pageSize, (i - inSmall) % pageSize
	}
	page = bits.Len(uint(i/firstPage+1)) - 1
	return page, i - firstPage*(1<<page-1)
}

// at returns the value at i. It panics beyond the end.
func (p *pages[T]) at(i int64) *T {
	page, at := place(int(i))
	return &p.list[page][at]
}

// add appends a value and returns its place.
func (p *pages[T]) add(v T) *T {
	page, at := place(p.n)
	if page == len(p.list) {
		p.list = append(p.list, make([]T, 0, firstPage<<min(page, smallPages)))
	}
	p.list[page] = append(p.list[page], v)
	p.n++
	return &p.list[page][at]
}

// all yields the values in their order.
func (p *pages[T]) all() iter.Seq[*T] {
	return func(yield func(*T) bool) {
		for _, page := range p.list {
			for i := range page {
				if !yield(&page[i]) {
					return
				}
			}
		}
	}
}

// A table finds things by their key: it holds their indexes and nothing else, some seven bytes
// for each, and leaves keys and comparing to its user. The zero value is empty.
type table struct {
	slots []uint32 // index + 1, 0 where free
	n     int
}

// find returns the index among those put under a hash for which is returns true.
func (t *table) find(hash uint64, is func(i int64) bool) (int64, bool) {
	if len(t.slots) == 0 {
		return 0, false
	}
	for at := hash % uint64(len(t.slots)); t.slots[at] != 0; at = (at + 1) % uint64(len(t.slots)) {
		if i := int64(t.slots[at] - 1); is(i) {
			return i, true
		}
	}
	return 0, false
}

// put adds an index under a hash. hash returns that of those put before.
func (t *table) put(i int64, hash func(i int64) uint64) {
	if 4*(t.n+1) > 3*len(t.slots) {
		old := t.slots
		t.slots = make([]uint32, max(16, 4*len(old)/3))
		for _, x := range old {
			if x != 0 {
				t.set(x, hash(int64(x-1)))
			}
		}
	}
	t.set(uint32(i+1), hash(i))
	t.n++
}

func (t *table) set(x uint32, hash uint64) {
	at := hash % uint64(len(t.slots))
	for t.slots[at] != 0 {
		at = (at + 1) % uint64(len(t.slots))
	}
	t.slots[at] = x
}
