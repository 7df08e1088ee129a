package browser_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/mirror"
	"corridor.example/corridor/internal/server"
	"corridor.example/corridor/internal/store"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
	"corridor.example/corridor/verify"
)

// passes lets one program in, as red's.
type passes struct{}

func (passes) Reader(r *http.Request) (server.Reader, bool) {
	return server.Reader{Level: corridor.Parties, Actor: "red", Session: "w", Program: true}, r.Header.Get("Authorization") == "Bearer red"
}

// witnessDesk signs a consent at the desk that a party's witness serves from its own copy: the key
// is the browser's and cannot be taken out of it, the record goes on to the mission's server, is
// kept while that does not answer, and stands in the mission's log.
func (r *room) witnessDesk(t *testing.T) {
	x := r.ownSite(t)
	text, err := os.ReadFile(filepath.Join(x.dir, "mission.card"))
	if err != nil {
		t.Fatal(err)
	}
	card, err := verify.ParseCard(text)
	if err != nil {
		t.Fatal(err)
	}
	card.Level = corridor.Parties
	quiet := slog.New(slog.DiscardHandler)
	mission := server.New(server.Config{Card: string(text), Now: time.Now, Log: quiet, Readers: passes{}})
	mission.Serve(x.node)
	var gone atomic.Bool
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if gone.Load() {
			panic(http.ErrAbortHandler)
		}
		mission.ServeHTTP(w, r)
	}))
	t.Cleanup(web.Close)
	x.url = web.URL

	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	cosigner, err := ledger.NewCosigner("red.example/witness", key)
	if err != nil {
		t.Fatal(err)
	}
	st, side := &store.Memory{}, &store.MemorySide{}
	m, err := mirror.Open(t.Context(), mirror.Config{
		URL: x.url, Token: "red", Card: card, Level: card.Level, Name: cosigner.Name(), Key: key, Cosigner: cosigner,
		Store: st, Side: side, Watch: &store.MemoryWatch{}, Now: time.Now, Log: quiet,
		Check: func(ctx context.Context) (verify.Result, error) {
			src, err := server.Snapshot(ctx, st, side)
			if err != nil {
				return verify.Result{}, err
			}
			return verify.Run(ctx, server.OfLevel(src, card.Level), verify.Options{Card: &card})
		},
		Bundle: func(ctx context.Context) ([]string, error) {
			src, err := server.Snapshot(ctx, st, side)
			if err != nil {
				return nil, err
			}
			return server.BundleLines(ctx, server.OfLevel(src, card.Level), card)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	round := func() {
		t.Helper()
		_ = x.node.Tick(t.Context()) // it has no witnesses to ask
		if err := m.Tick(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	round()
	own := server.New(server.Config{Card: string(text), Own: "red", Now: time.Now, Log: quiet, Lodge: m, Nonce: func() (id record.ID) {
		_, _ = rand.Read(id[:]) // never fails
		return id
	}})
	own.Serve(m.Node())
	desk := httptest.NewServer(own)
	t.Cleanup(desk.Close)

	b := r.open(t, desk.URL, "en", widths[1])
	nominations := x.acts(corridor.KindNomination)
	b.visit("/desk")
	b.wait("a desk without a key", `!document.querySelector('[data-state=none]').hidden`)
	b.click("[data-make]")
	b.wait("a key that is not enrolled", `!document.querySelector('#key [data-state=made]').hidden`)
	b.click("#key form button")
	b.wait("the draft of the enrolment", `document.querySelector("#draft")`)
	x.write("enrol.draft", eval[string](b, `document.querySelector("#draft code").textContent`))
	x.sign("enrol.draft", "red")
	round()
	b.visit("/desk")
	b.wait("an enrolled key", `!document.querySelector('#key [data-state=enrolled]').hidden`)
	if got := eval[string](b, `new Promise((done) => {
		indexedDB.open("corridor-desk", 1).onsuccess = (o) => {
			o.target.result.transaction("keys").objectStore("keys").getAll().onsuccess = (asked) =>
				crypto.subtle.exportKey("pkcs8", asked.target.result[0].privateKey).then(() => "exported", (e) => done(e.name));
		};
	})`); got != "InvalidAccessError" {
		t.Errorf("the key of the witness's desk: %s", got)
	}

	sign := func(re record.Hash, words, rule string) {
		t.Helper()
		b.consents(re, words)
		b.click("[data-show]")
		b.wait("what will be signed", `!document.querySelector("[data-shown]").hidden`)
		b.click("[data-sign]")
		b.wait("a record that is on its way", `!document.querySelector("[data-later]").hidden`)
		if said := b.text("body"); !strings.Contains(said, rule) {
			t.Errorf("what is said of it is not %s:\n%s", rule, said)
		}
	}
	sign(nominations[0].Hash, "She may come.", "lodged.forwarded")
	if n := len(x.acts(corridor.KindConsent)); n != 1 {
		t.Fatalf("the mission's log has %d consents", n)
	}

	// The mission's server is gone: it is kept by the witness, and goes on when that is back.
	gone.Store(true)
	sign(nominations[1].Hash, "He may come too.", "lodged.kept")
	gone.Store(false)
	round()
	consents := x.acts(corridor.KindConsent)
	if len(consents) != 2 || consents[1].By != "red" || consents[1].Re == nil || *consents[1].Re != nominations[1].Hash {
		t.Fatalf("the mission's log has %+v", consents)
	}
	round()
	b.visit("/desk")
	b.wait("both, in the party's own copy", `document.querySelectorAll("#unsent li").length === 2 && Array.from(document.querySelectorAll("#unsent li")).every((e) => e.textContent.includes("✓"))`)
	b.clean("the desk of a witness")
}
