package corridor

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"runtime"
	"testing"
	"time"

	"corridor.example/corridor/record"
)

// crowd is a mission of n accounts of two observers over many convoys.
func crowd(tb testing.TB, n int) *stage {
	s := newStage(tb)
	s.observer("mina")
	s.observer("omar")
	for i := range n {
		by, kind := []string{"mina", "omar"}[i/2%2], []string{"departure", "arrival"}[i%2]
		s.move(by, kind, fmt.Sprintf("A-%d", i/4%2000+1), 40+i%20)
	}
	return s
}

// ed25519Rate measures this machine's Ed25519 verifications a second, in the same run.
func ed25519Rate(b *testing.B) float64 {
	k := testKey("rate")
	msg := make([]byte, 600)
	sig := ed25519.Sign(k, msg)
	pub := k.Public().(ed25519.PublicKey)
	n, start := 0, time.Now()
	for ; time.Since(start) < 300*time.Millisecond; n++ {
		if !ed25519.Verify(pub, msg, sig) {
			b.Fatal("a good signature does not hold")
		}
	}
	return float64(n) / time.Since(start).Seconds()
}

// BenchmarkFold measures records folded a second, parts decoded, signatures not checked.
func BenchmarkFold(b *testing.B) {
	s := crowd(b, 20000)
	b.ReportAllocs()
	for b.Loop() {
		m := &Mission{}
		for _, r := range s.all {
			if err := m.Add(r); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(len(s.all)*b.N)/b.Elapsed().Seconds(), "records/s")
	b.ReportMetric(ed25519Rate(b), "ed25519/s")
}

// BenchmarkFoldOfAMillion folds a million accounts of 50 observers and reports what is kept of each.
// Signing so many is not what is measured: they are one account's parts under new headers.
func BenchmarkFoldOfAMillion(b *testing.B) {
	const observers, size = 50, 1_000_000
	s := newStage(b)
	one := make([]record.Record, observers)
	for i := range one {
		name := fmt.Sprint("observer-", i)
		s.observer(name)
		one[i] = s.move(name, "departure", fmt.Sprintf("A-%d", i), 40+i)
	}
	live := func() float64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc)
	}
	var bytes float64
	for b.Loop() {
		m := replay(s.all)
		before := live()
		for i := range size {
			r := &one[i%observers]
			previous := r.Hash
			r.Header.Prev = &previous
			r.Header.Seq++
			r.Header.ID = record.ID{byte(i), byte(i >> 8), byte(i >> 16), 1}
			r.Hash = sha256.Sum256(binary.BigEndian.AppendUint64(previous[:8:8], uint64(i)))
			if err := m.Add(*r); err != nil {
				b.Fatal(err)
			}
		}
		bytes = (live() - before) / size
		runtime.KeepAlive(m)
	}
	b.ReportMetric(bytes, "live-B/record")
	b.ReportMetric(size*float64(b.N)/b.Elapsed().Seconds(), "records/s")
	b.ReportMetric(ed25519Rate(b), "ed25519/s")
}

// BenchmarkReport100k measures the figures of one report over 100,000 accounts.
func BenchmarkReport100k(b *testing.B) {
	s := crowd(b, 1000)
	// The same accounts under new hashes: signing 100,000 records is not what is measured.
	for n := s.m.field.accounts.n; n < 100_000; n++ {
		c := *s.m.field.accounts.at(int64(n % 1000))
		c.Record = record.Hash{0: byte(n), 1: byte(n >> 8), 2: byte(n >> 16), 3: 1}
		id := ConvoyID(fmt.Sprintf("A-%d", n/4%2000+1))
		c.Convoy = &id
		s.m.field.accounts.add(c)
		s.m.mention(&id, c.Index)
	}
	line := Line{Measure: Left, Unit: People, Scope: "A"}
	open := Line{Measure: Open, Unit: People, Scope: "A"}
	b.ReportAllocs()
	for b.Loop() {
		v := s.m.Now()
		if f := v.Figure(line); !f.Known {
			b.Fatal("nobody left")
		}
		v.Figure(open)
	}
	b.ReportMetric(ed25519Rate(b), "ed25519/s")
}
