package server

import (
	"context"
	stdjson "encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
	"corridor.example/corridor/web"
)

// disclosureHeader names the records that tell of what an answer opens, and where their receipts
// are.
const disclosureHeader = "Corridor-Disclosure"

// An opening is what an answer shows that leaves a trace first.
type opening struct {
	parts   []node.Opened
	stretch node.Stretch
}

// none reports whether there is nothing to tell of.
func (o opening) none() bool {
	return len(o.parts) == 0 && !slices.ContainsFunc(o.stretch.Opens, func(s corridor.PartSet) bool { return s != 0 })
}

// open adds what is in a set of a record.
func (o *opening) open(h record.Hash, set corridor.PartSet) {
	for _, name := range set.Names() {
		o.parts = append(o.parts, node.Opened{Record: h, Part: name})
	}
}

// traces reports whether what is shown to a reader has to leave a trace. Whoever reads at a
// party's own server reads the party's own disk, and opens nothing through the mission's.
func (s *Server) traces(r *http.Request) bool {
	return reader(r).Level != corridor.Public && !s.ownDisk(r)
}

func (s *Server) ownDisk(r *http.Request) bool {
	return s.cfg.Own != "" && reader(r).Session == ownSession
}

// ownSession is the name of the session of whoever reaches a party's own server.
const ownSession = "own"

// released is how far the public sees the log now.
func (s *Server) released(r *http.Request, n *node.Node) (int64, error) {
	size, _, err := n.Released(r.Context(), s.cfg.Now())
	return size, err
}

// stretch is what a reader would open of the entries from <= index < to, by what the first size
// records of the log say at a time.
func (s *Server) stretch(r *http.Request, n *node.Node, as corridor.OpenedAs, from, to, size int64, at record.Time) (node.Stretch, error) {
	x := node.Stretch{As: as, Level: reader(r).Level, From: from}
	if !s.traces(r) {
		return x, nil
	}
	released, err := s.released(r, n)
	if err != nil {
		return x, err
	}
	err = n.At(size, func(v corridor.View) {
		x.Opens = opens(v.Sight(reader(r).Actor, x.Level, released, at).Hands, from, to)
	})
	return x, err
}

func opens(of func(i int64) corridor.PartSet, from, to int64) []corridor.PartSet {
	list := make([]corridor.PartSet, max(0, to-from))
	for k := range list {
		list[k] = of(from + int64(k))
	}
	return list
}

// disclose logs what an answer is about to open and names the records that say so in its header.
// If it returns an error nothing of the answer may leave.
func (s *Server) disclose(w http.ResponseWriter, r *http.Request, n *node.Node, o opening) ([]disclosed, error) {
	list, err := s.trace(r, n, o)
	if err == nil {
		name(w.Header(), list)
	}
	return list, err
}

// trace logs what an answer is about to open, and returns the records that say so.
func (s *Server) trace(r *http.Request, n *node.Node, o opening) ([]disclosed, error) {
	if o.none() || !s.traces(r) {
		return nil, nil
	}
	traces, err := n.Disclose(r.Context(), reader(r).Actor, o.parts, o.stretch)
	if err == nil && len(traces) == 0 {
		err = errors.New("a reading was disclosed and no record tells of it")
	}
	if err != nil {
		if r.Context().Err() == nil {
			s.cfg.Log.Error("what was asked for is not shown, because who reads it could not be logged", "route", r.Pattern, "cause", err.Error())
		}
		return nil, untraced(err)
	}
	return newDisclosed(traces), nil
}

// untraced is the answer where a trace could not be logged. What is no fault of the moment is
// told as such.
func untraced(err error) error {
	if errors.Is(err, node.ErrStopping) || errors.As(err, new(*node.Ahead)) || errors.Is(err, context.Canceled) {
		return err
	}
	return errUntraced
}

// A disclosed is the trace of a reading as programs get it: the record, with what only its reader
// may know of it, and the proof that it is in the log.
type disclosed struct {
	Record stdjson.RawMessage `json:"record"`
	Proof  string             `json:"proof"` // c2sp.org/tlog-proof

	hash record.Hash
}

