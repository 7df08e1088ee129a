package scenario

import (
	"fmt"
	"slices"
	"strings"

	"corridor.example/corridor"
	"corridor.example/corridor/record"
)

// A parser holds what the lines read so far have set.
type parser struct {
	file    string
	include func(string) (string, error)
	depth   int
	script  *Script
	terms   map[string]any
	places  corridor.Terms   // of which only the places are set
	zones   map[string]int64 // minutes east of UTC
	zone    int64
	sources map[string]map[string]any
	today   string
	lang    string
	basis   string
	channel string
	now     record.Time
	begun   bool // a step was read
	labels  map[string]bool
	asked   []ref // labels used, to be found at the end
}

func parse(file, src string, include func(string) (string, error)) (*Script, error) {
	p := &parser{
		file: file, include: include, script: &Script{file: file}, terms: map[string]any{},
		zones: map[string]int64{}, sources: map[string]map[string]any{},
		lang: "en", labels: map[string]bool{"mandate": true},
	}
	p.script.founded.witnessed = true
	if err := p.read(file, src); err != nil {
		return nil, err
	}
	if !p.begun {
		if err := p.complete(); err != nil {
			return nil, err
		}
	}
	for _, r := range p.asked {
		if !p.labels[r.label] {
			return nil, &located{r.file, r.line, fmt.Errorf("no record is called #%s", r.label)}
		}
	}
	return p.script, nil
}

func (p *parser) read(file, src string) error {
	list, err := split(file, src)
	if err != nil {
		return err
	}
	for _, s := range list {
		c := &cursor{statement: s, p: p, today: p.today}
		if err := p.statement(c); err != nil {
			return err
		}
		if !c.done() {
			return c.fail("%s is not understood here", c.peek())
		}
	}
	return nil
}

func (p *parser) statement(c *cursor) error {
	if c.timed() {
		return p.step(c)
	}
	first, err := c.word("a word")
	if err != nil {
		return err
	}
	switch {
	case first == "day":
		return p.day(c)
	case first == "source":
		return p.source(c)
	case first == "include":
		return p.included(c)
	case first == "default":
		return p.defaults(c)
	case slices.Contains(asserts, first) && (first != "place" || p.begun):
		return p.assertion(first, c)
	case headings[first] == nil:
		c.i--
		return c.fail("%q begins no line; a step begins with its time, as in 09:10 mina departure", first)
	case p.begun:
		c.i--
		return c.fail("%s stands before the first step", first)
	}
	return headings[first](p, c)
}

// day reads "day 2016-12-18". Before the first step it also founds the mission, at its first
// moment, unless a line says otherwise.
func (p *parser) day(c *cursor) error {
	if t := c.peek(); c.done() || !isDate(t) {
		return c.fail("a day reads 2016-12-18, not %s", t)
	}
	if len(p.zones) == 0 {
		return c.fail("the zone stands before the first day")
	}
	p.today = c.peek().s
	from, _, err := c.moment()
	if f := &p.script.founded; f.at == 0 {
		f.at = from
	}
	return err
}

// source reads "source who-16dec "title" outlet "WHO" at "locator" dated 2016-12-16".
func (p *parser) source(c *cursor) error {
	name, err := c.word("the source's short name")
	if err != nil {
		return err
	}
	if p.sources[name] != nil {
		return c.fail("the source %s is named twice", name)
	}
	s := map[string]any{"title": ""}
	if s["title"], err = c.take(text, "the source's title"); err != nil {
		return err
	}
	for !c.done() && err == nil {
		switch {
		case c.is("outlet"):
			s["outlet"], err = c.take(text, "the outlet")
		case c.is("at"):
			s["locator"], err = c.take(text, "the locator")
		case c.is("dated"):
			s["dated"], err = c.word("the date as printed")
		case c.is("sha256"):
			s["sha256"], err = c.word("64 hex digits")
		default:
			return c.fail("%s does not belong to a source; it has a title, outlet, at, dated, sha256", c.peek())
		}
	}
	p.sources[name] = s
	return err
}

func (p *parser) included(c *cursor) error {
	name, err := c.word("a file")
	if err != nil {
		return err
	}
	if p.include == nil {
		return c.fail("this text was not read from a file, so it includes none")
	}
	if strings.Contains(name, "/") || p.depth > 4 {
		return c.fail("%q is not a file beside this one", name)
	}
	src, err := p.include(name)
	if err != nil {
		return c.fail("%v", err)
	}
	p.depth++
	defer func() { p.depth-- }()
	return p.read(name, src)
}

// defaults reads "default basis reported", "default via publication" or "default lang en".
func (p *parser) defaults(c *cursor) error {
	what, err := c.word("basis, via or lang")
	if err != nil {
		return err
	}
	w, err := c.word("what it is")
	switch what {
	case "basis":
		p.basis = w
	case "via":
		p.channel = w
	case "lang":
		p.lang = w
	default:
		return c.fail("there is a default basis, via and lang, no default %s", what)
	}
	return err
}

func (p *parser) begin() error {
	if p.begun {
		return nil
	}
	p.begun = true
	if err := p.complete(); err != nil {
		return err
	}
	p.now = p.script.founded.at
	return nil
}
