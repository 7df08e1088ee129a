package node

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/record"
)

const (
	// gather is how long readings are gathered after the last ones were logged. The first after
	// a quiet time waits for nothing.
	gather = 2 * time.Second
	// again is how long one trace stands for opening the same part anew.
	again = 10 * time.Minute
	// tracesMax bounds the traces that are remembered; beyond it readings are logged anew.
	tracesMax = 1 << 17
	// openedMax bounds the records that one disclosure names, so that its facts are no larger
	// than a part may be.
	openedMax = 600
)

// An Opened is a part of a record that a reader is about to be shown. The part "header" is the
// record's header.
type Opened struct {
	Record record.Hash
	Part   string
}

// A Trace is the disclosure that tells of a reading, with the proof that it is in the log. Who
// is shown restricted data without one has a proof against the server.
type Trace struct {
	Record  record.Record
	Receipt Receipt
}

// disclosures gathers readings until they are logged.
type disclosures struct {
	mu      sync.Mutex
	waiting map[corridor.ActorID]*gathered
	running bool
	last    time.Time // when readings were logged last
	known   map[reading]traced
}

// reading is one part that one reader opens.
type reading struct {
	reader corridor.ActorID
	Opened
}

type traced struct {
	trace *Trace
	until time.Time
}

// gathered is what one reader opens, to be logged together.
type gathered struct {
	from, to record.Time
	opened   map[Opened]*Trace // filled when it is done
	exports  []corridor.OpenedRange
	export   *Trace
	done     chan struct{}
	err      error
}

// Disclose logs who is about to open which parts of records that others submitted, and returns
// when that is in the log: only then may they be shown, with the traces. What several requests
// of one reader open within a moment is one record, and readers never share one, so that the
// proof one of them holds tells nothing of another. A part that the reader opened within the
// last ten minutes keeps its trace. If it returns an error, nothing may be shown.
func (n *Node) Disclose(ctx context.Context, reader corridor.ActorID, opened []Opened) ([]*Trace, error) {
	if reader == "" {
		return nil, errors.New("a restricted part is opened by somebody: nobody was named as its reader")
	}
	if len(opened) == 0 {
		return nil, nil
	}
	d := &n.disclosed
	d.mu.Lock()
	var traces []*Trace
	var g *gathered
	now := n.cfg.Now()
	for _, o := range opened {
		if t, ok := d.known[reading{reader, o}]; ok && now.Before(t.until) {
			traces = with(traces, t.trace)
			continue
		}
		if g == nil {
			g = n.gathering(reader)
		}
		if _, twice := g.opened[o]; !twice {
			g.opened[o] = nil
		}
	}
	d.mu.Unlock()
	if g == nil {
		return traces, nil
	}
	if err := g.wait(ctx); err != nil {
		return nil, err
	}
	for _, o := range opened {
		if t := g.opened[o]; t != nil {
			traces = with(traces, t)
		}
	}
	return traces, nil
}

// DiscloseExport logs that a reader is about to take a copy of the entries from <= index < to
// with everything its level may read, and returns when that is in the log: only then may the
// first byte leave.
func (n *Node) DiscloseExport(ctx context.Context, reader corridor.ActorID, level corridor.Level, from, to int64) (*Trace, error) {
	if reader == "" {
		return nil, errors.New("a copy is taken by somebody: nobody was named as its reader")
	}
	d := &n.disclosed
	d.mu.Lock()
	g := n.gathering(reader)
	g.exports = append(g.exports, corridor.OpenedRange{Reader: reader, Level: level, From: from, To: to})
	d.mu.Unlock()
	if err := g.wait(ctx); err != nil {
		return nil, err
	}
	return g.export, nil
}

func with(list []*Trace, t *Trace) []*Trace {
	if slices.Contains(list, t) {
		return list
	}
	return append(list, t)
}

func (g *gathered) wait(ctx context.Context) error {
	select {
	case <-g.done:
		return g.err
	case <-ctx.Done():
		return ctx.Err() // it is logged all the same: what was asked for may have been about to be shown
	}
}

