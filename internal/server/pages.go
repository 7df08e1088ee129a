package server

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
	"corridor.example/corridor/web"
)

// pages registers every page. Each has one method that fills one struct of package web.
func (s *Server) pages() {
	s.handle("GET /{$}", s.homePage)
	s.handle("GET /board", s.boardPage)
	s.handle("GET /convoys", s.convoysPage)
	s.handle("GET /convoys/{id}", s.convoyPage)
	s.handle("GET /incidents", s.incidentsPage)
	s.handle("GET /incidents/{hash}", s.incidentPage)
	s.handle("GET /observers", s.observersPage)
	s.handle("GET /said", s.saidPage)
	s.handle("GET /said/{hash}", s.statementPage)
	s.handle("GET /said/{speaker}/{n}", s.spokenPage)
	s.handle("GET /reports", s.reportsPage)
	s.handle("GET /reports/{hash}", s.reportPage)
	s.handle("GET /records/{hash}", s.recordPage)
	s.handle("GET /log", s.logPage)
	s.handle("GET /mission", s.missionPage)
	s.handle("GET /cheat", s.cheatPage)
	s.handle("POST /cheat", s.cheatPost)
}

// A page is one request for a page: who reads it, in which language, how much of the log it
// shows, and the means to turn what the fold says into the reader's words.
type page struct {
	s        *Server
	r        *http.Request
	audience corridor.Level
	reader   Reader
	lang     string
	theme    string
	clock    record.Time // now, on the server's clock: what is released and what is due
	shown    int64       // records shown
	newest   int64       // records this reader sees
	signed   []byte      // the checkpoint that the newest state ends with
	released int64       // records the public sees
	narrow   bool        // the page is of single records, and its traces name them
	subject  record.Hash // the record that a narrow page is of
	trace    *web.Trace  // what the page says of its traces, nil where it leaves none

	// The rest is set while the mission is read.
	v     corridor.View // the mission as shown; its figures take in only what the audience may read
	now   corridor.View // the newest state this reader sees: who may read what is asked here
	read  node.Reading
	terms *corridor.Terms
	zones []*time.Location
	fault error // a stored record that could not be read

	readable map[partOf]bool
	records  map[int64]record.Record
}

type partOf struct {
	hash record.Hash
	part string
}

// show answers a page: fill makes the struct of the page of that name. It runs while nothing
// is committed and must not call the node; what it cannot find it answers with an error.
func (s *Server) show(w http.ResponseWriter, r *http.Request, n *node.Node, name string, fill func(p *page) (any, error)) error {
	p, err := s.open(w, r, n)
	if err != nil {
		return err
	}
	m, err := s.made.get(p.key(), func() (made, error) { return p.make(n, &name, fill) })
	if err != nil {
		return err
	}
	m.write(w, r, 0)
	return nil
}

// open reads what a request says of how it wants a page. It sets the cookies of a choice.
func (s *Server) open(w http.ResponseWriter, r *http.Request, n *node.Node) (*page, error) {
	p := &page{
		s: s, r: r, audience: reader(r).Level, reader: reader(r), clock: record.At(s.cfg.Now()),
		lang: language(r), theme: theme(r),
		readable: map[partOf]bool{}, records: map[int64]record.Record{},
	}
	q := r.URL.Query()
	remember(w, q, "lang", p.lang)
	remember(w, q, "theme", p.theme)
	if n == nil {
		return p, nil
	}
	var err error
	if p.newest, p.signed, err = s.reach(r, n); err != nil {
		return nil, err
	}
	if s.traces(r) {
		if p.released, err = s.released(r, n); err != nil {
			return nil, err
		}
		p.trace = &web.Trace{}
	}
	p.shown = p.newest
	if at := q.Get("at"); at != "" {
		size, err := strconv.ParseInt(at, 10, 64)
		if err != nil || size < 1 {
			return nil, badRequest("at is the number of records to show, from 1")
		}
		p.shown = min(size, p.newest)
	}
	return p, nil
}

// make reads the mission and renders the page, whose name fill may still change.
func (p *page) make(n *node.Node, name *string, fill func(p *page) (any, error)) (m made, err error) {
	if p.newest == 0 {
		return m, errNotReleased
	}
	var data any
	var o opening
	err = n.Read(p.r.Context(), p.shown, p.newest, func(read node.Reading) error {
		p.begin(read)
		if data, err = fill(p); err != nil {
			return err
		}
		o = p.opened()
		return p.fault
	})
	if err != nil {
		return m, err
	}
	traces, err := p.s.trace(p.r, n, o)
	if err != nil {
		return m, err
	}
	p.tracedBy(o, traces)
	m, err = p.render(*name, data)
	m.traces = traces
	return m, err
}

