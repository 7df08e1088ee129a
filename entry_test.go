package corridor

import (
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"corridor.example/corridor/record"
)

func TestPages(t *testing.T) {
	var p pages[int]
	kept := []*int{}
	for i := range 3*pageSize + 7 {
		kept = append(kept, p.add(i))
	}
	next := 0
	for x := range p.all() {
		if *x != next || p.at(int64(next)) != x || kept[next] != x {
			t.Fatalf("at %d stands %d, or it has moved", next, *x)
		}
		next++
	}
	if next != p.n || next != 3*pageSize+7 {
		t.Errorf("%d of %d values are yielded", next, p.n)
	}
	for range p.all() {
		break
	}
}

// A table finds what a map finds, however badly its hashes are chosen.
func TestTable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.SliceOfN(rapid.IntRange(0, 200), 0, 300).Draw(t, "keys")
		spread := rapid.Uint64Range(1, 1000).Draw(t, "spread")
		hash := func(key int) uint64 { return uint64(key) % spread * 0x9e3779b97f4a7c15 }
		var table table
		first := map[int]int64{}
		for i, k := range keys {
			got, ok := table.find(hash(k), func(j int64) bool { return keys[j] == k })
			if want, has := first[k]; ok != has || ok && got != want {
				t.Fatalf("key %d is found %v at %d, want %v at %d", k, ok, got, has, want)
			}
			if !ok {
				first[k] = int64(i)
				table.put(int64(i), func(j int64) uint64 { return hash(keys[j]) })
			}
		}
		if 4*table.n > 3*len(table.slots) && table.n > 0 {
			t.Errorf("%d stand in %d places", table.n, len(table.slots))
		}
	})
}

// What an entry keeps in few bytes is what the header said, also where it says what nobody says.
func TestEntryKeepsHeaders(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		hash := rapid.Map(rapid.IntRange(0, 30), func(i int) record.Hash { return record.Fingerprint([]byte{byte(i)}) })
		maybe := rapid.Ptr(hash, true)
		text := rapid.Ptr(rapid.SampledFrom([]string{"one", "two", "three"}), true)
		numbers := rapid.OneOf(rapid.Int64Range(1, 6), rapid.SampledFrom([]int64{wide - 1, wide, 1<<32 - 1, 1 << 32, record.MaxInt}))
		times := rapid.OneOf(rapid.Int64Range(1481868000, 1482000000), rapid.SampledFrom([]int64{-62135596800, -1, 0, wide, 253402300799}))
		m := &Mission{}
		m.start(record.Record{})
		var all []record.Record
		for i := range rapid.IntRange(1, 40).Draw(t, "records") {
			r := record.Record{Hash: record.Fingerprint([]byte{byte(i)}), Header: record.Header{
				Kind: rapid.SampledFrom([]string{"departure", "mandate", "unheard-of"}).Draw(t, "kind"),
				By:   rapid.SampledFrom([]string{"mina", "omar"}).Draw(t, "by"),
				Key:  record.Hash{byte(rapid.IntRange(1, 2).Draw(t, "key"))}, ID: record.ID{byte(rapid.IntRange(1, 8).Draw(t, "id"))},
				Seq: numbers.Draw(t, "seq"), At: record.Time(times.Draw(t, "at")),
				Prev: maybe.Draw(t, "prev"), Re: maybe.Draw(t, "re"), Seen: text.Draw(t, "seen"),
			}}
			all = append(all, r)
			m.remember(r, kinds[Kind(r.Header.Kind)])
		}
		same := func(a, b *record.Hash) bool { return (a == nil) == (b == nil) && (a == nil || *a == *b) }
		v := m.Now()
		for i, r := range all {
			e, h := v.Entry(int64(i)), r.Header
			kind := Kind(h.Kind)
			if kinds[kind] == nil {
				kind = ""
			}
			if e.Hash != r.Hash || e.Kind != kind || v.Class(int64(i)) != kind.Class() || e.By != ActorID(h.By) || e.Key != h.Key || e.Seq != h.Seq || e.At != h.At ||
				!same(e.Prev, h.Prev) || !same(e.Re, h.Re) || (e.Seen == nil) != (h.Seen == nil) || e.Seen != nil && *e.Seen != *h.Seen {
				t.Fatalf("entry %d is %+v, its header was %+v", i, e, h)
			}
			if j, ok := m.Index(r.Hash); !ok || j != int64(i) {
				t.Fatalf("entry %d is found %v at %d", i, ok, j)
			}
			// Twins are those of one key that share a number or an id.
			twin := slices.ContainsFunc(all, func(x record.Record) bool {
				return x.Hash != r.Hash && x.Header.Key == h.Key && (x.Header.Seq == h.Seq || x.Header.ID == h.ID)
			})
			if v.equivocates(int64(i)) != twin {
				t.Fatalf("entry %d equivocates: %v, want %v", i, !twin, twin)
			}
		}
		for key := range m.chains {
			got := slices.Collect(m.signed(key))
			want := []int64{}
			for i, r := range all {
				if r.Header.Key == key {
					want = append(want, int64(i))
				}
			}
			slices.SortStableFunc(want, func(a, b int64) int { return int(min(1, max(-1, all[a].Header.Seq-all[b].Header.Seq))) })
			if !slices.Equal(got, want) {
				t.Fatalf("the chain is %v, want %v", got, want)
			}
		}
	})
}

// What accounts share is equal to what each said, and lists of it stay short.
func TestShared(t *testing.T) {
	m := &Mission{}
	place, far := PlaceID("gate"), PlaceID("town")
	n := int64(3)
	for i := range int64(2 * mostShared) {
		c := &Count{Sums: []Sum{{Unit: People, Total: i, Sharp: Exactly, Cells: []Cell{}, OfWhich: []Cell{}, Method: Tally}}}
		w := &Where{Place: &place}
		switch i % 4 {
		case 1:
			c.Sums[0].Cells = []Cell{{"woman", i}}
			w = &Where{Place: &place, To: &far}
		case 2:
			c.Sums[0].Load, c.Sums[0].Method = &n, VehicleLoad
			w = &Where{Place: &place, Accuracy: &i}
		case 3:
			c.Sums = append(c.Sums, Sum{Unit: Bus, Total: i})
			w = &Where{Place: &place, Point: &Point{Lat: i}}
		}
		id := ConvoyID("A-07")
		for range 2 {
			a := Account{By: "mina", Says: "omar", Convoy: &id, Count: c, Where: w}
			m.share(&a)
			if *a.Convoy != id || a.By != "mina" || a.Says != "omar" || a.To != nil || !alike(*a.Count, *c) || !alike(*a.Where, *w) {
				t.Fatalf("%d is shared as %+v %+v", i, a.Count, a.Where)
			}
		}
	}
	s := &m.field.shared
	if len(s.counts) != mostShared || len(s.wheres) > mostShared || len(s.convoys) != 1 || !maps.Equal(s.actors, map[ActorID]ActorID{"mina": "mina", "omar": "omar"}) {
		t.Errorf("%d counts, %d places, %d convoys, %v are kept", len(s.counts), len(s.wheres), len(s.convoys), s.actors)
	}
}

func alike(a, b any) bool {
	x, _ := record.Encode(a)
	y, _ := record.Encode(b)
	return x != nil && string(x) == string(y)
}