// gathering returns what is being gathered for a reader, and sees to it that it will be logged.
// The caller holds the lock.
func (n *Node) gathering(reader corridor.ActorID) *gathered {
	d := &n.disclosed
	at := record.At(n.cfg.Now())
	g := d.waiting[reader]
	if g == nil {
		g = &gathered{from: at, opened: map[Opened]*Trace{}, done: make(chan struct{})}
		if d.waiting == nil {
			d.waiting = map[corridor.ActorID]*gathered{}
		}
		d.waiting[reader] = g
	}
	g.to = max(at, g.from)
	if !d.running {
		d.running = true
		go n.trace()
	}
	return g
}

// trace logs what is gathered, turn by turn, until nothing is.
func (n *Node) trace() {
	d := &n.disclosed
	for {
		d.mu.Lock()
		wait := min(gather, d.last.Add(gather).Sub(n.cfg.Now()))
		d.mu.Unlock()
		if wait > 0 {
			select {
			case <-time.After(wait):
			case <-n.stop: // those who wait are told so
			}
		}
		d.mu.Lock()
		turn := d.waiting
		d.waiting = nil
		d.running = len(turn) > 0
		d.mu.Unlock()
		if len(turn) == 0 {
			return
		}
		n.logReadings(turn)
	}
}

// logReadings writes one turn of readings into the log and answers those who wait for it.
func (n *Node) logReadings(turn map[corridor.ActorID]*gathered) {
	type page struct {
		reader  corridor.ActorID
		g       *gathered
		opened  []Opened
		exports bool
	}
	var pages []page
	var drafts []corridor.Draft
	for _, reader := range slices.Sorted(maps.Keys(turn)) {
		g := turn[reader]
		opened := slices.SortedFunc(maps.Keys(g.opened), func(a, b Opened) int {
			return cmp.Or(cmp.Compare(partOrder(a.Part), partOrder(b.Part)), slices.Compare(a.Record[:], b.Record[:]))
		})
		exports := g.exports
		for len(opened) > 0 || len(exports) > 0 {
			k, e := min(len(opened), openedMax), min(len(exports), openedMax/10)
			pages = append(pages, page{reader, g, opened[:k], e > 0})
			drafts = append(drafts, disclosure(reader, g, opened[:k], exports[:e]))
			opened, exports = opened[k:], exports[e:]
		}
	}
	recs, receipts, err := n.ownAll(context.Background(), drafts...)
	d := &n.disclosed
	d.mu.Lock()
	now := n.cfg.Now()
	d.last = now
	if len(d.known) > tracesMax {
		d.known = nil
	}
	if d.known == nil {
		d.known = map[reading]traced{}
	}
	for i, p := range pages {
		if err != nil {
			p.g.err = err
			continue
		}
		t := &Trace{recs[i], receipts[i]}
		for _, o := range p.opened {
			p.g.opened[o] = t
			d.known[reading{p.reader, o}] = traced{t, now.Add(again)}
		}
		if p.exports {
			p.g.export = t
		}
	}
	d.mu.Unlock()
	for _, g := range turn {
		close(g.done)
	}
	if err != nil {
		n.cfg.Log.Error("readings could not be logged, so nothing restricted is shown", "cause", err.Error())
	}
}

func partOrder(part string) int { return slices.Index(record.PartNames, part) }

// disclosure drafts a disclosure.
func disclosure(reader corridor.ActorID, g *gathered, opened []Opened, exports []corridor.OpenedRange) corridor.Draft {
	var reads []corridor.Opening
	for _, o := range opened {
		if k := len(reads); k > 0 && reads[k-1].Part == o.Part {
			reads[k-1].Records = append(reads[k-1].Records, o.Record)
			continue
		}
		reads = append(reads, corridor.Opening{Reader: reader, Part: o.Part, Records: []record.Hash{o.Record}})
	}
	return corridor.Draft{Kind: corridor.KindDisclosure, Parts: map[string]map[string]any{
		"facts": {"when": []any{g.from.String(), g.to.String()}, "reads": reads, "exports": exports}}}
}
