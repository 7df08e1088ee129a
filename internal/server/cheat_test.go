package server_test

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/cheat"
	"corridor.example/corridor/internal/scenario"
	"corridor.example/corridor/internal/server"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/verify"
)

// A copied is the log that a case left, as the checker reads it.
type copied struct{ p *played }

func (c copied) Head(context.Context) (verify.Head, error) {
	return verify.Head{Size: c.p.node.Size(), Checkpoint: c.p.node.Checkpoint(), Cosigned: c.p.node.Cosigned()}, nil
}

func (c copied) Entries(context.Context) iter.Seq2[verify.Entry, error] {
	return func(yield func(verify.Entry, error) bool) {
		var tree ledger.Tree
		for i, r := range c.p.bare.Records() {
			leaf, hash := corridor.Leaf(r), r.Hash
			tree.Append(leaf)
			e := verify.Entry{Index: int64(i), Leaf: leaf, Name: hash[:], Hashes: tree.AppendRow(nil, tree.Size()-1), Envelope: r.Envelope()}
			for _, part := range r.Parts {
				e.Parts = append(e.Parts, part.Bytes)
			}
			if !yield(e, nil) {
				return
			}
		}
	}
}

func (c copied) Checkpoints(ctx context.Context) iter.Seq2[[]byte, error] {
	return c.p.node.Marks(ctx, c.p.node.Size())
}

// cheating plays a case on a server that lets its readers cheat.
func cheating(t *testing.T, name string) *played {
	var p *played
	p = play(t, name, server.Config{Cheat: func(ctx context.Context, code string) (cheat.Answer, error) {
		m := p.bare.Mission()
		card := verify.CardOf(m.Founder(), m.Exercise(), m.Now().Terms())
		return cheat.Tell(ctx, code, copied{p}, &card, cheat.Keys{
			Log: scenario.LogKey(testSeed), Actor: func(name string) cheat.Key { return scenario.ActorKey(testSeed, name) },
		})
	}})
	return p
}

// lie sends the form of a lie, with headers as name and value.
func (p *played) lie(code, lang string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", "/cheat", strings.NewReader(url.Values{"lie": {code}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "text/html")
	r.Header.Set("Accept-Language", lang)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	p.s.ServeHTTP(w, r)
	return w
}

// TestTryToCheat: each of the five lies is answered with what was done, the entry, the
// checker's sentence and who notices, in both languages.
func TestTryToCheat(t *testing.T) {
	for _, name := range []string{"aleppo-2016", "gate-9"} {
		p := cheating(t, name)
		offered := p.wants("/cheat", "en", "Try to cheat", "Leave the incident out", "Change a figure", "Admit an observer", "Back-date", "two logs")
		if strings.Contains(offered, `class="answer"`) {
			t.Error("there is an answer before a lie was told")
		}
		notices := map[string]string{
			"omit": "Anyone who reads the report", "alter": "Anyone who may read the part", "admit": "Every party", "backdate": "Whoever cosigned the log: exercise-witness-1, exercise-witness-2",
			"fork": "Whoever was shown the other log",
		}
		for _, code := range cheat.Codes {
			w := p.lie(code, "en", "Sec-Fetch-Site", "same-origin")
			body := w.Body.String()
			if w.Code != 200 || w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("%s: %s: %d, %q", name, code, w.Code, w.Header().Get("Cache-Control"))
			}
			for _, want := range []string{"What was done:", "Does not hold: entry ", `lang="en"`, "does not hold", notices[code], "This was done on a copy."} {
				if !strings.Contains(body, want) {
					t.Errorf("%s: the answer to %s does not hold %q", name, code, want)
				}
			}
			if ar := p.lie(code, "ar").Body.String(); !strings.Contains(ar, `dir="rtl"`) || !strings.Contains(ar, "ما جرى") && !strings.Contains(ar, "القيد") || strings.Contains(ar, "What was done") {
				t.Errorf("%s: the answer to %s is not in Arabic", name, code)
			}
		}
		if after := p.wants("/cheat", "en"); strings.Contains(after, `class="answer"`) {
			t.Errorf("%s: the answer of one reader is shown to the next", name)
		}
		if p.node.Size() != int64(len(p.bare.Records())) {
			t.Errorf("%s: the lies changed the log", name)
		}
	}
	p := cheating(t, "aleppo-2016")
	p.wants("/cheat", "en", "vehicle burned", "1,312 becomes 1,812")
	if body := p.lie("alter", "en").Body.String(); !strings.Contains(body, "1,312 was made into 1,812") {
		t.Error("1,312 was not made into 1,812")
	}
}

