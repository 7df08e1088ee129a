package browser_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"corridor.example/corridor/internal/scenario"
	"corridor.example/corridor/ledger"
)

// A liar stands between a server and its reader and changes what is answered under some paths.
type liar struct {
	mu   sync.Mutex
	lies lies
}

type lies map[string]func([]byte) []byte

func (l *liar) tell(what lies) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lies = what
}

// between returns the address of a liar in front of a server.
func (l *liar) between(t *testing.T, site string) string {
	t.Helper()
	to, err := url.Parse(site)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.Header.Del("Accept-Encoding")
			r.Out.Header.Del("If-None-Match")
		},
		ModifyResponse: func(r *http.Response) error {
			l.mu.Lock()
			lie := l.lies[r.Request.URL.Path]
			l.mu.Unlock()
			r.Header.Set("Cache-Control", "no-store") // or the browser would not ask the liar
			if lie == nil {
				return nil
			}
			b, err := io.ReadAll(r.Body)
			if err != nil {
				return err
			}
			b = lie(b)
			r.Body = io.NopCloser(bytes.NewReader(b))
			r.Header.Set("Content-Length", fmt.Sprint(len(b)))
			r.ContentLength = int64(len(b))
			return nil
		},
	})
	t.Cleanup(s.Close)
	return s.URL
}

// checkedHere reads the pages as somebody whose browser checks them, with an honest server and
// with one that changes what it shows.
func (r *room) checkedHere(t *testing.T) {
	site := r.sites["gate-9"]
	l := &liar{}
	base := l.between(t, site)
	checkpoint, err := ledger.ParseCheckpoint(fetch(t, site+"/checkpoint"))
	if err != nil {
		t.Fatal(err)
	}
	tile := fmt.Sprintf("/tile/0/000.p/%d", checkpoint.Size)
	hashes := fetch(t, site+tile)
	// The last entries gone, and the rest signed again by the log itself.
	shorter := hashes[:len(hashes)-3*32]
	// One entry replaced, and everything signed again by the log itself.
	forked := bytes.Clone(hashes)
	forked[32*40] ^= 1
	fork := resigned(t, checkpoint.Origin, forked)
	short := resigned(t, checkpoint.Origin, shorter)
	as := func(b []byte) func([]byte) []byte { return func([]byte) []byte { return b } }

	for _, lang := range languages {
		// A browser of its own each time: it remembers what it saw.
		look := func(b *tab, what, path, state string, words ...string) {
			t.Helper()
			b.visit(path)
			b.wait(what, `document.querySelector("[data-here][data-state]")`)
			got := eval[string](b, `document.querySelector("[data-here]").dataset.state`)
			says := strings.NewReplacer("\u2068", "", "\u2069", "").Replace(b.text("[data-here]"))
			if got != state {
				t.Errorf("%s, %s: the line says %s, want %s: %q", lang, what, got, state, says)
			}
			for _, w := range words {
				if !strings.Contains(says, w) {
					t.Errorf("%s, %s: the line does not say %q: %q", lang, what, w, says)
				}
			}
		}
		start := func(key string) string { s, _, _ := strings.Cut(message(lang, key), "{"); return s }
		b := r.open(t, base, lang, widths[0])
		l.tell(nil)
		n := fmt.Sprint(checkpoint.Size)
		look(b, "the first time", "/", "holds", start("here.first"), n)
		look(b, "the second time", "/", "holds", start("here.since"), n)
		look(b, "the log", "/log", "holds", start("here.since"))
		record := "/records/" + recordIn(t, entryIn(t, site, 12))
		look(b, "a record", record, "holds", start("here.record"), "12")
		report := b.firstReport()
		look(b, "a report", report, "holds", start("here.report"))
		b.flawless(lang+", a checked report", lang, true)

		fails := message(lang, "here.fails")
		l.tell(lies{tile: as(forked)})
		look(b, "a tile altered", "/", "fails", fails, "checkpoint.root")
		l.tell(lies{tile: as(shorter)})
		look(b, "a tile cut", "/", "fails", fails, "checkpoint.root")
		l.tell(lies{"/checkpoint": func(b []byte) []byte { return bytes.Replace(b, []byte("\n"+n+"\n"), []byte("\n9\n"), 1) }})
		look(b, "a checkpoint altered", "/", "fails", fails, "checkpoint.signature")
		l.tell(lies{"/checkpoint": as(fork), tile: as(forked)})
		look(b, "another history, signed by the log", "/", "fails", fails, "known.root")
		if kept := b.text("[data-here] ~ pre"); !strings.Contains(kept, checkpoint.Root.String()) {
			t.Errorf("%s: the state that was seen before is not shown: %q", lang, kept)
		}
		l.tell(lies{"/checkpoint": as(short), fmt.Sprintf("/tile/0/000.p/%d", checkpoint.Size-3): as(shorter)})
		look(b, "entries removed, signed by the log", "/", "fails", fails, "known.size")
		l.tell(lies{"/api/v1" + record: func(b []byte) []byte {
			at := bytes.Index(b, []byte(`\"nonce\":\"`)) + len(`\"nonce\":\"`)
			return append(append(bytes.Clone(b[:at]), '0'^b[at]&1^1), b[at+1:]...)
		}})
		look(b, "a part of a record altered", record, "fails", fails, "record.part-hash")
		l.tell(lies{"/api/v1" + record + "/receipt": as(fetch(t, site+"/api/v1/records/"+recordIn(t, entryIn(t, site, 13))+"/receipt"))})
		look(b, "the receipt of another record", record, "fails", fails, "receipt.inclusion")
		l.tell(lies{fmt.Sprintf("/tile/entries/000.p/%d", checkpoint.Size): func(b []byte) []byte {
			return bytes.ReplaceAll(b, []byte("\nincident\n"), []byte("\nmovement\n"))
		}})
		look(b, "incidents filed as movements in the tiles", report, "fails", fails, "checkpoint.root")

		// Somebody who comes for the first time cannot see that there was another history.
		stranger := r.open(t, base, lang, widths[0])
		l.tell(lies{"/checkpoint": as(fork), tile: as(forked)})
		look(stranger, "another history, for a stranger", "/", "holds", start("here.first"))
		l.tell(lies{"/checkpoint": as([]byte("no checkpoint at all\n"))})
		look(stranger, "no checkpoint", "/", "fails", fails)
		l.tell(nil)
		look(stranger, "the true one, for whom another was shown", "/", "fails", fails, "known.root")
	}
}

