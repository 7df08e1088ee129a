package verify

import (
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"corridor.example/corridor"
	"corridor.example/corridor/ledger"
	"corridor.example/corridor/record"
)

// A Succeeded is a log in which the mission was kept and which has ended, as the log that goes
// on says, and as far as is shown here how long it had been.
type Succeeded struct {
	Origin  string             `json:"origin"`
	Saved   int64              `json:"saved"`   // entries of it that are here, under its own signed root
	Known   int64              `json:"known"`   // the most entries that it is shown here to have had
	Record  record.Hash        `json:"record"`  // the succession, entry Saved of this log
	By      corridor.ActorID   `json:"by"`      // who declared it
	Acceded []corridor.ActorID `json:"acceded"` // parties that have
	Awaited []corridor.ActorID `json:"awaited"` // parties that have not
}

// logKey settles under which keys checkpoints are read, when the mandate is known or there is
// none that can be used.
func (c *check) logKey(mandate string) {
	c.otherLog = c.o.Card != nil && mandate != "" && c.o.Card.Log != mandate
	c.logs = nil
	if mandate != "" {
		c.logs = []corridor.Log{{Key: mandate, To: -1}}
	}
	c.readsLogs()
}

// goesOn notes that the log went on in another, when a succession was folded.
func (c *check) goesOn() {
	c.logs = c.mission.Now().Logs()
	c.otherLog = c.o.Card != nil && c.o.Card.Log != c.logs[len(c.logs)-1].Key
	c.readsLogs()
}

// readsLogs makes the verifiers of the logs. The card's word for a log goes before the copy's.
func (c *check) readsLogs() {
	var list []note.Verifier
	add := func(vkey string) {
		v, err := ledger.NewVerifier(vkey)
		if err != nil {
			panic("verify: a key that was read before: " + err.Error())
		}
		if named(list, v.Name()) == nil {
			list = append(list, v)
		}
	}
	c.log1 = nil
	if c.o.Card != nil {
		add(c.o.Card.Log)
		c.log1 = list[0]
	}
	for _, l := range c.logs {
		add(l.Key)
		if c.o.Card == nil {
			c.log1 = list[len(list)-1]
		}
	}
	c.reader.logs.Store(&list)
}

// named returns the verifier of an origin, nil if there is none.
func named(list []note.Verifier, origin string) note.Verifier {
	for _, v := range list {
		if v.Name() == origin {
			return v
		}
	}
	return nil
}

// verifier returns that of the log which goes on, nil if no key is known.
func (c *check) verifier() note.Verifier { return c.log1 }

// verifiers returns those of all logs.
func (c *check) verifiers() []note.Verifier {
	if p := c.reader.logs.Load(); p != nil {
		return *p
	}
	return nil
}

// ended returns the log of an origin that has ended, nil for the one that goes on.
func (c *check) ended(origin string) *corridor.Log {
	for i, l := range c.logs {
		if l.To >= 0 && l.Origin == origin {
			return &c.logs[i]
		}
	}
	return nil
}

// beyond notes that a log which has ended is shown to have been longer than what was saved of
// it, and reports whether it is.
func (c *check) beyond(k ledger.Checkpoint) bool {
	l := c.ended(k.Origin)
	if l == nil || k.Size <= l.To {
		return false
	}
	if c.lengths == nil {
		c.lengths = map[string]int64{}
	}
	c.lengths[k.Origin] = max(c.lengths[k.Origin], k.Size)
	return true
}

// succeeds says which logs this one goes on for, with a note on each.
func (c *check) succeeds() (list []Succeeded) {
	if c.mission == nil {
		return nil
	}
	for _, s := range c.mission.Now().Successions() {
		x := Succeeded{
			Origin: s.Facts.Succeeds.Origin, Saved: s.Index, Known: max(s.Index, c.lengths[s.Facts.Succeeds.Origin]), Record: s.Record, By: s.By,
			Acceded: s.Acceded, Awaited: s.Awaited,
		}
		list = append(list, x)
		c.notes = append(c.notes, x.String())
		if x.Known > x.Saved {
			c.notes = append(c.notes, fmt.Sprintf("The log %s had at least %d entries, and %d were saved: what stood in its %s is here only as far as it was handed in again. A receipt of a record names it: corridor verify RECEIPT --leaf RECORD --in COPY.", x.Origin, x.Known, x.Saved, span(x.Saved, x.Known)))
		}
	}
	return list
}

// String says the succession in a sentence.
func (s Succeeded) String() string {
	text := fmt.Sprintf("This log goes on for %s, which has ended: its first %d entries are here under its own signature, and entry %d says so, on the word of %s.", s.Origin, s.Saved, s.Saved, s.By)
	if len(s.Awaited) > 0 {
		text += " Not yet acceded to by " + actors(s.Awaited) + "."
	} else if len(s.Acceded) > 0 {
		text += " Acceded to by " + actors(s.Acceded) + "."
	}
	return text
}

func actors(list []corridor.ActorID) string {
	var names []string
	for _, a := range list {
		names = append(names, string(a))
	}
	return strings.Join(names, ", ")
}

// otherCard says that the log which goes on is not that of the card.
func (c *check) otherCard() {
	if !c.otherLog {
		return
	}
	p := Problem{0, c.first, RuleCardLog, "the mandate names another log key than the card"}
	if s := c.mission.Now().Successions(); len(s) > 0 {
		last := s[len(s)-1]
		p = Problem{last.Index, last.Record, RuleCardLog, fmt.Sprintf("the card is of another log than this one, which %s declared to go on for %s: whoever believes that asks for a card of it", last.By, last.Facts.Succeeds.Origin)}
	}
	c.log.bad.add(p)
	for i := len(c.log.bad.Entries) - 1; i > 0 && c.log.bad.Entries[i] == p; i-- { // it explains the others
		c.log.bad.Entries[i], c.log.bad.Entries[i-1] = c.log.bad.Entries[i-1], p
	}
}

// unsaved judges records of a whole copy that are not carried: what was not saved from a log
// that ended is not here to be checked, anything else is missing.
func (c *check) unsaved() {
	for _, x := range c.gone {
		if c.mission != nil && c.mission.Now().Saved(x.index) {
			c.envelopes++
			c.notSaved++
			continue
		}
		e := record.Hash{}
		if c.mission != nil {
			e = c.mission.Now().Entry(x.index).Hash
		}
		c.log.bad.add(Problem{x.index, e, RuleEnvelope, "its record is missing, and a whole copy has every one"})
	}
}
