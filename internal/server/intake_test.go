package server_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/scenario"
	"corridor.example/corridor/internal/server"
	"corridor.example/corridor/internal/store/sqlite"
	"corridor.example/corridor/record"
)

// A crossing is a server over HTTP on a SQLite log, and observers who write.
type crossing struct {
	b         testing.TB
	url       string
	node      *node.Node
	client    *http.Client
	observers []*writer
}

// A writer is one observer's key, and how far it has signed.
type writer struct {
	name string
	key  ed25519.PrivateKey
	last *record.Hash
	seq  int64
}

// newCrossing founds an exercise with so many observers and serves it.
func newCrossing(b testing.TB, observers int, set ...func(*server.Config)) *crossing {
	b.Helper()
	c := &crossing{b: b}
	var names []string
	for i := range observers {
		names = append(names, fmt.Sprint("observer-", i))
	}
	script, err := scenario.Parse("bench", "mission bench\nzone Etc/UTC +00:00\nday 2031-03-04\nparties red, blue\noffice office\nplace gate crossing\nplace town destination\nleg A from gate to town\nconsent 2 of red, blue\n\n08:00  "+
		strings.Join(names, ", ")+" are nominated, consented to by red, blue, deployed\n")
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	st, err := sqlite.Create(filepath.Join(dir, "mission.db"))
	if err != nil {
		b.Fatal(err)
	}
	side, err := sqlite.OpenSide(filepath.Join(dir, "node.db"))
	if err != nil {
		b.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(failing{b}, &slog.HandlerOptions{Level: slog.LevelError}))
	target := &both{Bare: scenario.NewBare(testSeed)}
	c.node, err = node.Open(context.Background(), node.Config{Store: st, Side: side, LogKey: scenario.LogKey(testSeed), Log: log})
	if err != nil {
		b.Fatal(err)
	}
	target.node = c.node
	if err := scenario.Play(script, testSeed, target); err != nil {
		b.Fatal(err)
	}
	cfg := server.Config{Now: func() time.Time { return target.at.Go().AddDate(1, 0, 0) }, Log: log}
	for _, f := range set {
		f(&cfg)
	}
	s := server.New(cfg)
	s.Serve(c.node)
	hs := httptest.NewServer(s)
	c.url = hs.URL
	c.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: observers + 1}}
	b.Cleanup(func() { hs.Close(); c.node.Close(); st.Close(); side.Close() })
	for _, name := range names {
		c.observers = append(c.observers, &writer{name: name, key: scenario.ActorKey(testSeed, name)})
	}
	return c
}

// accounts signs n departures of a writer, as they travel.
func (c *crossing) accounts(w *writer, n int) (lines [][]byte) {
	founder := c.node.Mission().Founder()
	at := record.At(time.Date(2031, 3, 4, 9, 0, 0, 0, time.UTC))
	for range n {
		w.seq++
		var id record.ID
		made := record.Fingerprint(fmt.Append(nil, w.name, w.seq))
		copy(id[:], made[:])
		parts, err := corridor.Compose(corridor.Draft{Kind: "departure", By: corridor.ActorID(w.name), Parts: map[string]map[string]any{
			"facts": {"convoy": "A-07", "when": at.String(), "basis": "observed"},
			"count": {"sums": []any{map[string]any{"unit": "people", "total": 122, "method": "tally"}}},
			"where": {"place": "gate", "to": "town"},
		}}, id, func() record.ID { return id })
		if err != nil {
			c.b.Fatal(err)
		}
		r, err := record.Sign(w.key, true, record.Header{Mission: &founder, Kind: "departure", ID: id, By: w.name, Seq: w.seq, Prev: w.last, At: at, Nonce: id}, parts)
		if err != nil {
			c.b.Fatal(err)
		}
		w.last = &r.Hash
		lines = append(lines, r.Line())
	}
	return lines
}

