package verify

import (
	"crypto/ed25519"
	"fmt"
	"runtime"
	"testing"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/record"
)

var bench *stage

// benchLog is a log of departures by ten observers, cosigned every hundred records.
func benchLog(b *testing.B) *stage {
	b.Helper()
	if bench != nil {
		bench.t = b
		return bench
	}
	s := newStage(b, nil)
	for i := range 10 {
		s.observer(fmt.Sprint("observer-", i))
	}
	for i := range 20000 {
		s.move(fmt.Sprint("observer-", i%10), "departure", fmt.Sprintf("A-%02d", i%90+1), 40+i%9)
		if i%100 == 99 {
			s.cosign()
		}
	}
	s.cosign()
	bench = s
	return s
}

// BenchmarkVerify checks a whole log, and between two checks measures the machine's Ed25519
// rate over all processors, so that whatever else it does weighs on both alike. Where others
// come and go on the machine, the ratio of the processor time that an entry and a signature
// take is the steadier one: it is what the first would be if nobody else were there and no
// processor ever waited.
func BenchmarkVerify(b *testing.B) {
	s := benchLog(b)
	c := s.copy()
	o := Options{Card: s.card()}
	var checking, signing, checkingCPU, signingCPU time.Duration
	n, sigs := 0, 0
	for b.Loop() {
		start, cpu := time.Now(), processorTime()
		if r := run(b, c, o); r.Exit(nil) != 0 {
			b.Fatal(r.Claims)
		}
		checking += time.Since(start)
		checkingCPU += processorTime() - cpu
		n += len(c.entries)
		start, cpu = time.Now(), processorTime()
		sigs += verifySignatures(len(c.entries) / 2)
		signing += time.Since(start)
		signingCPU += processorTime() - cpu
	}
	rate, limit := float64(n)/checking.Seconds(), float64(sigs)/signing.Seconds()
	b.ReportMetric(rate, "entries/s")
	b.ReportMetric(limit, "ed25519/s")
	b.ReportMetric(rate/limit, "of-ed25519")
	if checkingCPU > 0 {
		b.ReportMetric(float64(signingCPU)/float64(sigs)/(float64(checkingCPU)/float64(n)), "of-ed25519-by-processor-time")
	}
	b.ReportMetric(0, "ns/op")
}

// verifySignatures checks n signatures over as many bytes as a header has, on all processors.
func verifySignatures(n int) int {
	key := testKey("rate")
	msg := make([]byte, 900)
	sig := ed25519.Sign(key, msg)
	pub := key.Public().(ed25519.PublicKey)
	parallel(runtime.GOMAXPROCS(0), n, func(int) { ed25519.Verify(pub, msg, sig) })
	return n
}

// BenchmarkMemory reports what a check keeps of each record when it is done: the fold, and
// what the check has beside it.
func BenchmarkMemory(b *testing.B) {
	s := benchLog(b)
	c := s.copy()
	n := float64(len(c.entries))
	live := func() float64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc)
	}
	var all, fold float64
	for b.Loop() {
		before := live()
		r := run(b, c, Options{Card: s.card()})
		all = live() - before
		runtime.KeepAlive(r)
		before = live()
		m := &corridor.Mission{}
		for _, x := range s.all {
			again, err := record.Parse(x.Line())
			if err == nil {
				err = m.Add(again)
			}
			if err != nil {
				b.Fatal(err)
			}
		}
		fold = live() - before
		runtime.KeepAlive(m)
	}
	b.ReportMetric(all/n, "live-B/record")
	b.ReportMetric(fold/n, "bare-fold-B/record")
	b.ReportMetric(0, "ns/op")
}
