package server

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"sync"
)

// A made is a page as it is sent, plain and packed.
type made struct {
	body, packed []byte
	tag          string
	lang         string
	traces       []disclosed // of what it opens
}

func newMade(body []byte, lang string) made {
	sum := sha256.Sum256(body)
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(body) // into memory
	_ = z.Close()
	return made{body: body, packed: b.Bytes(), tag: hex.EncodeToString(sum[:12]), lang: lang}
}

// write answers with the page. A reader who has it already is told so. A status of 0 is that
// of a page that was found.
func (m made) write(w http.ResponseWriter, r *http.Request, status int) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", m.lang)
	h.Set("Vary", "Accept-Encoding, Accept-Language, Cookie")
	name(h, m.traces)
	body, tag := m.body, `"`+m.tag+`"`
	if accepts(r, "gzip") {
		body, tag = m.packed, `"`+m.tag+`-gz"`
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Length", itoa(len(body)))
	if status != 0 {
		w.WriteHeader(status)
	} else {
		h.Set("ETag", tag)
		if h.Get("Cache-Control") == "" {
			h.Set("Cache-Control", "no-cache") // kept, and asked about each time
		}
		if has(r.Header.Get("If-None-Match"), tag) {
			h.Del("Content-Length")
			h.Del("Content-Encoding")
			w.WriteHeader(statusNotModified)
			return
		}
	}
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the reader has gone
	}
}

func accepts(r *http.Request, coding string) bool {
	for _, item := range strings.Split(r.Header.Get("Accept-Encoding"), ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(item), ";")
		if name == coding && strings.ReplaceAll(weight, " ", "") != "q=0" {
			return true
		}
	}
	return false
}

func has(header, tag string) bool {
	for _, item := range strings.Split(header, ",") {
		item = strings.TrimPrefix(strings.TrimSpace(item), "W/")
		if item == tag || item == "*" {
			return true
		}
	}
	return false
}

// madeMax bounds the pages kept ready, in bytes.
const madeMax = 32 << 20

// A shelf keeps pages ready by what they were made from, and makes each once however many ask
// for it at a time. The zero shelf is empty.
type shelf struct {
	mu    sync.Mutex
	size  int
	items map[string]*item
	order []string // oldest first
}

type item struct {
	made
	err  error
	done chan struct{}
}

var errUnmade = errors.New("the page was not made")

// get returns the page of a key, making it if it is not there. The key "" is never kept.
func (s *shelf) get(key string, bake func() (made, error)) (made, error) {
	if key == "" {
		return bake()
	}
	s.mu.Lock()
	if it := s.items[key]; it != nil {
		s.mu.Unlock()
		<-it.done
		if it.err == nil {
			return it.made, nil
		}
		return bake() // whoever made it first may have gone away
	}
	it := &item{err: errUnmade, done: make(chan struct{})}
	if s.items == nil {
		s.items = map[string]*item{}
	}
	s.items[key] = it
	s.mu.Unlock()
	defer s.put(key, it)
	it.made, it.err = bake()
	return it.made, it.err
}

// put ends the making of an item, also one that ended in a panic.
func (s *shelf) put(key string, it *item) {
	defer close(it.done)
	s.mu.Lock()
	defer s.mu.Unlock()
	if it.err != nil {
		delete(s.items, key)
		return
	}
	s.order = append(s.order, key)
	s.size += it.weight()
	for s.size > madeMax {
		old := s.order[0]
		s.order = s.order[1:]
		s.size -= s.items[old].weight()
		delete(s.items, old)
	}
}

func (it *item) weight() int { return len(it.body) + len(it.packed) + 512 }
