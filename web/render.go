package web

import (
	"bytes"
	"fmt"
	"html/template"
	"io"
	"net/url"
	"reflect"
	"regexp"
	"sort"
	"strings"
	"sync"
)

// pages names every page with the struct it is made from and the part of the navigation it
// belongs to.
var pages = map[string]struct {
	data    any
	section string
}{
	"home":      {Home{}, "evacuation"},
	"board":     {Board{}, "evacuation"},
	"convoys":   {Convoys{}, "evacuation"},
	"convoy":    {Convoy{}, "evacuation"},
	"observers": {Observers{}, "observers"},
	"incidents": {Incidents{}, "incidents"},
	"incident":  {Incident{}, "incidents"},
	"said":      {Said{}, "said"},
	"statement": {Statement{}, "said"},
	"reports":   {Reports{}, "reports"},
	"report":    {Report{}, "reports"},
	"log":       {Log{}, "log"},
	"record":    {Record{}, "log"},
	"cheat":     {Cheat{}, "log"},
	"desk":      {Desk{}, "desk"},
	"compose":   {Compose{}, "desk"},
	"drafted":   {Drafted{}, "desk"},
	"mission":   {Mission{}, ""},
	"problem":   {Problem{}, ""},
	"join":      {Join{}, ""},
	"login":     {Login{}, ""},
	"prove":     {Prove{}, ""},
	"sessions":  {Sessions{}, ""},
	"trust":     {Trust{}, ""},
}

// Pages returns the names of all pages, sorted.
func Pages() []string {
	var out []string
	for name := range pages {
		out = append(out, name)
	}
	sort.Strings(out)
	return out
}

// Render writes a page in a language. The data is the page's own struct, by value or by
// pointer; another one is an error. Nothing is written unless the whole page could be made.
// A language that we do not have is answered in the default one.
func Render(w io.Writer, lang, page string, data any) error {
	p, ok := pages[page]
	if !ok {
		return fmt.Errorf("web: no page %q", page)
	}
	t := reflect.TypeOf(data)
	if t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t != reflect.TypeOf(p.data) {
		return fmt.Errorf("web: page %s is made from %T, not from %T", page, p.data, data)
	}
	var b bytes.Buffer
	if err := templates()[speak(lang).Code][page].ExecuteTemplate(&b, "layout.html", data); err != nil {
		return fmt.Errorf("web: page %s: %w", page, err)
	}
	_, err := w.Write(b.Bytes())
	return err
}

// templates parses every page once in every language.
var templates = sync.OnceValue(func() map[string]map[string]*template.Template {
	out := map[string]map[string]*template.Template{}
	for _, l := range Languages() {
		base := template.Must(template.New("").Funcs(functions(speak(l.Code))).
			ParseFS(files, "templates/layout.html", "templates/parts.html"))
		out[l.Code] = map[string]*template.Template{}
		for name, p := range pages {
			t := template.Must(base.Clone()).Funcs(template.FuncMap{
				"page":    func() string { return name },
				"section": func() string { return p.section },
			})
			out[l.Code][name] = template.Must(t.ParseFS(files, "templates/"+name+".html"))
		}
	}
	return out
})

// functions are what templates may call, in one language.
func functions(c *catalogue) template.FuncMap {
	return template.FuncMap{
		"t":         c.text,
		"word":      c.word,
		"num":       c.number,
		"value":     c.value,
		"amount":    c.amount,
		"openness":  c.difference,
		"when":      c.when,
		"moment":    c.moment,
		"elsewhere": c.elsewhere,
		"span":      c.span,
		"lasting":   func(minutes int) string { return Lasting(c.Code, minutes) },
		"lang":      func() string { return c.Code },
		"dir":       func() string { return c.Dir },
		"languages": Languages,
		"asset":     AssetPath,
		"args":      dict,
		"short":     c.short,
		"brief":     brief,
		"relink":    relink,
		"command":   command,
		"list":      func(s ...string) []string { return s },
		"page":      func() string { return "" },
		"section":   func() string { return "" },
	}
}

// dict makes the argument of a part that needs more than one value.
func dict(kv ...any) (map[string]any, error) {
	if len(kv)%2 != 0 {
		return nil, fmt.Errorf("args: %d values do not pair", len(kv))
	}
	m := map[string]any{}
	for i := 0; i < len(kv); i += 2 {
		k, ok := kv[i].(string)
		if !ok {
			return nil, fmt.Errorf("args: %v is not a name", kv[i])
		}
		m[k] = kv[i+1]
	}
	return m, nil
}

// short is the beginning of a hash, enough to recognise it by. In right-to-left text it is
// kept in one piece, or the dots would stand before it.
func (c *catalogue) short(hash string) string {
	b := brief(hash)
	if b == hash {
		return hash
	}
	if c.Dir == "rtl" {
		return "\u2066" + b + "…\u2069"
	}
	return b + "…"
}

// brief is the beginning of a hash as an anchor on its page.
func brief(hash string) string { return hash[:min(8, len(hash))] }

var option = regexp.MustCompile(`(^|\s)(-[\w-]+)`)

// command is a command for a terminal whose options stay whole where its line is broken: a
// browser would break them at their hyphens.
func command(s string) template.HTML {
	return template.HTML(option.ReplaceAllString(template.HTMLEscapeString(s), "$1<span>$2</span>"))
}

// relink returns a path with one query value set, or taken away if the value is "".
func relink(path, name, value string) string {
	p, rest, _ := strings.Cut(path, "?")
	q, err := url.ParseQuery(rest)
	if err != nil {
		q = url.Values{}
	}
	q.Set(name, value)
	if value == "" {
		q.Del(name)
	}
	if p == "" {
		p = "/"
	}
	if len(q) == 0 {
		return p
	}
	return p + "?" + q.Encode()
}
