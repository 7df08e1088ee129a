package server_test

import (
	"encoding/base64"
	"html"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/server"
	"corridor.example/corridor/ledger"
)

// TestRecordProves: the page of every record shows its bytes as they are stored, and a proof
// that leads to the root which the page names.
func TestRecordProves(t *testing.T) {
	p := playOpened(t)
	records := p.bare.Records()
	path := regexp.MustCompile(`<ol class="hashes">(.*?)</ol>`)
	hash := regexp.MustCompile(`<code class="hash">([^<]*)</code>`)
	for i, r := range records {
		body := html.UnescapeString(p.wants("/records/"+r.Hash.String(), "en", "entry "+itoa(i), "Proof that it stands in the log"))
		if !strings.Contains(body, string(r.Raw)) || !strings.Contains(body, string(r.Envelope())) {
			t.Errorf("entry %d: the signed header or the envelope is not shown as it is", i)
		}
		for _, part := range r.Parts {
			switch {
			case part.Name == "identity":
				if part.Bytes != nil && strings.Contains(body, string(part.Bytes)) {
					t.Errorf("entry %d: the public is shown persons", i)
				}
			case part.Bytes == nil:
				if !strings.Contains(body, "erased") {
					t.Errorf("entry %d: the part %s is gone and the page does not say why", i, part.Name)
				}
			case !strings.Contains(body, string(part.Bytes)) && part.Name != "count":
				t.Errorf("entry %d: the part %s is not shown as it is", i, part.Name)
			}
		}
		_, proof, _ := strings.Cut(body, "Proof that it stands in the log")
		if leaf := strings.ReplaceAll(string(corridor.Leaf(r)), "\n", `\n`); !strings.Contains(proof, "printf '"+leaf+"'") {
			t.Errorf("entry %d: the command does not check its leaf", i)
		}
		root := hash.FindStringSubmatch(proof)[1]
		var hashes []ledger.Hash
		if m := path.FindStringSubmatch(strings.ReplaceAll(proof, "\n", "")); m != nil {
			for _, h := range hash.FindAllStringSubmatch(m[1], -1) {
				hashes = append(hashes, parseHash(t, h[1]))
			}
		}
		want, err := p.bare.Mission().Now().Inclusion(int64(i))
		if err != nil || len(want) != len(hashes) {
			t.Errorf("entry %d: %d hashes, want %d, %v", i, len(hashes), len(want), err)
			continue
		}
		for j := range want {
			if want[j] != hashes[j] {
				t.Errorf("entry %d: hash %d of its proof is %v, want %v", i, j, hashes[j], want[j])
			}
		}
		if now, err := p.bare.Mission().Now().Root(); err != nil || parseHash(t, root) != now {
			t.Errorf("entry %d: the root is %s, want %v, %v", i, root, now, err)
		}
	}
}

func parseHash(t *testing.T, s string) (h ledger.Hash) {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil || len(b) != len(h) {
		t.Fatalf("%q is not a hash: %v", s, err)
	}
	copy(h[:], b)
	return h
}

// TestSmallCountsOfARecord: what the figure withholds its bytes do not tell on the page.
func TestSmallCountsOfARecord(t *testing.T) {
	p := play(t, "gate-9", server.Config{})
	var small *corridor.Account
	p.node.View(func(v corridor.View) {
		for _, a := range v.AllAccounts() {
			if s, ok := a.Count.Sum(corridor.People); ok && corridor.Withheld(s.Range()) {
				small = a
			}
		}
	})
	if small == nil {
		t.Fatal("the case has no small count")
	}
	s, _ := small.Count.Sum(corridor.People)
	body := html.UnescapeString(p.wants("/records/"+small.Record.String(), "en", "withheld (fewer than 10)"))
	if strings.Contains(body, `"total":`+itoa(int(s.Total))) {
		t.Error("the bytes on the page tell what the figure withholds")
	}
}

// TestBracketOfARecord: a record's signing time stands between the cosignatures on what its
// author had seen and the first that saw it, an open side as open.
func TestBracketOfARecord(t *testing.T) {
	p := play(t, "gate-9", server.Config{})
	p.wants("/records/"+p.labelled("a1-came").String(), "en", "When it was signed", "Not before", "4 Mar 2021", "By its author’s clock", "11:40:00", "Not after", "11:40:30")
	founder := p.bare.Mission().Founder()
	p.wants("/records/"+founder.String(), "en", "Not before", "open: no cosignature bounds it on this side", "Not after", "Valley time")
}

