package node_test

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/record"
)

// ed25519Rate measures how many signatures the machine checks in a second, on all its
// processors at once, so that the figures beside it can be compared between machines.
func ed25519Rate() float64 {
	k := key("rate")
	message := make([]byte, 600)
	sig := ed25519.Sign(k, message)
	pub := k.Public().(ed25519.PublicKey)
	var n atomic.Int64
	var wg sync.WaitGroup
	start := time.Now()
	for range 2 {
		wg.Go(func() {
			for time.Since(start) < 200*time.Millisecond {
				for range 50 {
					ed25519.Verify(pub, message, sig)
				}
				n.Add(50)
			}
		})
	}
	wg.Wait()
	return float64(n.Load()) / time.Since(start).Seconds()
}

// BenchmarkReceipt measures the way of one record from its parsed form to its receipt, over
// SQLite, with so many callers who each wait for their receipt.
func BenchmarkReceipt(b *testing.B) {
	for _, callers := range []int{1, 64, 512} {
		b.Run(fmt.Sprint(callers), func(b *testing.B) {
			s := newStage(b, "receipts", nil)
			st, side, _ := files(b, b.TempDir())
			n := s.open(b, st, side)
			take(b, n, s.mandate)
			who := names(callers)
			for _, o := range who {
				take(b, n, s.observer(o)...)
			}
			lists := s.accounts(who, b.N/callers+1)
			var times latencies
			b.ResetTimer()
			times.run(b.N, callers, func(caller, i int) {
				if _, err := n.Submit(context.Background(), lists[caller][i]); err != nil {
					b.Error(err)
				}
			})
			times.report(b, b.N)
		})
	}
}

// BenchmarkReceiptBesideReaders measures the same at 64 callers while two readers work out the
// figures of everything logged so far, again and again, as pages do.
func BenchmarkReceiptBesideReaders(b *testing.B) {
	s := newStage(b, "beside", nil)
	st, side, _ := files(b, b.TempDir())
	n := s.open(b, st, side)
	take(b, n, s.mandate)
	who := names(64)
	for _, o := range who {
		take(b, n, s.observer(o)...)
	}
	lists := s.accounts(who, b.N/len(who)+1)
	line, err := corridor.ParseLine("open.people A")
	if err != nil {
		b.Fatal(err)
	}
	done := make(chan struct{})
	var readers sync.WaitGroup
	var views atomic.Int64
	for range 2 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					n.View(func(v corridor.View) { v.Figure(line) })
					views.Add(1)
				}
			}
		})
	}
	var times latencies
	b.ResetTimer()
	times.run(b.N, len(who), func(caller, i int) {
		if _, err := n.Submit(context.Background(), lists[caller][i]); err != nil {
			b.Error(err)
		}
	})
	b.StopTimer()
	close(done)
	readers.Wait()
	times.report(b, b.N)
	b.ReportMetric(float64(views.Load())/b.Elapsed().Seconds(), "views/s")
}

// latencies collects how long calls took.
type latencies struct {
	mu  sync.Mutex
	all []time.Duration
}

// run makes n calls from so many callers.
func (l *latencies) run(n, callers int, call func(caller, i int)) {
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			var own []time.Duration
			for i := range (n + callers - 1 - c) / callers {
				start := time.Now()
				call(c, i)
				own = append(own, time.Since(start))
			}
			l.mu.Lock()
			l.all = append(l.all, own...)
			l.mu.Unlock()
		})
	}
	wg.Wait()
}

func (l *latencies) report(b *testing.B, records int) {
	b.StopTimer()
	slices.Sort(l.all)
	ms := func(q float64) float64 {
		return float64(l.all[min(len(l.all)-1, int(q*float64(len(l.all))))].Microseconds()) / 1000
	}
	b.ReportMetric(float64(records)/b.Elapsed().Seconds(), "records/s")
	b.ReportMetric(ms(0.5), "p50-ms")
	b.ReportMetric(ms(0.99), "p99-ms")
	b.ReportMetric(ed25519Rate(), "ed25519/s")
}

// fill logs about so many accounts in a new log, and returns how many records it then has.
func (s *stage) fill(b *testing.B, dir string, size int) int64 {
	st, side, shut := files(b, dir)
	defer shut()
	n := s.open(b, st, side)
	defer n.Close()
	take(b, n, s.mandate)
	who := names(20)
	for _, o := range who {
		take(b, n, s.observer(o)...)
	}
	lists := s.accounts(who, size/len(who))
	for i := 0; i < size/len(who); i += 50 {
		var batch []record.Record
		for _, l := range lists {
			batch = append(batch, l[i:min(i+50, len(l))]...)
		}
		take(b, n, batch...)
	}
	return n.Size()
}

// BenchmarkLoad measures how long a node takes to start over so many records.
func BenchmarkLoad(b *testing.B) {
	for _, size := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			s := newStage(b, "load", nil)
			dir := b.TempDir()
			total := s.fill(b, dir, size)
			runtime.GC() // a node that starts has nothing of this in memory
			b.ResetTimer()
			for b.Loop() {
				b.StopTimer()
				st, side, shut := files(b, dir)
				b.StartTimer()
				n, err := s.tryOpen(context.Background(), st, side)
				if err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				n.Close()
				shut()
				b.StartTimer()
			}
			b.ReportMetric(float64(total)*float64(b.N)/b.Elapsed().Seconds(), "records/s")
			b.ReportMetric(ed25519Rate(), "ed25519/s")
		})
	}
}
