package mirror_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/node"
	"corridor.example/corridor/internal/server"
	"corridor.example/corridor/verify"
)

// A nearby is a witness that the server itself reaches.
type nearby struct {
	w    *world
	name string
	away bool
}

func (n *nearby) Name() string { return n.name }

func (n *nearby) Cosign(_ context.Context, signed []byte, _ node.Prover) ([]byte, error) {
	if n.away {
		return nil, errors.New("away")
	}
	return cosigner(n.w.t, n.name).Cosign(signed, n.w.clock().Unix())
}

func (n *nearby) Newest(context.Context, []byte) (node.Newest, error) { return node.Newest{}, nil }

// page returns a page of the server as the public or the party reads it.
func (w *world) page(path, token string) string {
	w.t.Helper()
	req := check[*http.Request](w.t)(http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.http.URL+path, nil))
	req.Header.Set("Accept", "text/html")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp := check[*http.Response](w.t)(http.DefaultClient.Do(req))
	defer resp.Body.Close()
	b := check[[]byte](w.t)(io.ReadAll(resp.Body))
	if resp.StatusCode != http.StatusOK {
		w.t.Fatalf("%s: %s\n%s", path, resp.Status, b)
	}
	return string(b)
}

// verified replays the server's own copy.
func (w *world) verified() verify.Result {
	w.t.Helper()
	src := check[verify.Source](w.t)(server.Snapshot(w.t.Context(), w.store, w.side))
	return check[verify.Result](w.t)(verify.Run(w.t.Context(), src, verify.Options{Card: &w.card}))
}

// moves is how many accounts of movement the log has.
func (w *world) moves() (n int64) {
	w.node.View(func(v corridor.View) {
		for i := range v.Size() {
			if v.Class(i) == corridor.ClassMovement {
				n++
			}
		}
	})
	return n
}

// TestQuorum has four cosign one mission, of whom a witness of every side must: one party's stops
// for an hour, then the other's, then one that stands for nobody.
func TestQuorum(t *testing.T) {
	green, grey := &nearby{name: "green"}, &nearby{name: "grey"}
	w := begin(t, green, grey)
	red, blue := w.party("red"), w.party("blue")
	w.round(red, blue)
	w.round(red, blue)
	before, at := w.node.Size(), w.clock()
	if cosignedSize(t, w.node) != before {
		t.Fatal("four are there, and the quorum was not reached")
	}
	hour := func(away string, parties ...*party) {
		t.Helper()
		before, was := cosignedSize(t, w.node), w.moves()
		for i := range 4 {
			w.log(w.move("mina", "departure", fmt.Sprintf("A-%d%d", was, i), 5)) // fails the test if a record waits
			w.pass(15*time.Minute - 30*time.Second)
			w.round(parties...)
			if got := cosignedSize(t, w.node); got != before {
				t.Errorf("without %s the quorum was reached: %d of %d", away, got, w.node.Size())
			}
		}
		if w.moves() != was+4 {
			t.Errorf("without %s %d records came, not 4", away, w.moves()-was)
		}
	}
	hour("blue", red)
	live, _ := w.node.Live() // what is read from here on leaves traces
	for _, p := range []struct{ path, token string }{{"/log", "blue"}, {"/board", "blue"}, {"/", "blue"}, {"/log", ""}} {
		text := w.page(p.path, p.token)
		want := []string{"Last checked by", at.UTC().Format("15:04"), fmt.Sprintf("%d entries", before)}
		if p.token == "blue" {
			want = append(want, fmt.Sprintf("%d entries", live))
		}
		for _, x := range want {
			if !strings.Contains(text, x) {
				t.Errorf("%s as %q does not say %q", p.path, p.token, x)
			}
		}
	}
	// The order is the mandate's: the sides, then the others, whatever the policy's is.
	text := w.page("/log", "blue")
	list := text[strings.Index(text, `class="signers"`):]
	list = list[:strings.Index(list, "</ul>")]
	last := -1
	for _, name := range []string{"red", "blue", "grey", "green"} { // the policy has the last two first
		i := strings.Index(list, name)
		if i <= last {
			t.Errorf("%s is out of its order in %s", name, list)
		}
		last = i
	}
	r := w.verified()
	var said []string
	for _, c := range r.Checked {
		said = append(said, c.String())
	}
	for i, x := range []struct {
		by   string
		size int64
	}{{"red", live}, {"blue", before}, {"grey", live}, {"green", live}} {
		if r.Checked[i].Name != x.by || r.Checked[i].Size != x.size || r.Checked[i].At == nil {
			t.Errorf("verify says %q, and %s had %d", said, x.by, x.size)
		}
	}
	if got := r.Checked[1].At.Go(); !got.Equal(at) {
		t.Errorf("verify says that blue checked last at %s, and it was %s", got, at)
	}
	w.round(red, blue)
	w.round(red, blue)
	if cosignedSize(t, w.node) != w.node.Size() {
		t.Error("blue is back, and the quorum is not reached")
	}

	hour("red", blue)
	w.round(red, blue)
	green.away, grey.away = true, true
	hour("those who stand for nobody", red, blue)
	grey.away = false
	w.round(red, blue)
	w.round(red, blue)
	if cosignedSize(t, w.node) != w.node.Size() {
		t.Error("one of two who stand for nobody is enough, and the quorum is not reached")
	}
	red.quietly()
	blue.quietly()

	// What is known of their word outlasts a restart.
	w.node.Close()
	again := check[*node.Node](t)(node.Open(t.Context(), node.Config{Store: w.store, Side: w.side, LogKey: key("log"), NodeKey: key("node"), Now: w.clock, Log: quiet}))
	defer again.Close()
	for _, name := range []string{"red", "blue", "green", "grey"} {
		size, when, ok := w.node.LastWord(cosigner(t, name).Key(), 1<<40)
		size2, when2, ok2 := again.LastWord(cosigner(t, name).Key(), 1<<40)
		if !ok || size != size2 || when != when2 || ok != ok2 {
			t.Errorf("%s: %d at %d before a restart, %d at %d after it", name, size, when, size2, when2)
		}
		if size, _, _ := again.LastWord(cosigner(t, name).Key(), before); size != before {
			t.Errorf("%s: %d of the first %d", name, size, before)
		}
	}
	if _, _, ok := again.LastWord(cosigner(t, "stranger").Key(), 1<<40); ok {
		t.Error("a stranger gave its word")
	}
}
