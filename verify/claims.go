package verify

import (
	"fmt"

	"corridor.example/corridor"
	"corridor.example/corridor/record"
)

// drift is how far a device's clock may be off, in seconds, before its records are listed as
// signed outside what cosignatures allow.
const drift = 300

// result draws the conclusions.
func (c *check) result(h *history) Result {
	now := c.o.Now
	if now == 0 {
		now = h.newest
	}
	b := &Brackets{policyAt: c.policyAt, weighed: h.weighed}
	b.add(h.covers)
	seal := c.weighParts(now, b)
	root, err := c.merkle().Root(c.size())
	if err != nil {
		panic("verify: " + err.Error())
	}
	r := Result{
		Mission: c.first, Origin: c.origin(), Level: c.head.Level, Size: c.end(), Root: root,
		Word: c.word(), Replay: c.mission, Brackets: b, Checked: h.checked(),
	}
	if c.mission != nil {
		r.Exercise = c.mission.Exercise()
		c.look(b)
	}
	lists, figures := c.recompute()
	r.Claims = []Claim{
		c.log.claim(ClaimLog, seal, c.sayLog(h)),
		c.authority.claim(ClaimAuthority, seal, c.sayAuthority()),
		c.reports.claim(ClaimReports, seal, lists),
		c.figures.claim(ClaimFigures, seal, figures),
	}
	r.Findings, r.Recorded, r.Outside = c.findings, c.recorded, c.outside
	r.Succeeds = c.succeeds()
	r.Notes = c.notes
	return r
}

// word says whose word was taken where no card was given.
func (c *check) word() string {
	switch {
	case c.o.Card != nil:
		return ""
	case c.head.Card != nil:
		return "No card was given. The word of whoever made this copy was taken: its own card and mandate say which key the log has and whose cosignatures count."
	}
	return "No card was given. The word of whoever made this copy was taken: its own mandate says which key the log has and whose cosignatures count."
}

// claim is the answer to a tally. Nothing holds for a reader from whom something is sealed: a
// part might break a rule.
func (t *tally) claim(name string, seal sealing, say string) Claim {
	c := Claim{Name: name, State: Holds, Say: say}
	c.Listed = Listed{append(t.bad.telling(), t.open.telling()...), t.bad.Total + t.open.Total}
	c.Entries = c.Entries[:min(len(c.Entries), MaxListed)]
	switch {
	case t.bad.Total > 0:
		c.State = DoesNotHold
		c.Say = first(c.Entries, t.bad.Total)
	case t.open.Total > 0:
		c.State = CannotCheck
		c.Say = first(c.Entries, t.open.Total) + " — " + say
	case seal.any():
		c.State = CannotCheck
	}
	if seal.any() && c.State == CannotCheck {
		c.Say += "; " + seal.String()
	}
	return c
}

// first is what a list begins with, and how much more there is.
func first(list []Problem, total int64) string {
	s := list[0].String()
	if total > 1 {
		s += fmt.Sprintf(" (and %d more)", total-1)
	}
	return s
}

func (c *check) sayLog(h *history) string {
	n := c.size()
	word := h.best.Word()
	if h.best.Size < n && h.best.Size > 0 {
		word += fmt.Sprintf(" up to %d", h.best.Size)
	}
	return fmt.Sprintf("nothing removed, put in or changed: %s in the tree that the log signed, %s", entries(n), word)
}

func entries(n int64) string {
	if n == 1 {
		return "1 entry stands"
	}
	return fmt.Sprintf("all %d entries stand", n)
}

func (c *check) sayAuthority() string {
	s := fmt.Sprintf("%d of %d signatures hold", c.signatures, c.end())
	if c.recorded.Total > 0 {
		s += fmt.Sprintf("; %s on the word of somebody else", count(c.recorded.Total, "act"))
	}
	if c.findings.Total > 0 {
		s += fmt.Sprintf("; %s with findings, listed and not summed", count(c.findings.Total, "record"))
	}
	return s
}

// look goes through the log once more for what only the whole of it tells: findings, and
// records whose own time is outside their bracket.
func (c *check) look(b *Brackets) {
	after := map[*string]*record.Time{}
	c.reader.seen.each(c.reader.workers, func(s *seen) {
		if s.root == rootSame {
			s.after = b.after(s.text)
		}
	})
	for _, s := range c.reader.seen.at {
		after[s.text] = s.after
	}
	v := c.mission.Now()
	for i := range c.mission.Size() {
		e := v.Entry(i)
		for _, f := range e.Findings {
			c.findings.add(Problem{i, e.Hash, f.Rule, f.Reason})
			break // one line a record
		}
		if e.Kind == "" {
			continue
		}
		in := Bracket{Before: b.before(i)}
		if e.Seen != nil {
			in.After = after[e.Seen]
		}
		switch {
		case in.After != nil && e.At < *in.After-drift:
			c.outside.add(Problem{i, e.Hash, RuleSignedEarly, fmt.Sprintf("it says it was signed at %s, and it carries a checkpoint that was cosigned at %s", e.At, *in.After)})
		case in.Before != nil && e.At > *in.Before+drift:
			c.outside.add(Problem{i, e.Hash, RuleSignedLate, fmt.Sprintf("it says it was signed at %s, and it was in the log when that was cosigned at %s", e.At, *in.Before)})
		}
	}
	for k, p := range c.recorded.Entries {
		for _, a := range v.Standings(p.Hash) {
			c.recorded.Entries[k].Sentence += fmt.Sprintf("; %s by %s (entry %d)", a.As, a.By, a.Index)
		}
	}
}

// recompute makes every report again and says how much of them could be.
func (c *check) recompute() (lists, figures string) {
	if c.mission == nil {
		return "no report could be made again", "no figure could be recomputed"
	}
	var all corridor.Recomputed
	filed := c.mission.Now().Reports()
	for _, f := range filed {
		done, err := c.mission.Recompute(f)
		if err != nil {
			c.refused(&item{entry: Entry{Index: f.Index}, rec: record.Record{Hash: f.Record}}, corridor.KindReport, err)
			continue
		}
		all.Figures, all.Of = all.Figures+done.Figures, all.Of+done.Of
		all.Lists, all.OfLists = all.Lists+done.Lists, all.OfLists+done.OfLists
		if done.Lists < done.OfLists {
			c.reports.open.add(Problem{f.Index, f.Record, RulePartSealed, fmt.Sprintf("%d of its %d lists could be made again from what is known here", done.Lists, done.OfLists)})
		}
		if done.Figures < done.Of {
			c.figures.open.add(Problem{f.Index, f.Record, RulePartSealed, fmt.Sprintf("%d of its %d figures could be recomputed from what is known here", done.Figures, done.Of)})
		}
	}
	if len(filed) == 0 {
		return "the log has no report", "the log has no report, so no figure is stated"
	}
	lists = fmt.Sprintf("nothing left out of %s: %d of %d lists made again here", count(int64(len(filed)), "report"), all.Lists, all.OfLists)
	return lists, fmt.Sprintf("%d of %d figures recomputed here", all.Figures, all.Of)
}
