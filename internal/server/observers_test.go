package server_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/server"
	"corridor.example/corridor/record"
)

// labelled returns the record that a case calls by a label.
func (p *played) labelled(name string) record.Hash {
	p.t.Helper()
	h, ok := p.bare.Names[name]
	if !ok {
		p.t.Fatalf("the case names no record #%s", name)
	}
	return h
}

// playOpened plays gate-9 with a latest release of everything, long past, so that every part of
// every record is on its page. As the case has it the convoy of which only a revoked observer
// tells is closed by nobody's account, and its own records stay with the mission.
func playOpened(t *testing.T) *played {
	t.Helper()
	text, err := os.ReadFile("../scenario/cases/gate-9.txt")
	if err != nil {
		t.Fatal(err)
	}
	table := regexp.MustCompile(`(?m)^(disclose .* after public)( latest \w+)?$`)
	if !table.Match(text) {
		t.Fatal("the case has no disclosure table as this test knows it")
	}
	return playText(t, "gate-9.txt", table.ReplaceAllString(string(text), "$1 latest 30d"), 365*24*time.Hour)
}

// wants fails unless a page holds every one of the texts, in their order where ordered.
func (p *played) wants(path, lang string, texts ...string) string {
	p.t.Helper()
	w := p.get(path, lang)
	body := w.Body.String()
	if w.Code != 200 {
		p.t.Errorf("GET %s in %s: %d", path, lang, w.Code)
	}
	at := 0
	for _, text := range texts {
		i := strings.Index(body[at:], text)
		if i < 0 {
			p.t.Errorf("GET %s in %s does not hold %q (after what stands before it)", path, lang, text)
			continue
		}
		at += i
	}
	return body
}

// TestWhoAdmittedWhom: the page of observers tells every act of every admission of the fold, in
// the order of the log, with the record it rests on.
func TestWhoAdmittedWhom(t *testing.T) {
	for _, name := range []string{"gate-9", "aleppo-2016"} {
		p := play(t, name, server.Config{})
		body := p.wants("/observers", "en", "How an observer is admitted", "Who admitted whom")
		p.node.View(func(v corridor.View) {
			all := v.Admissions()
			if len(all) == 0 {
				t.Errorf("%s admits nobody, so nothing is tested", name)
			}
			for _, a := range all {
				from := strings.Index(body, a.Record.String())
				if from < 0 {
					t.Errorf("%s: the nomination of %s is not told", name, a.Facts.Observer)
					continue
				}
				rest := body[from:]
				for _, h := range acts(a) {
					i := strings.Index(rest, h.String())
					if i < 0 {
						t.Errorf("%s: %s: an act is missing or out of order: %s", name, a.Facts.Observer, h)
						continue
					}
					rest = rest[i:]
				}
			}
		})
	}
	p := play(t, "gate-9", server.Config{})
	p.wants("/observers", "en", "Observer at Lower Mill", "<b>not admitted</b>", "2 of 3 consents", "River Command</bdi></b> · objected", "affiliation", "no answer",
		"deployment.consent", "deployment.objection")
	p.wants("/observers", "en", "tariq", "<b>revoked</b>", "withdrew consent", "stays with A-04 until it closes", "observer.revoked")
	p.wants("/observers", "en", "omar", "<b>stood down</b>", "Monitoring Office at Gate 9</bdi></b> · closed the device", "chain.equivocation")
	p.wants("/observers", "ar", "مراقب عند الطاحونة السفلى", "قيادة النهر")
	p = play(t, "aleppo-2016", server.Config{})
	p.wants("/observers", "en", "recorded on the word of", "no record here is signed with it", "Who else signs", "Reconstruction from public sources", itoa(int(p.node.Size()))+" records")
}

// acts are the acts on a nomination after it, in the order of the log.
func acts(a corridor.Admission) []record.Hash {
	at := map[int64]record.Hash{}
	var order []int64
	add := func(i int64, h record.Hash) { at[i], order = h, append(order, i) }
	for _, x := range a.Votes {
		add(x.Index, x.Record)
	}
	for _, x := range a.Deployments {
		add(x.Index, x.Record)
	}
	for _, x := range a.Revocations {
		add(x.Index, x.Record)
	}
	for _, x := range a.Standdowns {
		add(x.Index, x.Record)
	}
	slices.Sort(order)
	var list []record.Hash
	for _, i := range order {
		list = append(list, at[i])
	}
	return list
}
