package server_test

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"net/http"
	"net/http/httptest"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/mirror"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

// mirrored runs the mirror of the party red against a mission; what it replays and cosigns is
// tested elsewhere.
func (a *agreement) mirrored(p *played) *mirror.Mirror {
	a.t.Helper()
	hs := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			r.Header.Set("X-Badge", "parties red")
		}
		p.s.ServeHTTP(w, r)
	}))
	a.t.Cleanup(hs.Close)
	seed := sha256.Sum256([]byte("the mirror of a test"))
	key := ed25519.NewKeyFromSeed(seed[:])
	cosigner, err := ledger.NewCosigner("witness.test/mirror", key)
	if err != nil {
		a.t.Fatal(err)
	}
	var card verify.Card
	p.node.View(func(v corridor.View) { card = verify.CardOf(v.Founder(), v.Exercise(), v.Terms()) })
	m, err := mirror.Open(a.t.Context(), mirror.Config{
		URL: hs.URL, Token: "red", Card: card, Level: corridor.Parties, Name: "red", Key: key, Cosigner: cosigner, Log: quiet,
		Store: &store.Memory{}, Side: &store.MemorySide{}, Watch: &store.MemoryWatch{}, Now: func() time.Time { return p.now },
		Check:  func(context.Context) (verify.Result, error) { return verify.Result{}, nil },
		Bundle: func(context.Context) ([]string, error) { return nil, nil },
	})
	if err != nil {
		a.t.Fatal(err)
	}
	a.t.Cleanup(m.Close)
	return m
}

// copied has the mirror follow and holds all that it has now against the policy.
func (a *agreement) copied(p *played, name string, m *mirror.Mirror) {
	a.t.Helper()
	size := p.node.Size()
	if err := p.node.Tick(a.t.Context()); err != nil {
		a.t.Logf("%s: %v", name, err)
	}
	_ = m.Tick(a.t.Context()) // a mission of these may be out of order: what was copied is looked at
	if m.Node().Size() < size {
		a.t.Errorf("%s: the mirror has %d of %d entries: %s", name, m.Node().Size(), size, m.Trouble())
		return
	}
	at := record.At(p.now)
	for i := range size {
		rec, err := p.node.Record(a.t.Context(), i)
		if err != nil {
			a.t.Fatal(err)
		}
		row, err := m.Node().Row(a.t.Context(), i)
		if err != nil {
			a.t.Fatal(err)
		}
		may := map[string]bool{}
		if err := p.node.At(size, func(v corridor.View) {
			for _, part := range append([]string{"header"}, record.PartNames...) {
				may[part] = v.MayReadAs("red", corridor.Parties, rec.Hash, part, at)
			}
		}); err != nil {
			a.t.Fatal(err)
		}
		e := verify.Entry{Index: i, Leaf: row.Leaf}
		if string(row.Envelope) != store.NotCarried {
			e.Envelope, e.Parts = row.Envelope, row.Parts
		}
		a.holds("mirror", name, corridor.Parties, rec, may, e)
	}
}