func (p *page) render(name string, data any) (m made, err error) {
	var b bytes.Buffer
	if err := web.Render(&b, p.lang, name, data); err != nil {
		return m, err
	}
	return newMade(b.Bytes(), p.lang), nil
}

func (p *page) begin(read node.Reading) {
	p.read, p.now = read, read.Now
	p.terms = p.now.Terms()
	p.v = read.View.Without(func(h record.Hash) bool { return !p.may(h, "facts") || !p.may(h, "count") })
	p.zones = zones(p.terms, p.lang)
}

// key names what a page is made from: the same key gives the same bytes.
func (p *page) key() string {
	if p.r.Method != http.MethodGet && p.r.Method != http.MethodHead {
		return ""
	}
	sum := sha256.Sum256(p.signed)
	checked := p.s.lastCheck()
	return strings.Join([]string{
		p.base(), p.path(), p.lang, p.theme, string(p.audience), string(p.reader.Actor), itoa(int(p.shown)), itoa(int(p.newest)), hex.EncodeToString(sum[:8]),
		itoa(int(checked.At.Unix())), itoa(int(p.clock / 60)),
	}, " ")
}

// path is the page's address with what of its query says which page it is. Anything else is
// not repeated, and makes no page of its own.
func (p *page) path() string { return address(p.r, "at", "before") }

// address is a request's address with some of its query, always one of this server's own.
func address(r *http.Request, names ...string) string {
	asked, kept := r.URL.Query(), url.Values{}
	for _, name := range names {
		if v := asked.Get(name); v != "" {
			kept.Set(name, v)
		}
	}
	return (&url.URL{Path: "/" + strings.TrimLeft(r.URL.Path, "/"), RawQuery: kept.Encode()}).String()
}

// frame returns what stands around every page.
func (p *page) frame() web.Frame {
	f := web.Frame{
		Path: p.path(), Theme: p.theme, Mission: p.mission(),
		Records: int(p.v.Size()), Disputed: p.v.DisputedRecords(), AsOf: p.asOf(), Seal: p.seal(), Trace: p.trace, Desk: p.reader.Actor != "" && !p.reader.Program,
	}
	if _, err := held(p.r); err == nil {
		f.Reader = &web.Reader{Name: p.label(p.reader.Actor), Level: string(p.reader.Level)}
	}
	f.Doors = p.s.cfg.Door != nil
	if p.now.Exercise() {
		f.Banner = "exercise"
	}
	if p.s.cfg.Reconstruction {
		f.Banner = "reconstruction"
	}
	if p.shown < p.newest {
		f.Past = &web.Past{At: int(p.shown), Newest: address(p.r)}
	}
	return f
}

// asOf is when the last record shown that the reader may know of was signed. The time of one
// that is sealed, as of an open convoy, is not told by this either.
func (p *page) asOf() web.Moment {
	for i := p.v.Size() - 1; i >= 0; i-- {
		if e := p.v.Entry(i); p.may(e.Hash, "header") {
			return p.time(e.At)
		}
	}
	return web.Moment{}
}

// mission names the mission by the places that people leave, which is what its mandate is of.
func (p *page) mission() string {
	var places []string
	if p.terms != nil {
		for _, l := range p.terms.Legs {
			for _, id := range append([]corridor.PlaceID{l.From}, l.By...) {
				x, _ := p.terms.Place(id)
				if name := p.place(id); (id == l.From || x.Role == "origin") && !slices.Contains(places, name) {
					places = append(places, name)
				}
			}
		}
	}
	return strings.Join(places, p.t("comma"))
}

// past adds the size shown to an address, so that a reader who looks at an earlier state stays
// in it.
func (p *page) past(address string) string {
	if p.shown == p.newest {
		return address
	}
	return address + "?at=" + itoa(int(p.shown))
}

// forPeople reports whether a browser asks for a page.
func forPeople(r *http.Request) bool { return strings.Contains(r.Header.Get("Accept"), "text/html") }

