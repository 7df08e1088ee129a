// Package server is HTTP: it takes records in, serves the log's tiles, and makes the pages.
//
// A handler reads the mission through the node and returns an error; one function turns
// errors into answers (errors.go). Whether an audience may read something is asked of the
// mission's one disclosure policy, here and nowhere else, and what nobody allowed is not
// shown. Pages carry no content of a party but what a record says.
package server

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/cheat"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/session"
	"corridor.example/corridor/record"
	"corridor.example/corridor/web"
)

// A Config is what a server needs.
type Config struct {
	// Card is the mission card as text, for the page that says how to check.
	Card string
	// Check replays the whole log and says what holds; nil: the pages say "not checked yet".
	Check func(ctx context.Context) (Checked, error)
	// Cheat tells one of the lies of the "try to cheat" page on a copy; nil: there is no such
	// page.
	Cheat func(ctx context.Context, code string) (cheat.Answer, error)
	// Reconstruction says that the mission is rebuilt from public sources, for the banner.
	Reconstruction bool
	// Readers knows readers otherwise than by the door; nil: nobody else is known.
	Readers Readers
	// Own is the party whose own server this is, such as the board of its witness: whoever
	// reaches it reads for that party, and its desk may hold a key. "": the mission's server,
	// whose desk drafts and never signs.
	Own corridor.ActorID
	// OwnNames are the host names of a party's own server, besides addresses and localhost.
	OwnNames []string
	// Nonce returns 128 random bits, for drafts; nil: nothing can be drafted.
	Nonce func() record.ID
	// Door knows the sessions of those who read more than the public; nil: there are none.
	Door *session.Door
	// Proxies are those before this server, whose word on where a request comes from, and
	// whether over TLS, is taken. Nobody else's is.
	Proxies []netip.Prefix
	// Insist is how long a browser that came over TLS is told to come in no other way; 0: it is
	// not told.
	Insist time.Duration
	// Spool keeps uploads that come in pieces; nil: they come whole or not at all.
	Spool Spool
	// Secrets knows the sealing keys whose secrets are kept here; nil: what is sealed waits.
	Secrets Secrets
	// Lodge takes records for safe-keeping, where a party's witness runs this server over its own
	// copy; nil: nothing is lodged here.
	Lodge Lodge
	// Now is the clock that releases and due dates are read on; it must be set.
	Now func() time.Time
	// Certificate says until when the server's certificate is good, zero while there is none;
	// nil: it speaks no TLS itself.
	Certificate func() time.Time
	// Trust is the mission's own authority for certificates; nil: there is none.
	Trust *Trust
	// Wall is the machine's own clock, by which a body that comes too slowly is told; nil: every
	// body is waited for.
	Wall func() time.Time
	// Log receives requests that failed for a reason of ours; nil: slog.Default.
	Log *slog.Logger
}

// A Server answers for one mission. Until Serve gives it a node it says that it is starting.
type Server struct {
	cfg   Config
	node  atomic.Pointer[node.Node]
	mux   *http.ServeMux
	done  atomic.Int64 // records folded so far while starting
	total atomic.Int64

	checkMu sync.Mutex
	checked Checked

	keyring   keyring
	uploads   uploads
	pictures  chan struct{} // each is one that is being answered
	made      shelf         // pages ready to be sent
	cross     http.CrossOriginProtection
	gathered  gathered
	exporting sync.Mutex // held while a table is made
	stage     stage
	leaving   chan struct{} // closed when whoever waits for news is to be let go
	left      sync.Once
	unstated  sync.Once // a proxy that nobody stated was noticed
}

// New returns a server that is still starting.
func New(cfg Config) *Server {
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	s := &Server{cfg: cfg, mux: http.NewServeMux(), stage: newStage(), pictures: make(chan struct{}, mediaAtOnce), leaving: make(chan struct{})}
	s.routes()
	return s
}

// Leave lets go of those who wait for news, so that the server can stop.
func (s *Server) Leave() { s.left.Do(func() { close(s.leaving) }) }

// Progress notes how much of the log has been folded, for /readyz and the waiting page.
func (s *Server) Progress(done, total int64) { s.done.Store(done); s.total.Store(total) }

// Serve gives the server its node; from then on it answers in full.
func (s *Server) Serve(n *node.Node) {
	if s.cfg.Door != nil {
		s.cfg.Door.Serve(n.View)
	}
	s.node.Store(n)
}

