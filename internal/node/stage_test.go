package node_test

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/internal/store/sqlite"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// A stage signs the records of an exercise, with the keys of everybody in it. It folds
// nothing: what the node makes of the records is what is tested.
type stage struct {
	t       testing.TB
	name    string
	log     string // whose log key it has
	founder *record.Hash
	origin  string
	mandate record.Record
	terms   map[string]any // its terms, for amendments
	vkey    string
	now     record.Time
	authors map[string]*author
}

// An author signs a chain of records with one key.
type author struct {
	s    *stage
	name string
	key  ed25519.PrivateKey
	last *record.Hash
	seq  int64
	n    int
}

type facts map[string]map[string]any

func key(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("corridor node test " + name))
	return ed25519.NewKeyFromSeed(seed[:])
}

// founding is what a test wants otherwise in the mandate's terms.
type founding map[string]any

// newStage signs a mandate. Two stages of different names are different missions.
func newStage(t testing.TB, name string, terms founding) *stage {
	t.Helper()
	return newStageOf(t, name, name, terms)
}

// newStageOf signs a mandate for a log whose key is that of the stage of another name.
func newStageOf(t testing.TB, log, name string, terms founding) *stage {
	t.Helper()
	s := &stage{t: t, log: log, name: name, now: 1482000000, authors: map[string]*author{}}
	office := s.author("office")
	id := office.random()
	s.origin = "corridor.test/" + id.String()
	vkey, err := ledger.VerifierKey(s.origin, s.logKey().Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	s.vkey = vkey
	var actors []any
	for _, id := range []string{"office", "red", "blue"} {
		role := "party"
		if id == "office" {
			role = "office"
		}
		actors = append(actors, map[string]any{"id": id, "roles": []any{role}, "keys": []any{s.enrol(s.author(id), "working")}})
	}
	var all []any
	for _, k := range corridor.Kinds() {
		all = append(all, string(k))
	}
	f := map[string]any{
		"edition": 1, "origin": s.origin, "log_key": vkey, "witnesses": "quorum none\n", "from": "2016-12-01T00:00:00Z",
		"actors": actors,
		"places": []any{map[string]any{"id": "gate", "role": "crossing"}, map[string]any{"id": "town", "role": "destination"}},
		"legs":   []any{map[string]any{"letter": "A", "from": "gate", "to": "town"}},
		"may":    []any{map[string]any{"role": "office", "kinds": all}, map[string]any{"role": "party", "kinds": all}, map[string]any{"role": "observer", "kinds": all}},
		"consent": map[string]any{"quorum": map[string]any{"k": 2, "of": []any{map[string]any{"actor": "red"}, map[string]any{"actor": "blue"}}},
			"silence": "refuses", "object": "bars", "revoke": "any", "lock": true},
		"zone":       map[string]any{"name": "Asia/Damascus", "shifts": []any{map[string]any{"from": "2016-10-28T00:00:00Z", "minutes": 120}}},
		"disclosure": []any{map[string]any{"kind": "*", "part": "leaf", "open": "public", "closed": "public", "after": "public"}},
		"tick":       30, "lodged": 3600,
	}
	for k, v := range terms {
		f[k] = v
	}
	s.terms = f
	s.mandate = office.sign("mandate", nil, facts{"facts": f}, id)
	s.founder = &s.mandate.Hash
	return s
}

// logKey signs the stage's log.
func (s *stage) logKey() ed25519.PrivateKey { return key(s.log + " log") }

func (s *stage) author(name string) *author {
	a := s.authors[name]
	if a == nil {
		a = &author{s: s, name: name, key: key(s.name + " " + name)}
		s.authors[name] = a
	}
	return a
}

// enrol is a key as terms and nominations name it.
func (s *stage) enrol(a *author, use string) map[string]any {
	return map[string]any{"use": use, "key": hex.EncodeToString(a.key.Public().(ed25519.PublicKey)), "proof": record.Prove(a.key, true, s.origin, s.founder)}
}

func (a *author) random() (id record.ID) {
	a.n++
	h := sha256.Sum256(fmt.Append(nil, a.s.name, " ", a.name, " ", a.n))
	copy(id[:], h[:])
	return id
}

func (a *author) sign(kind string, re *record.Hash, parts facts, id record.ID) record.Record {
	a.s.t.Helper()
	composed, err := corridor.Compose(corridor.Draft{Kind: corridor.Kind(kind), By: corridor.ActorID(a.name), Re: re, Parts: parts}, id, a.random)
	if err != nil {
		a.s.t.Fatal(err)
	}
	a.seq++
	h := record.Header{Mission: a.s.founder, Kind: kind, ID: id, By: a.name, Seq: a.seq, Prev: a.last, At: a.s.now + record.Time(a.seq), Re: re, Nonce: a.random()}
	r, err := record.Sign(a.key, true, h, composed)
	if err != nil {
		a.s.t.Fatal(err)
	}
	a.last = &r.Hash
	return r
}

// add signs a record of the author's.
func (s *stage) add(by, kind string, re *record.Hash, parts facts) record.Record {
	s.t.Helper()
	a := s.author(by)
	return a.sign(kind, re, parts, a.random())
}

// observer signs what makes an observer active: nomination, two consents, deployment.
func (s *stage) observer(name string) []record.Record {
	s.t.Helper()
	n := s.add("office", "nomination", nil, facts{"facts": {"observer": name, "from": "2016-12-01T00:00:00Z", "key": s.enrol(s.author(name), "device")}})
	return []record.Record{
		n,
		s.add("red", "consent", &n.Hash, facts{"facts": {}}),
		s.add("blue", "consent", &n.Hash, facts{"facts": {}}),
		s.add("office", "deployment", &n.Hash, facts{"facts": {"observer": name, "from": "2016-12-01T00:00:00Z"}}),
	}
}

// move signs an account of a convoy.
func (s *stage) move(by, kind, convoy string, people int) record.Record {
	s.t.Helper()
	a := s.author(by)
	return a.sign(kind, nil, facts{
		"facts": {"convoy": convoy, "when": (s.now + record.Time(a.seq)).String(), "basis": "observed"},
		"count": {"sums": []any{map[string]any{"unit": "people", "total": people, "method": "tally"}}},
		"where": {"place": "gate"},
	}, a.random())
}

// accounts signs per records for each of the observers, in their chains, one list each. It
// uses every processor.
func (s *stage) accounts(observers []string, per int) [][]record.Record {
	s.t.Helper()
	lists := make([][]record.Record, len(observers))
	for _, o := range observers {
		s.author(o) // made here, so that no two goroutines make one
	}
	var wg sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		wg.Go(func() {
			for i := w; i < len(observers); i += workers {
				for j := range per {
					kind := []string{"departure", "arrival"}[j%2]
					lists[i] = append(lists[i], s.move(observers[i], kind, fmt.Sprintf("A-%02d", i%99+1), 100+j%50))
				}
			}
		})
	}
	wg.Wait()
	return lists
}

