package server_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/compact"
	"corridor.example/corridor/internal/scenario"
	"corridor.example/corridor/internal/seal"
	"corridor.example/corridor/internal/server"
	"corridor.example/corridor/record"
)

// A fleet is phones that were out of reach, each with a queue of sealed records.
type fleet struct {
	*crossing
	bodies [][]byte        // of each phone
	hashes [][]record.Hash // in the order of its queue
}

// newFleet has phones sign and seal their queues.
func newFleet(b testing.TB, phones, each int) *fleet {
	b.Helper()
	to, secret, err := seal.NewKey()
	if err != nil {
		b.Fatal(err)
	}
	f := &fleet{crossing: newCrossing(b, phones, func(cfg *server.Config) {
		cfg.Secrets = func(_ context.Context, recipient string) (string, error) {
			if recipient != to {
				return "", nil
			}
			return secret, nil
		}
	})}
	f.nameSealing(to)
	for _, w := range f.observers {
		var body []byte
		var hashes []record.Hash
		for _, line := range f.accounts(w, each) {
			r, err := record.Parse(line)
			if err != nil {
				b.Fatal(err)
			}
			item, err := seal.Seal(compact.Pack(r, true), to)
			if err != nil {
				b.Fatal(err)
			}
			body, hashes = seal.Frame(body, item), append(hashes, r.Hash)
		}
		f.bodies, f.hashes = append(f.bodies, body), append(f.hashes, hashes)
	}
	return f
}

// nameSealing has the office name the sealing key in the log.
func (f *fleet) nameSealing(to string) {
	founder := f.node.Mission().Founder()
	h := record.Header{Mission: &founder, Kind: "key", By: "office", ID: record.ID{1}, Nonce: record.ID{1}, At: 1930467600}
	key := scenario.ActorKey(testSeed, "office")
	var last record.Hash
	f.node.View(func(v corridor.View) { h.Seq, last, _ = v.Chain(record.Fingerprint(key.Public().(ed25519.PublicKey))) })
	h.Seq, h.Prev = h.Seq+1, &last
	parts, err := corridor.Compose(corridor.Draft{Kind: "key", By: "office", Parts: map[string]map[string]any{
		"facts": {"key": map[string]any{"use": "sealing", "key": to, "proof": ""}, "replaces": nil, "reason": "new"},
	}}, h.ID, func() record.ID { return record.ID{2} })
	if err != nil {
		f.b.Fatal(err)
	}
	r, err := record.Sign(key, true, h, parts)
	if err == nil {
		_, err = f.node.Submit(context.Background(), r)
	}
	if err != nil {
		f.b.Fatal(err)
	}
}

// send hands one phone's queue in, and says for how many of its records a receipt came back.
func (f *fleet) send(phone int) (receipted int, err error) {
	r, err := f.client.Post(f.url+"/api/v1/sealed", "application/octet-stream", bytes.NewReader(f.bodies[phone]))
	if err != nil {
		return 0, err
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("status %d", r.StatusCode)
	}
	for dec := json.NewDecoder(r.Body); ; {
		var a sealedAnswer
		if err := dec.Decode(&a); err == io.EOF {
			return receipted, nil
		} else if err != nil {
			return receipted, err
		}
		if a.Receipt == nil || a.Receipt.Hash != f.hashes[phone][receipted].String() {
			return receipted, fmt.Errorf("item %d: status %d, %s", receipted, a.Status, a.Rule)
		}
		receipted++
	}
}

// reconnect has all phones send at once and returns how long each waited for its last receipt.
func (f *fleet) reconnect() []time.Duration {
	took := make([]time.Duration, len(f.bodies))
	var wg sync.WaitGroup
	start := time.Now()
	for i := range f.bodies {
		wg.Go(func() {
			n, err := f.send(i)
			if took[i] = time.Since(start); err != nil || n != len(f.hashes[i]) {
				f.b.Errorf("phone %d has receipts for %d of %d records: %v", i, n, len(f.hashes[i]), err)
			}
		})
	}
	wg.Wait()
	return took
}

// TestFleet: 500 phones that come back at once with 20 sealed records each all get their
// receipts, and sent again nothing is there twice. How long it takes, BenchmarkFleet measures.
func TestFleet(t *testing.T) {
	phones := int64(500)
	if testing.Short() {
		phones = 50
	}
	f := newFleet(t, int(phones), 20)
	before := f.node.Size()
	f.reconnect()
	if got := f.node.Size() - before; got != phones*20 {
		t.Errorf("%d records are logged of %d", got, phones*20)
	}
	f.bodies = f.bodies[:50]
	f.reconnect()
	if got := f.node.Size() - before; got != phones*20 {
		t.Errorf("after a repeat there are %d", got)
	}
}

// BenchmarkFleet measures how long a phone waits for its last receipt when 500 come back at once
// with 20 sealed records each. Phones and server share the machine.
func BenchmarkFleet(b *testing.B) {
	var all []time.Duration
	for range b.N {
		b.StopTimer()
		f := newFleet(b, 500, 20)
		b.StartTimer()
		all = append(all, f.reconnect()...)
	}
	slices.Sort(all)
	at := func(q float64) float64 { return all[int(q*float64(len(all)-1))].Seconds() }
	b.ReportMetric(at(0.5), "p50-s")
	b.ReportMetric(at(0.95), "p95-s")
	b.ReportMetric(at(1), "last-s")
	b.ReportMetric(signatureRate(), "ed25519/s")
	b.ReportMetric(0, "ns/op")
}
