package web_test

import (
	"bytes"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"corridor.example/corridor/web"
)

// zeroPages returns every page's struct with nothing in it.
func zeroPages() map[string]any {
	return map[string]any{
		"home": web.Home{}, "board": web.Board{}, "convoys": web.Convoys{}, "convoy": web.Convoy{},
		"observers": web.Observers{}, "incidents": web.Incidents{}, "incident": web.Incident{},
		"said": web.Said{}, "statement": web.Statement{}, "reports": web.Reports{}, "report": web.Report{},
		"log": web.Log{}, "record": web.Record{}, "cheat": web.Cheat{}, "mission": web.Mission{}, "desk": web.Desk{}, "compose": web.Compose{}, "drafted": web.Drafted{}, "problem": web.Problem{},
		"join": web.Join{}, "login": web.Login{}, "prove": web.Prove{}, "sessions": web.Sessions{}, "trust": web.Trust{},
	}
}

func render(t *testing.T, lang, page string, data any) string {
	t.Helper()
	var b bytes.Buffer
	if err := web.Render(&b, lang, page, data); err != nil {
		t.Fatalf("%s in %s: %v", page, lang, err)
	}
	return b.String()
}

// everyPage runs a check over every page in every language, with sample data and with none.
func everyPage(t *testing.T, check func(t *testing.T, name, lang, html string, sample bool)) {
	t.Helper()
	zero := zeroPages()
	if got, want := len(zero), len(web.Pages()); got != want {
		t.Fatalf("the test knows %d pages, package web has %d", got, want)
	}
	for _, l := range web.Languages() {
		full := samples(t, l.Code)
		for _, name := range web.Pages() {
			check(t, name, l.Code, render(t, l.Code, name, full[name]), true)
			check(t, name, l.Code, render(t, l.Code, name, zero[name]), false)
		}
	}
}

var (
	tag   = regexp.MustCompile(`<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:[^>"]|"[^"]*")*?)(/?)>`)
	attrs = regexp.MustCompile(`([a-zA-Z-]+)(?:="([^"]*)")?`)
	voids = map[string]bool{"meta": true, "link": true, "input": true, "br": true, "img": true, "hr": true}
)

// TestPagesStand checks the mark-up that every page must have whatever it shows: elements
// that close, one heading of the page, ids once, nothing inline, the words that stand on
// every page, and the reader's language and direction.
func TestPagesStand(t *testing.T) {
	everyPage(t, func(t *testing.T, name, lang, html string, sample bool) {
		var open []string
		ids := map[string]bool{}
		var refs []string
		count := map[string]int{}
		body := html[strings.Index(html, "<html"):]
		for _, m := range tag.FindAllStringSubmatch(body, -1) {
			closing, el := m[1] == "/", m[2]
			if closing {
				if len(open) == 0 || open[len(open)-1] != el {
					t.Fatalf("%s in %s (sample %v): </%s> closes %v", name, lang, sample, el, open)
				}
				open = open[:len(open)-1]
				continue
			}
			count[el]++
			if !voids[el] && m[4] != "/" {
				open = append(open, el)
			}
			for _, a := range attrs.FindAllStringSubmatch(m[3], -1) {
				switch attr, value := a[1], a[2]; {
				case attr == "style" || strings.HasPrefix(attr, "on"):
					t.Errorf("%s in %s: attribute %s in <%s>", name, lang, attr, el)
				case attr == "id":
					if ids[value] {
						t.Errorf("%s in %s: id %q twice", name, lang, value)
					}
					ids[value] = true
				case attr == "aria-labelledby" || attr == "for" || attr == "list":
					refs = append(refs, strings.Fields(value)...)
				case (attr == "href" || attr == "src" || attr == "action") && value != "" && value[0] != '/' && value[0] != '#':
					t.Errorf("%s in %s: the address %q leaves the mission", name, lang, value)
				}
			}
		}
		if len(open) > 0 {
			t.Errorf("%s in %s: %v stay open", name, lang, open)
		}
		for _, r := range refs {
			if !ids[r] {
				t.Errorf("%s in %s refers to %q, which is not on the page", name, lang, r)
			}
		}
		if count["h1"] != 1 || count["main"] != 1 || count["style"] != 0 || count["script"] != 1 {
			t.Errorf("%s in %s has %d h1, %d main, %d style, %d script", name, lang, count["h1"], count["main"], count["style"], count["script"])
		}
		for _, bad := range []string{"ZgotmplZ", "<no value>", "%!", "&lt;nil", "map["} {
			if strings.Contains(html, bad) {
				t.Errorf("%s in %s holds %q", name, lang, bad)
			}
		}
		dir := map[string]string{"en": "ltr", "ar": "rtl"}[lang]
		if !strings.Contains(html, fmt.Sprintf(`<html lang="%s" dir="%s"`, lang, dir)) {
			t.Errorf("%s in %s does not say its language and direction", name, lang)
		}
		for _, key := range []string{"foot.prejudice", "foot.digits"} {
			if !strings.Contains(html, web.Text(lang, key)) {
				t.Errorf("%s in %s does not say %q", name, lang, web.Text(lang, key))
			}
		}
		if sample && !strings.Contains(html, web.Text(lang, "banner.reconstruction")) {
			t.Errorf("%s in %s does not say that it is rebuilt", name, lang)
		}
	})
}

