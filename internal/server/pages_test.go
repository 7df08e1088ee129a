package server_test

import (
	"context"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/scenario"
	"corridor.example/corridor/internal/server"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/record"
)

// A played is a server over a node on which a case was played.
type played struct {
	t    testing.TB
	s    *server.Server
	node *node.Node
	bare *scenario.Bare
	now  time.Time // the server's clock
}

const testSeed = "corridor server test"

// play plays a case into a node over a memory store and serves it, at a time long after its
// last record.
func play(t testing.TB, name string, cfg server.Config) *played {
	t.Helper()
	script, err := scenario.Case(name)
	if err != nil {
		t.Fatal(err)
	}
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	p := &played{t: t, bare: scenario.NewBare(testSeed)}
	target := &both{Bare: p.bare}
	p.node, err = node.Open(context.Background(), node.Config{
		Store: &store.Memory{}, Side: &store.MemorySide{}, LogKey: scenario.LogKey(testSeed), Now: target.now, Log: quiet,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.node.Close)
	target.node = p.node
	if err := scenario.Play(script, testSeed, target); err != nil {
		t.Fatal(err)
	}
	p.now = target.at.Go().AddDate(1, 0, 0)
	cfg.Now = func() time.Time { return p.now }
	cfg.Log = slog.New(slog.NewTextHandler(failing{t}, nil))
	p.s = server.New(cfg)
	p.s.Serve(p.node)
	return p
}

// both plays on the bare fold and on a node at once; the node's clock is the scenario's.
type both struct {
	*scenario.Bare
	node *node.Node
	at   record.Time
}

func (b *both) now() time.Time { return b.at.Go() }

func (b *both) Submit(r record.Record) error {
	b.at = max(b.at, r.Header.At)
	if err := b.Bare.Submit(r); err != nil {
		return err
	}
	_, err := b.node.Submit(context.Background(), r)
	return err
}

func (b *both) Tick(at record.Time) ([]byte, error) {
	b.at = max(b.at, at)
	return b.node.Checkpoint(), nil
}

func (b *both) Cosigned(signed []byte) error {
	if err := b.Bare.Cosigned(signed); err != nil {
		return err
	}
	return b.node.Keep(context.Background(), signed)
}

// failing makes what the server logs about its own faults fail the test.
type failing struct{ t testing.TB }

func (f failing) Write(b []byte) (int, error) {
	f.t.Errorf("the server logged: %s", b)
	return len(b), nil
}

// get asks for a page as a browser does.
func (p *played) get(path, lang string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", path, nil)
	r.Header.Set("Accept", "text/html,application/xhtml+xml")
	r.Header.Set("Accept-Language", lang)
	w := httptest.NewRecorder()
	p.s.ServeHTTP(w, r)
	return w
}

var href = regexp.MustCompile(` href="([^"]*)"`)

// crawl follows every link from the first page on and returns every page there is.
func (p *played) crawl(lang string) map[string]*httptest.ResponseRecorder {
	p.t.Helper()
	found := map[string]*httptest.ResponseRecorder{}
	todo := []string{"/"}
	from := map[string]string{}
	for len(todo) > 0 {
		path := todo[0]
		todo = todo[1:]
		if found[path] != nil {
			continue
		}
		w := p.get(path, lang)
		found[path] = w
		if w.Code != http.StatusOK {
			p.t.Errorf("%s, linked from %s: %d", path, from[path], w.Code)
			continue
		}
		for _, m := range href.FindAllStringSubmatch(w.Body.String(), -1) {
			link, _, _ := strings.Cut(html.UnescapeString(m[1]), "#")
			if !strings.HasPrefix(link, "/") || strings.HasPrefix(link, "/a/") || strings.Contains(link, "lang=") || strings.Contains(link, "theme=") || found[link] != nil {
				continue
			}
			from[link] = path
			todo = append(todo, link)
		}
	}
	return found
}

func TestGate9(t *testing.T) {
	p := play(t, "gate-9", server.Config{})
	for _, lang := range []string{"en", "ar"} {
		p.crawl(lang)
	}
}
