package scenario

import (
	"fmt"
	"slices"
	"strings"

	"corridor.example/corridor"
	"corridor.example/corridor/record"
)

// assertion reads a line that says what must be true now.
func (p *parser) assertion(first string, c *cursor) error {
	steps := p.script.steps
	if len(steps) == 0 {
		return c.fail("it says what must be true before anything happened")
	}
	s := &step{file: c.file, line: c.statement.line, at: p.now}
	var err error
	switch first {
	case "refused", "later":
		last := steps[len(steps)-1]
		rule, err := c.word("the rule that answers it")
		if err != nil {
			return err
		}
		if last.kind == "" || last.refused != "" || last.later != "" {
			return c.fail("%s stands after the step it is about", first)
		}
		if first == "refused" {
			last.refused = rule
		} else {
			last.later = rule
		}
		return nil
	case "figure":
		s.do, err = p.asserted(c)
	case "finding":
		s.do, err = p.found(c, true)
	case "no":
		if !c.is("finding") {
			return c.fail("no finding #x, or no finding #x observer.area")
		}
		s.do, err = p.found(c, false)
	case "holds":
		s.do, err = p.holds(c)
	case "log":
		s.do, err = p.logged(c)
	case "local":
		s.do, err = p.localTime(c)
	case "place":
		s.do, err = p.spelling(c)
	case "view":
		s.do, err = p.view(c)
	}
	if err != nil {
		return err
	}
	p.script.steps = append(p.script.steps, s)
	return nil
}

// rest returns the words up to a comma as they are compared: "about 350".
func (c *cursor) rest() string {
	var w []string
	for !c.done() && c.peek().sort != comma {
		w = append(w, c.peek().s)
		c.i++
	}
	return strings.Join(w, " ")
}

// asserted reads "figure open.people A-07 is 0..2, disputed #mine".
func (p *parser) asserted(c *cursor) (func(*play, *step) error, error) {
	line, err := c.figure()
	if err != nil {
		return nil, err
	}
	if !c.is("is") {
		return nil, c.fail("figure open.people A-07 is 0..2")
	}
	want := c.rest()
	var disputed []ref
	asked := false
	if c.peek().sort == comma && !c.done() {
		c.i++
		if asked = c.is("disputed"); !asked && !c.is("undisputed") {
			return nil, c.fail("%s is not understood; disputed #label, or undisputed", c.peek())
		}
		for asked && !c.done() {
			r, err := c.ref()
			if err != nil {
				return nil, err
			}
			disputed = append(disputed, r)
		}
	}
	undisputed := !asked && c.done() && c.tokens[len(c.tokens)-1].s == "undisputed"
	return func(p *play, s *step) error {
		v := p.target.Mission().Now()
		f := v.Figure(line)
		if got := f.Range.String(); got != want {
			return fmt.Errorf("%s is %s, want %s", line, got, want)
		}
		if !asked && !undisputed {
			return nil
		}
		var got, need []string
		for _, h := range f.From {
			if len(v.Disputed(h)) > 0 {
				got = append(got, p.called(h))
			}
		}
		for _, r := range disputed {
			need = append(need, "#"+r.label)
		}
		slices.Sort(got)
		slices.Sort(need)
		if !slices.Equal(got, need) {
			return fmt.Errorf("of what %s rests on these are disputed: %v, want %v", line, got, need)
		}
		return nil
	}, nil
}

// called returns the label of a record, or the first digits of its hash.
func (p *play) called(h record.Hash) string {
	for l, r := range p.names {
		if r.Hash == h {
			return "#" + l
		}
	}
	return h.Short()
}

// found reads "finding #x observer.area", or, with no, that there is none or not this one.
func (p *parser) found(c *cursor, wanted bool) (func(*play, *step) error, error) {
	r, err := c.ref()
	if err != nil {
		return nil, err
	}
	rule := ""
	if !c.done() || wanted {
		if rule, err = c.word("the rule of the finding"); err != nil {
			return nil, err
		}
	}
	return func(p *play, s *step) error {
		e, err := p.entry(r)
		if err != nil {
			return err
		}
		has := rule == "" && len(e.Findings) > 0
		var all []string
		for _, f := range e.Findings {
			has = has || f.Rule == rule
			all = append(all, f.Rule+": "+f.Reason)
		}
		switch {
		case wanted && !has:
			return fmt.Errorf("#%s has not the finding %s but: %s", r.label, rule, strings.Join(append(all, "nothing else"), "; "))
		case !wanted && has:
			return fmt.Errorf("#%s has the finding %s", r.label, strings.Join(all, "; "))
		}
		return nil
	}, nil
}

