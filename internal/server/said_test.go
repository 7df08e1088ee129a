package server_test

import (
	"html"
	"regexp"
	"strings"
	"testing"

	"corridor.example/corridor"
	"corridor.example/corridor/internal/server"
)

// TestWhatWasSaid: the briefing and at least three other statements stand in equal form, each
// claim with its speaker, voice and what the log has beside it; none is called true or false.
func TestWhatWasSaid(t *testing.T) {
	p := play(t, "aleppo-2016", server.Config{Reconstruction: true})
	var all []corridor.Said
	p.node.View(func(v corridor.View) { all = v.Statements() })
	list := p.wants("/said", "en", "What was said")
	if n := strings.Count(list, `<article class="row">`); n != len(all) || n < 4 {
		t.Errorf("%d statements are listed, the log has %d; want all, and at least four", n, len(all))
	}
	briefing := p.labelled("briefing")
	judged := regexp.MustCompile(`(?i)\b(true|false|fact-check\w*|debunk\w*|refuted|confirmed|proven)\b`)
	tags := regexp.MustCompile(`<[^>]*>`)
	for _, said := range all {
		path := "/said/" + said.Record.String()
		if !strings.Contains(list, path) {
			t.Errorf("%s is not linked", path)
		}
		body := p.wants(path, "en", "What the record has")
		if n := strings.Count(body, `<li id="c`); n != len(said.Claims) {
			t.Errorf("%s tells %d claims of %d", path, n, len(said.Claims))
		}
		if said.Record == briefing && (len(said.Claims) < 14 || !strings.Contains(body, "date inferred, not stated")) {
			t.Errorf("the briefing has %d claims, or does not say that its date is inferred", len(said.Claims))
		}
		for _, c := range said.Claims {
			p.claimStands(body, said, c)
		}
		_, main, _ := strings.Cut(body, "<main")
		main, _, _ = strings.Cut(main, "</main>")
		if w := judged.FindString(html.UnescapeString(tags.ReplaceAllString(main, " "))); w != "" {
			t.Errorf("%s says %q", path, w)
		}
	}
}

// claimStands fails unless every tie to a claim stands beside it, or the reason why there is
// none.
func (p *played) claimStands(body string, said corridor.Said, c corridor.SaidClaim) {
	p.t.Helper()
	_, text, _ := strings.Cut(body, `<li id="c`+itoa(int(c.N))+`"`)
	text, _, _ = strings.Cut(text, `<li id="c`)
	for _, list := range [][]corridor.Bearing{c.For, c.Against, c.Context} {
		for _, b := range list {
			for _, j := range b.Joined[:1] {
				if !strings.Contains(text, j.Link.String()) {
					p.t.Errorf("%s claim %d: the tie %s is missing", said.Record.Short(), c.N, j.Link.Short())
				}
			}
		}
	}
	want := map[corridor.ClaimState]string{
		corridor.HasNone: "The log holds no account of this.", corridor.OutsideCoverage: "where or when nobody of the mission was",
		corridor.NoRecordCould: "No observer could have recorded it.",
	}[c.State]
	if want != "" && !strings.Contains(text, want) {
		p.t.Errorf("%s claim %d is %s and does not say so", said.Record.Short(), c.N, c.State)
	}
}