// TestCheatDoor: the form is answered only to this server's own pages, names a lie there is,
// and is not there where nothing is offered.
func TestCheatDoor(t *testing.T) {
	told := 0
	p := play(t, "gate-9", server.Config{Cheat: func(context.Context, string) (cheat.Answer, error) {
		told++
		return cheat.Answer{}, cheat.ErrNothing
	}})
	for _, c := range []struct {
		code, header, value string
		status              int
	}{
		{"omit", "Sec-Fetch-Site", "cross-site", http.StatusForbidden},
		{"omit", "Sec-Fetch-Site", "same-site", http.StatusForbidden},
		{"omit", "Origin", "https://elsewhere.example", http.StatusForbidden},
		{"omit", "Origin", "null", http.StatusForbidden},
		{"steal", "Sec-Fetch-Site", "same-origin", http.StatusBadRequest},
		{"", "Sec-Fetch-Site", "same-origin", http.StatusBadRequest},
	} {
		if w := p.lie(c.code, "en", c.header, c.value); w.Code != c.status {
			t.Errorf("%q with %s %s: %d, want %d", c.code, c.header, c.value, w.Code, c.status)
		}
	}
	if told != 0 {
		t.Errorf("%d lies were told to strangers", told)
	}
	if w := p.lie("omit", "en", "Origin", "http://example.com"); w.Code != http.StatusConflict || told != 1 {
		t.Errorf("a lie about nothing: %d, want %d", w.Code, http.StatusConflict)
	}
	r := httptest.NewRequest("POST", "/cheat", strings.NewReader("lie="+strings.Repeat("x", 8<<10)))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	if p.s.ServeHTTP(w, r); w.Code == 200 || told != 1 {
		t.Errorf("a form of 8 KiB: %d", w.Code)
	}
	none := play(t, "gate-9", server.Config{})
	none.wants("/cheat", "en", "This server does not offer it")
	if w := none.lie("omit", "en"); w.Code != http.StatusNotFound {
		t.Errorf("a lie where none is offered: %d, want 404", w.Code)
	}
}

// TestOneLieAtATime: one lie is told at a time, four readers wait, the next is asked to come
// back, and who goes away while waiting makes room.
func TestOneLieAtATime(t *testing.T) {
	began, end := make(chan struct{}), make(chan struct{})
	p := play(t, "gate-9", server.Config{Cheat: func(context.Context, string) (cheat.Answer, error) {
		began <- struct{}{}
		<-end
		return cheat.Answer{}, errors.Join(cheat.ErrNothing)
	}})
	codes := make(chan int, 16)
	tell := func() { codes <- p.lie("omit", "en").Code }
	go tell()
	<-began
	for range 8 {
		go tell()
	}
	for range 4 {
		if code := <-codes; code != http.StatusServiceUnavailable {
			t.Errorf("one too many: %d, want %d", code, http.StatusServiceUnavailable)
		}
	}
	if w := p.lie("omit", "en"); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("one too many: %d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
	}
	end <- struct{}{}
	for range 4 {
		<-began
		end <- struct{}{}
	}
	for range 5 {
		if code := <-codes; code != http.StatusConflict {
			t.Errorf("one who waited: %d, want %d", code, http.StatusConflict)
		}
	}
}
