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
	// gather is how long readings are gathered after the last ones were logged, unless the node is
	// told otherwise. The first after a quiet time waits for nothing.
	gather = 2 * time.Second
	// slower is how long they are gathered where more than busy turns were logged within the time
	// for which a trace stands.
	slower, busy = 8 * time.Second, 60
	// again is how long one trace stands for opening the same anew. A page is kept ready for a
	// minute more: ten in all.
	again = 9 * time.Minute
	// tracesMax bounds the traces that are remembered; beyond it readings are logged anew.
	tracesMax = 1 << 17
	// openedMax bounds the records that one disclosure names, so that its facts are no larger
	// than a part may be.
	openedMax = 600
	// piecesMax bounds the stretches by which one reader's trace of the log is told; beyond it the
	// whole is logged anew. coveredMax bounds the entries of all of them that are remembered.
	piecesMax, coveredMax = 8, 1 << 23
)

// An Opened is a part of a record that a reader is about to be shown. The part "header" is the
// record's header, "leaf" its leaf.
type Opened struct {
	Record record.Hash
	Part   string
}

// A Stretch is entries of the log that a reader is about to be shown or given, with what of
// each has to be disclosed (corridor.Sight).
type Stretch struct {
	As    corridor.OpenedAs
	Level corridor.Level
	From  int64
	Opens []corridor.PartSet // of the entries from From on
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
	turns   []time.Time // when readings were logged, within the time for which a trace stands
	known   map[reading]traced
	pieces  map[stretched][]piece
	covered int // entries of all pieces
}

// stretched is whose opening of the log is remembered, and in what form.
type stretched struct {
	reader corridor.ActorID
	level  corridor.Level
	as     corridor.OpenedAs
}

// piece is a stretch that was disclosed.
type piece struct {
	from  int64
	opens []corridor.PartSet
	traced
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
	opened   map[Opened]*Trace               // filled when it is done
	exports  map[corridor.OpenedRange]*Trace // likewise
	done     chan struct{}
	err      error
}