func (s *Server) routes() {
	s.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { plain(w, "ok\n") })
	s.handle("GET /readyz", s.readiness)
	s.handle("POST /api/v1/records", s.postRecords)
	s.handle("POST /api/v1/sealed", s.postSealed)
	s.handle("POST /api/v1/receipts", s.postReceipts)
	s.handle("GET /api/v1/uploads/{sha256}", s.getUpload)
	s.handle("POST /api/v1/uploads/{sha256}", s.postUpload)
	s.handle("GET /api/v1/records/{hash}", s.getRecord)
	s.handle("GET /api/v1/records/{hash}/receipt", s.getReceipt)
	s.handle("GET /api/v1/records/{hash}/media", s.getMedia)
	s.handle("GET /api/v1/mission", s.getMission)
	s.handle("GET /api/v1/bundle", s.getBundle)
	s.handle("GET /api/v1/export/{file}", s.getExport)
	s.handle("GET /checkpoint", s.getCheckpoint)
	s.handle("GET /tile/{path...}", s.getTile)
	s.handle("GET /log.vkey", s.getKey)
	s.handle("GET /mission.card", s.getCard)
	s.mux.HandleFunc("GET /a/{tree}/{path...}", s.asset)
	s.mux.HandleFunc("GET /check.html", s.checkPage)
	s.liveRoutes()
	s.lodgeRoutes()
	s.pages()
	s.desks()
	s.doors()
	s.trusts()
	s.phones()
}

// A handler answers a request of a mission that is running, or says why not.
type handler func(w http.ResponseWriter, r *http.Request, n *node.Node) error

func (s *Server) handle(pattern string, h handler) {
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		n := s.node.Load()
		if n == nil && pattern != "GET /readyz" {
			s.fail(w, r, errStarting)
			return
		}
		if err := h(w, r, n); err != nil {
			s.fail(w, r, err)
		}
	})
}

// guard sets the headers that every answer carries: they keep a page to itself.
func guard(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "geolocation=(), camera=(), microphone=()")
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	guard(w)
	defer func() {
		if p := recover(); p != nil && p != http.ErrAbortHandler {
			s.cfg.Log.Error("a request ended in a panic", "method", r.Method, "route", r.Pattern, "panic", p, "stack", string(debug.Stack()))
			s.fail(w, r, errFault)
		}
	}()
	r = s.arrive(r)
	s.insist(w, r)
	s.pace(w, r)
	if err := s.sameSite(r); err != nil {
		s.fail(w, r, err)
		return
	}
	w, r, err := s.admit(w, s.own(r))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if _, pattern := s.mux.Handler(r); pattern == "" {
		s.unrouted(w, r)
		return
	}
	s.mux.ServeHTTP(w, r)
}

// unrouted answers what no route knows: 405 where the path exists for another method.
func (s *Server) unrouted(w http.ResponseWriter, r *http.Request) {
	rec := &statusOnly{header: http.Header{}}
	s.mux.ServeHTTP(rec, r)
	if rec.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", rec.header.Get("Allow"))
		s.fail(w, r, errMethod)
		return
	}
	s.fail(w, r, errNotFound)
}

// statusOnly keeps the status of an answer and drops its body.
type statusOnly struct {
	header http.Header
	status int
}

func (s *statusOnly) Header() http.Header         { return s.header }
func (s *statusOnly) Write(b []byte) (int, error) { return len(b), nil }
func (s *statusOnly) WriteHeader(status int)      { s.status = status }

func plain(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write([]byte(text)) // the reader has gone
}

// asset serves a file under the hash of the tree it belongs to, for ever.
func (s *Server) asset(w http.ResponseWriter, r *http.Request) {
	a, ok := web.FindAsset(r.PathValue("path"))
	if !ok || r.PathValue("tree") != web.TreeHash() {
		s.fail(w, r, errNotFound)
		return
	}
	w.Header().Set("Content-Type", a.MIME)
	w.Header().Set("ETag", a.ETag)
	w.Header().Set("Vary", "Accept-Encoding")
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	if r.Header.Get("If-None-Match") == a.ETag {
		w.WriteHeader(statusNotModified)
		return
	}
	body := a.Bytes
	if accepts(r, "gzip") {
		body = a.Packed
		w.Header().Set("Content-Encoding", "gzip")
	}
	w.Header().Set("Content-Length", itoa(len(body)))
	_, _ = w.Write(body) // the reader has gone
}

func json(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, "/api/") || strings.Contains(r.Header.Get("Accept"), "json")
}
