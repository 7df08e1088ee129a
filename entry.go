package corridor

import (
	"encoding/binary"
	"hash/maphash"
	"iter"
	"sort"

	"corridor.example/corridor/record"
)

// An entry is what the mission remembers of every record. There may be millions, so that what
// many share is kept once and named by a number: chains, kinds, checkpoints seen, and records
// by their index.
type entry struct {
	hash  record.Hash
	id    record.ID
	seq   packed
	at    packed // a record.Time
	chain int32  // of its key, in Mission.byNumber; -1 where only the leaf is known
	prev  ref
	re    ref
	seen  int32 // in Mission.seen, from 1; 0: none
	told  int32 // when what it tells happened: an account from 1, or one of Mission.told from -1; 0: not told or not known
	kind  uint8 // in specs, from 1; 0: not known here
	soft  uint8 // the parts that can be erased and that its header names: bits by softParts
	in    uint8 // its class, in classes, from 1; 0: of a kind not known here
}

// specs are the kinds in the order in which they were declared.
var specs []*spec

// spec returns the entry's kind, nil where it is not known here.
func (e *entry) spec() *spec {
	if e.kind == 0 {
		return nil
	}
	return specs[e.kind-1]
}

// is reports whether an entry is of a kind.
func (e *entry) is(k Kind) bool { return e.kind != 0 && specs[e.kind-1].name == k }

func (e *entry) class() Class {
	if e.in == 0 {
		return ""
	}
	return classes[e.in-1]
}

// number returns the place of a class in classes, from 1; 0 for none.
func (c Class) number() uint8 {
	for i, x := range classes {
		if x == c {
			return uint8(i + 1)
		}
	}
	return 0
}

// A packed is a number from 0 to wide, or from there on a place in Mission.wide, where the few lie
// that are not: a time before 1970 or after 2072, a sequence number that nobody counted to.
type packed uint32

const wide = 3 << 30

func (m *Mission) pack(n int64) packed {
	if 0 <= n && n < wide {
		return packed(n)
	}
	m.wide.add(n)
	return packed(wide + m.wide.n - 1)
}

func (m *Mission) unpack(n packed) int64 {
	if n < wide {
		return int64(n)
	}
	return *m.wide.at(int64(n - wide))
}

// at returns when the record at an index was signed, by its author's clock.
func (m *Mission) at(i int64) record.Time { return record.Time(m.unpack(m.entry(i).at)) }

// seq returns the number of the record at an index in its key's chain.
func (m *Mission) seq(i int64) int64 { return m.unpack(m.entry(i).seq) }

// A ref names a record by its hash: from 1 on by the index of an entry, from -1 down by a place
// in Mission.absent for a record that was not in the log when it was named; 0 names none.
type ref int32

func (m *Mission) refer(h *record.Hash) ref {
	if h == nil {
		return 0
	}
	if i, ok := m.Index(*h); ok {
		return ref(i + 1)
	}
	m.absent.add(*h)
	return ref(-m.absent.n)
}

// referred returns the hash a ref stands for. It is the mission's own: read it only.
func (m *Mission) referred(r ref) *record.Hash {
	switch {
	case r > 0:
		return &m.entries.at(int64(r - 1)).hash
	case r < 0:
		return m.absent.at(int64(-r - 1))
	}
	return nil
}

func (m *Mission) entry(i int64) *entry             { return m.entries.at(i) }
func (m *Mission) re(e *entry) *record.Hash         { return m.referred(e.re) }
func (m *Mission) previously(e *entry) *record.Hash { return m.referred(e.prev) }

// of returns the entry of a record hash; of one that is not in the log, the first.
func (m *Mission) of(h record.Hash) *entry {
	i, _ := m.Index(h)
	return m.entry(i)
}

// key returns the fingerprint an entry was signed with, zero where only its leaf is known.
func (m *Mission) key(e *entry) record.Hash {
	if e.chain < 0 {
		return record.Hash{}
	}
	return m.byNumber[e.chain].key
}

// by returns the author in an entry's header, "" where only its leaf is known.
func (m *Mission) by(i int64) ActorID {
	if a, ok := m.strangers[i]; ok {
		return a
	}
	e := m.entry(i)
	if e.chain < 0 {
		return ""
	}
	return m.byNumber[e.chain].by
}

// seenBy returns the checkpoint in an entry's header, nil if it has none.
func (m *Mission) seenBy(e *entry) *string {
	if e.seen == 0 {
		return nil
	}
	return m.seen[e.seen-1]
}