// TestALogThatFailsSaysSoFirst: if the log does not hold, every page says so before anything
// else, and the first screen does not say that it holds.
func TestALogThatFailsSaysSoFirst(t *testing.T) {
	for _, l := range web.Languages() {
		home := samples(t, l.Code)["home"].(web.Home)
		home.Seal.State, home.Seal.Entry, home.Seal.Reason = "fails", 93, "leaf 93 is not the one that was cosigned"
		html := render(t, l.Code, "home", home)
		first, heading := strings.Index(html, web.Text(l.Code, "seal.fails", "n", 93)), strings.Index(html, "<h1")
		if first < 0 || first > heading {
			t.Errorf("in %s the page begins before it says that the log does not hold", l.Code)
		}
		if strings.Contains(html, web.Text(l.Code, "seal.holds")) || !strings.Contains(html, home.Seal.Reason) {
			t.Errorf("in %s a log that fails is shown as one that holds, or without the reason", l.Code)
		}
	}
}

// alwaysSomething are the pages that say what to do, whatever the mission holds.
var alwaysSomething = map[string]bool{"problem": true, "join": true, "login": true, "prove": true, "trust": true}

// TestNothingToShowSaysSo: a page without data has a sentence that says why.
func TestNothingToShowSaysSo(t *testing.T) {
	for _, l := range web.Languages() {
		for name, data := range zeroPages() {
			html := render(t, l.Code, name, data)
			if !alwaysSomething[name] && !strings.Contains(html, `class="empty"`) {
				t.Errorf("%s in %s shows nothing and does not say why", name, l.Code)
			}
		}
	}
}

// TestNoBareNumber: on every page each figure stands with the line that says who gave it.
func TestNoBareNumber(t *testing.T) {
	everyPage(t, func(t *testing.T, name, lang, html string, sample bool) {
		for _, part := range strings.Split(html, `<p class="figure`)[1:] {
			part = part[:strings.Index(part, "</p>")]
			if !strings.Contains(part, `class="v"`) || !strings.Contains(part, `class="src"`) {
				t.Errorf("%s in %s has a figure without its author: %s", name, lang, part)
			}
		}
	})
}

// TestHomeShowsTheWhole: the first screen has, in the order of the design, everything that
// must be read without a click.
func TestHomeShowsTheWhole(t *testing.T) {
	html := render(t, "en", "home", samples(t, "en")["home"])
	at := 0
	for _, want := range []string{
		"Rebuilt from public sources; nobody named here signed anything",
		"Takes no side.", "214 records,", "31 disputed.", "31 Jan 2017, 12:00 Damascus",
		"Balance of both legs", "all who wish", "36,086", "30,487", "5,599", "2,500", "4,000", "1,312",
		"4 buses", "3 buses",
		"Stopped twice", "16 Dec, 07:00 – 18 Dec 2016, 23:00 Damascus", "none stated", "No reason was found from anybody.",
		"10,300 people", "about 13,000 people", "about 15,000 people", "25,000 people",
		"Buses burned", "Reported, not seen by the mission.", "5 buses", "State media", "at least 6 buses", "SOHR",
		"Where the mission was not", "nobody was there",
		"24 Dec 2016", "days late",
		"Nothing removed since", "13 Dec 2016", "Checked by this server at", "corridor verify", "Try to remove something",
	} {
		i := strings.Index(html[at:], want)
		if i < 0 {
			t.Errorf("the first screen does not say %q, or says it too early", want)
			continue
		}
		at += i
	}
}

// TestHomeIsSmall: the first screen and all that shows it is under 100 kB, before compression,
// and under 100 kB as it travels with the checks that the browser makes then.
func TestHomeIsSmall(t *testing.T) {
	for _, l := range web.Languages() {
		size := len(render(t, l.Code, "home", samples(t, l.Code)["home"]))
		travels := size
		for _, a := range web.Assets() {
			if a.Path == "session.js" || a.Path == "door.js" {
				continue // for whoever has a session, or opens one
			}
			if strings.HasPrefix(a.Path, "phone/") {
				continue // of an app of its own
			}
			if !strings.HasPrefix(a.Path, "lib/") { // other modules are for other pages
				size += len(a.Bytes)
				travels += len(a.Packed)
			} else if strings.HasPrefix(a.Path, "lib/check/") {
				travels += len(a.Packed)
			}
		}
		if size >= 100_000 || travels >= 100_000 {
			t.Errorf("the first screen in %s loads %d bytes, and with the checks %d", l.Code, size, travels)
		}
	}
}