func names(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("obs-%d", i)
	}
	return list
}

// amend signs the mandate's terms again with something else in them.
func (s *stage) amend(other founding) record.Record {
	s.t.Helper()
	maps.Copy(s.terms, other)
	return s.add("office", "amendment", nil, facts{"facts": {"replaces": s.mandate.Hash.String(), "terms": s.terms}})
}

// leaf is what the log holds of a record.
func leaf(r record.Record) []byte { return corridor.Leaf(r) }

func (s *stage) verifier() note.Verifier {
	v, err := ledger.NewVerifier(s.vkey)
	if err != nil {
		s.t.Fatal(err)
	}
	return v
}

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// open opens a node over stores, and closes it with the test.
func (s *stage) open(t testing.TB, st store.Store, side store.Side, more ...func(*node.Config)) *node.Node {
	t.Helper()
	n, err := s.tryOpen(t.Context(), st, side, more...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Close)
	return n
}

func (s *stage) tryOpen(ctx context.Context, st store.Store, side store.Side, more ...func(*node.Config)) (*node.Node, error) {
	cfg := node.Config{Store: st, Side: side, LogKey: s.logKey(), Log: quiet}
	for _, f := range more {
		f(&cfg)
	}
	return node.Open(ctx, cfg)
}

// files opens a log and a side in a directory, making them at the first call. The function
// closes both.
func files(t testing.TB, dir string) (*sqlite.Store, *sqlite.Side, func()) {
	t.Helper()
	path := filepath.Join(dir, "mission.db")
	st, err := sqlite.Open(path)
	if err != nil {
		if st, err = sqlite.Create(path); err != nil {
			t.Fatal(err)
		}
	}
	side, err := sqlite.OpenSide(filepath.Join(dir, "node.db"))
	if err != nil {
		t.Fatal(err)
	}
	shut := func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
		if err := side.Close(); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(shut)
	return st, side, shut
}

// take submits records one after the other and ends the test if one is not logged.
func take(t testing.TB, n *node.Node, recs ...record.Record) {
	t.Helper()
	for i, a := range n.SubmitAll(context.Background(), recs) {
		if a.Err != nil {
			t.Fatalf("record %d, a %s: %v", i, recs[i].Header.Kind, a.Err)
		}
	}
}
