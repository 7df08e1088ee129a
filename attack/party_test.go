package attack

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/mirror"
	"corridor.example/corridor/internal/server"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

// A party runs a witness and mirror of its own, with its own store, and can be asked over HTTP.
type party struct {
	*mirror.Mirror
	w      *world
	name   string
	http   *httptest.Server // where it takes checkpoints
	at     atomic.Pointer[http.Handler]
	asleep bool

	store  *store.Memory
	side   *store.MemorySide
	watch  *store.MemoryWatch
	alarms []mirror.Alarm
}

func newParty(w *world, name string) *party {
	p := &party{w: w, name: name, store: &store.Memory{}, side: &store.MemorySide{}, watch: &store.MemoryWatch{}}
	p.http = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		h := p.at.Load()
		w.mu.Lock()
		asleep := p.asleep
		w.mu.Unlock()
		if h == nil || asleep {
			rw.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		(*h).ServeHTTP(rw, r)
	}))
	w.t.Cleanup(p.http.Close)
	return p
}

func (p *party) source(ctx context.Context) (verify.Source, error) {
	src, err := server.Snapshot(ctx, p.store, p.side)
	return server.OfLevel(src, corridor.Parties), err
}

// open starts the party's program over its stores, as corridor witness does.
func (p *party) open() {
	p.w.t.Helper()
	w, card := p.w, p.w.card
	card.Level = corridor.Parties
	p.Mirror = must(mirror.Open(w.t.Context(), mirror.Config{
		URL: w.front.URL, Token: w.tokens[p.name], Card: card, Level: card.Level, Name: p.name,
		Key: key("witness " + p.name), Cosigner: cosigner(w.t, p.name), Store: p.store, Side: p.side, Watch: p.watch, Now: w.clock, Log: quiet,
		Check: func(ctx context.Context) (verify.Result, error) {
			src, err := p.source(ctx)
			if err != nil {
				return verify.Result{}, err
			}
			return verify.Run(ctx, src, verify.Options{Card: &card, Now: record.At(w.clock())})
		},
		Bundle: func(ctx context.Context) ([]string, error) {
			src, err := p.source(ctx)
			if err != nil {
				return nil, err
			}
			return server.BundleLines(ctx, src, card)
		},
		Alarm: func(a mirror.Alarm) { p.alarms = append(p.alarms, a) },
	}))(w.t)
	w.t.Cleanup(p.Close)
	h := p.Witness().Handler(p.Origins, quiet)
	p.at.Store(&h)
}

// restart ends the party's program and starts it again over its stores.
func (p *party) restart() {
	p.Close()
	p.open()
}

// told is what the party's witness raised, in order, each as "proof fork" or "claim lodged": what
// it comes to, and the first word of what it is about; of a broken rule its name.
func (p *party) told() (list []string) {
	for _, a := range p.alarms {
		if a.Over {
			continue
		}
		sort := map[verify.State]string{verify.Holds: "proof", verify.CannotCheck: "claim"}[a.State]
		words := strings.Fields(a.Key)
		what := words[0]
		if what == "rule" {
			what = words[len(words)-1]
		}
		if s := fmt.Sprintf("%s %s", sort, what); !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	slices.Sort(list)
	return list
}
