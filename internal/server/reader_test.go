package server_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/server"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/verify"
)

// badges says who reads by a header, as sessions do by a cookie.
type badges struct{}

func (badges) Reader(r *http.Request) (server.Reader, bool) {
	level, actor, ok := strings.Cut(r.Header.Get("X-Badge"), " ")
	return server.Reader{Level: corridor.Level(level), Actor: corridor.ActorID(actor), Session: "badge"}, ok
}

// as gets an address with a badge, "" for the public.
func (p *played) as(badge, path string) *httptest.ResponseRecorder {
	p.t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Accept-Language", "en")
	if badge != "" {
		r.Header.Set("X-Badge", badge)
	}
	w := httptest.NewRecorder()
	p.s.ServeHTTP(w, r)
	return w
}

// TestReaders asks for the same addresses as the public, a party and the mission, in every
// order: each is shown what the table says for it, and never what was made for another.
func TestReaders(t *testing.T) {
	p := playText(t, "open.txt", openMission, time.Hour, func(cfg *server.Config) { cfg.Readers = badges{} })
	const sealed = "7,391" // the convoy is open: for the mission alone
	paths := []string{"/convoys", "/convoys/A-777", "/board", "/", "/log", "/mission", "/api/v1/bundle"}
	for _, order := range [][]string{{"", "parties red", "mission office"}, {"mission office", "parties red", ""}, {"parties red", "", "mission office", ""}} {
		for _, path := range paths {
			for _, badge := range order {
				w := p.as(badge, path)
				body := w.Body.String()
				told := strings.Contains(body, sealed) || strings.Contains(body, "7391")
				if told && badge != "mission office" {
					t.Errorf("%q is shown %s at %s", badge, sealed, path)
				}
				if !told && badge == "mission office" && strings.HasPrefix(path, "/convoys/") {
					t.Errorf("the mission does not see its own convoy at %s: %d", path, w.Code)
				}
				kept, vary := w.Header().Get("Cache-Control"), strings.Join(w.Header().Values("Vary"), ", ")
				switch {
				case badge == "" && strings.Contains(kept, "private"):
					t.Errorf("%s for the public: Cache-Control %q", path, kept)
				case badge != "" && (kept != "private, no-store" || !strings.Contains(vary, "Cookie") || w.Header().Get("ETag") != ""):
					t.Errorf("%s for %q: Cache-Control %q, Vary %q, ETag %q", path, badge, kept, vary, w.Header().Get("ETag"))
				}
			}
		}
	}
	if w := p.as("parties red", "/nowhere"); w.Code != http.StatusNotFound || w.Header().Get("Cache-Control") != "private, no-store" {
		t.Errorf("a problem shown to a session: %q", w.Header().Get("Cache-Control"))
	}
}

// TestLiveAndReleased reads the log while its last records are not released yet: a session
// sees all that is committed, the public the released state, and the second is a prefix of the
// first.
func TestLiveAndReleased(t *testing.T) {
	text := strings.Replace(openMission, "\n08:00", "release delay 1h every 0m\n\n08:00", 1)
	p := playText(t, "open.txt", text, 0, func(cfg *server.Config) { cfg.Readers = badges{} })
	ends, leaves := map[string]ledger.Checkpoint{}, map[string][]string{}
	size := p.node.Size() // before the second reading leaves its trace
	for _, badge := range []string{"", "parties red"} {
		w := p.as(badge, "/api/v1/bundle")
		b, err := verify.OpenBundle(bytes.NewReader(w.Body.Bytes()))
		if err != nil {
			t.Fatalf("%q: the bundle answers %d, %v", badge, w.Code, err)
		}
		h, err := b.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if ends[badge], err = ledger.ParseCheckpoint(h.Checkpoint); err != nil {
			t.Fatal(err)
		}
		for e, err := range b.Entries(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			leaves[badge] = append(leaves[badge], string(e.Leaf))
		}
	}
	released, live := ends[""], ends["parties red"]
	if live.Size != size || released.Size == 0 || released.Size >= live.Size {
		t.Fatalf("released %d, live %d of %d records; the test needs some in between", released.Size, live.Size, p.node.Size())
	}
	var tree ledger.Tree
	for i, leaf := range leaves["parties red"] {
		if i < len(leaves[""]) && leaves[""][i] != leaf {
			t.Errorf("entry %d differs between the views", i)
		}
		tree.Append([]byte(leaf))
	}
	for badge, c := range ends {
		if root, err := tree.Root(c.Size); err != nil || root != c.Root {
			t.Errorf("%q: the checkpoint of size %d is of another tree (%v)", badge, c.Size, err)
		}
	}
	last, err := p.node.Record(t.Context(), live.Size-1)
	if err != nil {
		t.Fatal(err)
	}
	for badge, want := range map[string]int{"": http.StatusNotFound, "parties red": http.StatusOK} {
		for _, path := range []string{"/records/", "/api/v1/records/"} {
			if w := p.as(badge, path+last.Hash.String()); w.Code != want {
				t.Errorf("%q: the newest record answers %d at %s, want %d", badge, w.Code, path, want)
			}
		}
		w := p.as(badge, "/api/v1/records/"+last.Hash.String()+"/receipt")
		if w.Code != want {
			t.Errorf("%q: the newest record's receipt answers %d, want %d", badge, w.Code, want)
		}
	}
}
