package scenario

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"corridor.example/corridor"
	"corridor.example/corridor/record"
)

// A step is one thing that happens, or one thing that must be true.
type step struct {
	file string
	line int
	at   record.Time // the scenario's clock
	do   func(p *play, s *step) error

	by      string // actor whose step it is
	kind    corridor.Kind
	re      *ref
	label   string
	parts   map[string]map[string]any
	when    bool // the line says when it happened
	signs   string
	arrives record.Time // 0: at once
	unsent  bool
	twin    *ref // the record whose number this one takes
	sealed  []string
	draft   *drafting // of a report
	refused string    // the rule that must refuse it
	later   string    // the rule that must put it off
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
			return nil, &located{p.file, r.line, fmt.Errorf("no record is called #%s", r.label)}
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

func (p *parser) ask(label string, line int) *ref {
	r := ref{label, line}
	p.asked = append(p.asked, r)
	return &r
}

// askAll finds the labels in a value.
func (p *parser) askAll(v any) {
	switch v := v.(type) {
	case ref:
		p.asked = append(p.asked, v)
	case number:
		p.asked = append(p.asked, v.of)
	case []any:
		for _, x := range v {
			p.askAll(x)
		}
	case map[string]any:
		for _, x := range v {
			p.askAll(x)
		}
	}
}

func (p *parser) name(s *step, label string, c *cursor) error {
	if s.label != "" {
		return c.fail("the record is called #%s already", s.label)
	}
	if p.labels[label] {
		return c.fail("a record is called #%s already", label)
	}
	p.labels[label], s.label = true, label
	return nil
}

// step reads a line that begins with its time.
func (p *parser) step(c *cursor) error {
	if err := p.begin(); err != nil {
		return err
	}
	s := &step{file: c.file, line: c.line(), parts: map[string]map[string]any{}}
	var err error
	if isDate(c.peek()) {
		p.today = c.peek().s
	}
	if s.at, err = c.instant(); err != nil {
		return err
	}
	c.today = p.today
	if s.at < p.now {
		return &located{c.file, s.line, fmt.Errorf("the clock does not run backwards: the line before is at %s", p.local(p.now))}
	}
	p.now = s.at
	who, err := c.word("an actor")
	if err != nil {
		return err
	}
	switch who {
	case "tick":
		s.do = (*play).tickNow
	case "send":
		l, err := c.take(label, "a label")
		if err != nil {
			return err
		}
		s.re, s.do = p.ask(l, s.line), (*play).send
	case "open":
		l, err := c.take(label, "a label")
		if err != nil {
			return err
		}
		s.re, s.do = p.ask(l, s.line), (*play).open
		if s.sealed, err = c.list("a part"); err != nil {
			return err
		}
	case "offline":
		if s.by, err = c.word("an actor"); err != nil {
			return err
		}
		if !c.is("until") {
			return c.fail("offline reads: offline mina until 06:30")
		}
		if s.arrives, err = c.instant(); err != nil {
			return err
		}
		s.do = (*play).offline
	default:
		c.i--
		return p.signed(s, c)
	}
	p.script.steps = append(p.script.steps, s)
	return nil
}

func (p *parser) local(t record.Time) string {
	return (t + record.Time(p.zone*60)).Go().Format(second)
}

// signed reads a step in which somebody signs something, or one of the two short forms that
// stand for several: "are nominated …" and "accede".
func (p *parser) signed(s *step, c *cursor) error {
	names, err := c.list("an actor")
	if err != nil {
		return err
	}
	if c.is("is", "nominated") || c.is("are", "nominated") {
		return p.nominated(s, names, c)
	}
	if c.is("accedes") || c.is("accede") {
		return p.acceded(s, names, c)
	}
	if len(names) > 1 {
		return c.fail("%s together sign nothing; give each a line", strings.Join(names, ", "))
	}
	s.by = names[0]
	kind, err := c.word("a kind of record")
	if err != nil {
		return err
	}
	if s.kind = corridor.Kind(kind); s.kind.Sort() == "" {
		c.i--
		return c.fail("%q is not a kind of record", kind)
	}
	s.do = (*play).sign
	if err := p.body(s, c); err != nil {
		return err
	}
	p.askAll(map[string]any(flat(s.parts)))
	p.script.steps = append(p.script.steps, s)
	return nil
}

func flat(parts map[string]map[string]any) map[string]any {
	all := map[string]any{}
	for name, m := range parts {
		all[name] = m
	}
	return all
}

// put adds a step that a short form stands for.
func (p *parser) put(like *step, by string, k corridor.Kind, re *ref, facts map[string]any) *step {
	s := &step{file: like.file, line: like.line, at: like.at, by: by, kind: k, re: re, do: (*play).sign,
		parts: map[string]map[string]any{"facts": facts}}
	p.script.steps = append(p.script.steps, s)
	return s
}

// acceded reads "upper, river accede to the mandate", or "accede to #deal reading text".
func (p *parser) acceded(s *step, names []string, c *cursor) error {
	re := &ref{"mandate", s.line}
	facts := map[string]any{"basis": "document"}
	if c.is("to") && !c.is("the", "mandate") {
		l, err := c.take(label, "the label of a text, or: the mandate")
		if err != nil {
			return err
		}
		re = p.ask(l, s.line)
		if c.is("reading") {
			if facts["reading"], err = c.word("a reading"); err != nil {
				return err
			}
		}
	}
	for _, n := range names {
		p.put(s, n, corridor.KindAccession, re, facts)
	}
	return nil
}

// nominated reads "mina, omar are nominated, consented to by red, blue, deployed at gate".
func (p *parser) nominated(s *step, names []string, c *cursor) error {
	by := p.script.founded.by
	from := s.at.String()
	var voters []string
	var places []any
	deployed := false
	for c.peek().sort == comma && !c.done() {
		c.i++
		var err error
		switch {
		case c.is("consented", "to", "by"):
			for {
				v, err := c.word("a voter")
				if err != nil {
					return err
				}
				voters = append(voters, v)
				if n := c.ahead(1); c.peek().sort != comma || n.sort != word || n.s == "deployed" {
					break
				}
				c.i++
			}
		case c.is("deployed"):
			deployed = true
			for c.is("at") || len(places) > 0 && c.peek().sort == comma && !c.done() {
				if c.peek().sort == comma {
					c.i++
				}
				var at string
				if at, err = c.place(); err != nil {
					return err
				}
				places = append(places, at)
			}
		default:
			return c.fail("%s is not understood; nominated, consented to by red, blue, deployed at gate", c.peek())
		}
	}
	for _, n := range names {
		label := "nomination." + n
		if p.labels[label] {
			return c.fail("%s was nominated in this way before; write the nomination out", n)
		}
		p.labels[label] = true
		x := p.put(s, by, corridor.KindNomination, nil, map[string]any{"observer": n, "key": newKey{n, "device"}, "from": from})
		x.label = label
		for _, v := range voters {
			p.put(s, v, corridor.KindConsent, &ref{label, s.line}, map[string]any{})
		}
		if deployed {
			p.put(s, by, corridor.KindDeployment, &ref{label, s.line}, map[string]any{"observer": n, "from": from, "places": places})
		}
	}
	return nil
}

// newKey stands for a key of a name with its proof of possession.
type newKey struct{ name, use string }

var errNoStep = errors.New("it says what must be true before anything happened")