// Disclose logs who is about to open what others submitted, parts of single records and
// stretches of the log, and returns when that is in the log: only then may they be shown, with
// the traces. What several requests of one reader open within a moment is one record, and
// readers never share one, so that the proof one of them holds tells nothing of another. What
// the reader opened within the last ten minutes keeps its traces, so that only what is new is
// logged. If it returns an error, nothing may be shown.
func (n *Node) Disclose(ctx context.Context, reader corridor.ActorID, opened []Opened, stretches ...Stretch) ([]*Trace, error) {
	if reader == "" {
		return nil, errors.New("what is restricted is opened by somebody: nobody was named as its reader")
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
	ranges := make([]corridor.OpenedRange, len(stretches))
	for i, s := range stretches {
		stand, from, to := d.lacking(reader, s, now)
		for _, t := range stand {
			traces = with(traces, t)
		}
		if ranges[i] = (corridor.OpenedRange{Reader: reader, As: s.As, Level: s.Level, From: from, To: to}); from == to {
			continue
		}
		if g == nil {
			g = n.gathering(reader)
		}
		if _, twice := g.exports[ranges[i]]; !twice {
			g.exports[ranges[i]] = nil
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
	d.mu.Lock()
	defer d.mu.Unlock()
	for i, s := range stretches {
		if t := g.exports[ranges[i]]; t != nil {
			traces = with(traces, t)
			d.cover(ranges[i], s, traced{t, n.cfg.Now().Add(again)})
		}
	}
	return traces, nil
}

// cover remembers that a trace tells of some of a stretch.
func (d *disclosures) cover(x corridor.OpenedRange, s Stretch, t traced) {
	if d.covered += int(x.To - x.From); d.covered > coveredMax {
		d.pieces, d.covered = nil, 0
	}
	if d.pieces == nil {
		d.pieces = map[stretched][]piece{}
	}
	key := stretched{x.Reader, x.Level, x.As}
	d.pieces[key] = append(d.pieces[key], piece{x.From, slices.Clone(s.Opens[x.From-s.From : x.To-s.From]), t})
}

// lacking returns the traces that stand for some of a stretch, and the entries that hold all
// that they leave out; from is to if that is nothing.
func (d *disclosures) lacking(reader corridor.ActorID, s Stretch, now time.Time) (traces []*Trace, from, to int64) {
	key := stretched{reader, s.Level, s.As}
	d.drop(key, func(p piece) bool { return !now.Before(p.until) })
	left := slices.Clone(s.Opens)
	for _, p := range d.pieces[key] {
		stands := false
		for k, opens := range p.opens {
			if at := p.from + int64(k) - s.From; at >= 0 && at < int64(len(left)) && left[at]&opens != 0 {
				left[at] &^= opens
				stands = true
			}
		}
		if stands {
			traces = with(traces, p.trace)
		}
	}
	bounds := func(opens []corridor.PartSet) (from, to int64) {
		for k, set := range opens {
			if set == 0 {
				continue
			}
			if to == 0 {
				from = s.From + int64(k)
			}
			to = s.From + int64(k) + 1
		}
		return from, to
	}
	from, to = bounds(left)
	if from < to && len(traces) >= piecesMax {
		d.drop(key, func(piece) bool { return true })
		traces = nil
		from, to = bounds(s.Opens)
	}
	return traces, from, to
}

// drop forgets some of what was disclosed.
func (d *disclosures) drop(key stretched, which func(piece) bool) {
	kept := d.pieces[key][:0]
	for _, p := range d.pieces[key] {
		if which(p) {
			d.covered -= len(p.opens)
			continue
		}
		kept = append(kept, p)
	}
	clear(d.pieces[key][len(kept):])
	if len(kept) == 0 {
		delete(d.pieces, key)
		return
	}
	d.pieces[key] = kept
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
		g = &gathered{from: at, opened: map[Opened]*Trace{}, exports: map[corridor.OpenedRange]*Trace{}, done: make(chan struct{})}
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
		wait := d.pause(n.cfg.Gather, n.cfg.Now())
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

// pause is how long readings are gathered now. short is how long they are while few are logged.
func (d *disclosures) pause(short time.Duration, now time.Time) time.Duration {
	d.turns = slices.DeleteFunc(d.turns, func(t time.Time) bool { return now.Sub(t) > again })
	if len(d.turns) == 0 {
		return 0
	}
	long := short
	if len(d.turns) > busy && short > 0 {
		long = max(short, slower)
	}
	return min(long, d.turns[len(d.turns)-1].Add(long).Sub(now))
}

// logReadings writes one turn of readings into the log and answers those who wait for it.
func (n *Node) logReadings(turn map[corridor.ActorID]*gathered) {
	type page struct {
		reader  corridor.ActorID
		g       *gathered
		opened  []Opened
		exports []corridor.OpenedRange
	}
	var pages []page
	var drafts []corridor.Draft
	for _, reader := range slices.Sorted(maps.Keys(turn)) {
		g := turn[reader]
		opened := slices.SortedFunc(maps.Keys(g.opened), func(a, b Opened) int {
			return cmp.Or(cmp.Compare(partOrder(a.Part), partOrder(b.Part)), slices.Compare(a.Record[:], b.Record[:]))
		})
		exports := slices.SortedFunc(maps.Keys(g.exports), func(a, b corridor.OpenedRange) int {
			return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), cmp.Compare(a.As, b.As), cmp.Compare(a.Level, b.Level))
		})
		for len(opened) > 0 || len(exports) > 0 {
			k, e := min(len(opened), openedMax), min(len(exports), openedMax/10)
			pages = append(pages, page{reader, g, opened[:k], exports[:e]})
			drafts = append(drafts, disclosure(reader, g, opened[:k], exports[:e]))
			opened, exports = opened[k:], exports[e:]
		}
	}
	recs, receipts, err := n.ownAll(context.Background(), drafts...)
	d := &n.disclosed
	d.mu.Lock()
	now := n.cfg.Now()
	d.turns = append(d.turns, now)
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
		for _, x := range p.exports {
			p.g.exports[x] = t
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

// partOrder puts the header before the leaf, and both before the parts.
func partOrder(part string) int {
	if part == "header" {
		return -2
	}
	return slices.Index(record.PartNames, part)
}

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