// when returns when what an entry tells happened; zero where it tells no time, or its facts are
// not known.
func (m *Mission) when(e *entry) Period {
	switch {
	case e.told > 0:
		return m.field.accounts.at(int64(e.told - 1)).When
	case e.told < 0:
		return *m.told.at(int64(-e.told - 1))
	}
	return Period{}
}

// tells notes when what an entry tells happened. An account tells it itself.
func (m *Mission) tells(e *entry, when Period) {
	if e.told > 0 || m.when(e) == when {
		return
	}
	m.told.add(when)
	e.told = int32(-m.told.n)
}

// account returns the account a record tells, nil if it tells none.
func (m *Mission) account(h record.Hash) *Account {
	i, ok := m.Index(h)
	if !ok || m.entry(i).told <= 0 {
		return nil
	}
	return m.field.accounts.at(int64(m.entry(i).told - 1))
}

// seed makes the places of a table unforeseeable for whoever chooses what is put in it, as
// those of a map are. Nothing that is found depends on it.
var seed = maphash.MakeSeed()

func hashOf(h *record.Hash) uint64 { return maphash.Bytes(seed, h[:]) }

func hashOfID(chain int32, id *record.ID) uint64 {
	var b [20]byte
	copy(b[:], id[:])
	binary.LittleEndian.PutUint32(b[16:], uint32(chain))
	return maphash.Bytes(seed, b[:])
}

// Index returns the place of a record in the log, and whether it is there.
func (m *Mission) Index(h record.Hash) (int64, bool) {
	return m.index.find(hashOf(&h), func(i int64) bool { return m.entry(i).hash == h })
}

// enter appends an entry and makes it found by its hash, the first of that hash.
func (m *Mission) enter(e entry) {
	_, twice := m.Index(e.hash)
	m.entries.add(e)
	if !twice {
		m.index.put(m.Size()-1, func(i int64) uint64 { return hashOf(&m.entry(i).hash) })
	}
}

// A chain is what one key has signed. Twins are records that share a number or an id and are
// not the same header: equivocation.
type chain struct {
	key   record.Hash
	by    ActorID // author in its first record; of others see Mission.strangers
	bySeq []int32 // indexes by the number in the header, those of one number in the order of the log
	twins map[int64][]int64
}

// chainOf returns the number of a key's chain and makes it with its first record.
func (m *Mission) chainOf(h record.Header) int32 {
	if n, ok := m.chains[h.Key]; ok {
		return n
	}
	n := int32(len(m.byNumber))
	m.byNumber = append(m.byNumber, &chain{key: h.Key, by: ActorID(h.By)})
	m.chains[h.Key] = n
	return n
}

// signed yields the indexes of what a key has signed, by number.
func (m *Mission) signed(key record.Hash) iter.Seq[int64] {
	return func(yield func(int64) bool) {
		n, ok := m.chains[key]
		if !ok {
			return
		}
		for _, i := range m.byNumber[n].bySeq {
			if !yield(int64(i)) {
				return
			}
		}
	}
}

// link adds the entry at i to its chain.
func (m *Mission) link(i int64) {
	e := m.entry(i)
	c := m.byNumber[e.chain]
	own, n := m.seq(i), len(c.bySeq)
	seq := func(k int) int64 { return m.seq(int64(c.bySeq[k])) }
	at := n
	if n > 0 && seq(n-1) > own {
		at = sort.Search(n, func(k int) bool { return seq(k) > own })
	}
	twin := int64(-1) // the first of its number
	if at > 0 && seq(at-1) == own {
		first := sort.Search(at, func(k int) bool { return seq(k) >= own })
		twin = int64(c.bySeq[first])
		c.twin(i, twin)
	}
	c.bySeq = append(c.bySeq, 0)
	copy(c.bySeq[at+1:], c.bySeq[at:])
	c.bySeq[at] = int32(i)

	j, ok := m.ids.find(hashOfID(e.chain, &e.id), func(j int64) bool {
		x := m.entry(j)
		return x.chain == e.chain && x.id == e.id
	})
	if !ok {
		m.ids.put(i, func(j int64) uint64 { x := m.entry(j); return hashOfID(x.chain, &x.id) })
	} else if j != twin {
		c.twin(i, j)
	}
}

// twins returns the entries that the same key signed with the number or the id of the one at i.
func (m *Mission) twins(i int64) []int64 {
	e := m.entry(i)
	if e.chain < 0 { // only the leaf is known
		return nil
	}
	return m.byNumber[e.chain].twins[i]
}

// twin marks i and j, and with them every record that shares j's number or id already.
func (c *chain) twin(i, j int64) {
	if c.twins == nil {
		c.twins = map[int64][]int64{}
	}
	c.twins[i] = append(c.twins[i], j)
	c.twins[j] = append(c.twins[j], i)
}
