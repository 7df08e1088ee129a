package verify

import (
	"context"
	"crypto/ed25519"
	"errors"
	"sync"
	"sync/atomic"

	"golang.org/x/mod/sumdb/note"

	"corridor.example/corridor"
	"corridor.example/corridor/record"
)

// An item is one entry on its way through the check: read, then taken apart by a worker, then
// folded in the order of the log.
type item struct {
	entry  Entry
	damage *Damage
	rec    record.Record // the zero Record if it is not carried or cannot be read
	faults []error       // what is wrong with it as bytes
	act    *corridor.Act // if it was entered for somebody else
	seen   *seen         // the checkpoint in its header
	tried  bool          // a worker knew the key; bad is then what the signature says
	bad    error
}

// A batch is so many items that handing them over costs nothing beside checking them.
type batch struct {
	items []item
	bytes int
	ready chan struct{} // closed by the worker
}

const (
	batchItems = 64
	batchBytes = 1 << 20
)

// A reader reads a source and has its entries taken apart by several workers. Memory is bound
// by the batches under way, however long the log is.
type reader struct {
	src     Source
	workers int
	keys    sync.Map                        // record.Hash, a fingerprint → ed25519.PublicKey that authority has enrolled
	logs    atomic.Pointer[[]note.Verifier] // in which the mission was kept
	seen    seenSet
}

// batches calls fold with each batch in the order of the log, taken apart. It returns the
// reader's fault, or that of ctx.
func (r *reader) batches(ctx context.Context, fold func(*batch)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	order := make(chan *batch, 2*r.workers)
	jobs := make(chan *batch, 2*r.workers)
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel() // before the wait, or a reader that is ahead never ends
	var fault error
	running.Go(func() {
		defer close(order)
		defer close(jobs)
		fault = r.read(ctx, order, jobs)
	})
	for range r.workers {
		running.Go(func() {
			for b := range jobs {
				for i := range b.items {
					r.open(&b.items[i])
				}
				close(b.ready)
			}
		})
	}
	for b := range order {
		<-b.ready
		if ctx.Err() != nil {
			return ctx.Err()
		}
		fold(b)
	}
	return fault // written before order was closed
}

func (r *reader) read(ctx context.Context, order, jobs chan<- *batch) error {
	b := &batch{ready: make(chan struct{})}
	send := func() bool {
		for _, to := range []chan<- *batch{jobs, order} {
			select {
			case to <- b:
			case <-ctx.Done():
				return false
			}
		}
		b = &batch{ready: make(chan struct{})}
		return true
	}
	for e, err := range r.src.Entries(ctx) {
		it := item{entry: e}
		if err != nil && !errors.As(err, &it.damage) {
			return err
		}
		b.items = append(b.items, it)
		b.bytes += len(e.Line) + len(e.Envelope)
		for _, p := range e.Parts {
			b.bytes += len(p)
		}
		if (len(b.items) == batchItems || b.bytes > batchBytes) && !send() {
			return ctx.Err()
		}
	}
	if len(b.items) > 0 && !send() {
		return ctx.Err()
	}
	return nil
}

// open takes an item apart: form, part hashes and, where the key is known already, the
// signature. Several workers run it at once.
func (r *reader) open(it *item) {
	if it.damage != nil || it.entry.Line == nil && it.entry.Envelope == nil {
		return
	}
	it.rec, it.faults = readRecord(it.entry)
	if it.rec.Raw == nil {
		return
	}
	if act, ok := corridor.ActOf(it.rec); ok && act.Recorded(corridor.Header{Header: it.rec.Header}) {
		it.act = &act
	}
	if key, ok := r.keys.Load(it.rec.Header.Key); ok {
		it.tried, it.bad = true, it.rec.Verify(key.(ed25519.PublicKey))
	}
	if text := it.rec.Header.Seen; text != nil {
		it.seen = r.seen.of(text)
		it.rec.Header.Seen = it.seen.text // one copy, however many records carry it
		if logs := r.logs.Load(); logs != nil {
			it.seen.check(*logs, false)
		}
	}
}

// readRecord reads what a copy carries of a record. If nothing can be made of it, the record
// is the zero Record. A part that is not the one the header was signed over is a fault and is
// left out. Every fault is a *record.Refusal.
func readRecord(e Entry) (r record.Record, faults []error) {
	if e.Line != nil {
		r, err := record.Parse(e.Line)
		if err != nil {
			return record.Record{}, []error{err}
		}
		return r, nil
	}
	r, err := record.ParseEnvelope(e.Envelope)
	if err != nil {
		return record.Record{}, []error{err}
	}
	if len(e.Parts) < len(r.Parts) { // one that is not carried has its place all the same
		faults = append(faults, corridor.Refuse("record.parts", "the header names %d parts and places for %d are kept", len(r.Parts), len(e.Parts)))
	}
	for i, b := range e.Parts {
		if i >= len(r.Parts) {
			faults = append(faults, corridor.Refuse("record.parts", "the header names %d parts and part %d is kept", len(r.Parts), i+1))
			continue
		}
		if b == nil {
			continue
		}
		if err := r.PutAt(i, b); err != nil {
			faults = append(faults, err)
		}
	}
	return r, faults
}

// parallel calls f with 0 to n-1, several at once, and returns when all have.
func parallel(workers, n int, f func(i int)) {
	var next atomic.Int64
	var running sync.WaitGroup
	for range min(workers, n) {
		running.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				f(i)
			}
		})
	}
	running.Wait()
}
