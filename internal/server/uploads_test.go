package server_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"corridor.example/corridor/internal/seal"
	"corridor.example/corridor/internal/server"
	"corridor.example/corridor/internal/store"
)

// playUploads is a mission whose server keeps pieces. The server can be started again on the
// same spool.
func playUploads(t *testing.T) (x *sealing, restart func()) {
	x = playSealing(t)
	spool := &store.MemorySide{}
	restart = func() {
		x.s = server.New(server.Config{Now: x.clock, Log: quiet, Spool: spool, Secrets: func(_ context.Context, to string) (string, error) { return x.secrets[to], nil }})
		x.s.Serve(x.node)
	}
	restart()
	return x, restart
}

// piece sends bytes of an upload from an offset on; cut ends the connection after so many.
func (x *sealing) piece(whole []byte, from, to, cut int) *httptest.ResponseRecorder {
	sum := sha256.Sum256(whole)
	var body io.Reader = bytes.NewReader(whole[from:to])
	if cut >= 0 {
		body = &cutAfter{body, cut}
	}
	r := httptest.NewRequest("POST", "/api/v1/uploads/"+hexOf(sum), body)
	r.Header.Set("Upload-Offset", strconv.Itoa(from))
	r.Header.Set("Upload-Length", strconv.Itoa(len(whole)))
	w := httptest.NewRecorder()
	x.s.ServeHTTP(w, r)
	return w
}

// offset asks how much has come.
func (x *sealing) offset(whole []byte) int {
	sum := sha256.Sum256(whole)
	w := x.api("/api/v1/uploads/" + hexOf(sum))
	if w.Code == http.StatusNotFound {
		return 0
	}
	n, err := strconv.Atoi(w.Header().Get("Upload-Offset"))
	if w.Code != http.StatusOK || err != nil {
		x.t.Fatalf("how much has come: %d %s", w.Code, w.Body)
	}
	return n
}

// TestUploadInPieces cuts the connection at every sort of place, loses answers and starts the
// server again: what came is never sent twice, and each record is logged once.
func TestUploadInPieces(t *testing.T) {
	x, restart := playUploads(t)
	mina := x.pen("mina")
	var whole []byte
	for len(whole) < 150_000 {
		whole = seal.Frame(whole, x.seal(mina.move(), x.to))
	}
	items := int(mina.seq)
	before := x.node.Size()
	for _, cut := range []int{0, 1, 32<<10 - 1, 32 << 10, 32<<10 + 1, 3, 0, 1} {
		at := x.offset(whole)
		x.piece(whole, at, len(whole), cut)
		if got := x.offset(whole); got != at+cut {
			t.Fatalf("cut after %d bytes at %d: %d have come", cut, at, got)
		}
		restart()
		if got := x.offset(whole); got != at+cut {
			t.Fatalf("after a start %d have come", got)
		}
	}
	if x.node.Size() != before {
		t.Error("something was logged before the whole had come")
	}
	at := x.offset(whole)
	if w := x.piece(whole, at, at+100, -1); w.Code != http.StatusNoContent || w.Header().Get("Upload-Offset") != strconv.Itoa(at+100) {
		t.Errorf("a piece: %d %v", w.Code, w.Header())
	}
	if w := x.piece(whole, at, at+100, -1); w.Code != http.StatusConflict || w.Header().Get("Upload-Offset") != strconv.Itoa(at+100) || !strings.Contains(w.Body.String(), "upload.conflict") {
		t.Errorf("the same again, its answer lost: %d %v", w.Code, w.Header())
	}
	at += 100
	for i, status := range []int{http.StatusCreated, http.StatusOK} { // the second after a lost answer
		w := x.piece(whole, at, len(whole), -1)
		if w.Code != http.StatusOK {
			t.Fatalf("the last piece: %d %s", w.Code, w.Body)
		}
		n := 0
		for dec := json.NewDecoder(w.Body); dec.More(); n++ {
			var a sealedAnswer
			if err := dec.Decode(&a); err != nil || a.Status != status {
				t.Fatalf("round %d, item %d: %+v %v", i, n, a, err)
			}
		}
		if n != items {
			t.Errorf("%d items are answered of %d", n, items)
		}
		restart()
		if at = x.offset(whole); at != len(whole) {
			t.Fatalf("%d of %d have come", at, len(whole))
		}
	}
	if got := x.node.Size() - before; got != int64(items) {
		t.Errorf("%d records are logged of %d", got, items)
	}
}

func TestUploadRefused(t *testing.T) {
	x, _ := playUploads(t)
	post := func(name, offset, length, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", "/api/v1/uploads/"+name, strings.NewReader(body))
		r.Header.Set("Upload-Offset", offset)
		r.Header.Set("Upload-Length", length)
		w := httptest.NewRecorder()
		x.s.ServeHTTP(w, r)
		return w
	}
	name := strings.Repeat("ab", 32)
	for _, c := range []struct {
		name, offset, length, body string
		status                     int
		rule                       string
	}{
		{"short", "0", "5", "hello", 422, "upload.name"},
		{strings.ToUpper(name), "0", "5", "hello", 422, "upload.name"},
		{name, "", "5", "hello", 422, "upload.offset"},
		{name, "0", "", "hello", 422, "upload.offset"},
		{name, "6", "5", "", 422, "upload.offset"},
		{name, "0", "99999999", "hello", 422, "upload.offset"},
		{name, "-1", "5", "hello", 422, "upload.offset"},
		{name, "3", "5", "lo", 409, "upload.conflict"},
		{strings.Repeat("cd", 32), "0", "4", "hello", 422, "upload.offset"},
		{name, "0", "5", "hello", 422, "upload.hash"},
		{name, "0", "7", "hello", 204, ""},
		{name, "5", "8", "!!!", 409, "upload.conflict"},
	} {
		w := post(c.name, c.offset, c.length, c.body)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.rule) {
			t.Errorf("%+v: %d %s", c, w.Code, w.Body)
		}
	}
	for i := range 9 { // of 32 MiB each; the one before has 7 bytes
		sum := sha256.Sum256([]byte{byte(i)})
		w := post(hexOf(sum), "0", strconv.Itoa(32<<20), "x")
		if want := map[bool]int{true: 503, false: 204}[i >= 7]; w.Code != want {
			t.Errorf("upload %d: %d, want %d", i, w.Code, want)
		}
	}
	x.now = x.now.AddDate(0, 0, 4)
	sum := sha256.Sum256([]byte("later"))
	if w := post(hexOf(sum), "0", strconv.Itoa(32<<20), "x"); w.Code != 204 {
		t.Errorf("after the others are over: %d", w.Code)
	}
	if w := post(name, "0", "7", "hello"); w.Code != 204 {
		t.Errorf("one that was forgotten begins anew: %d %s", w.Code, w.Body)
	}
}
