package scenario

import (
	"fmt"
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
	signs   string
	arrives record.Time // 0: at once
	unsent  bool
	twin    *ref // the record whose number this one takes
	sealed  []string
	draft   *drafting // of a report
	silent  *silence  // of a lapse
	refused string    // the rule that must refuse it
	later   string    // the rule that must put it off
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
		r, err := c.ref()
		if err != nil {
			return err
		}
		s.re, s.do = &r, (*play).send
	case "open":
		r, err := c.ref()
		if err != nil {
			return err
		}
		s.re, s.do = &r, (*play).open
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
	p.script.steps = append(p.script.steps, s)
	return nil
}

// put adds a step that a short form stands for.
func (p *parser) put(like *step, by string, k corridor.Kind, re *ref, facts map[string]any) *step {
	s := &step{file: like.file, line: like.line, at: like.at, by: by, kind: k, re: re, do: (*play).sign,
		parts: map[string]map[string]any{"facts": facts}}
	p.script.steps = append(p.script.steps, s)
	return s
}
