package verify

import (
	"fmt"
	"slices"

	"corridor.example/corridor"
	"corridor.example/corridor/record"
)

// A sealing is how much of a copy is not for its reader.
type sealing struct {
	envelopes, parts, erased int64
	until                    record.Time // latest release of a part that has one
	untimed                  int64       // parts that have none for this reader
}

// any reports whether anything is sealed. What was erased is not.
func (s sealing) any() bool { return s.envelopes > 0 || s.parts > 0 }

// String says how much is sealed, and until when.
func (s sealing) String() string {
	text := ""
	if s.envelopes > 0 {
		text = count(s.envelopes, "whole record")
	}
	if s.parts > 0 {
		if text != "" {
			text += " and "
		}
		text += count(s.parts, "part")
	}
	text += " sealed"
	switch {
	case s.until == 0:
		return text + ", with no day set for opening"
	case s.untimed > 0:
		return fmt.Sprintf("%s, until %s at the latest, %d of them with no day set for opening", text, s.until, s.untimed)
	}
	return fmt.Sprintf("%s, until %s at the latest", text, s.until)
}

func count(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// weighParts says of every part that is not carried whether it was erased, is sealed in time,
// or is missing.
func (c *check) weighParts(now record.Time, b *Brackets) sealing {
	s := sealing{envelopes: c.envelopes, untimed: c.envelopes}
	for i, lacks := range c.lacks {
		for bit, name := range record.PartNames {
			if lacks&(1<<bit) != 0 {
				c.weighPart(&s, int64(i), name, now)
			}
		}
	}
	c.weighAuthority()
	c.weighEnvelopes(now, b)
	if s.erased > 0 {
		c.notes = append(c.notes, fmt.Sprintf("Erased by order of a logged erasure: %s. Leaf, signature and reason stand.", count(s.erased, "part")))
	}
	if s.any() && now == 0 {
		c.notes = append(c.notes, "Latest releases were not weighed: no cosignature says what time it is.")
	}
	if c.notSaved > 0 {
		c.notes = append(c.notes, fmt.Sprintf("Not saved from the log that ended, among what is sealed: %d whole records or parts of them. Whoever has them hands them in again, and they are here.", c.notSaved))
	}
	c.leftovers()
	return s
}

func (c *check) weighPart(s *sealing, i int64, name string, now record.Time) {
	var e corridor.Entry
	if c.mission != nil {
		v := c.mission.Now()
		e = v.Entry(i)
		if _, ok := v.Erased(e.Hash, name); ok {
			s.erased++
			return
		}
	}
	if c.head.Level == "" && c.mission != nil && c.mission.Now().Saved(i) {
		c.notSaved++
		s.parts++
		s.untimed++
		return
	}
	if c.head.Level == "" {
		c.log.bad.add(Problem{i, e.Hash, RulePartMissing, fmt.Sprintf("its part %q is missing, and no erasure orders that", name)})
		return
	}
	s.parts++
	if e.Kind.Class() == corridor.ClassAuthority && name != "identity" && c.head.Level.Reads(corridor.Parties) {
		c.authority.bad.add(Problem{i, e.Hash, RuleAuthority, fmt.Sprintf("its part %q is kept from a party, and what admits and revokes never is", name)})
		return
	}
	until, ok := c.release(e.Kind, name, e.At)
	switch {
	case !ok:
		s.untimed++
	case now > until:
		c.log.bad.add(Problem{i, e.Hash, RulePartLate, fmt.Sprintf("its part %q is sealed beyond its latest release, %s", name, until)})
	default:
		s.until = max(s.until, until)
	}
}

// release returns the moment by which readers of this copy have a part, and whether the
// mandate sets one for them.
func (c *check) release(k corridor.Kind, part string, at record.Time) (record.Time, bool) {
	if c.mission == nil || k == "" || k == corridor.KindNomination && part == "identity" { // a dossier opens by no clock
		return 0, false
	}
	t := c.mission.Now().Terms()
	until, ok := t.Latest(k, part, at)
	return until, ok && c.head.Level.Reads(t.Level(k, part, corridor.PhaseAfter))
}

// weighAuthority names records of authority that are sealed whole in a party's copy: no mandate can
// keep them from it.
func (c *check) weighAuthority() {
	if c.mission == nil || !c.head.Level.Reads(corridor.Parties) {
		return
	}
	for _, x := range c.blanks {
		if x.class == corridor.ClassAuthority {
			c.authority.bad.add(Problem{x.index, c.mission.Now().Entry(x.index).Hash, RuleAuthority, "its record is kept from a party, and what admits and revokes never is"})
		}
	}
}

// weighEnvelopes names records that are sealed whole, though whatever their kind the mandate
// had them released. Their signing time is not known; they were signed before they were
// first cosigned.
func (c *check) weighEnvelopes(now record.Time, b *Brackets) {
	if c.mission == nil || len(c.blanks) == 0 {
		return
	}
	longest := map[corridor.Class]int64{} // minutes; -1 where a kind of the class has no latest release
	for _, k := range corridor.Kinds() {
		until, ok := c.release(k, "header", 0)
		if !ok {
			longest[k.Class()] = -1
		} else if l := longest[k.Class()]; l >= 0 {
			longest[k.Class()] = max(l, int64(until))
		}
	}
	v := c.mission.Now()
	for _, x := range c.blanks {
		by := b.before(x.index)
		if by == nil || longest[x.class] < 0 {
			continue
		}
		if until := *by + record.Time(longest[x.class]); now > until {
			c.log.bad.add(Problem{x.index, v.Entry(x.index).Hash, RulePartLate, fmt.Sprintf("the record is sealed beyond the latest release of anything of its class, %s", until)})
		}
	}
}

// leftovers notes what was ordered erased and is still carried.
func (c *check) leftovers() {
	if c.mission == nil {
		return
	}
	v, n, first := c.mission.Now(), int64(0), int64(-1)
	for _, e := range c.erasures {
		i, ok := c.mission.Index(e.re)
		if !ok || i >= int64(len(c.carries)) {
			continue
		}
		for _, p := range e.parts {
			if _, ordered := v.Erased(e.re, p); ordered && c.carries[i]&(1<<slices.Index(record.PartNames, p)) != 0 {
				if n++; first < 0 {
					first = i
				}
			}
		}
	}
	if n > 0 {
		c.notes = append(c.notes, fmt.Sprintf("Ordered erased and still carried by this copy: %s, the first in entry %d. Whoever holds the copy erases it.", count(n, "part"), first))
	}
}