// problemPage answers an error as a page, for people. It reports whether it did.
func (s *Server) problemPage(w http.ResponseWriter, r *http.Request, n *node.Node, a *answer) bool {
	if !forPeople(r) {
		return false
	}
	data := web.Problem{Frame: web.Frame{Path: address(r), Theme: theme(r)}, Status: a.status, Code: a.code, Rule: a.rule}
	if strings.HasPrefix(a.rule, "request.") && r.Method == http.MethodGet {
		data.Code = "bad_request" // nobody signed an address
	}
	if a.rule != "" {
		data.Reason = a.reason // for whoever sent it; the rest is said in the reader's language
	}
	who := reader(r)
	if s.traces(r) { // what failed may be the trace itself, so nothing restricted stands around a problem
		r = r.WithContext(context.WithValue(r.Context(), readerKey{}, Reader{Level: corridor.Public}))
	}
	p, err := s.open(w, r, n)
	if err != nil {
		p = &page{lang: language(r)} // the error may be of what open reads
	}
	if err == nil && n != nil && p.newest > 0 {
		err = n.Read(r.Context(), p.newest, p.newest, func(read node.Reading) error {
			p.begin(read)
			p.shown = p.newest
			data.Frame = p.frame()
			if data.Frame.Reader != nil {
				data.Frame.Reader = &web.Reader{Name: p.label(who.Actor), Level: string(who.Level)}
				data.Frame.Trace = &web.Trace{}
			}
			return p.fault
		})
		if err != nil {
			s.cfg.Log.Error("the frame of a problem page", "cause", err.Error())
		}
	}
	status := a.status
	if err == nil && n != nil && a == errNotReleased && p.newest == 0 {
		data.Waiting = s.waiting(n)
		if data.Code = "waiting"; r.URL.Path == "/" {
			status = http.StatusOK // a mission that has begun is no error
		}
	}
	var b bytes.Buffer
	if err := web.Render(&b, p.lang, "problem", data); err != nil {
		s.cfg.Log.Error("a problem page", "cause", err.Error())
		return false
	}
	newMade(b.Bytes(), p.lang).write(w, r, status)
	return true
}

// waiting is what may be said of a mission of which nothing is released: what its card says, and
// when the mandate lets the first release come, which follows from the mandate alone.
func (s *Server) waiting(n *node.Node) *web.Waiting {
	x := &web.Waiting{}
	if card, err := verify.ParseCard([]byte(s.cfg.Card)); err == nil {
		x.Words = strings.Join(card.Words(), " ")
	}
	n.View(func(v corridor.View) {
		t := v.Terms()
		if t == nil {
			return
		}
		x.Mission = v.Founder().String()
		first := int64(v.Entry(0).At) + t.Release.Delay*60
		if clock := t.Release.Clock * 60; clock > 0 && first%clock > 0 {
			first += clock - first%clock
		}
		x.First = record.Time(first).String()
		p, err := t.Policy()
		x.Cosigned = err == nil && p.Quorum() != "none"
	})
	return x
}

// language is the one a reader asks for: in the address, else chosen before, else as the
// browser is set, else the default.
func language(r *http.Request) string {
	asked := []string{r.URL.Query().Get("lang")}
	if c, err := r.Cookie("lang"); err == nil {
		asked = append(asked, c.Value)
	}
	asked = append(asked, accepted(r.Header.Get("Accept-Language"))...)
	for _, a := range asked {
		for _, l := range web.Languages() {
			if a == l.Code {
				return a
			}
		}
	}
	return web.Languages()[0].Code
}

// accepted returns the languages of an Accept-Language header without their regions, the most
// wanted first.
func accepted(header string) []string {
	type wanted struct {
		lang string
		q    float64
	}
	var list []wanted
	for _, item := range strings.Split(header, ",") {
		tag, weight, _ := strings.Cut(strings.TrimSpace(item), ";")
		lang, _, _ := strings.Cut(strings.ToLower(tag), "-")
		q := 1.0
		if text, ok := strings.CutPrefix(strings.TrimSpace(weight), "q="); ok {
			var err error
			if q, err = strconv.ParseFloat(text, 64); err != nil {
				continue
			}
		}
		if q > 0 {
			list = append(list, wanted{lang, q})
		}
	}
	slices.SortStableFunc(list, func(a, b wanted) int {
		switch {
		case a.q > b.q:
			return -1
		case a.q < b.q:
			return 1
		}
		return 0
	})
	var out []string
	for _, w := range list {
		out = append(out, w.lang)
	}
	return out
}

// theme is the one a reader chose, "" for as the device is set.
func theme(r *http.Request) string {
	asked := r.URL.Query().Get("theme")
	if asked == "" {
		if c, err := r.Cookie("theme"); err == nil {
			asked = c.Value
		}
	}
	switch asked {
	case "light", "dark", "night":
		return asked
	}
	return ""
}

// remember keeps a choice that the address makes for the pages that follow.
func remember(w http.ResponseWriter, q url.Values, name, value string) {
	if !q.Has(name) {
		return
	}
	c := &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if value == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}