// TestBesideARecord: what others said of a record stands on its page, and where to read on.
func TestBesideARecord(t *testing.T) {
	p := playOpened(t)
	p.wants("/records/"+p.labelled("a1-came").String(), "en", "See it in: Convoy A-01", "What was said of it", "Dispute", "We counted 122", "Reports that list it")
	p.wants("/records/"+p.labelled("a1-left").String(), "en", "Correction", p.labelled("a1-corrected").String())
	p.wants("/records/"+p.labelled("burned-1").String(), "en", "See it in: Incidents", "erased", p.labelled("erased").String(), "danger to a person")
	p.wants("/records/"+p.labelled("a1-disputed").String(), "en", "Speaks of", p.labelled("a1-came").String(), "Both counts stand")
	p.wants("/records/"+p.labelled("unlocked").String(), "en", "observer.revoked")
	p.wants("/records/"+p.labelled("a1-came").String(), "ar", "وصول", "إحصاء فردي", "بالضبط")
}

// TestErasedIsGone: the words of an erased narrative stand on no page and in no answer.
func TestErasedIsGone(t *testing.T) {
	p := play(t, "gate-9", server.Config{})
	h := p.labelled("burned-1").String()
	for path, w := range p.crawl("en") {
		if strings.Contains(w.Body.String(), "named the man who lit it") {
			t.Errorf("%s holds what was erased", path)
		}
	}
	for _, path := range []string{"/api/v1/records/" + h, "/api/v1/bundle"} {
		if w := p.get(path, "en"); w.Code != 200 || strings.Contains(w.Body.String(), "named the man who lit it") {
			t.Errorf("%s: %d, or holds what was erased", path, w.Code)
		}
	}
}

// TestLogPages: page after page the log lists every entry once, the newest first.
func TestLogPages(t *testing.T) {
	p := play(t, "aleppo-2016", server.Config{})
	entry := regexp.MustCompile(`href="/records/([0-9a-f]{64})"><span class="i">(\d+)</span>`)
	earlier := regexp.MustCompile(`href="(/log\?before=\d+)">Earlier`)
	want := int(p.node.Size()) - 1
	path := "/log"
	for pages := 0; path != ""; pages++ {
		body := html.UnescapeString(p.wants(path, "en", "Newest entries"))
		for _, m := range entry.FindAllStringSubmatch(body, -1) {
			if m[2] != itoa(want) || m[1] != p.bare.Mission().Hash(int64(want)).String() {
				t.Fatalf("%s lists entry %s as %s, want entry %d", path, m[2], m[1], want)
			}
			want--
		}
		path = ""
		if m := earlier.FindStringSubmatch(body); m != nil {
			path = m[1]
		}
		if pages > 20 {
			t.Fatal("the pages of the log do not end")
		}
	}
	if want != -1 {
		t.Errorf("the pages end with entry %d", want+1)
	}
	if w := p.get("/log?before=x", "en"); w.Code != 400 {
		t.Errorf("before=x: %d, want 400", w.Code)
	}
}

// TestHowToCheck: the commands name the address that the reader used, and nobody else's.
func TestHowToCheck(t *testing.T) {
	p := play(t, "gate-9", server.Config{Card: "corridor-card/v1\n"})
	for _, host := range []string{"one.example", "two.example:8080"} {
		r := httptest.NewRequest("GET", "http://"+host+"/log", nil)
		r.Header.Set("Accept", "text/html")
		w := httptest.NewRecorder()
		p.s.ServeHTTP(w, r)
		if body := w.Body.String(); strings.Count(body, "http://"+host) < 4 || strings.Count(body, "http://") != strings.Count(body, "http://"+host) {
			t.Errorf("at %s the commands are for another address", host)
		}
	}
	p.wants("/log", "en", "corridor verify", "--card</span> mission.card", "mission.card", "/api/v1/bundle", "/checkpoint", "exercise-witness-1", "exercise-witness-2")
}

// TestMandatePage: the mandate in words, with who came under it and how.
func TestMandatePage(t *testing.T) {
	p := play(t, "gate-9", server.Config{})
	p.wants("/mission", "en", "3 Mar 2021", "Orchard Quarter to Tarn", "What may be signed by: office", "every kind of record", "Upper Valley Council", "acceded, signed",
		"all of: Upper Valley Council, River Command, (1 of these 2: Guarantor North, Guarantor South)", "any other kind", "any other part", "named offices only", "Gate 9", "Gate Nine", "Cosignatures that the log needs", "2 of")
	p = play(t, "aleppo-2016", server.Config{})
	p.wants("/mission", "en", "Government of Syria", "not acceded", "that are only quoted", "Consent")
}