// post sends lines and fails unless each is answered with a receipt.
func (c *crossing) post(lines [][]byte) {
	r, err := c.client.Post(c.url+"/api/v1/records", "application/x-ndjson", bytes.NewReader(bytes.Join(lines, []byte("\n"))))
	if err != nil {
		c.b.Error(err)
		return
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if n := bytes.Count(body, []byte(`"status":201`)); err != nil || r.StatusCode != http.StatusOK || n != len(lines) {
		c.b.Errorf("%d of %d records were logged, status %d, %v: %.200s", n, len(lines), r.StatusCode, err, body)
	}
}

// BenchmarkIntake measures durable, checked, receipted records over HTTP: so many clients, each
// sending so many records a request and waiting for the answer. Clients and server share the
// machine. Beside it stands how many signatures the machine checks in the same run.
func BenchmarkIntake(b *testing.B) {
	for _, x := range []struct{ clients, batch int }{{1, 1}, {64, 1}, {512, 1}, {64, 20}} {
		b.Run(fmt.Sprintf("clients=%d/batch=%d", x.clients, x.batch), func(b *testing.B) {
			c := newCrossing(b, x.clients)
			per := (b.N + x.clients - 1) / x.clients // requests of each
			lines := make([][][]byte, x.clients)
			for i, w := range c.observers {
				lines[i] = c.accounts(w, per*x.batch)
			}
			var mu sync.Mutex
			var all []time.Duration
			var wg sync.WaitGroup
			b.ResetTimer()
			for i := range x.clients {
				wg.Go(func() {
					var own []time.Duration
					for at := 0; at < len(lines[i]); at += x.batch {
						start := time.Now()
						c.post(lines[i][at : at+x.batch])
						own = append(own, time.Since(start))
					}
					mu.Lock()
					all = append(all, own...)
					mu.Unlock()
				})
			}
			wg.Wait()
			b.StopTimer()
			slices.Sort(all)
			ms := func(q float64) float64 {
				return float64(all[min(len(all)-1, int(q*float64(len(all))))].Microseconds()) / 1000
			}
			b.ReportMetric(float64(per*x.clients*x.batch)/b.Elapsed().Seconds(), "records/s")
			b.ReportMetric(ms(0.5), "p50-ms")
			b.ReportMetric(ms(0.99), "p99-ms")
			b.ReportMetric(signatureRate(), "ed25519/s")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkServing measures what is read most, over HTTP: the first screen as it was made, a
// tile, a bundle of entries, a checkpoint, of the Aleppo case.
func BenchmarkServing(b *testing.B) {
	p := play(b, "aleppo-2016", server.Config{Reconstruction: true})
	hs := httptest.NewServer(p.s)
	defer hs.Close()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	for _, x := range []struct{ name, path string }{{"first-screen", "/"}, {"tile", "/tile/0/000.p/200"}, {"entries", "/tile/entries/000.p/200"}, {"checkpoint", "/checkpoint"}} {
		b.Run(x.name, func(b *testing.B) {
			b.SetParallelism(16)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					r, err := client.Get(hs.URL + x.path)
					if err != nil {
						b.Error(err)
						return
					}
					n, err := io.Copy(io.Discard, r.Body)
					r.Body.Close()
					if err != nil || r.StatusCode != http.StatusOK || n == 0 {
						b.Errorf("%s: %d, %d bytes, %v", x.path, r.StatusCode, n, err)
						return
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "answers/s")
			b.ReportMetric(signatureRate(), "ed25519/s")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// signatureRate is how many signatures the machine checks in a second, on all processors.
func signatureRate() float64 {
	k := scenario.ActorKey(testSeed, "rate")
	message := make([]byte, 600)
	sig := ed25519.Sign(k, message)
	var n atomic.Int64
	var wg sync.WaitGroup
	start := time.Now()
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for time.Since(start) < 300*time.Millisecond {
				for range 50 {
					ed25519.Verify(k.Public().(ed25519.PublicKey), message, sig)
				}
				n.Add(50)
			}
		})
	}
	wg.Wait()
	return float64(n.Load()) / time.Since(start).Seconds()
}