func (p *play) entry(r ref) (corridor.Entry, error) {
	h, err := p.find(r)
	if err != nil {
		return corridor.Entry{}, err
	}
	e, ok := p.target.Mission().Now().Find(h)
	if !ok {
		return e, fmt.Errorf("#%s is not in the log", r.label)
	}
	return e, nil
}

// holds reads "holds #report": it recomputes to the same, whatever was logged since.
func (p *parser) holds(c *cursor) (func(*play, *step) error, error) {
	r, err := c.ref()
	if err != nil {
		return nil, err
	}
	return func(p *play, s *step) error {
		h, err := p.find(r)
		if err != nil {
			return err
		}
		m := p.target.Mission()
		for _, f := range m.Now().Reports() {
			if f.Record != h {
				continue
			}
			done, err := m.Recompute(f)
			if err != nil {
				return fmt.Errorf("#%s does not hold: %w", r.label, err)
			}
			if done.Figures != done.Of || done.Lists != done.OfLists {
				return fmt.Errorf("#%s: only %d of %d figures and %d of %d lists could be recomputed", r.label, done.Figures, done.Of, done.Lists, done.OfLists)
			}
			return nil
		}
		return fmt.Errorf("#%s is not a report of the log", r.label)
	}, nil
}

// logged reads "log has 12 records", or "log has #x", or "log has not #x".
func (p *parser) logged(c *cursor) (func(*play, *step) error, error) {
	if !c.is("has") {
		return nil, c.fail("log has 12 records, log has #x, log has not #x")
	}
	not := c.is("not")
	if c.peek().sort == label && !c.done() {
		r, err := c.ref()
		if err != nil {
			return nil, err
		}
		return func(p *play, s *step) error {
			h, err := p.find(r)
			if err != nil {
				return err
			}
			if _, ok := p.target.Mission().Index(h); ok == not {
				return fmt.Errorf("#%s: in the log is %v, want %v", r.label, ok, !not)
			}
			return nil
		}, nil
	}
	n, err := c.number("how many records")
	if err != nil {
		return nil, err
	}
	if !c.is("records") && !c.is("record") {
		return nil, c.fail("log has %d records", n)
	}
	return func(p *play, s *step) error {
		if got := p.target.Mission().Size(); (got == n) == not {
			return fmt.Errorf("the log has %d records, want %d", got, n)
		}
		return nil
	}, nil
}

// localTime reads "local #x in Asia/Tehran is 2016-12-19 00:30".
func (p *parser) localTime(c *cursor) (func(*play, *step) error, error) {
	r, err := c.ref()
	if err != nil {
		return nil, err
	}
	if !c.is("in") {
		return nil, c.fail("local #x in Asia/Tehran is 2016-12-19 00:30")
	}
	name, err := c.word("a zone")
	if err != nil {
		return nil, err
	}
	if !c.is("is") {
		return nil, c.fail("local #x in %s is 2016-12-19 00:30", name)
	}
	want := c.rest()
	return func(p *play, s *step) error {
		h, err := p.find(r)
		if err != nil {
			return err
		}
		v := p.target.Mission().Now()
		zone, ok := v.Terms().ZoneNamed(name)
		if !ok {
			return fmt.Errorf("%s is not a zone of the mission", name)
		}
		a, ok := v.Account(h)
		if !ok {
			return fmt.Errorf("#%s tells no movement", r.label)
		}
		if got := strings.TrimSuffix(zone.Local(a.When[0]), ":00"); got != want {
			return fmt.Errorf("in %s it was %s, want %s", name, got, want)
		}
		return nil
	}, nil
}

// spelling reads "place "Fu'ah" is foua", or "is unknown".
func (p *parser) spelling(c *cursor) (func(*play, *step) error, error) {
	t := c.peek()
	c.i++
	if !c.is("is") {
		return nil, c.fail("place \"Fu'ah\" is foua")
	}
	want, err := c.word("a place's id, or unknown")
	return func(p *play, s *step) error {
		id, ok := p.target.Mission().Now().Terms().Resolve(t.s)
		if !ok {
			id = "unknown"
		}
		if string(id) != want {
			return fmt.Errorf("%q is %s, want %s", t.s, id, want)
		}
		return nil
	}, err
}