// entryIn is the entry at an index, as a bundle has it.
func entryIn(t *testing.T, site string, index int) string {
	t.Helper()
	lines := strings.Split(string(fetch(t, site+"/api/v1/bundle")), "\n")
	return lines[1+index]
}

// firstReport is the address of the first report that can be read.
func (b *tab) firstReport() string {
	b.t.Helper()
	b.visit("/reports")
	path := eval[string](b, `document.querySelector("main a[href^='/reports/']")?.getAttribute("href") ?? ""`)
	if path == "" {
		b.t.Fatal("there is no report")
	}
	return path
}

// resigned has the log's own key sign a tree of these leaf hashes, as its operator could.
func resigned(t *testing.T, origin string, leaves []byte) []byte {
	t.Helper()
	var stored tlogHashes
	for n := int64(0); len(leaves) > 0; n, leaves = n+1, leaves[32:] {
		list, err := tlog.StoredHashesForRecordHash(n, tlog.Hash(leaves[:32]), &stored)
		if err != nil {
			t.Fatal(err)
		}
		stored.list, stored.size = append(stored.list, list...), n+1
	}
	root, err := tlog.TreeHash(stored.size, &stored)
	if err != nil {
		t.Fatal(err)
	}
	s, err := ledger.NewSigner(origin, scenario.LogKey("corridor"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := ledger.SignCheckpoint(ledger.Checkpoint{Origin: origin, Size: stored.size, Root: root}, s)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// tlogHashes are the stored hashes of a tree.
type tlogHashes struct {
	list []tlog.Hash
	size int64
}

// ReadHashes returns stored hashes by their index.
func (h *tlogHashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	list := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		list[i] = h.list[x]
	}
	return list, nil
}