// TestHostileText: what a record says is shown, and cannot become mark-up.
func TestHostileText(t *testing.T) {
	const evil = `"><script>alert(1)</script><b onclick='x'>`
	data := web.Incident{
		Frame:    web.Frame{Mission: evil, Path: "/incidents/" + evil},
		Incident: web.Incidence{Title: evil, Link: "javascript:alert(1)", Versions: []web.Version{{By: evil, Text: evil, Blames: evil, Lang: evil, Record: evil}}},
		Accounts: []web.Account{{By: evil, Record: evil, Text: web.Quote{Text: evil, Lang: evil}, Source: &web.Source{Title: evil, Locator: evil}, Findings: []web.Finding{{Code: evil, Text: evil, Link: "javascript:alert(1)"}}}},
	}
	html := render(t, "en", "incident", data)
	if strings.Contains(html, "<script>") || strings.Contains(html, "<b onclick") {
		t.Error("text became mark-up")
	}
	if strings.Contains(html, `href="javascript:`) {
		t.Error("an address became a script")
	}
	if !strings.Contains(html, "&lt;script&gt;alert(1)") {
		t.Error("the text is not shown")
	}
}

func TestRenderRefuses(t *testing.T) {
	var b bytes.Buffer
	for _, c := range []struct {
		page string
		data any
	}{{"home", web.Board{}}, {"home", nil}, {"nowhere", web.Home{}}, {"log", struct{ Frame string }{}}} {
		if err := web.Render(&b, "en", c.page, c.data); err == nil {
			t.Errorf("page %s was made from %T", c.page, c.data)
		}
	}
	if b.Len() > 0 {
		t.Errorf("an error wrote %d bytes", b.Len())
	}
	if err := web.Render(&b, "en", "home", &web.Home{}); err != nil {
		t.Errorf("a pointer to the page's struct: %v", err)
	}
	one, other := b.String(), render(t, "xx", "home", web.Home{})
	if one != other {
		t.Error("a language we do not have is not answered in the default one")
	}
}

// TestLanguagesLinkToEachOther: the other language of a page is the same page, at the same
// size of the log.
func TestLanguagesLinkToEachOther(t *testing.T) {
	html := render(t, "en", "board", web.Board{Frame: web.Frame{Path: "/board?at=120"}})
	if !strings.Contains(html, `href="/board?at=120&amp;lang=ar"`) {
		t.Error("the Arabic page of an earlier size is not linked")
	}
}

// TestEveryFieldIsShown: a field that no template reads would be filled for nobody. Each
// field of each struct is named in some template, or here with the reason.
func TestEveryFieldIsShown(t *testing.T) {
	var all strings.Builder
	for _, f := range web.Templates() {
		all.WriteString(f)
	}
	elsewhere := map[string]string{ // read by functions that print values and times
		"Value.Low": "value", "Value.High": "value", "Value.Kind": "value", "Value.About": "value", "Value.Open": "value", "Value.Uncounted": "amount",
		"Value.Words": "value", "Value.Unit": "amount", "Value.Category": "amount",
		"Moment.From": "when", "Moment.To": "when", "Moment.Precision": "when", "Moment.Zones": "when",
		"Figure.Value": "amount", "Attributed.Value": "amount",
		"TraceData.Log": "the page's script", "TraceData.Disclosures": "the page's script", "TraceData.Entries": "the page's script", "TraceData.Parts": "the page's script", "TraceRecord.Proof": "the page's script",
	}
	seen := map[reflect.Type]bool{}
	var visit func(reflect.Type)
	visit = func(typ reflect.Type) {
		for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
			typ = typ.Elem()
		}
		if typ.Kind() != reflect.Struct || seen[typ] || typ == reflect.TypeFor[time.Time]() || !strings.HasSuffix(typ.PkgPath(), "/web") {
			return
		}
		seen[typ] = true
		for i := range typ.NumField() {
			f := typ.Field(i)
			name := typ.Name() + "." + f.Name
			if !f.Anonymous && elsewhere[name] == "" && !regexp.MustCompile(`\.`+f.Name+`\b`).MatchString(all.String()) {
				t.Errorf("no template shows %s", name)
			}
			visit(f.Type)
		}
	}
	for _, data := range zeroPages() {
		visit(reflect.TypeOf(data))
	}
}