func newDisclosed(traces []*node.Trace) []disclosed {
	list := []disclosed{}
	for _, t := range traces {
		list = append(list, disclosed{t.Record.Line(), string(t.Receipt.Proof), t.Record.Hash})
	}
	return list
}

// name names the traces of an answer in its header, as a list of strings (RFC 9651).
func name(h http.Header, list []disclosed) {
	if len(list) == 0 {
		return
	}
	var text []string
	for _, d := range list {
		text = append(text, `"`+d.hash.String()+`";receipt="/api/v1/records/`+d.hash.String()+`/receipt"`)
	}
	h.Set(disclosureHeader, strings.Join(text, ", "))
}

// openedOf is what of a set an entry that is handed out does carry.
func openedOf(e verify.Entry, set corridor.PartSet) (corridor.PartSet, error) {
	var carried corridor.PartSet
	keep := func(name string) { carried |= set & corridor.PartsOf(name) }
	keep("leaf")
	if e.Envelope == nil {
		return carried, nil
	}
	keep("header")
	r, err := record.ParseEnvelope(e.Envelope)
	if err != nil {
		return 0, err
	}
	for i, p := range r.Parts {
		if i < len(e.Parts) && e.Parts[i] != nil {
			keep(p.Name)
		}
	}
	return carried, nil
}

// opened is what a page shows that leaves a trace first. Its figures, lists and labels rest on
// all of the log that it was made from, unless it is of one record: then what was asked of each
// record is named, and of the log only what the public does not see yet, on which the frame
// rests, is told as a stretch.
func (p *page) opened() (o opening) {
	if !p.s.traces(p.r) {
		return o
	}
	sight := p.now.Sight(p.reader.Actor, p.audience, p.released, p.clock)
	from := int64(0)
	if p.narrow {
		from = min(p.released, p.newest)
	}
	o.stretch = node.Stretch{As: corridor.AsPages, Level: p.audience, From: from, Opens: opens(sight.Opens, from, p.newest)}
	if !p.narrow {
		return o
	}
	asked := map[record.Hash]corridor.PartSet{p.subject: corridor.PartsOf("leaf")}
	for at, may := range p.readable {
		if may {
			asked[at.hash] |= corridor.PartsOf(at.part)
		}
	}
	for h, set := range asked {
		e, ok := p.now.Find(h)
		if !ok || e.Index >= p.released && h != p.subject {
			continue // the stretch has it
		}
		if set &= sight.Opens(e.Index); set != 0 {
			o.open(h, p.carried(h, set))
		}
	}
	return o
}

// carried is what of a set a stored record has.
func (p *page) carried(h record.Hash, set corridor.PartSet) corridor.PartSet {
	has := corridor.PartsOf("leaf", "header")
	if r, ok := p.stored(h); ok {
		for _, part := range r.Parts {
			if part.Bytes != nil {
				has |= corridor.PartsOf(part.Name)
			}
		}
	}
	return set & has
}

// tracedBy fills in what a page says of the traces that it left.
func (p *page) tracedBy(o opening, list []disclosed) {
	if p.trace == nil {
		return
	}
	x := web.Trace{Data: web.TraceData{Mission: p.now.Founder().String(), Log: p.terms.LogKey, Reader: string(p.reader.Actor), Level: string(p.audience)}}
	for k, set := range o.stretch.Opens {
		at := int(o.stretch.From) + k
		if set == 0 {
			continue
		}
		if last := len(x.Data.Entries) - 1; last >= 0 && x.Data.Entries[last][1] == at {
			x.Data.Entries[last][1]++
			continue
		}
		x.Data.Entries = append(x.Data.Entries, [2]int{at, at + 1})
	}
	for _, part := range o.parts {
		x.Data.Parts = append(x.Data.Parts, [2]string{part.Record.String(), part.Part})
	}
	for _, d := range list {
		x.Records = append(x.Records, web.Line{Name: d.hash.Short(), Link: link(d.hash)})
		x.Data.Disclosures = append(x.Data.Disclosures, web.TraceRecord{Record: string(d.Record), Proof: d.Proof})
	}
	*p.trace = x
}
